// The calls that README.md shows under "Calling it" are taken from it as they stand, and run: each
// must get a quote. One whose language is not installed is skipped, and says so.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install, request, serve } from './support.mjs';
import { freePort } from '../soap/support.mjs';

const section = /^## Calling it\n(.*?)^## /ms.exec(readFileSync('README.md', 'utf8'))[1];
const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text }));
const block = (language, has = '') => blocks.find((one) => one.language === language && one.text.includes(has))?.text;
let installation;
let server;
let folder;
let environment;

before(async () => {
  installation = install();
  const port = await freePort();
  server = await serve(installation, '--listen', `127.0.0.1:${port}`, '--public-url', `https://localhost:${port}`);
  folder = mkdtempSync(join(tmpdir(), 'koppel-readme-'));
  environment = {
    ...process.env, KOPPEL_URL: `https://localhost:${port}`, KOPPEL_CA: join(installation.folder, 'certificate.pem'),
    KOPPEL_KEY: installation.demo.partners[0].secret_key,
  };
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

function run(command, args, env = environment) {
  return new Promise((done) => {
    execFile(command, args, { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
      done({ status: error ? error.code ?? -1 : 0, stdout, stderr });
    });
  });
}

// What the program prints names a quote that there is, with its premium.
async function quotes(command, ...args) {
  const result = await run(command, args);
  assert.equal(result.status, 0, result.stderr + result.stdout);
  const id = /qte_\w+/.exec(result.stdout)?.[0];
  assert.ok(id, result.stdout);
  const { json } = await request(server, 'GET', `/api/v1/quotes/${id}`, { key: environment.KOPPEL_KEY });
  assert.equal(json.status, 'offered');
  assert.equal(json.reference, 'order 4711');
  assert.ok(result.stdout.includes(json.premium.total), result.stdout);
}

// Refused, it says so and fails.
async function fails(command, ...args) {
  const result = await run(command, args, { ...environment, KOPPEL_KEY: 'sk_live_wrong' });
  assert.notEqual(result.status, 0, result.stdout);
  assert.match(result.stderr + result.stdout, /unauthorized/);
}

function write(name, language, has) {
  const text = block(language, has);
  assert.ok(text, `README.md shows nothing in ${language}`);
  writeFileSync(join(folder, name), text);
  return name;
}

const present = (command, ...args) => spawnSync(command, args).status === 0;

test('what it says of the environment names what the calls use', () => {
  const names = new Set(section.match(/KOPPEL_[A-Z]+/g));
  for (const name of names) assert.ok(block('sh', 'export').includes(`${name}=`), name);
});

test('curl', { skip: !present('curl', '--version') && 'curl is not installed' }, async () => {
  const file = write('quote.sh', 'sh', 'curl');
  await quotes('sh', '-eu', file);
  await quotes('sh', '-eu', file);
  await fails('sh', '-eu', file);
});

const php = present('php', '-r', 'exit(class_exists("SoapClient") ? 0 : 1);');
test('PHP', { skip: !php && 'php-cli and php-soap are not installed' }, async () => {
  await quotes('php', write('quote.php', 'php'));
  await fails('php', 'quote.php');
});

test('Python', { skip: !present('python3', '--version') && 'python3 is not installed' }, async () => {
  await quotes('python3', write('quote.py', 'python'));
  await fails('python3', 'quote.py');
});

test('C#', { skip: !(present('mcs', '--version') && present('mono', '--version')) && 'mono-mcs and mono-runtime are not installed' }, async () => {
  write('Quote.cs', 'csharp');
  const compiled = await run('mcs', ['-warnaserror', '-r:System.Net.Http', 'Quote.cs']);
  assert.equal(compiled.status, 0, compiled.stdout + compiled.stderr);
  await quotes('mono', 'Quote.exe');
  await fails('mono', 'Quote.exe');
});
