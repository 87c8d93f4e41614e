// Texts in the reader's language. An area's texts lie in texts/AREA.js as { nl: {…}, en: {…} }; a
// page calls texts(area) once and then t('key', { values }). A text with {count} may be an object
// { one, other }. Whoever reads a text while drawing is drawn anew when the language changes.
import { signal } from './html.js';
import { choice, choose } from './storage.js';

export const LANGUAGES = ['nl', 'en'];
export const language = signal(LANGUAGES.includes(choice('language'))
  ? choice('language') : LANGUAGES.find((code) => code === document.documentElement.lang) ?? 'nl');
document.documentElement.lang = language.value;

export function setLanguage(code) {
  if (!LANGUAGES.includes(code)) return;
  choose('language', code);
  document.documentElement.lang = code;
  language.value = code;
}

const written = (value) => (Number.isInteger(value) ? value.toLocaleString(language.value === 'en' ? 'en-GB' : 'nl-NL') : value);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => written(values[name]) ?? whole);

export function texts(area) {
  const t = (key, values = {}) => {
    const text = area[language.value][key];
    if (typeof text === 'object') return fill(values.count === 1 ? text.one : text.other, values);
    return fill(text ?? key, values);
  };
  // Is there such a text? For codes that a later server may add.
  t.has = (key) => area[language.value][key] !== undefined;
  return t;
}
