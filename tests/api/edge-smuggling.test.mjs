// Framing, by tables: everything that could make two requests of one on the way to this server. Each
// probe carries a second request inside; none of them may ever be run. What is ambiguous gets 400
// and the end of its connection; what is unusual but clear gets its one right answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exchange } from './raw.mjs';
import { install, serve } from './support.mjs';

let installation;
let server;
let key;
before(async () => {
  installation = install();
  server = await serve(installation);
  key = installation.demo.partners[0].secret_key;
});
after(async () => {
  const ended = await server?.stop();
  installation.remove();
  assert.equal(ended?.code, 0, server?.log().slice(-3000));
});

// A request that must not be run; were it run, the log would have its path.
const hidden = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
// A request that may follow, when the one before it was clear.
const next = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const post = (headers, body) => `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}`;
const get = (headers) => `GET /healthz HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n`;
const shown = (text) => JSON.stringify(text).slice(1, -1).slice(0, 60);

// Sends a probe, in which the hidden request has an address of its own, and sees that it is not run.
let probes = 0;
async function probe(bytes, quiet_ms) {
  const own = `/s${String(++probes).padStart(7, '0')}`;
  const result = await exchange(
    server, Buffer.from(bytes.replaceAll('/smuggled', own), 'latin1'), { quiet_ms },
  );
  assert.ok(!server.log().includes(`path=${own}`), `a second request was run:\n${result.text}`);
  return result;
}

// Exactly these statuses.
async function expect(bytes, statuses, closes) {
  const { answers, closed, text } = await probe(bytes, closes ? 3000 : 250);
  assert.deepEqual(answers.map((answer) => answer.status), statuses, text);
  if (closes) assert.ok(closed, 'the connection stays open');
  return answers;
}

function refuse(name, bytes, status = 400) {
  test(`refused: ${name}`, async () => {
    const [answer] = await expect(bytes, [status], true);
    assert.equal(answer.headers.connection, 'close');
    assert.equal(answer.headers['content-type'], 'application/problem+json');
  });
}

// ---- Content-Length: what follows "Content-Length:" as it stands -------------------------------
const lengths = [
  ' -0', ' +0', ' 5.0', ' 5,', ' ,5', ' 5, 6', ' 5;', ' 5 5', ' "5"', ' 0X5', ' 0b101', ' 0o5',
  ' 5e0', ' 1_0', ' 1,000', ' \x0b5', ' 5\x0c', ' 5\x00', ' \xa05', ' \xef\xbc\x95', ' NaN',
  ' Infinity', ' 9223372036854775808', ' 18446744073709551621', ' 340282366920938463463374607431768211461',
  ' 5\r', ' $5', ' 5L', ' five', ' :5', ' %35',
];
for (const value of lengths) {
  refuse(`Content-Length:${shown(value)}`, post(`Content-Length:${value}`, hidden));
}

// ---- names that another server might take for Content-Length -----------------------------------
const lengthNames = [
  ' Content-Length', '\tContent-Length', 'Content-Length\x0b', 'Content-Length\x0c',
  'Content-Length\x00', '\x00Content-Length', 'Content-Length\x7f', 'Content Length',
  '"Content-Length"', 'Content-Length;', 'Content-Length=', 'Content-Length\xad',
  'Content-Length\r', ':Content-Length', 'Content-Length,', 'Content-Length[0]', '@Content-Length',
  'Content-\xe2\x80\x91Length', '\xef\xbb\xbfContent-Length', 'Content-Length\\',
];
for (const name of lengthNames) {
  refuse(`"${shown(name)}" as a length`, post(`${name}: ${hidden.length}`, hidden));
}

// ---- Transfer-Encoding: what follows "Transfer-Encoding:" --------------------------------------
const codings = [
  ' chunked, chunked', ' chunked,', ' ,chunked', ' chunked;q=1', ' chunked; a=b', ' chunked\x0b',
  ' \x0cchunked', ' chun ked', ' "chunked"', " 'chunked'", ' cow', ' identity, chunked',
  ' chunked, gzip', ' gzip', ' deflate', ' x-chunked', ' chunked\x00', ' \x00chunked', ' chunke',
  ' chunkedd', ' chunked chunked', '', ' ', ' trailers', ' chunked\xa0', ' \xa0chunked',
  ' \x85chunked', ' \xef\xbd\x83hunked', ' chunked\r', ' chunked/1.0', ' (chunked)', ' =chunked',
  ' chunked, identity', ' none', ' null',
];
for (const value of codings) {
  refuse(`Transfer-Encoding:${shown(value)}`,
    post(`Transfer-Encoding:${value}`, `0\r\n\r\n${hidden}`));
}

// ---- names that another server might take for Transfer-Encoding, beside a length ---------------
const codingNames = [
  'Transfer-Encoding ', 'Transfer-Encoding\t', ' Transfer-Encoding', '\tTransfer-Encoding',
  'Transfer\tEncoding', 'Transfer Encoding', 'Transfer-Encoding\x0b', '\x00Transfer-Encoding',
  'Tra\x00nsfer-Encoding', 'Transfer-Encoding\x7f', 'Transfer-Encoding,', 'Transfer-Encoding(x)',
  '\xefTransfer-Encoding', 'Transfer-Encoding=', 'X: y\nTransfer-Encoding',
  'X: y\rTransfer-Encoding', 'X: y\r\n Transfer-Encoding', 'X: y\r\n\tTransfer-Encoding',
  'X: y\r\r\nTransfer-Encoding', 'X: y\n\rTransfer-Encoding', 'X:\n y\r\nTransfer-Encoding',
];
for (const name of codingNames) {
  refuse(`"${shown(name)}" beside a length`,
    post(`Content-Length: 4\r\n${name}: chunked`, `5\r\nhello\r\n0\r\n\r\n${hidden}`));
}

// ---- folded lines, wherever one can stand ------------------------------------------------------
const folds = {
  'the first line': 'GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n',
  'the first line, with a tab': 'GET /healthz HTTP/1.1\r\n\tHost: a\r\n\r\n',
  'the value of Host': 'GET /healthz HTTP/1.1\r\nHost:\r\n a\r\n\r\n',
  'an empty continuation': get('X: y\r\n '),
  'an empty continuation with a tab': get('X: y\r\n\t'),
  'two continuations': get('X: y\r\n a\r\n b'),
  'the value of Content-Length': post('Content-Length:\r\n 5', hidden),
  'the digits of Content-Length': post('Content-Length: 1\r\n 0', hidden),
  'the value of Transfer-Encoding': post('Transfer-Encoding:\r\n chunked', `0\r\n\r\n${hidden}`),
  'the list of Transfer-Encoding': post('Transfer-Encoding: chunked\r\n ,gzip', `0\r\n\r\n${hidden}`),
  'the value of Authorization': get('Authorization: Bearer\r\n a'),
  'a line of blanks before the body': post('Content-Length: 5\r\n   ', hidden),
};
for (const [name, bytes] of Object.entries(folds)) refuse(`folded: ${name}`, bytes);

// ---- the request line --------------------------------------------------------------------------
const lines = [
  'GET /healthz HTTP/1.1 ', 'GET /healthz HTTP/1.1\t', ' GET /healthz HTTP/1.1',
  'GET /healthz HTTP/1.1 x', 'GET /healthz HTTP/1.', 'GET /healthz HTTP/.1',
  'GET /healthz HTTP/1.1.1', 'GET /healthz HTTP/01.1', 'GET /healthz HTTP /1.1',
  'GET /healthz HTTP/1,1', 'GET /healthz HTTQ/1.1', 'GET /healthz HTTPS/1.1', 'GET /healthz 1.1',
  'GET /healthz\x00HTTP/1.1', '\x00GET /healthz HTTP/1.1', 'GET\x0b/healthz HTTP/1.1',
  'GET /healthz\x0cHTTP/1.1', 'GET healthz HTTP/1.1', 'GET ?a HTTP/1.1', 'GET \\healthz HTTP/1.1',
  'GET /healthz\x7f HTTP/1.1', 'GET /a\tb HTTP/1.1', 'POST * HTTP/1.1', 'OPTIONS a HTTP/1.1',
  'GET /% HTTP/1.1', 'GET /%0 HTTP/1.1', 'GET /%g0 HTTP/1.1', 'GET /a%00?b HTTP/1.1',
  'GET https:/healthz HTTP/1.1', 'GET https:///healthz HTTP/1.1', 'GET https://b@a/healthz HTTP/1.1',
  'GET https://a:443:1/healthz HTTP/1.1', 'GET : HTTP/1.1', '/healthz HTTP/1.1', 'GET',
  'GET /healthz\rHTTP/1.1', 'GET /healthz HTTP/1.1\rX: y', 'G\xc9T /healthz HTTP/1.1',
  'GET, /healthz HTTP/1.1', '"GET" /healthz HTTP/1.1', 'GET/healthz HTTP/1.1',
];
for (const line of lines) {
  refuse(`request line ${shown(line)}`, `${line}\r\nHost: a\r\n\r\n${hidden}`);
}

// ---- Host: a router in front may go by another than we do --------------------------------------
const hosts = [
  'a b', 'a,b', 'a\tb', 'https://a', 'a/', 'a?b', 'a#b', 'b@a', 'a\\b', '[::1', '::1]', 'a:b', 'a:1:2',
  'a\x0b', '<a>', '"a"', 'a:-1', 'a:99999999', '\xe4',
];
for (const host of hosts) {
  refuse(`Host: ${shown(host)}`, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n${hidden}`);
}

// ---- chunks ------------------------------------------------------------------------------------
const chunked = (body) =>
  `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
  `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
const sizes = [
  '-2', '2\t', '\t2', ' 2', '2;', '2;a', '2;a="b"', '2;\x00', '2\x0b', 'g', '2.0', '2,2', 'fffffffff',
  'ffffffffffffffff', '10000000000000002', '00000000000000002', '2\x00', '\x002', '\xef\xbc\x92',
  '2\r', '2h', 'x2', '2 ;a', "2'", '%32',
];
for (const size of sizes) {
  test(`refused: chunk size ${shown(size)}`, () =>
    expect(chunked(`${size}\r\n{}\r\n0\r\n\r\n${hidden}`), [400], true));
}
const chunks = {
  'no line end behind data': '2\r\n{}0\r\n\r\n',
  'CR alone behind data': '2\r\n{}\r0\r\n\r\n',
  'two line ends behind data': '2\r\n{}\r\n\r\n0\r\n\r\n',
  'a blank behind data': '2\r\n{} \r\n0\r\n\r\n',
  'a last chunk with an extension': '2\r\n{}\r\n0;a\r\n\r\n',
  'a last chunk with a blank': '2\r\n{}\r\n0 \r\n\r\n',
  'a last chunk of -0': '2\r\n{}\r\n-0\r\n\r\n',
  'a last chunk of 0x0': '2\r\n{}\r\n0x0\r\n\r\n',
  'LF alone at the very end': '2\r\n{}\r\n0\r\n\n',
  'a length as a trailer': `2\r\n{}\r\n0\r\nContent-Length: ${hidden.length}\r\n\r\n`,
  'a coding as a trailer': '2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n',
  'a request as a trailer': `2\r\n{}\r\n0\r\n${hidden}`,
  'a folded trailer': '2\r\n{}\r\n0\r\n a\r\n\r\n',
};
for (const [name, body] of Object.entries(chunks)) {
  test(`refused: chunks with ${name}`, () => expect(chunked(body + hidden), [400], true));
}

// ---- unusual, but there is only one way to read it ---------------------------------------------
const clear = {
  'noughts before a length': [get('Content-Length: 000'), [200]],
  'blanks around a length': [get('Content-Length: \t 0 \t'), [200]],
  'no blank before a value': [get('Content-Length:0'), [200]],
  'Content-Length 0 with GET': [get('Content-Length: 0') + next, [200, 200]],
  'header names in any case': [get('cONTENT-lENGTH: 0') + next, [200, 200]],
  'an empty header value': [get('X:') + next, [200, 200]],
  'bytes over 127 in a value': [get('X: \xc3\xa9') + next, [200, 200]],
  'Host with a port': [`GET /healthz HTTP/1.1\r\nHost: a:8443\r\n\r\n${next}`, [200, 200]],
  'Host in brackets': [`GET /healthz HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n${next}`, [200, 200]],
  'a request to change the protocol':
    [get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk') + next, [200, 200]],
  'a request to change to WebSocket':
    [get('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13') + next, [200, 200]],
  'addresses for proxies': [get('X-Original-URL: /smuggled\r\nX-Rewrite-URL: /smuggled') + next, [200, 200]],
  'another method by header': [get('X-HTTP-Method-Override: POST') + next, [200, 200]],
  'a method in lower case': [`get /healthz HTTP/1.1\r\nHost: a\r\n\r\n${next}`, [405, 200]],
  'a method of the future': [`SMUGGLE /healthz HTTP/1.1\r\nHost: a\r\n\r\n${next}`, [405, 200]],
  'TRACE': [`TRACE /healthz HTTP/1.1\r\nHost: a\r\n\r\n${next}`, [405, 200]],
};
for (const [name, [bytes, statuses]] of Object.entries(clear)) {
  test(`one right answer: ${name}`, () => expect(bytes, statuses, false));
}

test('one right answer: nothing behind Connection: close is run', () =>
  expect(get('Connection: close') + hidden, [200], true));
test('one right answer: nothing behind HTTP/1.0 is run', () =>
  expect(`GET /healthz HTTP/1.0\r\n\r\n${hidden}`, [200], true));
test('one right answer: a length named by Connection counts all the same', () =>
  expect(post(`Connection: Content-Length\r\nAuthorization: Bearer ${key}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${hidden.length}`, hidden), [400], false));
test('one right answer: a coding named by Connection counts all the same', () =>
  expect(chunked(`2\r\n{}\r\n0\r\n\r\n`).replace('Host: a', 'Host: a\r\nConnection: Transfer-Encoding') + next,
    [422, 200], false));
for (const size of ['a', 'A', '0A', '0000000a']) {
  test(`one right answer: chunk size ${size}`, () =>
    expect(chunked(`${size}\r\n{        }\r\n0\r\n\r\n`) + next, [422, 200], false));
}

// ---- bodies that are not read: whatever the answer, they are never taken for a request ---------
const unread = {
  'no key': ['POST', '/api/v1/quotes', '', null],
  'a wrong key': ['POST', '/api/v1/quotes', 'Authorization: Bearer sk_live_x\r\n', null],
  'no such address': ['POST', '/none', '', 404],
  'no such address of the API': ['POST', '/api/v1/none', '', 404],
  'a method that cannot be used': ['PUT', '/api/v1/quotes', '', 405],
  'a wrong type': ['POST', '/api/v1/quotes', () => `Authorization: Bearer ${key}\r\nContent-Type: text/plain\r\n`, 415],
  'an unknown coding of content': ['POST', '/api/v1/quotes',
    () => `Authorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Encoding: br\r\n`, 415],
  'an expectation that cannot be met': ['POST', '/api/v1/quotes', 'Expect: more\r\n', 417],
  'a page': ['GET', '/', '', 400],
  'a preflight': ['OPTIONS', '/api/v1/quotes',
    () => `Origin: ${installation.demo.partners[0].origin}\r\nAccess-Control-Request-Method: POST\r\n`, null],
  'HEAD': ['HEAD', '/healthz', '', null],
  'DELETE': ['DELETE', '/api/v1/quotes', '', 405],
};
for (const [name, [method, path, headers, status]] of Object.entries(unread)) {
  for (const coding of ['a length', 'chunks']) {
    test(`a body that is not read stays one: ${name}, with ${coding}`, async () => {
      const framing = coding === 'chunks' ? 'Transfer-Encoding: chunked' : `Content-Length: ${hidden.length}`;
      const body = coding === 'chunks' ? `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n` : hidden;
      const head = typeof headers === 'function' ? headers() : headers;
      const { text, answers } = await probe(
        `${method} ${path} HTTP/1.1\r\nHost: a\r\n${head}${framing}\r\n\r\n${body}`,
        250,
      );
      assert.equal((text.match(/^HTTP\/1\.1 /gm) ?? []).length, 1, text);
      if (status) assert.equal(answers[0].status, status, text);
    });
  }
}
