// The dated version of the API: a key is pinned to one when it is made, an operator moves the pin, a
// request may name another, and each answer says which it was. And what goes says so in its headers.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dateIn, install, query, request, run, serve } from './support.mjs';

const DAYS_AHEAD = 20;
const HOLDS_WITHIN_MS = 1100;
let installation;
let server;
let partner;
let newest;
before(async () => {
  installation = install();
  server = await serve(installation);
  [partner] = installation.demo.partners;
  const { json } = await request(server, 'GET', '/api/v1/changes');
  [newest] = json.versions;
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const command = (verb, ...more) => run('key', verb, '--data', installation.folder, ...more);
const ask = (path, key, headers = {}, more = {}) => request(server, more.method ?? 'GET', `/api/v1${path}`, { key, headers, ...more });
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
function create(...options) {
  const made = command('create', '--mode', 'test', ...options);
  assert.equal(made.status, 0, made.stderr);
  return { key: made.stdout.trim(), id: /(key|oky)_[0-9a-z]{26}/.exec(made.stderr)[0] };
}
const own = (...options) => create('--partner', partner.id, '--kind', 'secret', ...options);
const table = (id) => (id.startsWith('oky') ? 'organisation_key' : 'api_key');
const stored = (id) => query(installation, `select api_version from ${table(id)} where id = '${id}'`);
const listed = (id) => command('list').stdout.split('\n').find((line) => line.includes(id));

test('a key is pinned to the newest version when it is made, or to the one that is asked for', async () => {
  for (const { id, key } of [own(), own('--version', newest), create('--kind', 'organisation', '--name', 'Backoffice')]) {
    assert.equal(stored(id), newest);
    assert.match(listed(id), new RegExp(`  v${newest}(  |$)`));
    assert.equal((await ask('/products', key)).headers['koppel-version'], newest);
  }
});

test('a version that there is not makes no key and moves no pin, and those that there are are told', () => {
  const { id } = own();
  for (const wrong of ['2026-11-22', '9999-12-31', 'newest', '']) {
    for (const done of [command('create', '--mode', 'test', '--partner', partner.id, '--kind', 'secret', '--version', wrong), command('pin', '--version', wrong, id)]) {
      assert.equal(done.status, 2, done.stderr);
      assert.match(done.stderr, new RegExp(`there is no version.*${newest}`));
    }
  }
  assert.equal(stored(id), newest);
});

// A pin to a version that a newer program wrote is of no use to an older one, which takes its newest.
test('the operator moves a pin, and it holds within a second', async () => {
  for (const { id, key } of [own(), create('--kind', 'organisation', '--name', 'Backoffice')]) {
    query(installation, `update ${table(id)} set api_version = '9999-01-01' where id = '${id}'`);
    assert.equal((await ask('/products', key)).headers['koppel-version'], newest);
    const moved = command('pin', '--version', newest, id);
    assert.equal(moved.status, 0, moved.stderr);
    assert.match(moved.stdout, new RegExp(`${id} is pinned to ${newest}`));
    assert.equal(stored(id), newest);
    await pause(HOLDS_WITHIN_MS);
    assert.equal((await ask('/products', key)).headers['koppel-version'], newest);
  }
});

test('a pin of what there is not, or to nothing, is refused', () => {
  for (const id of ['key_00000000000000000000000000', 'oky_00000000000000000000000000', 'x', '']) {
    const done = command('pin', '--version', newest, id);
    assert.equal(done.status, 1, done.stderr);
    assert.match(done.stderr, /koppel key list/);
  }
  const { id } = own();
  assert.equal(command('pin', id).status, 2);
  assert.equal(command('pin', '--version', newest).status, 2);
});

test('openapi.json is that of a version, asked for in the address or the header', async () => {
  const { json: { versions } } = await ask('/changes');
  const [first] = versions.slice(-1);
  const path = '/openapi.json';
  const newestText = (await ask(path)).text;
  const tags = new Set();
  for (const [query, headers, is] of [['', {}, newest], [`?version=${newest}`, {}, newest], ['', { 'Koppel-Version': first }, first],
    [`?version=${first}`, {}, first], [`?version=${first}`, { 'Koppel-Version': newest }, first]]) {
    const answer = await ask(`${path}${query}`, undefined, headers);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.equal(answer.json.info.version, is);
    assert.equal(answer.headers['koppel-version'], is);
    assert.match(answer.headers.vary, /Koppel-Version/);
    assert.equal(answer.text === newestText, is === newest);
    const { properties } = answer.json.components.schemas.StartImpactRequest;
    assert.equal('draft' in properties, is === first);
    assert.equal('draft_id' in properties, is !== first);
    tags.add(answer.headers.etag);
  }
  assert.equal(tags.size, 2);
  for (const [query, headers] of [['?version=2026-11-22', {}], ['?version=', {}], [`?version=${newest}0`, {}], ['', { 'Koppel-Version': 'x' }],
    [`?version=${newest}&version=${newest}`, {}], ['?version=%FF', {}], ['?version=%00', {}]]) {
    const answer = await ask(`${path}${query}`, undefined, headers);
    assert.equal(answer.status, 400, query);
    assert.ok(answer.json.detail.length > 10);
  }
});

test('the demo\'s keys speak the newest', async () => {
  for (const { secret_key: key } of installation.demo.partners) assert.equal((await ask('/products', key)).headers['koppel-version'], newest);
});

test('a request may name a version; one that there is not is refused with those that there are', async () => {
  const { key } = own();
  const good = await ask('/products', key, { 'Koppel-Version': newest });
  assert.equal(good.status, 200);
  assert.equal(good.headers['koppel-version'], newest);
  assert.match(good.headers.vary, /Koppel-Version/);
  for (const wrong of ['2026-11-22', '9999-12-31', 'latest', `${newest}, ${newest}`, 'x'.repeat(3000)]) {
    for (const [language, words] of [['nl', /bestaat niet/], ['en', /no such version/]]) {
      const answer = await ask('/products', key, { 'Koppel-Version': wrong, 'Accept-Language': language });
      assert.equal(answer.status, 400, wrong);
      assert.equal(answer.json.code, 'unknown_version');
      assert.match(answer.json.detail, words);
      assert.ok(answer.json.detail.includes(newest));
      assert.equal(answer.headers['koppel-version'], undefined);
    }
  }
  assert.equal((await ask('/products', undefined, { 'Koppel-Version': 'x' })).status, 401, 'who asks is looked at first');
  assert.equal((await ask('/products', 'sk_live_wrong')).headers['koppel-version'], undefined);
});

test('answers in pieces and refusals say the version too', async () => {
  const { key } = own();
  const { json: { examples: [answers] } } = await ask('/products/auto', key);
  const many = await ask('/estimates/batch', key, {}, { method: 'POST', body: [{ product: 'auto', answers }] });
  assert.equal(many.status, 200, many.text);
  assert.equal(many.headers['koppel-version'], newest);
  const wrong = await ask('/estimates/batch', key, { 'Koppel-Version': '1' }, { method: 'POST', body: [{ product: 'auto', answers }] });
  assert.equal(wrong.json.code, 'unknown_version');
  const none = await ask('/quotes/qte_none', key);
  assert.equal(none.status, 404);
  assert.equal(none.headers['koppel-version'], newest);
});

test('websites may send it and read it', async () => {
  const preflight = await ask('/estimates', undefined, { Origin: partner.origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'koppel-version' }, { method: 'OPTIONS' });
  assert.match(preflight.headers['access-control-allow-headers'], /Koppel-Version/);
  const answer = await ask('/products', partner.publishable_key, { Origin: partner.origin });
  assert.match(answer.headers['access-control-expose-headers'], /Koppel-Version, Deprecation, Sunset/);
});

test('the questions of an older interface say since when and until when', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'koppel-versions-'));
  const { key } = own();
  const { headers: before_ } = await ask('/products/auto', key);
  assert.equal(before_.deprecation, undefined);
  assert.equal(before_.sunset, undefined);
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  const file = join(folder, 'product.xml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('interface="1"', 'interface="2"')
    .replace('<questions>', '<questions>\n    <text name="nickname" required="false" length_maximum="20"><label><nl>Hoe heet de auto?</nl><en>What is the car called?</en></label></text>'));
  const from = dateIn(DAYS_AHEAD);
  const published = run('product', 'publish', folder, '--data', installation.folder, '--from', from);
  rmSync(folder, { recursive: true });
  assert.equal(published.status, 0, published.stderr);
  await pause(HOLDS_WITHIN_MS);
  const { headers } = await ask('/products/auto', key);
  assert.match(headers.deprecation, /^@\d{10}$/);
  assert.ok(Math.abs(Number(headers.deprecation.slice(1)) - Date.now() / 1000) < 120);
  assert.equal(new Date(headers.sunset).toLocaleDateString('sv', { timeZone: 'Europe/Amsterdam' }), from);
  assert.match(headers.sunset, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.equal((await ask('/products/reis', key)).headers.deprecation, undefined);
});
