// Choosing what to quote, and going on with what was not finished.
import { get } from '../parts/api.js';
import { dropDraft, drafts } from '../parts/drafts.js';
import { instant } from '../parts/format.js';
import { html, useSignal } from '../parts/html.js';
import { Icon } from '../parts/icon.js';
import { Empty, Loaded, Page, useLoad } from '../parts/page.js';
import { Card } from '../parts/show.js';
import { language, texts } from '../parts/text.js';
import quotes from '../texts/quotes.js';

const t = texts(quotes);
const icons = { auto: 'car', reis: 'suitcase' };

function Drafts({ products }) {
  const list = useSignal(drafts());
  if (!list.value.length) return null;
  return html`<${Card} title=${t('drafts')}><ul class="items">${list.value.map((draft) => html`<li>
    <span><a href=${`/quotes/new/${draft.product}`}>${products.find((one) => one.product === draft.product)?.title ?? draft.product}</a><br />
      <span class="quiet small">${t('draftSaved', { at: instant(draft.at) })}</span></span>
    <button type="button" class="button plain small" onClick=${() => { dropDraft(draft.product); list.value = drafts(); }}><${Icon} name="trash" />${t('draftDelete')}</button></li>`)}</ul></${Card}>`;
}

export default function QuoteNew() {
  const products = useLoad(async (abort) => (await get('/products', { signal: abort })).data.items, [language.value]);
  return html`<${Page} title=${t('chooseTitle')} lead=${t('chooseLead')} trail=${[{ href: '/quotes', text: t('title') }]}>
    <${Loaded} of=${products}>${(list) => html`
      <${Drafts} products=${list} />
      ${list.length === 0 ? html`<${Empty} title=${t('nothingToSell')} text=${t('nothingToSellText')} />`
    : html`<div class="cards">${list.map((product) => html`<section class="card product-card">
        <${Icon} name=${icons[product.product] ?? 'policy'} /><h2>${product.title}</h2><p class="quiet">${product.description}</p>
        ${product.allowed ? html`<a class="button primary" href=${`/quotes/new/${product.product}`} aria-label=${`${t('startForm')}: ${product.title}`}>${t('startForm')}</a>`
    : html`<p class="quiet strong">${t('notAllowed')}</p>`}</section>`)}</div>`}`}</${Loaded}></${Page}>`;
}
