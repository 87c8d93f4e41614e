// The frame around every page: navigation by what the caller may do, the person's menu, search and
// shortcuts, and the banners and dialogs that belong to no page.
import { connection, retryNow } from './api.js';
import { Asked, Dialog } from './dialog.js';
import { classes, effect, html, signal, useEffect, useLayoutEffect, useSignal } from './html.js';
import { Icon } from './icon.js';
import { LoginForm } from './login_form.js';
import { Empty, Loading, Page } from './page.js';
import { find, go, place } from './router.js';
import { Search, searching } from './search.js';
import { endExpired, expired, logOut, may, session } from './session.js';
import { call } from './api.js';
import { Note } from './show.js';
import { choice, choose } from './storage.js';
import { LANGUAGES, language, setLanguage, texts } from './text.js';
import { say, Toasts } from './toast.js';
import { routes } from '../routes.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const helping = signal(false);
const shortcuts = signal(choice('shortcuts') !== false);
const theme = signal(choice('theme') ?? 'system');

effect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});

const setTheme = (name) => {
  theme.value = name;
  choose('theme', name);
};

async function chooseLanguage(code) {
  setLanguage(code);
  if (!session.value) return;
  session.value = { ...session.value, user: { ...session.value.user, language: code } };
  try {
    await call('PATCH', '/session/user', { body: { language: code } });
    choose('language_here', undefined);
  } catch {
    choose('language_here', true); // see session.js
  }
}

const typing = (target) => target.closest?.('input, textarea, select, [contenteditable]');
document.addEventListener('keydown', (event) => {
  if (!shortcuts.value || !session.value || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector('dialog[open]')) return;
  if (event.key === '/') {
    event.preventDefault();
    searching.value = true;
  } else if (event.key === '?') {
    event.preventDefault();
    helping.value = true;
  }
});

// ---- pages, loaded when they are first needed ----
const modules = new Map();

function Lazy({ route, params }) {
  const state = useSignal(modules.get(route) ?? null);
  useEffect(() => {
    let gone = false;
    if (!modules.has(route)) {
      route.page().then(
        (module) => {
          modules.set(route, { Page: module.default });
          if (!gone) state.value = modules.get(route);
        },
        () => {
          if (!gone) state.value = { failed: true };
        },
      );
    }
    return () => {
      gone = true;
    };
  }, []);
  if (!state.value) return html`<div class="page"><${Loading} /></div>`;
  if (state.value.failed) {
    return html`<${Page} title=${t('newVersionTitle')} lead=${t('newVersionText')}>
      <p class="actions"><button type="button" class="button primary" onClick=${() => location.reload()}>${t('reload')}</button></p></${Page}>`;
  }
  return html`<${state.value.Page} params=${params} />`;
}

const NotFound = () => html`<${Page} title=${t('notFoundTitle')} lead=${t('notFoundText')}>
  <p class="actions"><a class="button" href="/">${t('toStart')}</a></p></${Page}>`;
const NotAllowed = () => html`<${Page} title=${t('notAllowedTitle')} lead=${t('notAllowedText')}>
  <p class="actions"><a class="button" href="/">${t('toStart')}</a></p></${Page}>`;

// ---- the frame's parts ----
const Brand = () => html`<a class="brand" href="/"><img src="/icon.svg" alt="" width="32" height="32" /><span>${t('name')}</span></a>`;

const LanguageSwitch = () => html`<div class="segments" role="group" aria-label=${t('language')}>${LANGUAGES.map((code) => html`
  <button type="button" lang=${code} aria-pressed=${String(language.value === code)} onClick=${() => chooseLanguage(code)}>${t(code === 'nl' ? 'languageNl' : 'languageEn')}</button>`)}</div>`;

const ThemeSwitch = () => html`<div class="segments" role="group" aria-label=${t('theme')}>${[['system', 'themeSystem'], ['light', 'themeLight'], ['dark', 'themeDark']].map(([name, key]) => html`
  <button type="button" aria-pressed=${String(theme.value === name)} onClick=${() => setTheme(name)}>${t(key)}</button>`)}</div>`;

function Navigation({ onGo }) {
  const { path } = place.value;
  const shown = routes.filter((route) => route.nav && may(...(route.needs ?? [])));
  const current = (route) => (route.path === '/' ? path === '/' : path === route.path || path.startsWith(`${route.path}/`));
  return html`<nav class="navigation" aria-label=${t('navigation')} onClick=${onGo}><ul>${shown.map((route) => html`
    <li><a href=${route.path} aria-current=${current(route) ? 'page' : undefined}><${Icon} name=${route.nav.icon} />${t(route.nav.text)}</a></li>`)}</ul></nav>`;
}

const leave = async () => {
  await logOut().catch(() => {});
  go('/');
};

function Person() {
  const { user, partner, role } = session.value;
  const name = user.name || user.email;
  const hide = () => document.getElementById('person-menu')?.hidePopover();
  return html`<div class="menu"><button type="button" class="person" popovertarget="person-menu">
      <span class="initials">${name.split(/\s+/).filter(Boolean).map((part) => part[0]).filter((_, index, all) => index === 0 || index === all.length - 1).join('').toUpperCase()}</span><span class="hidden"> ${t('accountOf', { name })}</span></button>
    <div id="person-menu" popover class="popover person-menu">
      <p><strong>${name}</strong><br /><span class="quiet">${t(`role_${role}`)} · ${partner?.name ?? t('organisation')}</span></p>
      <ul class="plain-list" onClick=${hide}>
        <li><a href="/account"><${Icon} name="person" />${t('account')}</a></li>
        <li><button type="button" class="link" onClick=${() => { helping.value = true; }}><${Icon} name="info" />${t('help')}</button></li></ul>
      <p class="label">${t('language')}</p><${LanguageSwitch} />
      <p class="label">${t('theme')}</p><${ThemeSwitch} />
      <button type="button" class="button plain wide" onClick=${leave}><${Icon} name="logout" />${t('logout')}</button>
    </div></div>`;
}

const Lost = () => (connection.value.lost ? html`<div class="lost" role="alert">
  <${Icon} name="warning" /><p><strong>${t('lostTitle')}</strong> ${t('lostText')}</p>
  <button type="button" class="button" onClick=${retryNow}>${t('lostRetry')}</button></div>` : null);

const Help = () => html`<${Dialog} title=${t('help')} onClose=${() => { helping.value = false; }}>
  <p>${t('helpText')}</p>
  <table class="plain"><thead><tr><th scope="col">${t('key')}</th><th scope="col">${t('does')}</th></tr></thead><tbody>
    <tr><td><kbd>/</kbd></td><td>${t('helpSearch')}</td></tr><tr><td><kbd>?</kbd></td><td>${t('helpHelp')}</td></tr></tbody></table>
  <label class="choice"><input type="checkbox" checked=${shortcuts.value} onChange=${(event) => {
    shortcuts.value = event.target.checked;
    choose('shortcuts', event.target.checked);
  }} /><span>${t('helpOff')}</span></label></${Dialog}>`;

function Expired() {
  const { user } = session.value;
  const proof = expired.value === 'proof';
  const giveUp = () => {
    endExpired(false);
    if (!proof) go('/');
  };
  return html`<${Dialog} title=${t('expiredTitle')} fixed>
    <p>${t(proof ? 'proofText' : 'expiredText')}</p>
    <${LoginForm} email=${user.email} onDone=${(other) => {
      if (other) location.assign('/');
      else endExpired(true);
    }} />
    <p><button type="button" class="link" onClick=${giveUp}>${t(proof ? 'cancel' : 'expiredLeave')}</button></p></${Dialog}>`;
}

const Overlays = () => html`
  ${searching.value && session.value && html`<${Search} />`}
  ${helping.value && html`<${Help} />`}
  <${Asked} />
  ${expired.value && session.value && html`<${Expired} />`}
  <${Toasts} />`;

// ---- frames ----
const loginRoute = routes.find((route) => route.path === '/login');
const skip = () => html`<a class="skip" href="#content">${t('skip')}</a>`;

const StrangerFrame = ({ route, params }) => html`<div class="stranger">${skip()}<${Lost} />
  <header class="stranger-head"><${Brand} /><p class="tagline">${t('tagline')}</p><${LanguageSwitch} /></header>
  <main id="content" tabindex="-1"><${Lazy} key=${route.path} route=${route} params=${params} /></main>
  <footer class="foot"><p><a href="/developers">${t('developers')}</a></p></footer><${Overlays} /></div>`;

function Drawer({ onClose }) {
  return html`<${Dialog} title=${t('menu')} onClose=${onClose}><${Navigation} onGo=${(event) => event.target.closest('a') && onClose()} /></${Dialog}>`;
}

function Inside({ route, params, pageKey }) {
  const drawer = useSignal(false);
  const { demo, mail } = session.value;
  const content = !route ? html`<${NotFound} />` : !may(...(route.needs ?? [])) ? html`<${NotAllowed} />`
    : html`<${Lazy} key=${pageKey} route=${route} params=${params} />`;
  return html`<div class="frame">${skip()}
    <header class="bar">
      <button type="button" class="bar-button only-small" aria-label=${t('menu')} onClick=${() => { drawer.value = true; }}><${Icon} name="menu" /></button>
      <${Brand} />
      <button type="button" class="search-button" onClick=${() => { searching.value = true; }}><${Icon} name="search" /><span>${t('search')}</span>${shortcuts.value && html`<kbd aria-hidden="true">/</kbd>`}</button>
      <${Person} /></header>
    <div class="side"><${Navigation} /></div>
    <div class="content"><${Lost} />
      <main id="content" tabindex="-1">${content}</main>
      <footer class="foot">${demo && html`<p>${t('demo')} ${mail === 'outbox' ? t('demoOutbox') : ''}</p>`}<p><a href="/developers">${t('developers')}</a></p></footer></div>
    ${drawer.value && html`<${Drawer} onClose=${() => { drawer.value = false; }} />`}
    <${Overlays} /></div>`;
}

export function Shell() {
  const { path } = place.value;
  const found = find(path);
  const inside = session.value && session.value.second_factor !== 'missing';
  const away = inside && found?.route.stranger && !found.route.path.includes(':');
  useLayoutEffect(() => {
    if (away) go('/', { replace: true });
  }, [away]);
  if (session.value && !inside) {
    const route = routes.find((one) => one.path === '/invitation/:token');
    return html`<${StrangerFrame} route=${route} params=${{}} />`;
  }
  if (found?.route.stranger && !away) return html`<${StrangerFrame} route=${found.route} params=${found.params} />`;
  if (!session.value) return html`<${StrangerFrame} route=${loginRoute} params=${{}} />`;
  if (away) return null;
  return html`<${Inside} route=${found?.route} params=${found?.params} pageKey=${found ? `${found.route.path}${JSON.stringify(found.params)}` : ''} />`;
}
