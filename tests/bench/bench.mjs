// Measures this server beside a bare CivetWeb and beside the peer, in one go on one machine, and
// prints a table with ratios; the same as JSON in BUILD/bench/bench.json. What is missing (the
// models of the peer's rows, a PostgreSQL) is said and left out.
//
// usage: bench.mjs BUILD; BENCH_SECONDS a row (5), BENCH_BOOK_SCALE the size of the book that is rated
// as a whole (500), KOPPEL_BENCH_DATA the folder of the models.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureAbuse } from './abuse.mjs';
import { acceptBodies } from './accept.mjs';
import { measureBook } from './book.mjs';
import { fromDmn } from './jdm.mjs';
import { gsoapMissing, startGsoap } from './gsoap.mjs';
import { measureLarge } from './large.mjs';
import { load, start } from './measure.mjs';
import { makeProduct } from './product.mjs';
import { FAMILY, envelopes, family, makeFamilyProduct } from './soap.mjs';
import { judge, printAbuse, printBook, printEngines, printRows } from './table.mjs';

const build = resolve(process.argv[2] ?? 'build');
const here = dirname(fileURLToPath(import.meta.url));
const bench = join(build, 'bench');
const data = resolve(process.env.KOPPEL_BENCH_DATA ?? '../shared/data/bench');
const seconds = Number(process.env.BENCH_SECONDS ?? 5);
const koppel = join(build, 'koppel');
const modules = join(bench, 'peer', 'package.json');
const script = join(here, 'post.lua');
const CONNECTIONS = [16, 256];
const GRAPH_BODIES = 512;
const ACCEPTS_MAX = 200_000;
const rows = [], skipped = [];
let abuse = [];
let graph, engines = []; // the file of graph8's requests; undefined when the models are not here

const skip = (what, why) => {
  skipped.push({ what, why });
  console.log(`skipped: ${what}: ${why}`);
};

function run(command, ...args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ` +
      `${result.error ?? result.stderr + result.stdout}`);
  return result.stdout;
}

// `shares`, where given, are what each number of connections sends.
function measure(name, target, { counts = CONNECTIONS, shares = [] } = {}) {
  for (const [at, connections] of counts.entries()) {
    const row = { name, ...load({ script, seconds, connections, ...target, ...shares[at] }) };
    rows.push(row);
    console.log(`${name}, ${connections} connections: ${Math.round(row.requests_per_second)}/s`);
  }
}

// By default on a connection of its own: one that was kept may have been closed meanwhile.
function get(port, path, key, agent = false) {
  return new Promise((done, fail) => {
    const headers = { Authorization: `Bearer ${key}` };
    https.get({ host: '127.0.0.1', port, path, headers, agent, rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => { text += chunk; });
      answer.on('end', () => done(JSON.parse(text)));
    }).on('error', fail);
  });
}

// The certificate and its key in one file.
function writePem(folder) {
  const pem = join(bench, 'bare.pem');
  const parts = ['certificate.pem', 'private_key.pem'].map((name) => join(folder, name));
  writeFileSync(pem, parts.map((path) => readFileSync(path, 'utf8')).join(''), { mode: 0o600 });
  return pem;
}

// ---- the ceiling
async function measureBare(folder) {
  const pem = writePem(folder);
  const server = await start(join(bench, 'bare'), ['127.0.0.1:0', pem, '1024'],
    { log: join(bench, 'bare.log'), pattern: /^(\d+)\n/ });
  measure('bare', { url: `https://127.0.0.1:${server.port}/`, pid: server.pid });
  await server.stop();
}

// ---- this server
function install(folder, ...options) {
  rmSync(folder, { recursive: true, force: true });
  run(koppel, 'init', '--data', folder, '--demo', ...options);
  if (graph) run(koppel, 'product', 'publish', join(bench, 'graph8'), '--data', folder);
  run(koppel, 'product', 'publish', makeFamilyProduct(join(bench, 'family')), '--data', folder);
  const demo = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8'));
  return demo.partners.map((partner) => partner.secret_key);
}

// The key of a partner that may sell all of the products: not every agreement lets it.
async function chooseKey(port, keys, products) {
  for (const key of keys) {
    const { items } = await get(port, '/api/v1/products', key);
    const sold = items.filter((item) => item.allowed).map((item) => item.product);
    if (products.every((product) => sold.includes(product))) return key;
  }
  throw new Error(`no partner of the demo may sell ${products.join(' and ')}`);
}

const serve = (folder) => start(koppel, ['serve', '--data', folder, '--listen', '127.0.0.1:0'],
  { log: join(bench, 'serve.log'), pattern: /event=server_started .*?address=\S*?:(\d+)/ });

// The messages of the SOAP rows in files, as wrk's settings: { named, typed, '1', '100' }.
function writeSoapBodies(examples, travellers) {
  const texts = { ...envelopes(examples), 1: family(travellers, 1), [FAMILY]: family(travellers, FAMILY) };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => {
    const bodies = join(bench, `soap-${name}.bodies`);
    writeFileSync(bodies, text);
    return [name, { type: 'text/xml; charset=utf-8', bodies }];
  }));
}

// On a server of its own, so that what other rows left in memory counts for nothing.
async function measureAbuses(folder) {
  const server = await serve(folder);
  const { partners } = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8'));
  const key = await chooseKey(server.port, partners.map((partner) => partner.secret_key), ['auto']);
  const { examples } = await get(server.port, '/api/v1/products/auto', key);
  const ordinary = JSON.stringify({ product: 'auto', answers: examples[0] });
  abuse = await measureAbuse({ port: server.port, pid: server.pid, key }, ordinary);
  await server.stop();
}

async function measureService(store, folder, ...options) {
  const keys = install(folder, ...options);
  const server = await serve(folder);
  const key = await chooseKey(server.port, keys, graph ? ['auto', 'graph8'] : ['auto']);
  const bodies = join(bench, 'auto.bodies');
  const product = await get(server.port, '/api/v1/products/auto', key);
  writeFileSync(bodies, product.examples
    .map((answers) => `${JSON.stringify({ product: 'auto', answers })}\n`).join(''));
  const at = (path) => `https://127.0.0.1:${server.port}/api/v1${path}`;
  const common = { key, pid: server.pid };
  measure(`estimates ${store}`, { ...common, url: at('/estimates'), bodies });
  const travel = await get(server.port, '/api/v1/products/reis', key);
  const soap = writeSoapBodies(product.examples, travel.examples[0]);
  const service = `https://127.0.0.1:${server.port}/soap/v1/quote`;
  measure(`SOAP estimates ${store}`, { ...common, ...soap.named, url: service });
  measure(`SOAP typed estimates ${store}`, { ...common, ...soap.typed, url: `${service}/auto` });
  for (const count of ['1', String(FAMILY)])
    measure(`SOAP family of ${count} ${store}`, { ...common, ...soap[count], url: service }, { counts: [16] });
  if (graph) measure(`graph8 ${store}`, { ...common, url: at('/estimates'), bodies: graph });
  measure(`quotes ${store}`, { ...common, url: at('/quotes'), bodies });
  const agent = new https.Agent({ keepAlive: true });
  const shares = await acceptBodies((path) => get(server.port, `/api/v1${path}`, key, agent), bench,
    CONNECTIONS.length, seconds, ACCEPTS_MAX);
  agent.destroy();
  measure(`accepts ${store}`, { ...common, url: at('/quotes') }, { shares });
  await server.stop();
}

// A scratch server of the distribution's, flushing as it does by default, as it is once it has run a
// while. Its own processes' time and memory are not in the rows.
async function measurePostgresql() {
  const helper = join(here, '..', 'postgresql');
  const present = spawnSync(helper, ['present'], { encoding: 'utf8' });
  if (present.status !== 0) {
    skip('postgresql', (present.stderr ?? `no ${helper}`).trim());
    return;
  }
  const server = mkdtempSync(join(tmpdir(), 'koppel-bench-'));
  try {
    run(helper, 'start', server);
    run(helper, 'settle', server);
    await measureService('postgresql', join(bench, 'data-postgresql'), '--database',
      `postgresql://koppel@/koppel_bench?host=${encodeURIComponent(server)}`);
  } finally {
    run(helper, 'remove', server);
  }
}

// ---- the peer
const inputs = () => JSON.parse(readFileSync(join(data, 'graph8.inputs.json'), 'utf8'));

function writeBodies(name, wrap) {
  const path = join(bench, name);
  writeFileSync(path, inputs().slice(0, GRAPH_BODIES)
    .map((input) => `${JSON.stringify(wrap(input))}\n`).join(''));
  return path;
}

async function measurePeer(folder) {
  const model = join(bench, 'graph8.jdm.json');
  const server = await start(process.execPath, [join(here, 'peer.mjs'), modules,
    join(folder, 'certificate.pem'), join(folder, 'private_key.pem'), model],
  { log: join(bench, 'peer.log'), pattern: /^(\d+)\n/m, environment: { NODE_ENV: 'production' } });
  const bodies = writeBodies('peer.bodies', (input) => input);
  const url = `https://127.0.0.1:${server.port}/premium`;
  measure('graph8 peer', { url, pid: server.pid, bodies });
  await server.stop();
}

// Of the SOAP rows: the same messages to a server that gSOAP makes.
async function measureGsoap(folder) {
  const missing = gsoapMissing();
  if (missing) {
    skip('the gSOAP peer', missing);
    return;
  }
  const server = await startGsoap(join(bench, 'gsoap'), writePem(folder));
  const target = { url: `https://127.0.0.1:${server.port}/`, pid: server.pid, type: 'text/xml; charset=utf-8' };
  const bodies = (name) => ({ ...target, bodies: join(bench, `soap-${name}.bodies`) });
  measure('gSOAP peer', bodies('named'));
  measure(`gSOAP peer, family of ${FAMILY}`, bodies(FAMILY), { counts: [16] });
  await server.stop();
}

// ---- the engines by themselves
function timeEngine({ model, inputs: given, expected }, decision, ...options) {
  return JSON.parse(run(koppel, 'dmn', 'bench', model, '--decision', decision, '--inputs', given,
    '--expected', expected, '--seconds', String(seconds), ...options));
}

function measureEngines() {
  return ['table1000', 'graph8'].map((name) => {
    const [model, given, expected] = ['dmn', 'inputs.json', 'expected.json']
      .map((end) => join(data, `${name}.${end}`));
    const files = { model, inputs: given, expected };
    const jdm = join(bench, `${name}.jdm.json`);
    writeFileSync(jdm, JSON.stringify(fromDmn(readFileSync(model, 'utf8'))));
    const decision = name === 'graph8' ? 'premium' : 'rate';
    const own = timeEngine(files, decision);
    const traced = timeEngine(files, decision, '--trace');
    const peer = JSON.parse(run(process.execPath, join(here, 'engine.mjs'), modules, jdm, given,
      expected, String(seconds)));
    console.log(`engine ${name}: ${Math.round(own.evaluations_per_second)}/s beside ` +
      `${Math.round(peer.evaluations_per_second)}/s`);
    return { name, own, traced, peer };
  });
}

mkdirSync(bench, { recursive: true });
const folder = join(bench, 'data');
if (existsSync(join(data, 'graph8.dmn'))) {
  makeProduct(join(here, 'products', 'graph8'), join(data, 'graph8.dmn'), join(bench, 'graph8'));
  graph = writeBodies('graph8.bodies', (answers) => ({ product: 'graph8', answers }));
  engines = measureEngines();
} else {
  skip('the peer', `no models in ${data}: KOPPEL_BENCH_DATA names their folder`);
}
const large = measureLarge(bench, timeEngine);
await measureService('sqlite', folder);
await measureGsoap(folder);
await measureAbuses(folder);
await measureBare(folder);
if (graph) await measurePeer(folder);
await measurePostgresql();
const book = await measureBook(koppel, bench, process.env.BENCH_BOOK_SCALE ?? 500);

printRows(rows);
printEngines(engines, large);
printBook(book);
printAbuse(abuse);
const targets = judge(rows, engines, large, book, abuse);
writeFileSync(join(bench, 'bench.json'),
  `${JSON.stringify({ seconds, rows, engines, large, book, abuse, targets, skipped }, null, 1)}\n`);
console.log(`\nKept in ${join(bench, 'bench.json')}.`);
