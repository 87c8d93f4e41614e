// Choosing a file, by its button or by dragging it here, and sending it with its progress; it can be
// stopped. The service looks at the content itself.
import { Problem } from './api.js';
import { classes, html, useId, useRef, useSignal } from './html.js';
import { number } from './format.js';
import { problemText } from './page.js';
import { Progress } from './show.js';
import { language, texts } from './text.js';
import { say } from './toast.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const MEGABYTE = 1024 * 1024;

const base64 = (file) => new Promise((done, fail) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.slice(reader.result.indexOf(',') + 1));
  reader.onerror = () => fail(reader.error);
  reader.readAsDataURL(file);
});

// Sends JSON with what is sent counted, which fetch does not tell.
const send = (path, body, request, onProgress) => new Promise((done, fail) => {
  request.open('POST', `/api/v1${path}`);
  request.setRequestHeader('Content-Type', 'application/json');
  request.setRequestHeader('Accept-Language', language.value);
  request.setRequestHeader('Idempotency-Key', crypto.randomUUID());
  request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
  request.onload = () => {
    let data = {};
    try {
      data = JSON.parse(request.responseText);
    } catch {
      // no JSON: told as unexpected
    }
    if (request.status < 300) done(data);
    else fail(new Problem(request.status, data));
  };
  request.onerror = () => fail(new Problem(0, { code: 'connection_lost' }));
  request.onabort = () => fail(null);
  request.send(JSON.stringify(body));
});

// `body(file, content)` makes what is sent; `max`: bytes at most.
export function Upload({ label, hint, accept, max, path, body, onDone }) {
  const id = useId();
  const over = useSignal(false);
  const busy = useSignal(null); // { name, loaded, total }
  const error = useSignal(null);
  const request = useRef(null);
  const take = async (file) => {
    if (!file || busy.value) return;
    error.value = null;
    if (file.size > max) {
      error.value = t('fileTooLarge', { size: `${number(Math.floor(max / MEGABYTE))} MB` });
      return;
    }
    busy.value = { name: file.name, loaded: 0, total: 0 };
    request.current = new XMLHttpRequest();
    try {
      const made = await send(path, body(file, await base64(file)), request.current, (loaded, total) => {
        busy.value = { name: file.name, loaded, total };
      });
      onDone(made);
    } catch (problem) {
      if (problem === null) say(t('fileStopped'), 'info');
      else error.value = problem.errors?.[0]?.message ?? problemText(problem);
    }
    busy.value = null;
  };
  const drop = (event) => {
    event.preventDefault();
    over.value = false;
    take(event.dataTransfer.files[0]);
  };
  return html`<div class="field"><label for=${id}>${label}</label>${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error.value && html`<p class="error" id=${`${id}-error`} role="alert">${error.value}</p>`}
    ${busy.value ? html`<${Progress} label=${t('fileBusy', { name: busy.value.name })} value=${busy.value.loaded} of=${busy.value.total} />
      <p><button type="button" class="button" onClick=${() => request.current.abort()}>${t('cancel')}</button></p>`
    : html`<div class=${classes('upload', over.value && 'over')} onDragOver=${(event) => { event.preventDefault(); over.value = true; }} onDragLeave=${() => { over.value = false; }} onDrop=${drop}>
      <input type="file" id=${id} accept=${accept} aria-describedby=${hint ? `${id}-hint` : undefined} onChange=${(event) => { take(event.target.files[0]); event.target.value = ''; }} />
      <p class="quiet small">${t('fileDrop')}</p></div>`}</div>`;
}
