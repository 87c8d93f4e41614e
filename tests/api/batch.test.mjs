// Many quotes in one call: each answered by itself, in order, as a stream; written in blocks; done
// once under a key, also by a call that broke off.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let answers;
let key;
let partner;
before(async () => {
  installation = install();
  server = await serve(installation);
  partner = installation.demo.partners[0];
  key = partner.secret_key;
  answers = await exampleAnswers(server, key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const lines = (text) => text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const many = (count, more = {}) =>
  Array.from({ length: count }, (_, i) => ({ product: 'auto', answers, reference: `r${i}`, ...more }));
const batch = (body, { path = '/api/v1/quotes/batch', headers = {}, ...options } = {}) =>
  request(server, 'POST', path, { key, body: typeof body === 'string' ? body : JSON.stringify(body), headers, ...options });
const ndjson = { 'Content-Type': 'application/x-ndjson' };
const asLines = (items) => items.map((item) => JSON.stringify(item)).join('\n');
// All quotes with a reference, page by page.
async function quotesOf(reference, as = key) {
  const quotes = [];
  for (let cursor = ''; cursor !== null; ) {
    const page = await request(server, 'GET', `/api/v1/quotes?reference=${reference}&limit=100${cursor}`, { key: as });
    quotes.push(...page.json.items);
    cursor = page.json.next && `&cursor=${page.json.next}`;
  }
  return quotes;
}
// Answers differ in their ids and moments alone.
const plain = ({ id, token, known_at, reference, ...rest }) => rest;

test('each is answered by itself, in order, with what a call of its own would answer', async () => {
  const items = many(6);
  items[1].product = 'nope';
  items[2].answers = { ...answers, postcode: 'x' };
  items[3] = { product: 'auto' };
  items[4].unheard_of = 1;
  const sent = await batch(items);
  assert.equal(sent.status, 200, sent.text);
  assert.equal(sent.headers['content-type'], 'application/json');
  assert.equal(sent.headers['transfer-encoding'], 'chunked');
  assert.deepEqual(sent.json.map((item) => [item.index, item.status]),
    [[0, 201], [1, 404], [2, 422], [3, 422], [4, 422], [5, 201]]);
  for (const [index, item] of items.entries()) {
    const alone = await request(server, 'POST', '/api/v1/quotes', { key, body: item });
    const together = sent.json[index];
    assert.equal(together.status, alone.status);
    if (alone.status === 201) {
      assert.deepEqual(plain(together.quote), plain(alone.json));
      assert.equal(together.quote.reference, item.reference);
      const read = await request(server, 'GET', `/api/v1/quotes/${together.quote.id}?token=${together.quote.token}`, { key });
      assert.equal(read.status, 200);
      assert.deepEqual(read.json.premium, together.quote.premium);
    } else {
      const { instance, request_id, ...problem } = alone.json;
      assert.deepEqual(together.problem, problem);
      assert.equal(together.quote, undefined);
    }
  }
});

test('lines in, lines out; Accept chooses the form of the answer', async () => {
  const items = many(3);
  const both = await batch(asLines(items), { headers: ndjson });
  assert.equal(both.headers['content-type'], 'application/x-ndjson');
  assert.deepEqual(lines(both.text).map((item) => item.status), [201, 201, 201]);
  const toArray = await batch(asLines(items), { headers: { ...ndjson, Accept: 'application/json' } });
  assert.equal(toArray.headers['content-type'], 'application/json');
  assert.equal(toArray.json.length, 3);
  const toLines = await batch(items, { headers: { Accept: 'application/x-ndjson' } });
  assert.deepEqual(lines(toLines.text).map((item) => item.index), [0, 1, 2]);
  const empty = await batch('[]');
  assert.deepEqual([empty.status, empty.json], [200, []]);
});

test('a bad line spoils only itself, and says where', async () => {
  const good = JSON.stringify(many(1)[0]);
  const text = [good, '{"product": "auto",', '', '[1]', '{"a":1,"a":2}', `${good.slice(0, -1)},"reference":"\\ud800"}`, good].join('\n');
  const sent = await batch(text, { headers: { ...ndjson, 'Accept-Language': 'en' } });
  const told = lines(sent.text);
  assert.deepEqual(told.map((item) => item.status), [201, 400, 400, 400, 400, 201]);
  assert.match(told[1].problem.detail, /line 2/);
  assert.match(told[2].problem.detail, /line 4/);
  assert.equal(told[2].problem.code, 'not_an_object');
  assert.equal(told[3].problem.code, 'duplicate_key');
  const long = lines((await batch(good.replace('"fuel"', `"x":${'9'.repeat(40)},"fuel"`).replace('"postcode":"', '"postcode":"x'), { headers: ndjson })).text);
  assert.deepEqual(long[0].problem.errors.map((fault) => fault.pointer).sort(), ['/answers/postcode', '/answers/x']);
  const dutch = lines((await batch(text, { headers: ndjson })).text);
  assert.match(dutch[1].problem.detail, /regel 2/);
});

test('an array that stops making sense ends with an item that says so; what came before holds', async () => {
  const good = JSON.stringify(many(1)[0]);
  for (const text of [`[${good},${good.slice(0, 40)}`, `[${good},${good}`, `[${good}] and more`]) {
    const sent = await batch(text, { headers: { 'Content-Type': 'application/json', 'Accept-Language': 'en' } });
    assert.equal(sent.status, 200);
    const last = sent.json.at(-1);
    assert.equal(sent.json[0].status, 201, sent.text);
    assert.equal(last.status, 400);
    assert.match(last.problem.detail, /nothing from here on was done/);
  }
  const item = await batch(`[${good},{"product":},${good}]`);
  assert.deepEqual(item.json.map((one) => one.status), [201, 400, 201]);
  for (const text of ['', '{}', 'x', '"["']) {
    const refused = await batch(text, { headers: { 'Content-Type': 'application/json' } });
    assert.equal(refused.status, 400, text);
    assert.match(refused.headers['content-type'], /problem\+json/);
  }
});

test('limits: too many, too large an item, the wrong type, fields in the address', async () => {
  const tooMany = await batch('{}\n'.repeat(10_001), { headers: ndjson });
  assert.equal(tooMany.status, 413);
  assert.equal(tooMany.json.code, 'too_many_items');
  const most = await batch('{}\n'.repeat(10_000), { headers: ndjson });
  assert.equal(most.status, 200);
  assert.equal(lines(most.text).length, 10_000);
  const large = await batch([...many(1), { product: 'auto', answers: { x: 'y'.repeat(300_000) } }, ...many(1)]);
  assert.deepEqual(large.json.map((item) => item.status), [201, 413, 201]);
  const wrong = await batch('[]', { headers: { 'Content-Type': 'text/csv' } });
  assert.equal(wrong.status, 415);
  assert.match(wrong.json.detail, /application\/json of application\/x-ndjson/);
  const address = await batch('[]', { path: '/api/v1/quotes/batch?x=1' });
  assert.equal(address.status, 422);
});

test('who may: secret keys; test keys mark what they make', async () => {
  const anybody = await request(server, 'POST', '/api/v1/quotes/batch', { body: [] });
  assert.equal(anybody.status, 401);
  const website = await request(server, 'POST', '/api/v1/quotes/batch',
    { key: partner.publishable_key, headers: { Origin: partner.origin }, body: [] });
  assert.equal(website.status, 403);
  const made = run('key', 'create', '--data', installation.folder, '--partner', partner.id, '--kind', 'secret', '--mode', 'test');
  const test = await batch(many(2, { reference: 'of-test' }), { key: made.stdout.trim() });
  assert.deepEqual(test.json.map((item) => item.quote.test), [true, true]);
  assert.equal((await quotesOf('of-test')).length, 0);
  assert.equal((await quotesOf('of-test', made.stdout.trim())).length, 2);
});

test('twenty count as one request of the rate; what does not fit is refused before it begins', async () => {
  const made = run('key', 'create', '--data', installation.folder, '--partner', partner.id,
    '--kind', 'secret', '--mode', 'live', '--rate-limit', '10');
  const limited = made.stdout.trim();
  const never = await batch(many(201), { key: limited });
  assert.equal(never.status, 413);
  assert.match(never.json.detail, /200/);
  const first = await batch(many(100, { reference: 'rated' }), { key: limited });
  assert.equal(first.status, 200);
  // One for the call that was refused, five for this one; a minute may have begun between them.
  assert.ok([4, 5].includes(Number(/r=(\d+)/.exec(first.headers.ratelimit)[1])), first.headers.ratelimit);
  const second = await batch(many(120, { reference: 'rated' }), { key: limited });
  assert.equal(second.status, 429);
  assert.ok(Number(second.headers['retry-after']) > 0);
  assert.equal((await quotesOf('rated')).length, 100);
});

test('the same key again: the same answers, nothing made twice; another body: told per item', async () => {
  const items = many(300, { reference: 'once' });
  items[7] = { product: 'nope', answers };
  const headers = { 'Idempotency-Key': 'batch-once' };
  const first = await batch(items, { headers });
  const again = await batch(items, { headers });
  assert.equal(first.headers['idempotent-replayed'], undefined);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(again.text, first.text);
  assert.equal((await quotesOf('once')).length, 299);
  const changed = await batch([items[0], { ...items[1], reference: 'other' }, ...many(301).slice(2, 3)], { headers });
  assert.deepEqual(changed.json.map((item) => item.status), [201, 422, 422]);
  assert.equal(changed.json[1].problem.code, 'idempotency_key_reused');
});

test("an item's own key is that of a call of its own, wherever it stands", async () => {
  const items = many(3, { reference: 'own' });
  items[0].idempotency_key = 'own-key-1';
  items[2].idempotency_key = 'own-key-1';
  items[2].reference = items[0].reference;
  const first = await batch(items);
  assert.deepEqual(first.json.map((item) => item.status), [201, 201, 201]);
  assert.equal(first.json[2].quote.id, first.json[0].quote.id);
  const { idempotency_key, ...alone } = items[0];
  const single = await request(server, 'POST', '/api/v1/quotes', { key, body: alone, headers: { 'Idempotency-Key': 'own-key-1' } });
  assert.equal(single.json.id, first.json[0].quote.id);
  assert.equal(single.headers['idempotent-replayed'], 'true');
  const moved = await batch([...many(2), items[0]]);
  assert.equal(moved.json[2].quote.id, first.json[0].quote.id);
  for (const wrong of [7, '', 'with blank', {}]) {
    const refused = await batch([{ ...alone, idempotency_key: wrong }]);
    assert.equal(refused.json[0].status, 422);
    assert.equal(refused.json[0].problem.errors[0].pointer, '/idempotency_key');
  }
});

test('a key whose day is over is free again, among items as alone', async () => {
  const item = { ...many(1)[0], idempotency_key: 'of-yesterday' };
  const first = await batch([item]);
  const database = /^database = (.*)$/m.exec(readFileSync(join(installation.folder, 'koppel.conf'), 'utf8'))[1];
  const statement = "update idempotency set expires_us = 5 where idempotency_key = 'of-yesterday'";
  const done = database.startsWith('postgresql')
    ? spawnSync('psql', [database, '-c', statement])
    : spawnSync('sqlite3', ['-cmd', '.timeout 5000', resolve(installation.folder, database), statement]);
  assert.equal(done.status, 0, String(done.stderr));
  const later = await batch([...many(1), item, ...many(1)]);
  assert.deepEqual(later.json.map((one) => one.status), [201, 201, 201]);
  assert.notEqual(later.json[1].quote.id, first.json[0].quote.id);
  assert.equal((await batch([item])).json[0].quote.id, later.json[1].quote.id);
});

test('estimates: the same premiums, nothing kept', async () => {
  const items = many(3, { reference: 'estimated' });
  const quotes = await batch(items.map((item) => ({ ...item, reference: 'quoted' })));
  const sent = await batch(items, { path: '/api/v1/estimates/batch' });
  assert.deepEqual(sent.json.map((item) => item.status), [200, 200, 200]);
  assert.deepEqual(sent.json[0].estimate.premium, quotes.json[0].quote.premium);
  assert.equal(sent.json[0].estimate.id, undefined);
  assert.equal((await quotesOf('estimated')).length, 0);
});

test('gzip comes in as anywhere, and is unpacked within the limit of such bodies', async () => {
  const { gzipSync } = await import('node:zlib');
  const packed = (text) => request(server, 'POST', '/api/v1/quotes/batch',
    { key, body: gzipSync(text), headers: { ...ndjson, 'Content-Encoding': 'gzip' } });
  assert.equal(lines((await packed(asLines(many(50)))).text).length, 50);
  assert.equal((await packed('\n'.repeat(17 * 1024 * 1024))).status, 413);
});

test('a caller that goes away: what was answered stays, and the server goes on', async () => {
  const text = asLines(many(10_000, { reference: 'gone' }));
  const taken = await new Promise((done, fail) => {
    const call = https.request({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/api/v1/quotes/batch',
      headers: { Authorization: `Bearer ${key}`, ...ndjson, 'Content-Length': Buffer.byteLength(text) }, rejectUnauthorized: false }, (answer) => {
      let got = '';
      answer.on('data', (chunk) => {
        got += chunk;
        if (got.length < 200_000) return;
        answer.destroy();
        done(got);
      });
      answer.on('error', () => {});
    });
    call.on('error', fail);
    call.end(text);
  });
  const whole = taken.slice(0, taken.lastIndexOf('\n'));
  const last = lines(whole).at(-1).quote;
  const read = await request(server, 'GET', `/api/v1/quotes/${last.id}`, { key });
  assert.equal(read.status, 200);
  assert.deepEqual(read.json.premium, last.premium);
  assert.equal((await batch(many(1))).status, 200);
});

test('killed amid a batch: every answer that arrived is there again, and the same key completes it', async () => {
  const own = install();
  try {
    let victim = await serve(own);
    const secret = own.demo.partners[0].secret_key;
    const text = asLines(many(10_000));
    const headers = { Authorization: `Bearer ${secret}`, ...ndjson, 'Idempotency-Key': 'killed', 'Content-Length': Buffer.byteLength(text) };
    const taken = await new Promise((done, fail) => {
      let got = '';
      const call = https.request({ host: '127.0.0.1', port: victim.port, method: 'POST', path: '/api/v1/quotes/batch', headers, rejectUnauthorized: false }, (answer) => {
        answer.on('data', (chunk) => {
          got += chunk;
          if (got.length > 500_000) victim.process.kill('SIGKILL');
        });
        answer.on('error', () => done(got));
        answer.on('end', () => done(got));
      });
      call.on('error', fail);
      call.end(text);
    });
    await victim.exited;
    const acknowledged = lines(taken.slice(0, taken.lastIndexOf('\n')));
    assert.ok(acknowledged.length > 100 && acknowledged.length < 10_000, `${acknowledged.length}`);
    victim = await serve(own);
    const again = await request(victim, 'POST', '/api/v1/quotes/batch', { key: secret, body: text, headers: { ...ndjson, 'Idempotency-Key': 'killed' } });
    const all = lines(again.text);
    assert.equal(all.length, 10_000);
    assert.ok(all.every((item) => item.status === 201));
    for (const item of acknowledged) assert.deepEqual(all[item.index], item);
    assert.equal(new Set(all.map((item) => item.quote.id)).size, 10_000);
    await victim.stop();
  } finally {
    own.remove();
  }
});

test('two at a time of one partner; a third is told to come back, and others are not held up', async () => {
  // A caller that sends its head and no body holds a place.
  const held = [0, 1].map(() => {
    const call = https.request({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/api/v1/quotes/batch',
      headers: { Authorization: `Bearer ${key}`, ...ndjson, 'Content-Length': 1000 }, rejectUnauthorized: false });
    call.on('error', () => {});
    call.flushHeaders();
    return call;
  });
  await Promise.all(held.map(async (call) => {
    const [socket] = await once(call, 'socket');
    if (socket.connecting) await once(socket, 'secureConnect');
  }));
  let third;
  for (let i = 0; i < 250 && third?.status !== 503; i++) {
    await new Promise((done) => setTimeout(done, 20));
    third = await batch(many(1));
  }
  assert.equal(third.status, 503);
  assert.equal(third.json.code, 'busy');
  assert.equal(third.headers['retry-after'], '1');
  const another = await request(server, 'POST', '/api/v1/quotes/batch', { key: installation.demo.partners[1].secret_key, body: [{ product: 'auto', answers }] });
  assert.equal(another.json[0].status, 201, another.text);
  assert.equal((await request(server, 'POST', '/api/v1/quotes', { key, body: many(1)[0] })).status, 201);
  for (const call of held) call.destroy();
  for (let i = 0; i < 100 && third.status === 503; i++) {
    await new Promise((done) => setTimeout(done, 20));
    third = await batch(many(1));
  }
  assert.equal(third.status, 200, third.text);
});

test('a number that does not fit is told beside a key, too', async () => {
  const item = JSON.stringify(many(1)[0]).replace('"fuel"', `"x":${'9'.repeat(40)},"fuel"`);
  const sent = await batch(`[${item}]`, { headers: { 'Idempotency-Key': 'unfit' } });
  assert.equal(sent.json[0].status, 422, sent.text);
});
