// Renewals by the clock: announced in time with the premium of the version that is in force on the
// main due date, in effect on that date, once, on two nodes as on one; those that wait for an
// underwriter, are stopped, overtaken or missed; and changes that nobody confirmed.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { policyCaller } from '../api/policies.mjs';
import { anotherNode, dateIn, exampleAnswers, install, onPostgresql, run } from '../api/support.mjs';
import { makeControl, pause, serveSmall, stopAll, withShim } from './support.mjs';

const AHEAD_S = 0; // the number of shim_clock.c
const DAY_S = 86_400;
const WAIT_MS = 20_000;
const OLD = 80; // years: from then on the product's acceptance refers

let installation;
let control;
let server;
let own;
let organisation;
let answers;
let ahead = 0; // days

const start = () => withShim('clock', control.environment, () => serveSmall(installation));

before(async () => {
  installation = install();
  control = makeControl();
  control.set(AHEAD_S, 0);
  server = await start();
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'underwriting', '--mode', 'live');
  organisation = made.stdout.trim();
  own = policyCaller(() => server, installation.demo.partners[0].secret_key);
  answers = await exampleAnswers(server, installation.demo.partners[0].secret_key, 'auto');
});
after(async () => {
  await stopAll();
  installation?.remove();
});

const on = (days) => {
  ahead = days;
  control.set(AHEAD_S, days * DAY_S);
};
async function eventually(look, what) {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < until, `${what} on day ${ahead}`);
    await pause(200);
  }
}
const daysUntil = (date) => Math.round((Date.parse(date) - Date.parse(dateIn(0))) / 86_400_000);
const announced = (policy) => eventually(async () => {
  const { renewal_id: id } = await own.get(policy.path);
  return id && { ...(await own.get(`${policy.path}/renewals/${id}`)), path: `${policy.path}/renewals/${id}` };
}, 'no renewal');
const renewed = (policy, due) => eventually(async () => {
  const seen = await own.get(policy.path);
  return seen.due_date > due && seen;
}, 'not renewed');

// The tariff from today on, with one text of it replaced.
function publish(replace) {
  const folder = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    cpSync('quote-engine/products/auto', folder, { recursive: true });
    replace(folder);
    const made = run('product', 'publish', folder, '--data', installation.folder);
    assert.equal(made.status, 0, made.stderr + made.stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a year of policies: announced, overtaken, stopped, decided, in effect, missed', async () => {
  const policies = {};
  for (const name of ['plain', 'changed', 'stopped', 'ended', 'cancelled']) policies[name] = await own.policy('auto', answers);
  const due = (await own.get(policies.plain.path)).due_date;
  const days = daysUntil(due);
  const open = await own.call('POST', `${policies.plain.path}/changes`, { body: { answers: { legal_aid: !answers.legal_aid } } });
  assert.equal(open.status, 201, open.text);
  on(days - 50);
  // What is past its time is looked for at the start, and then each minute.
  await server.stop();
  server = await start();
  await eventually(async () => (await own.get(`${policies.plain.path}/changes/${open.json.id}`)).status === 'expired', 'not expired');
  await pause(3_000);
  assert.equal((await own.get(policies.plain.path)).renewal_id, null);

  on(days - 42);
  const renewals = {};
  for (const [name, policy] of Object.entries(policies)) renewals[name] = await announced(policy);
  const { plain } = renewals;
  assert.deepEqual([plain.status, plain.kind, plain.effective_date, plain.changed], ['offered', 'renewal', due, []]);
  const quoted = await own.call('POST', '/estimates', { body: { product: 'auto', answers, effective_date: due } });
  assert.equal(quoted.status, 200, quoted.text);
  assert.deepEqual(plain.premium, quoted.json.premium);
  assert.deepEqual(plain.events.map(({ step, actor }) => [step, actor]), [['prepare', 'system']]);
  assert.equal((await own.get(policies.plain.path)).events.at(-1).step, 'prepare');

  const body = { policy: 'continue', reason: 'other', note: 'seen' };
  assert.equal((await own.step(renewals.stopped.path, 'stop', { body })).status, 403);
  assert.equal((await own.step(renewals.stopped.path, 'stop', { key: organisation, body })).json.status, 'stopped');
  const ended = await own.step(renewals.ended.path, 'stop', { key: organisation, body: { ...body, policy: 'end' } });
  assert.equal(ended.status, 200, ended.text);
  const cancelled = await own.get(policies.ended.path);
  assert.deepEqual([cancelled.status, cancelled.end_date, cancelled.refund], ['cancelled', due, '0.00']);
  assert.equal((await own.step(policies.cancelled.path, 'cancel', { body: { reason: 'policyholder' } })).status, 200);
  assert.equal((await own.get(renewals.cancelled.path)).status, 'overtaken');

  // Other terms: the renewal that was announced does not hold, and another is.
  const change = await own.call('POST', `${policies.changed.path}/changes`, { body: { answers: { legal_aid: !answers.legal_aid } } });
  assert.equal(change.status, 201, change.text);
  const path = `${policies.changed.path}/changes/${change.json.id}`;
  assert.equal((await own.step(path, 'confirm', { body: { agreed: true, commission: change.json.commission } })).status, 200);
  assert.equal((await own.get(renewals.changed.path)).status, 'overtaken');
  const second = await announced(policies.changed);
  assert.notEqual(second.id, renewals.changed.id);
  assert.equal(second.base_terms_number, 2);

  // What a day changes, such as the earliest end, is not taken for what was fetched before.
  const known = await own.get(policies.plain.path);
  const unchanged = () => own.call('GET', policies.plain.path, { headers: { 'If-None-Match': known.tag } });
  assert.equal((await unchanged()).status, 304);
  on(days - 1);
  assert.equal((await unchanged()).status, 200);
  on(days);
  const after_ = await renewed(policies.plain, due);
  assert.deepEqual([after_.total, after_.terms_number, after_.terms.at(-1).cause, after_.terms.at(-1).from_date], [plain.total, 2, 'renewal', due]);
  assert.deepEqual([after_.events.at(-1).step, after_.events.at(-1).actor], ['renew', 'system']);
  assert.equal((await own.get(plain.path)).status, 'in_effect');
  const asIs = await renewed(policies.stopped, due);
  assert.deepEqual([asIs.terms.length, asIs.events.at(-1).reason], [1, 'stopped']);
  assert.equal((await renewed(policies.changed, due)).terms.length, 3);
  assert.equal((await own.get(policies.cancelled.path)).due_date, due);
});

test('what is referred waits for an underwriter; without a word, and not announced, it goes on as it is', async () => {
  publish((folder) => {
    const path = join(folder, 'product.xml');
    writeFileSync(path, readFileSync(path, 'utf8').replace(
      '<policy number_prefix="AUT"', '<policy number_prefix="AUT" renewal_days="60"'));
  });
  await pause(1_000);
  const start_ = ahead;
  // Too old to be accepted without a question some months after the start of cover.
  const birth_date = new Date(Date.now() + (start_ + 100) * DAY_S * 1000);
  birth_date.setUTCFullYear(birth_date.getUTCFullYear() - OLD);
  const older = { ...answers, birth_date: birth_date.toISOString().slice(0, 10) };
  const policies = {};
  for (const name of ['approved', 'rejected', 'waiting']) policies[name] = await own.policy('auto', older);
  const missed = await own.policy('auto', answers);
  const { due_date: due, effective_date: from } = await own.get(missed.path);
  const days = start_ + Math.round((Date.parse(due) - Date.parse(from)) / 86_400_000);
  on(days - 55);
  const renewals = {};
  for (const [name, policy] of Object.entries(policies)) {
    renewals[name] = await announced(policy);
    assert.deepEqual([renewals[name].status, renewals[name].outcome], ['in_review', 'referred']);
    assert.ok(renewals[name].total);
  }
  const waiting = await own.get('/policy-renewals?status=in_review', organisation);
  assert.equal(waiting.items.length, 3);
  const decide = (name, decision) => own.step(renewals[name].path, 'decide', { key: organisation, body: { decision, reason: 'other', note: 'seen' } });
  assert.equal((await decide('approved', 'approve')).json.status, 'approved');
  assert.equal((await decide('rejected', 'reject')).json.status, 'rejected');
  const rejected = await own.get(policies.rejected.path);
  assert.deepEqual([rejected.status, rejected.end_date], ['cancelled', due]);
  const again = await decide('rejected', 'approve');
  assert.deepEqual([again.status, again.json.code], [409, 'wrong_state']);
  // Away for more than a year: what was not announced in time changes no premium.
  await announced(missed);
  await server.stop();
  on(days + 400);
  server = await start();
  const approved = await renewed(policies.approved, due);
  assert.deepEqual([approved.terms[1].total, approved.terms[1].cause], [renewals.approved.total, 'renewal']);
  const left = await renewed(policies.waiting, due);
  assert.deepEqual([left.terms.length, left.events.find(({ step }) => step === 'renew').reason], [1, 'not_decided']);
  assert.equal((await own.get(renewals.waiting.path)).status, 'expired');
  const late = await eventually(async () => {
    const seen = await own.get(missed.path);
    return seen.due_date > dateIn(ahead) && seen;
  }, 'not caught up');
  assert.deepEqual(late.events.filter(({ step }) => step === 'renew').map(({ reason }) => reason), [null, 'not_announced']);
  assert.equal(late.terms.length, 2);
});

test('two nodes renew each policy once', { skip: onPostgresql ? false : 'one node alone serves SQLite' }, async () => {
  const node = anotherNode(installation);
  const other = await withShim('clock', control.environment, () => serveSmall(node));
  const made = [];
  for (let i = 0; i < 30; i++) made.push(await own.policy('auto', answers));
  const { due_date: due, effective_date: from } = await own.get(made[0].path);
  const length = Math.round((Date.parse(due) - Date.parse(from)) / 86_400_000);
  on(ahead + length - 30);
  for (const policy of made) await announced(policy);
  on(ahead + 30);
  for (const policy of made) {
    const seen = await renewed(policy, due);
    assert.deepEqual([seen.terms.length, seen.events.filter(({ step }) => step === 'prepare').length], [2, 1]);
    assert.equal((await own.get(`${policy.path}/renewals`)).items.length, 1);
  }
  await other.stop();
  node.remove();
});
