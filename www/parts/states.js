// States of quotes, applications and policies as badges, steps as words, and products by their
// titles.
import { get } from './api.js';
import { html, signal } from './html.js';
import { daysUntil } from './format.js';
import { Badge } from './show.js';
import { language, texts } from './text.js';
import states from '../texts/states.js';

const t = texts(states);
const tones = {
  offered: 'good', referred: 'warn', declined: 'bad', lapsed: 'quiet',
  received: 'info', in_review: 'warn', approved: 'good', issued: 'good', rejected: 'bad', withdrawn: 'quiet', expired: 'quiet',
  active: 'good', cancelled: 'quiet', confirmed: 'good', overtaken: 'quiet', stopped: 'quiet', in_effect: 'good',
  invited: 'info', user_active: 'good', disabled: 'quiet',
};

export const State = ({ of }) => html`<${Badge} tone=${tones[of]}>${t.has(`state_${of}`) ? t(`state_${of}`) : of}</${Badge}>`;
export const stateChoices = (...names) => names.map((value) => ({ value, label: t(`state_${value}`) }));
export const word = (kind, code) => (t.has(`${kind}_${code}`) ? t(`${kind}_${code}`) : code);

// A quote that was offered and whose days are over.
export const quoteState = (quote) => (quote.status === 'offered' && daysUntil(quote.valid_until) < 0 ? 'lapsed' : quote.status);

// A user's state has a word of its own where a policy's is another.
export const userState = (user) => (user.status === 'active' ? 'user_active' : user.status);

// What events of an application or policy say, for a timeline.
export const happenings = (events) => events.map((event) => ({
  at: event.at,
  title: word('step', event.step),
  text: [event.reason && word('reason', event.reason), event.note].filter(Boolean).join(': '),
  who: word('actor', event.actor),
  tone: { reject: 'bad', issue: 'good', approve: 'good' }[event.step],
}));

// ---- products, asked once a language ----
const products = signal({});
let asked = null;

export function loadProducts() {
  const code = language.value;
  if (asked === code) return;
  asked = code;
  get('/products').then(({ data }) => {
    products.value = { ...products.value, [code]: data.items };
  }, () => {
    asked = null;
  });
}

export const productList = () => products.value[language.value] ?? [];
export const productTitle = (name) => productList().find((one) => one.product === name)?.title ?? name;
