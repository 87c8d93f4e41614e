// Power cuts: what was written and not flushed is gone, or there in part. What was acknowledged is
// there, and a finished `koppel init` has made an installation that serves. CUTS says how often.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, request, run } from '../api/support.mjs';
import { cutPower } from './power.mjs';
import {
  acknowledged, listAll, makeLedger, onPostgresql, pause, serveSmall, size, startLoad, stopAll, verify,
  verifyNothingDoubled, withShim,
} from './support.mjs';

const CUTS = size('CUTS', 12);
const LOAD_MS_MAX = 400;
// None, some and nearly all of what was not flushed reaches the disk.
const SHARES = [0, 0.5, 0.95];
const skip = onPostgresql && 'the database server keeps the data';

let scratch;
let server;

before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'koppel-power-'));
});

after(async () => {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
});

let count = 0;
const emptyFolder = (name) => {
  const path = join(scratch, `${name}-${count++}`);
  mkdirSync(path);
  return path;
};

const watched = (folder, durable) => ({
  KOPPEL_FAULT_FOLDER: folder, KOPPEL_FAULT_DURABLE: durable,
});

// An installation keeps its own path in its configuration: what the cut left takes its place.
function leave(home, durable, share) {
  const left = cutPower(home, durable, share);
  rmSync(home, { recursive: true });
  renameSync(left, home);
}

test('an init that was done is whole after a power cut', { skip }, async () => {
  for (const share of SHARES) {
    const home = emptyFolder('init');
    const durable = emptyFolder('durable');
    const folder = join(home, 'data');
    const made = withShim('power', watched(home, durable), () =>
      run('init', '--data', folder, '--demo'));
    assert.equal(made.status, 0, made.stderr);
    leave(home, durable, share);
    server = await serveSmall({ folder });
    const demo = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8'));
    const key = demo.partners[0].secret_key;
    assert.equal((await request(server, 'GET', '/api/v1/quotes', { key })).status, 200);
    await server.stop();
  }
});

test(`nothing acknowledged is lost through ${CUTS} power cuts`, { skip }, async (context) => {
  const home = emptyFolder('home');
  const folder = join(home, 'data');
  assert.equal(run('init', '--data', folder, '--demo').status, 0);
  const key = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')).partners[0].secret_key;
  const ledger = makeLedger();
  const caller = { key };
  let countBefore;
  for (let cut = 0; cut < CUTS; cut++) {
    const durable = emptyFolder('durable');
    server = await withShim('power', watched(home, durable), () => serveSmall({ folder }));
    caller.answers ??= await exampleAnswers(server, key, 'auto');
    countBefore ??= (await listAll(server, caller)).length;
    const earlier = new Set(ledger.entries.keys());
    const load = startLoad(server, caller, ledger);
    await pause(randomInt(1, LOAD_MS_MAX));
    await server.stop('SIGKILL');
    await load.stop();
    leave(home, durable, SHARES[cut % SHARES.length]);
    rmSync(durable, { recursive: true });
    server = await serveSmall({ folder });
    const fresh = [...ledger.entries.keys()].filter((one) => !earlier.has(one));
    await verify(server, caller, ledger, fresh);
    await server.stop(cut % 2 ? 'SIGTERM' : 'SIGKILL');
  }
  server = await serveSmall({ folder });
  await verify(server, caller, ledger);
  await verifyNothingDoubled(server, caller, ledger, countBefore);
  context.diagnostic(`${CUTS} power cuts, ${acknowledged(ledger)} quotes`);
});

test('the shim forgets what was not flushed', { skip }, () => {
  const home = emptyFolder('proof');
  const durable = emptyFolder('durable');
  const folder = join(home, 'data');
  assert.equal(run('init', '--data', folder, '--demo').status, 0);
  withShim('power', watched(home, durable), () => run('key', 'list', '--data', folder));
  writeFileSync(join(folder, 'late.txt'), 'not flushed');
  leave(home, durable, 0);
  assert.throws(() => readFileSync(join(folder, 'late.txt')), /ENOENT/);
  assert.ok(readFileSync(join(folder, 'koppel.conf'), 'utf8').includes('listen'));
});
