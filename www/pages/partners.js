// The list of partners.
import { dateShort } from '../parts/format.js';
import { html } from '../parts/html.js';
import { List } from '../parts/list.js';
import { Page } from '../parts/page.js';
import { session } from '../parts/session.js';
import { Badge } from '../parts/show.js';
import { texts } from '../parts/text.js';
import partners from '../texts/partners.js';

const t = texts(partners);
const STAGES = ['applied', 'approved', 'ramp_up', 'active', 'dormant', 'ended'];
const GRADES = ['a', 'b', 'c', 'd'];
const tones = { applied: 'info', approved: 'info', ramp_up: 'info', active: 'good', dormant: 'warn', ended: 'quiet' };

export const Stage = ({ of }) => html`<${Badge} tone=${tones[of]}>${t(`stage_${of}`)}</${Badge}>`;

export default function Partners() {
  const columns = [
    { key: 'name', label: t('name'), sort: 'name', fixed: true, cell: (row) => row.name },
    { key: 'kind', label: t('kind'), cell: (row) => t(`kind_${row.kind}`) },
    { key: 'city', label: t('city'), cell: (row) => row.city, csv: (row) => row.city ?? '' },
    { key: 'stage', label: t('stage'), cell: (row) => html`<${Stage} of=${row.stage} />`, csv: (row) => t(`stage_${row.stage}`) },
    ...(session.value.partner ? [] : [{ key: 'grade', label: t('grade'), cell: (row) => row.grade && t(`grade_${row.grade}`), csv: (row) => row.grade ?? '' }]),
    { key: 'manager', label: t('manager'), cell: (row) => row.account_manager, csv: (row) => row.account_manager ?? '' },
    { key: 'review', label: t('review'), sort: 'next_review_date', oneWay: true, tight: true, cell: (row) => dateShort(row.next_review_date), csv: (row) => row.next_review_date ?? '' },
  ];
  const choice = (name, values) => ({ name, label: t(name), kind: 'choice', choices: values.map((value) => ({ value, label: t(`${name}_${value}`) })) });
  const filters = [
    { name: 'search', label: t('search'), kind: 'text' }, choice('stage', STAGES),
    ...(session.value.partner ? [] : [choice('grade', GRADES)]), choice('kind', ['chain', 'office', 'branch']),
  ];
  return html`<${Page} title=${t('title')} lead=${t(session.value.partner ? 'leadOwn' : 'lead')}>
    <${List} name="partners" path="/partners" count="/partners/count" columns=${columns} filters=${filters} sorted="name" href=${(row) => `/partners/${row.id}`} label=${(row) => row.name}
      empty=${{ title: t('emptyTitle'), text: t('emptyText'), icon: 'partner' }} /></${Page}>`;
}
