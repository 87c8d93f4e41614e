// A client generated from openapi.json, as it is served, compiles under the strictest checks and
// works; a program that misspells or mistypes something does not compile. The generator and the
// compiler come from npm into a folder that is removed again.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install, request, serve } from './support.mjs';

const PACKAGES = ['openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.4.5'];
const STRICT = ['--strict', '--noUncheckedIndexedAccess', '--noUnusedLocals', '--target', 'es2022', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--lib', 'es2022,dom'];
const source = 'tests/api/clients/client.ts';
let installation;
let server;
let folder;
let missing;

function run(command, args, options = {}) {
  return new Promise((done) => {
    execFile(command, args, { cwd: folder, timeout: 240_000, maxBuffer: 16 << 20, ...options }, (error, stdout, stderr) => {
      done({ status: error ? error.code ?? -1 : 0, stdout, stderr });
    });
  });
}

before(async () => {
  installation = install();
  server = await serve(installation);
  folder = mkdtempSync(join(tmpdir(), 'koppel-openapi-'));
  if (spawnSync('npm', ['--version']).status !== 0) {
    missing = 'npm is not installed';
    return;
  }
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}\n');
  const got = await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES]);
  if (got.status !== 0) missing = `npm cannot fetch ${PACKAGES.join(', ')}: ${got.stderr.trim().split('\n')[0]}`;
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

const program = (name) => join(folder, 'node_modules', '.bin', name);
async function compile(file) {
  return run(program('tsc'), [...STRICT, file]);
}

test('a client is generated, compiles, and works', async (t) => {
  if (missing) return t.skip(missing);
  const { text } = await request(server, 'GET', '/api/v1/openapi.json');
  writeFileSync(join(folder, 'openapi.json'), text);
  const made = await run(program('openapi-typescript'), ['openapi.json', '-o', 'schema.ts']);
  assert.equal(made.status, 0, made.stderr + made.stdout);
  copyFileSync(source, join(folder, 'client.ts'));
  const compiled = await compile('client.ts');
  assert.equal(compiled.status, 0, compiled.stdout);
  const [partner] = installation.demo.partners;
  const result = await run(process.execPath, ['client.js', `https://localhost:${server.port}/api/v1`, partner.secret_key],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: join(installation.folder, 'certificate.pem') } });
  assert.equal(result.status, 0, result.stderr);
  const told = JSON.parse(result.stdout);
  assert.match(told.total, /^\d+\.\d{2}$/);
  assert.equal(told.estimated, told.total);
  assert.equal(told.again, told.total);
  assert.equal(told.covers, 4);
  const application = await request(server, 'GET', `/api/v1/applications/${told.application}`, { key: partner.secret_key });
  assert.equal(application.json.status, told.status);
  assert.equal(told.problem.status, 422);
  assert.equal(told.problem.code, 'invalid_fields');
  return undefined;
});

test('what the document does not know does not compile', async (t) => {
  if (missing) return t.skip(missing);
  const right = readFileSync(source, 'utf8');
  const wrongs = [["'/estimates'", "'/estimate'"], ['quote.premium?.total', 'quote.premium?.totals'], ["country: 'NL'", 'country: 31'], ["kind: 'person'", "kind: 'robot'"], ["last_name: 'Voorbeeld',", '']];
  const files = wrongs.map(([from, to], at) => {
    const wrong = right.replace(from, to);
    assert.notEqual(wrong, right, from);
    writeFileSync(join(folder, `wrong${at}.ts`), wrong);
    return `wrong${at}.ts`;
  });
  const { status, stdout } = await run(program('tsc'), [...STRICT, '--noEmit', ...files]);
  assert.notEqual(status, 0);
  for (const [at, file] of files.entries()) assert.match(stdout, new RegExp(`^${file}\\(`, 'm'), wrongs[at][0]);
  return undefined;
});
