// A whole server whose memory is refused now and then, TLS and sockets included: it does not crash,
// what it answers is right, and when there is memory again it works as before. The allocations of
// every operation are tried one by one in tests/unit/server/api/test_scarce.c.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request } from '../api/support.mjs';
import {
  acknowledged, listAll, makeControl, makeLedger, pause, sanitized, serveSmall, size, startLoad,
  stopAll, verify, verifyNothingDoubled, withShim,
} from './support.mjs';

const ONE_IN = 0, FIRED = 1; // the numbers of shim_memory.c
const ODDS = [300, 30];
const LOAD_MS = size('SCARCE_MS', 1_000);
const READS = ['/api/v1/products', '/api/v1/products/auto', '/api/v1/openapi.json', '/'];
// OpenSSL does not always say that it failed for want of memory, and then waits: not for long.
const PATIENCE = ['handshake', 'request', 'body', 'write', 'idle'].flatMap((name) =>
  [`--${name}-timeout-ms`, '500']);
const skip = sanitized && 'a sanitizer brings its own allocator';

let installation;

before(() => {
  installation = install();
});

after(async () => {
  await stopAll();
  installation?.remove();
});

test('memory refused now and then', { skip }, async (context) => {
  const control = makeControl();
  const server = await withShim('memory', control.environment, () =>
    serveSmall(installation, ...PATIENCE));
  const key = installation.demo.partners[0].secret_key;
  const caller = { key, answers: await exampleAnswers(server, key, 'auto') };
  const ledger = makeLedger();
  const countBefore = (await listAll(server, caller)).length;
  const right = new Map();
  for (const path of READS) right.set(path, (await request(server, 'GET', path, { key })).text);
  for (const odds of ODDS) {
    control.set(ONE_IN, odds);
    const load = startLoad(server, caller, ledger, { workers: 4, allowed: [500, 503] });
    const deadline = Date.now() + LOAD_MS;
    while (Date.now() < deadline) {
      for (const path of READS) {
        try {
          const answer = await request(server, 'GET', path, { key });
          if (answer.status === 200) assert.equal(answer.text, right.get(path));
          else assert.ok([500, 503].includes(answer.status), `${path} ${answer.status}`);
        } catch (error) {
          // A connection may fail for want of memory; a wrong answer may not be.
          if (error instanceof assert.AssertionError) throw error;
          await pause(5);
        }
      }
    }
    await load.stop();
    control.set(ONE_IN, 0);
    assert.equal(server.process.exitCode, null, server.log().slice(-2_000));
    assert.equal(server.process.signalCode, null, server.log().slice(-2_000));
    await verify(server, caller, ledger);
  }
  assert.ok(control.get(FIRED) > 0);
  await verifyNothingDoubled(server, caller, ledger, countBefore);
  for (const path of READS) {
    assert.equal((await request(server, 'GET', path, { key })).text, right.get(path));
  }
  const { code } = await server.stop();
  assert.equal(code, 0);
  const refused = [...ledger.refused].map(([status, count]) => `${count} answers ${status}`);
  context.diagnostic(`${control.get(FIRED)} requests for memory refused, ` +
    `${acknowledged(ledger)} quotes, ${refused.join(', ')}`);
});
