// A forgotten password: the answer is the same whether or not the address is somebody's.
import { post } from '../parts/api.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { html, useSignal } from '../parts/html.js';
import { Page } from '../parts/page.js';
import { texts } from '../parts/text.js';
import login from '../texts/login.js';
import shell from '../texts/shell.js';

const t = texts(login);
const common = texts(shell);

export default function Forgotten() {
  const form = useForm({ email: '' });
  const sent = useSignal(null);
  const check = (values) => {
    const wrong = missing(values, [['email', t('email')]]);
    return wrong.email || /^\S+@\S+$/.test(values.email.trim()) ? wrong : { email: common('error_email') };
  };
  const send = async (values) => {
    await post('/password-resets', { email: values.email.trim() }, { asStranger: true });
    sent.value = values.email.trim();
  };
  const back = html`<p><a href="/login">${t('backToLogin')}</a></p>`;
  if (sent.value) {
    return html`<${Page} key="sent" title=${t('forgottenDone')}><p role="status">${t('forgottenDoneText', { email: sent.value })}</p>${back}</${Page}>`;
  }
  return html`<${Page} title=${t('forgottenTitle')}><p>${t('forgottenLead')}</p>
    <${Form} form=${form} label=${t('forgottenTitle')} onSubmit=${() => form.submit(send, check)}>
      <${Field} form=${form} name="email" label=${t('email')} kind="email" autocomplete="username" />
      <${Submit} form=${form}>${t('forgottenSubmit')}</${Submit}></${Form}>${back}</${Page}>`;
}
