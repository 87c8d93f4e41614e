// One's own name, language, password, second factor, and the places where one is logged in.
import { call, get, post } from '../parts/api.js';
import { Dialog } from '../parts/dialog.js';
import { FactorSetup, RecoveryCodes } from '../parts/factor.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { instant } from '../parts/format.js';
import { html, useSignal } from '../parts/html.js';
import { NewPassword, wrongPassword } from '../parts/new_password.js';
import { Loaded, Page, problemText, useLoad } from '../parts/page.js';
import { proved, session } from '../parts/session.js';
import { Badge, Card, Facts } from '../parts/show.js';
import { setLanguage, texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import people from '../texts/people.js';
import shell from '../texts/shell.js';

const t = texts(people);
const common = texts(shell);

// What a browser calls itself, in the two words that people know it by.
function device(agent) {
  const browser = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']].find(([mark]) => agent?.includes(mark))?.[1];
  const system = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS X', 'macOS'], ['Linux', 'Linux']].find(([mark]) => agent?.includes(mark))?.[1];
  return browser && system ? t('sessionOn', { browser, system }) : agent || t('sessionUnknown');
}

function About() {
  const { user, role, partner } = session.value;
  const form = useForm({ name: user.name, language: user.language });
  const send = async (values) => {
    const body = { name: values.name.trim(), language: values.language };
    await call('PATCH', '/session/user', { body });
    session.value = { ...session.value, user: { ...session.value.user, ...body } };
    setLanguage(values.language);
    say(t('saved'));
  };
  return html`<${Card} title=${t('about')}>
    <${Facts} rows=${[[t('email'), user.email], [t('role'), common(`role_${role}`)], [t('firm'), partner?.name ?? common('organisation')]]} />
    <${Form} form=${form} label=${t('about')} onSubmit=${() => form.submit(send, (values) => missing(values, [['name', t('name')]]))}>
      <${Field} form=${form} name="name" label=${t('name')} autocomplete="name" maxlength="100" />
      <${Field} form=${form} name="language" kind="radio" label=${t('language')} choices=${['nl', 'en'].map((value) => ({ value, label: t(value) }))} />
      <${Submit} form=${form}>${t('save')}</${Submit}></${Form}></${Card}>`;
}

function Password({ onChanged }) {
  const form = useForm({ current_password: '', password: '' });
  const check = (values) => ({ ...missing(values, [['current_password', t('current')]]), ...wrongPassword(values.password) });
  const send = async (values) => {
    await proved(() => post('/session/password', values));
    form.values.value = { current_password: '', password: '' };
    say(t('passwordDone'));
    onChanged();
  };
  return html`<${Card} title=${t('password')}><p class="quiet">${t('passwordText')}</p>
    <${Form} form=${form} label=${t('password')} onSubmit=${() => form.submit(send, check)}>
      <${Field} form=${form} name="current_password" label=${t('current')} kind="password" autocomplete="current-password" />
      <${NewPassword} form=${form} label=${t('newPassword')} />
      <${Submit} form=${form}>${t('passwordSubmit')}</${Submit}></${Form}></${Card}>`;
}

function Factor() {
  const open = useSignal(null); // setup, codes
  const codes = useSignal([]);
  const close = () => {
    open.value = null;
    codes.value = [];
  };
  const renew = async () => {
    try {
      codes.value = (await proved(() => post('/session/recovery-codes', {}))).data.recovery_codes;
      open.value = 'codes';
    } catch (problem) {
      say(problemText(problem), 'bad');
    }
  };
  const done = () => {
    close();
    say(t('factorDone'));
  };
  return html`<${Card} title=${t('factor')}><p>${t('factorOn')} ${t('codesLeft', { count: session.value.user.recovery_codes_left ?? 0 })}</p>
    <p class="actions"><button type="button" class="button" onClick=${() => { open.value = 'setup'; }}>${t('factorReplace')}</button>
      <button type="button" class="button" onClick=${renew}>${t('newCodes')}</button></p><p class="quiet small">${t('newCodesText')}</p>
    ${open.value === 'setup' && html`<${Dialog} title=${t('factorReplace')} onClose=${close} fixed=${codes.value.length > 0}>
      ${codes.value.length ? html`<${RecoveryCodes} level=${3} codes=${codes.value} finish=${t('codesKept')} onDone=${done} />`
    : html`<${FactorSetup} level=${3} onDone=${(list) => { codes.value = list; }} />`}</${Dialog}>`}
    ${open.value === 'codes' && html`<${Dialog} title=${t('newCodes')} fixed><${RecoveryCodes} level=${3} codes=${codes.value} finish=${t('codesKept')} onDone=${close} /></${Dialog}>`}</${Card}>`;
}

function Sessions({ of }) {
  const end = async (path, done) => {
    try {
      await call('DELETE', path);
      say(t(done));
    } catch (problem) {
      say(problemText(problem), 'bad');
    }
    of.reload();
  };
  return html`<${Card} title=${t('sessions')}><${Loaded} of=${of}>${(items) => html`<ul class="items">${items.map((one) => html`<li key=${one.id}>
      <span><strong>${device(one.agent)}</strong> ${one.current && html`<${Badge} tone="good">${t('sessionHere')}</${Badge}>`}<br />
        <span class="quiet small">${[one.address, t('sessionSince', { at: instant(one.begun_at) }), t('sessionUsed', { at: instant(one.used_at) })].filter(Boolean).join(' · ')}</span></span>
      ${!one.current && html`<button type="button" class="button small" aria-label=${t('sessionEndLabel', { device: device(one.agent) })} onClick=${() => end(`/sessions/${one.id}`, 'sessionEnded')}>${t('sessionEnd')}</button>`}</li>`)}</ul>
    ${items.length > 1 && html`<p><button type="button" class="button" onClick=${() => end('/sessions', 'sessionsEnded')}>${t('sessionsEnd')}</button></p>`}`}</${Loaded}></${Card}>`;
}

export default function Account() {
  const sessions = useLoad(async (signal) => (await get('/sessions', { signal })).data.items, [], { keepOld: true });
  return html`<${Page} title=${t('account')}><div class="split"><div class="stack"><${About} /><${Sessions} of=${sessions} /></div>
    <div class="stack"><${Password} onChanged=${sessions.reload} /><${Factor} /></div></div></${Page}>`;
}
