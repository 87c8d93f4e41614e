// Certificates of partners' systems, and what partners require their systems to prove.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let partner;
let answers;
before(async () => {
  installation = install();
  server = await serve(installation);
  [partner] = installation.demo.partners;
  answers = await exampleAnswers(server, partner.secret_key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const command = (...options) => run(...options, '--data', installation.folder);
const estimate = (key, language = 'en') => request(server, 'POST', '/api/v1/estimates',
  { key, headers: { 'Accept-Language': language }, body: { product: 'auto', answers } });

// A self-signed certificate: { certificate, key } with the paths of its files.
let made = 0;
function selfSigned(name = 'kantoor', days = '30') {
  made += 1;
  const key = join(installation.folder, `client-${made}.key`);
  const certificate = join(installation.folder, `client-${made}.pem`);
  const result = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-nodes', '-keyout', key, '-out', certificate, '-subj', `/CN=${name}`, '-days', days], { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
  return { certificate, key };
}

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
  const message = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    + '<ListProducts xmlns="urn:koppel:quote:v1"/></s:Body></s:Envelope>';
  const ask = () => request(server, 'POST', '/soap/v1/quote',
    { key: partner.secret_key, headers: { 'Content-Type': 'text/xml', 'Accept-Language': 'en' }, body: message });
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
