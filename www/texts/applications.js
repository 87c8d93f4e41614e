// Texts of applications and of the underwriter's desk.
export default {
  nl: {
    title: 'Aanvragen', one: 'Aanvraag', lead: 'Geaccepteerde offertes op weg naar een polis.', leadDesk: 'Wat op een beslissing wacht, en wat al beslist is.',
    name: 'Aanvraag', product: 'Product', status: 'Status', total: 'Premie per jaar', received: 'Ontvangen', changed: 'Laatst gewijzigd', start: 'Ingangsdatum', reference: 'Referentie', term: 'Betaling', commission: 'Provisie per jaar', policy: 'Polis', quote: 'Offerte', instalment: 'Bedrag per termijn',
    emptyTitle: 'Nog geen aanvragen', emptyText: 'Zodra een klant een offerte accepteert, staat de aanvraag hier.', toQuotes: 'Naar de offertes',
    applicant: 'Aanvrager', nameOf: 'Naam', company: 'Bedrijf', register: 'KvK-nummer', birthDate: 'Geboortedatum', address: 'Adres', email: 'E-mailadres', telephone: 'Telefoon', account: 'Rekening', holder: 'Rekeninghouder', erased: 'De persoonsgegevens zijn gewist.',
    answers: 'Slotvragen', withheld: 'Deze antwoorden ziet alleen wie beslist: {names}.', quoteAnswers: 'Antwoorden in de offerte', quoteReasons: 'Waarom dit wordt beoordeeld', history: 'Verloop', facts: 'Gegevens', openQuote: 'Offerte bekijken', openPolicy: 'Polis bekijken',
    withdraw: 'Intrekken', withdrawTitle: 'Aanvraag intrekken', withdrawText: 'De klant ziet af van de aanvraag. Dit kan niet ongedaan worden gemaakt.', withdrawDone: 'De aanvraag is ingetrokken.', note: 'Toelichting', noteHint: 'Geen persoonsgegevens.', noteDesk: 'Waarom, voor uw eigen organisatie. Geen persoonsgegevens.',
    decide: 'Beslissen', decideLead: 'Uw beslissing en de reden worden vastgelegd.', decision: 'Beslissing', approve: 'Goedkeuren', reject: 'Afkeuren', reason: 'Reden', decideSubmit: 'Beslissing vastleggen', decidedApprove: 'De aanvraag is goedgekeurd.', decidedReject: 'De aanvraag is afgekeurd.', issue: 'Polis afgeven', issued: 'De polis is afgegeven.', changedMeanwhile: 'Iemand anders wijzigde deze aanvraag intussen. De pagina toont nu de laatste stand; kijk of uw beslissing nog klopt.', waiting: 'Deze aanvraag wacht op een acceptant.',
  },
  en: {
    title: 'Applications', one: 'Application', lead: 'Accepted quotes on their way to a policy.', leadDesk: 'What waits for a decision, and what was decided.',
    name: 'Application', product: 'Product', status: 'Status', total: 'Premium a year', received: 'Received', changed: 'Last changed', start: 'First day of cover', reference: 'Reference', term: 'Payment', commission: 'Commission a year', policy: 'Policy', quote: 'Quote', instalment: 'An instalment',
    emptyTitle: 'No applications yet', emptyText: 'As soon as a customer accepts a quote, the application is here.', toQuotes: 'To the quotes',
    applicant: 'Applicant', nameOf: 'Name', company: 'Company', register: 'Trade register number', birthDate: 'Date of birth', address: 'Address', email: 'Email address', telephone: 'Telephone', account: 'Account', holder: 'Account holder', erased: 'The personal data was erased.',
    answers: 'Final questions', withheld: 'Only who decides sees these answers: {names}.', quoteAnswers: 'Answers in the quote', quoteReasons: 'Why this is reviewed', history: 'History', facts: 'Details', openQuote: 'See the quote', openPolicy: 'See the policy',
    withdraw: 'Withdraw', withdrawTitle: 'Withdraw application', withdrawText: 'The customer renounces the application. This cannot be undone.', withdrawDone: 'The application is withdrawn.', note: 'Note', noteHint: 'No personal data.', noteDesk: 'Why, for your own organisation. No personal data.',
    decide: 'Decide', decideLead: 'Your decision and its reason are put on record.', decision: 'Decision', approve: 'Approve', reject: 'Reject', reason: 'Reason', decideSubmit: 'Record decision', decidedApprove: 'The application is approved.', decidedReject: 'The application is rejected.', issue: 'Issue policy', issued: 'The policy is issued.', changedMeanwhile: 'Somebody else changed this application meanwhile. The page now shows how it stands; see whether your decision still holds.', waiting: 'This application waits for an underwriter.',
  },
};
