// One user: who, with which role and reach, and whether they may come in.
import { call, post, thing } from '../parts/api.js';
import { ask } from '../parts/dialog.js';
import { Conflict, Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { instant } from '../parts/format.js';
import { html, useSignal } from '../parts/html.js';
import { Loaded, Page, problemText, useLoad } from '../parts/page.js';
import { ORGANISATION_ROLES, PARTNER_ROLES, roleChoices, scopeChoices } from '../parts/roles.js';
import { may, proved, session } from '../parts/session.js';
import { Card, Facts, Note } from '../parts/show.js';
import { State, userState } from '../parts/states.js';
import { texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import people from '../texts/people.js';
import shell from '../texts/shell.js';

const t = texts(people);
const common = texts(shell);
const FIELDS = () => [['name', t('name')], ['email', t('email')], ['role', t('role')], ['scope', t('scope')], ['language', t('language')]];
const valuesOf = (user) => ({ name: user.name, email: user.email, role: user.role, scope: user.own_scope ?? '', language: user.language });

function Edit({ of }) {
  const user = of.data;
  const form = useForm(valuesOf(user));
  const theirs = useSignal(null); // the user as somebody else left it meanwhile
  const save = (etag) => form.submit(async (values) => {
    const before = valuesOf(user);
    const body = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value])
      .filter(([name, value]) => value !== before[name]).map(([name, value]) => [name, name === 'scope' && value === '' ? 'role' : value]));
    try {
      const changed = await proved(() => call('PATCH', `/users/${user.id}`, { body, revision: etag }));
      of.set({ ...changed.data, etag: changed.etag });
      theirs.value = null;
      say(t('userSaved'));
    } catch (problem) {
      if (problem.status !== 412) throw problem;
      theirs.value = await thing(`/users/${user.id}`);
    }
  }, (values) => missing(values, [['name', t('name')], ['email', t('email')], ['role', t('role')]]));
  const take = () => {
    form.values.value = valuesOf(theirs.value);
    of.set(theirs.value);
    theirs.value = null;
  };
  const atFirm = Boolean(user.partner_id);
  const chief = session.value.role === 'administrator'; // others change the name and the language alone
  return html`<${Card} title=${t('edit')}>
    ${theirs.value && html`<${Conflict} fields=${FIELDS()} theirs=${valuesOf(theirs.value)} mine=${form.values.value} keep=${() => save(theirs.value.etag)} take=${take} />`}
    <${Form} form=${form} label=${t('edit')} onSubmit=${() => save(user.etag)}>
      <${Field} form=${form} name="name" label=${t('name')} autocomplete="off" maxlength="100" />
      ${chief && html`<${Field} form=${form} name="email" label=${t('email')} kind="email" autocomplete="off" />
      <${Field} form=${form} name="role" kind=${atFirm ? 'radio' : 'select'} label=${t('role')} choices=${roleChoices(atFirm ? PARTNER_ROLES : ORGANISATION_ROLES)} />`}
      ${chief && atFirm && html`<${Field} form=${form} name="scope" kind="radio" label=${t('scope')} choices=${scopeChoices()} />`}
      <${Field} form=${form} name="language" kind="radio" label=${t('language')} choices=${['nl', 'en'].map((value) => ({ value, label: t(value) }))} />
      <${Submit} form=${form}>${t('save')}</${Submit}></${Form}></${Card}>`;
}

function Access({ of }) {
  const user = of.data;
  const act = async (method, path, done) => {
    try {
      await proved(() => (method === 'POST' ? post(`/users/${user.id}${path}`, undefined, { again: true }) : call(method, `/users/${user.id}${path}`)));
      say(t(done));
    } catch (problem) {
      say(problemText(problem), 'bad');
    }
    of.reload();
  };
  const disable = async () => {
    if (await ask({ title: t('disableTitle', { name: user.name }), text: t('disableText'), confirm: t('disable'), danger: true })) act('POST', '/disabling', 'disabled');
  };
  const reset = async () => {
    if (await ask({ title: t('resetFactorTitle', { name: user.name }), text: t('resetFactorText'), confirm: t('resetFactor'), danger: true })) act('DELETE', '/second-factor', 'factorReset');
  };
  return html`<${Card} title=${t('actions')}><p class="actions">
    ${user.status === 'invited' && may('InviteUser') && html`<button type="button" class="button" onClick=${() => act('POST', '/invitation', 'invitedAgain')}>${t('inviteAgain')}</button>`}
    ${user.second_factor === 'on' && may('ResetSecondFactor') && html`<button type="button" class="button" onClick=${reset}>${t('resetFactor')}</button>`}
    ${user.status === 'disabled' ? may('EnableUser') && html`<button type="button" class="button" onClick=${() => act('POST', '/enabling', 'enabled')}>${t('enable')}</button>`
    : may('DisableUser') && html`<button type="button" class="button" onClick=${disable}>${t('disable')}</button>`}</p></${Card}>`;
}

function Shown({ of }) {
  const user = of.data;
  const self = user.id === session.value.user.id;
  return html`<div class="split"><div class="stack">
    <${Card} title=${t('userFacts')}><${Facts} rows=${[
  [t('email'), html`<a href=${`mailto:${user.email}`}>${user.email}</a>`], [t('role'), common(`role_${user.role}`)], [t('firm'), user.partner_name ?? t('organisation')],
  [t('scope'), t(`scope_${user.scope}`)], [t('factorState'), t(user.second_factor === 'on' ? 'factorSet' : 'factorMissing')],
  [t('last'), user.logged_in_at ? instant(user.logged_in_at) : t('never')], [t('made'), instant(user.created_at)],
]} /></${Card}>
    ${self ? html`<${Note}><p>${t('self')}</p></${Note}>` : may('UpdateUser') && html`<${Edit} key=${user.revision} of=${of} />`}</div>
  <div class="beside stack">${!self && may('DisableUser', 'InviteUser') && html`<${Access} of=${of} />`}</div></div>`;
}

export default function User({ params }) {
  const of = useLoad((signal) => thing(`/users/${params.id}`, { signal }), [params.id], { keepOld: true });
  return html`<${Page} title=${of.data?.name || of.data?.email || t('user')} trail=${[{ href: '/users', text: t('users') }]} badge=${of.data && html`<${State} of=${userState(of.data)} />`}>
    <${Loaded} of=${of}>${() => html`<${Shown} of=${of} />`}</${Loaded}></${Page}>`;
}
