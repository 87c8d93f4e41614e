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

const pointers = (answer) => answer.json.errors.map((error) => error.pointer).sort();
const missing = () => {
  const required = schema.required[0];
  const { [required]: gone, ...rest } = answers;
  assert.notEqual(gone, undefined);
  return [required, rest];
};

test('what is wrong beside the answers and within them is told in one go', async () => {
  const [required, rest] = missing();
  const before_ = await count();
  for (const path of ['/api/v1/quotes', '/api/v1/estimates']) {
    for (const language of ['nl', 'en']) {
      const body = {
        product: 'auto', answers: { ...rest, favourite_colour: 1 }, effective_date: '2027-02-30',
        reference: 5, colour: 'red',
      };
      const answer = await request(server, 'POST', path,
        { key, body, headers: { 'Accept-Language': language } });
      assertProblem(answer, 422, 'invalid_fields');
      assert.deepEqual(pointers(answer), [`/answers/${required}`, '/answers/favourite_colour',
        '/colour', '/effective_date', '/reference'].sort());
      for (const error of answer.json.errors) {
        assert.match(error.message, language === 'en' ? /give|unknown|leave/ : /vul in|onbekend|laat/);
      }
    }
  }
  const past = await post({ product: 'auto', answers: rest, effective_date: '1999-01-01', reference: '' });
  assertProblem(past, 422);
  assert.deepEqual(pointers(past), [`/answers/${required}`, '/effective_date', '/reference']);
  const unknown = await post({ product: 'no_such', answers: rest, reference: 5 });
  assertProblem(unknown, 422);
  assert.deepEqual(pointers(unknown), ['/product', '/reference']);
  const answersOnly = await post({ product: 7, answers: rest, reference: 5 });
  assert.deepEqual(pointers(answersOnly), ['/product', '/reference']);
  const good = await post({ product: 'auto', answers, reference: 5 });
  assert.deepEqual(pointers(good), ['/reference']);
  assert.equal(await count(), before_);
});

test('a condition that the wrong answers leave alone is told beside them', async () => {
  const [required, rest] = missing();
  assert.notEqual(required, 'cover');
  const answer = await post({ product: 'auto', answers: { ...rest, cover: 'liability', casco_excess: answers.casco_excess ?? '0' } });
  assertProblem(answer, 422);
  assert.ok(pointers(answer).includes('/answers/casco_excess'), answer.text);
  const unclear = await post({ product: 'auto', answers: { ...answers, cover: 'no_such', casco_excess: answers.casco_excess ?? '0' } });
  assert.deepEqual(pointers(unclear).filter((pointer) => pointer !== '/answers/casco_excess'), ['/answers/cover']);
});

test('a number that does not fit is told beside the other wrong fields', async () => {
  const [required, rest] = missing();
  const integer = nameOf((question) => question.type === 'integer');
  assert.notEqual(integer, required);
  const choice = nameOf((question) => question.enum);
  for (const number of ['1e400', '-1e400', '1'.repeat(40), '1e999999999999', `0.${'0'.repeat(500)}1`]) {
    for (const language of ['nl', 'en']) {
      const text = JSON.stringify({
        product: 'auto', answers: { ...rest, [integer]: 'NUMBER', [choice]: 'NUMBER' }, effective_date: 'NUMBER',
      }).replaceAll('"NUMBER"', number);
      const answer = await post(text, { 'Accept-Language': language });
      assertProblem(answer, 422, 'invalid_fields');
      assert.deepEqual(pointers(answer), [`/answers/${integer}`, `/answers/${required}`, `/answers/${choice}`,
        '/effective_date'].sort(), answer.text);
      const told = answer.json.errors.find((error) => error.pointer === `/answers/${integer}`);
      assert.match(told.code, /^(too_many_digits|number_out_of_range|too_large|too_small)$/);
      assert.match(told.message, language === 'en' ? /give a whole number/ : /vul in: een geheel getal/);
    }
  }
  assertPointer(await post('{"product":"auto","answers":1e400}'), '/answers');
  assertPointer(await post(`{"product":"auto","answers":{"nothing":[{"x":${'9'.repeat(40)}}]}}`), '/answers/nothing');
});

test('what is wrong with JSON is told in the caller\'s language, with its place', async () => {
  const cases = [
    ['{"product": "auto", "answ', /regel 1, teken 21: .*aanhalingsteken/, /line 1, column 21: .*quotation mark/],
    ['{"product": "auto"', /regel 1, teken 19: .*regel 1, teken 1 .*}/, /line 1, column 19: .*line 1, column 1 .*}/],
    ['{"product" "auto"}', /teken 12: .*dubbele punt/, /column 12: .*colon/],
    ['{"product": "auto",\n}', /regel 2, teken 1: .*komma/, /line 2, column 1: .*comma/],
    ['{"product": auto}', /teken 13: .*aanhalingstekens/, /column 13: .*quotation marks/],
    ["{'product': 'auto'}", /teken 2: .*dubbele aanhalingstekens/, /column 2: .*double quotation marks/],
    ['{"product": True}', /teken 13: .*true/, /column 13: .*true/],
    ['{"product": "auto" /* no */}', /teken 20: .*commentaar/, /column 20: .*comment/],
    ['{"product": "a\u0001b"}', /teken 15: .*\\u0001/, /column 15: .*\\u0001/],
    ['{"product": "a\\x"}', /teken 15: .*\\/, /column 15: .*\\/],
    ['{"a": [1, 2}', /teken 12: .*\]/, /column 12: .*\]/],
    ['{} {}', /teken 4: .*één/, /column 4: .*one/],
  ];
  for (const [body, nl, en] of cases) {
    for (const [language, words] of [['nl', nl], ['en', en]]) {
      const answer = await post(body, { 'Accept-Language': language });
      assertProblem(answer, 400);
      assert.match(answer.json.detail, words, body);
      if (language === 'nl') assert.doesNotMatch(answer.json.detail, /expected|token|string|invalid/);
    }
  }
});

test('a message without answers is told what answers are', async () => {
  for (const [language, words] of [['nl', /ontbreekt\. Een object met een antwoord per vraag/],
    ['en', /missing\. An object with an answer per question/]]) {
    const answer = await post({ product: 'auto' }, { 'Accept-Language': language });
    assertPointer(answer, '/answers');
    assert.match(answer.json.errors[0].message, words);
  }
});

test('a slip in a name is told, another name is not taken for one', async () => {
  for (const [name, words] of [['birthdate', /bedoelde u "birth_date"/], ['postcod', /bedoelde u "postcode"/],
    ['colour', /laat het weg\. Bekend zijn: /], ['owner', /laat het weg/]]) {
    const answer = await post({ product: 'auto', answers: { ...answers, [name]: 'x' } });
    assert.match(answer.json.errors.find((error) => error.pointer === `/answers/${name}`).message, words);
  }
});

test('what is asked for is said whole: the form of a patterned text, the least of a list, a date', async () => {
  for (const [body, pointer, nl, en] of [
    [{ product: 'auto', answers: { ...answers, postcode: undefined } }, '/answers/postcode',
      /ontbreekt; vul in: een tekst van 6 tot en met 7 tekens\. Vier cijfers en twee letters/,
      /missing; give a text of 6 to 7 characters\. Four digits and two letters/],
    [{ product: 'auto', answers: { ...answers, birth_date: '17-05-1980' } }, '/answers/birth_date',
      /niet als datum geschreven; vul in: een datum .*JJJJ-MM-DD/, /not written as a date; give a date .*YYYY-MM-DD/],
    [{ product: 'reis', answers: { travellers: [] } }, '/answers/travellers',
      /van 1 tot en met 10 onderdelen/, /of 1 to 10 items/],
  ]) {
    for (const [language, words] of [['nl', nl], ['en', en]]) {
      const answer = await post(body, { 'Accept-Language': language });
      const told = answer.json.errors.find((error) => error.pointer === pointer);
      assert.match(told?.message ?? answer.text, words);
    }
  }
});

test('what may be left out may be null, and openapi.json says so; what must be there may not', async () => {
  const { json: document } = await request(server, 'GET', '/api/v1/openapi.json');
  const { properties, required } = document.components.schemas.RequestQuoteRequest_auto;
  for (const name of ['product', 'answers', 'effective_date', 'reference']) {
    const takes = properties[name].anyOf?.some(({ type }) => type === 'null') ?? false;
    assert.equal(takes, !required.includes(name), name);
    const answer = await post({ product: 'auto', answers, [name]: null });
    assert.equal(answer.status, takes ? 201 : 422, `${name}: ${answer.text}`);
  }
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
  const missing = await request(server, 'GET', '/api/v1/products/no_such', { key });
  assertProblem(missing, 404, 'unknown_product');
  assert.match(missing.json.detail, /GET \/products/);
  const early = await request(server, 'GET', '/api/v1/products/auto?effective_date=2001-01-01', { key });
  assertProblem(early, 404, 'unknown_product');
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
