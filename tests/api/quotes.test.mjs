// The main job: a partner's HTTPS call rates a real tariff and gets a durable quote.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cents, exampleAnswers, install, request, serve } from './support.mjs';

let installation;
let server;
let answers;
let partners;
before(async () => {
  installation = install();
  server = await serve(installation);
  partners = installation.demo.partners;
  answers = await exampleAnswers(server, partners[0].secret_key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const quote = (body, options = {}) =>
  request(server, 'POST', '/api/v1/quotes', { key: partners[0].secret_key, body, ...options });

function assertSums(premium) {
  assert.equal(premium.currency, 'EUR');
  for (const part of ['net', 'tax', 'total']) {
    const sum = premium.covers.reduce((all, cover) => all + cents(cover[part]), 0n);
    assert.equal(sum, cents(premium[part]), part);
  }
  for (const cover of [premium, ...premium.covers]) {
    assert.equal(cents(cover.net) + cents(cover.tax), cents(cover.total));
    assert.match(cover.total, /^-?\d+\.\d\d$/);
  }
  assert.ok(premium.terms.length >= 2);
  for (const term of premium.terms) {
    assert.equal(cents(term.instalment) * BigInt(term.instalments), cents(term.total), term.code);
  }
  const yearly = premium.terms.find((term) => term.instalments === 1);
  assert.equal(cents(yearly.total), cents(premium.total));
}

test('a quote: 201 with every agreed field, sums that add up, read back the same', async () => {
  const made = await quote({ product: 'auto', answers, reference: 'dossier 2026-17' });
  assert.equal(made.status, 201, made.text);
  const body = made.json;
  assert.match(body.id, /^qte_[0-9a-z]{26}$/);
  assert.ok(body.token.length >= 20);
  assert.equal(body.status, 'offered');
  assert.equal(body.test, false);
  assert.equal(body.product, 'auto');
  assert.ok(body.product_version !== undefined);
  assert.match(body.product_hash, /^[0-9a-f]{64}$/);
  assert.match(body.effective_date, /^\d{4}-\d\d-\d\d$/);
  assert.match(body.known_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  assert.match(body.valid_until, /^\d{4}-\d\d-\d\d$/);
  assert.ok(Array.isArray(body.reasons));
  assert.ok(body.documents.length > 0);
  for (const document of body.documents) {
    assert.deepEqual(Object.keys(document).sort(), ['code', 'title', 'url']);
  }
  assertSums(body.premium);
  assert.equal(made.headers.location, `/api/v1/quotes/${body.id}`);

  const read = await request(server, 'GET', `/api/v1/quotes/${body.id}`, { key: partners[0].secret_key });
  assert.equal(read.status, 200);
  assert.deepEqual(read.json.premium, body.premium);
  assert.equal(read.json.reference, 'dossier 2026-17');
  const same = await request(server, 'GET', `/api/v1/quotes/${body.id}`,
    { key: partners[0].secret_key, headers: { 'If-None-Match': read.headers.etag } });
  assert.equal(same.status, 304);
});

test('an estimate gives the same premium, keeps nothing and has no id', async () => {
  const made = await quote({ product: 'auto', answers });
  const estimate = await request(server, 'POST', '/api/v1/estimates',
    { key: partners[0].secret_key, body: { product: 'auto', answers } });
  assert.equal(estimate.status, 200, estimate.text);
  assert.deepEqual(estimate.json.premium, made.json.premium);
  assert.equal(estimate.json.id, undefined);
  assert.equal(estimate.json.token, undefined);
});

test('the explanation lets a reader compute the premium by hand, in both languages', async () => {
  const made = await quote({ product: 'auto', answers });
  for (const language of ['nl', 'en']) {
    const told = await request(server, 'GET', `/api/v1/quotes/${made.json.id}/explanation`,
      { key: partners[0].secret_key, headers: { 'Accept-Language': language } });
    assert.equal(told.status, 200, told.text);
    assert.equal(told.headers['content-language'], language);
    assert.ok(told.text.includes(made.json.premium.total));
    for (const cover of made.json.premium.covers) assert.ok(told.text.includes(cover.net), cover.code);
  }
});

test('the product is a JSON Schema of its questions, titled in the asked language', async () => {
  const [nl, en] = await Promise.all(['nl-NL,nl;q=0.9', 'en'].map((language) =>
    request(server, 'GET', '/api/v1/products/auto',
      { key: partners[0].secret_key, headers: { 'Accept-Language': language } })));
  assert.equal(nl.json.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.equal(nl.json.type, 'object');
  assert.ok(nl.json.examples.length >= 1);
  const names = Object.keys(nl.json.properties);
  assert.deepEqual(Object.keys(en.json.properties), names);
  assert.ok(names.some((name) => nl.json.properties[name].title !== en.json.properties[name].title));
  for (const name of names) assert.match(name, /^[a-z][a-z0-9_]*$/);
  const list = await request(server, 'GET', '/api/v1/products', { key: partners[0].secret_key });
  assert.ok(list.json.items.some((item) => item.product === 'auto'));
  assert.equal(list.json.next, null);
});

test('an idempotency key makes one quote, however often it is sent', async () => {
  const headers = { 'Idempotency-Key': '"order-1"' };
  const body = { product: 'auto', answers };
  const first = await quote(body, { headers });
  const second = await quote(body, { headers: { 'Idempotency-Key': 'order-1' } });
  assert.equal(first.status, 201);
  assert.equal(second.status, 201);
  assert.equal(second.json.id, first.json.id);
  assert.deepEqual(second.json, first.json);
  assert.equal(second.headers['idempotent-replayed'], 'true');
  assert.equal(first.headers['idempotent-replayed'], undefined);
  const other = await quote({ ...body, reference: 'other' }, { headers });
  assert.equal(other.status, 422);
  const stranger = await request(server, 'POST', '/api/v1/quotes',
    { key: partners[2].secret_key, headers, body });
  assert.equal(stranger.status, 201);
  assert.notEqual(stranger.json.id, first.json.id);

  const many = await Promise.all(Array.from({ length: 12 }, () =>
    quote(body, { headers: { 'Idempotency-Key': 'at-once' } })));
  const ids = new Set(many.filter((answer) => answer.status === 201).map((answer) => answer.json.id));
  assert.equal(ids.size, 1);
  for (const answer of many) assert.ok([201, 409].includes(answer.status), String(answer.status));
  for (const key of ['', 'x'.repeat(256), 'caf\u00e9']) {
    const bad = await quote(body, { headers: { 'Idempotency-Key': key } }).catch(() => ({ status: 400 }));
    assert.equal(bad.status, 400, JSON.stringify(key));
  }
});

test('the list pages by cursor, newest first, without gaps or doubles', async () => {
  const made = [];
  for (let index = 0; index < 7; index += 1) {
    made.push((await quote({ product: 'auto', answers, reference: `page-${index}` })).json.id);
  }
  const seen = [];
  let path = '/api/v1/quotes?limit=3';
  for (let pages = 0; path && pages < 60; pages += 1) {
    const page = await request(server, 'GET', path, { key: partners[0].secret_key });
    assert.equal(page.status, 200, page.text);
    assert.ok(page.json.items.length <= 3);
    seen.push(...page.json.items.map((item) => item.id));
    if (page.json.next) {
      assert.match(page.headers.link, /rel="next"/);
      path = `/api/v1/quotes?limit=3&cursor=${encodeURIComponent(page.json.next)}`;
    } else {
      path = null;
    }
  }
  assert.equal(new Set(seen).size, seen.length);
  for (const id of made) assert.ok(seen.includes(id));
  assert.deepEqual(seen, [...seen].sort().reverse());
});

test("another partner's quote looks exactly like one that does not exist", async () => {
  const made = await quote({ product: 'auto', answers });
  const stranger = partners[2].secret_key;
  const missing = 'qte_00000000000000000000000000';
  for (const rest of ['', '/explanation']) {
    const theirs = await request(server, 'GET', `/api/v1/quotes/${made.json.id}${rest}`, { key: stranger });
    const none = await request(server, 'GET', `/api/v1/quotes/${missing}${rest}`, { key: stranger });
    assert.equal(theirs.status, 404);
    assert.equal(none.status, 404);
    const strip = ({ json }, id) => JSON.stringify({ ...json, request_id: '' }).replaceAll(id, 'ID');
    assert.equal(strip(theirs, made.json.id), strip(none, missing));
  }
});

test('what was acknowledged is there after a restart', async () => {
  const made = await quote({ product: 'auto', answers }, { headers: { 'Idempotency-Key': 'restart' } });
  await server.stop('SIGKILL');
  server = await serve(installation);
  const read = await request(server, 'GET', `/api/v1/quotes/${made.json.id}`, { key: partners[0].secret_key });
  assert.equal(read.status, 200);
  assert.deepEqual(read.json.premium, made.json.premium);
  const again = await quote({ product: 'auto', answers }, { headers: { 'Idempotency-Key': 'restart' } });
  assert.equal(again.json.id, made.json.id);
});

test('SIGTERM loses no request in flight', async () => {
  const calls = Array.from({ length: 40 }, (_, index) =>
    quote({ product: 'auto', answers }, { headers: { 'Idempotency-Key': `term-${index}` } })
      .then((answer) => answer, (error) => ({ status: 0, error })));
  await new Promise((done) => setTimeout(done, 15));
  const ended = await server.stop('SIGTERM');
  assert.equal(ended.code, 0);
  const results = await Promise.all(calls);
  server = await serve(installation);
  for (const result of results) {
    // Refused before it began (no answer, or 503), or done and kept: never half.
    if (result.status === 201) {
      const read = await request(server, 'GET', `/api/v1/quotes/${result.json.id}`, { key: partners[0].secret_key });
      assert.equal(read.status, 200);
    } else {
      assert.ok(result.status === 503 || ['ECONNREFUSED', 'ECONNRESET'].includes(result.error?.code),
        `${result.status} ${result.error}`);
    }
  }
  assert.ok(results.some((result) => result.status === 201));
});
