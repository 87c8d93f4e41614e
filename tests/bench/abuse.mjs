// What messages made to hurt cost this server: processor time and memory of each, beside an ordinary
// estimate. Both entrances; every one of them is refused, and the figures are the whole request's.
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { gzipSync } from 'node:zlib';
import { usage } from './measure.mjs';

export const CPU_MAX_MS = 5; // "a few milliseconds"
export const MEMORY_MAX_MB = 20;
const LEAST = 20, LONG_MS = 400; // times each is sent; and on until that long
const MANY = 100_000;

const many = (count, make) => Array.from({ length: count }, (_, at) => make(at)).join('');
const envelope = (body) => `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
const list = (inner = '', attributes = '') => `<ListProducts xmlns="urn:koppel:quote:v1"${attributes}>${inner}</ListProducts>`;
const doctype = (subset) => `<!DOCTYPE x [${subset}]>${envelope(list('&a;'))}`;
const body = `<s:Body>${list()}</s:Body>`;
const laughs = `<!ENTITY l0 "lol">${many(10, (at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`)}`;
const whole = envelope(list());
const gzip = { 'Content-Encoding': 'gzip' };
const estimate = (answers) => `{"product":"auto","answers":${answers}}`;

// [name, body, headers]; where a message is over what is taken at all, one that is just under it too.
const soap = [
  ['entity bomb', doctype(laughs)],
  ['external entity', doctype('<!ENTITY a SYSTEM "file:///etc/passwd">')],
  ['100,000 attributes', envelope(list('', many(MANY, (at) => ` a${at}=""`)))],
  ['attributes, 240 kB', envelope(list('', many(24_000, (at) => ` a${at}=""`)))],
  ['100,000 namespaces', envelope(list('', many(MANY, (at) => ` xmlns:a${at}="u"`)))],
  ['namespaces, 240 kB', envelope(list('', many(12_000, (at) => ` xmlns:a${at}="u"`)))],
  ['100,000 elements', envelope(list('<a/>'.repeat(MANY)))],
  ['19,000 elements', envelope(list('<a/>'.repeat(19_000)))],
  ['50,000 levels', envelope(list('<a>'.repeat(50_000)))],
  ['4,000 answers', envelope(`<RequestEstimate xmlns="urn:koppel:quote:v1"><product>auto</product><answers>${many(4000, (at) => `<answer name="a${at}">x</answer>`)}</answers></RequestEstimate>`)],
  ['a text of 100 kB', envelope(list('x'.repeat(MANY)))],
  ['gzip bomb', gzipSync(Buffer.alloc(50 << 20, ' ')), gzip],
  ['two Bodies', `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${body}${body}</s:Envelope>`],
  ['truncated', whole.slice(0, whole.length - 20)],
  ['no XML', 'hello'],
  ['NUL', envelope(list('\0'))],
  ['invalid UTF-8', Buffer.concat([Buffer.from(whole.slice(0, 120)), Buffer.from([0xff, 0xfe]), Buffer.from(whole.slice(120))])],
  ['an encoding that lies', `<?xml version="1.0" encoding="utf-16"?>${whole}`, { 'Content-Type': 'text/xml' }],
  ['duplicate attributes', envelope('<a b="1" b="2"/>')],
].map((one) => ['SOAP', ...one]);
const json = [
  ['duplicate keys', estimate(`{${many(4000, () => '"birth_date":"1980-05-17",')}"a":1}`)],
  ['4,000 answers', estimate(`{${many(4000, (at) => `"a${at}":1,`)}"a":1}`)],
  ['50,000 levels', estimate('['.repeat(50_000))],
  ['1e400', estimate('{"claim_free_years":1e400}')],
  ['a number of 100 kB', estimate(`{"claim_free_years":${'9'.repeat(MANY)}}`)],
  ['a lone surrogate', estimate('{"postcode":"\\ud800"}')],
  ['NUL in a text', estimate('{"postcode":"\\u0000"}')],
  ['BOM', `\uFEFF${estimate('{}')}`],
  ['trailing data', `${estimate('{}')} x`],
  ['a scalar', '1'],
  ['1 MB of blanks', `${' '.repeat(1 << 20)}{}`],
  ['5 MB', `${estimate('{}')}${' '.repeat(5 << 20)}`],
  ['gzip bomb', gzipSync(Buffer.alloc(50 << 20, ' ')), gzip],
].map((one) => ['JSON', ...one]);

const entrances = {
  SOAP: { path: '/soap/v1/quote', type: 'text/xml; charset=utf-8' },
  JSON: { path: '/api/v1/estimates', type: 'application/json' },
};

// The status of the answer; 0 when the connection was closed instead, as it is on what is too large.
function send({ port, key, agent }, entrance, content, headers = {}) {
  return new Promise((done) => {
    const call = https.request({
      host: '127.0.0.1', port, path: entrances[entrance].path, method: 'POST', agent, rejectUnauthorized: false,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': entrances[entrance].type, 'Content-Length': Buffer.byteLength(content), ...headers },
    }, (answer) => {
      answer.resume();
      answer.on('close', () => done(answer.statusCode));
    });
    call.on('error', () => done(0));
    call.end(content);
  });
}

const memory = (pid, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

// The most that is held beyond what was held before, while it is sent once.
async function peak(target, ...message) {
  writeFileSync(`/proc/${target.pid}/clear_refs`, '5'); // the kernel's mark of the most begins anew
  const before = memory(target.pid, 'VmRSS');
  const status = await send(target, ...message);
  return { status, peak_mb: Math.max(0, memory(target.pid, 'VmHWM') - before) };
}

async function cost(target, ...message) {
  const began = Date.now();
  const before = usage(target.pid).cpu_us;
  let times = 0;
  for (; times < LEAST || Date.now() - began < LONG_MS; times += 1) await send(target, ...message);
  return (usage(target.pid).cpu_us - before) / 1000 / times;
}

// `target` is { port, key, pid }, `ordinary` an estimate as JSON. Rows { entrance, name, status,
// cpu_ms, peak_mb }, the ordinary one first.
export async function measureAbuse(target, ordinary) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const rows = [];
  for (const [entrance, name, ...message] of [['JSON', 'an ordinary estimate', ordinary], ...soap, ...json]) {
    const one = { ...target, agent };
    const { status, peak_mb } = await peak(one, entrance, ...message);
    if (name !== 'an ordinary estimate' && status >= 200 && status < 300) throw new Error(`${name} was answered ${status}`);
    rows.push({ entrance, name, status, cpu_ms: await cost(one, entrance, ...message), peak_mb });
  }
  agent.destroy();
  console.log(`abuse: ${rows.length - 1} messages`);
  return rows;
}
