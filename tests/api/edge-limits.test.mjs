// Deadlines, caps, TLS, the certificate, and the end: what slow, many and leaving callers meet.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { connect, exchange, parse, pause } from './raw.mjs';
import { install, request, run, serve } from './support.mjs';

let installation;
before(() => {
  installation = install();
});
after(() => installation.remove());

async function withServer(options, body) {
  const server = await serve(installation, ...options);
  let ended;
  try {
    await body(server);
  } finally {
    ended = await server.stop();
  }
  assert.equal(ended.code, 0, server.log().slice(-3000));
}

const health = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
const healthy = async (server) => (await request(server, 'GET', '/healthz')).status === 200;

// How long until the server closes: in milliseconds.
async function untilClosed(connection, limit_ms = 8000) {
  const began = Date.now();
  await Promise.race([connection.closed, pause(limit_ms)]);
  return Date.now() - began;
}

test('half a head is answered 408 at its deadline, however slowly it trickles', () =>
  withServer(['--request-timeout-ms', '700'], async (server) => {
    const silent = await connect(server);
    silent.socket.write('GET /heal');
    const trickling = await connect(server);
    const timer = setInterval(() => trickling.socket.writable && trickling.socket.write('a'), 50);
    trickling.socket.write('GET /');
    const took = await Promise.all([untilClosed(silent), untilClosed(trickling)]);
    clearInterval(timer);
    for (const ms of took) assert.ok(ms < 4000, `${ms} ms`);
    assert.equal(parse(silent.received())[0].status, 408);
    assert.equal(parse(trickling.received())[0].status, 408);
  }));

test('a body that trickles is answered 408 at its deadline', () =>
  withServer(['--body-timeout-ms', '700'], async (server) => {
    const key = installation.demo.partners[0].secret_key;
    const connection = await connect(server);
    connection.socket.write(
      `POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    );
    const timer = setInterval(() => connection.socket.writable && connection.socket.write(' '), 50);
    const took = await untilClosed(connection);
    clearInterval(timer);
    assert.ok(took >= 500 && took < 4000, `${took} ms`);
    assert.equal(parse(connection.received())[0].status, 408);
  }));

test('a connection that says nothing is closed: before TLS, before a request, between two', () =>
  withServer(
    ['--handshake-timeout-ms', '500', '--request-timeout-ms', '500', '--idle-timeout-ms', '500'],
    async (server) => {
      const plain = net.connect(server.port, '127.0.0.1');
      const plainClosed = new Promise((done) => plain.once('close', done));
      plain.on('error', () => {});
      const quiet = await connect(server);
      const kept = await connect(server);
      kept.socket.write(health);
      const plainTook = untilClosed({ closed: plainClosed });
      assert.ok((await untilClosed(quiet)) < 4000);
      assert.ok((await untilClosed(kept)) < 4000);
      assert.ok((await plainTook) < 4000);
      assert.equal(parse(kept.received())[0].status, 200);
    }));

test('a caller that does not take its answers is cut off', () =>
  withServer(['--write-timeout-ms', '700'], async (server) => {
    const connection = await connect(server);
    connection.socket.pause();
    const ask = 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n';
    for (let i = 0; i < 400; i++) connection.socket.write(ask);
    await pause(2500);
    const began = Date.now();
    assert.ok(await healthy(server));
    assert.ok(Date.now() - began < 1000);
    assert.match(server.log(), /event=request/);
    connection.socket.destroy();
  }));

test('plain HTTP and nonsense on the TLS port harm nobody', () =>
  withServer([], async (server) => {
    for (const bytes of [health, '\x16\x03\x01', 'x'.repeat(100_000), '\x00']) {
      const socket = net.connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.end(Buffer.from(bytes, 'latin1'));
      await pause(50);
      socket.destroy();
    }
    assert.ok(await healthy(server));
  }));

test('slow connections do not shut out honest ones', () =>
  withServer(['--threads', '48', '--queue', '400'], async (server) => {
    const slow = [];
    for (let i = 0; i < 150; i++) {
      const socket = i % 3 === 0
        ? net.connect(server.port, '127.0.0.1')
        : tls.connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
      socket.on('error', () => {});
      if (i % 3 === 1) socket.on('secureConnect', () => socket.write('GET / HT'));
      if (i % 3 === 2) {
        socket.on('secureConnect', () =>
          socket.write('POST /api/v1/quotes HTTP/1.1\r\nHost: a\r\n' +
            'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{'));
      }
      slow.push(socket);
    }
    await pause(500);
    const began = Date.now();
    const served = await Promise.all(Array.from({ length: 20 }, () => healthy(server)));
    assert.ok(served.every(Boolean));
    assert.ok(Date.now() - began < 9000, `${Date.now() - began} ms`);
    for (const socket of slow) socket.destroy();
  }));

test('the cap per address turns the next connection away and counts those that leave', () =>
  withServer(['--connections-per-address', '3'], async (server) => {
    const held = [];
    for (let i = 0; i < 3; i++) held.push(await connect(server));
    await assert.rejects(connect(server));
    const other = await connect(server, { localAddress: '127.0.0.2' });
    other.socket.write(health);
    await pause(200);
    assert.equal(parse(other.received())[0].status, 200);
    held[0].socket.destroy();
    await pause(200);
    assert.ok(await healthy(server));
    for (const { socket } of [...held, other]) socket.destroy();
  }));

function handshake(server, options) {
  return new Promise((done) => {
    const socket = tls.connect(
      { host: '127.0.0.1', port: server.port, rejectUnauthorized: false, ...options },
      () => {
        const facts = {
          protocol: socket.getProtocol(), cipher: socket.getCipher().name,
          alpn: socket.alpnProtocol, fingerprint: socket.getPeerCertificate().fingerprint256,
        };
        socket.destroy();
        done(facts);
      },
    );
    socket.on('error', () => done(null));
  });
}

test('TLS 1.2 and 1.3 with forward secrecy, nothing older or weaker', () =>
  withServer([], async (server) => {
    const v12 = await handshake(server, { maxVersion: 'TLSv1.2' });
    assert.equal(v12.protocol, 'TLSv1.2');
    assert.match(v12.cipher, /^ECDHE-/);
    assert.equal((await handshake(server, {})).protocol, 'TLSv1.3');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
    assert.equal(await handshake(server, old), null);
    for (const ciphers of ['AES128-SHA', 'AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA']) {
      assert.equal(await handshake(server, { maxVersion: 'TLSv1.2', ciphers }), null, ciphers);
    }
    assert.equal((await handshake(server, { ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  }));

test('SIGHUP takes a new certificate; a bad one leaves the old in use', () => {
  const certificate = join(installation.folder, 'served.pem');
  const key = join(installation.folder, 'served-key.pem');
  const make = () => {
    const made = spawnSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
      '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost',
    ]);
    assert.equal(made.status, 0);
  };
  make();
  return withServer(['--certificate', certificate, '--private-key', key], async (server) => {
    const kept = await connect(server);
    const first = (await handshake(server, {})).fingerprint;
    make();
    server.process.kill('SIGHUP');
    await pause(300);
    const second = (await handshake(server, {})).fingerprint;
    assert.notEqual(second, first);
    kept.socket.write(health);
    await pause(200);
    assert.equal(parse(kept.received())[0].status, 200);
    kept.socket.destroy();

    copyFileSync(join(installation.folder, 'koppel.conf'), certificate);
    server.process.kill('SIGHUP');
    await pause(300);
    assert.equal((await handshake(server, {})).fingerprint, second);
    assert.match(server.log(), /event=certificate_refused .*served\.pem/);
    make();
    const fresh = readFileSync(key);
    writeFileSync(key, 'no key');
    server.process.kill('SIGHUP');
    await pause(300);
    assert.equal((await handshake(server, {})).fingerprint, second);
    writeFileSync(key, fresh);
  });
});

test('SIGTERM loses no request: in flight, queued, or just sent', async () => {
  const server = await serve(installation);
  const kept = new https.Agent({ keepAlive: true });
  let stopped = false;
  let answered = 0;
  const lost = [];
  // A fresh connection may be refused once the doors are closed; one that was let in is answered.
  const worker = async (agent) => {
    while (!stopped) {
      await new Promise((done) => {
        const call = https.request(
          {
            host: '127.0.0.1', port: server.port, path: '/healthz', rejectUnauthorized: false,
            agent,
          },
          (answer) => {
            answer.resume();
            answer.on('end', () => { answered++; done(); });
          },
        );
        call.on('error', (error) => {
          if (error.code !== 'ECONNREFUSED') lost.push(error.code);
          stopped = true;
          done();
        });
        call.end();
      });
    }
  };
  const workers = Array.from({ length: 12 }, (_, i) => worker(i % 2 ? kept : false));
  const idle = await connect(server);
  idle.socket.write(health);
  await pause(700);
  const slow = await connect(server);
  slow.socket.write('GET /healthz HTT');
  await pause(50);
  const began = Date.now();
  server.process.kill('SIGTERM');
  setTimeout(() => slow.socket.write('P/1.1\r\nHost: a\r\n\r\n'), 500);
  const { code } = await server.exited;
  const took = Date.now() - began;
  await Promise.all(workers);
  kept.destroy();
  assert.equal(code, 0);
  assert.ok(took < 6000, `${took} ms`);
  assert.ok(answered > 20, `${answered} answered`);
  assert.deepEqual(lost, []);
  assert.equal(parse(slow.received())[0].status, 200);
  assert.equal(parse(slow.received())[0].headers.connection, 'close');
  assert.match(server.log(), /event=server_stopped/);
});

test('readiness ends before the doors close, and a request that never ends is cut', async () => {
  const server = await serve(
    installation, '--stop-delay-ms', '1000', '--stop-timeout-ms', '500',
  );
  const held = await connect(server);
  held.socket.write('GET /healthz HTT');
  server.process.kill('SIGTERM');
  await pause(300);
  const ready = await request(server, 'GET', '/readyz');
  assert.equal(ready.status, 503);
  assert.equal(ready.json.code, 'stopping');
  assert.ok(await healthy(server));
  const { code } = await server.exited;
  assert.equal(code, 0);
  assert.match(server.log(), /event=connections_cut/);
  held.socket.destroy();
});

test('a port that is taken or a bad certificate is status 1, a bad address 2, each in one line', async () => {
  await withServer([], async (server) => {
    const refuse = (expected, options, text) => {
      const { status, stderr } = run('serve', '--data', installation.folder, ...options);
      assert.equal(status, expected, stderr);
      const lines = stderr.trim().split('\n').filter((line) => line.startsWith('koppel'));
      assert.equal(lines.length, 1, stderr);
      assert.match(lines[0], text);
    };
    refuse(1, ['--listen', `127.0.0.1:${server.port}`], /cannot listen/);
    refuse(2, ['--listen', 'nonsense'], /ADDR:PORT/);
    refuse(2, ['--listen', '127.0.0.1:1,127.0.0.1:2'], /ADDR:PORT/);
    refuse(1, ['--listen', '127.0.0.1:0', '--certificate', '/none.pem'], /none\.pem/);
    refuse(1, ['--listen', '127.0.0.1:0', '--metrics', `${server.port}`], /metrics/);
  });
  const misused = run('serve', '--data', installation.folder, '--threads', '0');
  assert.equal(misused.status, 2);
  const help = run('serve', '--help');
  assert.equal(help.status, 0);
  for (const option of ['--connections-per-address', '--request-timeout-ms', '--body-max-bytes']) {
    assert.ok(help.stdout.includes(option), option);
  }
});

test('1,000 connections at once are served', () =>
  withServer([], async (server) => {
    const connections = [];
    for (let i = 0; i < 10; i++) {
      connections.push(...await Promise.all(Array.from({ length: 100 }, () => connect(server))));
    }
    for (const { socket } of connections) socket.write(health);
    const began = Date.now();
    const done = () => connections.every((connection) => parse(connection.received()).length);
    while (!done() && Date.now() - began < 10_000) await pause(50);
    assert.ok(done());
    const { answers } = await exchange(server, health);
    assert.equal(answers[0].status, 200);
    for (const { socket } of connections) socket.destroy();
  }));

function resident(server) {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
}

test('what a rush took of memory is given back when it is over', {
  skip: process.env.KOPPEL_SANITIZER && 'a sanitizer keeps freed memory',
}, () =>
  withServer([], async (server) => {
    const rush = 120;
    const bytes = 60 * 1024;
    const key = installation.demo.partners[0].secret_key;
    assert.ok(await healthy(server));
    const calm = resident(server);
    const connections = [];
    for (let at = 0; at < rush; at++) connections.push(await connect(server));
    for (const connection of connections)
      connection.socket.write(
        `POST /api/v1/estimates HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${bytes + 1}\r\n\r\n` +
          ' '.repeat(bytes),
      );
    for (let waited = 0; waited < 5000 && resident(server) < calm + rush * bytes; waited += 100)
      await pause(100);
    const busy = resident(server);
    assert.ok(busy >= calm + rush * bytes, `${calm} to ${busy} bytes`);
    for (const connection of connections) connection.socket.write('x');
    for (const connection of connections) {
      while (!connection.received().length) await pause(10);
      assert.equal(parse(connection.received())[0].status, 400);
    }
    for (const connection of connections) connection.socket.destroy();
    // Of the rest, most are stacks, which their workers keep for the next connection.
    const less = calm + (busy - calm) * 0.75;
    for (let waited = 0; waited < 5000 && resident(server) > less; waited += 100) await pause(100);
    assert.ok(resident(server) <= less, `${calm} to ${busy}, then ${resident(server)} bytes`);
  }));
