// The program killed at random moments while clients accept quotes, change the policies and cancel
// them. Started again, each step that was acknowledged is there and was done once, no quote has two
// applications, policy numbers have no gaps, and neither have the revisions of any policy.
// ACCEPT_KILLS says how often.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request } from '../api/support.mjs';
import { pause, serveSmall, size, stopAll } from './support.mjs';

const KILLS = size('ACCEPT_KILLS', 20);
const CLIENTS = 8;
const LOAD_MS_MAX = 400;

let installation;
let server;
let key;
let answers;
let terms;

before(() => {
  installation = install();
});
after(async () => {
  await stopAll();
  installation?.remove();
});

const call = (method, path, more = {}) => request(server, method, `/api/v1${path}`, { key, ...more });

async function quoteOne(agent) {
  const made = await call('POST', '/quotes', { agent, body: { product: 'auto', answers } });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

// The steps of an entry, in order: where each goes, with what, and what of its answer never changes.
const STEPS = [
  { name: 'accept', status: 201, path: ({ quote }) => `/quotes/${quote}/accept`, body: () => terms,
    told: (json) => ({ id: json.id, number: json.policy_number, policy: json.policy_id }) },
  { name: 'change', status: 201, path: ({ accept }) => `/policies/${accept.policy}/changes`,
    body: () => ({ answers: { legal_aid: !answers.legal_aid } }),
    told: (json) => ({ id: json.id, commission: json.commission, total: json.total }) },
  { name: 'confirm', status: 200, path: ({ accept, change }) => `/policies/${accept.policy}/changes/${change.id}/confirm`,
    body: ({ change }) => ({ agreed: true, commission: change.commission }),
    told: (json) => ({ status: json.status, terms: json.terms_number }) },
  { name: 'cancel', status: 200, path: ({ accept }) => `/policies/${accept.policy}/cancel`,
    body: () => ({ reason: 'policyholder' }), told: (json) => ({ status: json.status, end: json.end_date, revision: json.revision }) },
];
const newEntry = (quote) => ({ quote, told: {}, keys: STEPS.map(() => randomUUID()), steps: 1 + randomInt(STEPS.length) });

// Takes one step of an entry, or takes it again: the same key never tells two things.
async function take(entry, at, agent) {
  const step = STEPS[at];
  const known = { quote: entry.quote, ...entry.told };
  const answer = await call('POST', step.path(known), {
    agent, headers: { 'Idempotency-Key': entry.keys[at], 'If-Match': '*' }, body: step.body(known),
  });
  assert.equal(answer.status, step.status, `${step.name}: ${answer.text}`);
  const told = step.told(answer.json);
  if (step.name === 'accept') assert.match(told.number, /^AUT-\d{7}$/);
  if (entry.told[step.name]) assert.deepEqual(told, entry.told[step.name]);
  entry.told[step.name] = told;
}

function startLoad(ledger) {
  let going = true;
  let mistake;
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    while (going && !mistake) {
      try {
        const entry = newEntry(await quoteOne(agent));
        ledger.push(entry);
        for (let at = 0; at < entry.steps && going; at++) await take(entry, at, agent);
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

const done = (entry) => STEPS.slice(0, entry.steps).every(({ name }) => entry.told[name]);

// A policy is as its steps left it, each once.
async function checkPolicy(entry) {
  const { accept, change, confirm, cancel } = entry.told;
  const seen = await call('GET', `/policies/${accept.policy}`);
  assert.equal(seen.status, 200, seen.text);
  const { terms: list, events, status, revision, total } = seen.json;
  assert.equal(list.length, confirm ? 2 : 1);
  assert.equal(status, cancel ? 'cancelled' : 'active');
  assert.deepEqual(events.map((event) => event.step), ['issue', ...(confirm ? ['change'] : []), ...(cancel ? ['cancel'] : [])]);
  assert.deepEqual(events.map((event) => event.revision), events.map((_, i) => i + 1));
  assert.equal(revision, events.length);
  if (confirm) assert.equal(total, change.total);
}

async function all(path) {
  const items = [];
  let next = '';
  do {
    const page = await call('GET', `${path}?limit=100${next ? `&cursor=${next}` : ''}`);
    assert.equal(page.status, 200, page.text);
    items.push(...page.json.items);
    next = page.json.next;
  } while (next);
  return items;
}

test(`accepts, changes and cancellations outlive ${KILLS} kills: none lost, none doubled, no gaps`, async (context) => {
  key = installation.demo.partners[0].secret_key;
  server = await serveSmall(installation);
  answers = await exampleAnswers(server, key, 'auto');
  const asked = await call('GET', `/quotes/${await quoteOne()}/acceptance`);
  terms = {
    applicant: {
      kind: 'person', initials: 'A.B.', last_name: 'Voorbeeld', birth_date: '1980-05-17', email: 'a@example.nl',
      street: 'Voorbeeldstraat', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
    },
    iban: 'NL91ABNA0417164300', account_holder: 'A.B. Voorbeeld', term: 'yearly',
    answers: { reporting_code: '4711', driving_disqualified: false },
    consent: { version: asked.json.consent_version, given: true }, commission: asked.json.commission, documents_shown: asked.json.documents,
  };
  const ledger = [];
  let unknown = 0;
  let checked = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const stop = startLoad(ledger);
    await pause(randomInt(50, LOAD_MS_MAX));
    await server.stop('SIGKILL');
    await stop();
    server = await serveSmall(installation);
    // What was acknowledged is told again; what was not is done now, once.
    for (const entry of ledger.slice(checked)) {
      unknown += !done(entry);
      for (let at = 0; at < entry.steps; at++) await take(entry, at);
      await checkPolicy(entry);
    }
    checked = ledger.length;
  }
  for (const entry of ledger) await checkPolicy(entry);
  const applications = await all('/applications');
  assert.equal(new Set(applications.map((one) => one.quote_id)).size, applications.length);
  assert.equal(applications.length, ledger.length);
  const byId = new Map(applications.map((one) => [one.id, one]));
  for (const entry of ledger) assert.equal(byId.get(entry.told.accept.id)?.quote_id, entry.quote);
  const changes = await all('/policy-changes');
  assert.equal(changes.length, ledger.filter(({ steps }) => steps > 1).length);
  assert.equal(changes.filter(({ status }) => status === 'confirmed').length, ledger.filter(({ steps }) => steps > 2).length);
  const numbers = (await all('/policies')).map((one) => Number(one.number.slice(4))).sort((a, b) => a - b);
  assert.deepEqual(numbers, ledger.map((_, i) => i + 1));
  context.diagnostic(`${KILLS} kills, ${ledger.length} accepts, ${unknown} with unknown outcomes`);
});
