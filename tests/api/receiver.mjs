// A receiver of webhooks on loopback, and the verification of what it got, by the words of the
// Standard Webhooks convention and with nothing of the program under test.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOLERANCE_S = 300;

// Is one of the signatures of this secret? `message`: { headers, body }.
export function verifies(secret, { headers, body }, nowS = Date.now() / 1000) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (!/^whsec_/.test(secret) || !/^\d+$/.test(timestamp) || Math.abs(nowS - timestamp) > TOLERANCE_S) return false;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return headers['webhook-signature'].split(' ').some((part) => {
    const [version, text] = part.split(',');
    const given = Buffer.from(text ?? '', 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// Starts one: { url, got, close() }. `answer(message, response, count)` answers each message; the
// default says 200. Messages: { headers, body, json, path, at }.
export async function receiver({ answer, tls, host = '127.0.0.1', name = host } = {}) {
  const got = [];
  const take = (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const message = { headers: request.headers, method: request.method, path: request.url, body, json: JSON.parse(body), at: Date.now() };
      got.push(message);
      if (answer) answer(message, response, got.length);
      else response.end('ok');
    });
    request.on('error', () => {});
  };
  const server = tls ? https.createServer(tls, take) : http.createServer(take);
  await new Promise((done, fail) => server.once('error', fail).listen(0, host, done));
  return {
    url: `${tls ? 'https' : 'http'}://${name}:${server.address().port}/hook`,
    port: server.address().port,
    got,
    of: (type) => got.filter((message) => message.json.type === type),
    close: () => new Promise((done) => {
      server.close(done);
      server.closeAllConnections?.();
    }),
  };
}

const openssl = (folder, ...args) => {
  const made = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl ${args[0]}: ${made.stderr}`);
};

// An authority of certificates and one of its own: { file, tls(names) }.
export function authority() {
  const folder = mkdtempSync(join(tmpdir(), 'koppel-authority-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(folder, 'req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority',
    '-addext', 'basicConstraints=critical,CA:TRUE');
  let made = 0;
  return {
    file: join(folder, 'ca.pem'),
    tls: (names) => {
      made += 1;
      openssl(folder, 'req', ...key, '-keyout', `${made}.key`, '-out', `${made}.csr`, '-subj', '/CN=receiver');
      writeFileSync(join(folder, `${made}.ext`), `subjectAltName=${names}\n`);
      openssl(folder, 'x509', '-req', '-in', `${made}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
        '-out', `${made}.pem`, '-days', '2', '-extfile', `${made}.ext`);
      return { key: readFileSync(join(folder, `${made}.key`)), cert: readFileSync(join(folder, `${made}.pem`)) };
    },
  };
}

// Waits until `look` answers something true, and answers that.
export async function until(look, what, timeoutMs = 20_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
