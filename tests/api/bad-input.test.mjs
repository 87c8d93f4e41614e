// Bad input is ordinary input: a clear problem answer that names the field and what is allowed,
// nothing stored, the server alive.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request, serve } from './support.mjs';

let installation;
let server;
let answers;
let schema;
let key;
before(async () => {
  installation = install();
  server = await serve(installation);
  key = installation.demo.partners[0].secret_key;
  answers = await exampleAnswers(server, key, 'auto');
  schema = (await request(server, 'GET', '/api/v1/products/auto', { key })).json;
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const post = (body, headers = {}) =>
  request(server, 'POST', '/api/v1/quotes', { key, body, headers });
const count = async () => {
  let total = 0;
  let cursor = '';
  do {
    const page = (await request(server, 'GET', `/api/v1/quotes?limit=100${cursor}`, { key })).json;
    total += page.items.length;
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
    if (!page.next) break;
  } while (total < 10_000);
  return total;
};

function assertProblem(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  for (const field of ['type', 'title', 'status', 'detail', 'code', 'request_id']) {
    assert.ok(answer.json[field] !== undefined, `${field}: ${answer.text}`);
  }
  assert.equal(answer.json.status, status);
  assert.equal(answer.headers['request-id'], answer.json.request_id);
  if (code) assert.equal(answer.json.code, code);
}

function assertPointer(answer, pointer) {
  assertProblem(answer, 422);
  const found = answer.json.errors.find((error) => error.pointer === pointer);
  assert.ok(found, `${pointer}: ${answer.text}`);
  assert.ok(found.code && found.message.length > 5);
}

test('a start of cover that is wrong is the only thing that is wrong', async () => {
  const answer = await post({ product: 'auto', answers, effective_date: '2099-01-01' });
  assertPointer(answer, '/effective_date');
  assert.equal(answer.json.errors.length, 1, answer.text);
});

test('a question\'s own question mark does not stand before a colon', async () => {
  for (const language of ['nl', 'en']) {
    const answer = await post({ product: 'auto', answers: {} }, { 'Accept-Language': language });
    assertProblem(answer, 422);
    for (const error of answer.json.errors) assert.doesNotMatch(error.message, /\?:/);
  }
});

const nameOf = (test_) => Object.entries(schema.properties).find(([, value]) => test_(value))?.[0];

test('wrong fields are named by pointer, each of them, in the caller\'s language', async () => {
  const before_ = await count();
  const required = schema.required[0];
  const { [required]: gone, ...without } = answers;
  assert.notEqual(gone, undefined);
  assertPointer(await post({ product: 'auto', answers: without }), `/answers/${required}`);
  assertPointer(await post({ product: 'auto', answers: { ...answers, favourite_colour: 'red' } }),
    '/answers/favourite_colour');
  assertPointer(await post({ product: 'auto', answers, colour: 1 }), '/colour');
  assertPointer(await post({ answers }), '/product');
  assertPointer(await post({ product: 'auto' }), '/answers');
  assertPointer(await post({ product: 'auto', answers: 5 }), '/answers');
  assertPointer(await post({ product: 7, answers }), '/product');
  assertPointer(await post({ product: 'auto', answers, effective_date: '2027-02-30' }), '/effective_date');
  assertPointer(await post({ product: 'auto', answers, effective_date: '1999-01-01' }), '/effective_date');
  const both = await post({ product: 'auto', answers: { ...without, favourite_colour: 1 } });
  assert.ok(both.json.errors.length >= 2);
  const dutch = await post({ product: 'auto', answers: without }, { 'Accept-Language': 'nl' });
  const english = await post({ product: 'auto', answers: without }, { 'Accept-Language': 'en' });
  assert.notEqual(dutch.json.errors[0].message, english.json.errors[0].message);
  assert.equal(dutch.json.errors[0].code, english.json.errors[0].code);
  assert.equal(await count(), before_);
});

test('each kind of question refuses each wrong kind of answer', async () => {
  for (const [name, question] of Object.entries(schema.properties)) {
    if (answers[name] === undefined) continue;
    const wrong = [{ a: 1 }, [[1]], null].filter((value) => !(value === null && !schema.required.includes(name)));
    if (question.type === 'integer' || question.type === 'number') wrong.push('12', 'x', true);
    if (question.type === 'boolean') wrong.push('true', 1);
    if (question.type === 'string') wrong.push(5, false, 'x'.repeat(5000), 'a\u0007b');
    for (const value of wrong) {
      assertPointer(await post({ product: 'auto', answers: { ...answers, [name]: value } }), `/answers/${name}`);
    }
  }
  const integer = nameOf((question) => question.type === 'integer');
  for (const number of ['1e400', '-1e400', '1'.repeat(40), '1.5', '1e999999999999', '9007199254740993',
    '0.0000000000000000000000000000000000000001']) {
    const text = JSON.stringify({ product: 'auto', answers: { ...answers, [integer]: 'NUMBER' } })
      .replace('"NUMBER"', number);
    assertPointer(await post(text), `/answers/${integer}`);
  }
  const date = nameOf((question) => question.format === 'date');
  for (const value of ['2001-02-29', '2001-13-01', '01-02-2001', '2001-1-1', '', '99999-01-01', '2001-01-01T00:00:00Z']) {
    assertPointer(await post({ product: 'auto', answers: { ...answers, [date]: value } }), `/answers/${date}`);
  }
  const choice = nameOf((question) => question.enum || question.oneOf);
  assertPointer(await post({ product: 'auto', answers: { ...answers, [choice]: 'no_such_choice' } }), `/answers/${choice}`);
});

test('text that is no JSON object is 400 with a code, whatever it is', async () => {
  const deep = (open, close) => `{"product":"auto","answers":${open.repeat(2000)}${close.repeat(2000)}}`;
  const bad = {
    truncated: '{"product": "auto", "answ',
    empty: '',
    scalar: '5',
    list: '[]',
    trailing: '{"product": "auto"} x',
    two: '{}{}',
    bom: '\ufeff{"product": "auto"}',
    duplicate: '{"product": "auto", "product": "auto", "answers": {}}',
    nested_duplicate: '{"product": "auto", "answers": {"a": 1, "a": 2}}',
    escaped_duplicate: '{"product": "auto", "answers": {"a": 1, "\\u0061": 2}}',
    deep_lists: deep('[', ']'),
    deep_records: deep('{"a":', '}').replace('{"a":}', '{"a":1}'),
    lone_surrogate: '{"product": "\\ud800", "answers": {}}',
    control: '{"product": "a\u0001b", "answers": {}}',
    bad_number: '{"product": "auto", "answers": {"a": 01}}',
    nan: '{"product": "auto", "answers": {"a": NaN}}',
    single_quotes: "{'product': 'auto'}",
    comment: '{"product": "auto" /* no */}',
    not_utf8: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    overlong: Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
    zero: Buffer.from('{"product": "auto"}\0'),
  };
  const twice = await post(bad.nested_duplicate);
  assertProblem(twice, 400, 'duplicate_key');
  assert.equal(twice.json.errors[0].pointer, '/answers/a');
  assert.match(twice.json.errors[0].message, /\/answers\/a/);
  for (const [name, body] of Object.entries(bad)) {
    const answer = await post(body);
    assert.equal(answer.status, 400, `${name}: ${answer.text}`);
    assertProblem(answer, 400);
  }
  const escaped = await post('{"product": "au\\u0000to", "answers": {}}');
  assert.ok([400, 422].includes(escaped.status), escaped.text);
});

test('wrong media types, encodings and sizes', async () => {
  for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', '', 'application/jsonx',
    'application/json; charset=utf-16']) {
    assertProblem(await post(JSON.stringify({ product: 'auto', answers }), { 'Content-Type': type }), 415);
  }
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
    assert.equal((await post(JSON.stringify({ product: 'auto', answers }), { 'Content-Type': type })).status, 201, type);
  }
  assertProblem(await post(JSON.stringify({ product: 'auto', answers }), { 'Content-Encoding': 'br' }), 415);
  assertProblem(await post(`{"product": "${'x'.repeat(3_000_000)}"}`), 413);
});

test('unknown addresses, methods, products, query fields and cursors', async () => {
  assertProblem(await request(server, 'GET', '/api/v1/nothing', { key }), 404);
  assertProblem(await request(server, 'GET', '/nothing', {}), 404);
  const wrong = await request(server, 'DELETE', '/api/v1/quotes', { key });
  assertProblem(wrong, 405);
  assert.match(wrong.headers.allow, /GET/);
  assert.match(wrong.headers.allow, /POST/);
  assertProblem(await request(server, 'GET', '/api/v1/products/no_such', { key }), 404);
  const unknown = await post({ product: 'no_such', answers });
  assert.ok([404, 422].includes(unknown.status), unknown.text);
  assertProblem(unknown, unknown.status);
  for (const query of ['limit=0', 'limit=1000000', 'limit=x', 'cursor=nonsense', 'colour=red', 'limit=1&limit=2']) {
    const answer = await request(server, 'GET', `/api/v1/quotes?${query}`, { key });
    assert.ok([400, 422].includes(answer.status), `${query}: ${answer.text}`);
    assertProblem(answer, answer.status);
  }
  for (const path of ['/api/v1/quotes/%00', '/api/v1/quotes/%ff', '/api/v1/quotes/..%2f..', '/api/v1/quotes/qte_%zz']) {
    const answer = await request(server, 'GET', path, { key });
    assert.ok([400, 404, 422].includes(answer.status), `${path}: ${answer.status}`);
  }
});

test('the server is alive after all of it', async () => {
  assert.equal((await request(server, 'GET', '/healthz')).status, 200);
  assert.equal((await request(server, 'GET', '/readyz')).status, 200);
  assert.equal((await post({ product: 'auto', answers })).status, 201);
});
