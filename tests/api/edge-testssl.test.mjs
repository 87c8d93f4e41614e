// What testssl.sh says of the server's TLS: nothing above its informational level, but for the
// certificate that the demo signs itself. The parts that matter are run; all of them by hand with
// `testssl.sh 127.0.0.1:8443`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { install, serve } from './support.mjs';

// A certificate that nobody else signed has neither a chain nor an address for revocation.
const SELF_SIGNED = new Set(['cert_chain_of_trust', 'cert_revocation', 'cert_trust']);
// Newer ones grade as well: T is for a certificate that nobody vouches for, whatever else is well.
const UNTRUSTED_GRADE = ({ id, finding }) => id === 'overall_grade' && finding === 'T';
// Of the machine that runs the check, not of the server.
const OWN = new Set(['engine_problem']);
const FINE = new Set(['OK', 'INFO', 'DEBUG']);
// On a busy machine its own time to connect runs out now and then: then it looks again.
const LOOKS_MAX = 3;
const NOT_LOOKED = /check failed because of connect problem/;

const program = ['testssl', 'testssl.sh'].find((name) => spawnSync(name, ['--version']).status === 0);
const skip = !program ? 'testssl.sh is not here'
  : process.env.KOPPEL_SANITIZER ? 'TLS is the same with sanitizers' : false;

async function look(server, folder) {
  const report = join(folder, 'testssl.json');
  rmSync(report, { force: true });
  const child = spawn(program, [
    '--protocols', '--std', '--fs', '--server-defaults', '--headers', '--vulnerable', '--nodns', 'none',
    '--quiet', '--color', '0', '--warnings', 'off', '--jsonfile', report, `127.0.0.1:${server.port}`,
  ], { stdio: 'ignore', cwd: folder, timeout: 240_000 });
  await new Promise((done, fail) => {
    child.on('exit', done);
    child.on('error', fail);
  });
  return JSON.parse(readFileSync(report, 'utf8'));
}

test('testssl.sh finds nothing but the self-signed certificate', { skip }, async (context) => {
  const installation = install();
  const server = await serve(installation);
  try {
    let findings;
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      findings = await look(server, installation.folder);
      if (!findings.some(({ finding }) => NOT_LOOKED.test(finding))) break;
    }
    const ids = new Set(findings.map(({ id }) => id));
    for (const wanted of [/^TLS1_2/, /^TLS1_3/, /^P?FS/, /^HSTS/, /^ROBOT/, /^secure_renego/, /^cert_keySize/]) {
      assert.ok([...ids].some((id) => wanted.test(id)), `${wanted} was not looked at: ${[...ids]}`);
    }
    const above = findings.filter((one) => !FINE.has(one.severity) && !OWN.has(one.id)
      && !UNTRUSTED_GRADE(one) && ![...SELF_SIGNED].some((name) => one.id.startsWith(name)));
    context.diagnostic(`${findings.length} findings`);
    assert.deepEqual(above.map(({ id, severity, finding }) => `${severity} ${id}: ${finding}`), []);
  } finally {
    await server.stop();
    installation.remove();
  }
});
