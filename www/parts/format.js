// Amounts, dates and numbers as people of the chosen language write them. Amounts are decimal text
// from start to end: they never become floating numbers here.
import { language } from './text.js';

const ZONE = 'Europe/Amsterdam';
const cache = new Map();

function format(kind, options) {
  const locale = language.value === 'en' ? 'en-GB' : 'nl-NL';
  const key = `${locale}${kind.name}${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new kind(locale, options));
  return cache.get(key);
}

export const money = (amount, currency = 'EUR') => (amount === null || amount === undefined ? '–'
  : format(Intl.NumberFormat, { style: 'currency', currency }).format(amount));
export const number = (value) => format(Intl.NumberFormat, {}).format(value);

const dayOf = (text) => new Date(`${text}T12:00:00Z`);
export const date = (text) => (text
  ? format(Intl.DateTimeFormat, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(dayOf(text)) : '–');
export const dateShort = (text) => (text
  ? format(Intl.DateTimeFormat, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(dayOf(text)) : '–');
export const instant = (text) => (text
  ? format(Intl.DateTimeFormat, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: ZONE }).format(new Date(text)) : '–');

// Today in Amsterdam, as YYYY-MM-DD, and days from one such day to another.
export const today = () => new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: ZONE }).format(new Date());
export const daysUntil = (text, from = today()) => Math.round((dayOf(text) - dayOf(from)) / 86_400_000);
export const addDays = (text, days) => new Date(dayOf(text).getTime() + days * 86_400_000).toISOString().slice(0, 10);

// "in 3 days", "yesterday"
export const relativeDay = (text) => format(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(daysUntil(text), 'day');

// An amount or number as it was typed ("28.500,00", "28,500.00", "28500,5") to decimal text as the
// service reads it; what is no number stays as it was typed.
export function decimalText(typed) {
  const text = typed.replace(/[\s\u00a0€]/g, '');
  if (!/^-?[\d.,]+$/.test(text)) return typed.trim();
  const last = Math.max(text.lastIndexOf(','), text.lastIndexOf('.'));
  const mark = text[last];
  const grouped = last >= 0 && (text.indexOf(mark) !== last || text.length - last - 1 === 3)
    && !(text.includes(',') && text.includes('.') && text.indexOf(mark) === last);
  if (last < 0 || grouped) return text.replace(/[.,]/g, '');
  return `${text.slice(0, last).replace(/[.,]/g, '')}.${text.slice(last + 1)}`;
}
