// What clients in use need of a SOAP service, a test per rule: the requests are raw, as those
// clients write them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dateIn, exampleAnswers, request, run } from '../api/support.mjs';
import { connect, exchange, pause } from '../api/raw.mjs';
import {
  GENERIC, SERVICE, SOAP11, SOAP12, TYPE11, TYPE12, call, envelope, faultOf, namedAnswers, post, start,
  textOf, typedAnswers,
} from './support.mjs';

const TYPED = 'urn:koppel:quote:auto:i1';
let started;
let answers;
let estimate; // a message of the generic service
let total;

before(async () => {
  started = await start();
  answers = await exampleAnswers(started.server, started.key, 'auto');
  estimate = call('RequestEstimate', `<product>auto</product>${namedAnswers(answers)}`);
  const json = await request(started.server, 'POST', '/api/v1/estimates', { key: started.key, body: { product: 'auto', answers } });
  total = json.json.premium.total;
});
after(() => started?.stop());

const wsdl = async (path = '', query = 'wsdl') => (await request(started.server, 'GET', `${SERVICE}${path}?${query}`)).text;
const list = envelope(call('ListProducts'));

function offered(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(textOf(answer.text.replace(/<covers>.*<\/covers>/s, ''), 'total'), total);
}

function refused(answer, code) {
  assert.equal(answer.status, 500, answer.text);
  assert.equal(faultOf(answer)?.code, code, answer.text);
}

// Bytes as they stand on the connection.
async function raw(head, body, { version = '1.1' } = {}) {
  const bytes = Buffer.concat([
    Buffer.from(`POST ${SERVICE} HTTP/${version}\r\nHost: localhost\r\nAuthorization: Bearer ${started.key}\r\n${head}\r\n\r\n`),
    Buffer.isBuffer(body) ? body : Buffer.from(body),
  ]);
  const { text, answers: [answer] } = await exchange(started.server, bytes);
  return { ...answer, text };
}

test('rule 1: the default WSDL has one port, SOAP 1.1, document/literal wrapped, schema inline', async () => {
  for (const path of ['', '/auto', '/reis']) {
    const text = await wsdl(path);
    assert.equal(text.match(/<wsdl:port /g).length, 1);
    assert.match(text, /xmlns:soap="http:\/\/schemas\.xmlsoap\.org\/wsdl\/soap\/"/);
    assert.match(text, /style="document"/);
    assert.ok(!/soap:body use="(?!literal)/.test(text));
    assert.match(text, /<wsdl:types><xs:schema /);
  }
  assert.equal(await wsdl('', 'WSDL'), await wsdl());
  assert.equal(await wsdl('', 'singleWsdl'), await wsdl());
});

test('rule 2: SOAP 1.2 stands in a WSDL of its own', async () => {
  const first = await wsdl();
  const second = await wsdl('', 'wsdl=1.2');
  assert.ok(!first.includes('wsdl/soap12/'));
  assert.match(second, /xmlns:soap="http:\/\/schemas\.xmlsoap\.org\/wsdl\/soap12\/"/);
  assert.equal(second.match(/<wsdl:port /g).length, 1);
  assert.equal((await request(started.server, 'GET', `${SERVICE}?wsdl=2.0`)).status, 404);
});

test('rule 3: nothing is imported', async () => {
  for (const path of ['', '/auto']) assert.ok(!/<(wsdl|xs):(import|include)/.test(await wsdl(path)));
});

test('rule 4: addresses come from the public URL, whatever host was asked', async () => {
  for (const path of ['', '/auto']) {
    const answer = await request(started.server, 'GET', `${SERVICE}${path}?wsdl`, { headers: { Host: 'other.example' } });
    assert.match(answer.text, new RegExp(`location="${started.address}${path}"`));
    assert.ok(!answer.text.includes('other.example'));
  }
});

test('rule 5: wrappers are named as operations, with one part, qualified and without attributes', async () => {
  for (const path of ['', '/auto']) {
    const text = await wsdl(path);
    assert.match(text, /elementFormDefault="qualified"/);
    assert.ok(!text.includes('xs:any'));
    const names = [...text.matchAll(/<soap:operation soapAction="([^"]*)#(\w+)"/g)].map(([, , name]) => name);
    assert.ok(names.includes('RequestQuote') && names.includes('GetQuote'));
    for (const name of names) {
      assert.match(text, new RegExp(`<xs:element name="${name}"><xs:complexType><xs:sequence>`));
      assert.match(text, new RegExp(`<xs:element name="${name}Response"><xs:complexType><xs:sequence>`));
      assert.match(text, new RegExp(`<wsdl:message name="${name}"><wsdl:part name="parameters" element="tns:${name}"/>`));
    }
  }
});

test('rule 6: a breaking version of a product has a namespace of its own', async () => {
  assert.match(await wsdl('/auto'), /targetNamespace="urn:koppel:quote:auto:i1"/);
  const answer = await post(started, envelope(call('RequestEstimate', typedAnswers(answers), 'urn:koppel:quote:auto:i2')), { path: `${SERVICE}/auto` });
  refused(answer, 'interface_not_in_force');
  assert.match(faultOf(answer).message, /interface=1/);
});

test('rule 7: no rpc, no encoding, no arrays of SOAP, no HTTP bindings', async () => {
  const text = await wsdl();
  assert.ok(!/style="rpc"|use="encoded"|soapenc|wsdl\/http\//.test(text));
});

test('rule 8: one address takes both versions; the body says the operation', async () => {
  for (const [version, type] of [[SOAP11, TYPE11], [SOAP12, TYPE12], [SOAP11, TYPE12], [SOAP12, TYPE11]]) {
    const answer = await post(started, envelope(estimate, { version }), { headers: { 'Content-Type': type } });
    offered(answer);
    assert.ok(answer.text.includes(`xmlns:soap="${version}"`));
    assert.equal(answer.headers['content-type'], version === SOAP12 ? TYPE12 : TYPE11);
  }
});

test('rule 9: an action in any form, or none; one of another operation is refused', async () => {
  for (const action of ['""', '', `"${GENERIC}#RequestEstimate"`, `${GENERIC}#RequestEstimate`, 'RequestEstimate', '"http://elsewhere/x"'])
    offered(await post(started, envelope(estimate), { headers: { SOAPAction: action } }));
  offered(await post(started, envelope(estimate)));
  for (const type of [`application/soap+xml;action="${GENERIC}#RequestEstimate";charset=utf-8`, `application/soap+xml; charset="utf-8"; action=RequestEstimate`])
    offered(await post(started, envelope(estimate, { version: SOAP12 }), { headers: { 'Content-Type': type } }));
  refused(await post(started, list, { headers: { SOAPAction: `"${GENERIC}#RequestEstimate"` } }), 'action_mismatch');
  refused(await post(started, envelope(call('ListProducts'), { version: SOAP12 }), { headers: { 'Content-Type': `application/soap+xml; action="${GENERIC}#GetQuote"` } }), 'action_mismatch');
});

test('rule 10: HTTP/1.0, an expected 100, chunked and gzip bodies, a closed connection', async () => {
  const body = envelope(estimate);
  const length = Buffer.byteLength(body);
  offered(await raw(`Content-Type: ${TYPE11}\r\nContent-Length: ${length}`, body, { version: '1.0' }));
  offered(await raw(`Content-Type: ${TYPE11}\r\nContent-Length: ${length}\r\nConnection: close`, body));
  const connection = await connect(started.server);
  connection.socket.write(`POST ${SERVICE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${started.key}\r\nContent-Type: ${TYPE11}\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`);
  while (connection.received() !== 'HTTP/1.1 100 Continue\r\n\r\n') await pause(5);
  connection.socket.write(body);
  await connection.closed;
  assert.match(connection.received(), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  offered(await post(started, body, { headers: { 'Transfer-Encoding': 'chunked' } }));
  offered(await post(started, gzipSync(body), { headers: { 'Content-Encoding': 'gzip' } }));
});

test('rule 11: any prefixes, two for one namespace, an empty Header, a BOM, UTF-16', async () => {
  const inner = namedAnswers(answers).replace(/<(\/?)(\w+)/g, '<$1b:$2');
  const prefixed = `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP11}" xmlns:a="${GENERIC}" xmlns:b="${GENERIC}" xmlns:c="${SOAP11}"><SOAP-ENV:Header/><c:Body><a:RequestEstimate><b:product>auto</b:product>${inner}</a:RequestEstimate></c:Body></SOAP-ENV:Envelope>`;
  offered(await post(started, prefixed));
  offered(await post(started, `\uFEFF${envelope(estimate)}`));
  const wide = Buffer.from(`\uFEFF${envelope(estimate).replace('utf-8', 'utf-16')}`, 'utf16le');
  for (const body of [wide, Buffer.from(wide).swap16()])
    for (const type of ['text/xml; charset=utf-16', 'text/xml'])
      offered(await post(started, body, { headers: { 'Content-Type': type } }));
  const latin = envelope(call('GetProduct', '<product>\u00e9\u00e9n</product>')).replace('utf-8', 'iso-8859-1');
  refused(await post(started, Buffer.from(latin, 'latin1'), { headers: { 'Content-Type': 'text/xml' } }), 'unknown_product');
});

test('rule 12: dates with a zone, decimals with other digits, white space around values', async () => {
  const loose = { ...answers, birth_date: `${answers.birth_date}Z`, catalogue_value: ' 28500.0\n', claim_free_years: ' +12 ', other_driver: ' 0 ' };
  offered(await post(started, envelope(call('RequestEstimate', `<product>auto</product>${namedAnswers(loose)}`))));
  const today = dateIn(0);
  const typed = `${typedAnswers(loose)}<effective_date> ${today}+01:00 </effective_date>`;
  offered(await post(started, envelope(call('RequestEstimate', typed, TYPED)), { path: `${SERVICE}/auto` }));
});

test('rule 13: an empty element where a date belongs gets a fault that names the field', async () => {
  const typed = typedAnswers({ ...answers, birth_date: '' });
  const answer = await post(started, envelope(call('RequestEstimate', typed, TYPED)), { path: `${SERVICE}/auto` });
  refused(answer, 'invalid_fields');
  assert.deepEqual(faultOf(answer).fields.map(({ pointer, code }) => [pointer, code]), [['/answers/birth_date', 'wrong_format']]);
});

test('rule 14: xsi:nil is not given; children without a namespace and with xsi:type are taken', async () => {
  const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';
  const nil = `<reference ${xsi} xsi:nil="true"/>`;
  offered(await post(started, envelope(call('RequestEstimate', `<product>auto</product>${namedAnswers(answers)}${nil}`))));
  const missing = await post(started, envelope(call('RequestEstimate', `<product ${xsi} xsi:nil="1"/>${namedAnswers(answers)}`)));
  refused(missing, 'invalid_fields');
  assert.equal(faultOf(missing).fields[0].pointer, '/product');
  const unqualified = `<k:RequestEstimate xmlns:k="${GENERIC}" ${xsi}><product xsi:type="xsd:string">auto</product>${namedAnswers(answers)}</k:RequestEstimate>`;
  offered(await post(started, envelope(unqualified)));
  const foreign = `<k:RequestEstimate xmlns:k="${GENERIC}"><product xmlns="urn:other">auto</product>${namedAnswers(answers)}</k:RequestEstimate>`;
  const told = await post(started, envelope(foreign));
  refused(told, 'invalid_fields');
  assert.equal(faultOf(told).fields[0].code, 'wrong_namespace');
});

test('rule 15: MustUnderstand and VersionMismatch', async () => {
  const header = (version, value, more = '') => `<s:Header><x:Thing xmlns:x="urn:x" s:mustUnderstand="${value}"${more}/></s:Header>`;
  for (const value of ['1', 'true']) {
    const old = await post(started, envelope(estimate, { header: header(SOAP11, value) }));
    assert.equal(old.status, 500);
    assert.equal(textOf(old.text, 'faultcode'), 'soap:MustUnderstand');
    const later = await post(started, envelope(estimate, { version: SOAP12, header: header(SOAP12, value) }));
    assert.equal(later.status, 500);
    assert.equal(textOf(later.text, 'Value'), 'soap:MustUnderstand');
    assert.match(later.text, /<soap:NotUnderstood xmlns:h="urn:x" qname="h:Thing"\/>/);
  }
  offered(await post(started, envelope(estimate, { header: header(SOAP11, '0') })));
  offered(await post(started, envelope(estimate, { header: header(SOAP11, '1', ' s:actor="urn:somebody"') })));
  const wrong = await post(started, envelope(estimate, { version: 'urn:soap:2.0' }));
  assert.equal(wrong.status, 500);
  assert.equal(textOf(wrong.text, 'faultcode'), 'soap:VersionMismatch');
});

test('rule 16: every fault has status 500, in both versions', async () => {
  for (const [version, type] of [[SOAP11, TYPE11], [SOAP12, TYPE12]]) {
    const headers = { 'Content-Type': type };
    refused(await post(started, envelope(call('RequestEstimate', '', GENERIC), { version }), { headers }), 'invalid_fields');
    refused(await post(started, envelope(call('GetQuote', '<id>qte_none</id>'), { version }), { headers }), 'not_found');
    refused(await post(started, envelope(estimate, { version }), { headers, key: 'sk_live_wrong' }), 'unauthorized');
    refused(await post(started, envelope(estimate, { version }), { headers, key: null }), 'unauthorized');
    refused(await post(started, envelope(call('Nothing'), { version }), { headers }), 'unknown_operation');
    refused(await post(started, envelope(estimate, { version }), { headers, path: '/soap/v1/other' }), 'not_found');
  }
});

test('rule 17: the Content-Type is exactly that of the version', async () => {
  const old = await post(started, list);
  assert.equal(old.headers['content-type'], 'text/xml; charset=utf-8');
  const fault = await post(started, 'no XML', { headers: { 'Content-Type': TYPE12 } });
  assert.equal(fault.headers['content-type'], 'application/soap+xml; charset=utf-8');
});

test('rule 18: the parts of a fault in 1.1 and 1.2, with a typed detail', async () => {
  const wrong = call('RequestEstimate', '<product>auto</product><answers/>');
  const old = await post(started, envelope(wrong));
  assert.match(old.text, /<soap:Fault><faultcode>soap:Client<\/faultcode><faultstring xml:lang="nl">[^<]+<\/faultstring><detail><ServiceFault xmlns="urn:koppel:quote:v1">/);
  const later = await post(started, envelope(wrong, { version: SOAP12 }), { headers: { 'Accept-Language': 'en' } });
  assert.match(later.text, /<soap:Code><soap:Value>soap:Sender<\/soap:Value><soap:Subcode><soap:Value xmlns:k="urn:koppel:quote:v1">k:invalid_fields<\/soap:Value><\/soap:Subcode><\/soap:Code><soap:Reason><soap:Text xml:lang="en">Correct what stands under fields\./);
  for (const answer of [old, later]) {
    const { code, message, fields } = faultOf(answer);
    assert.equal(code, 'invalid_fields');
    assert.ok(message.length > 10);
    const born = fields.find(({ pointer }) => pointer === '/answers/birth_date');
    assert.equal(born.code, 'required');
    assert.match(born.message, answer === old ? /geboortedatum/ : /date of birth/i);
  }
});

test('rule 19: what goes wrong before the message is read is a fault too, and a rate limit', async () => {
  refused(await post(started, Buffer.alloc(2 << 20, 'x')), 'body_too_large');
  refused(await post(started, 'x', { headers: { 'Content-Encoding': 'br' } }), 'content_encoding');
  refused(await post(started, 'x', { headers: { 'Content-Encoding': 'gzip' } }), 'bad_gzip');
  refused(await post(started, list, { headers: { 'Content-Type': 'application/json' } }), 'content_type');
  refused(await raw(`Content-Type: ${TYPE11}\r\nExpect: tea\r\nContent-Length: 0`, ''), 'expectation');
  const partner = started.installation.demo.partners[0].id;
  const made = run('key', 'create', '--data', started.installation.folder, '--partner', partner, '--kind', 'secret', '--mode', 'test', '--rate-limit', '2');
  assert.equal(made.status, 0, made.stderr);
  const key = /sk_\w+/.exec(made.stdout)[0];
  let answer;
  for (let times = 0; times < 4; times += 1) answer = await post(started, list, { key });
  refused(answer, 'too_many_requests');
  assert.ok(Number(answer.headers['retry-after']) > 0);
});

test('rule 20: small answers, not compressed unasked, on a connection that stays open', async () => {
  const answer = await post(started, envelope(estimate));
  assert.ok(Buffer.byteLength(answer.text) < 64 * 1024);
  assert.equal(answer.headers['content-encoding'], undefined);
  const wrong = envelope(call('Nothing'));
  const one = `POST ${SERVICE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${started.key}\r\nContent-Type: ${TYPE11}\r\nContent-Length: ${Buffer.byteLength(wrong)}\r\n\r\n${wrong}`;
  const both = await exchange(started.server, one + one);
  assert.deepEqual(both.answers.map(({ status }) => status), [500, 500]);
  assert.ok(!both.closed && !/Connection: close/i.test(both.text));
});

test('the key by Basic, as password or as user name, and by Bearer; a wrong one is refused alike', async () => {
  const basic = (text) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  for (const text of [`koppel:${started.key}`, `${started.key}:`])
    offered(await post(started, envelope(estimate), { key: null, headers: basic(text) }));
  for (const text of ['koppel:wrong', 'koppel', `${started.key}:wrong`])
    refused(await post(started, envelope(estimate), { key: null, headers: basic(text) }), 'unauthorized');
  for (const value of ['Basic', 'Basic %%%%', 'Digest x', `Bearer${started.key}`])
    refused(await post(started, envelope(estimate), { key: null, headers: { Authorization: value } }), 'unauthorized');
});

test('an idempotency key gives the same quote again, and is told of another input', async () => {
  const quote = (reference) => post(started, envelope(call('RequestQuote', `<product>auto</product>${namedAnswers(answers)}<reference>${reference}</reference>`)), { headers: { 'Idempotency-Key': 'soap-1' } });
  const first = await quote('a');
  const again = await quote('a');
  assert.equal(first.status, 200, first.text);
  assert.equal(textOf(again.text, 'id'), textOf(first.text, 'id'));
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal((await quote('b')).status, 500);
});
