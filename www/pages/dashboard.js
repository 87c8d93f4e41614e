// What needs the caller, with links to it, and how things stand.
import { get, query } from '../parts/api.js';
import { Chart } from '../parts/chart.js';
import { addDays, dateShort, daysUntil, money, today } from '../parts/format.js';
import { classes, html, useEffect } from '../parts/html.js';
import { Icon } from '../parts/icon.js';
import { Empty, Loading, Page, useLoad } from '../parts/page.js';
import { may, session } from '../parts/session.js';
import { Card } from '../parts/show.js';
import { loadProducts, productTitle, quoteState, State } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import dashboard from '../texts/dashboard.js';

const t = texts(dashboard);
const SEEN_MAX = 100; // rows that a figure looks at; past them it says "+"
const SOON_DAYS = 7;
const SHOWN = 5;
const CHART_DAYS = 14;

const page = (path, values, signal) => get(`${path}${query({ limit: SEEN_MAX, ...values })}`, { signal }).then(({ data }) => data, () => null);

async function load(signal) {
  const [quotes, review, received, policies] = await Promise.all([
    may('ListQuotes') && page('/quotes', {}, signal),
    may('ListApplications') && page('/applications', { status: 'in_review' }, signal),
    may('ListApplications') && page('/applications', { status: 'received' }, signal),
    may('ListPolicies') && page('/policies', { status: 'active' }, signal),
  ]);
  return { quotes, review, received, policies };
}

function Tile({ href, of, label, count = of?.items.length }) {
  if (!of) return null;
  const figure = of.next && count === of.items.length ? t('atLeast', { count }) : count;
  return html`<a class=${classes('tile', count === 0 && 'none')} href=${href}><span class="tile-figure">${figure}</span><span class="tile-label">${label}</span></a>`;
}

const Application = ({ of }) => html`<li><span><a href=${`/applications/${of.id}`}>${of.reference ?? productTitle(of.product)}</a><br /><span class="quiet small">${t('since', { date: dateShort(of.created_at.slice(0, 10)) })}</span></span><span class="number">${money(of.total)}</span></li>`;
const Quote = ({ of, until }) => html`<li><span><a href=${`/quotes/${of.id}`}>${of.reference ?? productTitle(of.product)}</a> ${!until && html`<${State} of=${quoteState(of)} />`}<br />
  <span class="quiet small">${t('until', { date: dateShort(of.valid_until) })}</span></span><span class="number">${money(of.premium?.total)}</span></li>`;

function byDay(quotes) {
  const first = addDays(today(), 1 - CHART_DAYS);
  return Array.from({ length: CHART_DAYS }, (_, index) => addDays(first, index)).map((day) => ({
    label: dateShort(day).replace(/\s?\d{4}$/, ''), value: quotes.filter((one) => one.known_at.startsWith(day)).length,
  }));
}

function Shown({ quotes, review, received, policies }) {
  const desk = may('DecideApplication');
  const offered = (quotes?.items ?? []).filter((one) => quoteState(one) === 'offered');
  const expiring = offered.filter((one) => daysUntil(one.valid_until) <= SOON_DAYS).sort((a, b) => (a.valid_until < b.valid_until ? -1 : 1));
  const waiting = review?.items ?? [];
  return html`<div class="tiles">
      <${Tile} href="/applications?status=in_review" of=${review} label=${t(desk ? 'tileReviewDesk' : 'tileReview')} />
      <${Tile} href="/applications?status=received" of=${received} label=${t('tileReceived')} />
      <${Tile} href="/quotes?status=offered" of=${quotes} count=${expiring.length} label=${t('tileExpiring')} />
      <${Tile} href="/policies?status=active" of=${policies} label=${t('tileActive')} /></div>
    ${waiting.length === 0 && expiring.length === 0 && html`<${Card} title=${t('needs')}><${Empty} icon="check" title=${t('nothing')} text=${t('nothingText')} /></${Card}>`}
    <div class="split"><div class="stack">
      ${waiting.length > 0 && html`<${Card} title=${t('waiting')} actions=${html`<a href="/applications?status=in_review">${t('allApplications')}</a>`}>
        <ul class="items">${waiting.slice(0, SHOWN).map((one) => html`<${Application} of=${one} />`)}</ul></${Card}>`}
      ${expiring.length > 0 && html`<${Card} title=${t('expiring')} actions=${html`<a href="/quotes?status=offered">${t('allQuotes')}</a>`}>
        <ul class="items">${expiring.slice(0, SHOWN).map((one) => html`<${Quote} of=${one} until />`)}</ul></${Card}>`}
      ${quotes && html`<${Card}><${Chart} title=${t('chart')} hint=${t('chartHint')} points=${byDay(quotes.items)} head=${[t('day'), t('count')]} /></${Card}>`}
    </div><div class="stack">
      ${quotes && html`<${Card} title=${t('recent')} actions=${html`<a href="/quotes">${t('allQuotes')}</a>`}>
        ${quotes.items.length ? html`<ul class="items">${quotes.items.slice(0, SHOWN).map((one) => html`<${Quote} of=${one} />`)}</ul>` : html`<p class="quiet">${t('noQuotes')}</p>`}</${Card}>`}
    </div></div>`;
}

export default function Dashboard() {
  useEffect(loadProducts, [language.value]);
  const of = useLoad(load, [language.value], { keepOld: true });
  const { user } = session.value;
  const make = may('RequestQuote') && html`<a class="button primary" href="/quotes/new"><${Icon} name="plus" />${t('newQuote')}</a>`;
  return html`<${Page} title=${t('hello', { name: user.name || user.email })} actions=${make}>
    ${of.data ? html`<${Shown} ...${of.data} />` : html`<${Loading} lines=${6} />`}</${Page}>`;
}
