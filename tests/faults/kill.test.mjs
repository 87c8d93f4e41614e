// The program killed at random moments while clients ask for quotes. Started again, it has all
// that it acknowledged, and no key has made two quotes. KILLS says how often.
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { exampleAnswers, install } from '../api/support.mjs';
import {
  acknowledged, listAll, makeLedger, serveSmall, size, startLoad, stopAll, verify, verifyNothingDoubled,
  pause,
} from './support.mjs';

const KILLS = size('KILLS', 20);
const LOAD_MS_MAX = 250;

let installation;
let server;

before(() => {
  installation = install();
});

after(async () => {
  await stopAll();
  installation?.remove();
});

test(`nothing acknowledged is lost, nothing doubled, through ${KILLS} kills`, async (context) => {
  const key = installation.demo.partners[0].secret_key;
  const ledger = makeLedger();
  server = await serveSmall(installation);
  const caller = { key, answers: await exampleAnswers(server, key, 'auto') };
  const countBefore = (await listAll(server, caller)).length;
  let unknown = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const earlier = new Set(ledger.entries.keys());
    const load = startLoad(server, caller, ledger);
    await pause(randomInt(1, LOAD_MS_MAX));
    await server.stop('SIGKILL');
    await load.stop();
    const fresh = [...ledger.entries.keys()].filter((one) => !earlier.has(one));
    unknown += fresh.filter((one) => !ledger.entries.get(one).answer).length;
    server = await serveSmall(installation);
    await verify(server, caller, ledger, fresh);
  }
  await verify(server, caller, ledger);
  await verifyNothingDoubled(server, caller, ledger, countBefore);
  context.diagnostic(`${KILLS} kills, ${acknowledged(ledger)} quotes, ${unknown} outcomes unknown`);
});
