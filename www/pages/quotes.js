// The list of quotes.
import { dateShort, instant, money } from '../parts/format.js';
import { html, useEffect } from '../parts/html.js';
import { Icon } from '../parts/icon.js';
import { List } from '../parts/list.js';
import { Page } from '../parts/page.js';
import { may } from '../parts/session.js';
import { loadProducts, productList, productTitle, quoteState, State, stateChoices, word } from '../parts/states.js';
import { language, texts } from '../parts/text.js';
import quotes from '../texts/quotes.js';

const t = texts(quotes);

export default function Quotes() {
  useEffect(loadProducts, [language.value]);
  const make = may('RequestQuote') && html`<a class="button primary" href="/quotes/new"><${Icon} name="plus" />${t('new')}</a>`;
  const columns = [
    { key: 'reference', label: t('reference'), fixed: true, cell: (row) => row.reference ?? productTitle(row.product), csv: (row) => row.reference ?? '' },
    { key: 'product', label: t('product'), cell: (row) => productTitle(row.product) },
    { key: 'status', label: t('status'), cell: (row) => html`<${State} of=${quoteState(row)} />`, csv: (row) => word('state', quoteState(row)) },
    { key: 'premium', label: t('premium'), numeric: true, cell: (row) => money(row.premium?.total), csv: (row) => row.premium?.total ?? '' },
    { key: 'start', label: t('start'), hidden: true, tight: true, cell: (row) => dateShort(row.effective_date), csv: (row) => row.effective_date },
    { key: 'made', label: t('made'), tight: true, cell: (row) => instant(row.known_at), csv: (row) => row.known_at },
    { key: 'valid', label: t('valid'), tight: true, cell: (row) => dateShort(row.valid_until), csv: (row) => row.valid_until },
    { key: 'id', label: t('id'), hidden: true, cell: (row) => html`<code>${row.id}</code>`, csv: (row) => row.id },
  ];
  const filters = [
    { name: 'product', label: t('product'), kind: 'choice', choices: productList().map((one) => ({ value: one.product, label: one.title })) },
    { name: 'status', label: t('status'), kind: 'choice', choices: stateChoices('offered', 'referred', 'declined') },
    { name: 'reference', label: t('reference'), kind: 'text' },
  ];
  return html`<${Page} title=${t('title')} lead=${t('lead')} actions=${make}>
    <${List} name="quotes" path="/quotes" columns=${columns} filters=${filters}
      href=${(row) => `/quotes/${row.id}`} label=${(row) => row.reference ?? row.id}
      empty=${{ title: t('emptyTitle'), text: t('emptyText'), icon: 'quote', action: make }} /></${Page}>`;
}
