// koppel quote batch: a spreadsheet in, the same rows with their quotes out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cents, dateIn, exampleAnswers, install, program, request, run, serve } from './support.mjs';

let installation;
let server;
let partner;
let answers;
let folder;
before(async () => {
  installation = install();
  server = await serve(installation);
  partner = installation.demo.partners[0];
  answers = await exampleAnswers(server, partner.secret_key, 'auto');
  folder = mkdtempSync(join(tmpdir(), 'koppel-sheet-'));
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

let sheets = 0;
// Writes a sheet, runs the command, and reads what came out: { status, stdout, stderr, text, rows }.
function batch(text, ...options) {
  const source = join(folder, `in-${++sheets}.csv`);
  const target = join(folder, `out-${sheets}.csv`);
  writeFileSync(source, text);
  const product = options.includes('--product') ? [] : ['--product', 'auto'];
  const result = run('quote', 'batch', source, target, '--data', installation.folder, '--partner', partner.id, ...product, ...options);
  const out = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
  assert.ok(!existsSync(`${target}.part`), 'nothing half is left');
  return { ...result, target, text: out, rows: out && read(out) };
}

// A sheet as objects by the names of its header. Quotes as RFC 4180 has them.
function read(text) {
  const separator = text.split('\r\n')[0].includes(';') ? ';' : ',';
  const lines = [];
  let cells = [''], quoted = false;
  for (let i = text.startsWith('\ufeff') ? 1 : 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') { cells[cells.length - 1] += '"'; i++; }
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === separator) cells.push('');
    else if (!quoted && c === '\r') { lines.push(cells); cells = ['']; i++; }
    else cells[cells.length - 1] += c;
  }
  const header = lines.shift();
  return lines.map((line) => Object.fromEntries(header.map((name, i) => [name, line[i]])));
}

const names = () => Object.keys(answers);
const sheet = (rows, separator = ';', more = []) => [
  [...names(), ...more].join(separator),
  ...rows.map((row) => [...names(), ...more].map((name) => {
    const cell = String({ ...answers, ...row }[name] ?? '');
    return cell.includes(separator) ? `"${cell}"` : cell;
  }).join(separator)),
].join('\r\n');
const quoteOf = (id) => request(server, 'GET', `/api/v1/quotes/${id}`, { key: partner.secret_key });

test('each row gets its quote, kept as any other; amounts as the sheet writes them', async () => {
  const rows = [{ reference: 'a 1', '#note': '=1+1' }, { reference: 'a 2', postcode: 'x' }, { '#note': 'café; "bar"' }];
  const made = batch(`\ufeff${sheet(rows, ';', ['reference', '#note'])}`.replace('"café; "bar""', '"café; ""bar"""'));
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /3 rows: 2 offered, 0 referred, 0 declined, 1 with a problem/);
  assert.equal(made.stderr, '', 'no progress bar where there is no terminal');
  assert.ok(made.text.startsWith('\ufeff'));
  assert.deepEqual(made.rows.map((row) => row.status), ['offered', 'problem', 'offered']);
  assert.equal(made.rows[0]['#note'], "'=1+1", 'guarded');
  assert.equal(made.rows[2]['#note'], 'café; "bar"');
  assert.match(made.rows[1].problem, /^postcode: /);
  assert.equal(made.rows[1].id, '');
  const quote = await quoteOf(made.rows[0].id);
  assert.equal(quote.json.reference, 'a 1');
  assert.equal(quote.json.test, false);
  for (const part of ['total', 'net', 'tax']) {
    assert.match(made.rows[0][part], /^\d+,\d\d$/);
    assert.equal(cents(made.rows[0][part].replace(',', '.')), cents(quote.json.premium[part]));
  }
});

test('commas between columns: points in amounts, and no mark where none came', () => {
  const made = batch(sheet([{}], ','));
  assert.equal(made.rows[0].status, 'offered', made.text);
  assert.match(made.rows[0].total, /^\d+\.\d\d$/);
  assert.ok(!made.text.startsWith('\ufeff'));
});

test('what Dutch spreadsheets write counts as what programs write', async () => {
  const made = batch(sheet([{
    birth_date: '17-5-1980', catalogue_value: '28.500,00', vehicle_weight_kg: '1.225', other_driver: 'nee', accident_occupants: 'WAAR', effective_date: '',
  }], ';', ['effective_date']), '--estimate');
  assert.equal(made.rows[0].status, 'offered', made.text);
  const plain = batch(sheet([{}]), '--estimate');
  assert.equal(made.rows[0].total, plain.rows[0].total);
  assert.equal(made.rows[0].id, '', 'estimates keep nothing');
  const whole = batch(sheet([{ catalogue_value: '28.500' }]), '--estimate');
  assert.equal(whole.rows[0].total, plain.rows[0].total, 'not € 28,50');
});

test('the same sheet again is the same quotes; a mended row is a new one; --again makes all anew', async () => {
  const rows = [{ reference: 's1' }, { reference: 's2', postcode: 'x' }, { reference: 's3' }];
  const first = batch(sheet(rows, ';', ['reference']));
  rows[1].postcode = answers.postcode;
  const second = batch(sheet(rows, ';', ['reference']));
  assert.deepEqual(second.rows.map((row) => row.status), ['offered', 'offered', 'offered']);
  assert.equal(second.rows[0].id, first.rows[0].id);
  assert.equal(second.rows[2].id, first.rows[2].id);
  assert.equal(second.rows[0].total, first.rows[0].total);
  const anew = batch(sheet(rows, ';', ['reference']), '--again');
  assert.notEqual(anew.rows[0].id, first.rows[0].id);
  // What came out goes in again: its results are no questions.
  const back = batch(second.text);
  assert.equal(back.status, 0, back.stderr);
  assert.deepEqual(Object.keys(back.rows[0]), Object.keys(second.rows[0]));
  assert.deepEqual(back.rows.map((row) => row.id), second.rows.map((row) => row.id));
});

test('test quotes, dates for all rows, products by row, the language of problems', async () => {
  const key = run('key', 'create', '--data', installation.folder, '--partner', partner.id, '--kind', 'secret', '--mode', 'test').stdout.trim();
  const day = dateIn(7);
  const marked = batch(sheet([{}]), '--mode', 'test', '--date', day);
  assert.equal((await quoteOf(marked.rows[0].id)).status, 404);
  const kept = await request(server, 'GET', `/api/v1/quotes/${marked.rows[0].id}`, { key });
  assert.equal(kept.json.test, true);
  assert.equal(kept.json.effective_date, day);
  const source = join(folder, 'by-row.csv');
  writeFileSync(source, sheet([{ product: 'auto' }, { product: 'nope' }, { product: '' }], ';', ['product']));
  const target = join(folder, 'by-row-out.csv');
  const made = run('quote', 'batch', source, target, '--data', installation.folder, '--partner', partner.id, '--language', 'en');
  assert.equal(made.status, 0, made.stderr);
  const rows = read(readFileSync(target, 'utf8'));
  assert.deepEqual(rows.map((row) => row.status), ['offered', 'problem', 'problem']);
  assert.match(rows[1].problem, /There is no such product/);
  assert.match(rows[2].problem, /^product: .*this is missing/);
});

test('a sheet that is not sound is refused before the first quote, with its line', () => {
  const whole = sheet([{}]);
  for (const [text, said] of [
    ['', /it is empty/],
    [whole.split('\r\n')[0], /no rows/],
    [`${whole}\r\n"open`, /line 3: a quote/],
    [Buffer.from(whole.replace('AB', '\xe9'), 'latin1'), /line 2: this is not UTF-8/],
    [whole.replace('postcode', 'zip'), /no question of auto: zip/],
    [whole.replace('postcode', 'birth_date'), /two columns birth_date/],
  ]) {
    const made = batch(text);
    assert.equal(made.status, 1);
    assert.match(made.stderr, said);
    assert.equal(made.stderr.trim().split('\n').length, 1);
    assert.equal(made.text, undefined);
  }
  const nameless = join(folder, 'nameless.csv');
  writeFileSync(nameless, whole);
  const made = run('quote', 'batch', nameless, join(folder, 'nameless-out.csv'), '--data', installation.folder, '--partner', partner.id);
  assert.equal(made.status, 1);
  assert.match(made.stderr, /nameless\.csv: .*add a column product.*--product/);
  assert.ok(!existsSync(join(folder, 'nameless-out.csv')));
  const wide = batch(`${whole};too;many\r\n${whole.split('\r\n')[1]}`);
  assert.deepEqual(wide.rows.map((row) => row.status), ['problem', 'offered']);
  assert.match(wide.rows[0].problem, /meer cellen/);
});

test('used wrongly: told in a line, nothing overwritten', () => {
  const source = join(folder, 'wrong.csv');
  const target = join(folder, 'wrong-out.csv');
  writeFileSync(source, sheet([{}]));
  writeFileSync(target, 'precious');
  const base = ['quote', 'batch', source, target, '--data', installation.folder];
  const there = run(...base, '--partner', partner.id, '--product', 'auto');
  assert.equal(there.status, 1);
  assert.match(there.stderr, /is there already/);
  assert.equal(readFileSync(target, 'utf8'), 'precious');
  const self = run('quote', 'batch', source, source, '--data', installation.folder, '--partner', partner.id, '--product', 'auto');
  assert.equal(self.status, 1);
  assert.equal(readFileSync(source, 'utf8'), sheet([{}]));
  for (const [more, status, said] of [
    [['--partner', 'ptr_nobody'], 1, /no partner ptr_nobody/],
    [['--partner', partner.id, '--product', 'nope'], 1, /no product nope in force/],
    [['--partner', partner.id, '--mode', 'both'], 2, /--mode takes/],
    [['--partner', partner.id, '--date', '31-12-2026'], 2, /--date takes/],
    [[], 2, /--partner/],
  ]) {
    const made = run(...base, ...more);
    assert.equal(made.status, status, made.stderr);
    assert.match(made.stderr, said);
  }
  assert.equal(run('quote').status, 2);
  assert.equal(run('quote', 'nothing').status, 2);
  assert.match(run('quote', '--help').stdout, /batch/);
  assert.match(run('quote', 'batch', '--help').stdout, /family\.1\.birth_date/);
});

test('killed amid a sheet: nothing half comes out; run again, nothing is made twice', async () => {
  const rows = Array.from({ length: 12_000 }, (_, i) => ({ reference: `k${i}` }));
  const source = join(folder, 'killed.csv');
  const target = join(folder, 'killed-out.csv');
  writeFileSync(source, sheet(rows, ';', ['reference']));
  const args = ['quote', 'batch', source, target, '--data', installation.folder, '--partner', partner.id, '--product', 'auto'];
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((done) => child.on('exit', done));
  const deadline = Date.now() + 20_000;
  while (!existsSync(`${target}.part`) || readFileSync(`${target}.part`).length < 200_000) {
    assert.ok(Date.now() < deadline);
    await new Promise((done) => setTimeout(done, 5));
  }
  child.kill('SIGKILL');
  await ended;
  assert.ok(!existsSync(target));
  const half = read(readFileSync(`${target}.part`, 'utf8'));
  const again = run(...args);
  assert.equal(again.status, 0, again.stderr);
  const all = read(readFileSync(target, 'utf8'));
  assert.equal(all.length, rows.length);
  assert.ok(all.every((row, i) => row.status === 'offered' && row.reference === `k${i}`));
  assert.ok(half.length > 100);
  // The last row may be cut off.
  for (const [i, row] of half.slice(0, -1).entries()) assert.equal(all[i].id, row.id);
  assert.equal(new Set(all.map((row) => row.id)).size, rows.length);
});
