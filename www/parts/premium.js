// A premium with its parts and terms, the outcome with its reasons, and the explanation.
import { answerText } from './answers.js';
import { money } from './format.js';
import { html } from './html.js';
import { Note } from './show.js';
import { word } from './states.js';
import { texts } from './text.js';
import quotes from '../texts/quotes.js';

const t = texts(quotes);
const tones = { offered: 'good', referred: 'warn', declined: 'bad' };

export const Outcome = ({ quote }) => html`<${Note} tone=${tones[quote.status]} title=${t(`outcome_${quote.status}`)}>
  ${quote.reasons.length > 0 && html`<ul class="reasons">${quote.reasons.map((reason) => html`<li>${reason.text}</li>`)}</ul>`}</${Note}>`;

// titles: of covers and terms, as the product gives them.
export function Premium({ premium, product, stale, terms = true }) {
  const titles = Object.fromEntries((product?.['x-product']?.covers ?? []).map((cover) => [cover.code, cover.title]));
  const named = Object.fromEntries((product?.['x-product']?.terms ?? []).map((term) => [term.code, term.title]));
  return html`<div class=${stale ? 'premium stale' : 'premium'}>
    <p><span class="premium-total">${money(premium.total, premium.currency)}</span> <span class="quiet">${t('perYear')}</span></p>
    <table class="plain"><caption class="hidden">${t('parts')}</caption>
      <thead><tr><th scope="col">${t('cover')}</th><th scope="col" class="number">${t('net')}</th></tr></thead>
      <tbody>${premium.covers.map((cover) => html`<tr><th scope="row">${titles[cover.code] ?? cover.code}</th><td class="number">${money(cover.net)}</td></tr>`)}
        <tr><th scope="row">${t('tax')}</th><td class="number">${money(premium.tax)}</td></tr></tbody>
      <tfoot><tr><th scope="row">${t('total')}</th><td class="number">${money(premium.total)}</td></tr></tfoot></table>
    ${terms && html`<table class="plain"><caption class="hidden">${t('terms')}</caption>
      <thead><tr><th scope="col">${t('terms')}</th><th scope="col" class="number">${t('amount')}</th></tr></thead>
      <tbody>${premium.terms.map((term) => html`<tr><th scope="row">${named[term.code] ?? word('term', term.code)}</th><td class="number">${money(term.instalment)}</td></tr>`)}</tbody></table>`}</div>`;
}

// What the explanation of a quote or estimate says.
export function Explanation({ of, schema }) {
  const other = of.what_if;
  const lists = [['cheaper', 'cheaper'], ['offered', 'wouldOffer'], ['referred', 'wouldRefer']].filter(([key]) => other?.[key]?.length > 0);
  return html`<div class="stack">
    ${lists.map(([key, title]) => html`<div><h3>${t(title)}</h3><ul class="items">${other[key].map((one) => html`<li><span class="full">${one.text}</span></li>`)}</ul></div>`)}
    ${of.decisions?.length > 0 && html`<div class="decisions"><h3>${t('decisions')}</h3>${of.decisions.map((decision) => html`<details>
      <summary>${decision.label ?? decision.name}${typeof decision.value !== 'object' ? html`: ${answerText(schema?.properties?.[decision.name], decision.value)}` : ''}</summary>
      <p>${decision.text}</p></details>`)}</div>`}</div>`;
}
