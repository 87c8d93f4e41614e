// Real clients: each makes its stubs from the WSDL as it is served, and then, over the generic service
// and over the product's own, quotes, reads the quote back, accepts it, and reads a typed fault; some
// change the policy as well. What is not installed is skipped, and says so.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, request } from '../api/support.mjs';
import { accepting, start } from './support.mjs';

const clients = resolve('tests/soap/clients');
const NODE_PACKAGES = ['soap@1.1.6', 'strong-soap@4.1.10'];
const versions = [['1.1', 'wsdl'], ['1.2', 'wsdl=1.2']];
let started;
let given; // what the clients send: { answers, applicant, payment, acceptance }
let total;
let certificate;
let scratch;

before(async () => {
  started = await start();
  const answers = await exampleAnswers(started.server, started.key, 'auto');
  given = { answers, ...accepting, acceptance: accepting.acceptance.auto };
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
    execFile(command, args, { timeout: 240_000, maxBuffer: 16 << 20, ...options }, (error, stdout, stderr) => {
      done({ status: error ? error.code ?? -1 : 0, stdout, stderr });
    });
  });
}

async function step(command, args, options) {
  const result = await run(command, args, options);
  assert.equal(result.status, 0, `${command}: ${result.stderr}\n${result.stdout}`);
  return result.stdout;
}

// The client runs, and what it tells is so.
async function works(command, args, options) {
  const told = JSON.parse((await step(command, args, options)).trim().split('\n').at(-1));
  for (const name of ['total', 'again', 'typed']) assert.equal(told[name], total, name);
  assert.equal(told.covers, 4);
  assert.match(told.date, /^\d{4}-\d{2}-\d{2}$/);
  for (const prefix of ['', 'typed_']) {
    const id = told[`${prefix}application`];
    const { json } = await request(started.server, 'GET', `/api/v1/applications/${id}`, { key: started.key });
    assert.equal(json.status, told[`${prefix}status`], `${prefix}application ${id}`);
    assert.equal(json.answers.reporting_code, given.acceptance.reporting_code);
  }
  assert.notEqual(told.application, told.typed_application);
  assert.equal(told.fault?.code ?? told.fault_code, 'invalid_fields');
  assert.equal(told.fault?.pointer ?? told.fault_pointer, '/answers/birth_date');
  assert.match(told.fault?.text ?? told.fault_text, /Verbeter wat onder fields staat/);
  assert.equal(told.typed_fault?.code ?? told.typed_fault_code, 'already_accepted');
  if (!told.change) return;
  assert.deepEqual(told.change.names, ['claim_free_years']);
  assert.match(told.change.total, /^\d+\.\d{2}$/);
  assert.deepEqual(told.typed_change, told.change);
}

const present = (command, ...args) => spawnSync(command, args).status === 0;
const asJson = () => JSON.stringify(given);
const asWords = () => Object.entries(given).flatMap(([group, values]) =>
  Object.entries(values).map(([name, value]) => `${group}.${name}=${value}`));

// The distribution's Python, which has its packages; another may come first on the path.
const python = ['/usr/bin/python3', 'python3'].find((name) => present(name, '-c', 'import zeep'));
const php = present('php', '-r', 'exit(class_exists("SoapClient") ? 0 : 1);');

for (const [version, query] of versions) {
  const common = () => [started.address, query, started.key, certificate, asJson()];
  test(`Python zeep, SOAP ${version}`, { skip: !python && 'python3-zeep is not installed' }, () =>
    works(python, [join(clients, 'client.py'), ...common()]));
  test(`PHP SoapClient, SOAP ${version}`, { skip: !php && 'php-soap is not installed' }, () =>
    works('php', [join(clients, 'client.php'), ...common()]));
}

// The packages come from npm into a folder that is removed again, unless KOPPEL_SOAP_MODULES names
// one that has them. Answers why they are not there, or their folder.
let modules;
function nodeModules() {
  modules ??= (async () => {
    if (process.env.KOPPEL_SOAP_MODULES) return { folder: process.env.KOPPEL_SOAP_MODULES };
    if (!present('npm', '--version')) return { missing: 'npm is not installed' };
    const got = await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', scratch, ...NODE_PACKAGES]);
    if (got.status !== 0) return { missing: `npm cannot fetch ${NODE_PACKAGES.join(' and ')}: ${got.stderr.trim().split('\n')[0]}` };
    return { folder: join(scratch, 'node_modules') };
  })();
  return modules;
}

for (const name of ['soap', 'strong-soap']) {
  for (const [version, query] of versions) {
    test(`Node's ${name}, SOAP ${version}`, async (t) => {
      const { folder, missing } = await nodeModules();
      if (missing) return t.skip(missing);
      const env = { ...process.env, KOPPEL_SOAP_MODULES: folder, NODE_EXTRA_CA_CERTS: certificate };
      return works(process.execPath, [join(clients, 'client.mjs'), name, started.address, query, started.key, asJson()], { env });
    });
  }
}

const gsoap = present('wsdl2h', '-V') && present('soapcpp2', '-V') && existsSync('/usr/include/stdsoap2.h');
for (const [version, query] of versions) {
  test(`gSOAP's stubs, SOAP ${version}`, { skip: !gsoap && 'gsoap and libgsoap-dev are not installed' }, async () => {
    const folder = mkdtempSync(join(scratch, 'gsoap-'));
    writeFileSync(join(folder, 'typemap.dat'), 'q = "urn:koppel:quote:v1"\na = "urn:koppel:quote:auto:i1"\n');
    for (const [name, path] of [['generic', ''], ['typed', '/auto']]) {
      const wsdl = await request(started.server, 'GET', `/soap/v1/quote${path}?${query}`);
      writeFileSync(join(folder, `${name}.wsdl`), wsdl.text);
    }
    const within = { cwd: folder };
    await step('wsdl2h', ['-c', '-t', 'typemap.dat', '-o', 'service.h', 'generic.wsdl', 'typed.wsdl'], within);
    await step('soapcpp2', ['-c', '-C', '-L', '-x', '-w', '-I/usr/share/gsoap/import', 'service.h'], within);
    await step('cc', ['-O0', '-w', '-DWITH_OPENSSL', '-DWITH_GZIP', `-I${folder}`, '-o', 'client',
      join(clients, 'client.c'), 'soapC.c', 'soapClient.c', '-lgsoapssl', '-lssl', '-lcrypto', '-lz'], within);
    await works(join(folder, 'client'), [started.address, started.key, certificate, ...asWords()]);
  });
}

// Java no longer brings what these stand on: it comes from the distribution's jars.
const JARS = '/usr/share/java';
const PASSWORD = 'changeit'; // of a trust store that holds one certificate
const java = {
  jaxws: {
    jars: ['jaxws-tools'], source: 'JaxwsClient',
    // It calls every binding of SOAP 1.2 an extension.
    stubs: (folder, name) => ['com.sun.tools.ws.WsImport', '-extension', '-Xnocompile', '-quiet', '-s', folder, '-p', name],
  },
  axis: {
    jars: ['axis', 'axis-jaxrpc', 'axis-saaj', 'commons-logging', 'commons-discovery', 'wsdl4j', 'javax.activation', 'javax.mail'],
    source: 'AxisClient',
    stubs: (folder, name) => ['org.apache.axis.wsdl.WSDL2Java', '-W', '-o', folder, '-p', name],
  },
};

async function javaWorks({ jars, source, stubs }, query) {
  const folder = mkdtempSync(join(scratch, 'java-'));
  const [made, classes, store] = ['made', 'classes', 'trust.p12'].map((name) => join(folder, name));
  mkdirSync(made);
  const path = jars.map((name) => join(JARS, `${name}.jar`)).join(delimiter);
  const trust = [`-Djavax.net.ssl.trustStore=${store}`, `-Djavax.net.ssl.trustStorePassword=${PASSWORD}`];
  await step('keytool', ['-importcert', '-noprompt', '-alias', 'koppel', '-file', certificate, '-keystore', store, '-storetype', 'PKCS12', '-storepass', PASSWORD]);
  for (const [name, place] of [['koppel.generic', ''], ['koppel.auto', '/auto']])
    await step('java', [...trust, '-cp', path, ...stubs(made, name), `${started.address}${place}?${query}`]);
  const sources = readdirSync(made, { recursive: true }).filter((name) => name.endsWith('.java')).map((name) => join(made, name));
  await step('javac', ['-nowarn', '-proc:none', '-cp', path, '-d', classes, ...sources, ...['Given', source].map((name) => join(clients, `${name}.java`))]);
  await works('java', [...trust, '-cp', `${classes}${delimiter}${path}`, source, started.key, ...asWords()]);
}

const missingJava = ({ jars }) => {
  if (!['java', 'javac', 'keytool'].every((name) => present(name, name === 'keytool' ? '-help' : '-version'))) return 'no JDK is installed';
  const lacking = jars.filter((name) => !existsSync(join(JARS, `${name}.jar`)));
  return lacking.length > 0 && `not installed: ${lacking.map((name) => `${name}.jar`).join(', ')}`;
};

for (const [version, query] of versions)
  test(`JAX-WS RI's stubs, SOAP ${version}`, { skip: missingJava(java.jaxws) }, () => javaWorks(java.jaxws, query));
test("Axis 1's stubs, SOAP 1.1 over HTTP/1.0", { skip: missingJava(java.axis) }, () => javaWorks(java.axis, 'wsdl'));
