// WS-Security: user names with passwords and digests, signatures, signed answers, by the clients in
// use and by messages made to deceive.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { request, run, serve } from '../api/support.mjs';
import { SERVICE, SOAP11, SOAP12, TYPE11, TYPE12, call, envelope, faultOf, start, textOf } from './support.mjs';
import {
  C14N, DS, LIST, RSA_SHA256, WSSE, WSU, binaryToken, body, byIssuer, byKeyIdentifier, byThumbprint, byToken, digestToken, header, instant,
  makePair, reference, security, signature, signedMessage, timestamp, usernameToken,
} from './signing.mjs';

const clients = resolve('tests/soap/clients');
const NODE_SOAP = 'soap@1.1.6';
let started;
let scratch;
let partner;
let other;
let user; // of a key whose digests are taken: { id, key }
let pair; // a registered certificate
let serverCertificate;

const must = (...args) => {
  const result = run(...args);
  assert.equal(result.status, 0, result.stderr);
  return result;
};
const data = () => ['--data', started.installation.folder];

function makeUser(kind = 'soap', of = partner, ...more) {
  const made = must('key', 'create', ...data(), '--partner', of.id, '--kind', kind, '--mode', 'live', '--rate-limit', '0', ...more);
  return { key: made.stdout.trim(), id: /key_[0-9a-z]{26}/.exec(made.stderr)[0] };
}

function register(made, of = partner, mode = 'live') {
  const added = must('certificate', 'add', ...data(), '--partner', of.id, '--mode', mode, '--name', 'Boekhouding', '--rate-limit', '0', made.certificate);
  return /crt_[0-9a-z]{26}/.exec(added.stdout + added.stderr)[0];
}

before(async () => {
  started = await start();
  scratch = mkdtempSync(join(tmpdir(), 'koppel-security-'));
  [partner, other] = started.installation.demo.partners;
  user = makeUser();
  pair = makePair(scratch, 'own');
  register(pair);
  serverCertificate = join(started.installation.folder, 'signing_certificate.pem');
});
after(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await started?.stop();
});

function send(text, { type = TYPE11, key, path = SERVICE, language = 'en' } = {}) {
  return request(started.server, 'POST', path, { key, body: text, headers: { 'Content-Type': type, 'Accept-Language': language } });
}
const withToken = (token, content = call('ListProducts')) => send(envelope(content, { header: header(security(token)) }));

function taken(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /ListProductsResponse/);
}

// Refused with a code of WS-Security's own and one of the service's.
function refused(answer, name, code) {
  assert.equal(answer.status, 500, answer.text);
  const namespace = name === 'MessageExpired' ? WSU : WSSE;
  assert.match(answer.text, new RegExp(`<faultcode xmlns:w="${namespace}">w:${name}</faultcode>`), answer.text);
  assert.equal(faultOf(answer)?.code, code, answer.text);
  assert.ok(!answer.text.includes('ListProductsResponse'));
}
const unrecognised = (answer) => refused(answer, 'FailedAuthentication', 'unauthorized');

// ---- user names ------------------------------------------------------------------------------

test('rule 22: a user name with its password in plain, with or without type, nonce and moment', async () => {
  taken(await withToken(usernameToken(user.id, user.key)));
  taken(await withToken(usernameToken(user.id, user.key, { type: null })));
  taken(await withToken(usernameToken(` ${user.id}\n`, user.key, { nonce: 'AAAA', created: '2020-01-01T00:00:00Z' })));
  const secret = makeUser('secret');
  taken(await withToken(usernameToken(secret.id, secret.key)));
});

test('rule 21: a digest over nonce, moment and password, the moment in every form', async () => {
  const now = instant();
  const local = new Date(Date.now() + 3_600_000).toISOString().replace('Z', '+01:00');
  for (const created of [now, now.replace(/\.\d+Z/, 'Z'), now.replace('Z', '+00:00'), now.replace(/\.\d+Z/, '+00:00'), local, now.replace(/\.\d+Z/, ''), `${now}\n`])
    taken(await withToken(digestToken(user.id, user.key, { created })));
  for (const size of [1, 8, 20, 64, 256]) taken(await withToken(digestToken(user.id, user.key, { nonce: randomBytes(size) })));
  const encoding = ' EncodingType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"';
  taken(await withToken(digestToken(user.id, user.key, { encoding })));
});

test('rule 21: a nonce seen before is refused, with the same moment or another', async () => {
  const nonce = randomBytes(16);
  const created = instant();
  taken(await withToken(digestToken(user.id, user.key, { nonce, created })));
  unrecognised(await withToken(digestToken(user.id, user.key, { nonce, created })));
  unrecognised(await withToken(digestToken(user.id, user.key, { nonce, created: instant(-1) })));
  const second = makeUser();
  taken(await withToken(digestToken(second.id, second.key, { nonce, created })));
  const together = randomBytes(16);
  const answers = await Promise.all(Array.from({ length: 8 }, () => withToken(digestToken(user.id, user.key, { nonce: together, created }))));
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
});

test('a digest that was refused leaves its nonce free', async () => {
  const nonce = randomBytes(16);
  unrecognised(await withToken(digestToken(user.id, 'sk_live_wrong', { nonce })));
  taken(await withToken(digestToken(user.id, user.key, { nonce })));
});

test('wrong, unknown, stale, ahead, revoked, without a digest: all the same fault', async () => {
  const revoked = makeUser();
  must('key', 'revoke', ...data(), revoked.id);
  const expired = makeUser('soap', partner, '--expires', new Date(Date.now() + 1500).toISOString());
  const secret = makeUser('secret');
  await new Promise((done) => setTimeout(done, 1600));
  const tokens = {
    'wrong password': usernameToken(user.id, `${user.key.slice(0, -1)}!`),
    "another's password": usernameToken(user.id, secret.key),
    'unknown user': usernameToken('key_00000000000000000000000000', user.key),
    'a user that is no id': usernameToken('henk', 'geheim'),
    'publishable key': usernameToken(user.id, partner.publishable_key),
    'wrong digest': digestToken(user.id, `${user.key}x`),
    'digest of an unknown user': digestToken('key_00000000000000000000000000', user.key),
    'digest of a key that is not kept': digestToken(secret.id, secret.key),
    'revoked': digestToken(revoked.id, revoked.key),
    'expired': digestToken(expired.id, expired.key),
    'stale': digestToken(user.id, user.key, { created: instant(-301) }),
    'ahead': digestToken(user.id, user.key, { created: instant(90) }),
    'no nonce': digestToken(user.id, user.key).replace(/<wsse:Nonce.*Nonce>/, ''),
    'no moment': digestToken(user.id, user.key).replace(/<wsu:Created.*Created>/, ''),
    'moment is none': digestToken(user.id, user.key, { created: 'yesterday' }),
    'nonce too long': digestToken(user.id, user.key, { nonce: randomBytes(257) }),
    'nonce is no base 64': digestToken(user.id, user.key).replace(/<wsse:Nonce>[^<]*/, '<wsse:Nonce>!!!!'),
    'digest too short': digestToken(user.id, user.key).replace(/(Password Type[^>]*>)[^<]*/, '$1AAAA'),
    'no password': usernameToken(user.id, ''),
    'no user': usernameToken('', user.key),
    'long user': usernameToken('k'.repeat(5000), user.key),
    'long password': usernameToken(user.id, 'k'.repeat(60_000)),
  };
  const texts = new Set();
  for (const [what, token] of Object.entries(tokens)) {
    const answer = await withToken(token);
    assert.equal(answer.status, 500, what);
    unrecognised(answer);
    texts.add(answer.text.replace(/<request_id>.*?<\/request_id>/, ''));
  }
  assert.equal(texts.size, 1, [...texts].join('\n'));
});

test('in SOAP 1.2 the name is a subcode', async () => {
  const text = envelope(call('ListProducts'), { version: SOAP12, header: header(security(usernameToken(user.id, 'wrong'), SOAP12)) });
  const answer = await send(text, { type: TYPE12, language: 'nl' });
  assert.equal(answer.status, 500);
  assert.match(answer.text, new RegExp(`<soap:Value>soap:Sender</soap:Value><soap:Subcode><soap:Value xmlns:w="${WSSE}">w:FailedAuthentication</soap:Value>`));
  assert.match(answer.text, /U bent niet herkend/);
  taken(await send(text.replace('>wrong<', `>${user.key}<`), { type: TYPE12 }));
});

test('headers that are doubled, empty, of another kind, or for somebody else', async () => {
  const token = usernameToken(user.id, user.key);
  refused(await withToken(token + token), 'InvalidSecurity', 'security_invalid');
  refused(await send(envelope(call('ListProducts'), { header: header(security(token), security(token)) })), 'InvalidSecurity', 'security_invalid');
  refused(await withToken(token.replace('<wsse:Username>', '<wsse:Username>x</wsse:Username><wsse:Username>')), 'InvalidSecurity', 'security_invalid');
  refused(await withToken(timestamp() + timestamp({ id: 'second' }) + token), 'InvalidSecurity', 'security_invalid');
  refused(await withToken('<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'), 'UnsupportedSecurityToken', 'security_unsupported');
  refused(await withToken(usernameToken(user.id, user.key, { type: 'PasswordOther' })), 'UnsupportedSecurityToken', 'security_unsupported');
  taken(await send(envelope(call('ListProducts'), { header: header(security('')) }), { key: started.key }));
  const elsewhere = security('<x/>').replace('s:mustUnderstand', 's:actor="http://elsewhere.example/" s:mustUnderstand');
  taken(await send(envelope(call('ListProducts'), { header: header(elsewhere, security(token)) })));
  const unknown = envelope(call('ListProducts'), { header: header(security(token), '<x:Other xmlns:x="urn:x" s:mustUnderstand="1"/>') });
  assert.match((await send(unknown)).text, /<faultcode>soap:MustUnderstand</);
  const old = security(token).replaceAll(WSSE, 'http://schemas.xmlsoap.org/ws/2002/07/secext');
  assert.match((await send(envelope(call('ListProducts'), { header: header(old) }))).text, /<faultcode>soap:MustUnderstand</);
});

test('a Timestamp that comes with a user name must be of now', async () => {
  const token = usernameToken(user.id, user.key);
  taken(await withToken(timestamp() + token));
  taken(await withToken(timestamp({ expires: null }) + token));
  refused(await withToken(timestamp({ created: instant(-310), expires: instant(100) }) + token), 'MessageExpired', 'message_expired');
  refused(await withToken(timestamp({ created: instant(-200), expires: instant(-100) }) + token), 'MessageExpired', 'message_expired');
  refused(await withToken(timestamp({ created: instant(100) }) + token), 'MessageExpired', 'message_expired');
});

test('a key in HTTP and a user name in the header are of one partner, or refused', async () => {
  const text = envelope(call('ListProducts'), { header: header(security(usernameToken(user.id, user.key))) });
  taken(await send(text, { key: partner.secret_key }));
  for (const key of [other.secret_key, partner.publishable_key, 'sk_live_nonsense']) {
    const answer = await send(text, { key });
    assert.equal(answer.status, 500);
    assert.equal(faultOf(answer)?.code, 'unauthorized', answer.text);
  }
});

test('the list of keys tells those for digests, and another encryption key leaves them in use', async () => {
  assert.match(must('key', 'list', ...data(), '--partner', partner.id).stdout, new RegExp(`${user.id}  soap `));
  const rotated = must('encryption-key', 'rotate', ...data());
  assert.doesNotMatch(rotated.stdout, /; 0 older/);
  taken(await withToken(digestToken(user.id, user.key)));
});

// ---- signatures ------------------------------------------------------------------------------

const ECDSA = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';

// Verifies with the xmlsec command, which is not the code that signed.
function verifySigned(text) {
  const file = join(scratch, 'answer.xml');
  writeFileSync(file, text);
  const result = spawnSync('xmlsec1', ['--verify', '--pubkey-cert-pem', serverCertificate, '--id-attr:Id', `${WSU}:Timestamp`,
    '--id-attr:Id', `${SOAP11}:Body`, '--id-attr:Id', `${SOAP12}:Body`, file], { encoding: 'utf8' });
  assert.equal(result.status, 0, result.stderr);
}

function signedAnswer(answer) {
  assert.match(answer.text, /<ds:Signature /);
  assert.match(answer.text, /URI="#answer-timestamp"/);
  assert.match(answer.text, /URI="#answer"/);
  verifySigned(answer.text);
}

test('a signed message is taken in both versions, and its answer signed', async () => {
  const first = await send(signedMessage(pair));
  taken(first);
  signedAnswer(first);
  const second = await send(signedMessage(pair, { version: SOAP12 }), { type: TYPE12 });
  taken(second);
  signedAnswer(second);
  const wide = Buffer.from(`\uFEFF<?xml version="1.0" encoding="utf-16"?>${signedMessage(pair)}`, 'utf16le');
  taken(await send(wide, { type: 'text/xml; charset=utf-16' }));
});

test('a fault behind a good signature is signed as well; one before it is not', async () => {
  const content = '<GetProduct xmlns="urn:koppel:quote:v1"><product>nothing</product></GetProduct>';
  const answer = await send(signedMessage(pair, { content }));
  assert.equal(faultOf(answer).code, 'unknown_product');
  signedAnswer(answer);
  const unknown = await send(signedMessage(pair, { content: '<Nothing xmlns="urn:koppel:quote:v1"></Nothing>' }));
  assert.equal(faultOf(unknown).code, 'unknown_operation');
  signedAnswer(unknown);
  assert.doesNotMatch((await send(signedMessage(pair, { options: { value: 'AAAA' } }))).text, /Signature /);
});

test('another signing key holds from the signal on; without one answers are not signed', async () => {
  const bare = await start();
  let again;
  try {
    const { folder, demo } = bare.installation;
    must('certificate', 'add', '--data', folder, '--partner', demo.partners[0].id, '--mode', 'live', '--name', 'Boekhouding', pair.certificate);
    const ask = () => request(again ?? bare.server, 'POST', SERVICE, { body: signedMessage(pair), headers: { 'Content-Type': TYPE11 } });
    const certificateIn = (answer) => /<wsse:BinarySecurityToken [^>]*>([^<]*)</.exec(answer.text)?.[1];
    const pem = () => readFileSync(join(folder, 'signing_certificate.pem'), 'utf8').replace(/-----.*-----|\s/g, '');
    const old = pem();
    must('signing-key', 'renew', '--data', folder);
    assert.notEqual(pem(), old);
    assert.equal(certificateIn(await ask()), old);
    bare.server.process.kill('SIGHUP');
    for (let at = 0; at < 100 && certificateIn(await ask()) === old; at++) await new Promise((done) => setTimeout(done, 50));
    assert.equal(certificateIn(await ask()), pem());
    await bare.server.stop();
    rmSync(join(folder, 'signing_certificate.pem'));
    again = await serve(bare.installation);
    const unsigned = await ask();
    taken(unsigned);
    assert.ok(!unsigned.text.includes('Signature'));
  } finally {
    await again?.stop();
    await bare.stop();
  }
});

test('the certificate comes along, or is named by thumbprint, key identifier, issuer and serial', async () => {
  const about = (...what) => spawnSync('openssl', ['x509', '-in', pair.certificate, '-noout', ...what], { encoding: 'utf8' }).stdout;
  const identifier = Buffer.from(/Identifier:\s+([0-9A-F:]+)/.exec(about('-ext', 'subjectKeyIdentifier'))[1].replaceAll(':', ''), 'hex');
  const serial = BigInt(`0x${/serial=(\w+)/.exec(about('-serial'))[1]}`).toString();
  const embedded = `<ds:X509Data><ds:X509Certificate>${pair.der.toString('base64')}</ds:X509Certificate></ds:X509Data>`;
  for (const keyInfo of [byThumbprint(pair.der), byKeyIdentifier(identifier), byIssuer('CN=own, O=Kantoor', serial), byIssuer('O=Kantoor,CN=own', serial),
    embedded, `<wsse:SecurityTokenReference>${embedded}</wsse:SecurityTokenReference>`])
    taken(await send(signedMessage(pair, { token: '', keyInfo })));
  unrecognised(await send(signedMessage(pair, { token: '', keyInfo: byIssuer('CN=own', '12345') })));
  unrecognised(await send(signedMessage(pair, { token: '', keyInfo: byThumbprint(Buffer.from('x')) })));
});

test('ECDSA, longer digests, and "enveloped" as some clients write it', async () => {
  const curve = makePair(scratch, 'curve', 'ec -pkeyopt ec_paramgen_curve:P-256');
  register(curve);
  taken(await send(signedMessage(curve, { options: { algorithm: ECDSA, dsaEncoding: 'ieee-p1363' } })));
  refused(await send(signedMessage(curve)), 'FailedCheck', 'signature_invalid');
  const [sent, time] = [body(), timestamp()];
  const references = [reference('body', sent, { method: 'http://www.w3.org/2001/04/xmlenc#sha512', digest: createHash('sha512').update(sent).digest('base64') }),
    reference('time', time, { transforms: `<ds:Transform Algorithm="${DS}enveloped-signature"></ds:Transform><ds:Transform Algorithm="${C14N}"></ds:Transform>` })];
  taken(await send(signedMessage(pair, { body: sent, timestamp: time, references })));
});

test('rule 23: an Id need be no xs:ID; one that is doubled is refused', async () => {
  const time = timestamp({ id: '1-2:x.y' });
  const references = [reference('body', body()), reference('1-2:x.y', time)];
  taken(await send(signedMessage(pair, { timestamp: time, references })));
  for (const copy of [`<x:Copy xmlns:x="urn:x" xmlns:wsu="${WSU}" wsu:Id="body"/>`, '<x:Copy xmlns:x="urn:x" xml:id="body"/>', '<x:Copy xmlns:x="urn:x" ID="body"/>', '<x:Copy xmlns:x="urn:x" id="time"/>'])
    refused(await send(signedMessage(pair).replace('</s:Header>', `${copy}</s:Header>`)), 'InvalidSecurity', 'security_invalid');
});

test('further parts may be signed, in their places', async () => {
  const own = `<x:Own xmlns:wsu="${WSU}" xmlns:x="urn:x" wsu:Id="own"></x:Own>`;
  const [sent, time] = [body(), timestamp()];
  const references = [reference('body', sent), reference('time', time), reference('own', own)];
  const text = signedMessage(pair, { body: sent, timestamp: time, references });
  taken(await send(text.replace('</s:Header>', `${own}</s:Header>`)));
  refused(await send(text.replace('</s:Header>', `<x:In xmlns:x="urn:x">${own}</x:In></s:Header>`)), 'InvalidSecurity', 'security_invalid');
});

test('wrapped bodies: what is signed must be what is called', async () => {
  const evil = body('<GetProduct xmlns="urn:koppel:quote:v1"><product>auto</product></GetProduct>', { id: 'evil' });
  const good = body();
  const time = timestamp();
  const references = [reference('body', good), reference('time', time)];
  const base = { body: good, timestamp: time, references };
  const wrap = (where) => `<x:Wrap xmlns:x="urn:x">${where}</x:Wrap>`;
  const messages = {
    'in the header': signedMessage(pair, { ...base, sent: evil }).replace('</s:Header>', `${good}</s:Header>`),
    'in a wrapper in the header': signedMessage(pair, { ...base, sent: evil }).replace('</s:Header>', `${wrap(good)}</s:Header>`),
    'in the security header': signedMessage(pair, { ...base, sent: evil, more: wrap(good) }),
    'in the signature': signedMessage(pair, { ...base, sent: evil }).replace('</ds:Signature>', `<ds:Object>${good}</ds:Object></ds:Signature>`),
    'in the body that is called': signedMessage(pair, { ...base, sent: evil.replace('</GetProduct>', `${good}</GetProduct>`) }),
    'the same Id twice': signedMessage(pair, { ...base, sent: evil.replace('"evil"', '"body"') }).replace('</s:Header>', `${wrap(good)}</s:Header>`),
    'without an Id': signedMessage(pair, { ...base, sent: evil.replace(' wsu:Id="evil"', '') }).replace('</s:Header>', `${wrap(good)}</s:Header>`),
  };
  for (const [what, text] of Object.entries(messages)) {
    const answer = await send(text);
    assert.equal(answer.status, 500, what);
    assert.ok(['InvalidSecurity', 'UnsupportedSecurityToken'].some((name) => answer.text.includes(`w:${name}<`)), `${what}: ${answer.text}`);
  }
  const two = signedMessage(pair, { ...base, sent: good + evil });
  assert.equal(faultOf(await send(two)).code, 'bad_envelope');
  const wrappedTime = signedMessage(pair, { ...base, security: security(binaryToken(pair.der) + timestamp({ id: 'late' }) + signature(pair.key, references, byToken())) })
    .replace('</s:Header>', `${wrap(time)}</s:Header>`);
  refused(await send(wrappedTime), 'InvalidSecurity', 'security_invalid');
});

test('a signature that leaves out the Body or the Timestamp, or has none', async () => {
  const [sent, time] = [body(), timestamp()];
  for (const references of [[reference('time', time)], [reference('body', sent)], [], [reference('body', sent), reference('body', sent)]])
    refused(await send(signedMessage(pair, { body: sent, timestamp: time, references })), 'InvalidSecurity', 'security_invalid');
  refused(await send(signedMessage(pair, { timestamp: '', references: [reference('body', sent)] })), 'InvalidSecurity', 'security_invalid');
});

test('references that lead elsewhere', async () => {
  const [sent, time] = [body(), timestamp()];
  for (const uri of ['', '#', 'http://127.0.0.1:1/x', 'file:///etc/passwd', 'cid:part', '#xpointer(/)', "#xpointer(id('body'))", `#${'b'.repeat(200)}`, "#body')"]) {
    const references = [reference('body', sent, { uri }), reference('time', time)];
    refused(await send(signedMessage(pair, { body: sent, timestamp: time, references })), 'InvalidSecurity', 'security_invalid');
  }
  const without = [reference('body', sent).replace(' URI="#body"', ''), reference('time', time)];
  refused(await send(signedMessage(pair, { body: sent, timestamp: time, references: without })), 'InvalidSecurity', 'security_invalid');
});

// Libraries of signatures take attributes by their names alone, and the first of them.
test('an attribute beside one of the same name, in another namespace, leads nowhere', async () => {
  const [sent, time] = [body(), timestamp()];
  const beside = (text, name, from, to) => text.replace(` ${name}="${from}"`, ` xmlns:x="urn:x" ${name}="${from}" x:${name}="${to}"`);
  const swapped = (text, name) => text.replaceAll(new RegExp(` (${name}="[^"]*") (x:${name}="[^"]*")`, 'g'), ' $2 $1');
  // The library would digest the Timestamp twice, and the Body not at all.
  const references = [beside(reference('body', time, { uri: '#body' }), 'URI', '#body', '#time'), reference('time', time)];
  const led = signedMessage(pair, { body: sent, timestamp: time, references });
  for (const text of [led, swapped(led, 'URI')]) refused(await send(text), 'InvalidSecurity', 'security_invalid');
  const list = (more) => `<ds:Transform Algorithm="${C14N}"><c:InclusiveNamespaces xmlns:c="${C14N}"${more} PrefixList=""></c:InclusiveNamespaces></ds:Transform>`;
  for (const method of [beside(reference('body', sent), 'Algorithm', C14N, `${C14N}WithComments`),
    reference('body', sent, { transforms: list(` xmlns:x="urn:x" x:PrefixList="${'a '.repeat(5000)}"`) })]) {
    const changed = signedMessage(pair, { body: sent, timestamp: time, references: [method, reference('time', time)] });
    for (const text of [changed, swapped(changed, 'Algorithm')]) refused(await send(text), 'InvalidSecurity', 'security_invalid');
  }
});

test('transforms and algorithms beyond the few', async () => {
  const [sent, time] = [body(), timestamp()];
  const transform = (algorithm, content = '') => `<ds:Transform Algorithm="${algorithm}">${content}</ds:Transform>`;
  const xslt = transform('http://www.w3.org/TR/1999/REC-xslt-19991116', '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"></xsl:stylesheet>');
  for (const transforms of [xslt, transform(C14N) + xslt, transform('http://www.w3.org/TR/1999/REC-xpath-19991116', '<ds:XPath>//*</ds:XPath>'),
    transform('http://www.w3.org/2002/06/xmldsig-filter2'), transform('http://www.w3.org/TR/2001/REC-xml-c14n-20010315'), transform(`${DS}base64`),
    transform(`${DS}enveloped-signature`), transform(C14N) + transform(C14N), transform(C14N).repeat(3), '', transform(`${C14N}WithComments`)]) {
    const references = [reference('body', sent, { transforms }), reference('time', time)];
    refused(await send(signedMessage(pair, { body: sent, timestamp: time, references })), 'UnsupportedAlgorithm', 'security_unsupported');
  }
  const weak = [reference('body', sent, { method: `${DS}sha1`, digest: createHash('sha1').update(sent).digest('base64') }), reference('time', time)];
  refused(await send(signedMessage(pair, { body: sent, timestamp: time, references: weak })), 'UnsupportedAlgorithm', 'security_unsupported');
  for (const options of [{ algorithm: `${DS}rsa-sha1`, hash: 'sha1' }, { algorithm: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', value: 'AAAA' },
    { algorithm: `${DS}hmac-sha1`, value: 'AAAA' }, { algorithm: `${DS}dsa-sha1`, value: 'AAAA' }, { canonical: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }])
    refused(await send(signedMessage(pair, { options })), 'UnsupportedAlgorithm', 'security_unsupported');
});

test('bodies, timestamps and signatures that were changed', async () => {
  const good = signedMessage(pair);
  const content = '<GetProduct xmlns="urn:koppel:quote:v1"><product>nothing</product></GetProduct>';
  refused(await send(good.replace(LIST, content)), 'FailedCheck', 'signature_invalid');
  refused(await send(good.replace(/<wsu:Expires>[^<]*/, `<wsu:Expires>${instant(250)}`)), 'FailedCheck', 'signature_invalid');
  refused(await send(good.replace(RSA_SHA256, RSA_SHA256.replace('256', '512'))), 'FailedCheck', 'signature_invalid');
  refused(await send(signedMessage(pair, { options: { value: '' } })), 'FailedCheck', 'signature_invalid');
  refused(await send(good.replace(/<ds:SignatureValue>.{8}/, '<ds:SignatureValue>AAAAAAAA')), 'FailedCheck', 'signature_invalid');
  const stranger = makePair(scratch, 'key');
  refused(await send(signedMessage({ ...pair, key: stranger.key })), 'FailedCheck', 'signature_invalid');
  taken(await send(good));
});

test('certificates that are unknown, revoked, or no certificates', async () => {
  unrecognised(await send(signedMessage(makePair(scratch, 'unknown'))));
  const gone = makePair(scratch, 'gone');
  const id = register(gone);
  taken(await send(signedMessage(gone)));
  must('certificate', 'revoke', ...data(), id);
  await new Promise((done) => setTimeout(done, 1000));
  unrecognised(await send(signedMessage(gone)));
  unrecognised(await send(signedMessage(pair, { token: binaryToken(Buffer.from('no certificate')) })));
  for (const change of [{ token: binaryToken(Buffer.alloc(40_000)) }, { token: '' }, { keyInfo: '' }, { keyInfo: byToken('none') }, { keyInfo: byToken('body') },
    { token: binaryToken(pair.der).replace('#X509v3', '#X509PKIPathv1') }, { keyInfo: '<ds:KeyName>own</ds:KeyName>' }, { keyInfo: '<ds:RetrievalMethod URI="http://127.0.0.1:1/"/>' },
    { token: '', keyInfo: '<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AAAA</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>' }])
    refused(await send(signedMessage(pair, change)), 'InvalidSecurityToken', 'security_invalid');
});

// TLS takes the keys of such certificates, which the few algorithms of messages know nothing of.
test('a certificate whose kind of key signs no messages is no failure of the service', async () => {
  const edwards = makePair(scratch, 'edwards', 'ed25519');
  register(edwards);
  refused(await send(signedMessage({ ...edwards, key: pair.key })), 'FailedCheck', 'signature_invalid');
});

test('a certificate that has expired', async () => {
  const config = join(scratch, 'ca.cnf');
  const soon = new Date(Date.now() + 4000);
  const end = soon.toISOString().replace(/[-:T]|\.\d+/g, '');
  const made = makePair(scratch, 'short');
  writeFileSync(join(scratch, 'index.txt'), '');
  writeFileSync(config, `[ca]\ndefault_ca=c\n[c]\ndatabase=${scratch}/index.txt\nrand_serial=yes\nnew_certs_dir=${scratch}\ndefault_md=sha256\npolicy=p\n[p]\nO=optional\nCN=optional\n`);
  const asked = spawnSync('openssl', ['req', '-new', '-key', made.key, '-subj', '/CN=short', '-out', join(scratch, 'short.csr')]);
  assert.equal(asked.status, 0);
  const signed = spawnSync('openssl', ['ca', '-batch', '-selfsign', '-notext', '-config', config, '-keyfile', made.key, '-in', join(scratch, 'short.csr'), '-out', made.certificate, '-enddate', end], { encoding: 'utf8' });
  assert.equal(signed.status, 0, signed.stderr);
  made.der = Buffer.from(readFileSync(made.certificate, 'utf8').replace(/-----.*-----|\s/g, ''), 'base64');
  register(made);
  taken(await send(signedMessage(made)));
  await new Promise((done) => setTimeout(done, soon - Date.now() + 1100));
  unrecognised(await send(signedMessage(made)));
});

test('a timestamp that is stale, ahead or past its end, though signed', async () => {
  for (const time of [timestamp({ created: instant(-310) }), timestamp({ created: instant(90) }), timestamp({ created: instant(-200), expires: instant(-100) }),
    timestamp({ expires: '1970-01-01T00:00:00Z' })])
    refused(await send(signedMessage(pair, { timestamp: time })), 'MessageExpired', 'message_expired');
});

test('a signature and a user name, and a key in HTTP, are of one partner', async () => {
  taken(await send(signedMessage(pair, { more: usernameToken(user.id, user.key) })));
  taken(await send(signedMessage(pair), { key: partner.secret_key }));
  const stranger = makeUser('soap', other);
  unrecognised(await send(signedMessage(pair, { more: usernameToken(stranger.id, stranger.key) })));
  assert.equal(faultOf(await send(signedMessage(pair), { key: other.secret_key }))?.code, 'unauthorized');
  unrecognised(await send(signedMessage(pair, { more: usernameToken(user.id, 'wrong') })));
});

// Of the server's process, so far.
function cpuMs() {
  const [user_, system] = readFileSync(`/proc/${started.server.process.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  return (Number(user_) + Number(system)) * 10;
}

test('each abuse costs milliseconds: many references, large tokens, huge base 64', async () => {
  const [sent, time] = [body(), timestamp()];
  const references = [reference('body', sent), reference('time', time), ...Array.from({ length: 1000 }, (_, at) => reference(`r${at}`, ''))];
  const block = (count) => `<x:X xmlns:x="urn:x" xmlns:wsu="${WSU}">${Array.from({ length: count }, (_, at) => `<x wsu:Id="i${at}"/>`).join('')}</x:X></s:Header>`;
  const nested = (depth, inner) => (depth ? `<d ${Array.from({ length: 20 }, (_, at) => `xmlns:p${depth}x${at}="urn:${at}"`).join(' ')}>${nested(depth - 1, inner)}</d>` : inner);
  const prefixed = (list) => [reference('body', body()), reference('time', timestamp(), { transforms: `<ds:Transform Algorithm="${C14N}"><c:InclusiveNamespaces xmlns:c="${C14N}" PrefixList="${list}"></c:InclusiveNamespaces></ds:Transform>` })];
  const large = 'A'.repeat(60_000);
  const messages = {
    'references': [signedMessage(pair, { body: sent, timestamp: time, references }), 'security_invalid'],
    'elements, as many as are taken': [signedMessage(pair).replace('</s:Header>', block(4000)), undefined],
    'more elements': [signedMessage(pair).replace('</s:Header>', block(9000)), 'too_large'],
    'value': [signedMessage(pair, { options: { value: large } }), 'security_invalid'],
    'token': [signedMessage(pair, { token: binaryToken(pair.der).replace(/>[A-Za-z0-9+/=]+</, `>${large}<`) }), 'security_invalid'],
    'nonce': [envelope(call('ListProducts'), { header: header(security(usernameToken(user.id, large, { type: 'PasswordDigest', nonce: large, created: instant() }))) }), 'unauthorized'],
    'prefixes': [signedMessage(pair, { references: prefixed('a '.repeat(17)) }), 'security_unsupported'],
    'prefixes of many': [signedMessage(pair, { references: prefixed('a '.repeat(16)) }).replace('</s:Header>', block(300)), 'too_large'],
    'prefixes far up': [signedMessage(pair, { references: prefixed('a b c d e f g h i j k l m n o p'), options: { value: 'AAAA' } }).replace('</s:Header>', `${nested(20, '<y/>'.repeat(250))}</s:Header>`), 'signature_invalid'],
  };
  const TIMES = 10;
  for (const [what, [text, code]] of Object.entries(messages)) {
    const before_ = cpuMs();
    for (let at = 0; at < TIMES; at++) {
      const answer = await send(text);
      assert.equal(faultOf(answer)?.code, code, `${what}: ${answer.text}`);
    }
    const each = (cpuMs() - before_) / TIMES;
    if (!process.env.KOPPEL_SANITIZER) assert.ok(each < 25, `${what}: ${each} ms of CPU`);
  }
});

test('what a partner requires is shown by the header', async () => {
  const third = started.installation.demo.partners[2];
  const own = makePair(scratch, 'third');
  const key = makeUser('soap', third);
  register(own, third);
  must('partner', 'require', ...data(), '--partner', third.id, '--soap', 'signature');
  await new Promise((done) => setTimeout(done, 1000));
  taken(await send(signedMessage(own)));
  const lacking = await withToken(digestToken(key.id, key.key));
  assert.equal(faultOf(lacking)?.code, 'stronger_proof_required', lacking.text);
  must('partner', 'require', ...data(), '--partner', third.id, '--soap', 'username,signature');
  await new Promise((done) => setTimeout(done, 1000));
  taken(await send(signedMessage(own, { more: digestToken(key.id, key.key) })));
  assert.equal(faultOf(await send(signedMessage(own)))?.code, 'stronger_proof_required');
});

// ---- clients ---------------------------------------------------------------------------------

const present = (command, ...args) => spawnSync(command, args).status === 0;
const python = ['/usr/bin/python3', 'python3'].find((name) => present(name, '-c', 'import zeep, xmlsec'));

function works(command, args, env = {}) {
  return new Promise((done, fail) => {
    execFile(command, args, { timeout: 120_000, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      if (error) return fail(new Error(`${stderr}\n${stdout}`));
      const told = JSON.parse(stdout.trim().split('\n').at(-1));
      assert.ok(told.products.includes('auto'), stdout);
      assert.match(told.fault, /bestaat niet|Er is geen|geen product/i);
      return done();
    });
  });
}

for (const kind of ['text', 'digest', 'signature', 'binary']) {
  test(`Python zeep, ${kind}${/text|digest/.test(kind) ? '' : ' (rule 24: it verifies the answer)'}`, { skip: !python && 'python3-zeep and python3-xmlsec are not installed' }, () =>
    works(python, [join(clients, 'security.py'), started.address, join(started.installation.folder, 'certificate.pem'), kind,
      ...(kind === 'text' || kind === 'digest' ? [user.id, user.key] : [pair.key, pair.certificate, serverCertificate])]));
}

const php = present('php', '-r', 'exit(class_exists("SoapClient") ? 0 : 1);');
for (const kind of ['text', 'digest']) {
  test(`PHP SoapClient, ${kind}`, { skip: !php && 'php-soap is not installed' }, () =>
    works('php', [join(clients, 'security.php'), started.address, join(started.installation.folder, 'certificate.pem'), kind, user.id, user.key]));
}

test("Node's soap: text, digest, signature", async (t) => {
  let modules = process.env.KOPPEL_SOAP_MODULES;
  if (!modules) {
    if (!present('npm', '--version')) return t.skip('npm is not installed');
    if (!present('npm', 'install', '--no-audit', '--no-fund', '--prefix', scratch, NODE_SOAP)) return t.skip(`npm cannot fetch ${NODE_SOAP}`);
    modules = join(scratch, 'node_modules');
  }
  const env = { KOPPEL_SOAP_MODULES: modules, NODE_EXTRA_CA_CERTS: join(started.installation.folder, 'certificate.pem') };
  for (const kind of ['text', 'digest']) await works(process.execPath, [join(clients, 'security.mjs'), started.address, kind, user.id, user.key], env);
  await works(process.execPath, [join(clients, 'security.mjs'), started.address, 'signature', pair.key, pair.certificate], env);
  return undefined;
});
