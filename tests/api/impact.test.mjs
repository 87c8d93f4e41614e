// What a draft would have done to the book: by command and by operation, with progress, cancel,
// a restart, and who may. The drafts raise one factor of the car tariff, refuse answers, or refer
// what was offered, so that every part of the report has something in it.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cents, dateIn, exampleAnswers, install, request, run, serve } from './support.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
let installation;
let server;
let organisation;
let partner;
before(async () => {
  installation = install('--scale', '10');
  server = await serve(installation);
  organisation = installation.demo.organisation.key;
  [partner] = installation.demo.partners;
});
after(async () => {
  await server?.stop();
  installation?.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const call = (method, path, options = {}) =>
  request(server, method, `/api/v1${path}`, { key: organisation, ...options });

// A copy of the car product with texts of its files replaced: [file, from, to] each.
function makeDraft(name, ...changes) {
  const folder = join(scratch, name);
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  for (const [file, from, to] of changes) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  return folder;
}
const dearer = ['tariff.dmn', '<text>1.28</text>', '<text>1.38</text>'];
const heavier = ['product.xml', 'minimum="400"', 'minimum="1200"'];

function keep(folder, by = 'anna') {
  const made = run('product', 'draft', folder, '--data', installation.folder, '--by', by);
  const [id] = /pdr_[0-9a-z]{26}/.exec(made.stdout + made.stderr) ?? [];
  assert.ok(id, made.stdout + made.stderr);
  return id;
}

async function finished(id, from = server) {
  for (let tries = 0; tries < 800; tries += 1) {
    const answer = await request(from, 'GET', `/api/v1/impacts/${id}`, { key: organisation });
    assert.equal(answer.status, 200, answer.text);
    if (!['queued', 'running'].includes(answer.json.state)) return answer.json;
    await pause(50);
  }
  throw new Error('the impact did not end');
}

const impact = (...args) => run('product', 'impact', ...args, '--data', installation.folder);
function reportOf(folder, ...args) {
  const path = join(scratch, 'report.json');
  const told = impact(folder, '--json', path, ...args);
  assert.equal(told.status, 0, told.stdout + told.stderr);
  return JSON.parse(readFileSync(path, 'utf8'));
}

// Sums and counts must agree with each other, whatever the draft.
function checkSums(report) {
  assert.equal(report.quotes, report.rated + report.refused + report.failed + report.unreadable);
  const accepted = report.acceptance.reduce((sum, cell) => sum + cell.quotes, 0);
  assert.equal(accepted, report.rated);
  const { premium } = report;
  for (const parts of [report.bands, report.partners, report.products]) {
    for (const name of ['quotes', 'winners', 'losers', 'unchanged'])
      assert.equal(parts.reduce((sum, part) => sum + part[name], 0), premium[name], name);
    for (const name of ['before', 'after', 'change'])
      assert.equal(parts.reduce((sum, part) => sum + cents(part[name]), 0n), cents(premium[name]), name);
  }
  assert.equal(cents(premium.after) - cents(premium.before), cents(premium.change));
  for (const moves of [report.largest_rises, report.largest_falls]) {
    assert.ok(moves.length <= 10);
    const sizes = moves.map((move) => Math.abs(Number(cents(move.change))));
    assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
    for (const move of moves) assert.equal(cents(move.after) - cents(move.before), cents(move.change));
  }
}

test('a draft like the version in force changes nothing', () => {
  const report = reportOf(makeDraft('same', ['cases.xml', '<testCases', '<!-- same --><testCases']));
  checkSums(report);
  assert.ok(report.quotes > 100, 'there is a book');
  assert.equal(report.rated, report.quotes);
  assert.equal(report.before_kept, report.rated);
  assert.equal(report.premium.change, '0.00');
  assert.equal(report.premium.change_percent, '0.00');
  assert.equal(report.bands.find(({ band }) => band === 'unchanged').quotes, report.premium.quotes);
  assert.deepEqual(report.largest_rises, []);
  for (const { before: was, after: is, quotes } of report.acceptance) if (was !== is) assert.equal(quotes, 0);
});

test('a dearer region: losers there and nowhere else, in bands that fit', () => {
  const report = reportOf(makeDraft('dearer', dearer));
  checkSums(report);
  assert.ok(report.premium.losers > 0);
  assert.equal(report.premium.winners, 0);
  assert.equal(report.drafts[0].region, 'decision Region');
  for (const region of report.regions)
    assert.equal(region.losers, region.region === 'A' ? region.quotes : 0, region.region);
  assert.deepEqual(report.regions.map(({ region }) => region), ['A', 'B', 'C', 'D', 'E']);
  const raised = report.bands.filter(({ losers }) => losers > 0).map(({ band }) => band);
  assert.ok(raised.every((band) => ['up_to_5', 'up_5_to_10'].includes(band)), raised.join());
  assert.equal(report.largest_falls.length, 0);
  assert.equal(report.largest_rises.length, 10);
  assert.ok(report.partners.every(({ name }) => name.length > 3));
});

test('each move is what the quote was, and what the draft makes of its answers', async () => {
  const folder = makeDraft('moved', dearer);
  const [largest] = reportOf(folder).largest_rises;
  const owner = installation.demo.partners.find(({ id }) => id === largest.partner);
  const answer = await call('GET', `/quotes/${largest.quote}`, { key: owner.secret_key });
  assert.equal(answer.json.premium.total, largest.before);
});

test('against a version by number; a version can be tried again as a draft', () => {
  const folder = makeDraft('against', dearer);
  const plain = reportOf(folder);
  assert.deepEqual(reportOf(folder, '--against', 'auto@1'), plain);
  const same = reportOf('auto@1');
  assert.equal(same.premium.change, '0.00');
  for (const [args, status, words] of [
    [['--against', 'auto@77'], 1, /no version 77/],
    [['--against', 'auto'], 1, /write it as auto@3/],
    [['--against', 'reis@1'], 1, /no draft of that product/],
    [['--since', 'yesterday'], 2, /is no date/],
    [['--since', '2026-02-01', '--until', '2026-02-01'], 2, /--until is not after --since/],
    [['--partner', 'ptr_00000000000000000000000000'], 1, /no partner ptr_0.*koppel key list/],
    [['--region', 'colour'], 1, /no decision and no single question 'colour'/]]) {
    const told = impact(folder, ...args);
    assert.equal(told.status, status, told.stdout + told.stderr);
    assert.match(told.stderr, words);
  }
  assert.match(impact('nowhere').stderr, /is no folder, and no draft or version/);
  assert.equal(run('product', 'impact', '--data', installation.folder).status, 2);
});

test('answers that the draft refuses are counted by question, with an example', () => {
  const report = reportOf(makeDraft('refused', heavier));
  checkSums(report);
  assert.ok(report.refused > 0, 'some cars are lighter');
  assert.equal(report.refusals.length, 1);
  const [{ product, question, code, quotes, example }] = report.refusals;
  assert.deepEqual({ product, question, code, quotes }, { product: 'auto', question: 'vehicle_weight_kg', code: 'too_small', quotes: report.refused });
  assert.match(example, /^qte_/);
});

test('changes of acceptance are told from which to which', () => {
  const path = join('quote-engine', 'products', 'auto', 'tariff.dmn');
  const offered = /<outputEntry[^>]*><text>"offered"<\/text>/.exec(readFileSync(path, 'utf8'))[0];
  const report = reportOf(makeDraft('referring', ['tariff.dmn', offered, offered.replace('offered', 'referred')]));
  checkSums(report);
  const cell = (was, is) => report.acceptance.find((item) => item.before === was && item.after === is).quotes;
  assert.ok(cell('offered', 'referred') > 0);
  assert.equal(cell('offered', 'offered'), 0);
  assert.ok(cell('declined', 'declined') > 0);
});

test('filters and groups: a partner, days, a question as the region', () => {
  const folder = makeDraft('filtered', dearer);
  const all = reportOf(folder);
  const one = reportOf(folder, '--partner', partner.id);
  assert.deepEqual(one.partners.map((item) => item.partner), [partner.id]);
  assert.ok(one.quotes > 0 && one.quotes < all.quotes);
  const week = dateIn(-7);
  const late = reportOf(folder, '--since', week), early = reportOf(folder, '--until', week);
  assert.equal(late.quotes + early.quotes, all.quotes);
  assert.ok(late.quotes > 0 && early.quotes > 0);
  const fuels = reportOf(folder, '--region', 'fuel');
  assert.ok(fuels.regions.some(({ region }) => region === 'diesel'));
  assert.deepEqual(reportOf(folder, '--threads', '1'), reportOf(folder, '--threads', '2'));
});

test('the CSV says the same as the JSON', () => {
  const path = join(scratch, 'report.csv');
  const report = reportOf(makeDraft('csv', dearer), '--csv', path);
  const lines = readFileSync(path, 'utf8').split('\r\n');
  assert.equal(lines.pop(), '');
  const [head, ...rows] = lines.map((line) => line.split(','));
  const table = rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])));
  const all = table.find(({ section }) => section === 'premium');
  assert.equal(all.after, report.premium.after);
  assert.equal(all.losers, String(report.premium.losers));
  assert.equal(table.filter(({ section }) => section === 'band').length, 9);
  assert.equal(table.filter(({ section }) => section === 'largest_rise').length, 10);
  assert.equal(table.find((row) => row.section === 'region' && row.key === 'A').change, report.regions[0].change);
  assert.ok(rows.every((row) => row.length === head.length));
});

test('answers of a spreadsheet instead of the book', async () => {
  const folder = makeDraft('sheet', dearer);
  const example = await exampleAnswers(server, partner.secret_key, 'auto');
  const names = Object.keys(example);
  const row = (reference, changed) => [reference, ...names.map((name) => ({ ...example, ...changed })[name])].join(';');
  const path = join(scratch, 'answers.csv');
  writeFileSync(path, [['reference', ...names].join(';'), row('in A', { postcode: '1012 AB' }),
    row('in E', { postcode: '9711 AB' }), row('', { postcode: 'nowhere' }), ''].join('\r\n'));
  const report = reportOf(folder, '--answers', path);
  assert.equal(report.quotes, 3);
  assert.equal(report.rated, 2);
  assert.deepEqual(report.refusals, [{ product: 'auto', question: 'postcode', code: 'pattern', quotes: 1, example: 'line 4' }]);
  assert.deepEqual(report.regions.map(({ region, losers }) => [region, losers]), [['A', 1], ['E', 0]]);
  assert.deepEqual(report.largest_rises.map(({ quote }) => quote), ['in A']);
  assert.deepEqual(report.partners, []);
  const key = partner.secret_key;
  const estimate = await call('POST', '/estimates', { key, body: { product: 'auto', answers: { ...example, postcode: '1012 AB' } } });
  assert.equal(report.largest_rises[0].before, estimate.json.premium.total);

  writeFileSync(path, 'reference;colour\r\nx;red\r\n');
  const unknown = impact(folder, '--answers', path);
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /answers\.csv: .*colour/);
  assert.equal(impact(folder, '--answers', path, '--partner', partner.id).status, 2);
  assert.match(impact(folder, '--answers', join(scratch, 'none.csv')).stderr, /none\.csv/);
});

test('as an operation: started, looked at, read as JSON and CSV, listed', async () => {
  const folder = makeDraft('operation', dearer);
  const draft = keep(folder);
  const started = await call('POST', '/impacts', { body: { draft_id: draft }, headers: { 'Idempotency-Key': '"impact-1"' } });
  assert.equal(started.status, 202, started.text);
  assert.equal(started.json.state, 'queued');
  assert.equal(started.headers.location, `/api/v1/impacts/${started.json.id}`);
  assert.match(started.json.started_by, /^organisation:oky_/);
  const again = await call('POST', '/impacts', { body: { draft_id: draft }, headers: { 'Idempotency-Key': '"impact-1"' } });
  assert.equal(again.json.id, started.json.id);
  const done = await finished(started.json.id);
  assert.equal(done.state, 'done', done.problem);
  assert.equal(done.progress.walked, done.progress.total);
  assert.deepEqual(done.report, reportOf(folder));
  const csv = await call('GET', `/impacts/${done.id}/report.csv`);
  assert.equal(csv.status, 200);
  assert.match(csv.headers['content-type'], /^text\/csv/);
  assert.match(csv.text, /^section,key,.*\r\ncount,quotes,/);
  const listed = await call('GET', '/impacts?limit=1');
  assert.deepEqual(listed.json.items.map(({ id }) => id), [done.id]);
  const second = await call('POST', '/impacts', { body: { draft_id: draft, partner_id: partner.id, since: '2020-01-01', against_version: 1, region: 'fuel' } });
  const part = await finished(second.json.id);
  assert.equal(part.state, 'done', part.problem);
  assert.deepEqual(part.report.partners.map((item) => item.partner), [partner.id]);
  const page = await call('GET', '/impacts?limit=1');
  assert.equal(page.json.items[0].id, part.id);
  assert.equal((await call('GET', `/impacts?cursor=${page.json.next}`)).json.items[0].id, done.id);
});

// The version in which what holds an id was not yet called after it: asked, listed, refused, replayed.
test('in the first version the draft and the partner have their names of then', async () => {
  const draft = keep(makeDraft('older', dearer));
  const old = (method, path, options = {}) => call(method, path, { ...options, headers: { 'Koppel-Version': '2026-11-23', ...options.headers } });
  const headers = { 'Idempotency-Key': 'older-1' };
  const body = { draft, partner: partner.id };
  const started = await old('POST', '/impacts', { body, headers });
  assert.equal(started.status, 202, started.text);
  assert.equal(started.headers['koppel-version'], '2026-11-23');
  const names = ({ draft: one, partner: two, draft_id: three, partner_id: four }) => [one, two, three, four];
  assert.deepEqual(names(started.json), [draft, partner.id, undefined, undefined]);
  const again = await old('POST', '/impacts', { body, headers });
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(again.text, started.text);
  const newest = await call('POST', '/impacts', { body: { draft_id: draft, partner_id: partner.id }, headers });
  assert.equal(newest.headers['idempotent-replayed'], 'true', 'the same deed in either form');
  assert.deepEqual(names(newest.json), [undefined, undefined, draft, partner.id]);
  await finished(started.json.id);
  assert.deepEqual(names((await old('GET', `/impacts/${started.json.id}`)).json), [draft, partner.id, undefined, undefined]);
  assert.deepEqual(names((await old('GET', '/impacts?limit=1')).json.items[0]), [draft, partner.id, undefined, undefined]);
  assert.deepEqual(Object.keys((await old('GET', `/impacts/${started.json.id}`)).json),
    Object.keys((await call('GET', `/impacts/${started.json.id}`)).json).map((name) => name.replace(/^(draft|partner)_id$/, '$1')));
  for (const [wrong, code, pointer] of [[{ draft_id: draft }, 'unknown', '/draft_id'], [{ draft, partner: 'nobody' }, 'unknown_partner', '/partner'],
    [{ draft: 'pdr_00000000000000000000000000' }, 'unknown_draft', '/draft'], [{ draft: 5 }, 'wrong_type', '/draft'], [{}, 'required', '/draft'],
    [{ draft, draft_id: draft }, 'unknown', '/draft_id']]) {
    const refused = await old('POST', '/impacts', { body: wrong });
    assert.equal(refused.status, 422, refused.text);
    assert.ok(refused.json.errors.some((error) => error.code === code && error.pointer === pointer), refused.text);
    assert.ok(refused.json.errors.every((error) => error.pointer === pointer || error.code === 'required'), refused.text);
  }
});

test('what cannot be is said: no such draft, region or version, a draft that does not compile', async () => {
  const unknown = await call('POST', '/impacts', { body: { draft_id: 'pdr_00000000000000000000000000' } });
  assert.equal(unknown.status, 422, unknown.text);
  assert.equal(unknown.json.errors[0].pointer, '/draft_id');
  assert.equal((await call('POST', '/impacts', { body: {} })).status, 422);
  assert.equal((await call('GET', '/impacts/imp_00000000000000000000000000')).status, 404);
  assert.equal((await call('GET', '/impacts?cursor=x')).status, 422);
  const draft = keep(makeDraft('unsound', dearer, heavier));
  const run1 = await call('POST', '/impacts', { body: { draft_id: draft, region: 'colour' } });
  const failed = await finished(run1.json.id);
  assert.equal(failed.state, 'failed');
  assert.match(failed.problem, /colour/);
  assert.equal(failed.report, null);
  assert.equal((await call('GET', `/impacts/${failed.id}/report.csv`)).status, 409);
  assert.equal((await call('POST', `/impacts/${failed.id}/cancel`)).status, 409);
  const before1 = (await call('GET', '/impacts')).json.items.length;
  for (const [language, body, pointer, said] of [
    ['nl', { against_version: 99 }, '/against_version', /versie.*GET \/drafts/],
    ['en', { against_version: 99 }, '/against_version', /no such version.*GET \/drafts/],
    ['nl', { partner_id: 'ptr_00000000000000000000000000' }, '/partner_id', /partner bestaat niet/],
    ['en', { partner_id: 'nobody' }, '/partner_id', /no such partner/],
    ['nl', { since: '2026-02-01', until: '2026-01-01' }, '/until', /latere dag/],
    ['en', { since: '2026-02-01', until: '2026-02-01' }, '/until', /later day/],
    ['nl', { region: 'Regioën'.repeat(8) + 'éé' }, '/region', /te lang.*63 bytes/],
    ['en', { partner_id: 'é'.repeat(40) }, '/partner_id', /too long.*39 bytes/],
  ]) {
    const refused = await call('POST', '/impacts', { body: { draft_id: draft, ...body }, headers: { 'Accept-Language': language } });
    assert.equal(refused.status, 422, refused.text);
    assert.deepEqual(refused.json.errors.map((error) => error.pointer), [pointer]);
    assert.match(refused.json.errors[0].message, said);
  }
  assert.equal((await call('GET', '/impacts')).json.items.length, before1, 'what is refused does not wait');
  const broken = keep(makeDraft('broken', ['tariff.dmn', '<text>1.28</text>', '<text>1.28 *</text>']));
  const run2 = await call('POST', '/impacts', { body: { draft_id: broken } });
  assert.match((await finished(run2.json.id)).problem, /does not compile: tariff\.dmn:\d+/);
});

test('only the organisation: a partner and a website get 403, nobody 401; test and live do not meet', async () => {
  const draft = keep(makeDraft('whose', dearer), 'berend');
  const { json: { id } } = await call('POST', '/impacts', { body: { draft_id: draft } });
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'Proef', '--mode', 'test');
  assert.equal(made.status, 0, made.stderr);
  const testKey = made.stdout.trim();
  for (const [method, path, body] of [['POST', '/impacts', { draft_id: draft }], ['GET', `/impacts/${id}`], ['GET', '/impacts'],
    ['GET', `/impacts/${id}/report.csv`], ['POST', `/impacts/${id}/cancel`]]) {
    assert.equal((await call(method, path, { body, key: partner.secret_key })).status, 403, path);
    assert.equal((await call(method, path, { body, key: null })).status, 401, path);
    const apart = await call(method, path, { body, key: testKey });
    if (path === '/impacts' && method === 'GET') assert.deepEqual(apart.json.items, []);
    else assert.equal(apart.status, method === 'POST' && body ? 422 : 404, path);
  }
  await finished(id);
});

test('quotes of test keys are left out unless asked for', async () => {
  const folder = makeDraft('tests', dearer);
  const before1 = reportOf(folder).quotes;
  const made = run('key', 'create', '--data', installation.folder, '--partner', partner.id, '--kind', 'secret', '--mode', 'test');
  const key = made.stdout.trim();
  const answers = await exampleAnswers(server, key, 'auto');
  const quoted = await call('POST', '/quotes', { key, body: { product: 'auto', answers } });
  assert.equal(quoted.status, 201, quoted.text);
  assert.equal(reportOf(folder).quotes, before1);
  assert.equal(reportOf(folder, '--test').quotes, before1 + 1);
});

test('a run that waits is cancelled at once; who stops or goes down leaves its runs to be taken up', async () => {
  const draft = keep(makeDraft('restarted', dearer), 'carla');
  const start = async (count) => {
    const ids = [];
    for (; ids.length < count;) {
      const started = await call('POST', '/impacts', { body: { draft_id: draft } });
      assert.equal(started.status, 202, started.text);
      ids.push(started.json.id);
    }
    return ids;
  };
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    const ids = await start(6);
    const cancelled = await call('POST', `/impacts/${ids[5]}/cancel`);
    assert.ok([200, 409].includes(cancelled.status), cancelled.text);
    const { code } = await server.stop(signal);
    if (signal === 'SIGTERM') assert.equal(code, 0, server.log());
    server = await serve(installation);
    if (cancelled.json.state === 'cancelled') assert.equal((await finished(ids[5])).state, 'cancelled');
    for (const id of ids.slice(0, 5)) {
      const done = await finished(id);
      assert.equal(done.state, 'done', done.problem);
    }
  }
});
