// One policy: its terms through time, what happened to it, and how it ends.
import { call, thing } from '../parts/api.js';
import { Dialog } from '../parts/dialog.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { addDays, date, dateShort, instant, money } from '../parts/format.js';
import { html, useEffect, useSignal } from '../parts/html.js';
import { Icon } from '../parts/icon.js';
import { Loaded, Page, useLoad } from '../parts/page.js';
import { may, session } from '../parts/session.js';
import { Card, Facts, Note, Timeline } from '../parts/show.js';
import { happenings, loadProducts, productTitle, State, word } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import policies from '../texts/policies.js';

const t = texts(policies);
const REASONS = ['policyholder', 'risk_gone'];
const REASONS_ORGANISATION = [...REASONS, 'unpaid', 'untrue_information', 'insurer'];

// Ending a policy: `how` is cancel or withdraw.
function End({ of, how, onClose }) {
  const form = useForm({ reason: undefined, end_date: '', note: '' });
  const cancels = how === 'cancel';
  const send = async (values) => {
    const body = { ...(values.note.trim() ? { note: values.note.trim() } : {}) };
    if (cancels) Object.assign(body, { reason: values.reason }, values.end_date ? { end_date: values.end_date } : {});
    try {
      await call('POST', `/policies/${of.data.id}/${how}`, { body, again: true, revision: of.data.etag });
      say(t(cancels ? 'cancelDone' : 'withdrawDone'));
    } catch (problem) {
      if (problem.status !== 412) throw problem;
      say(t('changedMeanwhile'), 'info');
    }
    of.reload();
    onClose();
  };
  const reasons = session.value.partner ? REASONS : REASONS_ORGANISATION;
  return html`<${Dialog} title=${t(cancels ? 'cancelTitle' : 'withdrawTitle')} onClose=${onClose}>
    <p>${t(cancels ? 'cancelText' : 'withdrawText')}</p>
    <${Form} form=${form} onSubmit=${() => form.submit(send, (values) => (cancels ? missing(values, [['reason', t('cancelReason')]]) : {}))}>
      ${cancels && html`<${Field} form=${form} name="reason" kind="radio" label=${t('cancelReason')} choices=${reasons.map((value) => ({ value, label: word('reason', value) }))} />
        <${Field} form=${form} name="end_date" kind="date" label=${t('cancelEnd')} hint=${t('cancelEndHint')} optional />`}
      <${Field} form=${form} name="note" kind="textarea" label=${t('note')} hint=${t('noteHint')} optional maxlength="2000" />
      <${Submit} form=${form} kind="danger">${t(how)}</${Submit}></${Form}></${Dialog}>`;
}

const Terms = ({ terms }) => html`<table class="plain"><thead><tr><th scope="col">${t('from')}</th><th scope="col">${t('until')}</th><th scope="col">${t('cause')}</th><th scope="col" class="number">${t('total')}</th></tr></thead>
  <tbody>${terms.map((one) => html`<tr><th scope="row">${dateShort(one.from_date)}</th><td>${one.until_date ? dateShort(addDays(one.until_date, -1)) : t('now')}</td><td>${word('cause', one.cause)}</td><td class="number">${money(one.total)}</td></tr>`)}</tbody></table>`;

function Shown({ of }) {
  const policy = of.data;
  const ending = useSignal(null);
  const can = (step, operation) => policy.steps.includes(step) && may(operation);
  return html`<div class="split"><div class="stack">
      ${policy.renewal_id && html`<${Note}><p>${t('renewal')}</p></${Note}>`}
      <${Card} title=${t('facts')}><${Facts} rows=${[
    [t('product'), productTitle(policy.product)], [t('total'), money(policy.total)], [t('term'), word('term', policy.term)], [t('instalment'), money(policy.instalment)],
    [t('start'), date(policy.effective_date)], [t('due'), policy.due_date && date(policy.due_date)], [t('withdrawUntil'), policy.withdraw_until && date(policy.withdraw_until)],
    [t('earliest'), policy.earliest_end_date && date(policy.earliest_end_date)], [t('end'), policy.end_date && date(policy.end_date)], [t('refund'), policy.refund && money(policy.refund)],
    [t('reference'), policy.reference], [t('issued'), instant(policy.issued_at)],
  ]} /></${Card}>
      <${Card} title=${t('terms')}><${Terms} terms=${policy.terms} /></${Card}>
      <p class="actions">${may('GetApplication') && html`<a class="button" href=${`/applications/${policy.application_id}`}>${t('openApplication')}</a>`}
        ${may('GetQuote') && html`<a class="button" href=${`/quotes/${policy.quote_id}`}>${t('openQuote')}</a>`}</p>
    </div><div class="beside stack">
      <${Card} title=${t('history')}><${Timeline} events=${happenings(policy.events)} /></${Card}>
      <p class="actions">${can('withdraw', 'WithdrawPolicy') && html`<button type="button" class="button" onClick=${() => { ending.value = 'withdraw'; }}>${t('withdraw')}</button>`}
        ${can('cancel', 'CancelPolicy') && html`<button type="button" class="button" onClick=${() => { ending.value = 'cancel'; }}>${t('cancel')}</button>`}</p>
    </div></div>
    ${ending.value && html`<${End} of=${of} how=${ending.value} onClose=${() => { ending.value = null; }} />`}`;
}

export default function Policy({ params }) {
  useEffect(loadProducts, [language.value]);
  const of = useLoad((signal) => thing(`/policies/${params.id}`, { signal }), [params.id, language.value], { keepOld: true });
  const pdf = of.data && may('GetPolicyDocument') && html`<a class="button" href=${`/api/v1/policies/${params.id}/document`} target="_blank" rel="noopener"><${Icon} name="download" />${t('pdf')}</a>`;
  return html`<${Page} title=${of.data?.number ?? t('one')} trail=${[{ href: '/policies', text: t('title') }]} badge=${of.data && html`<${State} of=${of.data.status} />`} actions=${pdf}>
    <${Loaded} of=${of}>${() => html`<${Shown} of=${of} />`}</${Loaded}></${Page}>`;
}
