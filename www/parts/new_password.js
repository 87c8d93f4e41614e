// Choosing a password: how long it must be, told before and checked here and by the service.
import { Field } from './form.js';
import { html } from './html.js';
import { texts } from './text.js';
import login from '../texts/login.js';
import shell from '../texts/shell.js';

const t = texts(login);
const common = texts(shell);
const CHARACTERS_MIN = 12;

export const NewPassword = ({ form, name = 'password', label }) => html`<${Field} form=${form} name=${name} label=${label ?? t('newPassword')} hint=${t('passwordHint')}
  kind="password" autocomplete="new-password" />`;

export function wrongPassword(value, name = 'password') {
  if (!value) return { [name]: common('error_required', { label: t('newPassword') }) };
  return [...value].length < CHARACTERS_MIN ? { [name]: t('passwordShort') } : {};
}
