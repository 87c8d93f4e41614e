// Oversized, malformed and endless requests, by name: each costs one clear answer, and the server
// neither grows nor slows by them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { connect, exchange, parse, pause } from './raw.mjs';
import { exampleAnswers, install, request, serve } from './support.mjs';

let installation;
let server;
let key;
let answers;
before(async () => {
  installation = install();
  server = await serve(installation);
  key = installation.demo.partners[0].secret_key;
  answers = await exampleAnswers(server, key, 'auto');
});
after(async () => {
  const ended = await server?.stop();
  installation.remove();
  assert.equal(ended?.code, 0, server?.log().slice(-3000));
});

const memory = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, 'utf8'))[1]) * 1024;
const estimate = (body, headers = {}) =>
  request(server, 'POST', '/api/v1/estimates', { key, body, headers });
const good = () => JSON.stringify({ product: 'auto', answers });
const question = (type) => Object.keys(answers).find((name) => typeof answers[name] === type);
// The good request with one answer put in as it stands.
const withAnswer = (name, text) =>
  JSON.stringify({ product: 'auto', answers: { ...answers, [name]: '\u0001' } }).replace('"\\u0001"', text);

async function refused(body, status, code, headers) {
  const answer = await estimate(body, headers);
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  assert.equal(answer.json.status, status);
  assert.ok(answer.json.detail.length > 10, answer.text);
  if (code) assert.equal(answer.json.code, code, answer.text);
  return answer.json;
}

test('the request that all of these are made from is a good one', async () => {
  assert.equal((await estimate(good())).status, 200);
});

// ---- JSON --------------------------------------------------------------------------------------
test('duplicate keys at the top', () =>
  refused(good().replace('{', '{"product":"auto",'), 400, 'duplicate_key'));
test('duplicate keys inside', () => {
  const name = Object.keys(answers)[0];
  return refused(good().replace('"answers":{', `"answers":{"${name}":null,`), 400, 'duplicate_key');
});
test('duplicate keys, one of them written with an escape', () =>
  refused(good().replace('{', '{"\\u0070roduct":"auto",'), 400, 'duplicate_key'));
test('nesting: 33 deep, 10,000 deep, 100,000 deep and never closed', async () => {
  const nested = (depth) => `{"product":"auto","answers":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
  await refused(nested(31), 400, 'too_deep');
  await refused(nested(10_000), 400, 'too_deep');
  await refused('['.repeat(100_000), 400, 'too_deep');
  await refused('{"a":'.repeat(40_000), 400, 'too_deep');
});
test('very many values', () =>
  refused(`{"product":"auto","answers":{"x":[${'0,'.repeat(60_000)}0]}}`, 400, 'too_many_values'));
test('1e400, and exponents that no number has', async () => {
  const name = question('number');
  for (const number of ['1e400', '-1e400', '1e6145', '1e99999999999999999999', '1e-99999999999999999999']) {
    const answer = await estimate(withAnswer(name, number));
    assert.equal(answer.status, 422, `${number}: ${answer.text}`);
    assert.ok(answer.json.errors.some(({ pointer }) => pointer === `/answers/${name}`), answer.text);
  }
});
test('integers over 2^53 are not rounded into a good answer', async () => {
  const name = question('number');
  for (const number of ['9007199254740993', '18446744073709551617', '4294967296', `${answers[name]}${'0'.repeat(30)}`,
    `${answers[name]}.00000000000000000001`]) {
    const answer = await estimate(withAnswer(name, number));
    assert.equal(answer.status, 422, `${number}: ${answer.text}`);
  }
});
test('a number of 100,000 digits', () => refused(withAnswer(question('number'), '1'.repeat(100_000)), 422));
test('lone surrogates', async () => {
  await refused(withAnswer(question('string'), '"\\ud800"'), 400, 'lone_surrogate');
  await refused(withAnswer(question('string'), '"\\udc00\\ud800"'), 400, 'lone_surrogate');
});
test('NUL in a text, in a key, and as a byte', async () => {
  const escaped = await estimate(withAnswer(question('string'), '"a\\u0000b"'));
  assert.ok([400, 422].includes(escaped.status), escaped.text);
  const inKey = await estimate(good().replace('"product"', '"pro\\u0000duct"'));
  assert.ok([400, 422].includes(inKey.status), inKey.text);
  await refused(`${good()}\0`, 400);
  await refused(good().replace('auto', 'au\0to'), 400);
});
test('a byte order mark', () => refused(`\ufeff${good()}`, 400, 'byte_order_mark'));
test('UTF-16', () => refused(Buffer.from(`\ufeff${good()}`, 'utf16le'), 400));
test('bytes that are no UTF-8: cut short, overlong, surrogates, over U+10FFFF', async () => {
  for (const bytes of [[0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80], [0xff]]) {
    const [start, end] = withAnswer(question('string'), '"@"').split('@');
    await refused(Buffer.concat([Buffer.from(start), Buffer.from(bytes), Buffer.from(end)]), 400, 'not_utf8');
  }
});
test('trailing data', async () => {
  for (const tail of ['x', '{}', ',', ']', '}', '\0', '// end', '\n"a"']) await refused(good() + tail, 400);
});
test('a scalar or a list at the top', async () => {
  for (const body of ['5', '"a"', 'null', 'true', '[]', '[{}]']) await refused(body, 400, 'not_an_object');
});
test('text that is almost JSON', async () => {
  for (const body of ["{'product':'auto'}", '{product:"auto"}', '{"product":"auto",}', '{"product":NaN}', '{"product":01}',
    '{"product":.5}', '{"product":+1}', '{"product":0x1}', '{"product":"a\tb"}', '{"product":"\\x41"}', '{"product":"auto"',
    '{"product"}', '{"product":}', '{:1}', '{"product":tru}', '/**/{}', '{,}']) {
    await refused(body, 400);
  }
});
test('a wrong Content-Type, or none', async () => {
  for (const type of ['text/plain', 'application/xml', 'text/json', 'application/json-patch+json', 'application/json,text/plain',
    'application/json; charset=latin1', 'multipart/form-data; boundary=x', 'application', '/', ';']) {
    await refused(good(), 415, undefined, { 'Content-Type': type });
  }
});

// ---- sizes -------------------------------------------------------------------------------------
const head = (headers) => `POST /api/v1/estimates HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
  `Content-Type: application/json\r\n${headers}\r\n\r\n`;

test('an oversized body is refused before it is sent', async () => {
  for (const length of [1_100_000, 10_000_000_000, 999_999_999_999_999]) {
    const { answers: got, closed } = await exchange(server, head(`Content-Length: ${length}`), { quiet_ms: 3000 });
    assert.equal(got[0]?.status, 413);
    assert.ok(closed);
  }
});
test('an oversized body that waits to be asked for is never asked for', async () => {
  const { text } = await exchange(server, head('Expect: 100-continue\r\nContent-Length: 50000000'), { quiet_ms: 3000 });
  assert.doesNotMatch(text, /100 Continue/);
  assert.match(text, /^HTTP\/1\.1 413 /);
});

// Sends `piece` for ever, until there is an answer or the end.
async function endless(first, piece, limit_ms = 15_000) {
  const connection = await connect(server);
  let closed = false;
  let sent = 0;
  connection.closed.then(() => { closed = true; });
  connection.socket.on('error', () => {});
  connection.socket.write(Buffer.from(first, 'latin1'));
  const bytes = Buffer.from(piece, 'latin1');
  const began = Date.now();
  while (!closed && !connection.received() && Date.now() - began < limit_ms) {
    sent += bytes.length;
    if (connection.socket.write(bytes)) await pause(0);
    else await Promise.race([new Promise((done) => connection.socket.once('drain', done)), connection.closed, pause(1000)]);
  }
  await Promise.race([connection.closed, pause(3000)]);
  const got = parse(connection.received());
  connection.socket.destroy();
  return { status: got[0]?.status, count: got.length, sent };
}

const kilobyte = 'a'.repeat(1024);
const without = {
  'an endless request line': ['GET /', kilobyte, [414, 431]],
  'an endless method': ['', 'A'.repeat(64), [400, 431]],
  'an endless header name': ['GET / HTTP/1.1\r\nHost: a\r\n', kilobyte, [400, 431]],
  'an endless header value': ['GET / HTTP/1.1\r\nHost: a\r\nX: ', kilobyte, [431]],
  'endless headers': ['GET / HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n'.repeat(50), [431]],
  'endless cookies': ['GET / HTTP/1.1\r\nHost: a\r\n', 'Cookie: a=b\r\n'.repeat(50), [431]],
  'endless empty lines': ['', '\r\n'.repeat(100), [400]],
  'endless noughts': ['', '\0'.repeat(1024), [400]],
  'endless nonsense': ['', '\xfe\xed\r\n\xfa\xce'.repeat(100), [400, 431]],
  'an endless chunk size': [() => head('Transfer-Encoding: chunked'), '0'.repeat(1024), [400]],
  'an endless chunk extension': [() => `${head('Transfer-Encoding: chunked')}1;`, kilobyte, [400]],
  'endless trailers': [() => `${head('Transfer-Encoding: chunked')}0\r\n`, 'X: y\r\n'.repeat(50), [400]],
  'endless chunks': [() => head('Transfer-Encoding: chunked'), `400\r\n${' '.repeat(1024)}\r\n`, [413]],
  'endless chunks of one byte': [() => head('Transfer-Encoding: chunked'), '1\r\n \r\n'.repeat(500), [413]],
};
for (const [name, [first, piece, statuses]] of Object.entries(without)) {
  test(name, async () => {
    const { status, count, sent } = await endless(typeof first === 'function' ? first() : first, piece);
    assert.ok(statuses.includes(status), `${status} after ${sent} bytes`);
    assert.equal(count, 1);
  });
}

test('2,000 requests sent without waiting are answered one by one', async () => {
  const connection = await connect(server);
  connection.socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2000));
  const began = Date.now();
  const answered = () => (connection.received().match(/HTTP\/1\.1 200 /g) ?? []).length;
  while (answered() < 2000 && Date.now() - began < 20_000) await pause(50);
  assert.equal(answered(), 2000);
  connection.socket.destroy();
});

// ---- gzip --------------------------------------------------------------------------------------
const packed = (bytes) => estimate(bytes, { 'Content-Encoding': 'gzip' });
test('a gzip body that is fine is read', async () => {
  assert.equal((await packed(gzipSync(good()))).status, 200);
});
test('gzip bombs: one great, one of many members, one inside another', async () => {
  const before_ = memory();
  const great = gzipSync(Buffer.alloc(60_000_000, ' '));
  assert.equal((await packed(great)).status, 413);
  const member = gzipSync(Buffer.alloc(100_000, ' '));
  const many = await packed(Buffer.concat(Array.from({ length: 200 }, () => member)));
  assert.ok([400, 413].includes(many.status), many.text);
  const inside = await packed(gzipSync(great));
  assert.ok([400, 413].includes(inside.status), inside.text);
  const bombs = await Promise.all(Array.from({ length: 40 }, () => packed(great)));
  assert.ok(bombs.every(({ status }) => status === 413));
  if (!process.env.KOPPEL_SANITIZER) assert.ok(memory() - before_ < 100_000_000, `${memory() - before_} bytes more`);
});
test('gzip that is cut short, damaged, followed by more, or not gzip', async () => {
  const whole = gzipSync(good());
  const damaged = Buffer.from(whole);
  damaged[20] ^= 0xff;
  const checksum = Buffer.from(whole);
  checksum[checksum.length - 6] ^= 1;
  for (const bytes of [whole.subarray(0, -9), whole.subarray(0, 5), damaged, checksum,
    Buffer.concat([whole, Buffer.from('x')]), Buffer.from(good()), Buffer.alloc(0)]) {
    const answer = await packed(bytes);
    assert.equal(answer.status, 400, answer.text);
  }
});
test('codings upon codings', async () => {
  for (const coding of ['gzip, gzip', 'deflate', 'br', 'zstd', 'gzip;q=1', 'identity, gzip', 'x'.repeat(2000)]) {
    assert.equal((await estimate(gzipSync(good()), { 'Content-Encoding': coding })).status, 415, coding);
  }
});

test('the server is as it was', async () => {
  assert.equal((await estimate(good())).status, 200);
  if (!process.env.KOPPEL_SANITIZER) assert.ok(memory() < 150_000_000, `${memory()} bytes`);
});
