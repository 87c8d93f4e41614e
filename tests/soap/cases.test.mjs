// Every worked example of the products that ship, through JSON and through SOAP by name and by
// typed elements: the same outcome, to the cent.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { request } from '../api/support.mjs';
import {
  SERVICE, call, envelope, namedAnswers, post, start, textOf, typedAnswers, unescape,
} from './support.mjs';

let started;
before(async () => {
  started = await start();
});
after(() => started?.stop());

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
function casesOf(product) {
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

const mapValues = (value, leaf) => {
  if (Array.isArray(value)) return value.map((item) => mapValues(item, leaf));
  if ('type' in value && 'text' in value) return leaf(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapValues(inner, leaf)]));
};

// As JSON takes them: money is a text there, which the product's schema knows.
function jsonAnswers(answers, schema) {
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
function ofJson({ status, premium, reasons }) {
  return {
    status, reasons: reasons.map(({ code }) => code), total: premium?.total, net: premium?.net, tax: premium?.tax,
    covers: (premium?.covers ?? []).map(({ code, net, tax, total }) => [code, net, tax, total]),
    terms: (premium?.terms ?? []).map(({ code, instalment, total }) => [code, instalment, total]),
  };
}

function ofXml(xml) {
  const all = (name, ...parts) => [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner]) => parts.map((part) => textOf(inner, part)));
  const own = /<premium>(.*?)<covers>/s.exec(xml)?.[1] ?? '';
  return {
    status: textOf(xml, 'status'), reasons: all('reason', 'code').flat(),
    total: textOf(own, 'total'), net: textOf(own, 'net'), tax: textOf(own, 'tax'),
    covers: all('cover', 'code', 'net', 'tax', 'total'), terms: all('term', 'code', 'instalment', 'total'),
  };
}

for (const product of ['auto', 'reis']) {
  test(`the examples of ${product} come out alike through JSON and SOAP`, async () => {
    const schema = (await request(started.server, 'GET', `/api/v1/products/${product}`, { key: started.key })).json;
    const cases = casesOf(product);
    assert.ok(cases.length > 20);
    let rated = 0;
    for (const { id, answers, date, total } of cases) {
      const body = { product, answers: jsonAnswers(answers, schema), ...(date && { effective_date: date }) };
      const json = await request(started.server, 'POST', '/api/v1/estimates', { key: started.key, body });
      const texts = mapValues(answers, ({ text }) => text);
      const on = date ? `<effective_date>${date}</effective_date>` : '';
      const named = await post(started, envelope(call('RequestEstimate', `<product>${product}</product>${namedAnswers(texts)}${on}`)));
      const typed = await post(started, envelope(call('RequestEstimate', `${typedAnswers(texts)}${on}`, `urn:koppel:quote:${product}:i1`)), { path: `${SERVICE}/${product}` });
      if (json.status !== 200) {
        assert.equal(named.status, 500, id);
        assert.equal(typed.status, 500, id);
        continue;
      }
      rated += 1;
      assert.equal(named.status, 200, `${id}: ${named.text}`);
      assert.equal(typed.status, 200, `${id}: ${typed.text}`);
      assert.deepEqual(ofXml(named.text), ofJson(json.json), id);
      assert.deepEqual(ofXml(typed.text), ofJson(json.json), id);
      if (total !== undefined) assert.equal(json.json.premium.total, total, id);
    }
    assert.ok(rated > cases.length / 2, `${rated} of ${cases.length} could be rated`);
  });
}
