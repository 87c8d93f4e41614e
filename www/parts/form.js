// Forms: values, errors at the field with a summary on top, one submission at a time, and nothing
// lost when it fails. A field's name is the pointer under which the service tells its errors,
// without the first slash: "applicant/last_name".
import { Problem } from './api.js';
import { classes, html, signal, useEffect, useId, useMemo, useRef, useSignal } from './html.js';
import { problemText } from './page.js';
import { texts } from './text.js';
import shell from '../texts/shell.js';

const t = texts(shell);
const RADIOS_MAX = 5;

export const fieldId = (name) => `f-${name.replaceAll('/', '-')}`;

// A form's state. `say(error, name)` may word an error of the service anew; it answers a text or
// nothing.
export function createForm(initial = {}, { word } = {}) {
  const form = {
    values: signal({ ...initial }),
    errors: signal({}),
    failure: signal(null), // what went wrong with the whole, in words
    busy: signal(false),
    tries: signal(0), // rises with each failure, so that the summary takes the focus again
    get: (name) => form.values.value[name],
    set: (name, value) => {
      form.values.value = { ...form.values.value, [name]: value };
      if (form.errors.value[name]) {
        const { [name]: gone, ...others } = form.errors.value;
        form.errors.value = others;
      }
    },
    fail: (errors, failure = null) => {
      form.errors.value = errors;
      form.failure.value = failure;
      form.tries.value += 1;
    },
    // A problem of the service as errors of fields, or of the whole.
    take: (problem) => {
      const errors = {};
      for (const error of problem instanceof Problem ? problem.errors : []) {
        const name = error.pointer.replace(/^\//, '');
        errors[name] ??= word?.(error, name) ?? error.message;
      }
      form.fail(errors, Object.keys(errors).length ? null : problemText(problem));
    },
    // Runs `send` once; its Problem becomes the form's errors. `check` answers errors by name.
    submit: async (send, check) => {
      if (form.busy.value) return;
      const wrong = check?.(form.values.value) ?? {};
      if (Object.keys(wrong).length) {
        form.fail(wrong);
        return;
      }
      form.busy.value = true;
      form.failure.value = null;
      form.errors.value = {};
      try {
        await send(form.values.value);
      } catch (problem) {
        if (!(problem instanceof Problem)) console.error(problem);
        form.take(problem);
      } finally {
        form.busy.value = false;
      }
    },
  };
  return form;
}

export const useForm = (initial, options) => useMemo(() => createForm(initial, options), []);

// Errors for what is missing: fields as [name, label] pairs.
export const missing = (values, fields) => Object.fromEntries(fields
  .filter(([name]) => values[name] === undefined || values[name] === null || String(values[name]).trim() === '')
  .map(([name, label]) => [name, t('error_required', { label })]));

// All errors with links to their fields; takes the focus when a submission failed.
export function ErrorSummary({ form }) {
  const element = useRef(null);
  const { tries, errors, failure } = form;
  useEffect(() => {
    if (tries.value) element.current?.focus();
  }, [tries.value]);
  const all = Object.entries(errors.value);
  if (!all.length && !failure.value) return null;
  const jump = (event, name) => {
    event.preventDefault();
    const field = document.getElementById(fieldId(name)) ?? document.querySelector(`[name="${CSS.escape(name)}"]`);
    field?.focus();
    field?.scrollIntoView({ block: 'center' });
  };
  return html`<div class="summary" tabindex="-1" ref=${element} role="alert">
    <h2>${t('errorSummary')}</h2>
    ${failure.value && html`<p>${failure.value}</p>`}
    ${all.length > 0 && html`<ul>${all.map(([name, text]) => html`<li><a href=${`#${fieldId(name)}`} onClick=${(event) => jump(event, name)}>${text}</a></li>`)}</ul>`}
  </div>`;
}

export function Form({ form, onSubmit, label, children }) {
  const submit = (event) => {
    event.preventDefault();
    onSubmit();
  };
  return html`<form novalidate onSubmit=${submit} aria-label=${label} aria-busy=${String(form.busy.value)}>
    <${ErrorSummary} form=${form} />${children}</form>`;
}

export const Submit = ({ form, children, kind = 'primary' }) => html`<button type="submit" class=${`button ${kind}`} aria-disabled=${String(form.busy.value)}>
  ${form.busy.value && html`<span class="turning" aria-hidden="true"></span>`}${children}</button>`;

// ---- fields ----
function Password({ attributes }) {
  const shown = useSignal(false);
  return html`<span class="with-button"><input ...${attributes} type=${shown.value ? 'text' : 'password'} autocapitalize="none" spellcheck=${false} />
    <button type="button" class="button" onClick=${() => { shown.value = !shown.value; }}>
      ${shown.value ? t('hidePassword') : t('showPassword')}<span class="hidden"> ${t('thePassword')}</span></button></span>`;
}

// choices: [{ value, label, hint }]
const Choices = ({ id, name, choices, value, onChange, kind, inline }) => html`<div class=${classes('choices', inline && 'inline')}>
  ${choices.map((choice, index) => html`<label class="choice">
    <input type=${kind} id=${index ? `${id}-${index}` : id} name=${name} value=${String(choice.value)}
      checked=${kind === 'radio' ? value === choice.value : (value ?? []).includes(choice.value)}
      onChange=${(event) => onChange(choice.value, event.target.checked)} />
    <span>${choice.label}${choice.hint && html`<span class="hint">${choice.hint}</span>`}</span></label>`)}</div>`;

const plain = {
  text: {}, email: { type: 'email', inputmode: 'email', autocapitalize: 'none', spellcheck: false },
  number: { inputmode: 'numeric' }, amount: { inputmode: 'decimal' }, date: { type: 'date' },
  search: { type: 'search' }, tel: { type: 'tel' },
  code: { inputmode: 'numeric', autocomplete: 'one-time-code', spellcheck: false },
};

// One field with label, hint and error. kind: text, email, password, number, amount, date, tel,
// code, textarea, select, radio (few choices; many become a select), yesno, checkbox, checkboxes.
// `size` (of characters) makes it as wide as what belongs in it.
export function Field({ form, name, label, hint, kind = 'text', choices = [], optional, onBlur, onInput, size, bare, none, rows, ...more }) {
  const id = fieldId(name);
  const value = form.values.value[name];
  const error = form.errors.value[name];
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const set = (next) => {
    form.set(name, next);
    onInput?.(next);
  };
  const isGroup = (kind === 'radio' && choices.length <= RADIOS_MAX) || kind === 'yesno' || kind === 'checkboxes';
  const title = html`${label}${optional && html` <span class="quiet">${t('optional')}</span>`}`;
  const notes = html`${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}`;
  const shared = {
    id, name, 'aria-describedby': described, 'aria-invalid': error ? 'true' : undefined, onBlur, ...more,
  };
  if (isGroup) {
    const all = kind === 'yesno' ? [{ value: true, label: t('yes') }, { value: false, label: t('no') }] : choices;
    const change = (picked, on) => set(kind === 'checkboxes'
      ? all.map((choice) => choice.value).filter((one) => (one === picked ? on : (value ?? []).includes(one)))
      : picked);
    return html`<fieldset class=${classes('field', error && 'wrong')} aria-describedby=${described} onFocusOut=${onBlur}>
      <legend>${title}</legend>${notes}
      <${Choices} id=${id} name=${name} choices=${all} value=${value} onChange=${change}
        kind=${kind === 'checkboxes' ? 'checkbox' : 'radio'} inline=${kind === 'yesno'} /></fieldset>`;
  }
  if (kind === 'checkbox') {
    return html`<div class=${classes('field', error && 'wrong')}>
      ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
      <label class="choice"><input ...${shared} type="checkbox" checked=${value === true} onChange=${(event) => set(event.target.checked)} />
      <span>${label}${hint && html`<span class="hint" id=${`${id}-hint`}>${hint}</span>`}</span></label></div>`;
  }
  const input = (event) => {
    const { target } = event;
    set(kind === 'date' && target.validity.badInput ? 'unfinished' : target.value);
  };
  let control;
  if (kind === 'select' || kind === 'radio') {
    control = html`<select ...${shared} value=${value ?? ''} onChange=${(event) => {
      const picked = choices.find((choice) => String(choice.value) === event.target.value);
      set(picked?.value);
    }}><option value="" disabled=${!optional && !none} selected=${value === undefined || value === null || value === ''}>${none ?? t('choose')}</option>
      ${choices.map((choice) => html`<option value=${String(choice.value)} selected=${choice.value === value}>${choice.label}</option>`)}</select>`;
  } else if (kind === 'textarea') {
    control = html`<textarea ...${shared} rows=${rows ?? 4} value=${value ?? ''} onInput=${input}></textarea>`;
  } else if (kind === 'password') {
    control = html`<${Password} attributes=${{ ...shared, value: value ?? '', onInput: input }} />`;
  } else {
    control = html`<input type="text" ...${plain[kind] ?? plain.text} ...${shared} value=${value === 'unfinished' ? undefined : value ?? ''}
      class=${size ? `size-${size}` : undefined} onInput=${input} />`;
  }
  return html`<div class=${classes('field', error && 'wrong', bare && 'bare')}>
    <label for=${id}>${title}</label>${notes}${control}</div>`;
}

// Two people changed one thing: what is kept now beside what was filled in. fields: [name, label];
// `keep` sends again over theirs, `take` puts theirs into the form.
export const Conflict = ({ fields, theirs, mine, keep, take }) => {
  const id = useId();
  const rows = fields.filter(([name]) => String(theirs[name] ?? '') !== String(mine[name] ?? ''));
  return html`<section class="note warn" aria-labelledby=${id} role="alert"><div><h2 id=${id}>${t('conflictTitle')}</h2><p>${t('conflictText')}</p>
    <table class="plain"><thead><tr><th scope="col">${t('conflictField')}</th><th scope="col">${t('conflictTheirs')}</th><th scope="col">${t('conflictMine')}</th></tr></thead>
    <tbody>${rows.map(([name, label]) => html`<tr><th scope="row">${label}</th><td>${String(theirs[name] ?? '–')}</td><td>${String(mine[name] ?? '–')}</td></tr>`)}</tbody></table>
    <p class="actions"><button type="button" class="button" onClick=${keep}>${t('conflictKeep')}</button>
    <button type="button" class="button plain" onClick=${take}>${t('conflictTake')}</button></p></div></section>`;
};
