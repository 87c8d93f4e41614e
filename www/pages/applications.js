// The list of applications; for underwriters their desk.
import { dateShort, instant, money } from '../parts/format.js';
import { html, useEffect } from '../parts/html.js';
import { List } from '../parts/list.js';
import { Page } from '../parts/page.js';
import { may } from '../parts/session.js';
import { loadProducts, productList, productTitle, State, stateChoices, word } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import applications from '../texts/applications.js';

const t = texts(applications);

export default function Applications() {
  useEffect(loadProducts, [language.value]);
  const columns = [
    { key: 'name', label: t('name'), fixed: true, cell: (row) => row.reference ?? row.policy_number ?? `${productTitle(row.product)}, ${dateShort(row.created_at.slice(0, 10))}`, csv: (row) => row.id },
    { key: 'product', label: t('product'), cell: (row) => productTitle(row.product) },
    { key: 'status', label: t('status'), cell: (row) => html`<${State} of=${row.status} />`, csv: (row) => word('state', row.status) },
    { key: 'total', label: t('total'), numeric: true, cell: (row) => money(row.total), csv: (row) => row.total },
    { key: 'start', label: t('start'), tight: true, cell: (row) => dateShort(row.effective_date), csv: (row) => row.effective_date },
    { key: 'received', label: t('received'), tight: true, cell: (row) => instant(row.created_at), csv: (row) => row.created_at },
    { key: 'policy', label: t('policy'), hidden: true, cell: (row) => row.policy_number, csv: (row) => row.policy_number ?? '' },
    { key: 'changed', label: t('changed'), hidden: true, tight: true, cell: (row) => instant(row.changed_at), csv: (row) => row.changed_at },
  ];
  const filters = [
    { name: 'status', label: t('status'), kind: 'choice', choices: stateChoices('received', 'in_review', 'approved', 'issued', 'rejected', 'withdrawn', 'expired') },
    ...(productList().length ? [{ name: 'product', label: t('product'), kind: 'choice', choices: productList().map((one) => ({ value: one.product, label: one.title })) }] : []),
  ];
  const action = may('ListQuotes') && html`<a class="button" href="/quotes">${t('toQuotes')}</a>`;
  return html`<${Page} title=${t('title')} lead=${t(may('DecideApplication') ? 'leadDesk' : 'lead')}>
    <${List} name="applications" path="/applications" columns=${columns} filters=${filters}
      href=${(row) => `/applications/${row.id}`} label=${(row) => row.reference ?? row.id}
      empty=${{ title: t('emptyTitle'), text: t('emptyText'), icon: 'application', action }} /></${Page}>`;
}
