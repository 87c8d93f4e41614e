// A store whose disk is full or fails. A write that cannot be kept is refused with 503 and is never
// acknowledged, /readyz says so, reading goes on, and when there is room again everything works
// again by itself.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, request, run } from '../api/support.mjs';
import {
  acknowledged, listAll, makeControl, makeLedger, newEntry, onPostgresql, pause, send, serveSmall,
  size, startLoad, stopAll, verify, verifyNothingDoubled, withShim,
} from './support.mjs';

// The numbers of shim_disk.c.
const LIMITED = 0, ROOM = 1, WRITE_FAILS_AT = 2, SYNC_FAILS_AT = 3, LASTING = 4;
const FAILING_WRITES = 5, FAILING_SYNCS = 6, FIRED = 7;

const NTH = size('NTH', 12);
const MIB = 1024 * 1024;
const RECOVERY_MS = 5_000;
const skip = onPostgresql && 'the database server keeps the data';

let scratch;
let server;
let mounted;

before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'koppel-disk-'));
});

after(async () => {
  await stopAll();
  if (mounted) spawnSync('umount', ['-l', mounted]);
  rmSync(scratch, { recursive: true, force: true });
});

function installAt(folder) {
  assert.equal(run('init', '--data', folder, '--demo').status, 0);
  const demo = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8'));
  return { folder, key: demo.partners[0].secret_key };
}

async function begin(installation) {
  const { key } = installation;
  const caller = { key, answers: await exampleAnswers(server, key, 'auto') };
  return { caller, ledger: makeLedger(), countBefore: (await listAll(server, caller)).length };
}

const readyz = async () => (await request(server, 'GET', '/readyz')).status;

async function recovers() {
  const deadline = Date.now() + RECOVERY_MS;
  while ((await readyz()) !== 200) {
    assert.ok(Date.now() < deadline, `not ready ${RECOVERY_MS} ms after there was room again`);
    await pause(50);
  }
}

// While nothing more can be written: refused as it should be, and what is there can be read.
async function refusesAndReads({ caller, ledger }) {
  const key = newEntry(caller, ledger);
  const refused = await send(server, caller, ledger, key, [503]);
  assert.equal(refused.status, 503);
  assert.equal(refused.json.code, 'unavailable');
  assert.ok(Number(refused.headers['retry-after']) > 0);
  assert.equal(await readyz(), 503);
  assert.equal((await request(server, 'GET', '/healthz')).status, 200);
  const known = [...ledger.entries].filter(([, entry]) => entry.answer).map(([one]) => one);
  await verify(server, caller, ledger, known);
  const estimate = await request(server, 'POST', '/api/v1/estimates', {
    key: caller.key, body: { product: 'auto', answers: caller.answers },
  });
  assert.equal(estimate.status, 200, estimate.text);
}

async function settles(state) {
  await recovers();
  await verify(server, state.caller, state.ledger);
  await verifyNothingDoubled(server, state.caller, state.ledger, state.countBefore);
}

function mountSmall(bytes) {
  const place = join(scratch, 'small');
  mkdirSync(place);
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', place]);
  if (made.status !== 0) return null;
  mounted = place;
  return place;
}

const free = (place) => {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
};

test('a full disk, and room again', { skip }, async (context) => {
  const place = mountSmall(8 * MIB);
  if (!place) {
    context.skip('no small disk can be mounted here; the next test limits the room by itself');
    return;
  }
  const installation = installAt(join(place, 'data'));
  server = await serveSmall(installation);
  const state = await begin(installation);
  writeFileSync(join(place, 'ballast'), Buffer.alloc(free(place) - 400 * 1024));
  const load = startLoad(server, state.caller, state.ledger, { allowed: [503] });
  const deadline = Date.now() + 20_000;
  while (!state.ledger.refused.has(503) && Date.now() < deadline) await pause(20);
  await pause(200);
  await load.stop();
  assert.ok(state.ledger.refused.get(503) > 0, 'the disk never was full');
  assert.ok(acknowledged(state.ledger) > 0, 'the disk was full at once');
  // Small writes may still fit: take what is left.
  try {
    writeFileSync(join(place, 'rest'), Buffer.alloc(MIB));
  } catch (error) {
    assert.equal(error.code, 'ENOSPC');
  }
  await refusesAndReads(state);
  rmSync(join(place, 'rest'), { force: true });
  rmSync(join(place, 'ballast'));
  await settles(state);
  await server.stop();
  context.diagnostic(`${acknowledged(state.ledger)} quotes`);
});

test('the log cannot grow, and can again', { skip }, async () => {
  const installation = installAt(join(scratch, 'limited'));
  const control = makeControl();
  const environment = { ...control.environment, KOPPEL_FAULT_FOLDER: installation.folder };
  server = await withShim('disk', environment, () => serveSmall(installation));
  const state = await begin(installation);
  for (const room of [200_000, 5_000, 0]) {
    control.set(ROOM, room);
    control.set(LIMITED, 1);
    const load = startLoad(server, state.caller, state.ledger, { allowed: [503] });
    const deadline = Date.now() + 20_000;
    const before503 = state.ledger.refused.get(503) ?? 0;
    while ((state.ledger.refused.get(503) ?? 0) < before503 + 10) {
      assert.ok(Date.now() < deadline, 'the disk never was full');
      await pause(20);
    }
    await load.stop();
    await refusesAndReads(state);
    assert.ok(control.get(FIRED) > 0);
    control.set(LIMITED, 0);
    await settles(state);
  }
  await server.stop();
});

// One failure at a time, then a disk that goes on failing until it is repaired.
for (const [name, countdown, failing] of [
  ['write', WRITE_FAILS_AT, FAILING_WRITES],
  ['flush', SYNC_FAILS_AT, FAILING_SYNCS],
]) {
  for (const lasting of [0, 1]) {
    const how = lasting ? 'and all after it' : 'alone';
    test(`the nth ${name} fails ${how}, n to ${NTH}`, { skip }, async (context) => {
      const installation = installAt(join(scratch, `${name}-${lasting}`));
      const control = makeControl();
      const environment = { ...control.environment, KOPPEL_FAULT_FOLDER: installation.folder };
      server = await withShim('disk', environment, () => serveSmall(installation));
      const state = await begin(installation);
      for (let nth = 1; nth <= NTH; nth++) {
        const fired = control.get(FIRED);
        control.set(LASTING, lasting);
        control.set(countdown, nth);
        const load = startLoad(server, state.caller, state.ledger, { workers: 4, allowed: [503] });
        const deadline = Date.now() + 20_000;
        while (control.get(FIRED) === fired) {
          assert.ok(Date.now() < deadline, `the ${name} never failed`);
          await pause(5);
        }
        await pause(20);
        await load.stop();
        if (lasting) {
          await refusesAndReads(state);
          control.set(failing, 0);
          control.set(LASTING, 0);
        }
        await recovers();
        const fresh = newEntry(state.caller, state.ledger);
        assert.equal((await send(server, state.caller, state.ledger, fresh)).status, 201);
      }
      await settles(state);
      // What the failures left on the disk is sound: another program reads it whole.
      await server.stop('SIGKILL');
      server = await serveSmall(installation);
      await settles(state);
      await server.stop();
      context.diagnostic(`${acknowledged(state.ledger)} quotes, ${control.get(FIRED)} failures`);
    });
  }
}
