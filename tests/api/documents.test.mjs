// A product's documents: every quote leads to the text that held for it, in the caller's language,
// as a page that anybody can read and that never changes.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request, run, serve } from './support.mjs';

const PUBLIC_URL = 'https://offerte.example:9443';
let installation;
let server;
let scratch;
let key;
before(async () => {
  installation = install();
  server = await serve(installation, '--public-url', PUBLIC_URL);
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  key = installation.demo.partners[0].secret_key;
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const read = (path, headers = {}, method = 'GET') => request(server, method, path, { headers });
async function quote(language, kind = 'quotes', product = 'auto') {
  const answers = await exampleAnswers(server, key, product);
  const answer = await request(server, 'POST', `/api/v1/${kind}`,
    { key, headers: { 'Accept-Language': language }, body: { product, answers } });
  assert.ok(answer.status < 300, answer.text);
  return answer.json;
}
const pathOf = (url) => {
  assert.ok(url.startsWith(`${PUBLIC_URL}/`), url);
  return url.slice(PUBLIC_URL.length);
};
// A copy of the shipped product, with one file changed or left out (to: null).
let copies = 0;
function changed(file, from, to) {
  copies += 1;
  const folder = join(scratch, `auto-${copies}`);
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  const path = join(folder, file);
  if (to === null) rmSync(path);
  else if (from === null) writeFileSync(path, to);
  else {
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes(from), from);
    writeFileSync(path, text.replace(from, to));
  }
  return folder;
}
const headings = (page) => [...page.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]));

test('each document of a fresh quote is a page in the language that was asked for', async () => {
  for (const [language, name, word] of [['nl', 'Autoverzekering', 'verzekering'], ['en', 'Car insurance', 'insurance']]) {
    for (const kind of ['quotes', 'estimates']) {
      const made = await quote(language, kind);
      assert.equal(made.documents.length, 2);
      for (const { code, title, url } of made.documents) {
        assert.equal(pathOf(url), `/documents/auto/${made.product_version}/${code}.${language}`);
        const page = await read(pathOf(url)); // without a key
        assert.equal(page.status, 200, page.text);
        assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
        assert.equal(page.headers['content-language'], language);
        assert.ok(page.text.includes(`<html lang="${language}">`));
        assert.ok(page.text.includes(`<h1>${title}</h1>`), title);
        assert.ok(page.text.includes(name));
        assert.ok(page.text.toLowerCase().includes(word));
        assert.ok(page.text.includes(made.product_hash), 'the version is told by its hash');
        assert.ok(page.text.includes(`<link rel="canonical" href="${url}">`));
      }
    }
  }
});

test('every product that ships has documents, and their pages are in order', async () => {
  const products = await request(server, 'GET', '/api/v1/products', { key });
  for (const { product } of products.json.items) {
    const made = await quote('nl', 'quotes', product);
    assert.ok(made.documents.length >= 2, product);
    for (const { url } of made.documents) {
      const page = await read(pathOf(url));
      assert.equal(page.status, 200, url);
      const levels = headings(page.text.replace(/<nav[\s\S]*?<\/nav>/g, ''));
      assert.equal(levels[0], 1);
      assert.equal(levels.filter((level) => level === 1).length, 1);
      levels.slice(1).forEach((level, i) => assert.ok(level <= levels[i] + 1, `${url}: level ${level}`));
      for (const [, target] of page.text.matchAll(/href="#([^"]+)"/g)) {
        assert.equal(page.text.split(`id="${target}"`).length, 2, `${url}#${target}`);
      }
      for (const [, style] of page.text.matchAll(/(?:rel="stylesheet"|rel="icon") href="([^"]+)"/g)) {
        assert.equal((await read(style)).status, 200, style);
      }
      assert.ok(!/<script|style=|\son[a-z]+=/.test(page.text), 'nothing that the policy forbids');
      const other = /<a href="([a-z0-9_-]+\.en)" lang="en" hreflang="en">English<\/a>/.exec(page.text);
      assert.equal((await read(pathOf(url).replace(/[^/]+$/, other[1]))).status, 200);
    }
  }
});

test('a page says how long it may be kept, and is closed to scripts from elsewhere', async () => {
  const { documents } = await quote('nl');
  const path = pathOf(documents[0].url);
  const page = await read(path);
  assert.equal(page.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(page.headers.vary, undefined);
  const policy = page.headers['content-security-policy'];
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /style-src 'self'(;|$)/);
  assert.ok(!policy.includes('unsafe'));
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  const again = await read(path, { 'If-None-Match': page.headers.etag });
  assert.equal(again.status, 304);
  assert.equal(again.text, '');
  const head = await read(path, {}, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.headers.etag, page.headers.etag);
  assert.equal(head.text, '');
  const written = await read(path, {}, 'POST');
  assert.equal(written.status, 405);
  assert.match(written.headers.allow, /GET/);
});

test('without a language in the address the caller\'s own decides', async () => {
  const { documents } = await quote('nl');
  const path = pathOf(documents[0].url).replace(/\.nl$/, '');
  for (const [asked, given] of [['en', 'en'], ['nl', 'nl'], ['fr', 'nl'], ['en;q=0.4, nl;q=0.5', 'nl'], [undefined, 'nl']]) {
    const page = await read(path, asked ? { 'Accept-Language': asked } : {});
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-language'], given, asked);
    assert.equal(page.headers.vary, 'Accept-Language');
    assert.ok(!page.headers['cache-control'].includes('immutable'));
    assert.equal((await read(`${path}.${given}`)).text, page.text);
  }
});

test('an older version\'s documents stay after a new publication', async () => {
  const old = await quote('nl');
  const oldPath = pathOf(old.documents[0].url);
  const before_ = await read(oldPath);
  const folder = changed('documents/information_document.nl.md', '## Wat is verzekerd?', '## Wat verzekeren wij?');
  const result = run('product', 'publish', folder, '--data', installation.folder);
  assert.equal(result.status, 0, result.stdout + result.stderr);
  await new Promise((done) => setTimeout(done, 1000));
  const fresh = await quote('nl');
  assert.notEqual(fresh.product_hash, old.product_hash, 'the texts are part of the version');
  const newPath = pathOf(fresh.documents[0].url);
  assert.notEqual(newPath, oldPath);
  assert.ok((await read(newPath)).text.includes('Wat verzekeren wij?'));
  const after_ = await read(oldPath);
  assert.equal(after_.text, before_.text);
  assert.ok(!after_.text.includes('Wat verzekeren wij?'));
  const kept = await request(server, 'GET', `/api/v1/quotes/${old.id}`, { key });
  assert.deepEqual(kept.json.documents, old.documents);
});

test('a document without English is read in Dutch; one elsewhere keeps its address', async () => {
  const folder = changed('product.xml', '<en>Policy conditions, car insurance</en>', '');
  rmSync(join(folder, 'documents/terms_and_conditions.en.md'));
  const text = readFileSync(join(folder, 'product.xml'), 'utf8');
  writeFileSync(join(folder, 'product.xml'), text.replace('</documents>',
    '<document code="service_guide"><title><nl>Dienstenwijzer</nl></title>' +
    '<url><nl>https://adviseur.example/dienstenwijzer?a=1&amp;b=2</nl></url></document></documents>'));
  const result = run('product', 'publish', folder, '--data', installation.folder);
  assert.equal(result.status, 0, result.stdout + result.stderr);
  await new Promise((done) => setTimeout(done, 1000));
  const { documents, product_version: version } = await quote('en');
  assert.match(documents[0].url, /\.en$/);
  assert.match(documents[1].url, /terms_and_conditions\.nl$/);
  assert.equal(documents[2].url, 'https://adviseur.example/dienstenwijzer?a=1&b=2');
  const base = `/documents/auto/${version}`;
  const page = await read(`${base}/terms_and_conditions`, { 'Accept-Language': 'en' });
  assert.equal(page.headers['content-language'], 'nl');
  assert.ok(!page.text.includes('hreflang'));
  assert.equal((await read(`${base}/terms_and_conditions.en`)).status, 404);
  assert.equal((await read(`${base}/service_guide.nl`)).status, 404);
});

test('addresses that are none are answered 404, tricks with paths included', async () => {
  const good = pathOf((await quote('nl')).documents[0].url);
  const [, , product, version, file] = good.split('/');
  const wrong = ['/documents', '/documents/', `/documents/${product}`, `/documents/${product}/${version}`,
    `/documents/${product}/${version}/`, `/documents/boat/${version}/${file}`, `/documents/${product}/0/${file}`,
    `/documents/${product}/0${version}/${file}`, `/documents/${product}/+${version}/${file}`,
    `/documents/${product}/-1/${file}`, `/documents/${product}/999/${file}`,
    `/documents/${product}/99999999999999999999/${file}`, `/documents/${product}/${version}.0/${file}`,
    `/documents/${product}/${version}/nothing.nl`, `/documents/${product}/${version}/${file}/`,
    `/documents/${product}/${version}/${file}.md`, `/documents/${product}/${version}/${file.replace('.nl', '.de')}`,
    `/documents/${product}/${version}/${file.toUpperCase()}`, `/documents/${product}/${version}//${file}`,
    `/documents/${product}/${version}/product.xml`, `/documents/${product}/${version}/tariff.dmn`,
    `/documents/${product}/${version}/../${version}/${file}`, `/documents/${product}/${version}/%2e%2e/tariff.dmn`,
    `/documents/${product}/${version}/${file}%00`, `/documents/${product}/${version}/${file.replace('_', '%5f')}`,
    `/documents/${product}/${version}/${'a'.repeat(64)}.nl`, `/documents/${'a'.repeat(3000)}/1/a.nl`,
    `/documents/${product}/${version}/.nl`, `/documents/${product}/${version}/information_document.`,
    `/documents/${product}/${version}/information_document..nl`, `/documentsx/${product}/${version}/${file}`];
  for (const path of wrong) {
    const answer = await read(path);
    assert.ok(answer.status === 404 || answer.status === 400, `${path}: ${answer.status}`);
    assert.equal(answer.headers['content-type'], 'application/problem+json', path);
    assert.equal(answer.headers['cache-control'], 'no-store', path);
    assert.ok(answer.json.code, path);
  }
  assert.equal((await read(good)).status, 200);
});

test('check and publish say with file and line what is wrong with a document', async () => {
  const nl = 'documents/information_document.nl.md';
  const bad = [
    [nl, null, null, /product\.xml:\d+: document information_document: .*information_document\.nl\.md/],
    ['documents/information_document.en.md', null, null, /product\.xml:\d+: .*information_document\.en\.md/],
    ['documents/notes.nl.md', null, 'Notitie\n', /documents\/notes\.nl\.md:1: no document/],
    ['documents/plaatje.png', null, 'x', /plaatje\.png/],
    [nl, null, Buffer.from([0x61, 0x0a, 0xe9, 0x0a]), /information_document\.nl\.md:2: .*UTF-8/],
    [nl, null, 'a'.repeat(256 * 1024 + 1), /information_document\.nl\.md: .*256 KiB/],
    [nl, '## Wat is verzekerd?', '# Wat is verzekerd?', /information_document\.nl\.md:\d+: .*##/],
    [nl, '## Wat is verzekerd?', '<h2>Wat is verzekerd?</h2>', /information_document\.nl\.md:\d+: HTML/],
    ['product.xml', 'document code="information_document"', 'document code="../product"', /product\.xml:\d+/],
  ];
  for (const [file, from, to, told] of bad) {
    const folder = changed(file, from, to);
    const checked = run('product', 'check', folder);
    assert.equal(checked.status, 1, String(told));
    assert.match(checked.stdout + checked.stderr, told);
    assert.equal(run('product', 'publish', folder, '--data', installation.folder).status, 1);
  }
});
