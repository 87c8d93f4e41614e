// OAuth 2 for partners' systems: the token endpoint, its errors to the letter of RFC 6749 (5.2),
// tokens wherever a key is taken, and how they end.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  anotherNode, exampleAnswers, freshDatabase, install, postgresqlPresent, query, request, run, serve,
} from './support.mjs';

const LIFETIME_S = 4;
let installation;
let server;
let partner;
let client;
let answers;
before(async () => {
  installation = install();
  server = await serve(installation, '--certificate-listen', '127.0.0.1:0',
    '--certificate-url', 'https://certificates.example:9443');
  [partner] = installation.demo.partners;
  client = createKey();
  answers = await exampleAnswers(server, partner.secret_key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const command = (...options) => run(...options, '--data', installation.folder);

function createKey(...options) {
  const made = command('key', 'create', '--partner', partner.id, '--kind', 'secret', '--mode', 'live', ...options);
  assert.equal(made.status, 0, made.stderr);
  return { secret: made.stdout.trim(), id: /key_[0-9a-z]{26}/.exec(made.stderr)[0] };
}

const basic = ({ id, secret }) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const grant = 'grant_type=client_credentials';
const post = (body, { headers = {}, path = '/oauth2/token', node = server, tls } = {}) =>
  request(node, 'POST', path, {
    body, tls, headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Accept-Language': 'en', ...headers },
  });
const byBasic = (who = client, node = server) => post(grant, { headers: { Authorization: basic(who) }, node });
const inBody = (who) => `client_id=${who.id}&client_secret=${who.secret}`;
const estimate = (key, { node = server, tls } = {}) =>
  request(node, 'POST', '/api/v1/estimates', { key, tls, body: { product: 'auto', answers } });

// An error is JSON of its own form, never kept, and its description is what RFC 6749 lets it hold.
function isError(answer, status, code, about) {
  assert.equal(answer.status, status, `${about}: ${answer.text}`);
  assert.equal(answer.json.error, code, `${about}: ${answer.text}`);
  assert.match(answer.json.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, about);
  assert.equal(answer.headers['cache-control'], 'no-store', about);
  assert.match(answer.headers['content-type'], /^application\/json/, about);
  if (status === 401) assert.match(answer.headers['www-authenticate'], /^Basic realm=/, about);
}

test('a token is got by Basic and in the body, and works as its key does', async () => {
  for (const asked of [() => byBasic(), () => post(`${grant}&${inBody(client)}`),
    () => post(`${inBody(client)}&${grant}&scope=&resource=x`),
    () => post(grant, { headers: { Authorization: basic({ id: encodeURIComponent(client.id), secret: client.secret.replaceAll('_', '%5F') }) } }),
    () => post(`client_id=${client.id}&${grant}`, { headers: { Authorization: basic(client) } }),
    () => post(gzipSync(`${grant}&${inBody(client)}`), { headers: { 'Content-Encoding': 'gzip' } }),
    () => post(grant, { headers: { Authorization: basic(client), 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' } })]) {
    const answer = await asked();
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.json).sort(), ['access_token', 'expires_in', 'token_type']);
    assert.equal(answer.json.token_type, 'Bearer');
    assert.equal(answer.json.expires_in, 900);
    assert.match(answer.json.access_token, /^at_[A-Za-z0-9_-]{140}$/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers.pragma, 'no-cache');
    assert.equal((await estimate(answer.json.access_token)).status, 200);
  }
  const { access_token: token } = (await byBasic()).json;
  const quoted = await request(server, 'POST', '/api/v1/quotes',
    { key: token, headers: { 'Idempotency-Key': '"once"' }, body: { product: 'auto', answers } });
  assert.equal(quoted.status, 201, quoted.text);
  // The key and its token are one caller: to idempotency, to the rate, and to who sees what.
  const again = await request(server, 'POST', '/api/v1/quotes',
    { key: client.secret, headers: { 'Idempotency-Key': '"once"' }, body: { product: 'auto', answers } });
  assert.equal(again.json.id, quoted.json.id);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.match(server.log(), new RegExp(`path=/api/v1/quotes .*key=${client.id}`));
  assert.ok(!server.log().includes(token.slice(3)), 'no token is logged');
  const message = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    + '<ListProducts xmlns="urn:koppel:quote:v1"/></s:Body></s:Envelope>';
  const soap = await request(server, 'POST', '/soap/v1/quote', { key: token, headers: { 'Content-Type': 'text/xml' }, body: message });
  assert.equal(soap.status, 200, soap.text);
});

test('a test key has test tokens; keys of the organisation have tokens as well', async () => {
  const made = command('key', 'create', '--partner', partner.id, '--kind', 'secret', '--mode', 'test');
  const trial = { secret: made.stdout.trim(), id: /key_[0-9a-z]{26}/.exec(made.stderr)[0] };
  const { access_token: token } = (await byBasic(trial)).json;
  const quoted = await request(server, 'POST', '/api/v1/quotes', { key: token, body: { product: 'auto', answers } });
  assert.equal(quoted.json.test, true);
  const own = command('key', 'create', '--kind', 'organisation', '--name', 'Beheer', '--mode', 'live');
  const organisation = { secret: own.stdout.trim(), id: /oky_[0-9a-z]{26}/.exec(own.stderr)[0] };
  const answer = await byBasic(organisation);
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await request(server, 'GET', '/api/v1/drafts', { key: answer.json.access_token })).status, 200);
  assert.equal((await estimate(answer.json.access_token)).status, 403);
});

test('errors are those of RFC 6749', async () => {
  const headers = { Authorization: basic(client) };
  const other = createKey();
  const cases = [
    [400, 'unsupported_grant_type', 'grant_type=password&username=a&password=b', { headers }],
    [400, 'invalid_request', 'grant_type=%00', { headers }],
    [400, 'invalid_request', 'x=y', { headers }],
    [400, 'invalid_request', 'grant_type=', { headers }],
    [400, 'invalid_request', '', { headers }],
    [400, 'invalid_request', `${grant}&${grant}`, { headers }],
    [400, 'invalid_request', `${grant}&${inBody(client)}&client_id=${client.id}`, {}],
    [400, 'invalid_request', `${grant}&a=%zz`, { headers }],
    [400, 'invalid_request', `${grant}&a=%ff`, { headers }],
    [400, 'invalid_request', `${grant}\0&x=y`, { headers }],
    [400, 'invalid_request', Array.from({ length: 100 }, (_, at) => `p${at}=1`).join('&'), { headers }],
    [400, 'invalid_request', `${grant}&client_secret=${client.secret}`, { headers }],
    [400, 'invalid_request', `${grant}&client_id=${other.id}`, { headers }],
    [400, 'invalid_request', grant, { headers, path: '/oauth2/token?x=y' }],
    [400, 'invalid_request', '', { path: `/oauth2/token?${grant}&${inBody(client)}` }],
    [400, 'invalid_request', '{"grant_type":"client_credentials"}', { headers: { ...headers, 'Content-Type': 'application/json' } }],
    [400, 'invalid_request', grant, { headers: { ...headers, 'Content-Type': 'text/plain' } }],
    [400, 'invalid_request', grant, { headers: { ...headers, 'Content-Encoding': 'br' } }],
    [400, 'invalid_request', `${grant}&client_secret=${client.secret}`, {}],
    [400, 'invalid_request', `${grant}&scope=${'x'.repeat(1100)}`, { headers }],
    [413, 'invalid_request', `${grant}&x=${'y'.repeat(9000)}`, { headers }],
    [413, 'invalid_request', gzipSync(`${grant}&x=${'y'.repeat(1_000_000)}`), { headers: { ...headers, 'Content-Encoding': 'gzip' } }],
    [400, 'invalid_scope', `${grant}&scope=quotes`, { headers }],
    [401, 'invalid_client', grant, {}],
    [401, 'invalid_client', `${grant}&client_id=${client.id}`, {}],
    [401, 'invalid_client', `${grant}&client_id=${client.id}&client_secret=wrong`, {}],
    [401, 'invalid_client', `${grant}&client_id=${other.id}&client_secret=${client.secret}`, {}],
    [401, 'invalid_client', grant, { headers: { Authorization: basic({ id: other.id, secret: client.secret }) } }],
    [401, 'invalid_client', grant, { headers: { Authorization: 'Basic x' } }],
    [401, 'invalid_client', grant, { headers: { Authorization: `Basic ${'A'.repeat(4000)}` } }],
    [401, 'invalid_client', grant, { headers: { Authorization: `Basic ${Buffer.from(`${client.id}:a%`).toString('base64')}` } }],
    [401, 'invalid_client', grant, { headers: { Authorization: `Basic ${Buffer.from(`${client.id}\0:${client.secret}`).toString('base64')}` } }],
    [401, 'invalid_client', grant, { headers: { Authorization: `Bearer ${client.secret}` } }],
  ];
  for (const [status, code, body, options] of cases) {
    const about = `${String(body).slice(0, 60)} ${JSON.stringify(options).slice(0, 100)}`;
    isError(await post(body, options), status, code, about);
    const dutch = await post(body, { ...options, headers: { ...options.headers, 'Accept-Language': 'nl' } });
    isError(dutch, status, code, about);
    assert.equal(dutch.headers['content-language'], 'nl');
    assert.doesNotMatch(dutch.json.error_description, /Authorization: Bearer/, about);
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await request(server, method, '/oauth2/token', { headers });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, 'POST', method);
  }
  const website = command('key', 'list', '--partner', partner.id).stdout.match(/(key_[0-9a-z]{26}) +publishable/)[1];
  isError(await byBasic({ id: website, secret: partner.publishable_key }), 400, 'unauthorized_client', 'a website');
  const { access_token: token } = (await byBasic()).json;
  isError(await byBasic({ id: client.id, secret: token }), 401, 'invalid_client', 'a token does not make another');
});

test('a token is refused where it is forged, cut, elsewhere than in the header, or of no more use', async () => {
  const { access_token: token } = (await byBasic()).json;
  for (const at of [3, 10, 60, 100, token.length - 1]) {
    const other = token[at] === 'A' ? 'B' : 'A';
    assert.equal((await estimate(token.slice(0, at) + other + token.slice(at + 1))).status, 401, String(at));
  }
  for (const wrong of [token.slice(0, -1), `${token}A`, `at_${'A'.repeat(140)}`, `at_${'+'.repeat(140)}`, 'at_'])
    assert.equal((await estimate(wrong)).status, 401, wrong);
  const address = await request(server, 'GET', `/api/v1/products?access_token=${token}`);
  assert.equal(address.status, 400, address.text);
  assert.equal(address.json.code, 'token_in_address');
  const beside = await request(server, 'GET', `/api/v1/products?limit=1&access_token=${token}`, { key: client.secret });
  assert.equal(beside.json.code, 'token_in_address');
  const wrong = await estimate('at_wrong');
  assert.equal(wrong.headers['www-authenticate'], 'Bearer realm="koppel", error="invalid_token"');
});

test('a token ends with its key within a second', async () => {
  const key = createKey();
  const { access_token: token } = (await byBasic(key)).json;
  assert.equal((await estimate(token)).status, 200);
  assert.equal(command('key', 'revoke', key.id).status, 0);
  await pause(1000);
  assert.equal((await estimate(token)).status, 401);
  isError(await byBasic(key), 401, 'invalid_client', 'its key neither');
});

test('a token ends after its lifetime, which an option says', async () => {
  const node = await serve(installation, '--token-lifetime', String(LIFETIME_S));
  try {
    const answer = await byBasic(client, node);
    assert.equal(answer.json.expires_in, LIFETIME_S);
    assert.equal((await estimate(answer.json.access_token, { node })).status, 200);
    await pause(LIFETIME_S * 1000 + 100);
    assert.equal((await estimate(answer.json.access_token, { node })).status, 401);
  } finally {
    await node.stop();
  }
});

test('each token made is in the audit log, and who was refused one that is known', async () => {
  const key = createKey();
  await byBasic(key);
  await byBasic(key);
  const rows = (outcome) => query(installation,
    `select count(*) from audit_log where operation = 'RequestToken' and outcome = '${outcome}' and key_id = '${outcome === 'done' ? key.id : website}'`);
  const website = command('key', 'list', '--partner', partner.id).stdout.match(/(key_[0-9a-z]{26}) +publishable/)[1];
  assert.equal(rows('done'), '2');
  const before_ = Number(rows('refused'));
  await byBasic({ id: website, secret: partner.publishable_key });
  assert.equal(Number(rows('refused')), before_ + 1);
});

test('asking for tokens counts as requests of the key', async () => {
  const key = createKey('--rate-limit', '5');
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 10_000) await pause(left + 50);
  const { access_token: token } = (await byBasic(key)).json;
  const statuses = [];
  for (let count = 0; count < 6; count += 1) statuses.push((await estimate(token)).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
  const answer = await byBasic(key);
  isError(answer, 429, 'too_many_requests', 'too many');
  assert.ok(Number(answer.headers['retry-after']) > 0);
  assert.match(answer.headers['ratelimit-policy'], /q=5/);
});

test('required: a token in place of the key', async () => {
  const requires = (...options) => assert.equal(command('partner', 'require', '--partner', partner.id, ...options).status, 0);
  requires('--json', 'token', '--soap', 'token');
  await pause(1000);
  const refused = await estimate(client.secret);
  assert.equal(refused.status, 403);
  assert.equal(refused.json.reason, 'token');
  const answer = await byBasic();
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await estimate(answer.json.access_token)).status, 200);
  requires('--json', 'none', '--soap', 'none');
  await pause(1000);
});

test('a certificate gets tokens too, which hold only with it', async () => {
  const files = [0, 1].map((number) => {
    const [key, certificate] = [join(installation.folder, `o${number}.key`), join(installation.folder, `o${number}.pem`)];
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
      '-keyout', key, '-out', certificate, '-subj', `/CN=o${number}`, '-days', '9'], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    const added = command('certificate', 'add', '--partner', partner.id, '--mode', 'live', '--name', 'Server', certificate);
    assert.equal(added.status, 0, added.stderr);
    return { id: added.stdout.trim(), tls: { port: server.certificatePort, cert: readFileSync(certificate), key: readFileSync(key) } };
  });
  const [own, other] = files;
  const alone = await post(`${grant}&client_id=${own.id}`, { tls: own.tls });
  assert.equal(alone.status, 200, alone.text);
  const both = await post(`${grant}&${inBody(client)}`, { tls: own.tls });
  assert.equal(both.status, 200, both.text);
  for (const { access_token: token } of [alone.json, both.json]) {
    assert.equal((await estimate(token, { tls: own.tls })).status, 200);
    assert.equal((await estimate(token, { tls: other.tls })).status, 401, 'swapped');
    assert.equal((await estimate(token, { tls: { port: server.certificatePort } })).status, 401);
    assert.equal((await estimate(token)).status, 401, 'stolen');
  }
  isError(await post(grant, { tls: own.tls }), 400, 'invalid_request', 'no client_id');
  isError(await post(`${grant}&client_id=${other.id}`, { tls: own.tls }), 401, 'invalid_client', 'another');
  const requires = (proofs) => assert.equal(command('partner', 'require', '--partner', partner.id, '--json', proofs).status, 0);
  requires('key,token,certificate');
  await pause(1000);
  assert.equal((await estimate(both.json.access_token, { tls: own.tls })).status, 200);
  assert.equal((await estimate(alone.json.access_token, { tls: own.tls })).json.reason, 'key');
  requires('none');
  assert.equal(command('certificate', 'revoke', own.id).status, 0);
  await pause(1000);
  for (const answer of [alone, both]) assert.equal((await estimate(answer.json.access_token, { tls: own.tls })).status, 401);
});

test('the server describes itself, and OpenAPI names the ways in', async () => {
  const answer = await request(server, 'GET', '/.well-known/oauth-authorization-server');
  assert.equal(answer.status, 200);
  const [, url] = /public_url = (\S+)/.exec(readFileSync(join(installation.folder, 'koppel.conf'), 'utf8'));
  assert.equal(answer.json.issuer, url);
  assert.equal(answer.json.token_endpoint, `${url}/oauth2/token`);
  assert.deepEqual(answer.json.grant_types_supported, ['client_credentials']);
  assert.deepEqual(answer.json.token_endpoint_auth_methods_supported, ['client_secret_basic', 'client_secret_post', 'self_signed_tls_client_auth']);
  assert.equal(answer.json.tls_client_certificate_bound_access_tokens, true);
  assert.equal(answer.json.mtls_endpoint_aliases.token_endpoint, 'https://certificates.example:9443/oauth2/token');
  assert.equal((await request(server, 'POST', '/.well-known/oauth-authorization-server', { body: {} })).status, 405);
  const { json } = await request(server, 'GET', '/api/v1/openapi.json');
  const schemes = json.components.securitySchemes;
  assert.equal(schemes.access_token.flows.clientCredentials.tokenUrl, `${url}/oauth2/token`);
  assert.equal(schemes.client_certificate.type, 'mutualTLS');
  const names = json.paths['/quotes'].post.security.flatMap(Object.keys);
  assert.deepEqual(names.slice(0, 3), ['secret_key', 'access_token', 'client_certificate']);
  assert.ok(!JSON.stringify(json.paths).includes('RequestToken'));
});

const skip = postgresqlPresent() ? false : 'PostgreSQL is not installed here';
test('a token of one node works on the other; revocation and requirements hold there within a second', { skip }, async () => {
  const first = install('--database', freshDatabase());
  const second = anotherNode(first);
  const nodes = [await serve(first), await serve(second)];
  try {
    const [owner] = first.demo.partners;
    const made = run('key', 'create', '--data', first.folder, '--partner', owner.id, '--kind', 'secret', '--mode', 'live');
    const key = { secret: made.stdout.trim(), id: /key_[0-9a-z]{26}/.exec(made.stderr)[0] };
    const { access_token: token } = (await byBasic(key, nodes[0])).json;
    const ask = (node, as) => request(node, 'GET', '/api/v1/products', { key: as });
    for (const node of nodes) assert.equal((await ask(node, token)).status, 200);
    const requires = (proofs) => assert.equal(run('partner', 'require', '--data', second.folder, '--partner', owner.id, '--json', proofs).status, 0);
    requires('token');
    await pause(1000);
    for (const node of nodes) assert.deepEqual([(await ask(node, token)).status, (await ask(node, key.secret)).status], [200, 403]);
    requires('none');
    await pause(1000);
    for (const node of nodes) assert.equal((await ask(node, key.secret)).status, 200);
    assert.equal(run('key', 'revoke', '--data', second.folder, key.id).status, 0);
    await pause(1000);
    for (const node of nodes) assert.equal((await ask(node, token)).status, 401);
  } finally {
    for (const node of nodes) await node.stop();
    second.remove();
    first.remove();
  }
});
