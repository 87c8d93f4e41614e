// openapi.json types the answers of the products that an installation has: a schema per interface,
// requests told apart by their product, and all of it as new as the products themselves.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { valid } from './json-schema.mjs';
import { dateIn, exampleAnswers, install, request, run, serve } from './support.mjs';

const DAYS_AHEAD = 20;
const PUBLISHED_WITHIN_MS = 1000;
let installation;
let server;
let key;
let folder;
before(async () => {
  installation = install();
  key = installation.demo.partners[0].secret_key;
  folder = mkdtempSync(join(tmpdir(), 'koppel-openapi-'));
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  server = await serve(installation);
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

const read = (language = 'en') => request(server, 'GET', '/api/v1/openapi.json', { headers: { 'Accept-Language': language } });
const schemas = async (language) => (await read(language)).json.components.schemas;

function publish(change, from) {
  const file = join(folder, 'product.xml');
  const text = readFileSync(file, 'utf8');
  const changed = change(text);
  assert.notEqual(changed, text);
  writeFileSync(file, changed);
  const done = run('product', 'publish', folder, '--data', installation.folder, '--from', from);
  assert.equal(done.status, 0, done.stderr + done.stdout);
}

// Asks until the document is another; the time that took.
async function changed(before) {
  const start = Date.now();
  while ((await read()).headers.etag === before) {
    if (Date.now() - start > 5 * PUBLISHED_WITHIN_MS) return Infinity;
    await new Promise((done) => setTimeout(done, 50));
  }
  return Date.now() - start;
}

test('each product has a schema of its answers, with real types', async () => {
  const all = await schemas();
  const { properties, required, additionalProperties, allOf } = all.Answers_auto_i1;
  assert.equal(properties.birth_date.format, 'date');
  assert.equal(properties.birth_date.formatMinimum, undefined, 'a bound that moves is no date');
  assert.match(properties.birth_date['x-maximum'], /^-P\d+Y$/);
  assert.equal(properties.vehicle_weight_kg.type, 'integer');
  assert.match(properties.catalogue_value.pattern, /\\\./);
  assert.deepEqual(properties.fuel.enum, ['petrol', 'diesel', 'electric', 'hybrid', 'lpg']);
  assert.ok(required.includes('fuel') && !required.includes('casco_excess'));
  assert.equal(additionalProperties, false);
  assert.ok(allOf.some((rule) => rule.if && rule.then?.required?.includes('casco_excess')));
  assert.equal(all.Answers_reis_i1.properties.travellers.items.properties.birth_date.format, 'date');
  assert.deepEqual(all.AcceptanceAnswers_auto_i1.required, ['reporting_code', 'driving_disqualified']);
});

test('a request names its product, and answers are that product\'s', async () => {
  const all = await schemas();
  for (const name of ['RequestQuoteRequest', 'RequestEstimateRequest', 'ExplainEstimateRequest', 'RequestQuoteBatchItem', 'RequestEstimateBatchItem']) {
    assert.deepEqual(all[name], {
      oneOf: ['auto', 'reis'].map((product) => ({ $ref: `#/components/schemas/${name}_${product}` })),
      discriminator: { propertyName: 'product', mapping: { auto: `#/components/schemas/${name}_auto`, reis: `#/components/schemas/${name}_reis` } },
    });
    for (const product of ['auto', 'reis']) {
      const { properties, required } = all[`${name}_${product}`];
      assert.equal(properties.product.const, product);
      assert.deepEqual(properties.answers, { $ref: `#/components/schemas/Answers_${product}_i1` });
      assert.ok(required.includes('product') && required.includes('answers'));
    }
  }
  assert.deepEqual(all.AcceptQuoteRequest.properties.answers, {
    anyOf: ['auto', 'reis'].map((product) => ({ $ref: `#/components/schemas/AcceptanceAnswers_${product}_i1` })),
  });
});

test('a change of a policy takes any of a product\'s answers, and needs none of them', async () => {
  const all = await schemas();
  assert.deepEqual(all.RequestChangeRequest.properties.answers, {
    anyOf: ['auto', 'reis'].map((product) => ({ $ref: `#/components/schemas/ChangedAnswers_${product}_i1` })),
  });
  for (const product of ['auto', 'reis']) {
    const { required, allOf, examples, ...same } = all[`Answers_${product}_i1`];
    assert.ok(required && allOf && examples);
    assert.deepEqual(all[`ChangedAnswers_${product}_i1`], same);
    const answers = await exampleAnswers(server, key, product);
    for (const [name, answer] of Object.entries(answers)) assert.equal(valid(all[`ChangedAnswers_${product}_i1`], { [name]: answer }), true, name);
    assert.equal(valid(all[`ChangedAnswers_${product}_i1`], { nonsense: 1 }), false);
  }
});

test('what a schema takes the service takes, and what it refuses is refused', async () => {
  const all = await schemas();
  for (const product of ['auto', 'reis']) {
    const schema = all[`Answers_${product}_i1`];
    const answers = await exampleAnswers(server, key, product);
    assert.deepEqual(schema.examples[0], answers);
    const [name] = schema.required;
    const { [name]: left, ...without } = answers;
    assert.ok(left !== undefined);
    for (const [given, right] of [[answers, true], [without, false], [{ ...answers, nonsense: 1 }, false]]) {
      assert.equal(valid(schema, given), right);
      const { status } = await request(server, 'POST', '/api/v1/estimates', { key, body: { product, answers: given } });
      assert.equal(status, right ? 200 : 422);
    }
  }
});

test('both languages name the same', async () => {
  const [nl, en] = [await schemas('nl'), await schemas('en')];
  assert.deepEqual(Object.keys(nl), Object.keys(en));
  assert.notEqual(nl.Answers_auto_i1.title, en.Answers_auto_i1.title);
});

test('a new interface is in it within a second, beside the older one', async () => {
  const { headers: { etag } } = await read();
  publish((text) => text.replace('interface="1"', 'interface="2"')
    .replace('<questions>', '<questions>\n    <text name="nickname" required="false" length_maximum="20"><label><nl>Hoe heet de auto?</nl><en>What is the car called?</en></label></text>'), dateIn(DAYS_AHEAD));
  assert.ok(await changed(etag) <= PUBLISHED_WITHIN_MS);
  const all = await schemas();
  assert.equal(all.Answers_auto_i1.deprecated, true);
  assert.equal(all.Answers_auto_i2.deprecated, undefined);
  assert.ok('nickname' in all.Answers_auto_i2.properties && !('nickname' in all.Answers_auto_i1.properties));
  assert.deepEqual(all.RequestQuoteRequest_auto.properties.answers,
    { anyOf: [{ $ref: '#/components/schemas/Answers_auto_i2' }, { $ref: '#/components/schemas/Answers_auto_i1' }] });
  assert.equal(all.Answers_reis_i1.deprecated, undefined);
});

test('a version with the same questions changes nothing', async () => {
  const { headers: { etag } } = await read();
  publish((text) => text.replace('<nl>Hoe heet de auto?</nl>', '<nl>Welke naam heeft de auto?</nl>'), dateIn(DAYS_AHEAD + 1));
  await new Promise((done) => setTimeout(done, PUBLISHED_WITHIN_MS));
  assert.equal((await read()).headers.etag, etag);
  assert.equal((await schemas('nl')).Answers_auto_i2.properties.nickname.title, 'Welke naam heeft de auto?');
});
