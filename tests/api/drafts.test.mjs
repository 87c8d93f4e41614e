// Drafts: from files to a version by command and by key, the second person, what is refused, who
// did what and when, versions found by the beginning of a hash, and that nobody but the organisation
// comes near them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dateIn, exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let scratch;
let partner;
let answers;
const keys = {};
before(async () => {
  installation = install();
  server = await serve(installation);
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  [partner] = installation.demo.partners;
  answers = await exampleAnswers(server, partner.secret_key, 'auto');
  for (const [name, mode] of [['anna', 'live'], ['bas', 'live'], ['trial', 'test'], ['trial2', 'test']]) {
    const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', name, '--mode', mode);
    assert.equal(made.status, 0, made.stderr);
    keys[name] = made.stdout.trim();
  }
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(scratch, { recursive: true, force: true });
});

// ---- the shipped product with a number of its own of days that a quote is valid ----
let copies = 30;
function changed(file = 'product.xml', from = '<validity days="30"', to) {
  copies += 1;
  const folder = join(scratch, `auto-${copies}`);
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  const text = readFileSync(join(folder, file), 'utf8');
  assert.ok(text.includes(from), from);
  writeFileSync(join(folder, file), text.replace(from, to ?? `<validity days="${copies}"`));
  return folder;
}
function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => ({ name: path.slice(folder.length + 1), text: readFileSync(path, 'utf8') }));
}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const call = (method, path, { key = keys.anna, body, headers } = {}) =>
  request(server, method, `/api/v1${path}`, { key, body, headers });
const draft = (folder, more = {}, options = {}) =>
  call('POST', '/drafts', { body: { files: files(folder), ...more }, ...options });
const step = (id, verb, key = keys.anna, body = {}) =>
  call('POST', `/drafts/${id}/${verb}`, { key, body });
const command = (...args) => run('product', ...args, '--data', installation.folder);
const quote = async (body = {}) => {
  const answer = await request(server, 'POST', '/api/v1/quotes',
    { key: partner.secret_key, body: { product: 'auto', answers, ...body } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};

test('by key: a draft, approved by another, becomes the version in force at once', async () => {
  const before_ = await quote();
  const made = await draft(changed(), { note: 'longer validity' });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.location, `/api/v1/drafts/${made.json.id}`);
  assert.equal(made.json.state, 'draft');
  assert.equal(made.json.product, 'auto');
  assert.equal(made.json.effective_from, null);
  assert.equal(made.json.test, false);
  assert.deepEqual({ ...made.json.proof, problems: undefined, cases_passed: undefined },
    { sound: true, errors: 0, cases_failed: 0, problems: undefined, cases_passed: undefined });
  assert.ok(made.json.proof.cases_passed > 10);
  const { id } = made.json;
  const read = await call('GET', `/drafts/${id}`, { key: keys.bas });
  assert.equal(read.status, 200, read.text);
  assert.deepEqual(read.json, made.json);
  assert.equal(read.json.events[0].note, 'longer validity');
  assert.match(read.json.drafted_by, /^organisation:oky_[0-9a-z]{26}$/);

  // Who approves sees what it is.
  for (const { name, bytes } of read.json.files) {
    const file = await call('GET', `/drafts/${id}/files/${encodeURIComponent(name)}`, { key: keys.bas });
    assert.equal(file.status, 200, file.text);
    assert.equal(Buffer.byteLength(file.json.text), bytes);
    if (name === 'product.xml') assert.match(file.json.text, new RegExp(`<validity days="${copies}"`));
  }
  assert.ok(read.json.files.some((file) => file.name.startsWith('documents/')));
  assert.equal((await call('GET', `/drafts/${id}/files/none.md`)).status, 404);
  assert.equal((await call('GET', `/drafts/${id}/files/product.xml`, { key: keys.trial })).status, 404);

  assert.equal((await step(id, 'activate')).json.code, 'wrong_state');
  const own = await step(id, 'approve');
  assert.equal(own.status, 403, own.text);
  assert.equal(own.json.code, 'second_person_required');
  const approved = await step(id, 'approve', keys.bas, { note: 'checked against the filing' });
  assert.equal(approved.status, 200, approved.text);
  assert.equal(approved.json.state, 'approved');
  assert.equal((await step(id, 'approve', keys.bas)).status, 409);
  assert.equal((await quote()).product_hash, before_.product_hash, 'an approved draft is not in force');

  const active = await step(id, 'activate');
  assert.equal(active.status, 200, active.text);
  assert.equal(active.json.state, 'active');
  const now = await quote();
  assert.equal(now.product_version, active.json.product_version);
  assert.equal(now.product_hash, made.json.hash);
  const end = await call('GET', `/drafts/${id}`);
  assert.equal(end.json.proof, null);
  assert.deepEqual(end.json.events.map((event) => event.event), ['drafted', 'approved', 'activated']);
  assert.ok(end.json.events.every((event) => !event.override));
  for (const verb of ['approve', 'activate', 'withdraw'])
    assert.equal((await step(id, verb, keys.bas)).json.code, 'wrong_state', verb);
  // The quote of before keeps its version and both its dates.
  const old = await request(server, 'GET', `/api/v1/quotes/${before_.id}`, { key: partner.secret_key });
  assert.equal(old.json.product_hash, before_.product_hash);
  assert.equal(old.json.known_at, before_.known_at);
  assert.equal(old.json.effective_date, before_.effective_date);
});

test('by command: the same steps, found by id or by twelve digits of the hash, with who and when', async () => {
  const folder = changed();
  const made = command('draft', folder, '--by', 'anna', '--from', dateIn(60), '--note', 'for later');
  assert.equal(made.status, 0, made.stderr);
  const [id] = /pdr_[0-9a-z]{26}/.exec(made.stdout);
  const hash = /hash ([0-9a-f]{12})/.exec(made.stdout)[1];
  assert.equal(command('draft', folder, '--by', 'bas', '--from', dateIn(60)).status, 1, 'twice the same');
  assert.match(command('approve', id, '--by', 'Anna').stderr, /second person/);
  assert.equal(command('activate', id).status, 1);
  const approved = command('approve', hash, '--by', 'bas');
  assert.equal(approved.status, 0, approved.stderr);
  const active = command('activate', hash, '--by', 'anna');
  assert.equal(active.status, 0, active.stderr);
  assert.match(active.stdout, new RegExp(`activated auto version \\d+ \\(pvr_.*in force from ${dateIn(60)}; today version \\d+ is`));
  const listed = command('list', '--product', 'auto');
  assert.equal(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, new RegExp(
    `version \\d+ +to come +from ${dateIn(60)} .*hash ${hash} .*\\n +drafted .* operator:anna: for later\\n +approved .* operator:bas\\n +activated .* operator:anna\\n`));
  assert.match(listed.stdout, /version \d+ +in force/);
  assert.match(listed.stdout, /version 1 +superseded/);

  const number = /version (\d+)/.exec(active.stdout)[1];
  for (const name of [id, hash, `auto@${number}`]) {
    const target = join(scratch, `shown-${randomUUID()}`);
    const shown = command('show', name, '--files', target);
    assert.equal(shown.status, 0, shown.stderr);
    assert.match(shown.stdout, new RegExp(`hash +${hash}[0-9a-f]{52}`));
    assert.deepEqual(files(target).sort((a, b) => (a.name < b.name ? -1 : 1)),
      files(folder).sort((a, b) => (a.name < b.name ? -1 : 1)));
    assert.equal(command('show', name, '--files', target).status, 1, 'nothing is overwritten');
  }
  await pause(1000);
  const later = await quote({ effective_date: dateIn(70) });
  assert.equal(String(later.product_version), number);
  assert.notEqual(String((await quote()).product_version), number);
});

test('an override and publishing are on record', () => {
  const made = command('draft', changed(), '--by', 'anna');
  const [id] = /pdr_[0-9a-z]{26}/.exec(made.stdout);
  assert.equal(command('approve', id, '--by', 'anna', '--override', '  ').status, 2);
  const approved = command('approve', id, '--by', 'anna', '--override', 'nobody else is at work');
  assert.equal(approved.status, 0, approved.stderr);
  assert.match(command('show', id).stdout,
    /approved .* operator:anna, without a second person: nobody else is at work/);
  assert.equal(command('withdraw', id, '--by', 'carla', '--reason', 'wrong month').status, 0);
  assert.match(command('show', id).stdout, /withdrawn .* operator:carla: wrong month/);
  assert.equal(command('withdraw', id).status, 1);
  assert.equal(command('approve', id, '--by', 'bas').status, 1);

  // Also when the same files stand as a draft.
  const folder = changed();
  assert.equal(command('draft', folder, '--by', 'anna').status, 0);
  const published = command('publish', folder, '--by', 'carla');
  assert.equal(published.status, 0, published.stderr);
  const [version] = /pvr_[0-9a-z]{26}/.exec(published.stdout);
  assert.match(command('show', version).stdout,
    /drafted .* operator:carla\n.*approved .* operator:carla, without a second person: published by command\n.*activated .* operator:carla/);
});

test('a draft may be unfinished: its problems are told, and it never becomes active', async () => {
  const folder = changed('tariff.dmn', 'years and months duration(birth_date, effective_date)', 'frobnicate(birth_date)');
  const told = command('draft', folder, '--by', 'anna', '--from', dateIn(100));
  assert.equal(told.status, 0, told.stderr);
  assert.match(told.stdout, /tariff\.dmn:\d+.*frobnicate/);
  assert.match(told.stdout, /cannot become active as it is/);

  const made = await draft(folder);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.proof.sound, false);
  assert.ok(made.json.proof.errors > 0);
  const problem = made.json.proof.problems.find((item) => item.text.includes('frobnicate') || item.place?.includes('frobnicate'));
  assert.equal(problem.severity, 'error');
  assert.equal(problem.file, 'tariff.dmn');
  assert.ok(problem.line > 1);
  assert.equal((await step(made.json.id, 'approve', keys.bas)).status, 200);
  const refused = await step(made.json.id, 'activate');
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.json.code, 'draft_not_sound');
  assert.equal((await step(made.json.id, 'withdraw', keys.bas)).json.state, 'withdrawn');
  // Its questions changed under the same interface number.
  const taken = await draft(changed('product.xml', 'name="birth_date"', 'name="date_of_birth"'));
  assert.equal(taken.json.proof.sound, false);
});

test('a version that would never hold is refused when it is activated', async () => {
  const made = await draft(changed(), { effective_from: '2020-01-01' });
  assert.equal((await step(made.json.id, 'approve', keys.bas)).status, 200);
  const refused = await step(made.json.id, 'activate');
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.json.code, 'never_in_force');
  assert.equal((await call('GET', `/drafts/${made.json.id}`)).json.state, 'approved');
});

test('test keys have drafts of their own, which never come into force', async () => {
  const folder = changed();
  const made = await draft(folder, {}, { key: keys.trial });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.test, true);
  const { id } = made.json;
  assert.equal((await call('GET', `/drafts/${id}`)).status, 404, 'not for a live key');
  assert.equal((await step(id, 'approve', keys.bas)).status, 404);
  assert.equal((await step(id, 'approve', keys.trial)).status, 403);
  assert.equal((await step(id, 'approve', keys.trial2)).status, 200);
  const refused = await step(id, 'activate', keys.trial);
  assert.equal(refused.status, 403, refused.text);
  assert.equal(refused.json.code, 'test_draft');
  const live = await draft(folder);
  assert.equal(live.status, 201, 'the same files may be a live draft');
  assert.equal((await call('GET', `/drafts/${live.json.id}`, { key: keys.trial })).status, 404);
  for (const key of [keys.trial, keys.anna]) {
    const listed = await call('GET', '/drafts?limit=100', { key });
    assert.ok(listed.json.items.every((item) => item.test === (key === keys.trial)));
  }
  assert.equal(command('show', id).status, 1);
});

test('files that are none of a product are refused by name', async () => {
  const good = files(changed());
  const refused = async (list, pointer) => {
    const answer = await call('POST', '/drafts', { body: { files: list } });
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.json.errors[0].pointer, pointer, answer.text);
  };
  for (const name of ['../product.xml', '/etc/passwd', 'a/b.xml', 'documents/../x.md', 'run.sh', '.xml', 'documents/.md',
    'documents/a.xml', 'PRODUCT', '', 'x'.repeat(65) + '.md'])
    await refused([{ name, text: 'x' }, ...good], '/files/0/name');
  await refused([...good, { name: 'product.xml', text: 'x' }], `/files/${good.length}/name`);
  await refused(good.filter((file) => file.name !== 'cases.xml'), '/files');
  await refused(good.filter((file) => file.name !== 'product.xml'), '/files');
  await refused([], '/files');
  await refused(good.map((file) => (file.name === 'product.xml' ? { ...file, text: '<product' } : file)), '/files');
  await refused([{ ...good[0], text: 'a\u0001b' }, ...good.slice(1)], '/files/0/text');
  await refused(Array.from({ length: 200 }, (_, index) => ({ name: `a${index}.md`, text: 'x' })), '/files');
  const lines = await draft(changed(), { note: 'a\nb' });
  assert.equal(lines.json.errors[0].pointer, '/note', lines.text);
  const wrongDate = await draft(changed(), { effective_from: '2026-02-30' });
  assert.equal(wrongDate.status, 422);
});

test('a draft far beyond the general cap on bodies is taken, within its own', async () => {
  const folder = changed();
  const filler = `<!-- ${'x'.repeat(99)} -->\n`.repeat(60_000); // 6 MB
  const path = join(folder, 'tariff.dmn');
  writeFileSync(path, readFileSync(path, 'utf8') + filler);
  const made = await draft(folder, {}, { headers: { 'Idempotency-Key': randomUUID() } });
  assert.equal(made.status, 201, made.text);
  assert.ok(made.json.files.find((file) => file.name === 'tariff.dmn').bytes > 6_000_000);
  const tooLarge = await call('GET', `/drafts/${made.json.id}/files/tariff.dmn`);
  assert.equal(tooLarge.json.code, 'file_too_large', tooLarge.text.slice(0, 200));
  const back = join(scratch, 'large');
  assert.equal(command('show', made.json.id, '--files', back).status, 0);
  assert.equal(readFileSync(join(back, 'tariff.dmn'), 'utf8'), readFileSync(path, 'utf8'));
  // Others are refused before a byte of it is read.
  const huge = 'x'.repeat(3_000_000);
  const stranger = await call('POST', '/drafts', { key: partner.secret_key, body: { files: [{ name: 'a.md', text: huge }] } });
  assert.equal(stranger.status, 403);
  const more = await call('POST', '/drafts', { body: Buffer.alloc(65 * 1024 * 1024, ' ') });
  assert.equal(more.status, 413, more.text);
});

test('two large bodies are taken at a time; others wait, small ones do not', async () => {
  const body = JSON.stringify({ files: files(changed()) });
  const large = body + ' '.repeat(3_000_000);
  const slow = [0, 1].map(() => {
    const call_ = https.request({
      host: '127.0.0.1', port: server.port, method: 'POST', path: '/api/v1/drafts', rejectUnauthorized: false,
      headers: { Authorization: `Bearer ${keys.bas}`, 'Content-Type': 'application/json', 'Content-Length': large.length },
    });
    call_.on('error', () => {});
    call_.write(large.slice(0, 1000));
    return call_;
  });
  await pause(500);
  const busy = await call('POST', '/drafts', { body: large });
  assert.equal(busy.status, 503, busy.text);
  assert.ok(Number(busy.headers['retry-after']) >= 1);
  const small = await call('POST', '/drafts', { body });
  assert.equal(small.status, 201, small.text);
  assert.equal((await step(small.json.id, 'withdraw')).status, 200);
  for (const one of slow) one.destroy();
  await pause(500);
  const later = await call('POST', '/drafts', { body: large });
  assert.equal(later.status, 201, later.text);
});

test('an idempotency key makes one draft and takes one step; the same files without it are refused', async () => {
  const folder = changed();
  const headers = { 'Idempotency-Key': randomUUID() };
  const first = await draft(folder, {}, { headers });
  const again = await draft(folder, {}, { headers });
  assert.equal(first.status, 201, first.text);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.deepEqual(again.json, first.json);
  const twin = await draft(folder);
  assert.equal(twin.status, 409, twin.text);
  assert.equal(twin.json.code, 'draft_exists');
  const results = await Promise.all(Array.from({ length: 6 }, () => step(first.json.id, 'approve', keys.bas)));
  assert.equal(results.filter((answer) => answer.status === 200).length, 1, 'one of many at once');
  assert.ok(results.every((answer) => [200, 409].includes(answer.status)));
  assert.equal((await call('GET', `/drafts/${first.json.id}`)).json.events.length, 2);
});

test('lists are filtered and go on page by page', async () => {
  const all = await call('GET', '/drafts?limit=100');
  assert.equal(all.json.next, null);
  assert.ok(all.json.items.length >= 5);
  const seen = [];
  for (let path = '/drafts?limit=2'; path;) {
    const page = await call('GET', path);
    assert.equal(page.status, 200, page.text);
    assert.ok(page.json.items.length <= 2);
    seen.push(...page.json.items);
    path = page.json.next && `/drafts?limit=2&cursor=${page.json.next}`;
  }
  assert.deepEqual(seen, all.json.items);
  const active = await call('GET', '/drafts?state=active&product=auto&limit=100');
  assert.deepEqual(active.json.items, all.json.items.filter((item) => item.state === 'active' && item.product === 'auto'));
  assert.equal((await call('GET', '/drafts?product=none')).json.items.length, 0);
  assert.equal((await call('GET', '/drafts?cursor=x')).status, 422);
  assert.equal((await call('GET', '/drafts/pdr_00000000000000000000000000')).status, 404);
  assert.equal((await call('GET', '/drafts/x')).status, 404);
});

test('what differs between two editions is told by question, formula, row and file', () => {
  const folder = join(scratch, 'other');
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  const edit = (file, ...pairs) => {
    const path = join(folder, file);
    let text = readFileSync(path, 'utf8');
    for (const [from, to] of pairs) {
      assert.ok(text.includes(from), from);
      text = text.replace(from, to);
    }
    writeFileSync(path, text);
  };
  edit('product.xml', ['<validity days="30"', '<validity days="20"']);
  edit('tariff.dmn',
    ['_factor_row_2_out_1"><text>1.45<', '_factor_row_2_out_1"><text>1.46<'],
    ['<text>[24..27)</text>', '<text>[24..26)</text>'], ['<text>[27..30)</text>', '<text>[26..30)</text>']);
  edit('documents/terms_and_conditions.nl.md', ['\n', '\n\nNog een regel.\n']);
  const told = run('product', 'diff', 'quote-engine/products/auto', folder);
  assert.equal(told.status, 0, told.stderr);
  assert.match(told.stdout, /days that a quote is valid: it was 30 and is 20/);
  assert.match(told.stdout, /Age factor: rows changed: 1, added: 2, removed: 2/);
  assert.match(told.stdout, /~ row 2 \(\[21\.\.24\)\): was 1\.45, 1\.30 and is 1\.46, 1\.30/);
  assert.match(told.stdout, /\+ row 4 \(\[26\.\.30\)\): 1\.10, 1\.08/);
  assert.match(told.stdout, /- row 4 \(\[27\.\.30\)\): 1\.10, 1\.08/);
  assert.match(told.stdout, /terms_and_conditions\.nl\.md: it was \d+ bytes and is \d+/);
  assert.doesNotMatch(told.stdout, /questions|covers|terms\n/);
  assert.equal(command('diff', 'auto@1', 'quote-engine/products/auto').stdout, 'no differences\n');

  const older = run('product', 'diff', 'tests/tariffs/motor/2014', 'tests/tariffs/motor/2015');
  assert.match(older.stdout, /interface: it was 1 and is 2/);
  assert.match(older.stdout, /questions\n {4}- vehicle/);
  assert.match(older.stdout, /covers\n {4}- act/);
  assert.equal(run('product', 'diff', 'auto@1', folder).status, 1, 'a version needs --data');
  assert.equal(command('diff', 'auto@1', 'auto@999').status, 1);
  assert.equal(run('product', 'diff', folder).status, 2);
});

test('no operation of the organisation opens to anybody else, nor a partner\'s to the organisation', async () => {
  const openapi = await request(server, 'GET', '/api/v1/openapi.json');
  const callers = [
    ['nobody', undefined, {}], ['wrong', 'ok_live_wrong', {}],
    ['secret_key', partner.secret_key, {}],
    ['publishable_key', partner.publishable_key, { Origin: partner.origin }],
    ['organisation_key', keys.anna, {}],
  ];
  let walked = 0;
  for (const [path, methods] of Object.entries(openapi.json.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const schemes = (operation.security ?? []).flatMap((one) => Object.keys(one));
      if (!schemes.length) continue;
      const address = path.replace(/^(\/api\/v1)?/, '/api/v1').replace(/\{[a-z_]+\}/g, 'none');
      for (const [name, key, headers] of callers) {
        const answer = await request(server, method.toUpperCase(), address,
          { key, headers, body: method === 'get' ? undefined : {} });
        const expected = name === 'nobody' || name === 'wrong' ? 401 : 403;
        if (schemes.includes(name)) assert.notEqual(answer.status, 401, `${name} ${path}`);
        else assert.equal(answer.status, expected, `${name} ${method} ${path}: ${answer.text}`);
        walked += 1;
      }
    }
  }
  assert.ok(walked >= 60, String(walked));
  const refused = await call('GET', '/drafts', { key: partner.secret_key, headers: { 'Accept-Language': 'en' } });
  assert.match(refused.json.detail, /Only the organisation itself/);
});
