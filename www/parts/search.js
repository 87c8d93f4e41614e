// The search over everything that the caller may see, opened by "/" or its button. A page that has
// something to search adds a source: { needs, find: async (text, signal) => [{ href, title, text }] }.
import { get, post, query } from './api.js';
import { Dialog } from './dialog.js';
import { html, signal, useEffect, useId, useMemo, useSignal } from './html.js';
import { routes } from '../routes.js';
import { Icon } from './icon.js';
import { go } from './router.js';
import { may, session } from './session.js';
import { texts } from './text.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const WAIT_MS = 250;
const FOUND_MAX = 6;
const places = { qte: 'quotes', app: 'applications', pol: 'policies', usr: 'users' };

export const searching = signal(false);

const application = (one) => ({ href: `/applications/${one.id}`, title: one.policy_number ?? one.reference ?? one.id, text: t('navApplications') });

const sources = [
  {
    needs: [],
    find: async (text) => {
      const prefix = /^([a-z]{3})_[0-9a-z]{26}$/.exec(text)?.[1];
      return places[prefix] ? [{ href: `/${places[prefix]}/${text}`, title: text, text: t(`nav${places[prefix][0].toUpperCase()}${places[prefix].slice(1)}`) }] : [];
    },
  },
  {
    needs: ['ListQuotes'],
    find: async (text, abort) => (await get(`/quotes${query({ reference: text, limit: FOUND_MAX })}`, { signal: abort })).data.items
      .map((one) => ({ href: `/quotes/${one.id}`, title: one.reference ?? one.id, text: t('navQuotes') })),
  },
  {
    needs: ['FindApplications'],
    find: async (text, abort) => {
      const compact = text.replace(/\s/g, '').toUpperCase();
      const body = text.includes('@') ? { email: text } : /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(compact) ? { iban: compact } : null;
      return body ? (await post('/applications/search', { ...body, limit: FOUND_MAX }, { signal: abort })).data.items.map(application) : [];
    },
  },
];

export const addSource = (source) => sources.push(source);

async function findAll(text, abort) {
  const found = await Promise.allSettled(sources.filter((source) => may(...source.needs)).map((source) => source.find(text, abort)));
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}

export function Search() {
  const text = useSignal('');
  const found = useSignal({ for: '', items: [], busy: false });
  const chosen = useSignal(0);
  const id = useId();
  const pages = useMemo(() => routes.filter((route) => route.nav && may(...(route.needs ?? []))), [session.value]);
  const typed = text.value.trim();
  useEffect(() => {
    if (!typed) {
      found.value = { for: '', items: [], busy: false };
      return undefined;
    }
    const abort = new AbortController();
    found.value = { ...found.value, busy: true };
    const timer = setTimeout(async () => {
      const items = await findAll(typed, abort.signal);
      if (!abort.signal.aborted) found.value = { for: typed, items, busy: false };
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed]);
  const wanted = typed.toLowerCase();
  const items = [
    ...found.value.items,
    ...pages.filter((route) => !wanted || t(route.nav.text).toLowerCase().includes(wanted))
      .map((route) => ({ href: route.path, title: t(route.nav.text), text: t('searchPages'), icon: route.nav.icon })),
  ];
  const at = Math.min(chosen.value, items.length - 1);
  const close = () => {
    searching.value = false;
  };
  const open = (item) => {
    close();
    go(item.href);
  };
  const key = (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      chosen.value = (at + move + items.length) % Math.max(items.length, 1);
    } else if (event.key === 'Enter' && items[at]) {
      event.preventDefault();
      open(items[at]);
    }
  };
  return html`<${Dialog} title=${t('search')} onClose=${close} wide first>
    <div class="field"><label for=${`${id}-text`}>${t('searchLabel')}</label><p class="hint" id=${`${id}-hint`}>${t('searchHint')}</p>
      <input type="search" id=${`${id}-text`} autofocus autocomplete="off" role="combobox" aria-expanded="true" aria-controls=${`${id}-list`} aria-describedby=${`${id}-hint`}
        aria-activedescendant=${items[at] ? `${id}-${at}` : undefined} value=${text.value} onKeyDown=${key}
        onInput=${(event) => { text.value = event.target.value; chosen.value = 0; }} /></div>
    <p class="hidden" role="status">${found.value.busy ? t('searchBusy') : t('searchFound', { count: items.length })}</p>
    <ul class="results" role="listbox" id=${`${id}-list`} aria-label=${t('search')}>${items.map((item, index) => html`
      <li role="option" id=${`${id}-${index}`} aria-selected=${String(index === at)} onClick=${() => open(item)} onPointerMove=${() => { chosen.value = index; }}>
        <${Icon} name=${item.icon ?? 'search'} /><span>${item.title}</span><span class="quiet small">${item.text}</span></li>`)}</ul>
    ${typed && !found.value.busy && found.value.for === typed && items.length === 0 && html`<p><strong>${t('searchNothing', { text: typed })}</strong><br />${t('searchNothingHint')}</p>`}
  </${Dialog}>`;
}
