// Kept quotes computed again: by the operation, by the command, one and all; and that a result which
// was changed in the store is told by exactly what was changed.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, query, request, run, serve } from './support.mjs';

let installation;
let server;
let partner;
let rival;
let key;
let quote;
before(async () => {
  installation = install();
  server = await serve(installation);
  [partner, rival] = installation.demo.partners;
  key = partner.secret_key;
  const answers = await exampleAnswers(server, key, 'auto');
  const made = await request(server, 'POST', '/api/v1/quotes', { key, body: { product: 'auto', answers } });
  assert.equal(made.status, 201, made.text);
  quote = made.json;
});
after(async () => {
  await server?.stop();
  installation?.remove();
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const replay = (id, as = key, headers = {}) =>
  request(server, 'GET', `/api/v1/quotes/${id}/replay`, { key: as, headers });
const command = (...args) => run('quote', 'replay', ...args, '--data', installation.folder);

// Runs SQL on the store itself, as somebody would who meddles with it.
const meddle = (sql) => query(installation, sql);
const column = (name, id) => meddle(`select ${name} from quote where id = '${id}'`);
const literal = (text) => `'${text.replaceAll("'", "''")}'`;
const change = (name, id, value) => meddle(`update quote set ${name} = ${literal(value)} where id = '${id}'`);

test('a quote computed again is equal to the byte', async () => {
  const answer = await replay(quote.id);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.equal, true);
  assert.deepEqual(answer.json.differences, []);
  assert.equal(answer.json.product_hash, quote.product_hash);
  assert.equal(answer.json.known_at, quote.known_at);
  assert.match(answer.json.result_hash, /^[0-9a-f]{64}$/);
  const told = command(quote.id);
  assert.equal(told.status, 0, told.stderr);
  assert.match(told.stdout, new RegExp(`equal: offered, \\d+ bytes, SHA-256 ${answer.json.result_hash}`));
});

test('another partner, a website and a test key do not see it; the organisation does', async () => {
  const missing = await replay('qte_00000000000000000000000000');
  assert.equal(missing.status, 404);
  const others = await replay(quote.id, rival.secret_key);
  assert.equal(others.status, 404);
  assert.equal(others.json.code, missing.json.code);
  assert.equal((await replay(quote.id, partner.publishable_key, { Origin: partner.origin })).status, 403);
  assert.equal((await replay(quote.id, null)).status, 401);
  assert.equal((await replay('nonsense')).status, 404);
  const organisation = await replay(quote.id, installation.demo.organisation.key);
  assert.equal(organisation.status, 200, organisation.text);
  assert.equal(organisation.json.equal, true);
});

test('it stays equal after a new version of the product, which rates otherwise', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    const folder = join(scratch, 'auto');
    cpSync('quote-engine/products/auto', folder, { recursive: true });
    const path = join(folder, 'product.xml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('<validity days="30"', '<validity days="20"'));
    const published = run('product', 'publish', folder, '--data', installation.folder);
    assert.equal(published.status, 0, published.stderr);
    const answer = await replay(quote.id);
    assert.equal(answer.json.equal, true, answer.text);
    assert.equal(answer.json.product_version, quote.product_version);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('the whole book is equal, and says how many', () => {
  const told = command('--all');
  assert.equal(told.status, 0, told.stdout + told.stderr);
  const count = Number(meddle('select count(*) from quote where test = 0'));
  assert.match(told.stdout, new RegExp(`^${count} quotes computed again in .* ${count} equal, 0 different, 0 failed$`, 'm'));
  const some = command('--all', '--product', 'auto', '--partner', partner.id);
  const fewer = Number(meddle(`select count(*) from quote where product = 'auto' and test = 0 and partner_id = '${partner.id}'`));
  assert.match(some.stdout, new RegExp(`^${fewer} quotes computed again`, 'm'));
  assert.ok(fewer > 0 && fewer < count);
  const none = command('--all', '--since', '2199-01-01');
  assert.equal(none.status, 0);
  assert.match(none.stdout, /^0 quotes/m);
  for (const [option, name, words] of [['--partner', 'ptr_0', /no partner ptr_0: koppel key list/],
    ['--product', 'boat', /no product boat: koppel product list/]]) {
    const mistyped = command('--all', option, name);
    assert.equal(mistyped.status, 1, 'nothing computed is not all equal');
    assert.match(mistyped.stderr, words);
    assert.equal(mistyped.stdout, '');
  }
  const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Amsterdam' });
  assert.match(command('--all', '--since', today).stdout, /^1 quotes computed again/m);
});

test('a kept result that was changed is told by exactly what was changed', async () => {
  const kept = column('result', quote.id);
  const result = JSON.parse(kept);
  const { net } = result.premium.covers[0];
  const [{ code }] = result.premium.covers;
  const text = (cents) => `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

  // One amount.
  change('result', quote.id, kept.replace(`"net":${net},`, `"net":${net + 1},`));
  const one = await replay(quote.id, key, { 'Accept-Language': 'en' });
  assert.equal(one.status, 200);
  assert.equal(one.json.equal, false);
  const changed = result.premium.net === net ? 'premium.net' : `premium.covers.${code}.net`;
  assert.deepEqual(one.json.differences, [{ place: changed, kept: text(net + 1), computed: text(net) }]);
  const logged = new RegExp(`event=quote_not_reproduced quote=${quote.id} .*place=${changed.replaceAll('.', '\\.')}`);
  for (let tries = 0; tries < 50 && !logged.test(server.log()); tries += 1) await pause(20);
  assert.match(server.log(), logged);
  const told = command(quote.id);
  assert.equal(told.status, 1);
  assert.match(told.stdout, new RegExp(`^  ${changed}: kept ${text(net + 1)}, computed ${text(net)}$`, 'm'));

  // A row of the tariff and a reason.
  const meddled = structuredClone(result);
  const [row] = meddled.rows.splice(3, 1);
  meddled.reasons.push('made_up');
  change('result', quote.id, JSON.stringify(meddled));
  const rows = await replay(quote.id);
  assert.deepEqual(rows.json.differences, [
    { place: 'reasons', kept: 'made_up', computed: null },
    { place: 'rows', kept: null, computed: row }]);

  // The same values in other bytes.
  change('result', quote.id, JSON.stringify(result, null, 1));
  const bytes = await replay(quote.id);
  assert.equal(bytes.json.equal, false);
  assert.deepEqual(bytes.json.differences.map(({ place }) => place), ['result']);

  // No JSON at all.
  change('result', quote.id, kept.slice(0, 40));
  assert.match((await replay(quote.id)).json.differences[0].kept, /^cannot be read/);

  // What stands beside the result.
  change('result', quote.id, kept);
  meddle(`update quote set total_cents = total_cents + 5, valid_until = '2020-01-01' where id = '${quote.id}'`);
  const beside = await replay(quote.id);
  assert.deepEqual(beside.json.differences, [
    { place: 'row.total', kept: text(result.premium.total + 5), computed: text(result.premium.total) },
    { place: 'row.valid_until', kept: '2020-01-01', computed: quote.valid_until }]);
  meddle(`update quote set total_cents = total_cents - 5, valid_until = '${quote.valid_until}' where id = '${quote.id}'`);
  assert.equal((await replay(quote.id)).json.equal, true);
});

test('all tells every quote that differs or cannot be computed, and fails', async () => {
  const kept = column('result', quote.id);
  const answers = column('answers', quote.id);
  const [other] = meddle(`select id from quote where id <> '${quote.id}' and status = 'offered' order by id limit 1`).split('\n');
  const others = column('answers', other);
  try {
    change('result', quote.id, kept.replace('"status":"offered"', '"status":"declined"'));
    change('answers', other, '{}');
    const told = command('--all');
    assert.equal(told.status, 1);
    assert.match(told.stdout, new RegExp(`^${quote.id}: different: status: declined -> offered$`, 'm'));
    assert.match(told.stdout, new RegExp(`^${other}: cannot be computed again: .+`, 'm'));
    assert.match(told.stdout, /, 1 different, 1 failed$/m);
    assert.ok(told.stdout.indexOf(other) < told.stdout.indexOf(quote.id), 'in the order of their ids');
    const unable = await replay(other, installation.demo.organisation.key, { 'Accept-Language': 'en' });
    assert.equal(unable.status, 200, unable.text);
    assert.equal(unable.json.equal, false);
    assert.match(unable.json.notice, /cannot be computed again/);
  } finally {
    change('result', quote.id, kept);
    change('answers', quote.id, answers);
    change('answers', other, others);
  }
  assert.equal(command('--all').status, 0);
});

test('the command says how it is used', () => {
  for (const args of [[], ['--all', quote.id], [quote.id, quote.id], [quote.id, '--product', 'auto'],
    ['--all', '--since', '2026-02-30'], ['--all', '--threads', '99']]) {
    const told = command(...args);
    assert.equal(told.status, 2, args.join(' '));
    assert.match(told.stderr, /^koppel quote replay: .+\n$/);
  }
  const missing = command('qte_00000000000000000000000000');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /there is no quote qte_/);
  assert.match(run('quote', 'replay', '--help').stdout, /--since DATE/);
});
