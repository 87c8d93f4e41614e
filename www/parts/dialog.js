// Dialogs over the page: <Dialog> where a page has one of its own, ask() for a question with its
// answer. The element itself keeps the focus inside, closes by Escape and gives the focus back.
import { html, signal, useEffect, useId, useRef } from './html.js';
import { Icon } from './icon.js';
import { texts } from './text.js';
import shell from '../texts/shell.js';

const t = texts(shell);

// `fixed`: closes by its own buttons alone; `first`: something inside takes the focus, not the heading.
export function Dialog({ title, onClose, fixed, wide, first, children }) {
  const element = useRef(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    if (!fixed) onClose?.();
  };
  return html`<dialog ref=${element} class=${wide ? 'dialog wide' : 'dialog'} aria-labelledby=${id} onCancel=${cancel}>
    <header class="dialog-head"><h2 id=${id} tabindex="-1" autofocus=${!first}>${title}</h2>
      ${!fixed && html`<button type="button" class="button icon-only plain" aria-label=${t('close')} onClick=${onClose}><${Icon} name="close" /></button>`}
    </header>
    <div class="dialog-body">${children}</div>
  </dialog>`;
}

const asked = signal(null);

// Asks yes or no: true when confirmed. `danger` paints the confirming button.
export const ask = ({ title, text, confirm, danger }) => new Promise((done) => {
  asked.value = {
    title, text, confirm, danger,
    end: (answer) => {
      asked.value = null;
      done(answer);
    },
  };
});

// Where ask() is drawn, once in the shell.
export function Asked() {
  const question = asked.value;
  if (!question) return null;
  return html`<${Dialog} title=${question.title} onClose=${() => question.end(false)}>
    ${question.text && html`<p>${question.text}</p>`}
    <p class="actions end">
      <button type="button" class="button plain" onClick=${() => question.end(false)}>${t('cancel')}</button>
      <button type="button" class=${question.danger ? 'button danger' : 'button primary'} onClick=${() => question.end(true)}>${question.confirm}</button>
    </p>
  </${Dialog}>`;
}
