// Certificates of partners' systems, the port where they are asked for, and what partners require
// their systems to prove.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { exampleAnswers, install, query as queryOf, request, run, serve } from './support.mjs';

let installation;
let server;
let partner;
let answers;
before(async () => {
  installation = install();
  server = await serve(installation, '--certificate-listen', '127.0.0.1:0',
    '--certificate-url', 'https://certificates.example:9443/');
  [partner] = installation.demo.partners;
  answers = await exampleAnswers(server, partner.secret_key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const query = (sql) => queryOf(installation, sql);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const command = (...options) => run(...options, '--data', installation.folder);
const estimate = (key, language = 'en') => request(server, 'POST', '/api/v1/estimates',
  { key, headers: { 'Accept-Language': language }, body: { product: 'auto', answers } });

// A self-signed certificate: { certificate, key } with the paths of its files.
let made = 0;
function selfSigned(name = 'kantoor', kind = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']) {
  made += 1;
  const key = join(installation.folder, `client-${made}.key`);
  const certificate = join(installation.folder, `client-${made}.pem`);
  const result = spawnSync('openssl', ['req', '-x509', '-newkey', ...kind, '-nodes',
    '-keyout', key, '-out', certificate, '-subj', `/CN=${name}`, '-days', '30'], { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
  return { certificate, key };
}

function register(files, { owner = partner, mode = 'live' } = {}) {
  const added = command('certificate', 'add', '--partner', owner.id, '--mode', mode, '--name', 'Kantoorserver', files.certificate);
  assert.equal(added.status, 0, added.stderr);
  return added.stdout.trim();
}
const revoke = (id) => assert.equal(command('certificate', 'revoke', id).status, 0);

// What a client needs to connect with a certificate.
const identity = (files) => ({ cert: readFileSync(files.certificate), key: readFileSync(files.key) });
const certified = (files, more = {}) =>
  ({ port: server.certificatePort, ...(files ? identity(files) : {}), ...more });
const call = (method, path, files, { connection, ...more } = {}) =>
  request(server, method, path, { ...more, tls: certified(files, connection) });
const products = (files, more) => call('GET', '/api/v1/products', files, more);
const soapMessage = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
  + '<ListProducts xmlns="urn:koppel:quote:v1"/></s:Body></s:Envelope>';
const soap = (files, more = {}) => call('POST', '/soap/v1/quote', files,
  { headers: { 'Content-Type': 'text/xml' }, body: soapMessage, ...more });

test('a certificate is registered, listed and revoked; what cannot be one is refused', () => {
  const files = selfSigned();
  const add = (...options) => command('certificate', 'add', '--partner', partner.id, '--mode', 'live', '--name', 'Kantoorserver', ...options);
  const added = add(files.certificate);
  assert.equal(added.status, 0, added.stderr);
  const [id] = /^crt_[0-9a-z]{26}/.exec(added.stdout);
  const fingerprint = spawnSync('openssl', ['x509', '-in', files.certificate, '-noout', '-fingerprint', '-sha256'], { encoding: 'utf8' })
    .stdout.split('=')[1].trim().replaceAll(':', '').toLowerCase();
  assert.ok(added.stderr.includes(fingerprint), added.stderr);
  const listed = command('certificate', 'list', '--partner', partner.id).stdout;
  assert.match(listed, new RegExp(`${id} +${partner.id} +live +active +until .*600/min\\n +Kantoorserver: CN=kantoor\\n +SHA-256 ${fingerprint}`));
  assert.equal(command('certificate', 'list', '--partner', installation.demo.partners[1].id).stdout, '');

  const again = add(files.certificate);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /registered already/);
  const both = join(installation.folder, 'both.pem');
  writeFileSync(both, readFileSync(files.certificate, 'utf8') + readFileSync(files.key, 'utf8'));
  assert.match(add(both).stderr, /private key/);
  writeFileSync(both, 'x');
  for (const wrong of [both, join(installation.folder, 'absent.pem'), installation.folder]) {
    const answer = add(wrong);
    assert.equal(answer.status, 1, answer.stderr);
    assert.equal(answer.stderr.trim().split('\n').length, 1);
  }
  assert.equal(command('certificate', 'revoke', id).status, 0);
  assert.match(command('certificate', 'list').stdout, new RegExp(`${id} .* revoked`));
  assert.equal(command('certificate', 'revoke', 'crt_x').status, 1);
  for (const misuse of [['add'], ['add', 'x'], ['list', 'x'], ['revoke'], [], ['add', '--mode', 'x', '--partner', 'y', 'z'],
    ['add', '--mode', 'live', '--partner', 'y', 'z']]) {
    assert.equal(command('certificate', ...misuse).status, 2, misuse.join(' '));
  }
});

test('what a partner requires is refused without it, in both languages, and only to its systems', async () => {
  const requires = (...options) => command('partner', 'require', '--partner', partner.id, ...options);
  assert.equal(requires('--json', 'certificate,token').status, 0);
  assert.match(command('partner', 'list').stdout, new RegExp(`${partner.id} .*\\n +requires over json: certificate\\n +requires over json: token`));
  await pause(1000);
  const refused = await estimate(partner.secret_key);
  assert.equal(refused.status, 403, refused.text);
  assert.equal(refused.json.code, 'stronger_proof_required');
  assert.equal(refused.json.reason, 'token,certificate');
  assert.match(refused.json.detail, /access token.*; a registered client certificate.*\.$/);
  assert.match((await estimate(partner.secret_key, 'nl')).json.detail, /eist.*toegangstoken.*; een geregistreerd clientcertificaat/);
  const website = await request(server, 'POST', '/api/v1/estimates',
    { key: partner.publishable_key, headers: { Origin: partner.origin }, body: { product: 'auto', answers } });
  assert.equal(website.status, 200, 'a website has no secrets to prove');
  assert.equal((await estimate(installation.demo.partners[1].secret_key)).status, 200);

  assert.equal(requires('--json', 'none', '--soap', 'signature').status, 0);
  await pause(1000);
  assert.equal((await estimate(partner.secret_key)).status, 200);
  const ask = () => request(server, 'POST', '/soap/v1/quote',
    { key: partner.secret_key, headers: { 'Content-Type': 'text/xml', 'Accept-Language': 'en' }, body: soapMessage });
  const fault = await ask();
  assert.equal(fault.status, 500);
  assert.match(fault.text, /<code>stronger_proof_required<\/code>.*<reason>signature<\/reason>/);
  assert.equal(requires('--soap', 'none').status, 0);
  await pause(1000);
  assert.equal((await ask()).status, 200);

  for (const wrong of [['--json', 'signature'], ['--json', 'x'], ['--json', ''], ['--json', 'key,'], []])
    assert.equal(requires(...wrong).status, 2, wrong.join(' '));
  assert.equal(command('partner', 'require', '--json', 'key').status, 2);
  assert.equal(command('partner', 'require', '--partner', 'ptr_x', '--json', 'key').status, 1);
});

test('rule 25: at the handshake, on a port of its own, a certificate alone calls as its partner, over JSON and SOAP, in TLS 1.2 and 1.3', async () => {
  const files = selfSigned();
  const id = register(files);
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const connection = { minVersion: version, maxVersion: version };
    assert.equal((await products(files, { connection })).status, 200);
    const answered = await soap(files, { connection });
    assert.equal(answered.status, 200, answered.text);
    assert.match(answered.text, /ListProductsResponse/);
  }
  const quoted = await call('POST', '/api/v1/quotes', files, { body: { product: 'auto', answers } });
  assert.equal(quoted.status, 201, quoted.text);
  assert.equal(quoted.json.test, false);
  assert.match(quoted.headers['ratelimit-policy'], /q=600/);
  const path = `/api/v1/quotes/${quoted.json.id}`;
  assert.equal((await request(server, 'GET', path, { key: partner.secret_key })).status, 200, 'the same partner');
  assert.equal((await request(server, 'GET', path, { key: installation.demo.partners[1].secret_key })).status, 404);
  const own = query(`select key_id from partner_certificate where id = '${id}'`);
  assert.match(command('key', 'list', '--partner', partner.id).stdout, new RegExp(`${own} +certificate +live +active`));
  assert.equal(query(`select key_id, certificate_id from audit_log where subject_id = '${quoted.json.id}'`), `${own}|${id}`);
  assert.match(server.log(), new RegExp(`path=/api/v1/quotes .*partner=${partner.id} key=${own}`));
  const both = await call('POST', '/api/v1/quotes', files, { key: partner.secret_key, body: { product: 'auto', answers } });
  assert.equal(both.status, 201, both.text);
  assert.match(query(`select key_id, certificate_id from audit_log where subject_id = '${both.json.id}'`),
    new RegExp(`^(?!${own})key_[0-9a-z]{26}\\|${id}$`));
  revoke(id);
});

test('what a certificate does not go with is 401, and 500 over SOAP', async () => {
  const files = selfSigned();
  const id = register(files);
  const unknown = selfSigned('onbekend');
  const other = installation.demo.partners[1];
  const keys = [undefined, partner.secret_key];
  assert.equal((await products(files, { key: partner.secret_key })).status, 200);
  assert.equal((await products(null, { key: partner.secret_key })).status, 200, 'asked for, not demanded');
  assert.equal((await products(null)).status, 401);
  assert.equal((await call('GET', '/healthz', null)).status, 200);
  const wrong = [[unknown, undefined], [unknown, partner.secret_key], [files, other.secret_key],
    [files, `${partner.secret_key}x`], [files, installation.demo.organisation.key], [files, partner.publishable_key]];
  const seen = new Set();
  for (const [client, key] of wrong) {
    const answer = await products(client, { key, headers: { 'Accept-Language': 'nl' } });
    assert.equal(answer.status, 401, answer.text);
    seen.add(JSON.stringify({ ...answer.json, request_id: '' }));
    const headers = { 'Content-Type': 'text/xml', ...(key ? { Authorization: `Bearer ${key}` } : {}) };
    const fault = await soap(client, { headers });
    assert.equal(fault.status, 500, fault.text);
    assert.match(fault.text, /<code>unauthorized<\/code>/);
  }
  assert.equal(seen.size, 1, 'all alike');
  assert.match([...seen][0], /clientcertificaat/);
  for (const key of keys) {
    const elsewhere = await request(server, 'GET', '/api/v1/products', { key, tls: identity(files) });
    assert.equal(elsewhere.status, key ? 200 : 401, 'the first port asks for none');
  }
  revoke(id);
});

test('certificates of every kind of key that is registered work in both versions', async () => {
  for (const kind of [['rsa:2048'], ['ed25519'], ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']]) {
    const files = selfSigned('soort', kind);
    register(files);
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const answer = await products(files, { connection: { minVersion: version, maxVersion: version } });
      assert.equal(answer.status, 200, `${kind} ${version}`);
    }
  }
  const weak = selfSigned('zwak', ['rsa:1024']);
  const refused = command('certificate', 'add', '--partner', partner.id, '--mode', 'live', '--name', 'x', weak.certificate);
  assert.match(refused.stderr, /RSA of 2048/);
});

test('a test certificate makes test quotes, and vouches for no live key', async () => {
  const files = selfSigned();
  const id = register(files, { mode: 'test' });
  const quoted = await call('POST', '/api/v1/quotes', files, { body: { product: 'auto', answers } });
  assert.equal(quoted.json.test, true, quoted.text);
  assert.equal((await products(files, { key: partner.secret_key })).status, 401);
  revoke(id);
});

test('revoked or expired, it stops within a second, also on a connection that is open', async () => {
  const files = selfSigned();
  const id = register(files);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  assert.equal((await products(files, { agent })).status, 200);
  revoke(id);
  await pause(1000);
  assert.equal((await products(files, { agent })).status, 401);
  agent.destroy();

  // openssl ca takes an end to the second.
  const short = selfSigned('kort');
  const authority = join(installation.folder, 'authority');
  mkdirSync(authority);
  writeFileSync(join(authority, 'index.txt'), '');
  writeFileSync(join(authority, 'serial'), '01\n');
  writeFileSync(join(authority, 'ca.conf'), `[ca]\ndefault_ca=a\n[a]\ndatabase=${authority}/index.txt\n`
    + `serial=${authority}/serial\nnew_certs_dir=${authority}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`);
  const request_ = spawnSync('openssl', ['req', '-new', '-key', short.key, '-subj', '/CN=kort', '-out', `${authority}/kort.csr`]);
  assert.equal(request_.status, 0);
  const stamp = (date) => date.toISOString().replace(/[-:T]|\.\d+/g, '');
  const ends = Date.now() + 4000;
  const signed = spawnSync('openssl', ['ca', '-batch', '-config', `${authority}/ca.conf`, '-selfsign', '-keyfile', short.key,
    '-in', `${authority}/kort.csr`, '-out', short.certificate, '-notext', '-startdate', stamp(new Date(Date.now() - 60_000)),
    '-enddate', stamp(new Date(ends))], { encoding: 'utf8' });
  assert.equal(signed.status, 0, signed.stderr);
  register(short);
  assert.equal((await products(short)).status, 200);
  await pause(ends - Date.now() + 200);
  assert.equal((await products(short)).status, 401);
});

// One request on a connection of its own: { status, reused, session }.
function once(port, options) {
  return new Promise((done, fail) => {
    let session;
    let text = '';
    let reused;
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => {
      reused = socket.isSessionReused();
      socket.write('GET /api/v1/products HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    });
    socket.on('session', (made_) => { session = made_; });
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('error', fail);
    socket.on('close', () => done({ status: Number(text.slice(9, 12)), reused, session }));
  });
}

test('a resumed session has the certificate it was made with, and no other', async () => {
  const first = selfSigned('eerste');
  const second = selfSigned('tweede');
  const id = register(first);
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const options = { minVersion: version, maxVersion: version };
    const made_ = await once(server.certificatePort, { ...options, ...identity(first) });
    assert.equal(made_.status, 200);
    const resumed = await once(server.certificatePort, { ...options, session: made_.session });
    assert.deepEqual([resumed.status, resumed.reused], [200, true], version);
    const swapped = await once(server.certificatePort, { ...options, ...identity(second), session: made_.session });
    assert.deepEqual([swapped.status, swapped.reused], [200, true], 'who holds the session is who made it');
    const stranger = await once(server.certificatePort, { ...options, ...identity(second) });
    assert.equal(stranger.status, 401);
    const promoted = await once(server.certificatePort, { ...options, ...identity(first), session: stranger.session });
    assert.equal(promoted.status, 401, 'a session does not gain a certificate');

    // Sessions do not cross between the ports.
    const crossed = await once(server.port, { ...options, session: made_.session });
    assert.deepEqual([crossed.status, crossed.reused], [401, false], version);
    const plain = await once(server.port, { ...options, ...identity(first) });
    const entered = await once(server.certificatePort, { ...options, ...identity(first), session: plain.session });
    assert.deepEqual([entered.status, entered.reused], [200, false], version);
  }
  const kept = await once(server.certificatePort, identity(first));
  revoke(id);
  await pause(1000);
  assert.equal((await once(server.certificatePort, { session: kept.session })).status, 401);
});

test('revoking the key that a certificate has revokes the certificate', async () => {
  const files = selfSigned();
  const id = register(files);
  assert.equal((await products(files)).status, 200);
  assert.equal(command('key', 'revoke', query(`select key_id from partner_certificate where id = '${id}'`)).status, 0);
  assert.match(command('certificate', 'list').stdout, new RegExp(`${id} .* revoked`));
  await pause(1000);
  assert.equal((await products(files)).status, 401);
});

test('a connection is not negotiated anew', async () => {
  const files = selfSigned();
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${server.certificatePort}`, '-tls1_2',
    '-cert', files.certificate, '-key', files.key]);
  let said = '';
  const told = new Promise((done) => {
    client.stdout.on('data', (chunk) => { said += chunk; if (/Verify return code/.test(said)) client.stdin.write('R\n'); });
    client.stderr.on('data', (chunk) => { said += chunk; });
    client.on('exit', done);
  });
  const timer = setTimeout(() => client.kill(), 10_000);
  await told;
  clearTimeout(timer);
  assert.match(said, /no renegotiation/);
});

test('a chain that is too long ends the handshake', async () => {
  const files = selfSigned();
  const certificate = readFileSync(files.certificate, 'utf8');
  const long = { cert: certificate.repeat(100), key: readFileSync(files.key) };
  await assert.rejects(once(server.certificatePort, long));
  assert.equal((await call('GET', '/healthz', files)).status, 200);
});

test('a key that is costly to verify with ends the handshake, whatever it is called', async () => {
  for (const algorithm of ['RSA', 'RSA-PSS']) {
    const key = join(installation.folder, `${algorithm}.key`);
    const certificate = join(installation.folder, `${algorithm}.pem`);
    // Of five primes, so that it is made in seconds.
    for (const options of [
      ['genpkey', '-algorithm', algorithm, '-pkeyopt', 'rsa_keygen_bits:8200', '-pkeyopt', 'rsa_keygen_primes:5', '-out', key],
      ['req', '-x509', '-new', '-key', key, '-subj', '/CN=groot', '-days', '3', '-out', certificate]]) {
      const result = spawnSync('openssl', options, { encoding: 'utf8' });
      assert.equal(result.status, 0, result.stderr);
    }
    await assert.rejects(products({ certificate, key }), /alert|ECONNRESET|EPROTO/, algorithm);
  }
});

test('two hundred handshakes that never end hold nobody up', async () => {
  const sockets = [];
  for (let number = 0; number < 200; number += 1) {
    const socket = net.connect({ host: '127.0.0.1', port: server.certificatePort, localAddress: `127.2.0.${1 + number}` });
    socket.on('connect', () => socket.write(Buffer.from([22, 3, 1, 2, 0, 1])));
    socket.on('error', () => {});
    sockets.push(socket);
  }
  await pause(300);
  const files = selfSigned();
  const id = register(files);
  for (let turn = 0; turn < 10; turn += 1) {
    const began = performance.now();
    assert.equal((await products(files, { agent: false })).status, 200);
    assert.equal((await estimate(partner.secret_key)).status, 200);
    assert.ok(performance.now() - began < 5000);
  }
  for (const socket of sockets) socket.destroy();
  revoke(id);
});

test('with few workers, slow handshakes on the second port make room as on the first', async () => {
  const small = await serve(installation, '--certificate-listen', '127.0.0.1:0', '--threads', '32');
  const sockets = [];
  for (let number = 0; number < 64; number += 1) {
    const socket = net.connect({ host: '127.0.0.1', port: small.certificatePort });
    socket.on('connect', () => socket.write(Buffer.from([22, 3, 1, 2, 0, 1])));
    socket.on('error', () => {});
    sockets.push(socket);
  }
  await pause(300);
  const answer = await request(small, 'GET', '/api/v1/products', { key: partner.secret_key, agent: false });
  assert.equal(answer.status, 200, answer.text);
  for (const socket of sockets) socket.destroy();
  assert.equal((await small.stop()).code, 0);
});

test('a required certificate is asked of a key, and given at its port', async () => {
  const files = selfSigned();
  const id = register(files);
  const requires = (...options) => assert.equal(command('partner', 'require', '--partner', partner.id, ...options).status, 0);
  requires('--json', 'certificate,key', '--soap', 'certificate');
  await pause(1000);
  assert.equal((await estimate(partner.secret_key)).json.reason, 'certificate');
  assert.equal((await products(files)).json.reason, 'key');
  assert.equal((await products(files, { key: partner.secret_key })).status, 200);
  assert.equal((await soap(files)).status, 200);
  requires('--json', 'none', '--soap', 'none');
  revoke(id);
});

test('the description read at the second port names its own address', async () => {
  const there = await call('GET', '/soap/v1/quote?wsdl', null);
  assert.match(there.text, /location="https:\/\/certificates\.example:9443\/soap\/v1\/quote"/);
  const here = await request(server, 'GET', '/soap/v1/quote?wsdl');
  assert.ok(!here.text.includes('certificates.example'));
  for (const wrong of [['--certificate-url', 'https://x'], ['--certificate-listen', 'nowhere']])
    assert.equal(run('serve', '--data', installation.folder, ...wrong).status, 2, wrong.join(' '));
});
