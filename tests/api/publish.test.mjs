// Publishing while the server runs: only what proves itself goes live, a new version holds within a
// second, on its date, and quotes made before keep theirs.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dateIn, exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let scratch;
let answers;
let key;
before(async () => {
  installation = install();
  server = await serve(installation);
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  key = installation.demo.partners[0].secret_key;
  answers = await exampleAnswers(server, key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(scratch, { recursive: true, force: true });
});

// A copy of the shipped product with one thing changed.
let copies = 0;
function changed(file, from, to) {
  copies += 1;
  const folder = join(scratch, `auto-${copies}`);
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  if (file) {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.ok(text.includes(from), from);
    writeFileSync(join(folder, file), text.replace(from, to));
  }
  return folder;
}
const publish = (folder, ...options) =>
  run('product', 'publish', folder, '--data', installation.folder, ...options);
const quote = async (body = {}) => {
  const answer = await request(server, 'POST', '/api/v1/quotes', { key, body: { product: 'auto', answers, ...body } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};

test('the shipped product proves itself', () => {
  const result = run('product', 'check', changed());
  assert.equal(result.status, 0, result.stdout + result.stderr);
});

test('a product that is wrong is refused with file, line and reason; the version in force stays', async () => {
  const before_ = await quote();
  const bad = [
    ['tariff.dmn', '</definitions>', '', /tariff\.dmn:\d+/],
    ['tariff.dmn', '<?xml version="1.0" encoding="UTF-8"?>', '<!DOCTYPE definitions [<!ENTITY a "b">]>', /DTD|DOCTYPE/],
    ['tariff.dmn', '[24..27)', '[23..27)', /overlap|row/],
    ['tariff.dmn', 'years and months duration(birth_date, effective_date)', 'frobnicate(birth_date)', /tariff\.dmn:\d+.*frobnicate/],
    ['product.xml', 'decision="Liability premium"', 'decision="No such premium"', /product\.xml:\d+.*No such premium/],
    ['product.xml', '<questions>', '<questions><nonsense/>', /product\.xml:\d+/],
    ['product.xml', 'product>', 'produkt>', /product\.xml/],
    ['cases.xml', '<value xsi:type="xsd:decimal">609.01</value>', '<value xsi:type="xsd:decimal">609.02</value>', /cases\.xml:\d+.*609\.0[12]/],
  ];
  for (const [file, from, to, told] of bad) {
    const folder = changed(file, from, to);
    const checked = run('product', 'check', folder);
    assert.equal(checked.status, 1, `${file}: ${to}`);
    assert.match(checked.stdout + checked.stderr, told);
    const refused = publish(folder);
    assert.equal(refused.status, 1, `${file}: ${to}`);
  }
  await new Promise((done) => setTimeout(done, 1000));
  const after_ = await quote();
  assert.equal(after_.product_hash, before_.product_hash);
});

test('a new version holds within a second; older quotes keep theirs', async () => {
  const old = await quote();
  const result = publish(changed('product.xml', '<validity days="30"', '<validity days="45"'));
  assert.equal(result.status, 0, result.stderr);
  await new Promise((done) => setTimeout(done, 1000));
  const fresh = await quote();
  assert.notEqual(fresh.product_hash, old.product_hash);
  assert.ok(fresh.valid_until > old.valid_until);
  const read = await request(server, 'GET', `/api/v1/quotes/${old.id}`, { key });
  assert.equal(read.json.product_hash, old.product_hash);
  assert.equal(read.json.valid_until, old.valid_until);
  const told = await request(server, 'GET', `/api/v1/quotes/${old.id}/explanation`, { key });
  assert.equal(told.status, 200, 'an old quote explains itself under its own version');
});

test('a version from a later date is used for covers from that date only', async () => {
  const result = publish(changed('product.xml', '<validity days="30"', '<validity days="7"'), '--from', dateIn(30));
  assert.equal(result.status, 0, result.stderr);
  await new Promise((done) => setTimeout(done, 1000));
  const today = await quote();
  const later = await quote({ effective_date: dateIn(40) });
  assert.notEqual(today.product_hash, later.product_hash);
  assert.equal(publish(changed(), '--from', 'tomorrow').status, 2);
  assert.equal(publish(changed(), '--from', '2026-02-30').status, 2);
});

test('a mistake is taken back by publishing the files before it again', () => {
  const good = changed('product.xml', '<validity days="30"', '<validity days="21"');
  const first = publish(good);
  assert.equal(first.status, 0, first.stderr);
  assert.equal(publish(good).status, 1, 'what is in force already is refused');
  assert.match(publish(good).stderr, /in force from \d{4}-\d\d-\d\d already, as version \d+/);
  assert.equal(publish(changed('product.xml', '<validity days="30"', '<validity days="22"')).status, 0);
  const back = publish(good);
  assert.equal(back.status, 0, back.stderr);
  const number = (result) => Number(/version (\d+)/.exec(result.stdout)[1]);
  assert.equal(number(back), number(first) + 2);
  assert.match(back.stdout, new RegExp(`until version \\d+ takes over on ${dateIn(30)}`));
});

test('what publishing tells of dates is so', () => {
  const never = publish(changed('product.xml', '<validity days="30"', '<validity days="23"'), '--from', '2020-01-01');
  assert.equal(never.status, 1, never.stdout);
  assert.match(never.stderr, /would never be: leave --from out/);
  const later = publish(changed('product.xml', '<validity days="30"', '<validity days="23"'), '--from', dateIn(20));
  assert.equal(later.status, 0, later.stderr);
  assert.match(later.stdout, new RegExp(`in force from ${dateIn(20)} until version \\d+ takes over on ${dateIn(30)}; today version \\d+ is`));
});

test('a back-dated version holds from now on, also for a cover that starts today; what was quoted stays', async () => {
  const ask = async () => {
    const answer = await request(server, 'POST', '/api/v1/quotes',
      { key, body: { product: 'reis', answers: travel } });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  };
  const travel = await exampleAnswers(server, key, 'reis');
  const before_ = await ask();
  const folder = join(scratch, 'reis');
  cpSync('quote-engine/products/reis', folder, { recursive: true });
  const path = join(folder, 'product.xml');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/<validity days="\d+"/, '<validity days="13"'));
  const result = publish(folder, '--from', dateIn(-2));
  assert.equal(result.status, 0, result.stdout + result.stderr);
  assert.match(result.stdout, new RegExp(`in force from ${dateIn(-2)}\n`));
  await new Promise((done) => setTimeout(done, 1000));
  const after_ = await ask();
  assert.equal(after_.product_version, before_.product_version + 1);
  assert.equal(after_.effective_date, before_.effective_date);
  assert.ok(after_.known_at > before_.known_at);
  const read = await request(server, 'GET', `/api/v1/quotes/${before_.id}`, { key });
  assert.equal(read.json.product_version, before_.product_version);
  assert.equal(read.json.known_at, before_.known_at);
});

test('a product that the partner may not sell is refused with a code a program can read', async () => {
  const folder = join(scratch, 'travel');
  cpSync('tests/unit/quote-engine/products/base', folder, { recursive: true });
  const result = publish(folder);
  assert.equal(result.status, 0, result.stdout + result.stderr);
  await new Promise((done) => setTimeout(done, 1000));
  const answer = await request(server, 'POST', '/api/v1/quotes',
    { key, body: { product: 'travel', answers: {} } });
  assert.equal(answer.status, 403, answer.text);
  assert.equal(answer.json.code, 'product_not_allowed');
});

test('answers to questions that do not apply are refused by name', async () => {
  const { other_driver_birth_date: gone, ...rest } = answers;
  const answer = await request(server, 'POST', '/api/v1/estimates',
    { key, body: { product: 'auto', answers: { ...rest, other_driver: false, other_driver_birth_date: '1990-01-01' } } });
  assert.equal(answer.status, 422);
  assert.equal(answer.json.errors[0].pointer, '/answers/other_driver_birth_date');
  const missing = await request(server, 'POST', '/api/v1/estimates',
    { key, body: { product: 'auto', answers: { ...rest, other_driver: true } } });
  assert.equal(missing.status, 422);
  assert.equal(missing.json.errors[0].pointer, '/answers/other_driver_birth_date');
});
