// Addresses and pages: history, links, what stands in the query, focus and scrolling. Pages come
// from the table in ../routes.js.
import { routes } from '../routes.js';
import { signal, untracked } from './html.js';

export const place = signal(readPlace());

function readPlace() {
  return { path: location.pathname, query: new URLSearchParams(location.search), hash: location.hash };
}

// A change of path (not of the query alone) moves the focus to the new page's heading.
export const arrivals = signal(0);

// Asks before a page is left that holds what is not kept: () => true lets go.
let guard = null;
export const setGuard = (ask) => {
  guard = ask;
};

function move(url, how, state = null) {
  const before = location.pathname;
  history[how](state, '', url);
  place.value = readPlace();
  if (location.pathname !== before) arrivals.value = untracked(() => arrivals.value) + 1;
}

export async function go(url, { replace = false, state = null } = {}) {
  if (guard && new URL(url, location).pathname !== location.pathname && !(await guard())) return;
  if (new URL(url, location).pathname !== location.pathname) guard = null;
  move(url, replace ? 'replaceState' : 'pushState', state);
  if (!replace) scrollTo(0, 0);
}

// Sets parts of the query; null takes one away. Typing replaces, choosing adds to the history.
export function setQuery(values, { replace = true, state = null } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  move(`${location.pathname}${text ? `?${text}` : ''}`, replace ? 'replaceState' : 'pushState', state);
}

function match(route, path) {
  const wanted = route.path.split('/');
  const given = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== given.length) return null;
  const params = {};
  for (let i = 0; i < wanted.length; i += 1) {
    if (wanted[i].startsWith(':')) {
      try {
        params[wanted[i].slice(1)] = decodeURIComponent(given[i]);
      } catch {
        return null;
      }
    } else if (wanted[i] !== given[i]) return null;
  }
  return params;
}

// The first route of the table that fits: { route, params }, or null.
export function find(path) {
  for (const route of routes) {
    const params = match(route, path);
    if (params) return { route, params };
  }
  return null;
}

export function startRouter() {
  history.scrollRestoration = 'auto';
  addEventListener('popstate', () => {
    const before = place.value.path;
    place.value = readPlace();
    if (place.value.path !== before) arrivals.value += 1;
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.('a[href]');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.hash && link.pathname === location.pathname) return;
    if (!find(link.pathname)) return;
    event.preventDefault();
    go(link.href);
  });
}
