// The worked examples of a product's cases.xml, as JSON and SOAP take them, and what an answer comes
// down to in either.
import { readFileSync } from 'node:fs';
import { textOf, unescape } from './support.mjs';

// A value as it is written in cases.xml: one, a list, or a record of components.
function valueOf(xml) {
  const list = /^\s*<list>(.*)<\/list>\s*$/s.exec(xml);
  if (list) return [...list[1].matchAll(/<item>(.*?)<\/item>/gs)].map(([, item]) => valueOf(item));
  if (/^\s*<list\s*\/>/.test(xml)) return [];
  const components = [...xml.matchAll(/<component name="(\w+)">(.*?)<\/component>/gs)];
  if (components.length > 0) return Object.fromEntries(components.map(([, name, inner]) => [name, valueOf(inner)]));
  const [, type, text] = /<value xsi:type="xsd:(\w+)">(.*?)<\/value>/s.exec(xml);
  return { type, text: unescape(text) };
}

// The examples: { id, answers: { name: { type, text } … }, date, total }.
export function casesOf(product) {
  const text = readFileSync(`quote-engine/products/${product}/cases.xml`, 'utf8');
  return [...text.matchAll(/<testCase id="([^"]+)">(.*?)<\/testCase>/gs)].map(([, id, inner]) => {
    const answers = {};
    for (const [, name, value] of inner.matchAll(/<inputNode name="(\w+)">(.*?)<\/inputNode>/gs)) answers[name] = valueOf(value);
    const date = answers.effective_date?.text;
    delete answers.effective_date;
    const total = /<resultNode name="premium\.total">.*?<value[^>]*>([^<]*)</s.exec(inner)?.[1];
    return { id, answers, date, total };
  });
}

export const mapValues = (value, leaf) => {
  if (Array.isArray(value)) return value.map((item) => mapValues(item, leaf));
  if ('type' in value && 'text' in value) return leaf(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapValues(inner, leaf)]));
};

// As JSON takes them: money is a text there, which the product's schema knows.
export function jsonAnswers(answers, schema) {
  const convert = (properties, record) => Object.fromEntries(Object.entries(record).map(([name, value]) => {
    const property = properties[name];
    if (Array.isArray(value)) {
      const inner = property?.items?.properties;
      return [name, value.map((item) => (inner ? convert(inner, item) : item.text))];
    }
    if (value.type === 'boolean') return [name, value.text === 'true'];
    return [name, property?.type === 'string' ? value.text : Number(value.text)];
  }));
  return convert(schema.properties, answers);
}

// What an answer comes down to: status, reasons, amounts by cover and term.
export function ofJson({ status, premium, reasons }) {
  return {
    status, reasons: reasons.map(({ code }) => code), total: premium?.total, net: premium?.net, tax: premium?.tax,
    covers: (premium?.covers ?? []).map(({ code, net, tax, total }) => [code, net, tax, total]),
    terms: (premium?.terms ?? []).map(({ code, instalment, total }) => [code, instalment, total]),
  };
}

export function ofXml(xml) {
  const all = (name, ...parts) => [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner]) => parts.map((part) => textOf(inner, part)));
  const own = /<premium>(.*?)<covers>/s.exec(xml)?.[1] ?? '';
  return {
    status: textOf(xml, 'status'), reasons: all('reason', 'code').flat(),
    total: textOf(own, 'total'), net: textOf(own, 'net'), tax: textOf(own, 'tax'),
    covers: all('cover', 'code', 'net', 'tax', 'total'), terms: all('term', 'code', 'instalment', 'total'),
  };
}
