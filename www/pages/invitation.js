// From the link of an invitation to the first page: password, authenticator app, recovery codes.
// Also where somebody comes who logged in without a second factor, from its second step on.
import { call, get } from '../parts/api.js';
import { FactorSetup, RecoveryCodes } from '../parts/factor.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { html, useSignal } from '../parts/html.js';
import { NewPassword, wrongPassword } from '../parts/new_password.js';
import { Failed, Loading, Page, useLoad } from '../parts/page.js';
import { go } from '../parts/router.js';
import { loadSession, logOut, session } from '../parts/session.js';
import { texts } from '../parts/text.js';
import login from '../texts/login.js';
import shell from '../texts/shell.js';

const t = texts(login);
const common = texts(shell);
const STEPS = ['stepPassword', 'stepApp', 'stepCodes'];

function Password({ token, invited, onDone }) {
  const form = useForm({ name: invited.name ?? '', password: '' });
  const check = (values) => ({ ...missing(values, [['name', t('name')]]), ...wrongPassword(values.password) });
  const send = async (values) => {
    await call('POST', `/invitations/${encodeURIComponent(token)}`, { body: { name: values.name.trim(), password: values.password }, asStranger: true });
    onDone();
  };
  return html`<p>${invited.partner_name ? t('invitationLead', { firm: invited.partner_name }) : t('invitationLeadPlain')}</p>
    <${Form} form=${form} label=${t('stepPassword')} onSubmit=${() => form.submit(send, check)}>
      <input type="email" class="hidden" autocomplete="username" value=${invited.email} readonly tabindex="-1" aria-hidden="true" />
      <${Field} form=${form} name="name" label=${t('name')} hint=${t('nameHint')} autocomplete="name" maxlength="100" />
      <${NewPassword} form=${form} />
      <${Submit} form=${form}>${t('next')}</${Submit}></${Form}>`;
}

export default function Invitation({ params }) {
  const missingFactor = session.value !== null && !params.token;
  const step = useSignal(missingFactor ? 1 : 0);
  const codes = useSignal([]);
  const invited = useLoad(async (signal) => (missingFactor ? {} : (await get(`/invitations/${encodeURIComponent(params.token)}`, { signal, asStranger: true })).data), [params.token]);
  if (invited.failed && [401, 404, 410].includes(invited.failed.status)) {
    return html`<${Page} key="gone" title=${t('linkGoneTitle')}><p role="alert">${t('invitationGoneText')}</p><p><a class="button primary" href="/login">${t('toLogin')}</a></p></${Page}>`;
  }
  const done = async () => {
    await loadSession();
    go('/', { replace: true });
  };
  const leave = async () => {
    await logOut().catch(() => {});
    go('/login');
  };
  return html`<${Page} title=${t('invitationTitle')}>
    <ol class="steps" aria-label=${t('steps')}>${STEPS.map((key, index) => html`<li class=${index < step.value ? 'done' : ''} aria-current=${index === step.value ? 'step' : undefined}>${t(key)}</li>`)}</ol>
    ${missingFactor && step.value === 1 && html`<p>${t('mustFactor')}</p>`}
    ${invited.failed ? html`<${Failed} problem=${invited.failed} retry=${invited.reload} />`
    : !invited.data ? html`<${Loading} />`
      : step.value === 0 ? html`<${Password} token=${params.token} invited=${invited.data} onDone=${() => { step.value = 1; }} />`
        : step.value === 1 ? html`<${FactorSetup} onDone=${(list) => { codes.value = list; step.value = 2; }} />`
          : html`<${RecoveryCodes} codes=${codes.value} onDone=${done} />`}
    ${missingFactor && step.value === 1 && html`<p><button type="button" class="link" onClick=${leave}>${common('logout')}</button></p>`}</${Page}>`;
}
