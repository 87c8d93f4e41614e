// An address of each page, with who goes there; every check of pages visits them all. What stands
// behind ':' is the id of a thing that the demo has, or that `things` makes.
export const visits = [
  { path: '/login', as: null },
  { path: '/forgotten', as: null },
  { path: '/reset/none', as: null },
  { path: '/invitation/none', as: null },
  { path: '/', as: 'adviser' },
  { path: '/quotes', as: 'adviser' },
  { path: '/quotes?reference=none', as: 'adviser' },
  { path: '/quotes/new', as: 'adviser' },
  { path: '/quotes/new/auto', as: 'adviser' },
  { path: '/quotes/new/reis', as: 'adviser' },
  { path: '/quotes/:offered', as: 'adviser' },
  { path: '/quotes/:offered/accept', as: 'adviser' },
  { path: '/applications', as: 'adviser' },
  { path: '/applications/:review', as: 'adviser' },
  { path: '/applications/:review', as: 'underwriter' },
  { path: '/policies', as: 'adviser' },
  { path: '/policies/:policy', as: 'adviser' },
  { path: '/partners', as: 'underwriter' },
  { path: '/partners/:partner', as: 'underwriter' },
  { path: '/partners/:partner?tab=documents', as: 'administrator' },
  { path: '/partners/:partner?tab=people', as: 'administrator' },
  { path: '/partners/:partner?tab=timeline', as: 'administrator' },
  { path: '/users', as: 'administrator' },
  { path: '/users/new', as: 'administrator' },
  { path: '/users/:user', as: 'administrator' },
  { path: '/account', as: 'adviser' },
  { path: '/', as: 'underwriter' },
  { path: '/nowhere', as: 'adviser' },
];

export const roles = { adviser: 0, administrator: 0, assistant: 0, underwriter: 'organisation' };
