// One partner: who they are, their people and licences, documents, notes, and what happened.
import { call, get, post, query } from '../parts/api.js';
import { ask } from '../parts/dialog.js';
import { Field, Form, missing, Submit, useForm } from '../parts/form.js';
import { date, instant } from '../parts/format.js';
import { html, useSignal } from '../parts/html.js';
import { Icon } from '../parts/icon.js';
import { Loaded, Page, problemText, useLoad } from '../parts/page.js';
import { place, setQuery } from '../parts/router.js';
import { may, session } from '../parts/session.js';
import { Badge, Card, Facts, Tabs, Timeline } from '../parts/show.js';
import { language, texts } from '../parts/text.js';
import { say } from '../parts/toast.js';
import { Upload } from '../parts/upload.js';
import partners from '../texts/partners.js';
import { Stage } from './partners.js';

const t = texts(partners);
const DOCUMENT_MAX_BYTES = 1024 * 1024;
const PAGE_ROWS = 25;

const period = (one) => [one.from_date && t('from', { date: date(one.from_date) }), one.to_date && t('until', { date: date(one.to_date) })].filter(Boolean).join(' ');

// Pages of items, the next ones below those that are there.
function usePages(path, when) {
  const more = useSignal([]);
  const busy = useSignal(false);
  const first = useLoad(async (signal) => {
    const { data } = await get(`${path}${query({ limit: PAGE_ROWS })}`, { signal });
    more.value = [];
    return data;
  }, when, { keepOld: true });
  const pages = first.data ? [first.data, ...more.value] : [];
  const next = pages.at(-1)?.next;
  const load = async () => {
    busy.value = true;
    try {
      more.value = [...more.value, (await get(`${path}${query({ limit: PAGE_ROWS, cursor: next })}`)).data];
    } catch (problem) {
      say(problemText(problem), 'bad');
    }
    busy.value = false;
  };
  const button = next && html`<p><button type="button" class="button" aria-disabled=${String(busy.value)} onClick=${load}>${t('more')}</button></p>`;
  return { of: first, items: pages.flatMap((page) => page.items), button };
}

const Details = ({ partner }) => html`<${Card}><${Facts} rows=${[
  [t('kind'), t(`kind_${partner.kind}`)], [t('parent'), partner.parent_id && html`<a href=${`/partners/${partner.parent_id}`}>${partner.parent_name}</a>`],
  [t('legalName'), partner.legal_name], [t('legalForm'), partner.legal_form && t(`legalForm_${partner.legal_form}`)], [t('register'), partner.trade_register_number], [t('registerBranch'), partner.trade_register_branch],
  [t('rsin'), partner.rsin], [t('vat'), partner.vat_number], [t('licence'), partner.licence_number], [t('iban'), partner.iban], [t('employees'), partner.employees],
  [t('address'), [partner.street, [partner.postcode, partner.city].filter(Boolean).join(' ')].filter(Boolean).join(', ')],
  [t('email'), partner.email && html`<a href=${`mailto:${partner.email}`}>${partner.email}</a>`], [t('telephone'), partner.telephone && html`<a href=${`tel:${partner.telephone.replace(/[^+\d]/g, '')}`}>${partner.telephone}</a>`],
  [t('website'), partner.website && html`<a href=${partner.website} target="_blank" rel="noopener noreferrer">${partner.website}</a>`],
  [t('grade'), partner.grade && t(`grade_${partner.grade}`)], [t('manager'), partner.account_manager], [t('lastReview'), partner.last_review_date && date(partner.last_review_date)], [t('review'), partner.next_review_date && date(partner.next_review_date)],
]} /></${Card}>`;

function People({ id }) {
  const people = usePages(`/partners/${id}/people`, [id]);
  const licences = useLoad(async (signal) => (await get(`/partners/${id}/licences`, { signal })).data.items, [id]);
  return html`<div class="split"><${Card} title=${t('people')}><${Loaded} of=${people.of}>${() => html`${people.items.length ? html`<ul class="items">${people.items.map((one) => html`<li>
      <span><strong>${one.name}</strong><br /><span class="quiet small">${[t(`role_${one.role}`), one.email, one.telephone].filter(Boolean).join(' · ')}</span></span><span class="quiet small">${period(one)}</span></li>`)}</ul>` : html`<p class="quiet">${t('peopleNone')}</p>`}${people.button}`}</${Loaded}></${Card}>
    <${Card} title=${t('licences')}><${Loaded} of=${licences}>${(items) => (items.length ? html`<ul class="items">${items.map((one) => html`<li><span><strong>${t(`licence_${one.kind}`)}</strong><br /><span class="quiet small">${one.number} · ${period(one)}</span></span></li>`)}</ul>` : html`<p class="quiet">${t('licencesNone')}</p>`)}</${Loaded}></${Card}></div>`;
}

function Documents({ id }) {
  const documents = usePages(`/partners/${id}/documents`, [id]);
  const added = () => {
    say(t('documentAdded'));
    documents.of.reload();
  };
  const remove = async (one) => {
    if (!await ask({ title: t('documentRemoveTitle', { title: one.title }), text: t('documentRemoveText'), confirm: t('documentRemove'), danger: true })) return;
    try {
      await call('DELETE', `/partners/${id}/documents/${one.id}`);
      say(t('documentRemoved'));
    } catch (problem) {
      say(problemText(problem), 'bad');
    }
    documents.of.reload();
  };
  return html`<${Card} title=${t('documents')}><${Loaded} of=${documents.of}>${() => html`${documents.items.length ? html`<ul class="items">${documents.items.map((one) => html`<li>
      <span><a href=${`/api/v1/partners/${id}/documents/${one.id}`} target="_blank" rel="noopener">${one.title}</a> ${one.shared && !session.value.partner && html`<${Badge}>${t('shared')}</${Badge}>`}<br />
        <span class="quiet small">${t('kilobytes', { count: Math.ceil(one.size_bytes / 1024) })} · ${instant(one.created_at)}</span></span>
      ${may('RemovePartnerDocument') && html`<button type="button" class="button plain small" aria-label=${t('documentRemoveLabel', { title: one.title })} onClick=${() => remove(one)}><${Icon} name="trash" />${t('documentRemove')}</button>`}</li>`)}</ul>` : html`<p class="quiet">${t('documentsNone')}</p>`}${documents.button}`}</${Loaded}>
    ${may('AddPartnerDocument') && html`<${Upload} label=${t('documentAdd')} hint=${t('documentHint')} accept=".pdf,.png,.jpg,.jpeg,.txt" max=${DOCUMENT_MAX_BYTES}
      path=${`/partners/${id}/documents`} body=${(file, content) => ({ title: file.name.slice(0, 120), content })} onDone=${added} />`}</${Card}>`;
}

function Notes({ id }) {
  const notes = usePages(`/partners/${id}/notes`, [id]);
  const form = useForm({ text: '', shared: false });
  const send = async (values) => {
    await post(`/partners/${id}/notes`, { text: values.text.trim(), ...(session.value.partner ? {} : { shared: values.shared }) }, { again: true });
    form.values.value = { text: '', shared: false };
    say(t('noteAdded'));
    notes.of.reload();
  };
  return html`<${Card}>
    ${may('AddPartnerNote') && html`<${Form} form=${form} label=${t('noteAdd')} onSubmit=${() => form.submit(send, (values) => missing(values, [['text', t('noteAdd')]]))}>
      <${Field} form=${form} name="text" kind="textarea" label=${t('noteAdd')} maxlength="4000" />
      ${!session.value.partner && html`<${Field} form=${form} name="shared" kind="checkbox" label=${t('noteShared')} />`}
      <${Submit} form=${form}>${t('noteSubmit')}</${Submit}></${Form}>`}
    <${Loaded} of=${notes.of}>${() => html`${notes.items.length ? html`<ul class="items">${notes.items.map((one) => html`<li><span class="full">${one.text}<br /><span class="quiet small">${instant(one.created_at)} · ${t(`actor_${one.actor}`)}${one.shared && !session.value.partner ? ` · ${t('shared')}` : ''}</span></span></li>`)}</ul>` : html`<p class="quiet">${t('notesNone')}</p>`}${notes.button}`}</${Loaded}></${Card}>`;
}

function Happened({ id }) {
  const events = usePages(`/partners/${id}/timeline`, [id, language.value]);
  return html`<${Card}><${Loaded} of=${events.of}>${() => html`${events.items.length ? html`<${Timeline} events=${events.items.map((one) => ({ at: one.at, title: one.text, who: t(`actor_${one.actor}`) }))} />` : html`<p class="quiet">${t('timelineNone')}</p>`}${events.button}`}</${Loaded}></${Card}>`;
}

export default function Partner({ params }) {
  const { id } = params;
  const of = useLoad(async (signal) => (await get(`/partners/${id}`, { signal })).data, [id], { keepOld: true });
  const tabs = [
    { key: 'facts', label: t('tabFacts'), content: () => html`<${Details} partner=${of.data} />` },
    may('ListPartnerPeople') && { key: 'people', label: t('tabPeople'), content: () => html`<${People} id=${id} />` },
    may('ListPartnerDocuments') && { key: 'documents', label: t('tabDocuments'), content: () => html`<${Documents} id=${id} />` },
    may('ListPartnerNotes') && { key: 'notes', label: t('tabNotes'), content: () => html`<${Notes} id=${id} />` },
    may('GetPartnerTimeline') && { key: 'timeline', label: t('tabTimeline'), content: () => html`<${Happened} id=${id} />` },
  ].filter(Boolean);
  return html`<${Page} title=${of.data?.name ?? t('one')} trail=${[{ href: '/partners', text: t('title') }]}
    badge=${of.data && html`<${Stage} of=${of.data.stage} />${of.data.suspended && html`<${Badge} tone="bad">${t('suspended')}</${Badge}>`}`}>
    <${Loaded} of=${of}>${() => html`<${Tabs} label=${t('tabs')} tabs=${tabs} chosen=${place.value.query.get('tab') ?? 'facts'} onChoose=${(tab) => setQuery({ tab: tab === 'facts' ? null : tab })} />`}</${Loaded}></${Page}>`;
}
