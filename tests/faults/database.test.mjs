// The PostgreSQL server stopped and started again while clients ask for quotes: refused with 503
// meanwhile, nothing acknowledged lost, nothing doubled, and no restart of the program needed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

let installation;

before(() => {
  if (!skip) installation = install('--database', freshDatabase());
});

after(async () => {
  await stopAll();
  installation?.remove();
});

test(`the database server stopped and started ${STOPS} times`, { skip }, async (context) => {
  const server = await serveSmall(installation);
  const key = installation.demo.partners[0].secret_key;
  const caller = { key, answers: await exampleAnswers(server, key, 'auto') };
  const ledger = makeLedger();
  const countBefore = (await listAll(server, caller)).length;
  const readyz = async () => (await request(server, 'GET', '/readyz')).status;
  for (let stop = 0; stop < STOPS; stop++) {
    const load = startLoad(server, caller, ledger, { workers: 4, allowed: [503] });
    await pause(300);
    postgresql('stop', scratchPostgresql(), stop % 2 ? 'immediate' : 'fast');
    await pause(300);
    assert.equal(await readyz(), 503);
    postgresql('again', scratchPostgresql());
    const deadline = Date.now() + RECOVERY_MS;
    while ((await readyz()) !== 200) {
      assert.ok(Date.now() < deadline, `not ready ${RECOVERY_MS} ms after it was there again`);
      await pause(50);
    }
    await pause(200);
    await load.stop();
    await verify(server, caller, ledger);
  }
  await verifyNothingDoubled(server, caller, ledger, countBefore);
  await server.stop();
  context.diagnostic(`${acknowledged(ledger)} quotes, ${ledger.refused.get(503) ?? 0} answers 503`);
});
