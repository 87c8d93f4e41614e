// Roles by side, and how far each sees.
import { texts } from './text.js';
import people from '../texts/people.js';
import shell from '../texts/shell.js';

const t = texts(people);
const common = texts(shell);

export const PARTNER_ROLES = ['administrator', 'adviser', 'assistant'];
export const ORGANISATION_ROLES = ['administrator', 'account_manager', 'product_manager', 'marketer', 'underwriter', 'analyst'];
export const PARTNER_SCOPES = ['person', 'office', 'children', 'chain'];

export const roleChoices = (roles) => roles.map((value) => ({ value, label: common(`role_${value}`), hint: t(`roles_hint_${value}`) }));
export const scopeChoices = () => [{ value: '', label: t('scopeRole') }, ...PARTNER_SCOPES.map((value) => ({ value, label: t(`scope_${value}`) }))];
