// Changes of a policy: what one costs, to the cent and by days; its confirmation, once, on the terms
// it was made on; an underwriter's decision; every wrong step; and the terms of a policy by date.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { policyCaller } from './policies.mjs';
import { cents, dateIn, exampleAnswers, install, onPostgresql, run, scratchPostgresql, serve } from './support.mjs';

const agent = new https.Agent({ keepAlive: true, maxSockets: 32 });
let installation;
let server;
let partner;
let rival;
let organisation;
let answers;
let own;

before(async () => {
  installation = install();
  server = await serve(installation);
  partner = installation.demo.partners[0].secret_key;
  rival = installation.demo.partners.at(-1).secret_key;
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'underwriting', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  organisation = made.stdout.trim();
  answers = await exampleAnswers(server, partner, 'auto');
  own = policyCaller(() => server, partner, agent);
});
after(async () => {
  agent.destroy();
  await server?.stop();
  installation.remove();
});

const day = (ahead, from) => {
  const date = new Date(`${from ?? dateIn(0)}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + ahead);
  return date.toISOString().slice(0, 10);
};
const days = (from, until) => (Date.parse(until) - Date.parse(from)) / 86_400_000;
const plusMonths = (date, months) => {
  const at = new Date(`${date}T00:00:00Z`);
  const wanted = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() + months);
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  at.setUTCDate(Math.min(wanted, last));
  return at.toISOString().slice(0, 10);
};
const otherKilometres = (given) => ({ kilometres_per_year: given.kilometres_per_year === 'up_to_12000' ? 'up_to_20000' : 'up_to_12000' });
const ask = (policy, changed, more = {}, options = {}) =>
  own.call('POST', `${policy.path}/changes`, { body: { answers: changed, ...more }, ...options });
const asked = async (policy, changed, more, options) => {
  const answer = await ask(policy, changed, more, options);
  assert.equal(answer.status, 201, answer.text);
  return { ...answer.json, path: `${policy.path}/changes/${answer.json.id}`, tag: answer.headers.etag };
};
const confirm = (change, more = {}) =>
  own.step(change.path, 'confirm', { body: { agreed: true, commission: change.commission }, ...more });
const referred = { birth_date: '1940-01-01', claim_free_years: 10 };
const declined = { usage: 'taxi' };

// Half away from zero, as whole cents.
const share = (amount, part, whole) => {
  const size = amount < 0n ? -amount : amount;
  const rounded = (2n * size * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole));
  return amount < 0n ? -rounded : rounded;
};
// By instalments a year, from the first day of cover until the main due date.
function difference(first, due, from, old, now, months) {
  let total = 0n;
  for (let i = 0; ; i += 1) {
    const begin = plusMonths(first, i * months);
    const end = plusMonths(first, (i + 1) * months);
    if (begin >= due) return total;
    const start = begin > from ? begin : from;
    if (end > start) total += share(now - old, days(start, end < due ? end : due), days(begin, end));
  }
}

test('a change tells its premium as a quote would, and the difference by days to the cent', async () => {
  for (const term of ['monthly', 'yearly']) {
    const policy = await own.policy('auto', answers, { term });
    const seen = await own.get(policy.path);
    assert.equal(seen.due_date, plusMonths(seen.effective_date, 12));
    assert.deepEqual(seen.terms.map(({ number, cause, until_date }) => [number, cause, until_date]), [[1, 'issue', null]]);
    const effective_date = day(40);
    const change = await asked(policy, otherKilometres(answers), { effective_date });
    const quoted = await own.quote('auto', { ...answers, ...otherKilometres(answers) }, { effective_date });
    assert.deepEqual(change.premium, quoted.premium);
    assert.equal(change.outcome, 'offered');
    assert.equal(change.status, 'offered');
    assert.deepEqual(change.changed, ['kilometres_per_year']);
    assert.equal(change.total, quoted.premium.total);
    assert.equal(change.old_total, seen.total);
    assert.equal(change.instalment, quoted.premium.terms.find(({ code }) => code === term).instalment);
    const [old, now] = [cents(seen.instalment), cents(change.instalment)];
    assert.notEqual(old, now);
    const months = term === 'monthly' ? 1 : 12;
    assert.equal(cents(change.difference), difference(seen.effective_date, seen.due_date, effective_date, old, now, months), JSON.stringify(change));
    // The instalment that is under way on that day is the one that was asked before.
    const begin = Array.from({ length: 13 }, (_, i) => plusMonths(seen.effective_date, i * months)).filter((date) => date < effective_date).at(-1);
    const end = plusMonths(begin, months);
    const settled = begin < effective_date && end > effective_date ? share(now - old, days(effective_date, end), days(begin, end)) : 0n;
    assert.equal(cents(change.settlement), settled);
  }
});

test('confirmed, a change gives the policy its next terms, and the old ones stay readable', async () => {
  const policy = await own.policy('auto', answers);
  const before_ = await own.get(policy.path);
  const change = await asked(policy, otherKilometres(answers), { effective_date: day(0) });
  const key = randomUUID();
  const done = await confirm(change, { tag: change.tag, headers: { 'Idempotency-Key': key } });
  assert.equal(done.status, 200, done.text);
  assert.equal(done.json.status, 'confirmed');
  assert.equal(done.json.terms_number, 2);
  const again = await confirm(change, { tag: change.tag, headers: { 'Idempotency-Key': key } });
  assert.equal(again.text, done.text);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  const after_ = await own.get(policy.path);
  assert.equal(after_.total, change.total);
  assert.equal(after_.terms_number, 2);
  assert.equal(after_.revision, before_.revision + 1);
  assert.deepEqual(after_.terms.map((one) => [one.number, one.cause, one.total, one.from_date, one.until_date]), [
    [1, 'issue', before_.total, before_.effective_date, change.effective_date], [2, 'change', change.total, change.effective_date, null]]);
  assert.equal(after_.events.at(-1).step, 'change');
  assert.equal(after_.events.at(-1).request_id, done.headers['request-id']);
  const first = await own.get(`${policy.path}/terms/1`);
  const second = await own.get(`${policy.path}/terms/2`);
  assert.equal(first.answers.kilometres_per_year, answers.kilometres_per_year);
  assert.equal(second.answers.kilometres_per_year, otherKilometres(answers).kilometres_per_year);
  assert.deepEqual(second.premium, change.premium);
  assert.equal((await own.call('GET', `${policy.path}/terms/3`)).status, 404);
  // The next change is made on these terms.
  const next = await asked(policy, { accident_occupants: !answers.accident_occupants });
  assert.equal(next.old_total, change.total);
  assert.equal(next.base_terms_number, 2);
  const listed = await own.get(`${policy.path}/changes`);
  assert.deepEqual(listed.items.map(({ id }) => id), [next.id, change.id]);
});

test('future terms wait for their day', async () => {
  const policy = await own.policy('auto', answers);
  const before_ = await own.get(policy.path);
  const change = await asked(policy, otherKilometres(answers), { effective_date: day(30) });
  assert.equal((await confirm(change)).status, 200);
  const after_ = await own.get(policy.path);
  assert.deepEqual([after_.total, after_.terms_number, after_.terms.length], [before_.total, 1, 2]);
  const earlier = await ask(policy, { legal_aid: !answers.legal_aid }, { effective_date: day(10) });
  assert.deepEqual(earlier.json.errors?.map(({ pointer }) => pointer), ['/effective_date'], earlier.text);
  // Ended today, what is paid back follows the terms of each day.
  const ended = await own.step(policy.path, 'withdraw');
  assert.deepEqual([ended.status, ended.json.refund], [200, before_.instalment]);
});

test('of several open changes one is confirmed; the others are overtaken', async () => {
  const policy = await own.policy('auto', answers);
  const changes = [];
  for (const changed of [otherKilometres(answers), { legal_aid: !answers.legal_aid }, { accident_occupants: !answers.accident_occupants }])
    changes.push(await asked(policy, changed));
  const results = await Promise.all(Array.from({ length: 12 }, (_, i) => confirm(changes[i % 3], { tag: changes[i % 3].tag })));
  assert.equal(results.filter(({ status }) => status === 200).length, 1, results.map(({ text }) => text).join('\n'));
  assert.ok(results.every(({ status }) => [200, 409, 412].includes(status)), results.map(({ status }) => status).join());
  const states = await Promise.all(changes.map(async ({ path }) => (await own.get(path)).status));
  assert.deepEqual([...states].sort(), ['confirmed', 'overtaken', 'overtaken']);
  assert.equal((await own.get(policy.path)).terms.length, 2);
  const late = await confirm(changes[states.indexOf('overtaken')]);
  assert.deepEqual([late.status, late.json.code], [409, 'wrong_state']);
});

test('a referred change waits for an underwriter, whose word gives the terms', async () => {
  const policy = await own.policy('auto', answers);
  for (const decision of ['reject', 'approve']) {
    const change = await asked(policy, referred);
    assert.deepEqual([change.status, change.outcome], ['referred', 'referred']);
    assert.ok(change.reasons.some(({ code }) => code === 'driver_age_high'));
    const waiting = await confirm(change);
    assert.equal(waiting.json.status, 'in_review', waiting.text);
    assert.equal((await own.get(policy.path)).terms.length, 1);
    const list = await own.get('/policy-changes?status=in_review', organisation);
    assert.ok(list.items.some(({ id }) => id === change.id));
    const seen = await own.get(change.path, organisation);
    assert.equal(seen.answers.birth_date, '1940-01-01');
    assert.equal((await own.get(change.path)).answers, null);
    const body = { decision, reason: 'other', note: 'seen' };
    assert.equal((await own.step(change.path, 'decide', { body })).status, 403);
    const decided = await own.step(change.path, 'decide', { key: organisation, body });
    assert.equal(decided.status, 200, decided.text);
    assert.equal(decided.json.status, decision === 'approve' ? 'confirmed' : 'rejected');
  }
  assert.equal((await own.get(policy.path)).terms.length, 2);
});

test('what cannot be: declined, ended, another\'s, unchanged, wrong or expired', async () => {
  const policy = await own.policy('auto', answers);
  const no = await asked(policy, declined);
  assert.deepEqual([no.status, no.premium, no.total, no.difference], ['declined', null, null, null]);
  const refused = await own.step(no.path, 'confirm', { body: { agreed: true, commission: '0.00' } });
  assert.deepEqual([refused.status, refused.json.code], [409, 'wrong_state']);
  const pointers = async (changed, more) => (await ask(policy, changed, more)).json.errors?.map(({ pointer }) => pointer);
  assert.deepEqual(await pointers({}), ['/answers']);
  assert.deepEqual(await pointers({ kilometres_per_year: answers.kilometres_per_year }), ['/answers']);
  assert.deepEqual(await pointers({ kilometres_per_year: 'far', wings: 2 }), ['/answers/kilometres_per_year', '/answers/wings']);
  assert.deepEqual(await pointers(otherKilometres(answers), { effective_date: day(-1) }), ['/effective_date']);
  assert.deepEqual(await pointers(otherKilometres(answers), { effective_date: day(400) }), ['/effective_date']);
  assert.deepEqual(await pointers([]), ['/answers']);
  assert.equal((await ask(policy, otherKilometres(answers), {}, { key: rival })).status, 404);
  const change = await asked(policy, otherKilometres(answers));
  assert.equal((await own.call('GET', change.path, { key: rival })).status, 404);
  const other = await own.policy('auto', answers);
  assert.equal((await own.call('GET', `${other.path}/changes/${change.id}`)).status, 404);
  const bare = await own.call('POST', `${change.path}/confirm`, { body: { agreed: true, commission: change.commission } });
  assert.equal(bare.status, 428);
  const untold = await own.step(change.path, 'confirm', { body: { agreed: false, commission: '0.01' } });
  assert.deepEqual(untold.json.errors.map(({ pointer }) => pointer).sort(), ['/agreed', '/commission']);
  const withdrawn = await own.step(change.path, 'withdraw');
  assert.equal(withdrawn.json.status, 'withdrawn');
  const open = await asked(policy, otherKilometres(answers));
  assert.equal((await own.step(policy.path, 'cancel', { body: { reason: 'policyholder' } })).status, 200);
  assert.equal((await own.get(open.path)).status, 'overtaken');
  const ended = await ask(policy, otherKilometres(answers));
  assert.deepEqual([ended.status, ended.json.code], [409, 'wrong_state']);
});

test('a policy has so many open changes and no more', async () => {
  const policy = await own.policy('auto', answers);
  for (let i = 0; i < 16; i++) await asked(policy, otherKilometres(answers));
  const more = await ask(policy, otherKilometres(answers));
  assert.deepEqual([more.status, more.json.code], [409, 'too_many_changes']);
});

test('what a changed answer makes void goes by itself; the store holds no answers of a change in plain', async () => {
  const driver = { ...answers, other_driver: true, other_driver_birth_date: '1990-07-13' };
  const policy = await own.policy('auto', driver);
  const change = await asked(policy, { other_driver: false, license_plate: 'ZZ-987-Z' });
  assert.deepEqual([...change.changed].sort(), ['license_plate', 'other_driver', 'other_driver_birth_date']);
  const folder = onPostgresql ? scratchPostgresql() : installation.folder;
  const holds = (word) => spawnSync('grep', ['-rlaF', word, folder], { encoding: 'utf8' }).stdout.trim();
  assert.equal(holds('ZZ-987-Z'), '');
  const rotated = run('encryption-key', 'rotate', '--data', installation.folder);
  assert.equal(rotated.status, 0, rotated.stderr);
  assert.equal((await own.get(change.path, organisation)).answers.license_plate, 'ZZ-987-Z');
  assert.equal((await confirm(change)).status, 200);
});
