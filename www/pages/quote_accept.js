// Accepting a quote in steps. The step stands in the address, so that the back button goes one step
// back; what is filled in stays in memory until it is sent, for it is personal data.
import { get, post } from '../parts/api.js';
import { AnswerFacts, answersOf, Questions, wrongAnswers } from '../parts/answers.js';
import { createForm, Field, Form, missing, Submit } from '../parts/form.js';
import { date, money } from '../parts/format.js';
import { html, useEffect, useMemo, useRef } from '../parts/html.js';
import { ask } from '../parts/dialog.js';
import { Loaded, Page, useLoad } from '../parts/page.js';
import { go, place, setGuard, setQuery } from '../parts/router.js';
import { Card, Facts } from '../parts/show.js';
import { loadProducts, productTitle, word } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import quotes from '../texts/quotes.js';
import shell from '../texts/shell.js';

const t = texts(quotes);
const common = texts(shell);
const STEPS = ['applicant', 'payment', 'questions', 'check'];
const STEP_TEXTS = { applicant: 'stepApplicant', payment: 'stepPayment', questions: 'stepQuestions', check: 'stepCheck' };
const PREFIX = 'answers/';
const A = 'applicant/';

const typedOf = (values) => Object.fromEntries(Object.entries(values)
  .filter(([name]) => name.startsWith(PREFIX)).map(([name, value]) => [name.slice(PREFIX.length), value]));

// The check of an account number: letters as numbers, modulo 97 is 1.
function ibanHolds(text) {
  const iban = text.replace(/\s/g, '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => letter.charCodeAt(0) - 55);
  return BigInt(digits) % 97n === 1n;
}

function wrongApplicant(values) {
  const person = values[`${A}kind`] === 'person';
  const wrong = missing(values, [
    [`${A}kind`, t('kind')],
    ...(person ? [] : [[`${A}company_name`, t('company')], [`${A}trade_register_number`, t('register')]]),
    [`${A}initials`, t('initials')], [`${A}last_name`, t('lastName')], ...(person ? [[`${A}birth_date`, t('birthDate')]] : []),
    [`${A}email`, t('email')], [`${A}street`, t('street')], [`${A}house_number`, t('house')], [`${A}postcode`, t('postcode')], [`${A}city`, t('city')], [`${A}country`, t('country')],
  ]);
  if (values[`${A}birth_date`] === 'unfinished') wrong[`${A}birth_date`] = common('error_date');
  if (values[`${A}email`] && !/^\S+@\S+$/.test(values[`${A}email`].trim())) wrong[`${A}email`] = common('error_email');
  return wrong;
}

const wrongIn = {
  applicant: wrongApplicant,
  payment: (values) => ({
    ...missing(values, [['term', t('howOften')], ['iban', t('iban')], ['account_holder', t('holder')]]),
    ...(values.iban?.trim() && !ibanHolds(values.iban) ? { iban: t('ibanBad') } : {}),
  }),
  questions: (values, { acceptance }) => wrongAnswers(acceptance.questions, typedOf(values), PREFIX),
  check: (values, { quote, acceptance }) => ({
    ...Object.fromEntries(quote.documents.filter((one) => acceptance.documents.includes(one.code) && !values[`shown_${one.code}`])
      .map((one) => [`shown_${one.code}`, t('shownError', { title: one.title })])),
    ...(values.commission_told ? {} : { commission_told: t('commissionError') }),
    ...(values.consent ? {} : { consent: t('consentError') }),
  }),
};

function bodyOf(values, { acceptance }) {
  const applicant = {};
  for (const [name, value] of Object.entries(values)) {
    const text = name.startsWith(A) && String(value ?? '').trim();
    if (text) applicant[name.slice(A.length)] = text;
  }
  for (const name of applicant.kind === 'person' ? ['company_name', 'trade_register_number'] : ['birth_date']) delete applicant[name];
  const answers = answersOf(acceptance.questions, typedOf(values));
  return {
    applicant, iban: values.iban.trim(), account_holder: values.account_holder.trim(), term: values.term,
    ...(Object.keys(answers).length ? { answers } : {}),
    consent: { version: acceptance.consent_version, given: true }, commission: acceptance.commission, documents_shown: acceptance.documents,
  };
}

const stepOf = (name) => (name.startsWith(A) ? 'applicant' : name.startsWith(PREFIX) ? 'questions'
  : ['iban', 'account_holder', 'term'].includes(name) ? 'payment' : 'check');

// ---- the steps ----
const Applicant = ({ form }) => {
  const person = form.get(`${A}kind`) !== 'company';
  const field = (name, label, more = {}) => html`<${Field} form=${form} name=${A + name} label=${t(label)} autocomplete="off" ...${more} />`;
  return html`
    <${Field} form=${form} name=${`${A}kind`} kind="radio" label=${t('kind')} choices=${['person', 'company'].map((value) => ({ value, label: word('kind', value) }))} />
    ${!person && field('company_name', 'company', { maxlength: 200 })}
    ${!person && field('trade_register_number', 'register', { hint: t('registerHint'), size: '12', inputmode: 'numeric' })}
    <div class="row">${field('initials', person ? 'initials' : 'initialsCompany', { size: '12', maxlength: 20 })}${field('name_prefix', 'prefix', { optional: true, size: '12', maxlength: 20 })}</div>
    ${field('last_name', 'lastName', { maxlength: 100 })}
    ${person && field('birth_date', 'birthDate', { kind: 'date', min: '1900-01-01' })}
    <div class="row">${field('postcode', 'postcode', { size: '12' })}${field('house_number', 'house', { size: '8', inputmode: 'numeric' })}${field('house_number_addition', 'addition', { optional: true, size: '8' })}</div>
    ${field('street', 'street')}${field('city', 'city')}${field('country', 'country', { hint: t('countryHint'), size: '4', maxlength: 2 })}
    ${field('email', 'email', { kind: 'email' })}${field('telephone', 'telephone', { kind: 'tel', optional: true })}`;
};

const Payment = ({ form, data }) => html`
  <${Field} form=${form} name="term" kind="radio" label=${t('howOften')} choices=${data.quote.premium.terms.filter((term) => data.acceptance.terms.includes(term.code))
    .map((term) => ({ value: term.code, label: `${word('term', term.code)}: ${money(term.instalment)}`, hint: term.instalments > 1 ? `${t('ayear')}: ${money(term.total)}` : undefined }))} />
  <${Field} form=${form} name="iban" label=${t('iban')} hint=${t('ibanHint')} autocomplete="off" spellcheck=${false} />
  <${Field} form=${form} name="account_holder" label=${t('holder')} autocomplete="off" maxlength="100" />`;

const Final = ({ form, data }) => (Object.keys(data.acceptance.questions.properties ?? {}).length
  ? html`<${Questions} form=${form} schema=${data.acceptance.questions} typed=${typedOf(form.values.value)} prefix=${PREFIX} />`
  : html`<p>${t('noQuestions')}</p>`);

function Check({ form, data, to }) {
  const { acceptance, quote } = data;
  const body = bodyOf(form.values.value, data);
  const one = body.applicant;
  const edit = (step) => html`<button type="button" class="button plain small" aria-label=${`${t('change')}: ${t(STEP_TEXTS[step])}`} onClick=${() => to(step)}>${t('change')}</button>`;
  const documents = quote.documents.filter((document) => acceptance.documents.includes(document.code));
  return html`
    <${Card} title=${t('checkApplicant')} actions=${edit('applicant')}><${Facts} rows=${[
  [t('company'), one.company_name], [t('lastName'), [one.initials, one.name_prefix, one.last_name].filter(Boolean).join(' ')], [t('birthDate'), one.birth_date && date(one.birth_date)],
  [t('street'), `${one.street} ${one.house_number}${one.house_number_addition ?? ''}`], [t('city'), `${one.postcode} ${one.city}`], [t('email'), one.email], [t('telephone'), one.telephone],
]} /></${Card}>
    <${Card} title=${t('checkPayment')} actions=${edit('payment')}><${Facts} rows=${[[t('terms'), word('term', body.term)], [t('iban'), body.iban], [t('holder'), body.account_holder]]} /></${Card}>
    ${body.answers && html`<${Card} title=${t('stepQuestions')} actions=${edit('questions')}><${AnswerFacts} schema=${acceptance.questions} answers=${body.answers} /></${Card}>`}
    ${documents.length > 0 && html`<section class="stack"><h2>${t('shown')}</h2><ul class="plain-list">${documents.map((document) => html`<li><a href=${new URL(document.url).pathname} target="_blank" rel="noopener">${document.title}</a></li>`)}</ul>
      ${documents.map((document) => html`<${Field} form=${form} name=${`shown_${document.code}`} kind="checkbox" label=${t('shownText', { title: document.title })} />`)}</section>`}
    <section class="stack"><h2>${t('commission')}</h2><p>${t('commissionText', { amount: money(acceptance.commission) })}</p>
      <${Field} form=${form} name="commission_told" kind="checkbox" label=${t('commissionTold')} /></section>
    <section class="stack"><h2>${t('consent')}</h2><${Field} form=${form} name="consent" kind="checkbox" label=${acceptance.consent} />
      <p class="quiet">${t('withdrawal', { count: acceptance.withdrawal_days })}</p></section>`;
}

const parts = { applicant: Applicant, payment: Payment, questions: Final, check: Check };

function Steps({ id, data }) {
  const form = useMemo(() => createForm({ [`${A}kind`]: 'person', [`${A}country`]: 'NL' }), []);
  const heading = useRef(null);
  const reached = useRef(0);
  const asked = STEPS.indexOf(place.value.query.get('step'));
  const at = Math.max(0, Math.min(asked, reached.current));
  const step = STEPS[at];
  useEffect(() => {
    setGuard(async () => ask({ title: common('leaveTitle'), text: common('leaveText'), confirm: common('leave'), danger: true }));
    const stay = (event) => event.preventDefault();
    addEventListener('beforeunload', stay);
    return () => {
      removeEventListener('beforeunload', stay);
      setGuard(null);
    };
  }, []);
  useEffect(() => {
    if (asked > 0) heading.current?.focus();
  }, [step]);
  const to = (name) => {
    setQuery({ step: name }, { replace: false });
    scrollTo(0, 0);
  };
  const next = () => form.submit(async () => {
    reached.current = Math.max(reached.current, at + 1);
    to(STEPS[at + 1]);
  }, (values) => wrongIn[step](values, data));
  const send = () => form.submit(async (values) => {
    try {
      const { data: application } = await post(`/quotes/${id}/accept`, bodyOf(values, data), { again: true });
      setGuard(null);
      say(t('accepted'));
      go(`/applications/${application.id}`, { replace: true });
    } catch (problem) {
      const first = problem.errors?.[0]?.pointer.replace(/^\//, '');
      if (first && stepOf(first) !== 'check') to(stepOf(first));
      throw problem;
    }
  }, (values) => wrongIn.check(values, data));
  return html`<ol class="steps" aria-label=${t('steps')}>${STEPS.map((name, index) => html`<li class=${index < at ? 'done' : ''} aria-current=${index === at ? 'step' : undefined}>${t(STEP_TEXTS[name])}</li>`)}</ol>
    <${Form} form=${form} onSubmit=${step === 'check' ? send : next} label=${t(STEP_TEXTS[step])}>
      <h2 tabindex="-1" ref=${heading}>${step === 'check' ? t('check') : t(STEP_TEXTS[step])}</h2>
      <${parts[step]} form=${form} data=${data} to=${to} />
      <p class="actions"><${Submit} form=${form}>${t(step === 'check' ? 'acceptSubmit' : 'next')}</${Submit}>
        ${at > 0 && html`<button type="button" class="button plain" onClick=${() => history.back()}>${t('previous')}</button>`}</p></${Form}>`;
}

export default function QuoteAccept({ params }) {
  useEffect(loadProducts, [language.value]);
  const of = useLoad(async (signal) => {
    const [quote, acceptance] = await Promise.all([get(`/quotes/${params.id}`, { signal }), get(`/quotes/${params.id}/acceptance`, { signal })]);
    return { quote: quote.data, acceptance: acceptance.data };
  }, [params.id, language.value], { keepOld: true });
  return html`<${Page} narrow title=${t('acceptTitle')} trail=${[{ href: '/quotes', text: t('title') }, { href: `/quotes/${params.id}`, text: of.data?.quote.reference ?? t('one') }]}
    lead=${of.data && `${productTitle(of.data.quote.product)}, ${money(of.data.quote.premium.total)} ${t('perYear')}`}>
    <${Loaded} of=${of}>${(data) => html`<${Steps} id=${params.id} data=${data} />`}</${Loaded}></${Page}>`;
}
