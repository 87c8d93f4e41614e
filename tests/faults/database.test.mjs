// The PostgreSQL server stopped and started again, and out of room and with room again, while clients
// ask for quotes: refused with 503 meanwhile, nothing acknowledged lost, nothing doubled, and no
// restart of the program needed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  exampleAnswers, freshDatabase, install, postgresql, postgresqlPresent, request,
  scratchPostgresql,
} from '../api/support.mjs';
import {
  acknowledged, listAll, makeLedger, pause, serveSmall, size, startLoad, stopAll, verify,
  verifyNothingDoubled,
} from './support.mjs';

const STOPS = size('STOPS', 3);
const RECOVERY_MS = 20_000;
const skip = !postgresqlPresent() && 'there is no PostgreSQL here to start';

const MIB = 1024 * 1024;
// A new server with this installation takes about 75 MiB.
const SMALL_DISK_BYTES = 128 * MIB;

const installations = [];
let small; // where the small disk is mounted

after(async () => {
  await stopAll();
  installations.forEach((one) => one.remove());
  if (!small) return;
  postgresql('remove', join(small, 'server'));
  spawnSync('umount', ['-l', small]);
  rmSync(small, { recursive: true, force: true });
});

function installOn(database) {
  const installation = install('--database', database);
  installations.push(installation);
  return installation;
}

async function begin(server, installation) {
  const key = installation.demo.partners[0].secret_key;
  const caller = { key, answers: await exampleAnswers(server, key, 'auto') };
  return { caller, ledger: makeLedger(), countBefore: (await listAll(server, caller)).length };
}

async function recovers(server) {
  const deadline = Date.now() + RECOVERY_MS;
  while ((await request(server, 'GET', '/readyz')).status !== 200) {
    assert.ok(Date.now() < deadline, `not ready ${RECOVERY_MS} ms after it could write again`);
    await pause(50);
  }
}

test(`the database server stopped and started ${STOPS} times`, { skip }, async (context) => {
  const installation = installOn(freshDatabase());
  const server = await serveSmall(installation);
  const { caller, ledger, countBefore } = await begin(server, installation);
  const readyz = async () => (await request(server, 'GET', '/readyz')).status;
  for (let stop = 0; stop < STOPS; stop++) {
    const load = startLoad(server, caller, ledger, { workers: 4, allowed: [503] });
    await pause(300);
    postgresql('stop', scratchPostgresql(), stop % 2 ? 'immediate' : 'fast');
    await pause(300);
    assert.equal(await readyz(), 503);
    postgresql('again', scratchPostgresql());
    await recovers(server);
    await pause(200);
    await load.stop();
    await verify(server, caller, ledger);
  }
  await verifyNothingDoubled(server, caller, ledger, countBefore);
  await server.stop();
  context.diagnostic(`${acknowledged(ledger)} quotes, ${ledger.refused.get(503) ?? 0} answers 503`);
});

// A folder that holds no more than a few MiB beside a new server; null where none can be mounted.
function mountSmall() {
  const place = mkdtempSync(join(tmpdir(), 'koppel-small-'));
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'none', place]);
  if (made.status === 0) return place;
  rmSync(place, { recursive: true, force: true });
  return null;
}

const free = (place) => {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
};

// Takes all room while others write too; answers the files that took it.
function fill(place) {
  const names = [];
  for (let bytes = free(place); bytes > 0; bytes = free(place)) {
    names.push(join(place, `ballast-${names.length}`));
    try {
      writeFileSync(names.at(-1), Buffer.alloc(bytes));
    } catch (error) {
      assert.equal(error.code, 'ENOSPC');
    }
  }
  return names;
}

test('the disk of the database full, and room again', { skip }, async (context) => {
  small = mountSmall();
  if (!small) {
    context.skip('no small disk can be mounted here');
    return;
  }
  const folder = join(small, 'server');
  chmodSync(small, 0o755);
  postgresql('start', folder, String(process.pid));
  const installation = installOn(`postgresql://koppel@/small?host=${encodeURIComponent(folder)}`);
  const server = await serveSmall(installation);
  const { caller, ledger, countBefore } = await begin(server, installation);
  const load = startLoad(server, caller, ledger, { workers: 4, allowed: [503] });
  await pause(300);
  const ballast = fill(small);
  const deadline = Date.now() + 20_000;
  while (!(ledger.refused.get(503) > 20) && Date.now() < deadline) await pause(20);
  await load.stop();
  assert.ok(ledger.refused.get(503) > 20, 'the disk never was full');
  assert.equal((await request(server, 'GET', '/readyz')).status, 503);
  const estimate = await request(server, 'POST', '/api/v1/estimates', {
    key: caller.key, body: { product: 'auto', answers: caller.answers },
  });
  assert.ok([200, 503].includes(estimate.status), estimate.text);
  ballast.forEach((name) => rmSync(name));
  // Without room for its own log the server ends, and whoever keeps it starts it again.
  if (spawnSync('tests/postgresql', ['runs', folder]).status !== 0) postgresql('again', folder);
  await recovers(server);
  await verify(server, caller, ledger);
  await verifyNothingDoubled(server, caller, ledger, countBefore);
  await server.stop();
  context.diagnostic(`${acknowledged(ledger)} quotes, ${ledger.refused.get(503)} answers 503`);
});
