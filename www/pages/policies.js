// The list of policies.
import { dateShort, instant, money } from '../parts/format.js';
import { html, useEffect } from '../parts/html.js';
import { List } from '../parts/list.js';
import { Page } from '../parts/page.js';
import { may } from '../parts/session.js';
import { loadProducts, productList, productTitle, State, stateChoices, word } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import policies from '../texts/policies.js';

const t = texts(policies);

export default function Policies() {
  useEffect(loadProducts, [language.value]);
  const columns = [
    { key: 'number', label: t('number'), fixed: true, cell: (row) => row.number ?? row.id, csv: (row) => row.number ?? '' },
    { key: 'product', label: t('product'), cell: (row) => productTitle(row.product) },
    { key: 'status', label: t('status'), cell: (row) => html`<${State} of=${row.status} />`, csv: (row) => word('state', row.status) },
    { key: 'total', label: t('total'), numeric: true, cell: (row) => money(row.total), csv: (row) => row.total },
    { key: 'start', label: t('start'), tight: true, cell: (row) => dateShort(row.effective_date), csv: (row) => row.effective_date },
    { key: 'due', label: t('due'), tight: true, cell: (row) => dateShort(row.due_date), csv: (row) => row.due_date ?? '' },
    { key: 'reference', label: t('reference'), hidden: true, cell: (row) => row.reference, csv: (row) => row.reference ?? '' },
    { key: 'issued', label: t('issued'), hidden: true, tight: true, cell: (row) => instant(row.issued_at), csv: (row) => row.issued_at },
    { key: 'end', label: t('end'), hidden: true, tight: true, cell: (row) => dateShort(row.end_date), csv: (row) => row.end_date ?? '' },
  ];
  const filters = [
    { name: 'status', label: t('status'), kind: 'choice', choices: stateChoices('active', 'withdrawn', 'cancelled') },
    ...(productList().length ? [{ name: 'product', label: t('product'), kind: 'choice', choices: productList().map((one) => ({ value: one.product, label: one.title })) }] : []),
  ];
  const action = may('ListApplications') && html`<a class="button" href="/applications">${t('toApplications')}</a>`;
  return html`<${Page} title=${t('title')} lead=${t('lead')}>
    <${List} name="policies" path="/policies" columns=${columns} filters=${filters} href=${(row) => `/policies/${row.id}`} label=${(row) => row.number ?? row.id}
      empty=${{ title: t('emptyTitle'), text: t('emptyText'), icon: 'policy', action }} /></${Page}>`;
}
