// One quote: what it offers and why, its documents, and what can be done with it.
import { get } from '../parts/api.js';
import { AnswerFacts, useSchema } from '../parts/answers.js';
import { date, daysUntil, instant } from '../parts/format.js';
import { html, useEffect, useSignal } from '../parts/html.js';
import { Icon } from '../parts/icon.js';
import { Loaded, Page, problemText, useLoad } from '../parts/page.js';
import { Explanation, Outcome, Premium } from '../parts/premium.js';
import { may } from '../parts/session.js';
import { Card, Facts, Note } from '../parts/show.js';
import { loadProducts, productTitle, quoteState, State } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import quotes from '../texts/quotes.js';

const t = texts(quotes);

const days = (quote) => {
  const left = daysUntil(quote.valid_until);
  return left < 0 ? t('lapsed') : left === 0 ? t('validToday') : t('validDays', { count: left });
};

// The answers and the explanation come together, when they are asked for.
function Why({ id, schema }) {
  const state = useSignal(null);
  const open = async () => {
    state.value = { busy: true };
    try {
      state.value = { data: (await get(`/quotes/${id}/explanation`)).data };
    } catch (problem) {
      state.value = { failed: problem };
    }
  };
  useEffect(() => {
    if (state.value?.data) open();
  }, [language.value]);
  const { data, failed, busy } = state.value ?? {};
  if (!data) {
    return html`<${Card} title=${t('explain')}><p class="quiet">${t('explainLead')}</p>
      ${failed && html`<p class="error">${problemText(failed)}</p>`}
      <p><button type="button" class="button" aria-disabled=${String(!!busy)} onClick=${open}>${t('explainShow')}</button></p></${Card}>`;
  }
  return html`<${Card} title=${t('answers')}><${AnswerFacts} schema=${schema} answers=${data.answers} /></${Card}>
    <${Card} title=${t('explain')}><${Explanation} of=${data} schema=${schema} /></${Card}>`;
}

function Shown({ quote, schema }) {
  return html`<div class="split"><div class="stack">
      ${quote.test && html`<${Note} tone="warn"><p>${t('testQuote')}</p></${Note}>`}
      <${Outcome} quote=${quote} />
      ${quote.premium && html`<${Card} title=${t('formPremium')}><${Premium} premium=${quote.premium} product=${schema} /></${Card}>`}
      ${may('GetQuoteExplanation') && html`<${Why} id=${quote.id} schema=${schema} />`}
    </div><div class="beside stack">
      <${Card} title=${t('one')}><${Facts} wide rows=${[
    [t('product'), productTitle(quote.product)], [t('reference'), quote.reference], [t('start'), date(quote.effective_date)],
    [t('valid'), date(quote.valid_until)], [t('made'), instant(quote.known_at)], [t('version'), String(quote.product_version)], [t('id'), html`<code>${quote.id}</code>`],
  ]} /><p class="quiet">${quote.status === 'declined' ? null : days(quote)}</p></${Card}>
      <${Card} title=${t('documents')}><ul class="plain-list">
        ${may('GetQuoteDocument') && quote.premium && html`<li><a href=${`/api/v1/quotes/${quote.id}/document`} target="_blank" rel="noopener">${t('pdf')}</a></li>`}
        ${quote.documents.map((one) => html`<li><a href=${new URL(one.url).pathname} target="_blank" rel="noopener">${one.title}</a></li>`)}</ul></${Card}>
    </div></div>`;
}

export default function Quote({ params }) {
  useEffect(loadProducts, [language.value]);
  const of = useLoad(async (signal) => (await get(`/quotes/${params.id}`, { signal })).data, [params.id, language.value], { keepOld: true });
  const quote = of.data;
  const schema = useSchema(quote?.product, may('GetProduct'));
  const state = quote && quoteState(quote);
  const acceptable = quote && may('AcceptQuote') && (state === 'offered' || state === 'referred');
  const actions = quote && html`
    ${may('RequestQuote') && html`<a class="button" href=${`/quotes/new/${quote.product}?from=${quote.id}`}><${Icon} name="copy" />${t('variant')}</a>`}
    ${acceptable && html`<a class="button primary" href=${`/quotes/${quote.id}/accept`}>${t('accept')}</a>`}`;
  return html`<${Page} title=${quote?.reference ?? (quote ? `${t('one')} ${productTitle(quote.product)}` : t('one'))} trail=${[{ href: '/quotes', text: t('title') }]}
    badge=${state && html`<${State} of=${state} />`} actions=${actions}>
    <${Loaded} of=${of}>${(data) => html`<${Shown} quote=${data} schema=${schema} />`}</${Loaded}></${Page}>`;
}
