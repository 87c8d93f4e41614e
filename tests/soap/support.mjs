// A server whose public address is where it listens, and envelopes as clients write them.
import { createServer } from 'node:net';
import { install, request, serve } from '../api/support.mjs';

export const GENERIC = 'urn:koppel:quote:v1';
export const SERVICE = '/soap/v1/quote';
export const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';
export const TYPE11 = 'text/xml; charset=utf-8';
export const TYPE12 = 'application/soap+xml; charset=utf-8';

export function freePort() {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// { installation, server, key, address, stop() }
export async function start(...options) {
  const installation = install();
  const port = await freePort();
  const server = await serve(installation, '--public-url', `https://localhost:${port}`, ...options,
    '--listen', `127.0.0.1:${port}`);
  return {
    installation, server, key: installation.demo.partners[0].secret_key,
    address: `https://localhost:${port}${SERVICE}`,
    stop: async () => {
      await server.stop();
      installation.remove();
    },
  };
}

export const escape = (text) => String(text).replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
export const unescape = (text) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

export function envelope(body, { version = SOAP11, header = '' } = {}) {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${version}">${header}<s:Body>${body}</s:Body></s:Envelope>`;
}

// One element of the generic service, or of `namespace`.
export function call(name, content = '', namespace = GENERIC) {
  return `<${name} xmlns="${namespace}">${content}</${name}>`;
}

// Answers by name, as the generic service takes them.
export function namedAnswers(answers) {
  const one = (name, value) => `<answer name="${name}">${escape(value)}</answer>`;
  const plain = [];
  const records = [];
  for (const [name, value] of Object.entries(answers)) {
    if (Array.isArray(value) && value.length > 0 && typeof value[0] === 'object') {
      for (const record of value)
        records.push(`<record name="${name}">${Object.entries(record).map(([inner, answer]) => one(inner, answer)).join('')}</record>`);
    } else if (Array.isArray(value)) {
      plain.push(value.length === 0 ? `<answer name="${name}"/>` : value.map((item) => one(name, item)).join(''));
    } else {
      plain.push(one(name, value));
    }
  }
  return `<answers>${plain.join('')}${records.join('')}</answers>`;
}

// Answers as typed elements, as a product's own service takes them.
export function typedAnswers(answers, name = 'answers') {
  const element = (key, value) => {
    if (Array.isArray(value)) return `<${key}>${value.map((item) => element('item', item)).join('')}</${key}>`;
    if (typeof value === 'object') return `<${key}>${Object.entries(value).map(([inner, answer]) => element(inner, answer)).join('')}</${key}>`;
    return `<${key}>${escape(value)}</${key}>`;
  };
  return element(name, answers);
}

// Posts a message: { status, headers, text }.
export function post(started, body, { path = SERVICE, key = started.key, headers = {} } = {}) {
  return request(started.server, 'POST', path, { key, body, headers: { 'Content-Type': TYPE11, ...headers } });
}

// The text of the first element of that local name, or undefined.
export function textOf(xml, name) {
  const found = new RegExp(`<(?:[a-zA-Z]+:)?${name}(?: [^>]*)?>([^<]*)</`).exec(xml);
  return found ? unescape(found[1]) : undefined;
}

// { code, message, fields: [{ pointer, code, message }] } of a fault's detail.
export function faultOf(answer) {
  const detail = /<ServiceFault[^>]*>(.*)<\/ServiceFault>/s.exec(answer.text);
  if (!detail) return undefined;
  const fields = [...detail[1].matchAll(/<field>(.*?)<\/field>/gs)].map(([, field]) => ({
    pointer: textOf(field, 'pointer'), code: textOf(field, 'code'), message: textOf(field, 'message'),
  }));
  return { code: textOf(detail[1], 'code'), message: textOf(detail[1], 'message'), fields };
}

// What it takes to accept a quote of the demo's products, apart from what GetAcceptance tells:
// { applicant, payment, acceptance: { product: answers } }.
export const accepting = {
  applicant: {
    kind: 'person', initials: 'A.B.', last_name: 'Voorbeeld', birth_date: '1980-05-17', email: 'a.voorbeeld@example.nl',
    street: 'Voorbeeldstraat', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
  },
  payment: { iban: 'NL91 ABNA 0417 1643 00', account_holder: 'A.B. Voorbeeld', term: 'monthly' },
  acceptance: { auto: { reporting_code: '4711', driving_disqualified: false }, reis: { insurance_refused: false } },
};
