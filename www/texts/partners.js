// Texts of partners.
export default {
  nl: {
    title: 'Intermediairs', one: 'Intermediair', lead: 'De kantoren en ketens die uw producten verkopen.', leadOwn: 'Uw kantoor en de kantoren die u mag zien.',
    name: 'Naam', city: 'Plaats', stage: 'Fase', grade: 'Waardering', manager: 'Accountmanager', review: 'Volgende beoordeling', kind: 'Soort', search: 'Naam, nummer of plaats', emptyTitle: 'Nog geen intermediairs', emptyText: 'Zodra een kantoor is aangemaakt, staat het hier.',
    stage_applied: 'Aangemeld', stage_approved: 'Goedgekeurd', stage_ramp_up: 'In opstart', stage_active: 'Actief', stage_dormant: 'Slapend', stage_ended: 'Beëindigd',
    kind_chain: 'Keten', kind_office: 'Kantoor', kind_branch: 'Vestiging', grade_a: 'A', grade_b: 'B', grade_c: 'C', grade_d: 'D', suspended: 'Verkoop gepauzeerd',
    tabs: 'Onderdelen', tabFacts: 'Gegevens', tabPeople: 'Mensen en vergunningen', tabDocuments: 'Documenten', tabNotes: 'Notities', tabTimeline: 'Tijdlijn',
    legalName: 'Statutaire naam', legalForm: 'Rechtsvorm', register: 'KvK-nummer', registerBranch: 'Vestigingsnummer', rsin: 'RSIN', vat: 'Btw-nummer', iban: 'Rekening', licence: 'AFM-nummer', employees: 'Medewerkers', address: 'Adres', website: 'Website', email: 'E-mailadres', telephone: 'Telefoon', parent: 'Hoort bij', lastReview: 'Laatste beoordeling',
    people: 'Mensen', peopleNone: 'Er staan nog geen mensen bij dit kantoor.', licences: 'Vergunningen', licencesNone: 'Er staan nog geen vergunningen bij dit kantoor.', from: 'vanaf {date}', until: 'tot en met {date}', role_director: 'Directeur', role_adviser: 'Adviseur', role_assistant: 'Assistent', role_compliance: 'Compliance', role_contact: 'Contactpersoon', role_other: 'Anders',
    licence_non_life_private: 'Schade particulier', licence_non_life_business: 'Schade zakelijk', licence_income: 'Inkomen', licence_health: 'Zorg', licence_wealth: 'Vermogen', licence_mortgage: 'Hypothecair krediet', licence_consumer_credit: 'Consumptief krediet', licence_pension: 'Pensioen',
    documents: 'Documenten', documentsNone: 'Er zijn nog geen documenten.', documentAdd: 'Document toevoegen', documentHint: 'PDF, PNG, JPEG of platte tekst, hoogstens 1 MB.', documentAdded: 'Het document is toegevoegd.', documentRemove: 'Verwijderen', documentRemoveLabel: '{title} verwijderen', documentRemoveTitle: '{title} verwijderen?', documentRemoveText: 'Dit kan niet ongedaan worden gemaakt.', documentRemoved: 'Het document is verwijderd.', kilobytes: '{count} kB', more: 'Meer tonen',
    notesNone: 'Er zijn nog geen notities.', noteAdd: 'Notitie', noteSubmit: 'Notitie bewaren', noteShared: 'Ook zichtbaar voor het kantoor', noteAdded: 'De notitie is bewaard.', shared: 'gedeeld met het kantoor', timelineNone: 'Er is nog niets gebeurd.',
    actor_partner: 'kantoor', actor_organisation: 'organisatie', actor_public: 'via de website', actor_system: 'automatisch',
  },
  en: {
    title: 'Partners', one: 'Partner', lead: 'The offices and chains that sell your products.', leadOwn: 'Your office and the offices that you may see.',
    name: 'Name', city: 'City', stage: 'Stage', grade: 'Grade', manager: 'Account manager', review: 'Next review', kind: 'Kind', search: 'Name, number or city', emptyTitle: 'No partners yet', emptyText: 'As soon as an office is made, it is here.',
    stage_applied: 'Applied', stage_approved: 'Approved', stage_ramp_up: 'Ramping up', stage_active: 'Active', stage_dormant: 'Dormant', stage_ended: 'Ended',
    kind_chain: 'Chain', kind_office: 'Office', kind_branch: 'Branch', grade_a: 'A', grade_b: 'B', grade_c: 'C', grade_d: 'D', suspended: 'Selling paused',
    tabs: 'Parts', tabFacts: 'Details', tabPeople: 'People and licences', tabDocuments: 'Documents', tabNotes: 'Notes', tabTimeline: 'Timeline',
    legalName: 'Legal name', legalForm: 'Legal form', register: 'Trade register number', registerBranch: 'Branch number', rsin: 'RSIN', vat: 'VAT number', iban: 'Account', licence: 'AFM number', employees: 'Employees', address: 'Address', website: 'Website', email: 'Email address', telephone: 'Telephone', parent: 'Belongs to', lastReview: 'Last review',
    people: 'People', peopleNone: 'There are no people at this office yet.', licences: 'Licences', licencesNone: 'There are no licences at this office yet.', from: 'from {date}', until: 'until {date}', role_director: 'Director', role_adviser: 'Adviser', role_assistant: 'Assistant', role_compliance: 'Compliance', role_contact: 'Contact', role_other: 'Other',
    licence_non_life_private: 'Non-life, private', licence_non_life_business: 'Non-life, business', licence_income: 'Income', licence_health: 'Health', licence_wealth: 'Wealth', licence_mortgage: 'Mortgage credit', licence_consumer_credit: 'Consumer credit', licence_pension: 'Pension',
    documents: 'Documents', documentsNone: 'There are no documents yet.', documentAdd: 'Add document', documentHint: 'PDF, PNG, JPEG or plain text, 1 MB at most.', documentAdded: 'The document is added.', documentRemove: 'Remove', documentRemoveLabel: 'Remove {title}', documentRemoveTitle: 'Remove {title}?', documentRemoveText: 'This cannot be undone.', documentRemoved: 'The document is removed.', kilobytes: '{count} kB', more: 'Show more',
    notesNone: 'There are no notes yet.', noteAdd: 'Note', noteSubmit: 'Save note', noteShared: 'Visible to the office too', noteAdded: 'The note is saved.', shared: 'shared with the office', timelineNone: 'Nothing has happened yet.',
    actor_partner: 'office', actor_organisation: 'organisation', actor_public: 'through the website', actor_system: 'automatically',
  },
};
