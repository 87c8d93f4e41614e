// Short messages that something is done, told to screen readers as well. They go by themselves, but
// not while somebody points at them.
import { html, signal } from './html.js';
import { Icon } from './icon.js';
import { texts } from './text.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const SHOWN_MS = 8000;
const TOASTS_MAX = 4;

const toasts = signal([]);
let numbers = 0;

const drop = (number) => {
  toasts.value = toasts.value.filter((toast) => toast.number !== number);
};

// kind: good, bad, info. What is bad stays until it is closed.
export function say(text, kind = 'good') {
  numbers += 1;
  const number = numbers;
  const wait = () => (kind === 'bad' ? null : setTimeout(() => drop(number), SHOWN_MS));
  const toast = { number, text, kind, timer: wait(), wait };
  toasts.value = [...toasts.value.slice(1 - TOASTS_MAX), toast];
}

export const Toasts = () => html`<div class="toasts" role="status" aria-live="polite" aria-label=${t('messages')}>
  ${toasts.value.map((toast) => html`<div key=${toast.number} class=${`toast ${toast.kind}`}
    onPointerEnter=${() => clearTimeout(toast.timer)} onPointerLeave=${() => { toast.timer = toast.wait(); }}>
    <${Icon} name=${toast.kind === 'good' ? 'check' : toast.kind === 'bad' ? 'warning' : 'info'} />
    <p>${toast.text}</p>
    <button type="button" class="button icon-only plain" aria-label=${t('closeMessage')} onClick=${() => drop(toast.number)}><${Icon} name="close" /></button>
  </div>`)}</div>`;
