// Messages made to hurt: each gets a fault that says what is wrong, quickly, and the server goes on
// as before. What one costs is measured in the server's own processor time and memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { exchange } from '../api/raw.mjs';
import {
  GENERIC, SERVICE, SOAP11, TYPE11, call, envelope, faultOf, post, start, textOf,
} from './support.mjs';

const CPU_MAX_MS = 20; // of one message, with the connection that brings it
const MEMORY_MAX_KB = 20 * 1024;
const TICK_MS = 10;
let started;
let answersBefore;

before(async () => {
  started = await start();
  answersBefore = (await post(started, envelope(call('ListProducts')))).text;
});
after(() => started?.stop());

const proc = (name) => readFileSync(`/proc/${started.server.process.pid}/${name}`, 'utf8');
const cpuMs = () => {
  const parts = proc('stat').split(') ')[1].split(' ');
  return (Number(parts[11]) + Number(parts[12])) * TICK_MS;
};
const memoryKb = () => Number(/VmRSS:\s+(\d+)/.exec(proc('status'))[1]);

// Sends it some times over, so that the clock's ticks suffice to tell what one takes.
async function hurts(body, codes, options) {
  const times = 5;
  const cpu = cpuMs();
  const memory = memoryKb();
  for (let at = 0; at < times; at += 1) {
    const answer = await post(started, body, options);
    assert.equal(answer.status, 500, answer.text.slice(0, 500));
    assert.ok([codes].flat().includes(faultOf(answer)?.code), answer.text.slice(0, 700));
    assert.ok(Buffer.byteLength(answer.text) < 64 * 1024);
  }
  if (!process.env.KOPPEL_SANITIZER) { // which makes all of it dearer
    assert.ok((cpuMs() - cpu) / times <= CPU_MAX_MS, `${(cpuMs() - cpu) / times} ms of processor time`);
    assert.ok(memoryKb() - memory <= MEMORY_MAX_KB, `${memoryKb() - memory} kB more`);
  }
  assert.equal((await post(started, envelope(call('ListProducts')))).text, answersBefore);
}

const many = (count, make) => Array.from({ length: count }, (_, at) => make(at)).join('');
const limits = ['too_many_elements', 'too_many_attributes', 'too_many_namespaces', 'too_deep', 'too_long', 'body_too_large'];
const doctype = (subset, body = '&a;') => `<?xml version="1.0"?><!DOCTYPE x [${subset}]>${envelope(call('GetProduct', `<product>${body}</product>`)).replace(/^<\?xml.*?\?>/, '')}`;

test('bombs of entities and outside entities, as document types are refused', async () => {
  const laughs = many(10, (at) => `<!ENTITY l${at} "${`&l${at - 1};`.repeat(10)}">`).replace('&l-1;'.repeat(10), 'lol');
  await hurts(doctype(laughs, '&l9;'), 'document_type');
  await hurts(doctype('<!ENTITY a SYSTEM "file:///etc/passwd">'), 'document_type');
  await hurts(doctype('<!ENTITY % p SYSTEM "https://127.0.0.1:1/x"> %p;'), 'document_type');
  await hurts(`<!DOCTYPE x SYSTEM "https://127.0.0.1:1/x.dtd"><x/>`, 'document_type');
  await hurts(`<!DOCTYPE x [${'<!ELEMENT x ANY>'.repeat(5000)}]><x/>`, 'document_type');
  await hurts(Buffer.from(`\uFEFF${doctype('<!ENTITY a "b">')}`, 'utf16le'), 'document_type', { headers: { 'Content-Type': 'text/xml' } });
  await hurts(envelope(call('GetProduct', '<product>&undefined;</product>')), 'malformed');
});

test('a hundred thousand attributes, namespaces, elements, levels', async () => {
  const count = 100_000;
  const wide = (make) => envelope(`<ListProducts xmlns="${GENERIC}" ${many(count, make)}/>`);
  const fits = (make) => wide(make).slice(0, 240_000);
  for (const make of [(at) => ` a${at}=""`, (at) => ` xmlns:a${at}="u"`]) {
    await hurts(wide(make), limits);
    await hurts(fits(make), [...limits, 'malformed']);
  }
  await hurts(envelope(call('ListProducts', '<a/>'.repeat(count))), limits);
  await hurts(envelope(call('ListProducts', '<a/>'.repeat(50_000))), limits);
  await hurts(envelope(call('ListProducts', '<a/>'.repeat(19_000))), 'invalid_fields');
  await hurts(envelope(call('ListProducts', many(19_000, (at) => `<a${at}/>`))), 'invalid_fields');
  await hurts(envelope(call('ListProducts', '<a>'.repeat(50_000) + '</a>'.repeat(5000))), limits);
  await hurts(envelope(call('ListProducts', many(3000, (at) => `<a xmlns="u${at}"/>`))), limits);
  await hurts(envelope(call('ListProducts', many(15_000, () => '<a b="" c=""/>'))), limits);
});

test('many answers, with one name and with many', async () => {
  const answers = (make) => envelope(call('RequestEstimate', `<product>auto</product><answers>${many(4000, make)}</answers>`));
  await hurts(answers(() => '<answer name="birth_date">1980-05-17</answer>'), 'invalid_fields');
  await hurts(answers((at) => `<answer name="a${at}">x</answer>`), 'invalid_fields');
  await hurts(answers((at) => `<record name="a${at % 200}"/>`), 'invalid_fields');
  await hurts(answers(() => '<record name="a"><answer name="b"/></record>'), 'invalid_fields');
});

test('long texts, names, comments', async () => {
  const long = 'x'.repeat(100_000);
  await hurts(envelope(call('GetProduct', `<product>${long}</product>`)), 'too_long');
  await hurts(envelope(call('GetProduct', `<${long}/>`)), 'too_long');
  await hurts(envelope(call('GetProduct', `<product a="${long}"/>`)), 'too_long');
  await hurts(envelope(call('GetProduct', `<!--${long}-->`)), 'too_long');
  await hurts(envelope(call('GetProduct', `<product><![CDATA[${long}]]></product>`)), 'too_long');
  await hurts(envelope(call('GetProduct', `<product>${'x<!---->'.repeat(20_000)}</product>`)), ['too_long', 'invalid_fields', 'unknown_product']);
  await hurts(envelope(call('GetProduct', `<product>${'&#120;'.repeat(30_000)}</product>`)), 'too_long');
});

test('what is no XML, or stops midway, or is empty', async () => {
  const whole = envelope(call('ListProducts'));
  for (const body of ['', ' ', 'hello', '{"product": "auto"}', '<', '<a', '<a>', '</a>', '<a></b>', '<a/><b/>', '<!', '<![CDATA[', '<!--', '<?', '<?xml', '<a b=c/>', '<a b="1" b="2"/>', '<p:a/>', `${whole}x`, `<?xml version="1.0"?>`])
    await hurts(body, ['malformed', 'processing_instruction', 'document_type']);
  for (const at of [50, 100, whole.length - 30, whole.length - 5]) await hurts(whole.slice(0, at), 'malformed');
  await hurts(`<?php echo 1 ?>${whole}`, ['processing_instruction', 'malformed']);
  await hurts(whole.replace('<ListProducts', '<?target data?><ListProducts'), 'processing_instruction');
});

test('envelopes that are none, two bodies, a body too few, a header behind it', async () => {
  const body = `<s:Body>${call('ListProducts')}</s:Body>`;
  const wrap = (inner) => `<s:Envelope xmlns:s="${SOAP11}">${inner}</s:Envelope>`;
  for (const inner of [body + body, '', '<s:Header/>', `${body}<s:Header/>`, `<s:Header/><s:Header/>${body}`, '<s:Body/>', `<s:Body>${call('ListProducts')}${call('ListProducts')}</s:Body>`, `<s:Body>text</s:Body>`, `<s:Body>text${call('ListProducts')}</s:Body>`, `${body}<x xmlns="urn:x"/>`, `<Body>${call('ListProducts')}</Body>`])
    await hurts(wrap(inner), 'bad_envelope');
  await hurts('<a/>', 'bad_envelope');
});

test('NUL, control characters, invalid UTF-8, encodings that lie', async () => {
  const product = (bytes) => Buffer.concat([Buffer.from(envelope('').split('</s:Body>')[0] + `<GetProduct xmlns="${GENERIC}"><product>`), bytes, Buffer.from('</product></GetProduct></s:Body></s:Envelope>')]);
  await hurts(product(Buffer.from([0])), 'control_character');
  for (const bytes of [[1], [0x1f], [0xef, 0xbf, 0xbf]]) await hurts(product(Buffer.from(bytes)), 'malformed');
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) await hurts(product(Buffer.from(bytes)), 'not_utf8');
  await hurts(envelope(call('GetProduct', '<product>&#0;</product>')), 'malformed');
  const typed = (type) => ({ headers: { 'Content-Type': type } });
  const list = envelope(call('ListProducts'));
  await hurts(list.replace('utf-8', 'utf-16'), 'encoding', typed('text/xml'));
  await hurts(list, 'encoding', typed('text/xml; charset=utf-16'));
  await hurts(list, 'encoding', typed('text/xml; charset=utf-7'));
  await hurts(list.replace('utf-8', 'ebcdic-cp-nl'), 'encoding', typed('text/xml'));
  await hurts(Buffer.from(list, 'utf16le'), 'encoding', typed('text/xml; charset=utf-8'));
  await hurts(Buffer.from(list, 'utf16le'), 'encoding', typed('text/xml'));
  await hurts(Buffer.concat([Buffer.from(`\uFEFF${list}`, 'utf16le'), Buffer.from('x')]), 'encoding', typed('text/xml; charset=utf-16'));
  await hurts(`\uFEFF${list}`, 'encoding', typed('text/xml; charset=iso-8859-1'));
});

test('bombs of gzip, and gzip that stops midway', async () => {
  const headers = { 'Content-Encoding': 'gzip' };
  await hurts(gzipSync(Buffer.alloc(50 << 20, ' ')), ['body_too_large', 'body_too_dense'], { headers });
  await hurts(gzipSync(envelope(call('ListProducts'))).subarray(0, 60), 'bad_gzip', { headers });
});

test('a body that never ends is a fault too, and a spoofed action changes nothing', async () => {
  const action = { headers: { SOAPAction: `"${GENERIC}#RequestQuote"` } };
  await hurts(envelope(call('ListProducts')), 'action_mismatch', action);
  const cut = await exchange(started.server, `POST ${SERVICE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${TYPE11}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`);
  assert.equal(cut.answers[0].status, 500);
  assert.equal(textOf(cut.text, 'code'), 'bad_chunk');
});

test('other methods, and addresses without a description, are told of over HTTP', async () => {
  for (const [method, path, status] of [['GET', SERVICE, 404], ['GET', `${SERVICE}/none?wsdl`, 404], ['GET', `${SERVICE}/auto?wsdl&interface=9`, 404], ['GET', `${SERVICE}/auto?wsdl&interface=1`, 200], ['GET', `${SERVICE}/auto?wsdl&interface=x`, 404], ['GET', `${SERVICE}/../../etc?wsdl`, 404], ['DELETE', SERVICE, 405], ['OPTIONS', SERVICE, 405]]) {
    const { answers } = await exchange(started.server, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, { quiet_ms: 100 });
    assert.equal(answers[0].status, status, `${method} ${path}`);
  }
});
