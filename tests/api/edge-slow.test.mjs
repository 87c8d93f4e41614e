// Many slow connections from many addresses, of every form, against a server with its usual limits:
// honest callers must not notice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { pause } from './raw.mjs';
import { install, request, serve } from './support.mjs';

const CONNECTIONS = 500;
const HONEST = 80;
// Opening 500 connections and answering run on the same cores here.
const MEDIAN_MS = process.env.KOPPEL_SANITIZER ? 500 : 50;

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

const head = 'GET /healthz HTTP/1.1\r\nHost: a\r\n';
const forms = {
  'slow headers': { first: () => head, then: 'X: y\r\n' },
  'slow header bytes': { first: () => 'GET /healthz HT', then: 'T' },
  'slow bodies': {
    first: (key) => `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{',
    then: ' ',
  },
  'slow chunks': {
    first: (key) => `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
    then: '1\r\n \r\n',
  },
  'slow reading': {
    first: () => 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(60), then: '', paused: true,
  },
  'silence': { first: () => '', then: '' },
};

// A connection that is slow in one form, from an address of its own, and comes back when it is cut.
function attack(form, number, attackers) {
  const key = installation.demo.partners[0].secret_key;
  const socket = tls.connect({
    host: '127.0.0.1', port: server.port, rejectUnauthorized: false,
    localAddress: `127.${1 + (number % 7)}.${number % 251}.${1 + (number % 199)}`,
  });
  const attacker = { socket, then: form.then, open: false };
  attackers.set(number, attacker);
  socket.on('secureConnect', () => {
    attacker.open = true;
    if (form.paused) socket.pause();
    else socket.resume();
    socket.write(form.first(key));
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if (!attackers.stopped) setTimeout(() => attackers.stopped || attack(form, number, attackers), 20);
  });
}

async function measure() {
  const times = [];
  for (let i = 0; i < HONEST; i++) {
    const began = performance.now();
    const answer = await request(server, 'GET', '/api/v1/products', {
      key: installation.demo.partners[i % 3].secret_key,
    });
    assert.equal(answer.status, 200, answer.text);
    times.push(performance.now() - began);
    await pause(10);
  }
  return times.sort((a, b) => a - b);
}

async function underAttack(chosen) {
  const attackers = new Map();
  for (let i = 0; i < CONNECTIONS; i++) {
    attack(chosen[i % chosen.length], i, attackers);
    if (i % 25 === 24) await pause(20);
  }
  const opened = () => [...attackers.values()].filter((attacker) => attacker.open).length;
  for (let waited = 0; opened() < CONNECTIONS && waited < 30_000; waited += 50) await pause(50);
  const timer = setInterval(() => {
    for (const { socket, then, open } of attackers.values()) if (open && then && socket.writable) socket.write(then);
  }, 1000);
  try {
    assert.ok(opened() > CONNECTIONS * 0.9, `${opened()} slow connections`);
    await pause(1500); // until what can be sent at once has been sent
    return await measure();
  } finally {
    attackers.stopped = true;
    clearInterval(timer);
    for (const { socket } of attackers.values()) socket.destroy();
    await pause(200);
  }
}

const rounds = {
  ...Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, [form]])),
  'all of them at once': Object.values(forms),
};
for (const [name, chosen] of Object.entries(rounds)) {
  test(`${CONNECTIONS} slow connections do not slow the honest: ${name}`, async (context) => {
    const times = await underAttack(chosen);
    const median = times[times.length >> 1];
    const last = times.at(-1);
    context.diagnostic(`median ${median.toFixed(1)} ms, slowest ${last.toFixed(1)} ms`);
    assert.ok(median < MEDIAN_MS, `median ${median.toFixed(1)} ms, slowest ${last.toFixed(1)} ms`);
    assert.ok(last < 100 * MEDIAN_MS, `slowest ${last.toFixed(1)} ms`);
  });
}
