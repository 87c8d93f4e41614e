// The edge as a well-behaved caller sees it: headers of every answer, methods, languages, tags,
// origins, bodies, and the certificate.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { exchange, connect, parse, pause } from './raw.mjs';
import { exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let partner;
before(async () => {
  installation = install();
  server = await serve(installation, '--metrics', '0');
  [partner] = installation.demo.partners;
});
after(async () => {
  const ended = await server?.stop();
  installation.remove();
  assert.equal(ended?.code, 0, server?.log().slice(-3000));
});

const get = (path, headers = {}) => request(server, 'GET', path, { headers });

test('every answer carries the headers of the edge, errors too', async () => {
  const answers = [
    await get('/'), await get('/start.css'), await get('/healthz'), await get('/readyz'),
    await get('/none'), await get('/api/v1/none'), await get('/api/v1/openapi.json'),
    await get('/api/v1/products'), await request(server, 'DELETE', '/healthz'),
    (await exchange(server, 'GET /healthz%00 HTTP/1.1\r\nHost: a\r\n\r\n')).answers[0],
  ];
  const ids = new Set();
  for (const { headers } of answers) {
    assert.match(headers['strict-transport-security'], /^max-age=31536000/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.match(headers['content-security-policy'], /default-src 'none'/);
    assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
    assert.match(headers['request-id'], /^req_[0-9a-z]{26}$/);
    assert.ok(Math.abs(new Date(headers.date) - Date.now()) < 5000);
    assert.ok(headers['content-length'] > 0);
    assert.ok(headers['content-type']);
    assert.equal(headers.server, undefined);
    ids.add(headers['request-id']);
  }
  assert.equal(ids.size, answers.length);
});

test('API answers are not stored; a refusal is a problem with all its members', async () => {
  const { status, headers, json } = await get('/api/v1/none?x=secret', { 'Accept-Language': 'en' });
  assert.equal(status, 404);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal(headers['content-language'], 'en');
  assert.deepEqual(json, {
    type: 'urn:koppel:problem:not_found',
    title: 'Not found',
    status: 404,
    detail: 'This address does not exist: see /api/v1/openapi.json for the addresses.',
    instance: '/api/v1/none',
    code: 'not_found',
    request_id: headers['request-id'],
  });
});

test('pages have a charset, a policy without inline code, and a tag', async () => {
  const page = await get('/developers');
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(page.headers['content-security-policy'], /style-src 'self'/);
  assert.match(page.headers['content-security-policy'], /object-src 'none'/);
  assert.match(page.text, /<html lang="nl">/);
  const again = await get('/developers', { 'If-None-Match': `W/"x", ${page.headers.etag}` });
  assert.equal(again.status, 304);
  assert.equal(again.text, '');
  assert.equal(again.headers.etag, page.headers.etag);
  assert.equal((await get('/start.css')).headers['content-type'], 'text/css; charset=utf-8');
  assert.equal((await get('/icon.svg')).status, 200);
});

test('the language is the one that is asked for most, Dutch otherwise', async () => {
  const cases = [
    [undefined, 'nl'], ['en', 'en'], ['en-GB', 'en'], ['fr', 'nl'], ['fr, en;q=0.2', 'en'],
    ['nl;q=0.5, en;q=0.9', 'en'], ['en;q=0.5, nl', 'nl'], ['*', 'nl'], ['en;q=0', 'nl'],
    ['en;q=9', 'nl'], [',,,', 'nl'], ['en ; q=0.8 , nl;q=0.3', 'en'], ['EN', 'en'],
  ];
  for (const [asked, expected] of cases) {
    const headers = asked ? { 'Accept-Language': asked } : {};
    assert.equal((await get('/', headers)).headers['content-language'], expected, asked);
  }
});

test('methods: HEAD as GET, 405 with Allow, OPTIONS, TRACE refused', async () => {
  for (const path of ['/', '/healthz', '/api/v1/openapi.json']) {
    const whole = await get(path);
    const head = await request(server, 'HEAD', path);
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], whole.headers['content-length']);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'BREW']) {
      const wrong = await request(server, method, path);
      assert.equal(wrong.status, 405, `${method} ${path}`);
      assert.match(wrong.headers.allow, /GET/);
    }
    assert.equal((await request(server, 'OPTIONS', path)).status, 204);
  }
  const wrong = await request(server, 'DELETE', '/api/v1/quotes');
  assert.equal(wrong.status, 405);
  assert.match(wrong.headers.allow, /POST/);
  assert.equal((await request(server, 'TRACE', '/api/v1/quotes')).status, 405);
});

test('health and readiness', async () => {
  assert.deepEqual((await get('/healthz')).json, { status: 'ok' });
  assert.deepEqual((await get('/readyz')).json, { status: 'ready' });
});

test('401 says how to authenticate; a key in another scheme is none', async () => {
  for (const headers of [
    {}, { Authorization: 'Bearer' }, { Authorization: 'Bearer ' }, { Authorization: 'Bearer x' },
    { Authorization: `Basic ${Buffer.from(`${partner.secret_key}:`).toString('base64')}` },
    { Authorization: partner.secret_key },
  ]) {
    const { status, headers: answered } = await get('/api/v1/products', headers);
    assert.equal(status, 401);
    assert.match(answered['www-authenticate'], /^Bearer/);
  }
});

test('the API description has a tag and comes in both languages', async () => {
  const dutch = await get('/api/v1/openapi.json');
  const english = await get('/api/v1/openapi.json', { 'Accept-Language': 'en' });
  assert.equal(dutch.json.openapi.slice(0, 3), '3.1');
  assert.notEqual(dutch.headers.etag, english.headers.etag);
  const again = await get('/api/v1/openapi.json', { 'If-None-Match': dutch.headers.etag });
  assert.equal(again.status, 304);
});

test('lists and things have a tag by which a caller learns that nothing changed', async () => {
  const key = partner.secret_key;
  const first = await request(server, 'GET', '/api/v1/quotes?limit=1', { key });
  assert.equal(first.status, 200, first.text);
  const again = await request(server, 'GET', '/api/v1/quotes?limit=1', {
    key, headers: { 'If-None-Match': first.headers.etag },
  });
  assert.equal(again.status, 304);
});

test('parameters: unknown ones, doubled ones and bad escapes are refused by name', async () => {
  const ask = (query) => request(server, 'GET', `/api/v1/quotes?${query}`, {
    key: partner.secret_key,
  });
  const unknown = await ask('limmit=1');
  assert.equal(unknown.status, 422);
  assert.equal(unknown.json.errors[0].pointer, '/limmit');
  const twice = await ask('limit=1&limit=1');
  assert.equal(twice.status, 400);
  assert.equal(twice.json.errors[0].pointer, '/limit');
  assert.equal((await ask('limit=many')).json.errors[0].pointer, '/limit');
  assert.equal((await ask('limit=%ff')).status, 400);
  assert.equal((await ask('%2e%2e%2f~=1')).json.errors[0].pointer, '/..~1~0');
  assert.equal((await ask('=1')).status, 400);
  assert.equal((await ask('&limit=1&')).status, 200);
  const many = Array.from({ length: 65 }, (_, i) => `a${i}=1`).join('&');
  assert.equal((await ask(many)).status, 400);
  const posted = await request(server, 'POST', '/api/v1/quotes?x=1', {
    key: partner.secret_key, body: {},
  });
  assert.equal(posted.status, 422);
  assert.equal(posted.json.errors[0].pointer, '/x');
});

const post = (body, headers = {}) =>
  request(server, 'POST', '/api/v1/quotes', { key: partner.secret_key, body, headers });

test('content types: JSON in UTF-8 only', async () => {
  for (const type of ['application/json', 'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"']) {
    assert.equal((await post('{}', { 'Content-Type': type })).status, 422, type);
  }
  for (const type of ['text/plain', 'application/json; charset=iso-8859-1', 'application/jsonx',
    'application/x-www-form-urlencoded', '', 'multipart/form-data; boundary=x']) {
    const answer = await post('{}', { 'Content-Type': type });
    assert.equal(answer.status, 415, type);
    assert.equal(answer.json.code, 'content_type');
  }
});

test('JSON that is none is 400 with its place', async () => {
  const bad = ['{', '{}}', '[]', '1', 'null', '{"a":1,"a":2}', '{"a":"\\ud800"}', '\ufeff{}',
    '{"a":"\\u0000"}', '['.repeat(1000), '{a:1}', '{"a":01}', Buffer.from([0x7b, 0xff, 0x7d])];
  for (const body of bad) {
    const answer = await post(body);
    assert.equal(answer.status, 400, String(body).slice(0, 40));
    assert.match(answer.json.detail, /regel 1/);
  }
  assert.equal((await post('')).status, 400);
});

test('gzip: taken within limits, bombs and broken ones refused', async () => {
  const gzip = { 'Content-Encoding': 'gzip' };
  assert.equal((await post(gzipSync('{}'), gzip)).status, 422);
  assert.equal((await post(gzipSync(`{${' '.repeat(60_000)}}`), gzip)).status, 422);
  const dense = await post(gzipSync(`{${' '.repeat(200_000)}}`), gzip);
  assert.equal(dense.status, 413);
  assert.equal(dense.json.code, 'body_too_dense');
  assert.equal((await post(gzipSync(Buffer.alloc(50_000_000, ' ')), gzip)).status, 413);
  assert.equal((await post('{}', gzip)).status, 400);
  assert.equal((await post(gzipSync('{}').subarray(0, 10), gzip)).status, 400);
  const two = Buffer.concat([gzipSync('{}'), gzipSync('{}')]);
  assert.equal((await post(two, gzip)).status, 400);
  const other = await post('{}', { 'Content-Encoding': 'br' });
  assert.equal(other.status, 415);
  assert.equal(other.headers['accept-encoding'], 'gzip');
});

test('a body over the limit is 413, before it is sent and while it comes', async () => {
  const large = `{"a":"${'x'.repeat(2_000_000)}"}`;
  assert.equal((await post(large)).status, 413);
  const chunked = await post(large, { 'Transfer-Encoding': 'chunked' });
  assert.equal(chunked.status, 413);
  const announced = await exchange(
    server,
    `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${partner.secret_key}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 999999999\r\n' +
      'Expect: 100-continue\r\n\r\n',
  );
  assert.deepEqual(announced.answers.map((answer) => answer.status), [413]);
  assert.ok(announced.closed);
});

test('Expect: 100-continue is answered at once; other expectations are 417', async () => {
  const connection = await connect(server);
  const began = Date.now();
  connection.socket.write(
    `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${partner.secret_key}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
  );
  while (!connection.received() && Date.now() - began < 5000) await pause(5);
  assert.ok(Date.now() - began < 900);
  assert.match(connection.received(), /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  connection.socket.write('{}');
  await pause(300);
  const rest = connection.received().slice('HTTP/1.1 100 Continue\r\n\r\n'.length);
  assert.equal(parse(rest)[0].status, 422);
  connection.socket.destroy();
  const other = await exchange(server, 'GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n');
  assert.equal(other.answers[0].status, 417);
});

test('origins: preflight and call, for publishable keys from listed origins only', async () => {
  const preflight = (origin, method = 'POST', path = '/api/v1/quotes') =>
    request(server, 'OPTIONS', path, {
      headers: { Origin: origin, 'Access-Control-Request-Method': method },
    });
  const listed = await preflight(partner.origin);
  assert.equal(listed.status, 204);
  assert.equal(listed.headers['access-control-allow-origin'], partner.origin);
  assert.match(listed.headers['access-control-allow-methods'], /POST/);
  assert.match(listed.headers['access-control-allow-headers'], /Authorization/);
  assert.match(listed.headers['access-control-allow-headers'], /Idempotency-Key/);
  assert.equal(listed.headers['access-control-allow-credentials'], undefined);
  assert.match(listed.headers.vary, /Origin/);
  const strangers = ['https://elsewhere.example', 'null', '*', `${partner.origin}.evil.example`];
  for (const origin of strangers) {
    const answer = await preflight(origin);
    assert.equal(answer.headers['access-control-allow-origin'], undefined, origin);
  }
  const list = await preflight(partner.origin, 'GET');
  assert.equal(list.headers['access-control-allow-origin'], undefined, 'lists are for secret keys');

  const call = (key, origin) =>
    request(server, 'GET', '/api/v1/products', { key, headers: { Origin: origin } });
  const open = await call(partner.publishable_key, partner.origin);
  assert.equal(open.status, 200, open.text);
  assert.equal(open.headers['access-control-allow-origin'], partner.origin);
  assert.match(open.headers['access-control-expose-headers'], /Request-Id/);
  const elsewhere = await call(partner.publishable_key, 'https://elsewhere.example');
  assert.equal(elsewhere.status, 403);
  assert.equal(elsewhere.headers['access-control-allow-origin'], 'https://elsewhere.example', 'the refusal can be read there');
  const secret = await call(partner.secret_key, partner.origin);
  assert.equal(secret.status, 200);
  assert.equal(secret.headers['access-control-allow-origin'], undefined);
});

test('what an answer leads to: Location, the next page, the replay, the rate', async () => {
  const made = run(
    'key', 'create', '--data', installation.folder, '--partner', partner.id,
    '--kind', 'secret', '--mode', 'test',
  );
  const key = /sk_test_[0-9A-Za-z]+/.exec(made.stdout)[0];
  const answers = await exampleAnswers(server, partner.secret_key, 'auto');
  const quote = (idempotency) =>
    request(server, 'POST', '/api/v1/quotes', {
      key, body: { product: 'auto', answers }, headers: { 'Idempotency-Key': idempotency },
    });
  const first = await quote('one');
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers.location, `/api/v1/quotes/${first.json.id}`);
  assert.equal(first.headers['idempotent-replayed'], undefined);
  assert.match(first.headers['ratelimit-policy'], /^"default";q=\d+;w=\d+$/);
  assert.match(first.headers.ratelimit, /^"default";r=\d+;t=\d+$/);
  const again = await quote('one');
  assert.equal(again.status, 201);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(again.json.id, first.json.id);
  assert.equal((await request(server, 'GET', first.headers.location, { key })).status, 200);

  await quote('two');
  const page = await request(server, 'GET', '/api/v1/quotes?limit=1', { key });
  assert.ok(page.json.next);
  const link = /^<([^>]+)>; rel="next"$/.exec(page.headers.link);
  assert.ok(link, page.headers.link);
  const next = await request(server, 'GET', link[1], { key });
  assert.equal(next.status, 200);
  assert.equal(next.json.items.length, 1);
  assert.notEqual(next.json.items[0].id, page.json.items[0].id);
});

test('too many requests are told when to come back', async () => {
  const made = run(
    'key', 'create', '--data', installation.folder, '--partner', partner.id,
    '--kind', 'secret', '--mode', 'test', '--rate-limit', '3',
  );
  assert.equal(made.status, 0, made.stderr);
  const key = /sk_test_[0-9A-Za-z]+/.exec(made.stdout)[0];
  let answer;
  for (let i = 0; i < 12; i++) {
    answer = await request(server, 'GET', '/api/v1/products', { key });
    if (answer.status === 429) break;
  }
  assert.equal(answer.status, 429);
  assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
  assert.match(answer.headers.ratelimit, /r=0/);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
});

test('the log has a line per request, without queries and keys', async () => {
  const { headers } = await request(server, 'GET', '/api/v1/quotes?limit=7', {
    key: partner.secret_key,
  });
  await pause(100);
  const line = server.log().split('\n').find((text) => text.includes(headers['request-id']));
  assert.match(line, /event=request .*method=GET path=\/api\/v1\/quotes status=200 ms=/);
  assert.match(line, new RegExp(`partner=${partner.id}`));
  assert.doesNotMatch(server.log(), /limit=7/);
  assert.ok(!server.log().includes(partner.secret_key));
});

test('metrics: on an address of their own, over plain HTTP', async () => {
  const address = /event=metrics_started address=(\S+)/.exec(server.log())[1];
  assert.match(address, /^127\.0\.0\.1:/);
  const answer = await fetch(`http://${address}/metrics`);
  assert.equal(answer.status, 200);
  const text = await answer.text();
  assert.match(text, /^koppel_requests_total\{route="healthz",status="200"\} [1-9]/m);
  assert.match(text, /^koppel_request_seconds_bucket\{route="healthz",le="\+Inf"\} [1-9]/m);
  assert.match(text, /^koppel_connections [0-9]+$/m);
  assert.match(text, /^koppel_requests_in_flight 0$/m);
  assert.equal((await fetch(`http://${address}/other`)).status, 404);
  assert.equal((await get('/metrics')).status, 404);
});
