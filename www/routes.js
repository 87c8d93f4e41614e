// Every page of the extranet. To add one:
//
//   1. pages/NAME.js exports the page: `export default function Name({ params }) { … }`. It draws
//      itself inside <Page title=…> (parts/page.js), which sets the heading, the document's title
//      and the focus.
//   2. texts/NAME.js holds its texts, both languages beside each other; a test holds them equal.
//   3. One entry here. `path` with :names for parts that vary; its first part also stands in
//      paths.txt, for which the server gives the shell. `page` loads the module when it is needed.
//      `needs` names operations of the API of which the caller may do one (GET /session tells which),
//      without any every user may see it; `stranger: true` is a page without login. `nav` puts it
//      into the navigation: its `text` is a key of texts/shell.js, `icon` one of parts/icon.js.
//   4. tests/browser/pages.mjs names an address of it, so that every check visits it.
//
// A more exact path stands before one with a variable part.
export const routes = [
  { path: '/', page: () => import('./pages/dashboard.js'), nav: { text: 'navDashboard', icon: 'home' } },
  { path: '/quotes', page: () => import('./pages/quotes.js'), needs: ['ListQuotes'], nav: { text: 'navQuotes', icon: 'quote' } },
  { path: '/quotes/new', page: () => import('./pages/quote_new.js'), needs: ['RequestQuote'] },
  { path: '/quotes/new/:product', page: () => import('./pages/quote_form.js'), needs: ['RequestQuote'] },
  { path: '/quotes/:id', page: () => import('./pages/quote.js'), needs: ['GetQuote'] },
  { path: '/quotes/:id/accept', page: () => import('./pages/quote_accept.js'), needs: ['AcceptQuote'] },
  { path: '/applications', page: () => import('./pages/applications.js'), needs: ['ListApplications'], nav: { text: 'navApplications', icon: 'application' } },
  { path: '/applications/:id', page: () => import('./pages/application.js'), needs: ['GetApplication'] },
  { path: '/policies', page: () => import('./pages/policies.js'), needs: ['ListPolicies'], nav: { text: 'navPolicies', icon: 'policy' } },
  { path: '/policies/:id', page: () => import('./pages/policy.js'), needs: ['GetPolicy'] },
  { path: '/partners', page: () => import('./pages/partners.js'), needs: ['ListPartners'], nav: { text: 'navPartners', icon: 'partner' } },
  { path: '/partners/:id', page: () => import('./pages/partner.js'), needs: ['GetPartner'] },
  { path: '/users', page: () => import('./pages/users.js'), needs: ['ListUsers'], nav: { text: 'navUsers', icon: 'people' } },
  { path: '/users/new', page: () => import('./pages/user_new.js'), needs: ['CreateUser'] },
  { path: '/users/:id', page: () => import('./pages/user.js'), needs: ['GetUser'] },
  { path: '/account', page: () => import('./pages/account.js') },
  { path: '/login', page: () => import('./pages/login.js'), stranger: true },
  { path: '/forgotten', page: () => import('./pages/forgotten.js'), stranger: true },
  { path: '/reset/:token', page: () => import('./pages/reset.js'), stranger: true },
  { path: '/invitation/:token', page: () => import('./pages/invitation.js'), stranger: true },
];
