// The program killed at random moments while clients accept quotes. Started again, each accept that
// was acknowledged is there with its policy, no quote has two applications, and policy numbers have
// no gaps. ACCEPT_KILLS says how often.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request } from '../api/support.mjs';
import { pause, serveSmall, size, stopAll } from './support.mjs';

const KILLS = size('ACCEPT_KILLS', 5);
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
const acceptOne = (entry, agent) => call('POST', `/quotes/${entry.quote}/accept`, {
  agent, headers: { 'Idempotency-Key': entry.key }, body: terms,
});

// Takes an answer into the ledger; the same key never tells two things.
function take(entry, answer) {
  assert.equal(answer.status, 201, answer.text);
  const told = { id: answer.json.id, number: answer.json.policy_number };
  assert.match(told.number, /^AUT-\d{7}$/);
  if (entry.told) assert.deepEqual(told, entry.told);
  entry.told = told;
}

function startLoad(ledger) {
  let going = true;
  let mistake;
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    while (going && !mistake) {
      try {
        const entry = { quote: await quoteOne(agent), key: randomUUID() };
        ledger.push(entry);
        take(entry, await acceptOne(entry, agent));
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

test(`accepts outlive ${KILLS} kills: none lost, none doubled, numbers without gaps`, async (context) => {
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
  for (let kill = 0; kill < KILLS; kill++) {
    const stop = startLoad(ledger);
    await pause(randomInt(50, LOAD_MS_MAX));
    await server.stop('SIGKILL');
    await stop();
    server = await serveSmall(installation);
    unknown += ledger.filter((entry) => !entry.told).length;
    // What was acknowledged is told again; what was not is done now, once.
    for (const entry of ledger) take(entry, await acceptOne(entry));
  }
  const applications = await all('/applications');
  assert.equal(new Set(applications.map((one) => one.quote_id)).size, applications.length);
  assert.equal(applications.length, ledger.length);
  const byId = new Map(applications.map((one) => [one.id, one]));
  for (const entry of ledger) assert.equal(byId.get(entry.told.id)?.quote_id, entry.quote);
  const numbers = (await all('/policies')).map((one) => Number(one.number.slice(4))).sort((a, b) => a - b);
  assert.deepEqual(numbers, ledger.map((_, i) => i + 1));
  context.diagnostic(`${KILLS} kills, ${ledger.length} accepts, ${unknown} outcomes unknown`);
});
