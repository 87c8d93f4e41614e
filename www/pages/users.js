// The list of those who can log in.
import { post } from '../parts/api.js';
import { dateShort, instant } from '../parts/format.js';
import { html } from '../parts/html.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { Page } from '../parts/page.js';
import { ORGANISATION_ROLES, PARTNER_ROLES } from '../parts/roles.js';
import { may, proved, session } from '../parts/session.js';
import { State, userState, word } from '../parts/states.js';
import { texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import people from '../texts/people.js';
import shell from '../texts/shell.js';

const t = texts(people);
const common = texts(shell);

// Each of those who did not come in yet gets a new link; who was invited is told, and who was not.
async function inviteAgain(rows) {
  const invited = rows.filter((row) => row.status === 'invited');
  const sent = await Promise.allSettled(invited.map((row) => proved(() => post(`/users/${row.id}/invitation`, undefined, { again: true }))));
  const count = sent.filter((one) => one.status === 'fulfilled').length;
  say(t('invitedMany', { count, of: rows.length }), count === rows.length ? 'good' : 'info');
}

export default function Users() {
  const organisation = !session.value.partner;
  const invite = may('CreateUser') && html`<a class="button primary" href="/users/new"><${Icon} name="plus" />${t('newUser')}</a>`;
  const columns = [
    { key: 'name', label: t('name'), fixed: true, cell: (row) => row.name || row.email, csv: (row) => row.name },
    { key: 'email', label: t('email'), cell: (row) => row.email },
    ...(organisation ? [{ key: 'firm', label: t('firm'), cell: (row) => row.partner_name ?? t('organisation') }] : []),
    { key: 'role', label: t('role'), cell: (row) => common(`role_${row.role}`) },
    { key: 'status', label: t('status'), cell: (row) => html`<${State} of=${userState(row)} />`, csv: (row) => word('state', userState(row)) },
    { key: 'last', label: t('last'), tight: true, cell: (row) => (row.logged_in_at ? instant(row.logged_in_at) : t('never')), csv: (row) => row.logged_in_at ?? '' },
    { key: 'made', label: t('made'), hidden: true, tight: true, cell: (row) => dateShort(row.created_at.slice(0, 10)), csv: (row) => row.created_at },
  ];
  const roles = organisation ? [...new Set([...PARTNER_ROLES, ...ORGANISATION_ROLES])] : PARTNER_ROLES;
  const filters = [
    { name: 'name', label: t('search'), kind: 'text' },
    { name: 'role', label: t('role'), kind: 'choice', choices: roles.map((value) => ({ value, label: common(`role_${value}`) })) },
    { name: 'status', label: t('status'), kind: 'choice', choices: ['active', 'invited', 'disabled'].map((status) => ({ value: status, label: word('state', userState({ status })) })) },
  ];
  return html`<${Page} title=${t('users')} lead=${t(organisation ? 'usersLeadAll' : 'usersLead')} actions=${invite}>
    <${List} name="users" path="/users" columns=${columns} filters=${filters} href=${(row) => `/users/${row.id}`} label=${(row) => row.name || row.email}
      actions=${[{ label: t('inviteAgain'), icon: 'mail', run: inviteAgain, needs: ['InviteUser'] }]}
      empty=${{ title: t('emptyUsers'), text: t('emptyUsersText'), icon: 'people', action: invite }} /></${Page}>`;
}
