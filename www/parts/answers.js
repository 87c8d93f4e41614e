// A product's questions as a form: which of them are shown, what is wrong with an answer in words
// that people read, and answers shown again. It reads the product's JSON Schema with its x- members;
// the service has the last word.
import { get } from './api.js';
import { holds } from './condition.js';
import { Field, fieldId } from './form.js';
import { date, decimalText, money, number } from './format.js';
import { html, useEffect, useSignal } from './html.js';
import { Icon } from './icon.js';
import { Facts } from './show.js';
import { language, texts } from './text.js';
import shell from '../texts/shell.js';
import quotes from '../texts/quotes.js';

const t = texts(quotes);
const common = texts(shell);

// ---- what a question is ----
export function kindOf(question) {
  if (question.type === 'array') return question.items.type === 'object' ? 'records' : 'choices';
  if (question.enum || question.oneOf) return 'choice';
  if (question.type === 'boolean') return 'boolean';
  if (question.type === 'integer') return 'integer';
  if (question.format === 'date') return 'date';
  if (question.type === 'string' && question.pattern?.includes('[0-9]{1,') && (question['x-minimum'] !== undefined || question['x-maximum'] !== undefined)) return 'amount';
  if (question.type === 'string' && /^\^-?\??\[0-9\]\{1,15\}/.test(question.pattern ?? '')) return 'amount';
  return 'text';
}

const choicesOf = (question) => (question.oneOf ?? (question.enum ?? []).map((value) => ({ const: value, title: value })))
  .map((one) => ({ value: one.const, label: one.title ?? one.const }));

// The value of a typed answer as the service takes it; undefined: not answered.
function valueOf(question, typed) {
  if (typed === undefined || typed === null || typed === '') return undefined;
  switch (kindOf(question)) {
    case 'integer': {
      const text = decimalText(String(typed));
      return /^-?\d{1,15}$/.test(text) ? Number(text) : typed;
    }
    case 'amount': return decimalText(String(typed));
    case 'choices': return typed.length ? typed : undefined;
    case 'records': return typed.map((one) => answersOf(question.items, one));
    case 'text': return String(typed).trim() || undefined;
    default: return typed;
  }
}

const comparable = (question, value) => {
  if (value === undefined) return null;
  return kindOf(question) === 'amount' && !Number.isNaN(Number(value)) ? Number(value) : value;
};

// Does the schema forbid a property under these answers? Conditions stand in allOf as if and else.
function forbidden(schema, name, answers) {
  const fits = (part) => Object.entries(part.properties ?? {}).every(([key, test]) => {
    const value = answers[key];
    if (value === undefined) return true;
    if ('const' in test) return value === test.const;
    if (test.not && 'const' in test.not) return value !== test.not.const;
    if (test.enum) return test.enum.includes(value);
    return true;
  }) && (part.required ?? []).every((key) => answers[key] !== undefined);
  return (schema.allOf ?? []).some((rule) => {
    const branch = rule.if && (fits(rule.if) ? rule.then : rule.else);
    return branch?.properties?.[name] === false;
  });
}

const required = (schema, name) => (schema.required ?? []).includes(name) || schema.properties[name]['x-required-when-shown'] === true;

// The questions that are shown, and their answers as the service takes them.
function walk(schema, typed) {
  const answers = {};
  const shown = [];
  for (const [name, question] of Object.entries(schema.properties)) {
    const condition = question['x-shown-when'];
    if (condition) {
      let early = false; // it hangs on a question that is there and has no answer yet
      const truth = holds(condition, (other) => {
        early ||= shown.includes(other) && answers[other] === undefined && required(schema, other);
        return schema.properties[other] ? comparable(schema.properties[other], answers[other]) : null;
      });
      const visible = truth === undefined ? !forbidden(schema, name, answers) : truth === true;
      if (early || !visible) continue;
    }
    shown.push(name);
    const value = valueOf(question, typed[name]);
    if (value !== undefined) answers[name] = value;
  }
  return { shown, answers };
}

export const shownOf = (schema, typed) => walk(schema, typed).shown;
export const answersOf = (schema, typed) => walk(schema, typed).answers;

// ---- what is wrong ----
const hintOf = (question) => (question.description ?? '').replace(/ ?(Allowed|Toegestaan): [^.]*(\.\d+[^.]*)*\.?$/, '').trim();

function range(question, value, show) {
  const minimum = question.minimum ?? question['x-minimum'];
  const maximum = question.maximum ?? question['x-maximum'];
  const below = minimum !== undefined && value < (typeof value === 'number' ? Number(minimum) : minimum);
  const above = maximum !== undefined && value > (typeof value === 'number' ? Number(maximum) : maximum);
  if (!below && !above) return null;
  const words = { minimum: minimum === undefined ? '' : show(minimum), maximum: maximum === undefined ? '' : show(maximum) };
  if (minimum !== undefined && maximum !== undefined) return t(kindOf(question) === 'date' ? 'err_date_range' : 'err_range', words);
  return t(below ? 'err_too_small' : 'err_too_large', words);
}

function wrongValue(question, value) {
  switch (kindOf(question)) {
    case 'integer': return typeof value !== 'number' ? t('err_number') : range(question, value, number);
    case 'amount': return new RegExp(question.pattern).test(value) ? range(question, Number(value), (limit) => money(limit)) : t('err_amount');
    case 'date': return /^\d{4}-\d{2}-\d{2}$/.test(value) ? range(question, value, date) : t('err_date');
    case 'text':
      if (value.length < (question.minLength ?? 0)) return t('err_too_short', { hint: hintOf(question) }).trim();
      if (value.length > (question.maxLength ?? Infinity)) return t('err_too_long', { count: question.maxLength });
      if (question.pattern && !new RegExp(question.pattern, 'u').test(value)) return t('err_pattern', { hint: hintOf(question) }).trim();
      return null;
    case 'choices': return value.length < (question.minItems ?? 0) ? t('err_pick', { count: question.minItems }) : null;
    case 'records': return value.length < (question.minItems ?? 0) ? t('err_count_min', { count: question.minItems }) : null;
    default: return null;
  }
}

// Errors by the form's names, those of missing answers too. `prefix` is "answers/".
export function wrongAnswers(schema, typed, prefix) {
  const errors = {};
  const { shown, answers } = walk(schema, typed);
  for (const name of shown) {
    const question = schema.properties[name];
    const value = answers[name];
    const at = `${prefix}${name}`;
    if (value === undefined) {
      const picks = ['choice', 'choices', 'boolean'].includes(kindOf(question));
      if (required(schema, name)) errors[at] = t(picks ? 'err_choice' : 'err_required', { label: question.title });
      continue;
    }
    const wrong = wrongValue(question, value);
    if (wrong) errors[at] = wrong;
    if (kindOf(question) === 'records') typed[name].forEach((one, index) => Object.assign(errors, wrongAnswers(question.items, one, `${at}/${index}/`)));
  }
  return errors;
}

// ---- the fields ----
const widths = { integer: '8', amount: '12' };

function One({ form, question, name, optional, onChange }) {
  const kind = kindOf(question);
  const shared = { form, name, label: question.title, hint: hintOf(question) || undefined, optional, onInput: onChange };
  switch (kind) {
    case 'boolean': return html`<${Field} ...${shared} kind="yesno" />`;
    case 'choice': return html`<${Field} ...${shared} kind="radio" choices=${choicesOf(question)} />`;
    case 'choices': return html`<${Field} ...${shared} kind="checkboxes" choices=${choicesOf(question.items)} />`;
    case 'date': return html`<${Field} ...${shared} kind="date" min=${question['x-minimum']} max=${question['x-maximum']} />`;
    case 'integer': return html`<${Field} ...${shared} kind="number" size=${widths.integer} autocomplete="off" />`;
    case 'amount': return html`<${Field} ...${shared} kind="amount" size=${widths.amount} autocomplete="off" />`;
    default: return (question.maxLength ?? 0) > 200 ? html`<${Field} ...${shared} kind="textarea" />`
      : html`<${Field} ...${shared} autocomplete="off" size=${(question.maxLength ?? 99) <= 10 ? '12' : undefined} />`;
  }
}

// A form of one item of a list, that reads and writes the list's value.
const itemForm = (form, name, index) => ({
  values: { get value() {
    return Object.fromEntries(Object.entries(form.get(name)?.[index] ?? {}).map(([key, value]) => [`${name}/${index}/${key}`, value]));
  } },
  errors: form.errors,
  set: (at, value) => {
    const key = at.slice(`${name}/${index}/`.length);
    form.set(name, form.get(name).map((one, other) => (other === index ? { ...one, [key]: value } : one)));
    if (form.errors.value[at]) {
      const { [at]: gone, ...others } = form.errors.value;
      form.errors.value = others;
    }
  },
});

function Records({ form, question, name, onChange }) {
  const items = form.get(name) ?? [];
  const change = (next) => {
    form.set(name, next);
    onChange?.();
  };
  const error = form.errors.value[name];
  return html`<fieldset class=${error ? 'field wrong' : 'field'} id=${fieldId(name)} tabindex="-1">
    <legend>${question.title}</legend>${hintOf(question) && html`<p class="hint">${hintOf(question)}</p>`}
    ${error && html`<p class="error">${error}</p>`}
    <div class="stack">${items.map((one, index) => html`<div class="record" key=${index} role="group" aria-label=${t('item', { count: index + 1 })}>
      <div class="spread"><strong>${t('item', { count: index + 1 })}</strong>
        <button type="button" class="button plain small" aria-label=${t('removeItem', { count: index + 1 })} onClick=${() => change(items.filter((_, other) => other !== index))}><${Icon} name="trash" />${t('remove')}</button></div>
      <${Questions} form=${itemForm(form, name, index)} schema=${question.items} typed=${one} prefix=${`${name}/${index}/`} onChange=${onChange} /></div>`)}</div>
    ${items.length < (question.maxItems ?? Infinity) && html`<p class="actions"><button type="button" class="button" onClick=${() => change([...items, {}])}><${Icon} name="plus" />${items.length ? t('add') : t('addFirst')}</button></p>`}</fieldset>`;
}

// All questions that are shown, in the product's order.
export const Questions = ({ form, schema, typed, prefix, onChange }) => html`<div class="questions">
  ${shownOf(schema, typed).map((name) => {
    const question = schema.properties[name];
    return kindOf(question) === 'records'
      ? html`<${Records} key=${name} form=${form} question=${question} name=${`${prefix}${name}`} onChange=${onChange} />`
      : html`<${One} key=${name} form=${form} question=${question} name=${`${prefix}${name}`} optional=${!required(schema, name)} onChange=${onChange} />`;
  })}</div>`;

// ---- answers, shown again ----
export function answerText(question, value) {
  if (value === null || value === undefined) return t('notFilled');
  if (typeof value === 'boolean') return value ? common('yes') : common('no');
  switch (question && kindOf(question)) {
    case 'choice': return choicesOf(question).find((one) => one.value === value)?.label ?? String(value);
    case 'choices': return value.map((one) => choicesOf(question.items).find((choice) => choice.value === one)?.label ?? one).join(', ');
    case 'date': return date(value);
    case 'amount': return money(value);
    case 'integer': return number(value);
    case 'records': return html`<ul class="plain-list">${value.map((one) => html`<li>${Object.entries(one).map(([key, inner]) => answerText(question.items.properties[key], inner)).join(', ')}</li>`)}</ul>`;
    default: return typeof value === 'number' ? number(value) : typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

export const AnswerFacts = ({ schema, answers }) => html`<${Facts} wide rows=${Object.entries(answers).map(([name, value]) => [
  schema?.properties?.[name]?.title ?? name.replaceAll('_', ' '), answerText(schema?.properties?.[name], value)])} />`;

// The product's schema in the reader's language, or null while it is on its way or not to be had.
const schemas = new Map();
export function useSchema(product, allowed = true) {
  const schema = useSignal(null);
  useEffect(() => {
    if (!product || !allowed) return;
    const key = `${product} ${language.value}`;
    if (!schemas.has(key)) schemas.set(key, get(`/products/${product}`).then(({ data }) => data));
    schemas.get(key).then((data) => {
      schema.value = data;
    }, () => {
      schemas.delete(key);
    });
  }, [product, language.value, allowed]);
  return schema.value;
}
