// A field that finds one thing among many by typing: a firm, a person. `find(text, signal)` answers
// [{ value, label, hint }]; the form keeps the value, and shows the label.
import { classes, html, useEffect, useSignal } from './html.js';
import { fieldId } from './form.js';
import { texts } from './text.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const WAIT_MS = 250;
// The form's value while something is typed and nothing was picked: a check refuses it.
export const UNFINISHED = 'unfinished';

export function Finder({ form, name, label, hint, optional, find, first = '', onPick }) {
  const id = fieldId(name);
  const text = useSignal(first);
  const found = useSignal(null); // null: the list is closed
  const at = useSignal(0);
  const typed = useSignal('');
  const error = form.errors.value[name];
  useEffect(() => {
    const wanted = typed.value.trim();
    if (!wanted) {
      found.value = null;
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => find(wanted, abort.signal).then((items) => {
      if (abort.signal.aborted) return;
      found.value = items;
      at.value = 0;
    }, () => {
      if (!abort.signal.aborted) found.value = [];
    }), WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed.value]);
  const pick = (item) => {
    form.set(name, item.value);
    text.value = item.label;
    typed.value = '';
    found.value = null;
    onPick?.(item);
  };
  const input = (event) => {
    text.value = event.target.value;
    typed.value = event.target.value;
    form.set(name, event.target.value.trim() ? UNFINISHED : '');
    onPick?.(null);
  };
  const items = found.value ?? [];
  const key = (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && items.length) {
      event.preventDefault();
      at.value = (at.value + move + items.length) % items.length;
    } else if (event.key === 'Enter' && items[at.value]) {
      event.preventDefault();
      pick(items[at.value]);
    } else if (event.key === 'Escape' && found.value) {
      event.preventDefault();
      event.stopPropagation();
      found.value = null;
    }
  };
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return html`<div class=${classes('field', error && 'wrong')}>
    <label for=${id}>${label}${optional && html` <span class="quiet">${t('optional')}</span>`}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
    <div class="finder"><input type="text" id=${id} name=${name} role="combobox" autocomplete="off" spellcheck=${false} aria-expanded=${String(items.length > 0)} aria-controls=${`${id}-list`}
      aria-describedby=${described} aria-invalid=${error ? 'true' : undefined} aria-activedescendant=${items[at.value] ? `${id}-${at.value}` : undefined}
      value=${text.value} onInput=${input} onKeyDown=${key} onBlur=${() => { found.value = null; }} />
      <ul class="results finder-list" role="listbox" id=${`${id}-list`} aria-label=${label} hidden=${items.length === 0}>${items.map((item, index) => html`
        <li role="option" id=${`${id}-${index}`} aria-selected=${String(index === at.value)} onPointerDown=${(event) => { event.preventDefault(); pick(item); }}>
          <span>${item.label}</span><span class="quiet small">${item.hint}</span></li>`)}</ul></div>
    <p class="hidden" role="status">${found.value ? t('searchFound', { count: items.length }) : ''}</p>
    ${found.value?.length === 0 && html`<p class="hint">${t('searchNothing', { text: typed.value.trim() })}</p>`}</div>`;
}
