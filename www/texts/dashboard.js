// Texts of the dashboard.
export default {
  nl: {
    title: 'Overzicht', hello: 'Goedendag, {name}', needs: 'Wat op u wacht', nothing: 'Er wacht nu niets op u.', nothingText: 'Zodra er iets te doen is, staat het hier.',
    tileReview: 'Aanvragen in beoordeling', tileReviewDesk: 'Aanvragen die op uw beslissing wachten', tileExpiring: 'Offertes die binnen 7 dagen verlopen', tileReceived: 'Aanvragen zonder polis', tileOffered: 'Lopende offertes', tileActive: 'Lopende polissen', atLeast: '{count}+',
    expiring: 'Bijna verlopen offertes', waiting: 'Wacht op een beslissing', recent: 'Laatste offertes', allQuotes: 'Alle offertes', allApplications: 'Alle aanvragen', newQuote: 'Nieuwe offerte', until: 'geldig tot en met {date}', since: 'sinds {date}', noQuotes: 'Nog geen offertes.', chart: 'Offertes per dag', chartHint: 'De laatste 14 dagen, uit uw 100 nieuwste offertes.', day: 'Dag', count: 'Aantal', failed: 'Dit deel kon niet worden geladen.',
  },
  en: {
    title: 'Dashboard', hello: 'Good day, {name}', needs: 'What needs you', nothing: 'Nothing needs you now.', nothingText: 'As soon as there is something to do, it is here.',
    tileReview: 'Applications in review', tileReviewDesk: 'Applications that wait for your decision', tileExpiring: 'Quotes that lapse within 7 days', tileReceived: 'Applications without a policy', tileOffered: 'Current quotes', tileActive: 'Active policies', atLeast: '{count}+',
    expiring: 'Quotes about to lapse', waiting: 'Waiting for a decision', recent: 'Latest quotes', allQuotes: 'All quotes', allApplications: 'All applications', newQuote: 'New quote', until: 'valid until {date}', since: 'since {date}', noQuotes: 'No quotes yet.', chart: 'Quotes by day', chartHint: 'The last 14 days, of your 100 newest quotes.', day: 'Day', count: 'Number', failed: 'This part could not be loaded.',
  },
};
