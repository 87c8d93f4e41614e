// What testssl.sh says of the server's TLS: nothing above its informational level, but for the
// certificate that the demo signs itself. The parts that matter are run; all of them by hand with
// `testssl.sh 127.0.0.1:8443`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { install, serve } from './support.mjs';

// A certificate that nobody else signed has neither a chain nor an address for revocation.
const SELF_SIGNED = new Set(['cert_chain_of_trust', 'cert_revocation', 'cert_trust']);
// Of the machine that runs the check, not of the server.
const OWN = new Set(['engine_problem']);
const FINE = new Set(['OK', 'INFO', 'DEBUG']);

const program = ['testssl', 'testssl.sh'].find((name) => spawnSync(name, ['--version']).status === 0);
const skip = !program ? 'testssl.sh is not here'
  : process.env.KOPPEL_SANITIZER ? 'TLS is the same with sanitizers' : false;

test('testssl.sh finds nothing but the self-signed certificate', { skip }, async (context) => {
  const installation = install();
  const server = await serve(installation);
  const report = join(installation.folder, 'testssl.json');
  try {
    const child = spawn(program, [
      '--protocols', '--std', '--fs', '--server-defaults', '--headers', '--vulnerable', '--nodns', 'none',
      '--quiet', '--color', '0', '--warnings', 'off', '--jsonfile', report, `127.0.0.1:${server.port}`,
    ], { stdio: 'ignore', cwd: installation.folder, timeout: 240_000 });
    await new Promise((done, fail) => {
      child.on('exit', done);
      child.on('error', fail);
    });
    const findings = JSON.parse(readFileSync(report, 'utf8'));
    const ids = new Set(findings.map(({ id }) => id));
    for (const wanted of [/^TLS1_2/, /^TLS1_3/, /^P?FS/, /^HSTS/, /^ROBOT/, /^secure_renego/, /^cert_keySize/]) {
      assert.ok([...ids].some((id) => wanted.test(id)), `${wanted} was not looked at: ${[...ids]}`);
    }
    const above = findings.filter(({ id, severity }) =>
      !FINE.has(severity) && !OWN.has(id) && ![...SELF_SIGNED].some((name) => id.startsWith(name)));
    context.diagnostic(`${findings.length} findings`);
    assert.deepEqual(above.map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`), []);
  } finally {
    await server.stop();
    installation.remove();
  }
});
