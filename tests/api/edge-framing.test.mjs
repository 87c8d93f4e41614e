// One framing only: every request that two servers could read in two ways gets 400 and the end of
// its connection, with nothing of it run as a second request.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exchange } from './raw.mjs';
import { install, serve } from './support.mjs';

let installation;
let server;
before(async () => {
  installation = install();
  server = await serve(installation);
});
after(async () => {
  const ended = await server?.stop();
  installation.remove();
  assert.equal(ended?.code, 0, server?.log().slice(-3000));
});

const post = (headers, body = '') =>
  `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}`;
const get = (headers) => `GET /healthz HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
const smuggled = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';

const refused = {
  'Content-Length with Transfer-Encoding':
    post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
  'Transfer-Encoding with Content-Length':
    post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${smuggled}`),
  'two different Content-Lengths': post('Content-Length: 5\r\nContent-Length: 6\r\n', smuggled),
  'two equal Content-Lengths': post('Content-Length: 5\r\nContent-Length: 5\r\n', smuggled),
  'a list as Content-Length': post('Content-Length: 5, 5\r\n', smuggled),
  'Content-Length with a plus': post('Content-Length: +5\r\n', smuggled),
  'Content-Length with a minus': post('Content-Length: -5\r\n', smuggled),
  'Content-Length with letters after': post('Content-Length: 5abc\r\n', smuggled),
  'hexadecimal Content-Length': post('Content-Length: 0x5\r\n', smuggled),
  'empty Content-Length': post('Content-Length:\r\n', smuggled),
  'Content-Length over 64 bits': post('Content-Length: 99999999999999999999\r\n', smuggled),
  'Content-Length with a blank inside': post('Content-Length: 1 0\r\n', smuggled),
  'a space before the colon': post('Content-Length : 5\r\n', smuggled),
  'a tab before the colon': post('Content-Length\t: 5\r\n', smuggled),
  'a space before a name': get(' X: y\r\n'),
  'Transfer-Encoding identity': post('Transfer-Encoding: identity\r\n', smuggled),
  'Transfer-Encoding gzip, chunked': post('Transfer-Encoding: gzip, chunked\r\n', `0\r\n\r\n`),
  'Transfer-Encoding chunked, identity': post('Transfer-Encoding: chunked, identity\r\n', ''),
  'Transfer-Encoding xchunked': post('Transfer-Encoding: xchunked\r\n', smuggled),
  'Transfer-Encoding with vertical tab': post('Transfer-Encoding: \x0bchunked\r\n', smuggled),
  'two Transfer-Encodings':
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'Transfer-Encoding in HTTP/1.0':
    'POST /api/v1/quotes HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'bare LF line ends': 'GET /healthz HTTP/1.1\nHost: a\n\n',
  'a bare LF among CR LF': get('X: y\nContent-Length: 5\r\n'),
  'a bare CR': get('X: y\rContent-Length: 5\r\n'),
  'a folded header': get('X: y\r\n Content-Length: 5\r\n'),
  'a header without a colon': get('Content-Length 5\r\n'),
  'an empty name': get(': 5\r\n'),
  'a non-ASCII name': get('Content-Length\xa0: 5\r\n'),
  'a name in brackets': get('(x): 5\r\n'),
  'NUL in a header': get('X: a\0b\r\n'),
  'a control character in a header': get('X: a\x01b\r\n'),
  'DEL in a header': get('X: a\x7fb\r\n'),
  'no Host': 'GET /healthz HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'an empty Host': 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n',
  'a Host with a path': 'GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'two Authorizations': get('Authorization: Bearer a\r\nAuthorization: Bearer b\r\n'),
  'two empty lines first': `\r\n\r\n${smuggled}`,
  'an encoded NUL in the path': 'GET /healthz%00 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a bad escape in the path': 'GET /healthz%zz HTTP/1.1\r\nHost: a\r\n\r\n',
  'half an escape in the path': 'GET /healthz%2 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a fragment': 'GET /healthz#a HTTP/1.1\r\nHost: a\r\n\r\n',
  'a raw byte in the path': 'GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a space in the path': 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
  'two spaces in the request line': 'GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  'a tab in the request line': 'GET\t/healthz\tHTTP/1.1\r\nHost: a\r\n\r\n',
  'no version': 'GET /healthz\r\n\r\n',
  'a version in lower case': 'GET /healthz http/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.10': 'GET /healthz HTTP/1.10\r\nHost: a\r\n\r\n',
  'a method that is no token': 'G@T /healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  'a long method': `${'A'.repeat(17)} /healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  'CONNECT': 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n',
  'an absolute address of another server': 'GET https://b/healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  'an absolute address of another scheme': 'GET ftp://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n',
  'a star with GET': 'GET * HTTP/1.1\r\nHost: a\r\n\r\n',
  'a body with GET': get('Content-Length: 38\r\n') + smuggled,
  'chunks with GET': get('Transfer-Encoding: chunked\r\n') + `0\r\n\r\n${smuggled}`,
};

for (const [name, bytes] of Object.entries(refused)) {
  test(`refused: ${name}`, async () => {
    const { answers, closed, text } = await exchange(server, Buffer.from(bytes, 'latin1'));
    assert.equal(answers.length, 1, text);
    assert.equal(answers[0].status, 400, text);
    assert.equal(answers[0].headers['content-type'], 'application/problem+json');
    assert.equal(answers[0].headers.connection, 'close');
    const problem = JSON.parse(Buffer.from(answers[0].body, 'latin1').toString('utf8'));
    assert.equal(problem.status, 400);
    assert.match(problem.code, /^[a-z_]+$/);
    assert.ok(closed, 'the connection stays open');
  });
}

const chunked = (key, chunks) =>
  `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
  `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
const badChunks = {
  'a size with 0x': '0x2\r\n{}\r\n0\r\n\r\n',
  'a size with a plus': '+2\r\n{}\r\n0\r\n\r\n',
  'a size with a blank': '2 \r\n{}\r\n0\r\n\r\n',
  'no size': '\r\n{}\r\n0\r\n\r\n',
  'a size of nine digits': '000000002\r\n{}\r\n0\r\n\r\n',
  'an extension': '2;a=b\r\n{}\r\n0\r\n\r\n',
  'an extension ending in LF': '2;\n{}\r\n0\r\n\r\n',
  'a size ending in LF': '2\n{}\r\n0\r\n\r\n',
  'data longer than its size': '2\r\n{}}\r\n0\r\n\r\n',
  'data shorter than its size': '3\r\n{}\r\n0\r\n\r\n',
  'data ending in LF': '2\r\n{}\n0\r\n\r\n',
  'a trailer': '2\r\n{}\r\n0\r\nX: y\r\n\r\n',
  'a last chunk ending in LF': '2\r\n{}\r\n0\n\n',
};
for (const [name, chunks] of Object.entries(badChunks)) {
  test(`refused chunks: ${name}`, async () => {
    const key = installation.demo.partners[0].secret_key;
    const { answers, closed, text } = await exchange(server, chunked(key, chunks) + smuggled);
    assert.equal(answers.length, 1, text);
    assert.equal(answers[0].status, 400, text);
    assert.ok(closed, 'the connection stays open');
  });
}

test('good chunks are read, and the connection serves on', async () => {
  const key = installation.demo.partners[0].secret_key;
  const { answers, text } = await exchange(
    server, chunked(key, `1\r\n{\r\n0001\r\n}\r\n0\r\n\r\n`) + smuggled,
  );
  assert.deepEqual(answers.map((answer) => answer.status), [422, 200], text);
});

test('pipelined requests are answered in order', async () => {
  const { answers } = await exchange(
    server,
    smuggled + 'GET /none HTTP/1.1\r\nHost: a\r\n\r\n' +
      'HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.deepEqual(answers.map((answer) => answer.status), [200, 404, 200]);
  assert.equal(answers[2].body, '');
});

test('one empty line before a request is skipped', async () => {
  const { answers } = await exchange(server, `\r\n${smuggled}`);
  assert.deepEqual(answers.map((answer) => answer.status), [200]);
});

test('a head that comes byte by byte is understood', async () => {
  const { connect, parse, pause } = await import('./raw.mjs');
  const connection = await connect(server);
  for (const character of smuggled) {
    connection.socket.write(character);
    await pause(2);
  }
  await pause(200);
  assert.equal(parse(connection.received())[0].status, 200);
  connection.socket.destroy();
});

// What was asked for stands before what is wrong, or all of the head could be read; else both.
test('what is wrong with a head is told in the language that could be read, or in both', async () => {
  const told = async (bytes) => (await exchange(server, bytes)).answers[0];
  const english = 'Accept-Language: en\r\n';
  const length = 'Content-Length: +5\r\n';
  for (const [bytes, language] of [
    [post(`${english}${length}`), 'en'], [post(`${length}${english}`), 'en'], [post(`Accept-Language: de, nl;q=0.5\r\n${length}`), 'nl'],
    [post(length), 'nl'], [get(`${english}X : y\r\n`), 'en'], [get('Accept-Language: nl\r\nX : y\r\n'), 'nl'],
    [get(`X : y\r\n${english}`), 'nl, en'], [get('X : y\r\n'), 'nl, en'], [`GET  / HTTP/1.1\r\nHost: a\r\n${english}\r\n`, 'nl, en'],
    [get(`${english}X: a\x00b\r\n`), 'nl, en'], [`GET / HTTP/1.1\nHost: a\n${english}\n`, 'nl, en'], [get(`${english}X: ${'y'.repeat(17000)}\r\n`), 'nl, en'],
    // A head that was read before on the same connection has no say.
    [`GET /healthz HTTP/1.1\r\nHost: a\r\n${english}\r\n${get('X: a\x00b\r\n')}`, 'nl, en'],
  ]) {
    const { answers } = await exchange(server, bytes);
    const answer = answers.at(-1);
    const problem = JSON.parse(answer.body);
    assert.equal(answer.headers['content-language'], language, `${bytes.slice(0, 100)} ${answer.body}`);
    const has = { nl: /teken|lengte|regel|precies|kop|hoogstens|één/i.test(problem.detail), en: /\b(the|one|line|send)\b/i.test(problem.detail) };
    assert.equal(has.nl, language.includes('nl'), problem.detail);
    assert.equal(has.en, language.includes('en'), problem.detail);
    assert.equal(problem.title.includes(' / '), language === 'nl, en', problem.title);
  }
  assert.equal((await told(get(''))).status, 200);
});

test('64 headers are fine, 65 are 431; so is a head over 16 KiB', async () => {
  const headers = (count) => Array.from({ length: count }, (_, i) => `X${i}: y\r\n`).join('');
  const status = async (bytes) => (await exchange(server, bytes)).answers[0].status;
  assert.equal(await status(get(headers(63))), 200);
  assert.equal(await status(get(`${headers(64)}Content-Length: 5\r\n`)), 431);
  assert.equal(await status(get(`X: ${'y'.repeat(17000)}\r\n`)), 431);
  assert.equal(await status(`GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`), 414);
});

test('other versions of HTTP are 505', async () => {
  for (const version of ['HTTP/2.0', 'HTTP/1.2', 'HTTP/0.9']) {
    const { answers } = await exchange(server, `GET / ${version}\r\nHost: a\r\n\r\n`);
    assert.equal(answers[0].status, 505);
  }
  const { answers } = await exchange(server, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.equal(answers[0].status, 505);
});

test('absolute addresses of this server and OPTIONS * are answered', async () => {
  const absolute = 'GET https://a/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  assert.equal((await exchange(server, absolute)).answers[0].status, 200);
  const star = await exchange(server, 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal(star.answers[0].status, 204);
  assert.match(star.answers[0].headers.allow, /GET/);
});

test('HTTP/1.0 is answered and closed, or kept when it asks', async () => {
  const plain = await exchange(server, 'GET /healthz HTTP/1.0\r\n\r\n');
  assert.equal(plain.answers[0].status, 200);
  assert.ok(plain.closed);
  const kept = await exchange(server, 'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  assert.equal(kept.answers[0].headers.connection, 'keep-alive');
  assert.ok(!kept.closed);
});
