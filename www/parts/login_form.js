// Logging in: address and password, then the code of the second factor or a recovery code. On the
// login page, and in the dialog when a session ended.
import { Problem } from './api.js';
import { Field, Form, missing, Submit, useForm } from './form.js';
import { html, useEffect, useSignal } from './html.js';
import { logIn } from './session.js';
import { texts } from './text.js';
import login from '../texts/login.js';

const t = texts(login);

// `email`: whose login it is, when that is known; `onDone(other)`: other is true when somebody else
// logged in than before.
export function LoginForm({ email = '', onDone }) {
  const form = useForm({ email, password: '', totp: '', recovery_code: '' });
  const step = useSignal('password'); // password, totp, recovery
  useEffect(() => {
    const first = { totp: 'f-totp', recovery: 'f-recovery_code' }[step.value];
    if (first) document.getElementById(first)?.focus();
  }, [step.value]);
  const code = { totp: 'totp', recovery: 'recovery_code' }[step.value];
  const send = async (values) => {
    const given = code ? { [code]: values[code].trim() } : {};
    try {
      onDone(await logIn({ email: values.email.trim(), password: values.password, ...given }));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code === 'second_factor_required' && !code) {
        step.value = 'totp';
        return;
      }
      if (problem.status === 401) {
        if (code) form.set(code, '');
        form.fail(code ? { [code]: t(`wrong_${code}`) } : {}, code ? null : t('wrong'));
        return;
      }
      throw problem;
    }
  };
  const check = (values) => missing(values, code ? [[code, t(code)]] : [['email', t('email')], ['password', t('password')]]);
  const submit = () => form.submit(send, check);
  const again = () => {
    step.value = 'password';
    form.set('password', '');
  };
  if (code) {
    return html`<${Form} key="code" form=${form} onSubmit=${submit} label=${t('secondFactor')}>
      <p>${t(step.value === 'totp' ? 'totpText' : 'recoveryText')}</p>
      ${step.value === 'totp'
    ? html`<${Field} key="totp" form=${form} name="totp" label=${t('totp')} hint=${t('totpHint')} kind="code" size="8" maxlength="8" />`
    : html`<${Field} key="recovery" form=${form} name="recovery_code" label=${t('recovery_code')} hint=${t('recoveryHint')} autocapitalize="none" autocomplete="off" spellcheck=${false} />`}
      <${Submit} form=${form}>${t('submit')}</${Submit}>
      <p class="actions"><button type="button" class="link" onClick=${() => { step.value = step.value === 'totp' ? 'recovery' : 'totp'; }}>${t(step.value === 'totp' ? 'useRecovery' : 'useTotp')}</button>
      <button type="button" class="link" onClick=${again}>${t('startAgain')}</button></p></${Form}>`;
  }
  return html`<${Form} key="password" form=${form} onSubmit=${submit} label=${t('title')}>
    <${Field} form=${form} name="email" label=${t('email')} kind="email" autocomplete="username" />
    <${Field} form=${form} name="password" label=${t('password')} kind="password" autocomplete="current-password" />
    <${Submit} form=${form}>${t('submit')}</${Submit}></${Form}>`;
}
