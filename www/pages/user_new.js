// Inviting somebody.
import { get, post, query } from '../parts/api.js';
import { Finder, UNFINISHED } from '../parts/finder.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { html } from '../parts/html.js';
import { Page } from '../parts/page.js';
import { ORGANISATION_ROLES, PARTNER_ROLES, PARTNER_SCOPES, roleChoices, scopeChoices } from '../parts/roles.js';
import { go } from '../parts/router.js';
import { may, proved, session } from '../parts/session.js';
import { language, texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import people from '../texts/people.js';
import shell from '../texts/shell.js';

const t = texts(people);
const common = texts(shell);

const findPartners = async (text, signal) => (await get(`/partners${query({ search: text, limit: 8 })}`, { signal })).data.items
  .map((one) => ({ value: one.id, label: one.name, hint: one.city ?? '' }));

export default function UserNew() {
  const organisation = !session.value.partner;
  const form = useForm({ name: '', email: '', role: undefined, language: language.value, scope: '', partner_id: '' });
  const atFirm = !organisation || Boolean(form.get('partner_id'));
  const check = (values) => ({
    ...missing(values, [['name', t('name')], ['email', t('email')], ['role', t('role')]]),
    ...(values.partner_id === UNFINISHED ? { partner_id: common('error_pick', { label: t('partner') }) } : {}),
    ...(values.email.trim() && !/^\S+@\S+$/.test(values.email.trim()) ? { email: common('error_email') } : {}),
  });
  const send = async (values) => {
    const body = { name: values.name.trim(), email: values.email.trim(), role: values.role, language: values.language };
    if (atFirm && PARTNER_SCOPES.includes(values.scope)) body.scope = values.scope;
    if (organisation && values.partner_id) body.partner_id = values.partner_id;
    const { data } = await proved(() => post('/users', body, { again: true }));
    say(t(session.value.mail === 'outbox' ? 'invitedOutbox' : 'invited', { name: body.name }));
    go(`/users/${data.id}`);
  };
  return html`<${Page} narrow title=${t('inviteTitle')} lead=${t('inviteLead')} trail=${[{ href: '/users', text: t('users') }]}>
    <${Form} form=${form} label=${t('inviteTitle')} onSubmit=${() => form.submit(send, check)}>
      <${Field} form=${form} name="name" label=${t('name')} autocomplete="off" maxlength="100" />
      <${Field} form=${form} name="email" label=${t('email')} kind="email" autocomplete="off" />
      ${organisation && may('ListPartners') && html`<${Finder} form=${form} name="partner_id" label=${t('partner')} hint=${t('partnerHint')} optional find=${findPartners} onPick=${() => form.set('role', undefined)} />`}
      <${Field} key=${String(atFirm)} form=${form} name="role" kind=${atFirm ? 'radio' : 'select'} label=${t('role')} choices=${roleChoices(atFirm ? PARTNER_ROLES : ORGANISATION_ROLES)} />
      ${atFirm && html`<${Field} form=${form} name="scope" kind="radio" label=${t('scope')} choices=${scopeChoices()} />`}
      <${Field} form=${form} name="language" kind="radio" label=${t('language')} choices=${['nl', 'en'].map((value) => ({ value, label: t(value) }))} />
      <${Submit} form=${form}>${t('inviteSubmit')}</${Submit}></${Form}></${Page}>`;
}
