// A product's questions with the premium beside them, which follows what is typed.
import { call, get, post, Problem } from '../parts/api.js';
import { answersOf, Questions, wrongAnswers } from '../parts/answers.js';
import { Dialog } from '../parts/dialog.js';
import { DRAFT_DAYS, draftOf, dropDraft, saveDraft } from '../parts/drafts.js';
import { createForm, Field, Form, Submit } from '../parts/form.js';
import { addDays, money, today } from '../parts/format.js';
import { html, useEffect, useMemo, useSignal } from '../parts/html.js';
import { Loaded, Page, problemText, useLoad } from '../parts/page.js';
import { Explanation, Outcome, Premium } from '../parts/premium.js';
import { go, place } from '../parts/router.js';
import { may } from '../parts/session.js';
import { Card, Note } from '../parts/show.js';
import { language, texts } from '../parts/text.js';
import quotes from '../texts/quotes.js';

const t = texts(quotes);
const TYPING_MS = 300;
const PREFIX = 'answers/';

const typedOf = (values) => Object.fromEntries(Object.entries(values)
  .filter(([name]) => name.startsWith(PREFIX)).map(([name, value]) => [name.slice(PREFIX.length), value]));
const valuesOf = (answers) => Object.fromEntries(Object.entries(answers).map(([name, value]) => [`${PREFIX}${name}`, value]));

const bodyOf = (product, schema, values) => ({
  product,
  answers: answersOf(schema, typedOf(values)),
  ...(values.effective_date && values.effective_date !== today() ? { effective_date: values.effective_date } : {}),
});

function wrongIn(schema, values) {
  const errors = wrongAnswers(schema, typedOf(values), PREFIX);
  const last = addDays(today(), schema['x-product'].effective_days_ahead ?? 90);
  const start = values.effective_date;
  if (start === 'unfinished' || (start && !/^\d{4}-\d{2}-\d{2}$/.test(start))) errors.effective_date = t('err_date');
  else if (start && (start < today() || start > last)) errors.effective_date = t('err_date_range', { minimum: today(), maximum: last });
  return errors;
}

// The estimate of what is filled in: { left } questions to go, { wrong }, or { quote }; asked again
// when typing pauses, and only the newest answer counts.
function useEstimate(product, schema, form) {
  const state = useSignal({ left: null });
  const values = form.values.value;
  const { reference, ...rated } = values;
  useEffect(() => {
    const errors = wrongIn(schema, values);
    const typed = typedOf(values);
    const isEmpty = (name) => {
      const value = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('/').reduce((at, key) => at?.[key], typed) : values[name];
      return value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length);
    };
    const names = Object.keys(errors);
    const left = names.filter(isEmpty).length;
    if (names.length) {
      state.value = { left, wrong: names.length > left };
      return undefined;
    }
    const abort = new AbortController();
    state.value = { ...state.value, left: 0, wrong: false, stale: true };
    const timer = setTimeout(async () => {
      try {
        const { data } = await call('POST', '/estimates', { body: bodyOf(product, schema, values), signal: abort.signal });
        state.value = { left: 0, quote: data };
      } catch (problem) {
        if (!abort.signal.aborted) state.value = { left: 0, failed: problem };
      }
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [JSON.stringify(rated), language.value]);
  return state.value;
}

function Beside({ estimate, schema, explain }) {
  const { quote, left, wrong, stale, failed } = estimate;
  return html`<${Card} title=${t('formPremium')} className="estimate">
    <p class="hidden" role="status">${quote && !stale ? (quote.premium ? t('updated', { amount: money(quote.premium.total) }) : t(`outcome_${quote.status}`)) : ''}</p>
    ${quote && left === 0 && !wrong ? html`
      ${quote.premium && html`<${Premium} premium=${quote.premium} product=${schema} stale=${stale} />`}
      ${(quote.status !== 'offered' || quote.reasons.length > 0) && html`<${Outcome} quote=${quote} />`}
      ${may('ExplainEstimate') && html`<${Explain} load=${explain} schema=${schema} />`}`
    : failed ? html`<p class="error">${failed instanceof Problem && failed.errors[0] ? failed.errors[0].message : problemText(failed)}</p>`
      : wrong ? html`<p>${t('fixFirst')}</p>`
        : left > 0 ? html`<p><strong>${t('left', { count: left })}</strong></p><p class="quiet">${t('leftText')}</p>`
          : html`<p class="quiet">${t('counting')}</p>`}</${Card}>`;
}

function Explain({ load, schema }) {
  const state = useSignal(null);
  const open = async () => {
    state.value = { busy: true };
    try {
      state.value = { data: await load() };
    } catch (problem) {
      state.value = { failed: problem };
    }
  };
  return html`${state.value?.data && html`<${Dialog} wide title=${t('explain')} onClose=${() => { state.value = null; }}><${Explanation} of=${state.value.data} schema=${schema} /></${Dialog}>`}
    ${state.value?.failed && html`<p class="error">${problemText(state.value.failed)}</p>`}
    <button type="button" class="button" aria-disabled=${String(!!state.value?.busy)} onClick=${open}>${t('explainShow')}</button>`;
}

function Filled({ product, schema, first, resumed }) {
  const form = useMemo(() => createForm({ effective_date: today(), reference: '', ...first }), []);
  const again = useSignal(resumed);
  const estimate = useEstimate(product, schema, form);
  const values = form.values.value;
  useEffect(() => {
    if (values !== form.first) saveDraft(product, values);
  }, [values]);
  useMemo(() => {
    form.first = form.values.value;
  }, []);
  // An answer that was left wrong is told when its field is left, a missing one only on sending.
  const leave = (event) => {
    const { name } = event.target;
    if (!name || form.errors.value[name]) return;
    const value = form.get(name);
    if (value === undefined || value === null || value === '') return;
    const error = wrongIn(schema, form.values.value)[name];
    if (error) form.errors.value = { ...form.errors.value, [name]: error };
  };
  const send = async (filled) => {
    const reference = filled.reference?.trim();
    const { data } = await post('/quotes', { ...bodyOf(product, schema, filled), ...(reference ? { reference } : {}) }, { again: true });
    dropDraft(product);
    go(`/quotes/${data.id}`);
  };
  const fresh = () => {
    dropDraft(product);
    form.values.value = { effective_date: today(), reference: '' };
    form.first = form.values.value;
    form.errors.value = {};
    again.value = false;
  };
  const explain = async () => (await call('POST', '/estimates/explanation', { body: bodyOf(product, schema, form.values.value) })).data;
  const last = addDays(today(), schema['x-product'].effective_days_ahead ?? 90);
  return html`<div class="split"><div class="stack" onFocusOut=${leave}>
      ${again.value && html`<${Note}><p>${t('draftKept')} <button type="button" class="link" onClick=${fresh}>${t('draftFresh')}</button></p></${Note}>`}
      <${Form} form=${form} label=${t('questions')} onSubmit=${() => form.submit(send, (filled) => wrongIn(schema, filled))}>
        <${Questions} form=${form} schema=${schema} typed=${typedOf(values)} prefix=${PREFIX} />
        <${Field} form=${form} name="effective_date" kind="date" label=${t('formStart')} min=${today()} max=${last} />
        <${Field} form=${form} name="reference" label=${t('formReference')} hint=${t('formReferenceHint')} optional maxlength="100" autocomplete="off" />
        <${Submit} form=${form}>${t('formSubmit')}</${Submit}>
        <p class="quiet small">${t('draftNote', { days: DRAFT_DAYS })}</p></${Form}></div>
    <div class="beside"><${Beside} estimate=${estimate} schema=${schema} explain=${explain} /></div></div>`;
}

// A quote whose answers a variant begins with: ?from=ID.
async function firstValues(from, product, signal) {
  if (!from) return { first: draftOf(product)?.values, resumed: draftOf(product) !== null };
  const { data } = await get(`/quotes/${from}/explanation`, { signal });
  return { first: valuesOf(data.answers), resumed: false };
}

export default function QuoteForm({ params }) {
  const from = place.value.query.get('from');
  const of = useLoad(async (signal) => {
    const [{ data: schema }, values] = await Promise.all([
      get(`/products/${params.product}`, { signal }), firstValues(from, params.product, signal)]);
    return { schema, ...values };
  }, [params.product, language.value], { keepOld: true });
  const title = of.data ? t('formTitle', { product: of.data.schema.title }) : t('chooseTitle');
  return html`<${Page} title=${title} trail=${[{ href: '/quotes', text: t('title') }, { href: '/quotes/new', text: t('new') }]}>
    <${Loaded} of=${of} lines=${10}>${(data) => html`<${Filled} product=${params.product} schema=${data.schema} first=${data.first} resumed=${data.resumed} />`}</${Loaded}></${Page}>`;
}
