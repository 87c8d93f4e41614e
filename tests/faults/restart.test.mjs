// Stopped and started again under load: every request is answered, or its connection was refused
// because nobody listened, which is all that these clients try again. RESTARTS says how often.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { exampleAnswers, install } from '../api/support.mjs';
import {
  acknowledged, listAll, makeLedger, newEntry, pause, send, serveSmall, size, stopAll,
  verifyNothingDoubled,
} from './support.mjs';

const RESTARTS = size('RESTARTS', 5);
const WORKERS = 8;
const LOAD_MS_MAX = 300;

let installation;

before(() => {
  installation = install();
});

after(async () => {
  await stopAll();
  installation?.remove();
});

// One request through to its answer. A connection that was kept open may be closed from the other
// end just as it is used again: then, as every HTTP client does, the request is sent once more.
async function ask(state, agent) {
  const key = newEntry(state.caller, state.ledger);
  for (;;) {
    try {
      await send({ port: state.port }, { ...state.caller, agent }, state.ledger, key);
      return;
    } catch (error) {
      if (error.code === 'ECONNREFUSED') state.refused += 1;
      else if (agent.keepAlive && error.code === 'ECONNRESET') state.reset += 1;
      else throw error;
      await pause(5);
    }
  }
}

async function client(state, keepAlive) {
  const agent = new https.Agent({ keepAlive, maxSockets: 1 });
  while (state.going && !state.mistake) {
    try {
      await ask(state, agent);
    } catch (error) {
      state.mistake = error;
    }
  }
  agent.destroy();
}

test(`no request is lost through ${RESTARTS} restarts`, async (context) => {
  let server = await serveSmall(installation);
  const key = installation.demo.partners[0].secret_key;
  const state = {
    port: server.port, ledger: makeLedger(), refused: 0, reset: 0, going: true,
    caller: { key, answers: await exampleAnswers(server, key, 'auto') },
  };
  const countBefore = (await listAll(server, state.caller)).length;
  const clients = Array.from({ length: WORKERS }, (_, i) => client(state, i % 2 === 0));
  for (let restart = 0; restart < RESTARTS && !state.mistake; restart++) {
    await pause(randomInt(50, LOAD_MS_MAX));
    const { code } = await server.stop();
    assert.equal(code, 0, server.log());
    server = await serveSmall(installation, '--listen', `127.0.0.1:${state.port}`);
  }
  state.going = false;
  await Promise.all(clients);
  if (state.mistake) throw state.mistake;
  assert.equal(acknowledged(state.ledger), state.ledger.entries.size);
  await verifyNothingDoubled(server, state.caller, state.ledger, countBefore);
  await server.stop();
  context.diagnostic(`${RESTARTS} restarts, ${state.ledger.entries.size} requests, ` +
    `${state.refused} refused while nobody listened, ${state.reset} kept connections closed`);
});
