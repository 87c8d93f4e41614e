// One application: who asks for what, what happened, and the steps that the caller may take.
import { call, get, thing } from '../parts/api.js';
import { ask, Dialog } from '../parts/dialog.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { date, instant, money } from '../parts/format.js';
import { html, useEffect, useSignal } from '../parts/html.js';
import { Loaded, Page, problemText, useLoad } from '../parts/page.js';
import { AnswerFacts, useSchema } from '../parts/answers.js';
import { may } from '../parts/session.js';
import { Card, Facts, Note, Timeline } from '../parts/show.js';
import { happenings, loadProducts, productTitle, State, word } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import applications from '../texts/applications.js';

const t = texts(applications);
const reasons = {
  approve: ['risk_acceptable', 'information_verified', 'other'],
  reject: ['risk_too_high', 'information_missing', 'information_untrue', 'other'],
};

const Applicant = ({ of }) => {
  const { applicant } = of;
  if (!applicant) return html`<p class="quiet">${t('erased')}</p>`;
  const name = [applicant.initials, applicant.name_prefix, applicant.last_name].filter(Boolean).join(' ');
  return html`<${Facts} rows=${[
    [t('company'), applicant.company_name], [t('register'), applicant.trade_register_number], [t('nameOf'), name],
    [t('birthDate'), applicant.birth_date && date(applicant.birth_date)],
    [t('address'), `${applicant.street} ${applicant.house_number}${applicant.house_number_addition ?? ''}, ${applicant.postcode} ${applicant.city}`],
    [t('email'), html`<a href=${`mailto:${applicant.email}`}>${applicant.email}</a>`],
    [t('telephone'), applicant.telephone && html`<a href=${`tel:${applicant.telephone.replace(/[^+\d]/g, '')}`}>${applicant.telephone}</a>`],
    [t('account'), of.iban], [t('holder'), of.account_holder],
  ]} />`;
};

// A step under the revision that was seen: who acts on something older is told, and sees the newest.
async function step(of, name, body) {
  try {
    await call('POST', `/applications/${of.data.id}/${name}`, { body, again: true, revision: of.data.etag });
    return true;
  } catch (problem) {
    if (problem.status !== 412 && problem.status !== 409) throw problem;
    say(t('changedMeanwhile'), 'info');
    return false;
  } finally {
    of.reload();
  }
}

function Decide({ of }) {
  const form = useForm({ decision: undefined, reason: undefined, note: '' });
  const decision = form.get('decision');
  const check = (values) => missing(values, [['decision', t('decision')], ['reason', t('reason')], ['note', t('note')]]);
  const send = async (values) => {
    if (await step(of, 'decide', values)) say(t(values.decision === 'approve' ? 'decidedApprove' : 'decidedReject'));
  };
  return html`<${Card} title=${t('decide')}><p class="quiet">${t('decideLead')}</p>
    <${Form} form=${form} label=${t('decide')} onSubmit=${() => form.submit(send, check)}>
      <${Field} form=${form} name="decision" kind="radio" label=${t('decision')} onInput=${() => form.set('reason', undefined)}
        choices=${[{ value: 'approve', label: t('approve') }, { value: 'reject', label: t('reject') }]} />
      ${decision && html`<${Field} form=${form} name="reason" kind="radio" label=${t('reason')} choices=${reasons[decision].map((value) => ({ value, label: word('reason', value) }))} />`}
      <${Field} form=${form} name="note" kind="textarea" label=${t('note')} hint=${t('noteDesk')} maxlength="2000" />
      <${Submit} form=${form}>${t('decideSubmit')}</${Submit}></${Form}></${Card}>`;
}

function Withdraw({ of, onClose }) {
  const form = useForm({ note: '' });
  const send = async ({ note }) => {
    const done = await step(of, 'withdraw', note.trim() ? { note: note.trim() } : {});
    onClose();
    if (done) say(t('withdrawDone'));
  };
  return html`<${Dialog} title=${t('withdrawTitle')} onClose=${onClose}><p>${t('withdrawText')}</p>
    <${Form} form=${form} onSubmit=${() => form.submit(send)}>
      <${Field} form=${form} name="note" kind="textarea" label=${t('note')} hint=${t('noteHint')} optional maxlength="2000" />
      <${Submit} form=${form} kind="danger">${t('withdraw')}</${Submit}></${Form}></${Dialog}>`;
}

function Shown({ of }) {
  const application = of.data;
  const withdrawing = useSignal(false);
  const schema = useSchema(application.product, may('GetProduct'));
  const { steps } = application;
  const quote = useLoad(async (signal) => (application.quote_reasons.length && may('GetQuote') ? (await get(`/quotes/${application.quote_id}`, { signal })).data : null), [application.quote_id, language.value]);
  // What acceptance asked, for the titles of its answers.
  const asked = useLoad(async (signal) => (may('GetAcceptance') ? (await get(`/quotes/${application.quote_id}/acceptance`, { signal })).data.questions : null), [application.quote_id, language.value]);
  const titleOf = (name) => asked.data?.properties?.[name]?.title ?? name.replaceAll('_', ' ');
  const reason = (code) => quote.data?.reasons.find((one) => one.code === code)?.text ?? code;
  const decides = may('DecideApplication') && (steps.includes('approve') || steps.includes('reject'));
  const issue = async () => {
    if (!await ask({ title: t('issue'), confirm: t('issue') })) return;
    try {
      if (await step(of, 'issue')) say(t('issued'));
    } catch (problem) {
      say(problemText(problem), 'bad');
    }
  };
  return html`<div class="split"><div class="stack">
      ${application.status === 'in_review' && !decides && html`<${Note}><p>${t('waiting')}</p></${Note}>`}
      <${Card} title=${t('facts')} actions=${html`
        ${application.policy_id && html`<a class="button small" href=${`/policies/${application.policy_id}`}>${t('openPolicy')}</a>`}
        ${may('GetQuote') && html`<a class="button small" href=${`/quotes/${application.quote_id}`}>${t('openQuote')}</a>`}`}>
        <${Facts} rows=${[
    [t('product'), productTitle(application.product)], [t('start'), date(application.effective_date)],
    [t('total'), money(application.total)], [t('term'), word('term', application.term)], [t('instalment'), money(application.instalment)],
    [t('commission'), money(application.commission)], [t('reference'), application.reference], [t('policy'), application.policy_number],
    [t('received'), instant(application.created_at)], [t('changed'), instant(application.changed_at)],
  ]} /></${Card}>
      <${Card} title=${t('applicant')}><${Applicant} of=${application} /></${Card}>
      ${application.quote_reasons.length > 0 && html`<${Card} title=${t('quoteReasons')}><ul>${application.quote_reasons.map((code) => html`<li>${reason(code)}</li>`)}</ul></${Card}>`}
      ${application.answers && Object.keys(application.answers).length > 0 && html`<${Card} title=${t('answers')}>
        <${AnswerFacts} schema=${asked.data} answers=${application.answers} />
        ${application.answers_withheld.length > 0 && html`<p class="quiet small">${t('withheld', { names: application.answers_withheld.map((name) => `‘${titleOf(name)}’`).join(', ') })}</p>`}</${Card}>`}
      ${application.quote_answers && html`<${Card} title=${t('quoteAnswers')}><${AnswerFacts} schema=${schema} answers=${application.quote_answers} /></${Card}>`}
    </div><div class="beside stack">
      ${decides && html`<${Decide} of=${of} />`}
      ${steps.includes('issue') && may('IssuePolicy') && html`<button type="button" class="button primary" onClick=${issue}>${t('issue')}</button>`}
      <${Card} title=${t('history')}><${Timeline} events=${happenings(application.events)} /></${Card}>
      ${steps.includes('withdraw') && may('WithdrawApplication') && html`<button type="button" class="button" onClick=${() => { withdrawing.value = true; }}>${t('withdraw')}</button>`}
    </div></div>
    ${withdrawing.value && html`<${Withdraw} of=${of} onClose=${() => { withdrawing.value = false; }} />`}`;
}

export default function Application({ params }) {
  useEffect(loadProducts, [language.value]);
  const of = useLoad((signal) => thing(`/applications/${params.id}`, { signal }), [params.id, language.value], { keepOld: true });
  const name = of.data?.reference ?? of.data?.policy_number ?? t('one');
  return html`<${Page} title=${name} trail=${[{ href: '/applications', text: t('title') }]} badge=${of.data && html`<${State} of=${of.data.status} />`}>
    <${Loaded} of=${of}>${() => html`<${Shown} of=${of} />`}</${Loaded}></${Page}>`;
}
