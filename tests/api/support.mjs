// Starts a real `koppel serve` with fresh demo data on a free loopback port, and speaks to it.
// Every test file starts its own server and stops it again; nothing outside its folder is touched.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const program = resolve(process.env.KOPPEL_BUILD ?? 'build', 'koppel');
const START_TIMEOUT_MS = 20_000;

// Runs a command to its end: { status, stdout, stderr }.
export function run(...args) {
  const result = spawnSync(program, args, { encoding: 'utf8', timeout: 120_000 });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

// ---- on PostgreSQL -------------------------------------------------------------------------
// KOPPEL_TEST_DATABASE=postgresql puts every installation into a fresh database of a scratch server,
// which this process starts when it first needs one and removes when it ends.
export const onPostgresql = process.env.KOPPEL_TEST_DATABASE === 'postgresql';
let scratchServer;
let databases = 0;

// Runs tests/postgresql; answers its output.
export function postgresql(action, folder, ...more) {
  const result = spawnSync('tests/postgresql', [action, folder, ...more].filter(Boolean), { encoding: 'utf8', timeout: 120_000 });
  if (result.status !== 0) throw new Error(`tests/postgresql ${action}: ${result.stderr}`);
  return result.stdout.trim();
}

// Is there a PostgreSQL that tests can start?
export function postgresqlPresent() {
  return spawnSync('tests/postgresql', ['present']).status === 0;
}

// The folder of this process's scratch server, started.
export function scratchPostgresql() {
  if (!scratchServer) {
    const folder = mkdtempSync(join(tmpdir(), 'koppel-server-'));
    process.on('exit', () => postgresql('remove', folder));
    postgresql('start', folder, String(process.pid));
    scratchServer = folder;
  }
  return scratchServer;
}

// The address of a database that does not exist yet: init makes it.
export function freshDatabase() {
  databases += 1;
  return `postgresql://koppel@/koppel_${process.pid}_${databases}?host=${encodeURIComponent(scratchPostgresql())}`;
}

function dropDatabase(address) {
  const name = /koppel_\d+_\d+/.exec(address);
  if (name) postgresql('drop', scratchPostgresql(), name[0]);
}

// A second node's folder for the same installation on PostgreSQL: a copy of its files.
export function anotherNode(installation) {
  const folder = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  cpSync(installation.folder, folder, { recursive: true });
  return { folder, demo: installation.demo, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

// Makes an installation in a temporary folder: { folder, demo, remove }. With '--without-demo' it is
// empty: no products, no partners.
export function install(...asked) {
  const bare = asked.includes('--without-demo');
  const options = asked.filter((option) => option !== '--without-demo');
  const folder = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  if (onPostgresql && !options.includes('--database')) options.push('--database', freshDatabase());
  const at = options.indexOf('--database');
  const database = at < 0 ? '' : options[at + 1];
  const made = run('init', '--data', join(folder, 'data'), ...(bare ? [] : ['--demo']), ...options);
  if (made.status !== 0) throw new Error(`koppel init: ${made.stderr}`);
  const data = join(folder, 'data');
  return {
    folder: data,
    demo: bare ? null : JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8')),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      if (database.startsWith('postgresql:')) dropDatabase(database);
    },
  };
}

// Rows of an installation's store, columns between bars.
export function query(installation, sql) {
  const [, database] = /^database\s*=\s*(\S+)/m.exec(readFileSync(join(installation.folder, 'koppel.conf'), 'utf8'));
  const result = database.startsWith('postgresql:')
    ? spawnSync('psql', ['-qAt', '-v', 'ON_ERROR_STOP=1', database, '-c', sql], { encoding: 'utf8' })
    : spawnSync('sqlite3', [resolve(installation.folder, database), sql], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${sql}: ${result.stderr}`);
  return result.stdout.trim();
}

// Serves an installation on a free port: { port, log(), stop(signal), process }. The port for client
// certificates, when it was asked for, is certificatePort.
export function serve(installation, ...options) {
  const args = ['serve', '--data', installation.folder, '--listen', '127.0.0.1:0', ...options];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const exited = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  return new Promise((ready, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`koppel serve did not start:\n${log}`));
    }, START_TIMEOUT_MS);
    exited.then(() => {
      clearTimeout(timer);
      fail(new Error(`koppel serve ended:\n${log}`));
    });
    child.stderr.on('data', (chunk) => {
      log += chunk;
      const started = /event=server_started .*?address=\S*?:(\d+)/.exec(log);
      if (!started) return;
      clearTimeout(timer);
      ready({
        port: Number(started[1]),
        certificatePort: Number(/event=certificates_started .*?address=\S*?:(\d+)/.exec(log)?.[1]),
        process: child,
        log: () => log,
        exited,
        stop: async (signal = 'SIGTERM') => {
          child.kill(signal);
          return exited;
        },
      });
    });
  });
}

// One request; `body` may be an object (sent as JSON), a string or a Buffer. `tls` holds options of
// the connection: another port, cert and key of a client, a session.
// Answers { status, headers, bytes, text, json }.
export function request(server, method, path, { key, headers = {}, body, agent, tls } = {}) {
  const sent = { ...headers };
  if (key) sent.Authorization = `Bearer ${key}`;
  let payload = body;
  if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)) {
    payload = JSON.stringify(body);
  }
  const named = Object.keys(sent).map((name) => name.toLowerCase());
  if (payload !== undefined && !named.includes('content-type')) {
    sent['Content-Type'] = 'application/json';
  }
  if (payload !== undefined && !named.includes('transfer-encoding')) {
    sent['Content-Length'] = Buffer.byteLength(payload);
  }
  return new Promise((done, fail) => {
    const call = https.request(
      {
        host: '127.0.0.1', port: server.port, method, path, headers: sent, agent,
        rejectUnauthorized: false, timeout: 30_000, ...tls,
      },
      (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          let json;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          done({ status: answer.statusCode, headers: answer.headers, bytes, text, json });
        });
        answer.on('error', fail);
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer within 30 s')));
    call.on('error', fail);
    call.end(payload);
  });
}

// A complete set of answers that is offered a premium, as the product itself gives it.
export async function exampleAnswers(server, key, product) {
  const answer = await request(server, 'GET', `/api/v1/products/${product}`, { key });
  if (answer.status !== 200) throw new Error(`GET product: ${answer.status} ${answer.text}`);
  return answer.json.examples[0];
}

// The service's day, so many days from today: it begins at midnight in Amsterdam.
export function dateIn(days) {
  const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Amsterdam' });
  return new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
}

// Decimal text to whole cents, exactly.
export function cents(text) {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) throw new Error(`no amount: ${text}`);
  const whole = BigInt(match[2]) * 100n + BigInt((match[3] ?? '').padEnd(2, '0') || '0');
  return match[1] ? -whole : whole;
}
