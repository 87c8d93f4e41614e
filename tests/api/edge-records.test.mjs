// Records of TLS that come together, or in parts: what was read ahead of a request is neither
// forgotten nor waited for in a circle.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { after, before, test } from 'node:test';
import { connect, parse, pause } from './raw.mjs';
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

const WAIT_MS = 5000;
const request = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';

// A connection whose encrypted bytes can be held back, and are then sent as the test likes.
class Wire extends Duplex {
  held = null;

  constructor(port) {
    super();
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => this.push(chunk));
    this.socket.on('end', () => this.push(null));
    this.socket.on('error', (error) => this.destroy(error));
  }

  _read() {}

  _write(chunk, encoding, done) {
    if (this.held) this.held.push(chunk);
    else this.socket.write(chunk);
    done();
  }

  _destroy(error, done) {
    this.socket.destroy();
    done(error);
  }
}

function split(bytes) {
  const records = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return records;
}

// Two requests, each in a record of its own, not yet sent.
async function twoRecords() {
  const wire = new Wire(server.port);
  const connection = await connect(server, { socket: wire });
  await pause(50); // what the handshake still sends
  wire.held = [];
  for (let i = 0; i < 2; i++) await new Promise((done) => connection.socket.write(request, done));
  const records = split(Buffer.concat(wire.held));
  assert.equal(records.length, 2);
  return { connection, socket: wire.socket, records };
}

async function answers(connection, count) {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end && parse(connection.received()).length < count) await pause(10);
  return parse(connection.received()).map((answer) => answer.status);
}

function cpuTicks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

test('two records that come at once are two requests', async () => {
  const { connection, socket, records } = await twoRecords();
  socket.write(Buffer.concat(records));
  assert.deepEqual(await answers(connection, 2), [200, 200]);
  connection.socket.destroy();
});

test('a part of a record is waited for without work', async () => {
  for (const part of [1, 5, 12, -1]) {
    const { connection, socket, records } = await twoRecords();
    socket.write(Buffer.concat([records[0], records[1].subarray(0, part)]));
    assert.deepEqual(await answers(connection, 1), [200]);
    const before = cpuTicks(server.process.pid);
    await pause(500);
    const ticks = cpuTicks(server.process.pid) - before; // of 10 ms
    assert.ok(ticks < 25, `${ticks} ticks in half a second of waiting`);
    assert.equal(parse(connection.received()).length, 1);
    socket.write(records[1].subarray(part));
    assert.deepEqual(await answers(connection, 2), [200, 200]);
    connection.socket.destroy();
  }
});

test('a broken record behind a request ends the connection', async () => {
  const { connection, socket, records } = await twoRecords();
  connection.socket.on('error', () => {});
  const ended = new Promise((done) => socket.once('close', () => done(true)));
  records[1][records[1].length - 1] ^= 1;
  socket.write(Buffer.concat(records));
  assert.deepEqual(await answers(connection, 1), [200]);
  assert.equal(await Promise.race([ended, pause(WAIT_MS)]), true);
});
