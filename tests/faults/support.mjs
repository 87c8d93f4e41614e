// What fault tests share: programs started under a shim, load from concurrent clients, and the
// ledger of what those clients were told, which is kept outside the program and compared with it.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import {
  existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync,
} from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onPostgresql, program, request, serve } from '../api/support.mjs';

const CONTROL_NUMBERS = 16;
const PAGE = 100;

export { onPostgresql };
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// A number from the environment: KILLS=1000 and the like.
export function size(name, standard) {
  const text = process.env[name] ?? String(standard);
  assert.match(text, /^[1-9]\d*$/, `${name} is a whole number above 0`);
  return Number(text);
}

// ---- shims ------------------------------------------------------------------------------------

const shimPath = (name) => join(dirname(program), 'faults', `shim_${name}.so`);

// A sanitizer must be loaded before anything else: programs built with one run no shim of malloc.
export const sanitized = existsSync(program)
  && ['__asan_init', '__tsan_init'].some((name) => readFileSync(program).includes(name));

// The numbers of control.h: { set(number, value), get(number), environment }.
export function makeControl() {
  const folder = mkdtempSync(join(tmpdir(), 'koppel-control-'));
  const path = join(folder, 'numbers');
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = openSync(path, 'w+');
  const eight = Buffer.alloc(8);
  writeSync(file, Buffer.alloc(8 * CONTROL_NUMBERS), 0, 8 * CONTROL_NUMBERS, 0);
  return {
    environment: { KOPPEL_FAULT_CONTROL: path },
    set: (number, value) => {
      eight.writeBigInt64LE(BigInt(value));
      writeSync(file, eight, 0, 8, 8 * number);
    },
    get: (number) => {
      readSync(file, eight, 0, 8, 8 * number);
      return Number(eight.readBigInt64LE());
    },
  };
}

// Runs `start` so that the program that it starts has a shim before it.
export function withShim(name, environment, start) {
  const shim = shimPath(name);
  assert.ok(existsSync(shim), `${shim} is missing: run make shims`);
  const own = { ASAN_OPTIONS: 'verify_asan_link_order=0', LD_PRELOAD: shim, ...environment };
  const before = { ...process.env };
  Object.assign(process.env, own);
  try {
    return start();
  } finally {
    for (const key of Object.keys(own)) {
      if (before[key] === undefined) delete process.env[key];
      else process.env[key] = before[key];
    }
  }
}

const servers = new Set();

// Few threads start fast; none of these tests needs more.
export async function serveSmall(installation, ...options) {
  const server = await serve(installation, '--threads', '64', ...options);
  servers.add(server);
  server.exited.then(() => servers.delete(server));
  return server;
}

// A test that failed leaves its server behind.
export const stopAll = () => Promise.all([...servers].map((server) => server.stop('SIGKILL')));

// ---- load -------------------------------------------------------------------------------------

// What the clients know: { key: { body, answer, attempts } } by idempotency key. `answer` is what
// was acknowledged; without it the outcome is unknown.
export const makeLedger = () => ({ entries: new Map(), refused: new Map() });

export const acknowledged = (ledger) =>
  [...ledger.entries.values()].filter((entry) => entry.answer).length;

// Sends a request under its key and keeps what was said. `allowed`: statuses that refuse properly.
export async function send(server, caller, ledger, key, allowed = []) {
  const entry = ledger.entries.get(key);
  entry.attempts += 1;
  const answer = await request(server, 'POST', '/api/v1/quotes', {
    key: caller.key, agent: caller.agent, body: entry.body, headers: { 'Idempotency-Key': key },
  });
  if (answer.status === 201) {
    const { id, premium } = answer.json;
    if (entry.answer) assert.deepEqual({ id, premium }, entry.answer, `another answer to ${key}`);
    entry.answer = { id, premium };
    return answer;
  }
  assert.ok(allowed.includes(answer.status), `${answer.status} ${answer.text}`);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.json.status, answer.status);
  ledger.refused.set(answer.status, (ledger.refused.get(answer.status) ?? 0) + 1);
  return answer;
}

export function newEntry(caller, ledger) {
  const key = randomUUID();
  // No two premiums alike, so that a mix-up shows.
  const answers = { ...caller.answers, catalogue_value: `${randomInt(15_000, 40_000)}.00` };
  const body = { product: 'auto', answers, reference: key };
  ledger.entries.set(key, { body, attempts: 0 });
  return key;
}

// Clients that ask for quotes as fast as they are answered, until stop(); each has a connection of
// its own. A connection that breaks leaves an outcome unknown, and ends its client's round unless
// `onBreak` says otherwise. stop() answers the first mistake that a client saw.
export function startLoad(server, caller, ledger, { workers = 8, allowed = [], pauseMs = 0 } = {}) {
  let going = true;
  let mistake;
  const clients = Array.from({ length: workers }, async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    while (going && !mistake) {
      const key = newEntry(caller, ledger);
      try {
        const answer = await send(server, { ...caller, agent }, ledger, key, allowed);
        if (answer.status !== 201) await pause(20);
      } catch (error) {
        if (error instanceof assert.AssertionError) mistake = error;
        else await pause(5);
      }
      if (pauseMs) await pause(pauseMs);
    }
    agent.destroy();
  });
  return {
    stop: async () => {
      going = false;
      await Promise.all(clients);
      if (mistake) throw mistake;
    },
  };
}

// ---- comparing --------------------------------------------------------------------------------

// Runs `work` over all items, so many at once.
export async function each(items, atOnce, work) {
  const queue = [...items];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  }));
}

// Everything acknowledged can be read back as it was answered; what is unknown is sent again under
// its key, and then is known too. `keys`: only these.
export async function verify(server, caller, ledger, keys = [...ledger.entries.keys()]) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 8 });
  const known = { ...caller, agent };
  try {
    await each(keys, 8, async (key) => {
      const entry = ledger.entries.get(key);
      if (!entry.answer) {
        await send(server, known, ledger, key);
        return;
      }
      const path = `/api/v1/quotes/${entry.answer.id}`;
      const read = await request(server, 'GET', path, known);
      assert.equal(read.status, 200, `acknowledged and lost: ${path} ${read.text}`);
      assert.deepEqual(read.json.premium, entry.answer.premium);
      assert.equal(read.json.reference, key);
    });
  } finally {
    agent.destroy();
  }
}

// All quotes of the caller: [{ id, reference, known_at }], the newest first.
export async function listAll(server, caller) {
  const quotes = [];
  for (let cursor = ''; cursor !== null;) {
    const path = `/api/v1/quotes?limit=${PAGE}${cursor && `&cursor=${cursor}`}`;
    const page = await request(server, 'GET', path, { key: caller.key });
    assert.equal(page.status, 200, page.text);
    quotes.push(...page.json.items);
    cursor = page.json.next;
  }
  return quotes;
}

// Each key of the ledger has made exactly one quote, and no quote came from nowhere.
export async function verifyNothingDoubled(server, caller, ledger, countBefore) {
  const quotes = await listAll(server, caller);
  const made = new Map();
  for (const quote of quotes) made.set(quote.reference, (made.get(quote.reference) ?? 0) + 1);
  for (const [key, entry] of ledger.entries) {
    assert.equal(made.get(key), 1, `${key} made ${made.get(key) ?? 0} quotes`);
    assert.ok(entry.answer, `${key} is unknown still`);
  }
  assert.equal(quotes.length, countBefore + ledger.entries.size, 'quotes from nowhere');
}
