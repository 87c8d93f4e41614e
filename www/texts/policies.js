// Texts of policies.
export default {
  nl: {
    title: 'Polissen', one: 'Polis', lead: 'Alle polissen van uw klanten.', number: 'Polisnummer', product: 'Product', status: 'Status', total: 'Premie per jaar', start: 'Ingangsdatum', due: 'Contractvervaldatum', end: 'Eerste dag zonder dekking', reference: 'Referentie', issued: 'Afgegeven', term: 'Betaling', instalment: 'Bedrag per termijn', refund: 'Terug te betalen', withdrawUntil: 'Kosteloos afzien kan tot en met', earliest: 'Opzeggen kan vanaf',
    emptyTitle: 'Nog geen polissen', emptyText: 'Zodra een aanvraag is goedgekeurd, staat de polis hier.', toApplications: 'Naar de aanvragen',
    facts: 'Gegevens', history: 'Verloop', terms: 'Voorwaarden door de tijd', from: 'Vanaf', until: 'Tot en met', cause: 'Door', now: 'nu', pdf: 'Polis als PDF', openApplication: 'Aanvraag bekijken', openQuote: 'Offerte bekijken',
    cancel: 'Opzeggen', cancelTitle: 'Polis opzeggen', cancelText: 'De polis eindigt op de eerste dag zonder dekking. Dit kan niet ongedaan worden gemaakt.', cancelReason: 'Reden', cancelEnd: 'Eerste dag zonder dekking', cancelEndHint: 'Leeg: zo vroeg als de opzegregels toestaan.', note: 'Toelichting', noteHint: 'Geen persoonsgegevens.', cancelDone: 'De polis is opgezegd.',
    withdraw: 'Afzien', withdrawTitle: 'Van de polis afzien', withdrawText: 'De klant ziet binnen de bedenktijd af van de verzekering: alsof die er nooit was. Alle premie wordt terugbetaald. Dit kan niet ongedaan worden gemaakt.', withdrawDone: 'De klant heeft van de polis afgezien.', changedMeanwhile: 'Iemand anders wijzigde deze polis intussen. De pagina toont nu de laatste stand.', renewal: 'Er staat een verlenging klaar.',
  },
  en: {
    title: 'Policies', one: 'Policy', lead: 'All policies of your customers.', number: 'Policy number', product: 'Product', status: 'Status', total: 'Premium a year', start: 'First day of cover', due: 'Main due date', end: 'First day without cover', reference: 'Reference', issued: 'Issued', term: 'Payment', instalment: 'An instalment', refund: 'To be paid back', withdrawUntil: 'May be withdrawn without cost until', earliest: 'Can be cancelled from',
    emptyTitle: 'No policies yet', emptyText: 'As soon as an application is approved, the policy is here.', toApplications: 'To the applications',
    facts: 'Details', history: 'History', terms: 'Terms through time', from: 'From', until: 'Until', cause: 'By', now: 'now', pdf: 'Policy as PDF', openApplication: 'See the application', openQuote: 'See the quote',
    cancel: 'Cancel policy', cancelTitle: 'Cancel policy', cancelText: 'The policy ends on the first day without cover. This cannot be undone.', cancelReason: 'Reason', cancelEnd: 'First day without cover', cancelEndHint: 'Empty: as early as the rules of notice allow.', note: 'Note', noteHint: 'No personal data.', cancelDone: 'The policy is cancelled.',
    withdraw: 'Withdraw', withdrawTitle: 'Withdraw from the policy', withdrawText: 'The customer renounces the insurance within the days for that: as if it had never been. All premium is paid back. This cannot be undone.', withdrawDone: 'The customer has withdrawn from the policy.', changedMeanwhile: 'Somebody else changed this policy meanwhile. The page now shows how it stands.', renewal: 'A renewal is prepared.',
  },
};
