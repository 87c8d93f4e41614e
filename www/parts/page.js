// The frame of each page: heading, document title, focus after a change of path; and what is shown
// while something loads, when there is nothing, and when it failed.
import { Problem } from './api.js';
import { html, useEffect, useLayoutEffect, useRef, useSignal } from './html.js';
import { Icon } from './icon.js';
import { arrivals, go } from './router.js';
import { texts } from './text.js';
import shell from '../texts/shell.js';

const t = texts(shell);
let focused = 0;

// `trail`: [{ href, text }] above the heading; `actions`: beside it; `lead`: a sentence below it;
// `failed`: the title says that there is an error.
export function Page({ title, trail, actions, lead, badge, failed, narrow, children }) {
  const heading = useRef(null);
  useLayoutEffect(() => {
    document.title = `${failed ? t('titleError') : ''}${title} – ${t('name')}`;
  });
  useEffect(() => {
    if (focused === arrivals.value) return;
    focused = arrivals.value;
    heading.current?.focus({ preventScroll: true });
  }, []);
  return html`<div class=${narrow ? 'page narrow' : 'page'}>
    ${trail && html`<nav class="trail" aria-label=${t('trail')}><ol>${trail.map((step) => html`
      <li><a href=${step.href}>${step.text}</a></li>`)}</ol></nav>`}
    <header class="page-head">
      <div><h1 ref=${heading} tabindex="-1">${title}</h1>${badge}</div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </header>
    ${lead && html`<p class="lead">${lead}</p>`}
    ${children}
  </div>`;
}

// Loads something and draws by its state: `load` is called again when one of `when` changes. A
// newer load makes an older one void. `keepOld`: what was there stays until the new is there.
export function useLoad(load, when = [], { keepOld = false } = {}) {
  const state = useSignal({ loading: true });
  const run = useRef(null);
  const start = (keep) => {
    run.current?.abort();
    const abort = new AbortController();
    run.current = abort;
    state.value = { ...(keep ? state.value : {}), loading: true, failed: undefined };
    load(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) state.value = { loading: false, data };
      },
      (failed) => {
        if (!abort.signal.aborted) state.value = { loading: false, failed };
      },
    );
  };
  useEffect(() => {
    start(keepOld);
    return () => run.current?.abort();
  }, when);
  return {
    ...state.value,
    reload: () => start(true),
    set: (data) => {
      state.value = { loading: false, data };
    },
  };
}

export const Loading = ({ lines = 4 }) => html`<div class="loading" role="status">
  <span class="hidden">${t('loading')}</span>
  ${Array.from({ length: lines }, () => html`<span class="bone" aria-hidden="true"></span>`)}
</div>`;

export const Empty = ({ title, text, icon = 'info', children }) => html`<div class="nothing">
  <span class="nothing-icon"><${Icon} name=${icon} /></span>
  <h2>${title}</h2>${text && html`<p>${text}</p>`}${children && html`<p class="actions">${children}</p>`}</div>`;

// What went wrong in words, by code where we have better ones than the service.
export function problemText(problem) {
  if (!(problem instanceof Problem)) return t('problem_unexpected');
  const key = `problem_${problem.code}`;
  if (t.has(key)) return t(key);
  return problem.status === 0 || problem.status >= 500 ? t('problem_unexpected') : problem.message;
}

export function Failed({ problem, retry }) {
  if (problem?.status === 404) {
    return html`<${Empty} title=${t('notFoundTitle')} text=${t('notFoundText')} icon="search">
      <a class="button" href="/">${t('toStart')}</a></${Empty}>`;
  }
  return html`<div class="nothing" role="alert"><span class="nothing-icon"><${Icon} name="warning" /></span>
    <h2>${t('failedTitle')}</h2><p>${problemText(problem)}</p>
    ${problem?.requestId && html`<p class="quiet small">${t('requestId', { id: problem.requestId })}</p>`}
    <p class="actions">${retry && html`<button type="button" class="button" onClick=${retry}>${t('retry')}</button>`}
      <button type="button" class="button plain" onClick=${() => history.length > 1 ? history.back() : go('/')}>${t('back')}</button></p></div>`;
}

// Draws by the state of useLoad.
export function Loaded({ of, lines, children }) {
  if (of.failed) return html`<${Failed} problem=${of.failed} retry=${of.reload} />`;
  if (of.data === undefined) return html`<${Loading} lines=${lines} />`;
  return children(of.data);
}
