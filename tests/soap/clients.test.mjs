// Real clients: each makes its stubs from the WSDL as it is served, quotes over the generic service
// and over the product's own, reads the quote back, and reads a typed fault. What is not installed
// is skipped, and says so.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, request } from '../api/support.mjs';
import { start } from './support.mjs';

const clients = resolve('tests/soap/clients');
const NODE_SOAP = 'soap@1.1.6';
let started;
let answers;
let total;
let certificate;
let scratch;

before(async () => {
  started = await start();
  answers = await exampleAnswers(started.server, started.key, 'auto');
  const body = { product: 'auto', answers };
  const estimate = await request(started.server, 'POST', '/api/v1/estimates', { key: started.key, body });
  total = estimate.json.premium.total;
  certificate = join(started.installation.folder, 'certificate.pem');
  scratch = mkdtempSync(join(tmpdir(), 'koppel-soap-'));
});

after(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await started?.stop();
});

// Not spawnSync: this process also relays the server's log.
function run(command, args, options = {}) {
  return new Promise((done) => {
    execFile(command, args, { timeout: 120_000, maxBuffer: 16 << 20, ...options }, (error, stdout, stderr) => {
      done({ status: error ? error.code ?? -1 : 0, stdout, stderr });
    });
  });
}

async function works(command, args, options) {
  const result = await run(command, args, options);
  assert.equal(result.status, 0, `${command}: ${result.stderr}\n${result.stdout}`);
  const told = JSON.parse(result.stdout.trim().split('\n').at(-1));
  for (const name of ['total', 'again', 'typed']) assert.equal(told[name], total, name);
  assert.equal(told.covers, 4);
  assert.match(told.date, /^\d{4}-\d{2}-\d{2}$/);
  assert.equal(told.fault?.code, 'invalid_fields');
  assert.equal(told.fault.pointer, '/answers/birth_date');
  assert.match(told.fault.text, /Verbeter wat onder fields staat/);
}

const present = (command, ...args) => spawnSync(command, args).status === 0;
const common = (query) => [started.address, query, started.key, certificate, JSON.stringify(answers)];
const versions = [['1.1', 'wsdl'], ['1.2', 'wsdl=1.2']];

// The distribution's Python, which has its packages; another may come first on the path.
const python = ['/usr/bin/python3', 'python3'].find((name) => present(name, '-c', 'import zeep'));
const php = present('php', '-r', 'exit(class_exists("SoapClient") ? 0 : 1);');

for (const [version, query] of versions) {
  test(`Python zeep, SOAP ${version}`, { skip: !python && 'python3-zeep is not installed' }, () =>
    works(python, [join(clients, 'client.py'), ...common(query)]));
  test(`PHP SoapClient, SOAP ${version}`, { skip: !php && 'php-soap is not installed' }, () =>
    works('php', [join(clients, 'client.php'), ...common(query)]));
}

// The package comes from npm into a folder that is removed again, unless KOPPEL_SOAP_MODULES names
// one that has it.
test("Node's soap, SOAP 1.1 and 1.2", async (t) => {
  let modules = process.env.KOPPEL_SOAP_MODULES;
  if (!modules) {
    if (!present('npm', '--version')) return t.skip('npm is not installed');
    const got = await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', scratch, NODE_SOAP]);
    if (got.status !== 0) return t.skip(`npm cannot fetch ${NODE_SOAP}`);
    modules = join(scratch, 'node_modules');
  }
  const env = { ...process.env, KOPPEL_SOAP_MODULES: modules, NODE_EXTRA_CA_CERTS: certificate };
  for (const [, query] of versions)
    await works(process.execPath, [join(clients, 'client.mjs'), ...common(query)], { env });
  return undefined;
});

const gsoap = present('wsdl2h', '-V') && present('soapcpp2', '-V') && existsSync('/usr/include/stdsoap2.h');
for (const [version, query] of versions) {
  test(`gSOAP's stubs, SOAP ${version}`, { skip: !gsoap && 'gsoap and libgsoap-dev are not installed' }, async () => {
    const folder = mkdtempSync(join(scratch, 'gsoap-'));
    writeFileSync(join(folder, 'typemap.dat'), 'q = "urn:koppel:quote:v1"\na = "urn:koppel:quote:auto:i1"\n');
    for (const [name, path] of [['generic', ''], ['typed', '/auto']]) {
      const wsdl = await request(started.server, 'GET', `/soap/v1/quote${path}?${query}`);
      writeFileSync(join(folder, `${name}.wsdl`), wsdl.text);
    }
    const step = async (command, ...args) => {
      const result = await run(command, args, { cwd: folder });
      assert.equal(result.status, 0, `${command}: ${result.stderr}\n${result.stdout}`);
    };
    await step('wsdl2h', '-c', '-t', 'typemap.dat', '-o', 'service.h', 'generic.wsdl', 'typed.wsdl');
    await step('soapcpp2', '-c', '-C', '-L', '-x', '-w', '-I/usr/share/gsoap/import', 'service.h');
    await step('cc', '-O0', '-w', '-DWITH_OPENSSL', '-DWITH_GZIP', `-I${folder}`, '-o', 'client',
      join(clients, 'client.c'), 'soapC.c', 'soapClient.c', '-lgsoapssl', '-lssl', '-lcrypto', '-lz');
    const named = Object.entries(answers).map(([name, value]) => `${name}=${value}`);
    await works(join(folder, 'client'), [started.address, started.key, certificate, ...named]);
  });
}
