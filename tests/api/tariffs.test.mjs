// Published tariffs served: editions of a tariff follow each other on their dates, and an answer's
// premium is what the publisher printed, in its own currency and rounding.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cents, dateIn, exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let seller; // its agreement names no product: what is published is its to sell
let other;
function publish(folder, from) {
  const made = run('product', 'publish', `tests/tariffs/${folder}`, '--data', installation.folder,
    '--from', from);
  assert.equal(made.status, 0, made.stdout + made.stderr);
}
before(async () => {
  installation = install();
  const { partners } = installation.demo;
  publish('title/2004-07-01', dateIn(-2));
  publish('title/2019-09-01', dateIn(10));
  publish('title/2026-03-01', dateIn(20));
  publish('motor/2014', dateIn(-2));
  publish('motor/2015', dateIn(10));
  publish('flood', dateIn(-2));
  server = await serve(installation);
  seller = partners[1].secret_key;
  other = partners[0].secret_key;
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const quote = (product, answers, options = {}) =>
  request(server, 'POST', '/api/v1/quotes', {
    key: options.key ?? seller,
    body: { product, answers, ...(options.on === undefined ? {} : { effective_date: dateIn(options.on) }) },
  });

test('each edition of the title rates holds from its date on', async () => {
  const versions = new Set();
  for (const [on, total] of [[0, '484.00'], [9, '484.00'], [10, '463.00'], [19, '463.00'], [20, '434.00'], [80, '434.00']]) {
    const answer = await quote('title', { policy_amount: 45000 }, { on });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.json.premium.total, total, `after ${on} days`);
    assert.equal(answer.json.premium.currency, 'USD');
    versions.add(answer.json.product_version);
  }
  assert.equal(versions.size, 3);
});

test('a hole in an edition gives no premium, with its reason', async () => {
  const declined = await quote('title', { policy_amount: 30000 }, { on: 0 });
  assert.equal(declined.status, 201, declined.text);
  assert.equal(declined.json.status, 'declined');
  assert.equal(declined.json.premium, null);
  assert.deepEqual(declined.json.reasons.map((reason) => reason.code), ['no_rate']);
  assert.equal((await quote('title', { policy_amount: 30000 }, { on: 10 })).json.premium.total, '361.00');
});

test('a motor edition that asks other questions refuses the answers of the older one', async () => {
  const act = { vehicle: 'private_car', region: 'east', engine_capacity_cc: 1300, cover: 'act', claim_free_years: 5 };
  const older = await quote('motor', act, { on: 0 });
  assert.equal(older.json.premium.total, '31.60');
  assert.equal(older.json.premium.currency, 'MYR');
  const newer = await quote('motor', act, { on: 10 });
  assert.equal(newer.status, 422, newer.text);
  assert.deepEqual(newer.json.errors.map((fault) => fault.pointer).sort(),
    ['/answers/cover', '/answers/vehicle']);
});

test('the flood statement is in whole dollars and sums to the printed total', async () => {
  const answers = await exampleAnswers(server, seller, 'flood');
  const { premium } = (await quote('flood', answers)).json;
  assert.equal(premium.total, '4992.00');
  let sum = 0n;
  for (const cover of premium.covers) {
    assert.equal(cents(cover.net) % 100n, 0n, cover.code);
    sum += cents(cover.total);
  }
  assert.equal(sum, cents(premium.total));
});

test('a partner whose agreement does not name a tariff may not sell it', async () => {
  const refused = await quote('title', { policy_amount: 45000 }, { key: other });
  assert.equal(refused.status, 403, refused.text);
  assert.equal(refused.json.code, 'product_not_allowed');
});
