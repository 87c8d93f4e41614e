// The pages as they are built: small, the same each time, whole in both languages; and as the
// server gives them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { install, request, serve } from '../api/support.mjs';

const build = resolve(process.env.KOPPEL_BUILD ?? 'build');
const www = join(build, 'www');
const tools = join(build, 'www-tools');
const FIRST_LOAD_MAX_BYTES = 60_000;

const files = (folder) => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? files(path) : [path];
});

let installation;
let server;
let scratch;
before(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'koppel-www-'));
  installation = install('--without-demo');
  server = await serve(installation);
});
after(async () => {
  const ended = await server?.stop();
  installation?.remove();
  rmSync(scratch, { recursive: true, force: true });
  assert.equal(ended?.code, 0);
});
const get = (path, headers = {}) => request(server, 'GET', path, { headers });

test('the first load is at most 60 kB of script and style, compressed', async () => {
  const shell = await get('/');
  const addresses = [...shell.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  assert.ok(addresses.length >= 3);
  let total = 0;
  for (const address of addresses) {
    const { status, headers } = await get(address, { 'Accept-Encoding': 'gzip' });
    assert.equal(status, 200, address);
    total += Number(headers['content-length']);
  }
  console.log(`first load: ${total} bytes in gzip`);
  assert.ok(total <= FIRST_LOAD_MAX_BYTES, `${total} bytes`);
});

test('what is needed at once is asked for at once: no script names another that the shell does not', async () => {
  const shell = (await get('/')).text;
  for (const [, address] of shell.matchAll(/src="(\/assets\/main-[^"]+)"/g)) {
    const script = (await get(address)).text;
    for (const [, part] of script.matchAll(/from ?"\.\/(part-[A-Z0-9]+\.js)"/g)) assert.ok(shell.includes(part), part);
  }
});

test('files come compressed as the caller takes them, and are the same in each form', async () => {
  const path = /href="(\/assets\/main-[^"]+\.css)"/.exec((await get('/')).text)[1];
  const plain = await get(path);
  const gzip = await get(path, { 'Accept-Encoding': 'gzip' });
  const brotli = await get(path, { 'Accept-Encoding': 'gzip, br' });
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.deepEqual(gunzipSync(gzip.bytes), plain.bytes);
  assert.deepEqual(brotliDecompressSync(brotli.bytes), plain.bytes);
  assert.equal(new Set([plain, gzip, brotli].map((one) => one.headers.etag)).size, 3);
  for (const one of [plain, gzip, brotli]) {
    assert.match(one.headers['cache-control'], /max-age=31536000, immutable/);
    assert.match(one.headers.vary, /Accept-Encoding/);
  }
  const again = await get(path, { 'Accept-Encoding': 'gzip', 'If-None-Match': gzip.headers.etag });
  assert.equal(again.status, 304);
});

test('the shell is given for the paths of pages, is not stored, and lets nothing inline run', async () => {
  const paths = readFileSync('www/paths.txt', 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  assert.ok(paths.length > 5);
  for (const path of ['/', ...paths.map((one) => `/${one}`), '/quotes/qte_1/accept']) {
    const { status, headers, text } = await get(path);
    assert.equal(status, 200, path);
    assert.equal(headers['cache-control'], 'no-store', path);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(headers['content-security-policy'], /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.doesNotMatch(text, /<script(?![^>]* src=)|<style| style=| on[a-z]+=/);
  }
  assert.match((await get('/', { 'Accept-Language': 'en' })).text, /<html lang="en">/);
});

test('a wrong address is a page for browsers and a problem for programs', async () => {
  const page = await get('/nowhere', { Accept: 'text/html,*/*;q=0.8' });
  assert.equal(page.status, 404);
  assert.match(page.text, /<div id="app">/);
  const problem = await get('/nowhere');
  assert.equal(problem.status, 404);
  assert.equal(problem.json.code, 'not_found');
  const body = await request(server, 'GET', '/nowhere', { headers: { Accept: 'text/html' }, body: 'x' });
  assert.equal(body.status, 400);
});

test('the same sources give the same bytes', () => {
  const digest = (folder) => Object.fromEntries(files(folder).map((path) => [path.slice(folder.length), createHash('sha256').update(readFileSync(path)).digest('hex')]));
  const out = join(scratch, 'www');
  const made = spawnSync('node', ['www/build.mjs', tools, out], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  assert.deepEqual(digest(out), digest(www));
});

test('what is built with is named exactly, and by no address of a registry', () => {
  for (const folder of ['www', 'tests/browser']) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/, name);
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
    for (const [name, one] of Object.entries(lock.packages)) {
      assert.equal(one.resolved, undefined, name);
      if (name) assert.match(one.integrity, /^sha512-/, name);
    }
  }
});

// ---- texts ----
const texts = {};
for (const name of readdirSync('www/texts')) texts[name] = (await import(pathToFileURL(resolve('www/texts', name)))).default;
const placeholders = (text) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();

test('each text is there in Dutch and in English, with the same places to fill in', () => {
  for (const [name, { nl, en }] of Object.entries(texts)) {
    assert.deepEqual(Object.keys(en).sort(), Object.keys(nl).sort(), name);
    for (const key of Object.keys(nl)) {
      assert.deepEqual(placeholders(en[key]), placeholders(nl[key]), `${name}: ${key}`);
      for (const text of [nl[key], en[key]]) assert.ok(typeof text === 'object' ? text.one && text.other : text.trim(), `${name}: ${key}`);
    }
  }
});

test('Dutch texts say u, and no text is written in the pages themselves', () => {
  for (const [name, { nl }] of Object.entries(texts)) {
    for (const [key, text] of Object.entries(nl)) assert.doesNotMatch(JSON.stringify(text), /\b(je|jij|jouw|jullie)\b/i, `${name}: ${key}`);
  }
  for (const folder of ['pages', 'parts']) {
    for (const name of readdirSync(join('www', folder))) {
      const source = readFileSync(join('www', folder, name), 'utf8');
      for (const text of written(source)) assert.fail(`${folder}/${name}: “${text}” belongs in texts/`);
    }
  }
});

// The words between tags, and of attributes that are read out, in the templates of a source.
function written(source) {
  const found = [];
  let at = 0;
  const skip = (i) => { // the end of ${…} that begins before i
    for (let depth = 1; depth > 0; i += 1) {
      if (source[i] === '{') depth += 1;
      else if (source[i] === '}') depth -= 1;
      else if (source[i] === '`') i = template(i + 1) - 1;
      else if (source[i] === "'" || source[i] === '"') {
        const quote = source[i];
        for (i += 1; source[i] !== quote; i += 1) if (source[i] === '\\') i += 1;
      }
    }
    return i;
  };
  const template = (i) => {
    let text = '';
    for (; source[i] !== '`'; i += 1) {
      if (source[i] === '\\') i += 1;
      else if (source.startsWith('${', i)) {
        i = skip(i + 2) - 1;
        text += '\u0000';
      } else text += source[i];
    }
    for (const [, words] of text.matchAll(/>([^<>]*[A-Za-z]{2,}[^<>]*)</g)) found.push(words.trim());
    for (const [, words] of text.matchAll(/(?:aria-label|title|placeholder|alt)="([^"\u0000]*[A-Za-z]{2,}[^"\u0000]*)"/g)) found.push(words);
    return i + 1;
  };
  for (at = source.indexOf('html`'); at >= 0; at = source.indexOf('html`', at)) at = template(at + 5);
  return found;
}

test('each text that a page asks for is there', () => {
  for (const folder of ['pages', 'parts']) {
    for (const name of readdirSync(join('www', folder))) {
      const source = readFileSync(join('www', folder, name), 'utf8');
      const areas = Object.fromEntries([...source.matchAll(/import (\w+) from '\.\.\/texts\/(\w+\.js)'/g)].map((match) => [match[1], match[2]]));
      const readers = Object.fromEntries([...source.matchAll(/const (\w+) = texts\((\w+)\)/g)].map((match) => [match[1], areas[match[2]]]));
      for (const [reader, area] of Object.entries(readers)) {
        for (const [, key] of source.matchAll(new RegExp(`(?<![\\w.])${reader}\\('([A-Za-z_]+)'`, 'g'))) assert.ok(texts[area].nl[key] !== undefined, `${folder}/${name}: ${key} in ${area}`);
      }
    }
  }
});

// ---- logic of the pages ----
// Modules as the pages have them, in Node.
async function bundled(name) {
  const { build: esbuild } = createRequire(join(tools, 'node_modules', 'x.js'))('esbuild');
  const out = join(scratch, `${basename(name, '.js')}.mjs`);
  await esbuild({ entryPoints: [resolve('www/parts', name)], bundle: true, format: 'esm', outfile: out, nodePaths: [join(tools, 'node_modules')], logLevel: 'error' });
  return import(pathToFileURL(out));
}

test('conditions of questions hold as FEEL has them', async () => {
  const { holds } = await bundled('condition.js');
  const values = { cover: 'full', value: 60000, other: true, none: null, date: '2026-03-01', list: [1, 2] };
  const cases = [
    ['cover != "liability"', true], ['cover = "liability"', false], ['cover != "liability" and value > 50000', true], ['value > 60000', false],
    ['other = true', true], ['not(other)', false], ['none > 3', null], ['none = null', true], ['none > 3 or other', true], ['none > 3 and not(other)', false],
    ['cover in ("a", "full")', true], ['cover in ["a", "b"]', false], ['value between 1 and 60000', true], ['date < date("2026-04-01")', true], ['value - 10000 >= 50000', true],
    ['(cover = "x" or value > 1) and other', true], ['-value < 0', true], ['count(list) = 2', true], ['cover = 3', false],
    ['some x in list satisfies x > 1', undefined], ['cover =', undefined], ['', undefined], ['((', undefined], ['value in [1..3]', undefined], [`${'('.repeat(500)}true${')'.repeat(500)}`, undefined],
  ];
  for (const [condition, expected] of cases) assert.equal(holds(condition, (name) => values[name] ?? null), expected, condition);
});

test('amounts are read as people write them', async () => {
  globalThis.document = { documentElement: { lang: 'nl' } };
  const { decimalText, money, date, addDays } = await bundled('format.js');
  const cases = [
    ['28500', '28500'], ['28.500', '28500'], ['28,500', '28500'], ['28.500,50', '28500.50'], ['28,500.50', '28500.50'], ['28500,5', '28500.5'], ['28500.5', '28500.5'],
    ['€ 1.234.567,89', '1234567.89'], ['1 234,5', '1234.5'], ['-15', '-15'], ['12,50', '12.50'], ['abc', 'abc'], ['', ''], ['1.2.3', '123'],
  ];
  for (const [typed, expected] of cases) assert.equal(decimalText(typed), expected, typed);
  assert.match(money('901.85'), /^€\s901,85$/);
  assert.match(money('123456789012345.67'), /123\.456\.789\.012\.345,67/);
  assert.equal(date('2026-11-23'), '23 november 2026');
  assert.equal(addDays('2026-02-27', 2), '2026-03-01');
});
