// The change log of the API, schema/changes.json: whole, served in both languages, and complete. What
// the API was when its log was last settled is kept in schema/api-base.json; each difference between
// that and schema/openapi.json needs an entry of its day. KOPPEL_SNAPSHOTS=settle writes the base
// anew when a release is made, which goes only when nothing is missing from the log.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { apiShape, differences, untold } from './api-shape.mjs';
import { install, request, serve } from './support.mjs';

const BASE = 'schema/api-base.json';
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const log = json('schema/changes.json');
const document = json('schema/openapi.json');
const today = apiShape(document);
let installation;
let server;
before(async () => {
  installation = install('--without-demo');
  server = await serve(installation);
});
after(async () => {
  await server?.stop();
  installation.remove();
});
const list = async (query = '', headers = {}) => request(server, 'GET', `/api/v1/changes${query}`, { headers });

test('every operation and field is in the base or in the log', () => {
  const settling = process.env.KOPPEL_SNAPSHOTS === 'settle';
  const base = existsSync(BASE) ? json(BASE) : { settled_on: log.at(-1).date, operations: today };
  const missing = untold(differences(base.operations, today), log.filter(({ date }) => date >= base.settled_on));
  assert.deepEqual(missing, [], 'add an entry to schema/changes.json for each of these: {"date", "kind", "operation", "fields", "nl", "en"}');
  if (settling) writeFileSync(BASE, `${JSON.stringify({ settled_on: log.at(-1).date, operations: today }, null, 1)}\n`);
  assert.ok(existsSync(BASE));
});

// What a version was described as it is described as still, but for what came to every version.
test('an older version is described as it was', async () => {
  const { json: { versions } } = await list();
  const base = json(BASE);
  const shape = apiShape((await request(server, 'GET', `/api/v1/openapi.json?version=${versions.at(-1)}`)).json);
  const lost = differences(base.operations, shape).filter(({ kind }) => kind !== 'added');
  assert.deepEqual(untold(lost, log.filter(({ version }) => !version)), []);
  const broken = log.filter(({ version, kind }) => version && kind === 'removed');
  for (const { operation, fields } of broken) for (const field of fields) assert.ok(field in shape[operation], `${operation} ${field}`);
  assert.equal(untold(differences(shape, today), log.filter(({ version }) => version > versions.at(-1))).length, 0);
});

test('a change that the log does not tell of is found', () => {
  const now = { RequestQuote: { 'request.product': 'string required', 'answer.premium': 'object', 'answer.premium.total': 'string' }, ListNew: {} };
  const old = { RequestQuote: { 'request.product': 'string', 'answer.token': 'string' }, ListOld: {} };
  const changes = differences(old, now);
  assert.equal(changes.length, 6);
  assert.equal(untold(changes, []).length, 6);
  const about = (kind, operation, ...fields) => ({ kind, operation, ...(fields.length ? { fields } : {}) });
  assert.equal(untold(changes, [about('added', 'RequestQuote'), about('changed', 'ListNew'), about('added', 'ListOld')]).length, 6);
  assert.deepEqual(untold(changes, [about('added', 'ListNew'), about('removed', 'ListOld'), about('changed', 'RequestQuote', 'request.product'),
    about('removed', 'RequestQuote', 'answer.token'), about('added', 'RequestQuote', 'answer.premium')]), []);
  assert.equal(untold(changes, [about('added', 'RequestQuote', 'answer.prem')]).length, 6);
  assert.deepEqual(differences(today, today), []);
});

test('choices, limits, headers and nulls are seen as well as names and types', () => {
  const parts = structuredClone(document);
  const request = (name) => parts.components.schemas[name].properties;
  const field = (name, of) => request(name)[of].anyOf?.[0] ?? request(name)[of];
  const told = (change) => {
    change();
    const [difference, ...more] = differences(today, apiShape(parts));
    assert.deepEqual(more, []);
    Object.assign(parts, structuredClone(document));
    return `${difference.kind} ${difference.operation} ${difference.field}`;
  };
  const { parameters } = parts.paths['/quotes'].get;
  assert.ok(parameters.some(({ name }) => name === 'status'));
  assert.equal(told(() => { field('DecideApplicationRequest', 'decision').enum.push('later'); }), 'changed DecideApplication request.decision');
  assert.equal(told(() => { field('DecideApplicationRequest', 'note').maxLength += 1; }), 'changed DecideApplication request.note');
  assert.equal(told(() => { field('ApproveDraftRequest', 'note').pattern = '^x$'; }), 'changed ApproveDraft request.note');
  assert.equal(told(() => { field('StartImpactRequest', 'against_version').maximum = 5; }), 'changed StartImpact request.against_version');
  assert.equal(told(() => { field('CreateWebhookRequest', 'events').maxItems = 1; }), 'changed CreateWebhook request.events');
  assert.equal(told(() => { request('GetQuoteExplanationAnswer').quote = { anyOf: [request('GetQuoteExplanationAnswer').quote, { type: 'null' }] }; }),
    'changed GetQuoteExplanation answer.quote');
  assert.equal(told(() => { parts.paths['/quotes'].get.parameters.find(({ name }) => name === 'status').schema.enum.pop(); }), 'changed ListQuotes request.status');
  assert.equal(told(() => { parts.paths['/quotes'].get.parameters.push({ name: 'X-New', in: 'header', schema: { type: 'string' } }); }), 'added ListQuotes header.X-New');
});

test('entries are whole, in order, and name what there is', () => {
  assert.deepEqual(log.map(({ date }) => date), log.map(({ date }) => date).sort());
  const versions = document.components.parameters.KoppelVersion.schema;
  assert.ok(versions);
  for (const entry of log) {
    const { date, kind, operation, fields, version, nl, en, ...more } = entry;
    assert.deepEqual(more, {});
    assert.match(date, /^\d{4}-\d\d-\d\d$/);
    assert.ok(['added', 'changed', 'deprecated', 'removed'].includes(kind), kind);
    assert.ok(nl && en && nl !== en && nl.length <= 2000 && en.length <= 2000);
    assert.ok(operation || !fields, 'fields are of an operation');
    assert.ok(!version || version <= date);
    if (kind === 'removed' || !operation) continue;
    assert.ok(operation in today, operation);
    for (const field of fields ?? []) assert.ok(field in today[operation], `${operation} ${field}`);
  }
});

test('what is marked as going is in the log', () => {
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path)))
    if (operation.deprecated) assert.ok(log.some(({ kind, operation: name }) => kind === 'deprecated' && name === operation.operationId), operation.operationId);
});

test('anybody reads it, the newest first, in both languages', async () => {
  for (const [language, name] of [['nl', 'nl'], ['en', 'en']]) {
    const answer = await list('', { 'Accept-Language': language });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['content-language'], language);
    assert.deepEqual(answer.json.items, log.map((entry) => ({ date: entry.date, kind: entry.kind, operation: entry.operation ?? null,
      fields: entry.fields ?? [], version: entry.version ?? null, text: entry[name] })).reverse());
    assert.equal(answer.json.next, null);
    assert.deepEqual(answer.json.versions, [...answer.json.versions].sort().reverse());
    assert.equal(answer.headers['koppel-version'], answer.json.versions[0]);
  }
  assert.match(document.info.description, /\/api\/v1\/changes/);
});

test('it can be read from a day on', async () => {
  assert.equal((await list(`?since=${log[0].date}`)).json.items.length, log.length);
  assert.deepEqual((await list('?since=9999-12-31')).json.items, []);
  for (const wrong of ['2026-02-30', 'gisteren', '']) assert.equal((await list(`?since=${wrong}`)).status, 422, wrong);
});
