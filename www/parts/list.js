// A list of rows from the service, a page at a time. Filters, sort, columns and the place in the
// list stand in the address, so that the back button, a bookmark and a colleague get the same. Views
// are kept with the user. Below 640 px each row is drawn as a card.
//
// <List
//   name="quotes"                     of its saved views
//   path="/quotes"                    of the API; answers { items, next }
//   columns=${[{ key, label, cell: (row) => …, sort: 'name' | undefined, oneWay, numeric, tight, fixed, hidden, csv: (row) => text }]}
//   filters=${[{ name, label, kind: 'choice' | 'text' | 'date', choices: [{ value, label }] }]}
//   href=${(row) => …} label=${(row) => text}    a row's page and its name
//   sorted="-created"                 the order without a choice, one of the sort names
//   count="/quotes/count"             where the number of rows is asked, when there is such a place;
//                                     it answers { count, more }: more than it counted
//   actions=${[{ label, icon, run: async (rows) => …, needs }]}    on what is selected
//   empty=${{ title, text, icon, action }}      when there is nothing at all
// />
// The first column is the row's name and link; `oneWay` is a sort that the service has no falling
// order of.
import { get, query as search } from './api.js';
import { Dialog } from './dialog.js';
import { createForm, Field } from './form.js';
import { classes, html, useEffect, useMemo, useSignal } from './html.js';
import { Icon } from './icon.js';
import { Empty, Failed, Loading, problemText } from './page.js';
import { place, setQuery } from './router.js';
import { may, prefer, preferences } from './session.js';
import { Progress } from './show.js';
import { language, texts } from './text.js';
import { say } from './toast.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const PAGE_ROWS = 25;
const EXPORT_PAGE_ROWS = 100;
const VIEWS_MAX = 20;

// A cell that a spreadsheet would compute begins with a quote instead.
const csvCell = (value) => {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+([.,]\d+)?$/.test(text) ? `'${text}` : text;
  return /[";,\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

function saveFile(name, parts) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// The whole filtered set, fetched page by page, with its count and a way to stop.
function Export({ path, values, columns, name, onClose }) {
  const rows = useSignal(0);
  const failed = useSignal(null);
  const abort = useMemo(() => new AbortController(), []);
  const run = async () => {
    failed.value = null;
    const separator = language.value === 'nl' ? ';' : ',';
    const line = (cells) => `${cells.map(csvCell).join(separator)}\r\n`;
    const parts = ['\ufeff', line(columns.map((column) => column.label))];
    let cursor;
    let count = 0;
    do {
      const { data } = await get(`${path}${search({ ...values, limit: EXPORT_PAGE_ROWS, cursor })}`, { signal: abort.signal });
      parts.push(...data.items.map((row) => line(columns.map((column) => (column.csv ?? column.cell)(row)))));
      count += data.items.length;
      rows.value = count;
      cursor = data.next;
    } while (cursor);
    saveFile(`${name}.csv`, parts);
    say(t('exportDone', { count }));
    onClose();
  };
  const start = () => run().catch((problem) => {
    if (!abort.signal.aborted) failed.value = problem;
  });
  useEffect(() => {
    start();
  }, []);
  const stop = () => {
    abort.abort();
    say(t('exportStopped'), 'info');
    onClose();
  };
  return html`<${Dialog} title=${t('exportTitle')} onClose=${stop}>
    ${failed.value ? html`<${Failed} problem=${failed.value} retry=${start} />`
    : html`<${Progress} label=${t('exportBusy', { count: rows.value })} />`}
    <p class="actions end"><button type="button" class="button plain" onClick=${stop}>${t('cancel')}</button></p></${Dialog}>`;
}

// A button with what hangs below it.
export const Menu = ({ id, label, icon, children, className }) => html`<div class="menu">
  <button type="button" class="button plain" popovertarget=${id}><${Icon} name=${icon} />${label}</button>
  <div id=${id} popover class=${classes('popover', className)}>${children}</div></div>`;

// What is filled in is searched when typing pauses or a choice is made.
function Filters({ filters, values }) {
  const form = useMemo(() => createForm(values), []);
  const timer = useMemo(() => ({ id: 0 }), []);
  useEffect(() => {
    form.values.value = { ...values };
  }, [JSON.stringify(values)]);
  const apply = (changed) => setQuery({ ...changed, cursor: null }, { replace: false });
  const type = (name) => (value) => {
    clearTimeout(timer.id);
    timer.id = setTimeout(() => apply({ [name]: value }), 400);
  };
  return html`<search class="filters" aria-label=${t('filters')}>
    ${filters.map((filter) => html`<${Field} form=${form} name=${filter.name} label=${filter.label} bare
      kind=${filter.kind === 'choice' ? 'select' : filter.kind === 'date' ? 'date' : 'search'} choices=${filter.choices}
      ...${filter.kind === 'choice' ? { none: t('all') } : {}}
      onInput=${filter.kind === 'text' ? type(filter.name) : (value) => apply({ [filter.name]: value ?? '' })} />`)}
    ${Object.values(values).some(Boolean) && html`<button type="button" class="button plain" onClick=${() => apply(Object.fromEntries(filters.map((filter) => [filter.name, null])))}>
      <${Icon} name="close" />${t('filtersClear')}</button>`}
  </search>`;
}

function Views({ name, viewed }) {
  const form = useMemo(() => createForm({ view: '' }), []);
  const views = preferences.value.views?.[name] ?? [];
  const keepViews = (list) => prefer({ views: { ...preferences.value.views, [name]: list } });
  const save = async (event) => {
    event.preventDefault();
    const title = (form.get('view') ?? '').trim();
    if (!title) return form.fail({ view: t('error_required', { label: t('viewName') }) });
    const others = views.filter((view) => view.name !== title);
    if (others.length >= VIEWS_MAX) return form.fail({ view: t('viewLimit') });
    try {
      await keepViews([...others, { name: title, query: viewed }]);
      form.set('view', '');
      say(t('viewSaved', { name: title }));
    } catch (problem) {
      say(problem.errors?.[0]?.message ?? problemText(problem), 'bad');
    }
    return undefined;
  };
  const drop = async (title) => {
    try {
      await keepViews(views.filter((view) => view.name !== title));
      say(t('viewDeleted', { name: title }));
    } catch (problem) {
      say(problemText(problem), 'bad');
    }
  };
  return html`<${Menu} id="list-views" label=${t('views')} icon="bookmark">
    ${views.length === 0 && html`<p class="quiet">${t('viewsNone')}</p>`}
    <ul class="plain-list">
      ${views.length > 0 && html`<li><a href=${place.value.path}>${t('viewStandard')}</a></li>`}
      ${views.map((view) => html`<li class="spread"><a href=${`${place.value.path}?${view.query}`}>${view.name}</a>
        <button type="button" class="button icon-only plain" aria-label=${t('viewDelete', { name: view.name })} onClick=${() => drop(view.name)}><${Icon} name="trash" /></button></li>`)}
    </ul>
    <form class="stack" novalidate onSubmit=${save}><${Field} form=${form} name="view" label=${t('viewName')} maxlength="60" />
      <button type="submit" class="button">${t('viewSave')}</button></form></${Menu}>`;
}

const Columns = ({ columns, shown }) => {
  const toggle = (key, on) => {
    const keys = columns.filter((column) => (column.key === key ? on : shown.includes(column))).map((column) => column.key);
    setQuery({ columns: keys.join(',') });
  };
  return html`<${Menu} id="list-columns" label=${t('columns')} icon="columns">
    <div class="choices" role="group" aria-label=${t('columns')}>${columns.map((column) => html`<label class="choice"><input type="checkbox" checked=${shown.includes(column)} disabled=${column.fixed}
      onChange=${(event) => toggle(column.key, event.target.checked)} /><span>${column.label}</span></label>`)}</div>
    <button type="button" class="button plain" onClick=${() => setQuery({ columns: null })}>${t('columnsReset')}</button></${Menu}>`;
};

const Head = ({ column, sort, sorted }) => {
  const active = (sort ?? sorted ?? '').replace(/^-/, '') === column.sort;
  const falling = active && (sort ?? sorted).startsWith('-');
  if (!column.sort) return html`<th scope="col" role="columnheader" class=${column.numeric ? 'number' : ''}>${column.label}</th>`;
  const next = !active || falling ? column.sort : column.oneWay ? null : `-${column.sort}`;
  return html`<th scope="col" role="columnheader" class=${column.numeric ? 'number' : ''} aria-sort=${active ? (falling ? 'descending' : 'ascending') : undefined}>
    <button type="button" class="sort" title=${t('sortBy', { label: column.label })} onClick=${() => setQuery({ sort: next === sorted ? null : next, cursor: null }, { replace: false })}>
      ${column.label}<${Icon} name=${active ? (falling ? 'down' : 'up') : 'sort'} /></button></th>`;
};

function Rows({ items, shown, href, label, selected, actions, sort, sorted, busy, caption }) {
  const all = items.length > 0 && items.every((row) => selected.value.has(row.id));
  const pick = (rows, on) => {
    const next = new Map(selected.value);
    for (const row of rows) if (on) next.set(row.id, row); else next.delete(row.id);
    selected.value = next;
  };
  return html`<table class=${classes('rows', busy && 'stale')} role="table" aria-busy=${String(busy)}>
    <caption class="hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">
      ${actions.length > 0 && html`<th scope="col" role="columnheader" class="pick"><input type="checkbox" aria-label=${t('selectAll')} checked=${all} onChange=${(event) => pick(items, event.target.checked)} /></th>`}
      ${shown.map((column) => html`<${Head} key=${column.key} column=${column} sort=${sort} sorted=${sorted} />`)}</tr></thead>
    <tbody role="rowgroup">${items.map((row) => html`<tr key=${row.id} role="row" class=${selected.value.has(row.id) ? 'picked' : ''}>
      ${actions.length > 0 && html`<td role="cell" class="pick"><input type="checkbox" aria-label=${t('selectRow', { label: label(row) })} checked=${selected.value.has(row.id)} onChange=${(event) => pick([row], event.target.checked)} /></td>`}
      ${shown.map((column, index) => (index === 0
    ? html`<th scope="row" role="rowheader"><a href=${href(row)}>${column.cell(row)}</a></th>`
    : html`<td role="cell" data-label=${column.label} class=${classes(column.numeric && 'number', column.tight && 'tight')}>${column.cell(row) ?? '–'}</td>`))}</tr>`)}</tbody></table>`;
}

const Pager = ({ first, from, count, next, onNext, onFirst, onPrevious, total }) => html`<nav class="pager" aria-label=${t('pages')}>
  <p class="quiet">${from !== null && count > 0 ? t('pageRows', { from: from + 1, to: from + count }) : ''}
    ${total ? ` · ${t(total.more ? 'rowsMany' : 'rows', { count: total.count })}` : ''}</p>
  <div class="actions">
    ${!first && (onPrevious ? html`<button type="button" class="button plain" onClick=${onPrevious}><${Icon} name="back" />${t('pagePrevious')}</button>`
    : html`<button type="button" class="button plain" onClick=${onFirst}>${t('pageFirst')}</button>`)}
    ${next && html`<button type="button" class="button plain" onClick=${onNext}>${t('pageNext')}<${Icon} name="chevron" /></button>`}
  </div></nav>`;

export function List({ name, path, columns, filters = [], href, label, sorted, count, actions = [], empty, fixed = {} }) {
  const { query } = place.value;
  const values = Object.fromEntries(filters.map((filter) => [filter.name, query.get(filter.name) ?? '']));
  const sort = query.get('sort');
  const cursor = query.get('cursor');
  const wanted = query.get('columns')?.split(',');
  const shown = columns.filter((column) => column.fixed || (wanted ? wanted.includes(column.key) : !column.hidden));
  const filtered = Object.values(values).some(Boolean);
  const asked = { ...fixed, ...values, sort };
  const key = JSON.stringify([path, asked, cursor, language.value]);
  const state = useSignal({ loading: true });
  const total = useSignal(undefined);
  const selected = useSignal(new Map());
  const exporting = useSignal(false);
  const allowed = actions.filter((action) => may(...(action.needs ?? [])));

  const load = (abort) => {
    state.value = { ...state.value, loading: true, failed: undefined };
    get(`${path}${search({ ...asked, limit: PAGE_ROWS, cursor })}`, { signal: abort.signal }).then(
      ({ data }) => {
        state.value = { loading: false, data, key };
      },
      (failed) => {
        if (!abort.signal.aborted) state.value = { loading: false, failed };
      },
    );
  };
  useEffect(() => {
    const abort = new AbortController();
    load(abort);
    return () => abort.abort();
  }, [key]);
  useEffect(() => {
    total.value = undefined;
    if (!count) return undefined;
    const abort = new AbortController();
    get(`${count}${search({ ...fixed, ...values })}`, { signal: abort.signal }).then(
      ({ data }) => {
        total.value = data;
      },
      () => {}, // the list itself does without
    );
    return () => abort.abort();
  }, [JSON.stringify([count, fixed, values])]);

  const act = async (action) => {
    await action.run([...selected.value.values()]);
    selected.value = new Map();
    load(new AbortController());
  };
  const { data, failed, loading } = state.value;
  const trail = history.state?.cursors ?? (cursor ? null : []);
  const viewed = new URLSearchParams([...query].filter(([one]) => one !== 'cursor')).toString();
  const turn = (next, cursors) => {
    setQuery({ cursor: next }, { replace: false, state: { cursors } });
    document.querySelector('.rows')?.scrollIntoView({ block: 'nearest' });
  };

  return html`<div class="list">
    <div class="list-tools">
      ${filters.length > 0 && html`<${Filters} filters=${filters} values=${values} />`}
      <div class="actions">
        ${may('UpdateOwnUser') && html`<${Views} name=${name} viewed=${viewed} />`}
        <${Columns} columns=${columns} shown=${shown} />
        <button type="button" class="button plain" onClick=${() => { exporting.value = true; }}><${Icon} name="download" />${t('exportCsv')}</button>
      </div>
    </div>
    ${selected.value.size > 0 && html`<div class="selection" role="region" aria-label=${t('selected', { count: selected.value.size })}>
      <p>${t('selected', { count: selected.value.size })}</p>
      ${allowed.map((action) => html`<button type="button" class="button" onClick=${() => act(action)}>${action.icon && html`<${Icon} name=${action.icon} />`}${action.label}</button>`)}
      <button type="button" class="button plain" onClick=${() => { selected.value = new Map(); }}>${t('selectNone')}</button></div>`}
    ${failed ? html`<${Failed} problem=${failed} retry=${() => load(new AbortController())} />`
    : !data ? html`<${Loading} lines=${8} />`
      : data.items.length === 0 && !loading ? (filtered || cursor
        ? html`<${Empty} title=${t('emptyFiltered')} text=${t('emptyFilteredText')} icon="search">
            <button type="button" class="button" onClick=${() => setQuery({ ...Object.fromEntries(filters.map((filter) => [filter.name, null])), cursor: null }, { replace: false })}>${t('filtersClear')}</button></${Empty}>`
        : html`<${Empty} ...${empty}>${empty.action}</${Empty}>`)
        : html`<${Rows} items=${data.items} shown=${shown} href=${href} label=${label} selected=${selected} actions=${allowed}
            sort=${sort} sorted=${sorted} busy=${loading} caption=${name} />
          <${Pager} first=${!cursor} from=${trail ? trail.length * PAGE_ROWS : null} count=${data.items.length} next=${data.next} total=${total.value}
            onNext=${() => turn(data.next, [...(trail ?? []), cursor ?? ''])}
            onFirst=${() => turn(null, [])}
            onPrevious=${trail && trail.length > 0 ? () => turn(trail.at(-1) || null, trail.slice(0, -1)) : null} />`}
    ${exporting.value && html`<${Export} path=${path} values=${asked} columns=${shown} name=${name} onClose=${() => { exporting.value = false; }} />`}
  </div>`;
}
