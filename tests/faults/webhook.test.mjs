// Webhooks over days, restarts and kills. With a clock that is moved: the schedule of tries, warnings
// and disabling after long failure, the end of an older secret, and of what is kept. With kill -9 at
// random moments while clients accept quotes: what was acknowledged is told of, whatever happened.
// WEBHOOK_KILLS says how often.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { receiver, until, verifies } from '../api/receiver.mjs';
import { exampleAnswers, install, request } from '../api/support.mjs';
import { makeControl, pause, serveSmall, size, stopAll, withShim } from './support.mjs';

const KILLS = size('WEBHOOK_KILLS', 20);
const CLIENTS = 6;
const LOAD_MS_MAX = 500;
const AHEAD_S = 0; // the number of shim_clock.c
const LEASE_S = 60;
const SECOND = 1;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
const WAITS_S = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

let installation;
let control;
let server;
let key;
let ahead = 0;
const receivers = [];

const start = async () => {
  server = await withShim('clock', control.environment, () => serveSmall(installation, '--webhook-private-addresses', '--webhook-plain-http'));
};
const moveTo = (seconds) => {
  ahead = seconds;
  control.set(AHEAD_S, seconds);
};
const now = () => Date.now() / 1000 + ahead;
before(async () => {
  installation = install();
  control = makeControl();
  key = installation.demo.partners[0].secret_key;
  await start();
});
after(async () => {
  for (const one of receivers) await one.close();
  await stopAll();
  installation?.remove();
});

const call = (method, path, more = {}) => request(server, method, `/api/v1${path}`, { key, ...more });
const receive = async (options) => {
  const one = await receiver(options);
  receivers.push(one);
  return one;
};
async function register(url, events) {
  const made = await call('POST', '/webhooks', { body: { url, events } });
  assert.equal(made.status, 201, made.text);
  return made.json;
}
const webhookOf = async ({ id }) => (await call('GET', `/webhooks/${id}`)).json;
const tried = (webhook, message, count) => until(async () => {
  const { items } = (await call('GET', `/webhooks/${webhook.id}/deliveries`)).json;
  return items.find((one) => one.id === message.id && one.try_count >= count);
}, `${count} tries`);
// What a receiver was told, each message once: a clock that leaps, or a server that stops, while one is
// under way has it sent again, under its id.
const told = (one, type) => [...new Map(one.of(type).map((message) => [message.headers['webhook-id'], message])).values()];
const testOf = async (webhook) => {
  const sent = await call('POST', `/webhooks/${webhook.id}/test`, { body: {} });
  assert.equal(sent.status, 202, sent.text);
  return sent.json;
};

test('ten tries over three days, restarts or not; warnings, and then the webhook is disabled', async () => {
  let broken = true;
  const failing = await receive({ answer: (message, response) => response.writeHead(broken ? 500 : 200).end() });
  const watching = await receive();
  const webhook = await register(failing.url, ['webhook.test']);
  const watch = await register(watching.url, ['webhook.failing', 'webhook.disabled']);
  const message = await testOf(webhook);
  const began = now();
  for (let count = 1; count <= 10; count++) {
    const done = await tried(webhook, message, count);
    assert.equal(failing.got.length, count);
    const [last] = done.tries.slice(-1);
    assert.equal(last.number, count);
    assert.equal(last.outcome, 'status');
    const sent = failing.got[count - 1];
    assert.ok(verifies(webhook.secret, sent, now()), 'each try has its own timestamp');
    assert.equal(sent.headers['webhook-id'], message.id);
    if (count === 10) {
      assert.equal(done.status, 'failed');
      assert.equal(done.next_at, null);
      break;
    }
    const wait = (new Date(done.next_at) - new Date(last.at)) / 1000;
    assert.ok(wait >= WAITS_S[count - 1] && wait <= WAITS_S[count - 1] * 1.1 + 5, `${wait} s before try ${count + 1}`);
    // Not a moment before it is due.
    moveTo(Math.floor(new Date(done.next_at) / 1000 - Date.now() / 1000) - 2);
    if (count % 3 === 0) {
      await server.stop(count === 3 ? 'SIGKILL' : 'SIGTERM');
      await start();
    } else {
      await pause(700);
    }
    if (count > 1) assert.equal(failing.got.length, count, 'a try came before it was due');
    moveTo(ahead + 3);
  }
  assert.match(server.log(), new RegExp(`event=webhook_given_up .*${message.id}`));
  await until(() => told(watching, 'webhook.failing').length === 2, 'two warnings');
  assert.deepEqual(told(watching, 'webhook.failing').map(({ json }) => json.data.warnings), [1, 2]);
  assert.deepEqual(watching.of('webhook.disabled'), []);
  for (const warning of watching.got) {
    assert.equal(warning.json.data.id, webhook.id);
    assert.ok(warning.json.data.failing_since);
  }
  let seen = await webhookOf(webhook);
  assert.deepEqual([seen.enabled, seen.warnings], [true, 2]);
  // Five days after the first failure: disabled, with what waits held.
  moveTo(Math.ceil(began + 5 * DAY + 60 - Date.now() / 1000));
  const last = await testOf(webhook);
  const held = await tried(webhook, last, 1);
  assert.equal(held.status, 'held');
  seen = await webhookOf(webhook);
  assert.deepEqual([seen.enabled, seen.disabled_reason], [false, 'failing']);
  await until(() => told(watching, 'webhook.disabled').length === 1, 'the last notice');
  assert.match(server.log(), new RegExp(`event=webhook_disabled .*${webhook.id}`));
  broken = false;
  const enabled = await call('PATCH', `/webhooks/${webhook.id}`, { body: { enabled: true }, headers: { 'If-Match': '*' } });
  assert.deepEqual([enabled.json.failing_since, enabled.json.warnings], [null, 0]);
  assert.equal((await tried(webhook, last, 2)).status, 'delivered');
  for (const { id } of [webhook, watch]) await call('DELETE', `/webhooks/${id}`);
});

test('one failure after long silence disables nothing', async () => {
  let broken = true;
  const one = await receive({ answer: (message, response) => response.writeHead(broken ? 500 : 200).end() });
  const webhook = await register(one.url, ['webhook.test']);
  const first = await testOf(webhook);
  await tried(webhook, first, 1);
  moveTo(ahead + 9 * DAY);
  await tried(webhook, first, 2);
  const seen = await webhookOf(webhook);
  assert.deepEqual([seen.enabled, seen.warnings], [true, 2], 'a warning comes first, and a day before');
  broken = false;
  moveTo(ahead + HOUR);
  await tried(webhook, first, 3);
  assert.deepEqual([(await webhookOf(webhook)).failing_since, (await webhookOf(webhook)).warnings], [null, 0]);
  await call('DELETE', `/webhooks/${webhook.id}`);
});

test('an older secret signs for a day more; what was sent is kept for thirty', async () => {
  const one = await receive();
  const webhook = await register(one.url, ['webhook.test']);
  const rotated = (await call('POST', `/webhooks/${webhook.id}/rotate`, { body: {} })).json;
  for (const [after, signatures] of [[0, 2], [DAY - MINUTE, 2], [DAY + MINUTE, 1]]) {
    one.got.length = 0;
    const before = ahead;
    moveTo(before + after);
    await tried(webhook, await testOf(webhook), 1);
    assert.equal(one.got[0].headers['webhook-signature'].split(' ').length, signatures, `${after} s after`);
    assert.equal(verifies(webhook.secret, one.got[0], now()), signatures === 2);
    assert.ok(verifies(rotated.secret, one.got[0], now()));
    if (after !== DAY + MINUTE) moveTo(before);
  }
  assert.equal((await webhookOf(webhook)).previous_secret_until, null);
  const list = async () => (await call('GET', `/webhooks/${webhook.id}/deliveries`)).json.items.length;
  assert.equal(await list(), 3);
  moveTo(ahead + 28 * DAY);
  await server.stop();
  await start();
  await pause(1000);
  assert.equal(await list(), 3);
  moveTo(ahead + 3 * DAY);
  await server.stop();
  await start();
  await until(async () => await list() === 0, 'the log to be cleared');
  assert.equal((await webhookOf(webhook)).enabled, true);
  await call('DELETE', `/webhooks/${webhook.id}`);
});

// ---- kills ------------------------------------------------------------------------------------

let answers;
let terms;
async function acceptOne(entry, agent) {
  if (!entry.quote) {
    const made = await call('POST', '/quotes', { agent, body: { product: 'auto', answers } });
    assert.equal(made.status, 201, made.text);
    entry.quote = made.json.id;
  }
  const accepted = await call('POST', `/quotes/${entry.quote}/accept`, { agent, headers: { 'Idempotency-Key': entry.key }, body: terms });
  assert.equal(accepted.status, 201, accepted.text);
  entry.policy = accepted.json.policy_id;
}

function startLoad(ledger) {
  let going = true;
  let mistake;
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    while (going && !mistake) {
      const entry = { key: randomUUID() };
      ledger.push(entry);
      try {
        await acceptOne(entry, agent);
      } catch (error) {
        if (error instanceof assert.AssertionError) mistake = error;
        else await pause(5);
      }
    }
    agent.destroy();
  });
  return async () => {
    going = false;
    await Promise.all(clients);
    if (mistake) throw mistake;
  };
}

test(`messages outlive ${KILLS} kills: each is sent, under one id, and only what was under way twice`, async (context) => {
  answers = await exampleAnswers(server, key, 'auto');
  const made = await call('POST', '/quotes', { body: { product: 'auto', answers } });
  const asked = await call('GET', `/quotes/${made.json.id}/acceptance`);
  terms = {
    applicant: {
      kind: 'person', initials: 'A.B.', last_name: 'Voorbeeld', birth_date: '1980-05-17', email: 'a@example.nl',
      street: 'Voorbeeldstraat', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
    },
    iban: 'NL91ABNA0417164300', account_holder: 'A.B. Voorbeeld', term: 'yearly',
    answers: { reporting_code: '4711', driving_disqualified: false },
    consent: { version: asked.json.consent_version, given: true }, commission: asked.json.commission, documents_shown: asked.json.documents,
  };
  const one = await receive({ answer: (message, response) => setTimeout(() => response.end('ok'), randomInt(0, 60)) });
  const webhook = await register(one.url, ['policy.issued']);
  const ledger = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const stop = startLoad(ledger);
    await pause(randomInt(50, LOAD_MS_MAX));
    await server.stop('SIGKILL');
    await stop();
    // Past the leases of those who are gone.
    moveTo(ahead + LEASE_S + 1);
    await start();
  }
  for (const entry of ledger) if (!entry.policy) await acceptOne(entry);
  const told = () => new Set(one.got.map(({ json }) => json.data.id));
  // As long as they keep coming: many kills leave a long queue behind.
  while (told().size < ledger.length) {
    const before = told().size;
    await until(() => told().size > before, `message ${before + 1} of ${ledger.length}`, 60_000);
  }
  await pause(1000);
  assert.deepEqual([...told()].sort(), ledger.map(({ policy }) => policy).sort(), 'a message of what never was, or none of what was');
  const ids = new Map();
  for (const message of one.got) {
    const { id, number } = message.json.data;
    assert.match(number, /^AUT-\d{7}$/);
    assert.ok(verifies(webhook.secret, message, Number(message.headers['webhook-timestamp'])));
    if (ids.has(id)) assert.equal(message.headers['webhook-id'], ids.get(id), 'a policy was told of under two ids');
    ids.set(id, message.headers['webhook-id']);
  }
  const doubled = one.got.length - ids.size;
  assert.ok(doubled <= KILLS * 4, `${doubled} messages came twice: no more are under way at an endpoint when a node goes`);
  const open = (await call('GET', `/webhooks/${webhook.id}/deliveries?status=pending`)).json.items;
  assert.equal(open.length, 0);
  context.diagnostic(`${KILLS} kills, ${ledger.length} policies, ${doubled} messages twice`);
});
