// Answers and faults fit the schema that the WSDL publishes, and so do requests that are right:
// xmllint validates each.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, request } from '../api/support.mjs';
import { GENERIC, SERVICE, call, envelope, namedAnswers, post, start, textOf, typedAnswers } from './support.mjs';

const skip = spawnSync('xmllint', ['--version']).status !== 0 && 'xmllint (libxml2-utils) is not installed';
let started;
let folder;
before(async () => {
  started = await start();
  folder = mkdtempSync(join(tmpdir(), 'koppel-schema-'));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await started?.stop();
});

async function schemaOf(path, query = 'wsdl') {
  const { text } = await request(started.server, 'GET', `${SERVICE}${path}?${query}`);
  const namespace = /targetNamespace="([^"]+)"/.exec(text)[1];
  const [schema] = /<xs:schema .*<\/xs:schema>/s.exec(text);
  const file = join(folder, `${encodeURIComponent(namespace)}.xsd`);
  writeFileSync(file, schema.replace('<xs:schema ', `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="${namespace}" `));
  return file;
}

function fits(schema, xml) {
  const file = join(folder, 'message.xml');
  writeFileSync(file, xml);
  const result = spawnSync('xmllint', ['--noout', '--schema', schema, file], { encoding: 'utf8' });
  return result.status === 0 ? '' : `${result.stderr}\n${xml}`;
}

// The child of the body, or of a fault's detail.
function inside(text) {
  const [, body] = /<soap:Body>(.*)<\/soap:Body>/s.exec(text);
  return /<detail>(.*)<\/detail>/s.exec(body)?.[1] ?? body;
}

const generic = (name, content) => ({ path: SERVICE, message: call(name, content, GENERIC) });

test('every operation of the generic service, its faults among them', { skip }, async () => {
  const schema = await schemaOf('');
  const answers = namedAnswers(await exampleAnswers(started.server, started.key, 'auto'));
  const travel = namedAnswers(await exampleAnswers(started.server, started.key, 'reis'));
  const asked = async ({ path, message }, expected = 200) => {
    const answer = await post(started, envelope(message), { path });
    assert.equal(answer.status, expected, answer.text);
    if (expected === 200) assert.equal(fits(schema, message), '');
    assert.equal(fits(schema, inside(answer.text)), '');
    return answer.text;
  };
  const quote = await asked(generic('RequestQuote', `<product>auto</product>${answers}<reference>a &amp; b</reference>`));
  const id = `<id>${textOf(quote, 'id')}</id>`;
  assert.equal(textOf(quote, 'reference'), 'a & b');
  await asked(generic('RequestEstimate', `<product>reis</product>${travel}`));
  const young = answers.replace(/(name="birth_date">)[^<]*/, `$1${new Date().getFullYear() - 17}-01-01`);
  const declined = await asked(generic('RequestEstimate', `<product>auto</product>${young}`));
  assert.match(declined, /<status>declined<\/status>.*<premium xsi:nil="true"\/>/);
  await asked(generic('GetQuote', id));
  await asked(generic('GetQuoteExplanation', id));
  await asked(generic('ExplainEstimate', `<product>auto</product>${answers}<what_if>false</what_if>`));
  await asked(generic('ReplayQuote', id));
  await asked(generic('ListQuotes', '<limit>2</limit><product>auto</product>'));
  await asked(generic('ListProducts', ''));
  await asked(generic('GetProduct', '<product>auto</product>'));
  await asked(generic('GetQuote', '<id>qte_unknown</id>'), 500);
  await asked(generic('RequestQuote', '<product>auto</product><answers/>'), 500);
  const { text: contract } = await request(started.server, 'GET', `${SERVICE}?wsdl`);
  const names = [...contract.matchAll(/<soap:operation soapAction="[^"]*#(\w+)"/g)].map(([, name]) => name).sort();
  for (const name of ['GetProduct', 'GetQuote', 'GetQuoteExplanation', 'ListProducts', 'ListQuotes', 'RequestEstimate', 'RequestQuote'])
    assert.ok(names.includes(name), name);
  for (const name of ['RequestQuoteBatch', 'CreateDraft', 'ListImpacts']) assert.ok(!names.includes(name), name);
});

for (const product of ['auto', 'reis']) {
  test(`the service of ${product}: questions are typed elements`, { skip }, async () => {
    const schema = await schemaOf(`/${product}`);
    const namespace = `urn:koppel:quote:${product}:i1`;
    const path = `${SERVICE}/${product}`;
    const answers = await exampleAnswers(started.server, started.key, product);
    const message = call('RequestQuote', typedAnswers(answers), namespace);
    assert.equal(fits(schema, message), '');
    const quote = await post(started, envelope(message), { path });
    assert.equal(quote.status, 200, quote.text);
    assert.equal(fits(schema, inside(quote.text)), '');
    const read = await post(started, envelope(call('GetQuote', `<id>${textOf(quote.text, 'id')}</id>`, namespace)), { path });
    assert.equal(fits(schema, inside(read.text)), '');
    const fault = await post(started, envelope(call('RequestQuote', '<answers/>', namespace)), { path });
    assert.equal(fault.status, 500);
    assert.equal(fits(schema, inside(fault.text)), '');
    const other = await post(started, envelope(call('ListProducts', '', namespace)), { path });
    assert.match(other.text, /unknown_operation/);
  });
}

// A contract that changes is noticed: make snapshots writes it anew when that was meant.
test('the contract is the one that was published', async () => {
  const { text } = await request(started.server, 'GET', `${SERVICE}?wsdl`, { headers: { 'Accept-Language': 'en' } });
  const told = text.replace(started.address, `https://koppel.example${SERVICE}`).replaceAll('</xs:element><xs:element', '</xs:element>\n<xs:element');
  const file = 'schema/quote.wsdl';
  if (process.env.KOPPEL_SNAPSHOTS === 'write') writeFileSync(file, told);
  assert.equal(told, readFileSync(file, 'utf8'), `${file} differs: if the change was meant, run make snapshots`);
});

test('the schema holds enumerations, digits, ranges, and what is required', { skip }, async () => {
  const schema = await schemaOf('/auto');
  const answers = await exampleAnswers(started.server, started.key, 'auto');
  const wrong = (changed) => fits(schema, call('RequestQuote', typedAnswers({ ...answers, ...changed }), 'urn:koppel:quote:auto:i1'));
  assert.equal(wrong({}), '');
  for (const changed of [{ fuel: 'wood' }, { birth_date: '17-5-1980' }, { catalogue_value: '1.001' }, { other_driver: 'perhaps' }, { claim_free_years: '-100' }, { claim_free_years: '1.5' }])
    assert.notEqual(wrong(changed), '', JSON.stringify(changed));
  const { birth_date: gone, ...rest } = answers;
  assert.match(fits(schema, call('RequestQuote', typedAnswers(rest), 'urn:koppel:quote:auto:i1')), /birth_date/);
  assert.ok(gone);
});
