// Drawn signs, beside words and never instead of them.
import { html } from './html.js';

const shapes = {
  home: 'M4 11.5 12 5l8 6.5M6.5 10v9h11v-9M10 19v-5h4v5',
  quote: 'M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12h5M10 15.5h5',
  application: 'M5 13.5 4 20h16l-1-6.5M4 13.5h4.5L10 16h4l1.5-2.5H20L17 5H7z',
  policy: 'M12 3.5 5 6v5.5c0 4.3 2.9 7.4 7 9 4.1-1.6 7-4.7 7-9V6zM9 12l2.2 2.2L15.2 10',
  people: 'M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11zM3.5 19c.4-3.2 2.6-5 5.5-5s5.1 1.8 5.5 5M15.5 5.2a3 3 0 0 1 0 5.4M17 14.4c2 .6 3.2 2.2 3.5 4.6',
  partner: 'M4 20V8l8-4 8 4v12M4 20h16M9 20v-5h6v5M8.5 10.5h.01M12 10.5h.01M15.5 10.5h.01',
  lead: 'M4 5h16l-6 7.5V19l-4 1.5v-8z',
  list: 'M8 6.5h12M8 12h12M8 17.5h12M4 6.5h.01M4 12h.01M4 17.5h.01',
  agreement: 'M7 3.5h10v17H7zM10 8h4M10 11.5h4M9.8 16.8c1-1.5 1.6-1.5 2 0 .5 1 1.3.4 2.4-.8',
  library: 'M4 5.5c3-1 5.5-.7 8 1 2.5-1.7 5-2 8-1V19c-3-1-5.5-.7-8 1-2.5-1.7-5-2-8-1zM12 6.5V20',
  mail: 'M4 6h16v12H4zM4 7l8 6.5L20 7',
  menu: 'M4 6.5h16M4 12h16M4 17.5h16',
  close: 'M6 6l12 12M18 6 6 18',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20.5 20.5',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.5 10 17.5 19.5 7',
  warning: 'M12 4 3 19.5h18zM12 10v4.5M12 17.2v.01',
  info: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5M12 8v.01',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2',
  download: 'M12 4v11M7.5 11 12 15.5 16.5 11M5 19.5h14',
  external: 'M14 5h5v5M19 5l-8 8M17 13.5V19H5V7h5.5',
  person: 'M12 11.5a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4zM5 20c.5-3.800 3.3-6 7-6s6.5 2.2 7 6',
  logout: 'M14 8V5H5v14h9v-3M10 12h10M17 9l3 3-3 3',
  columns: 'M4 5h16v14H4zM9.5 5v14M14.5 5v14',
  bookmark: 'M7 4h10v16l-5-4-5 4z',
  chevron: 'M9 5.5 15.5 12 9 18.5',
  back: 'M15 5.5 8.5 12 15 18.5',
  sort: 'M8 9l4-4 4 4M8 15l4 4 4-4',
  up: 'M7 14l5-5 5 5',
  down: 'M7 10l5 5 5-5',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  key: 'M8.5 15.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12.5 11.5H21M18 11.5v3.5',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13',
  edit: 'M5 19h3.5L19 8.5 15.5 5 5 15.5z',
  car: 'M4 16v-3.5l2-5.5h12l2 5.5V16zM4 12.5h16M6.5 16v2.5M17.5 16v2.5M7.5 14.2h.01M16.5 14.2h.01',
  suitcase: 'M4 8h16v11H4zM9 8V5h6v3M9 8v11M15 8v11',
};

export const Icon = ({ name }) => html`<svg class="icon" viewBox="0 0 24 24" width="20" height="20"
  fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"
  aria-hidden="true" focusable="false"><path d=${shapes[name] ?? shapes.info} /></svg>`;
