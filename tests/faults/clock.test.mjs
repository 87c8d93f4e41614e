// The time of day set back (and ahead) while the program serves: ids still rise, lists keep their
// order, moments do not go back, keys and rate windows work on, and so do versions of products.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dateIn, exampleAnswers, install, request, run } from '../api/support.mjs';
import { listAll, makeControl, pause, serveSmall, stopAll, withShim } from './support.mjs';

const AHEAD_S = 0; // the number of shim_clock.c
const STEPS_S = [0, -1, -3_600, -86_400, 30, -10, -31_536_000, 3_600];
const WINDOW_S = 60;

let installation;
let control;

before(() => {
  installation = install();
  control = makeControl();
});

after(async () => {
  await stopAll();
  installation?.remove();
});

const start = () => withShim('clock', control.environment, () => serveSmall(installation));

const quote = (server, key, answers, idempotency) =>
  request(server, 'POST', '/api/v1/quotes', {
    key, body: { product: 'auto', answers }, headers: { 'Idempotency-Key': idempotency },
  });

test('ids rise and moments do not go back', async () => {
  control.set(AHEAD_S, 0);
  const server = await start();
  const key = installation.demo.partners[0].secret_key;
  const answers = await exampleAnswers(server, key, 'auto');
  const made = [];
  for (const step of STEPS_S) {
    control.set(AHEAD_S, step);
    for (let i = 0; i < 4; i++) {
      const idempotency = randomUUID();
      const answer = await quote(server, key, answers, idempotency);
      assert.equal(answer.status, 201, answer.text);
      made.push({ ...answer.json, idempotency });
    }
  }
  for (let i = 1; i < made.length; i++) {
    assert.ok(made[i].id > made[i - 1].id, `${made[i].id} after ${made[i - 1].id}`);
    const earlier = Date.parse(made[i - 1].known_at);
    assert.ok(Date.parse(made[i].known_at) >= earlier, `${made[i].known_at} went back`);
  }
  const listed = (await listAll(server, { key })).slice(0, made.length);
  assert.deepEqual(listed.map((one) => one.id), made.map((one) => one.id).reverse());
  for (const one of made) {
    const again = await quote(server, key, answers, one.idempotency);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.equal(again.json.id, one.id);
  }
  await server.stop();
});

test('time goes on after the clock was set back', async () => {
  control.set(AHEAD_S, 0);
  const server = await start();
  const key = installation.demo.partners[1].secret_key;
  const answers = await exampleAnswers(server, key, 'auto');
  await quote(server, key, answers, randomUUID());
  control.set(AHEAD_S, -86_400);
  const first = (await quote(server, key, answers, randomUUID())).json;
  await pause(1_000);
  const second = (await quote(server, key, answers, randomUUID())).json;
  const passed = Date.parse(second.known_at) - Date.parse(first.known_at);
  assert.ok(passed >= 300 && passed <= 2_500, `${passed} ms passed in a second`);
  await server.stop();
});

test('a version that was published before the clock was set back holds', async () => {
  control.set(AHEAD_S, -3_600);
  const server = await start();
  const key = installation.demo.partners[0].secret_key;
  const answers = await exampleAnswers(server, key, 'auto');
  const before_ = (await quote(server, key, answers, randomUUID())).json;
  const scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    cpSync('quote-engine/products/auto', scratch, { recursive: true });
    const path = join(scratch, 'product.xml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('<validity days="30"', '<validity days="31"'));
    // From yesterday on: an hour ago may have been that.
    const made = run('product', 'publish', scratch, '--data', installation.folder, '--from', dateIn(-1));
    assert.equal(made.status, 0, made.stderr);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  await pause(1_000);
  const after_ = (await quote(server, key, answers, randomUUID())).json;
  assert.equal(after_.product_version, before_.product_version + 1);
  await server.stop();
});

// Asks until refused: how many were let through.
async function drain(server, key) {
  for (let count = 0; count < 50; count++) {
    const answer = await request(server, 'GET', '/api/v1/products', { key });
    if (answer.status === 429) return count;
    assert.equal(answer.status, 200, answer.text);
  }
  return 50;
}

test('a rate window ends, also after a start with the clock set back', async () => {
  const limited = run(
    'key', 'create', '--data', installation.folder, '--partner', installation.demo.partners[2].id,
    '--kind', 'secret', '--mode', 'test', '--rate-limit', '5',
  );
  assert.equal(limited.status, 0, limited.stderr);
  const key = /sk_test_[0-9A-Za-z]+/.exec(limited.stdout)[0];
  control.set(AHEAD_S, 0);
  let server = await start();
  // A slow machine must not come into the next window amid one helping.
  const left_ms = WINDOW_S * 1_000 - Date.now() % (WINDOW_S * 1_000);
  if (left_ms < 20_000) await pause(left_ms + 100);
  assert.equal(await drain(server, key), 5);
  // The next window, and back into the one before: no second helping.
  control.set(AHEAD_S, WINDOW_S);
  assert.equal(await drain(server, key), 5);
  control.set(AHEAD_S, 0);
  assert.equal(await drain(server, key), 0);
  await server.stop();
  control.set(AHEAD_S, -86_400);
  server = await start();
  assert.equal(await drain(server, key), 5, 'a window of tomorrow holds up today');
  await server.stop();
});
