// A new password through the link of a mail; the second factor is asked for all the same.
import { call } from '../parts/api.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { html, useSignal } from '../parts/html.js';
import { NewPassword, wrongPassword } from '../parts/new_password.js';
import { Page } from '../parts/page.js';
import { texts } from '../parts/text.js';
import login from '../texts/login.js';

const t = texts(login);

export default function Reset({ params }) {
  const form = useForm({ password: '', totp: '', recovery_code: '' });
  const state = useSignal('open'); // open, done, gone
  const factor = useSignal(null); // which code is asked for: totp, recovery_code
  const check = (values) => ({ ...wrongPassword(values.password), ...(factor.value ? missing(values, [[factor.value, t(factor.value)]]) : {}) });
  const send = async (values) => {
    const code = factor.value ? { [factor.value]: values[factor.value].trim() } : {};
    try {
      await call('POST', `/password-resets/${encodeURIComponent(params.token)}`, { body: { password: values.password, ...code }, asStranger: true });
      state.value = 'done';
    } catch (problem) {
      if (problem.status === 404 || problem.status === 410) {
        state.value = 'gone';
      } else if (problem.code === 'second_factor_required') {
        factor.value = 'totp';
      } else if (problem.status === 401 && factor.value) {
        form.fail({ [factor.value]: t(`wrong_${factor.value}`) });
      } else {
        throw problem;
      }
    }
  };
  if (state.value === 'done') {
    return html`<${Page} key="done" title=${t('resetDone')}><p role="status">${t('resetDoneText')}</p><p><a class="button primary" href="/login">${t('toLogin')}</a></p></${Page}>`;
  }
  if (state.value === 'gone') {
    return html`<${Page} key="gone" title=${t('linkGoneTitle')}><p role="alert">${t('linkGoneText')}</p><p><a class="button primary" href="/forgotten">${t('askNewLink')}</a></p></${Page}>`;
  }
  return html`<${Page} title=${t('resetTitle')}><p>${t('resetLead')}</p>
    <${Form} form=${form} label=${t('resetTitle')} onSubmit=${() => form.submit(send, check)}>
      <${NewPassword} form=${form} />
      ${factor.value && html`<p>${t('resetFactor')}</p>`}
      ${factor.value === 'totp' && html`<${Field} key="totp" form=${form} name="totp" label=${t('totp')} hint=${t('totpHint')} kind="code" size="8" maxlength="8" />`}
      ${factor.value === 'recovery_code' && html`<${Field} key="recovery" form=${form} name="recovery_code" label=${t('recovery_code')} hint=${t('recoveryHint')} autocomplete="off" />`}
      <${Submit} form=${form}>${t('resetSubmit')}</${Submit}>
      ${factor.value && html`<p><button type="button" class="link" onClick=${() => { factor.value = factor.value === 'totp' ? 'recovery_code' : 'totp'; }}>${t(factor.value === 'totp' ? 'useRecovery' : 'useTotp')}</button></p>`}
    </${Form}></${Page}>`;
}
