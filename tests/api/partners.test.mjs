// Partners and agreements over HTTPS: recording, finding, changing, moving in a chain, and what the
// law and the sell gate refuse.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleAnswers, install, query, request, run, serve } from './support.mjs';

let installation;
let server;
let key;
let answers;
before(async () => {
  installation = install();
  server = await serve(installation, '--threads', '32');
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'partners', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  key = made.stdout.trim();
  answers = await exampleAnswers(server, installation.demo.partners[0].secret_key, 'auto');
});
after(async () => {
  await server?.stop();
  installation?.remove();
});

const call = (method, path, { body, headers = {}, as = key, language = 'en' } = {}) =>
  request(server, method, `/api/v1${path}`, { key: as, body, headers: { 'Accept-Language': language, ...headers } });
const good = async (status, ...args) => {
  const answer = await call(...args);
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};
const seen = async (path) => (await call('GET', path)).headers.etag;
const change = async (path, body, method = 'PATCH') => call(method, path, { body, headers: { 'If-Match': await seen(path.replace(/\/(move|change|ending)$/, '')) } });
const record = (body) => good(201, 'POST', '/partners', { body });
const faults = (answer) => Object.fromEntries(answer.json.errors.map(({ pointer, code }) => [pointer, code]));
const daysFromNow = (days) => new Date(Date.now() + days * 86_400_000 + 3_600_000).toISOString().slice(0, 10);

test('a partner is recorded with numbers as the registers write them, read back, and found', async () => {
  const partner = await record({
    name: 'Ångström & Zönen Assurantiën', legal_form: 'sole_trader', trade_register_number: '01.23.45.67', rsin: '1234.56.782',
    vat_number: 'nl123456782b01', iban: 'nl91 abna 0417 1643 00', licence_number: '12019504', employees: 3, street: 'Kade 9',
    postcode: '3511ab', city: 'Zierikzee', telephone: '0111 123456', email: 'info@angstrom.example', grade: 'b', next_review_date: '2027-02-01',
  });
  assert.match(partner.id, /^ptr_/);
  assert.equal(partner.trade_register_number, '01234567');
  assert.equal(partner.vat_number, 'NL123456782B01');
  assert.equal(partner.iban, 'NL91ABNA0417164300');
  assert.equal(partner.postcode, '3511 AB');
  assert.equal(partner.telephone, '+31111123456');
  assert.equal(partner.stage, 'approved');
  assert.deepEqual(await good(200, 'GET', `/partners/${partner.id}`), partner);
  for (const words of ['angs', 'ANGSTROM zier', '0123', '1201', 'zonen as']) {
    const found = await good(200, 'GET', `/partners?search=${encodeURIComponent(words)}`);
    assert.deepEqual(found.items.map(({ id }) => id), [partner.id], words);
  }
  assert.deepEqual((await good(200, 'GET', '/partners?search=angs%20amersfoort')).items, []);
  const timeline = query(installation, `select kind from partner_event where partner_id = '${partner.id}'`);
  assert.equal(timeline, 'partner_created');
});

test('every wrong number is told at its field, with an example', async () => {
  const answer = await call('POST', '/partners', {
    body: { name: 'X', trade_register_number: '123', rsin: '123456789', vat_number: 'NL123456789B01', iban: 'NL91ABNA0417164301', postcode: '0511 AB', telephone: 'bel', website: 'http://x' },
  });
  assert.equal(answer.status, 422);
  assert.deepEqual(faults(answer), { '/website': 'pattern' });
  const deeper = await call('POST', '/partners', {
    body: { name: 'X', trade_register_number: '123', rsin: '123456789', vat_number: 'NL123456789B01', iban: 'NL91ABNA0417164301', postcode: '0511 AB', telephone: 'bel' },
  });
  assert.deepEqual(faults(deeper), {
    '/trade_register_number': 'wrong_length', '/rsin': 'wrong_check', '/vat_number': 'wrong_check', '/iban': 'wrong_check',
    '/postcode': 'not_given_out', '/telephone': 'wrong_characters',
  });
  for (const { message } of deeper.json.errors) assert.match(message, /such as/);
  const unknown = await call('POST', '/partners', { body: { name: 'X', parent_id: 'ptr_nobody' } });
  assert.deepEqual(faults(unknown), { '/parent_id': 'unknown_partner' });
  const manager = await call('POST', '/partners', { body: { name: 'X', account_manager_id: 'usr_nobody' } });
  assert.deepEqual(faults(manager), { '/account_manager_id': 'unknown_user' });
});

test('changes are told in the timeline, and the second of two is told', async () => {
  const { id } = await record({ name: 'Wijzig', grade: 'c', iban: 'NL91ABNA0417164300' });
  const tag = await seen(`/partners/${id}`);
  const changed = await change(`/partners/${id}`, { grade: 'a', city: 'Assen', employees: 4, clear: ['iban'] });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.grade, 'a');
  assert.equal(changed.json.iban, null);
  assert.equal(changed.json.revision, 2);
  assert.deepEqual((await good(200, 'GET', '/partners?search=assen%20wijzig')).items.map((one) => one.id), [id]);
  const late = await call('PATCH', `/partners/${id}`, { body: { grade: 'd' }, headers: { 'If-Match': tag } });
  assert.equal(late.status, 412);
  assert.equal((await call('PATCH', `/partners/${id}`, { body: { grade: 'd' } })).status, 428);
  const [detail] = query(installation, `select detail from partner_event where partner_id = '${id}' and kind = 'partner_changed'`).split('\n');
  const { changes } = JSON.parse(detail);
  assert.deepEqual(changes.find(({ field }) => field === 'grade'), { field: 'grade', from: 'c', to: 'a' });
  assert.deepEqual(changes.find(({ field }) => field === 'iban'), { field: 'iban', from: null, to: null });
});

test('an office moves to another chain with all below it, and never in a circle', async () => {
  const head = await record({ name: 'Kop', kind: 'chain' });
  const other = await record({ name: 'Andere kop', kind: 'chain' });
  const office = await record({ name: 'Kantoor', parent_id: head.id });
  const branch = await record({ name: 'Vestiging', kind: 'branch', parent_id: office.id });
  const below = async (id) => (await good(200, 'GET', `/partners?chain_id=${id}`)).items.map(({ name }) => name);
  assert.deepEqual(await below(head.id), ['Kantoor', 'Kop', 'Vestiging']);
  const moved = await change(`/partners/${office.id}/move`, { parent_id: other.id }, 'POST');
  assert.equal(moved.status, 200, moved.text);
  assert.equal(moved.json.parent_id, other.id);
  assert.deepEqual(await below(head.id), ['Kop']);
  assert.deepEqual(await below(other.id), ['Andere kop', 'Kantoor', 'Vestiging']);
  const circle = await change(`/partners/${other.id}/move`, { parent_id: branch.id }, 'POST');
  assert.deepEqual(faults(circle), { '/parent_id': 'circle' });
  const itself = await change(`/partners/${other.id}/move`, { parent_id: other.id }, 'POST');
  assert.deepEqual(faults(itself), { '/parent_id': 'circle' });
  const alone = await change(`/partners/${office.id}/move`, {}, 'POST');
  assert.equal(alone.json.parent_id, null);
  assert.deepEqual(await below(office.id), ['Kantoor', 'Vestiging']);
  let parent = branch.id;
  for (let level = 3; level <= 8; level += 1) parent = (await record({ name: `Laag ${level}`, parent_id: parent })).id;
  const deep = await call('POST', '/partners', { body: { name: 'Te diep', parent_id: parent } });
  assert.deepEqual(faults(deep), { '/parent_id': 'too_deep' });
  const deeper = await change(`/partners/${office.id}/move`, { parent_id: head.id }, 'POST');
  assert.deepEqual(faults(deeper), { '/parent_id': 'too_deep' });
  const wrong = query(installation, `select count(*) from partner p where p.parent_id is not null and not exists
    (select 1 from partner_closure c where c.descendant_id = p.id and c.ancestor_id = p.parent_id and c.depth = 1)`);
  assert.equal(wrong, '0');
});

test('lists are filtered, sorted and paged without losing or doubling anybody', async () => {
  for (let i = 0; i < 7; i += 1) await record({ name: `Reeks ${i % 3}`, grade: 'd', stage: 'dormant', ...(i % 2 ? { next_review_date: `2027-01-0${i}` } : {}) });
  const all = (await good(200, 'GET', '/partners?search=reeks&grade=d&stage=dormant&limit=100')).items;
  assert.equal(all.length, 7);
  assert.deepEqual(await good(200, 'GET', '/partners/count?search=reeks&grade=d&stage=dormant'), { count: 7, more: false });
  for (const sort of ['name', '-name', '-created_at', 'next_review_date']) {
    const got = [];
    let cursor = '';
    do {
      const page = await good(200, 'GET', `/partners?search=reeks&grade=d&stage=dormant&limit=2&sort=${sort}${cursor && `&cursor=${cursor}`}`);
      got.push(...page.items);
      cursor = page.next;
    } while (cursor);
    assert.equal(new Set(got.map(({ id }) => id)).size, 7, sort);
    const keys = got.map((one) => (sort.endsWith('name') ? one.name : sort === '-created_at' ? one.id : one.next_review_date ?? '9999'));
    const sorted = [...keys].sort();
    assert.deepEqual(keys, sort.startsWith('-') ? sorted.reverse() : sorted, sort);
  }
  assert.equal((await good(200, 'GET', '/partners?search=reeks&grade=d&stage=dormant&review_until=2027-01-03')).items.length, 2);
  assert.equal((await call('GET', '/partners?sort=city')).status, 422);
});

test('an agreement is made, changed with a new row, and ended; overlap is refused', async () => {
  const partner = await record({ name: 'Overeen' });
  const made = await good(201, 'POST', '/agreements', {
    body: { partner_id: partner.id, product: 'auto', from_date: daysFromNow(-10), rates: [{ product: 'auto', closing_percent: 12.5, renewal_percent: 10 }], conditions: 'Per kwartaal.' },
  });
  assert.equal(made.state, 'current');
  assert.deepEqual(made.rates, [{ product: 'auto', closing_percent: 12.5, renewal_percent: 10, volume_dependent: false }]);
  for (const product of ['auto', undefined]) {
    const again = await call('POST', '/agreements', { body: { partner_id: partner.id, product, from_date: daysFromNow(0) } });
    assert.deepEqual(faults(again), { '/from_date': 'overlap' });
  }
  const changed = await change(`/agreements/${made.id}/change`, { from_date: daysFromNow(5), role: 'mandated_agent' }, 'POST');
  assert.equal(changed.status, 201, changed.text);
  assert.equal(changed.json.replaces_id, made.id);
  assert.equal(changed.json.conditions, 'Per kwartaal.');
  assert.equal((await good(200, 'GET', `/agreements/${made.id}`)).to_date, daysFromNow(4));
  assert.equal((await good(200, 'GET', `/agreements?partner=${partner.id}`)).items.length, 2);
  assert.equal((await good(200, 'GET', `/agreements?partner=${partner.id}&on=${daysFromNow(6)}`)).items[0].role, 'mandated_agent');
  const early = await change(`/agreements/${made.id}/change`, { from_date: daysFromNow(-20) }, 'POST');
  assert.deepEqual(faults(early), { '/from_date': 'out_of_range' });
  const ended = await change(`/agreements/${changed.json.id}/ending`, { to_date: daysFromNow(4) }, 'POST');
  assert.equal(ended.status, 200, ended.text);
  assert.equal(query(installation, `select count(*) from partner_event where partner_id = '${partner.id}' and kind like 'agreement%'`), '3');
  const nobody = await call('POST', '/agreements', { body: { partner_id: 'ptr_00000000000000000000000000', from_date: daysFromNow(0) } });
  assert.deepEqual(faults(nobody), { '/partner_id': 'unknown_partner' });
});

test('commission that follows volume is refused with the rule, and so is an unknown product', async () => {
  const partner = await record({ name: 'Provisie' });
  const rate = { product: 'auto', closing_percent: 10, renewal_percent: 10 };
  const make = (rates, more = {}) => call('POST', '/agreements', { body: { partner_id: partner.id, from_date: daysFromNow(0), rates, ...more } });
  const volume = await make([{ ...rate, volume_dependent: true }]);
  assert.deepEqual(faults(volume), { '/rates/0/volume_dependent': 'volume_commission_forbidden' });
  assert.match(volume.json.errors[0].message, /article 86d/);
  assert.deepEqual(faults(await make([{ ...rate, product: 'boot' }])), { '/rates/0/product': 'unknown_product' });
  assert.deepEqual(faults(await make([rate, rate])), { '/rates/1/product': 'twice' });
  assert.deepEqual(faults(await make([rate], { product: 'reis' })), { '/rates/0/product': 'other_product' });
  assert.deepEqual(faults(await make([{ ...rate, closing_percent: 100.5 }])), { '/rates/0/closing_percent': 'too_large' });
});

test('what no agreement allows is refused at once, and allowed at once', async () => {
  const partner = await record({ name: 'Nieuw kantoor' });
  const made = run('key', 'create', '--data', installation.folder, '--partner', partner.id, '--kind', 'secret', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  const quote = () => call('POST', '/quotes', { as: made.stdout.trim(), body: { product: 'auto', answers } });
  const refused = await quote();
  assert.equal(refused.status, 403, refused.text);
  assert.equal(refused.json.reason, 'no_agreement');
  const agreement = await good(201, 'POST', '/agreements', { body: { partner_id: partner.id, product: 'auto', from_date: daysFromNow(0) } });
  assert.equal((await quote()).status, 201);
  await change(`/partners/${partner.id}`, { suspended: true });
  assert.equal((await quote()).json.reason, 'partner_not_active');
  await change(`/partners/${partner.id}`, { suspended: false });
  assert.equal((await quote()).status, 201);
  await change(`/agreements/${agreement.id}/ending`, { to_date: daysFromNow(-1) }, 'POST');
  assert.equal((await quote()).json.reason, 'agreement_ended');
});

test('a partner\'s own systems have no part in this', async () => {
  const [{ secret_key: secret }] = installation.demo.partners;
  for (const [method, path] of [['GET', '/partners'], ['POST', '/agreements'], ['GET', '/partners/count']])
    assert.equal((await call(method, path, { as: secret, body: method === 'POST' ? {} : undefined })).status, 403);
});

test('licences and diplomas are dated, kept apart from mistakes, and told in the timeline', async () => {
  const partner = await record({ name: 'Bevoegd' });
  const licences = `/partners/${partner.id}/licences`;
  const wrong = await call('POST', licences, { body: { kind: 'non_life_private', number: '123', from_date: '2026-01-01', to_date: '2025-01-01' } });
  assert.deepEqual(faults(wrong), { '/number': 'wrong_length', '/to_date': 'too_small' });
  const licence = await good(201, 'POST', licences, { body: { kind: 'non_life_private', number: '12019504', from_date: '2020-01-01' } });
  const mistake = await good(201, 'POST', licences, { body: { kind: 'pension', number: '12019504', from_date: '2020-01-01' } });
  assert.equal((await good(200, 'POST', `${licences}/${licence.id}/ending`, { body: { to_date: '2026-01-31' } })).to_date, '2026-01-31');
  await good(200, 'DELETE', `${licences}/${mistake.id}`);
  await good(404, 'DELETE', `${licences}/${mistake.id}`);
  assert.deepEqual((await good(200, 'GET', licences)).items.map(({ id, to_date: to }) => [id, to]), [[licence.id, '2026-01-31']]);
  const person = await good(201, 'POST', `/partners/${partner.id}/people`, { body: { name: 'Jet Blom', role: 'adviser', telephone: '06 12345678', from_date: '2021-05-01' } });
  assert.equal(person.telephone, '+31612345678');
  const diplomas = `/partners/${partner.id}/people/${person.id}/diplomas`;
  const diploma = await good(201, 'POST', diplomas, { body: { kind: 'non_life_private', from_date: '2022-01-01', to_date: '2028-03-31' } });
  assert.equal((await good(200, 'POST', `${diplomas}/${diploma.id}/ending`, { body: { to_date: '2026-10-31' } })).to_date, '2026-10-31');
  const changed = await change(`/partners/${partner.id}/people/${person.id}`, { role: 'director', clear: ['telephone'] });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.telephone, null);
  const user = await change(`/partners/${partner.id}/people/${person.id}`, { user_id: 'usr_nobody' });
  assert.deepEqual(faults(user), { '/user_id': 'unknown_user' });
  const other = await record({ name: 'Ander' });
  assert.equal((await call('GET', `/partners/${other.id}/people/${person.id}`)).status, 404);
  assert.equal((await call('POST', `/partners/${other.id}/people/${person.id}/diplomas`, { body: { kind: 'basic', from_date: '2022-01-01' } })).status, 404);
  const { items, next } = await good(200, 'GET', `/partners/${partner.id}/timeline?limit=4`);
  assert.deepEqual(items.map(({ kind }) => kind), ['person_changed', 'diploma_ended', 'diploma_added', 'person_added']);
  assert.equal(items[3].detail.name, 'Jet Blom');
  assert.deepEqual((await good(200, 'GET', `/partners/${partner.id}/timeline?cursor=${next}`)).items.map(({ kind }) => kind),
    ['licence_removed', 'licence_ended', 'licence_added', 'licence_added', 'partner_created']);
});

test('a territory is set as a whole, sorted, without overlap', async () => {
  const { id } = await record({ name: 'Gebied' });
  const put = (territories) => call('PUT', `/partners/${id}/territories`, { body: { territories } });
  const set = await put([{ from_postcode: 3500, to_postcode: 3599 }, { from_postcode: 1000, to_postcode: 1099 }]);
  assert.equal(set.status, 200, set.text);
  const expected = [{ from_postcode: 1000, to_postcode: 1099 }, { from_postcode: 3500, to_postcode: 3599 }];
  assert.deepEqual((await good(200, 'GET', `/partners/${id}/territories`)).territories, expected);
  assert.deepEqual(faults(await put([{ from_postcode: 1000, to_postcode: 2000 }, { from_postcode: 2000, to_postcode: 3000 }])), { '/territories': 'overlap' });
  assert.deepEqual(faults(await put([{ from_postcode: 3000, to_postcode: 2000 }])), { '/territories/0/to_postcode': 'too_small' });
  assert.deepEqual((await good(200, 'GET', `/partners/${id}/territories`)).territories, expected);
  assert.deepEqual((await put([])).json.territories, []);
});

test('notes and documents: kept, told by content, handed out as attachments that cannot run', async () => {
  const { id } = await record({ name: 'Papier' });
  const note = await good(201, 'POST', `/partners/${id}/notes`, { body: { text: 'Belt liever niet.\nMailt wel.' } });
  assert.equal(note.shared, false);
  assert.deepEqual((await good(200, 'GET', `/partners/${id}/notes`)).items, [note]);
  await good(200, 'DELETE', `/partners/${id}/notes/${note.id}`);
  const add = (content, title = 'Jaarrekening') =>
    call('POST', `/partners/${id}/documents`, { body: { title, content: Buffer.from(content).toString('base64') } });
  for (const [content, type] of [['%PDF-1.7\n…', 'application/pdf'], ['Een brief.\r\n', 'text/plain'],
    [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]), 'image/png'], [Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'image/jpeg'],
    ['<html><script>alert(1)</script>', 'text/plain']]) {
    const added = await add(content);
    assert.equal(added.status, 201, added.text);
    assert.equal(added.json.media_type, type);
    const got = await call('GET', `/partners/${id}/documents/${added.json.id}`);
    assert.equal(got.headers['content-type'], 'application/octet-stream');
    assert.equal(got.headers['x-content-type-options'], 'nosniff');
    assert.match(got.headers['content-disposition'], new RegExp(`^attachment; filename="${added.json.id}\\.(pdf|txt|png|jpg)"$`));
    assert.match(got.headers['content-security-policy'], /default-src 'none'/);
    assert.deepEqual(got.bytes, Buffer.from(content));
  }
  assert.deepEqual(faults(await add(Buffer.from([0x4d, 0x5a, 0, 1]))), { '/content': 'wrong_content' });
  assert.deepEqual(faults(await add(Buffer.from([0x61, 0xff]))), { '/content': 'wrong_content' });
  assert.equal((await add(Buffer.alloc(1024 * 1024, 'a'))).status, 201);
  assert.deepEqual(faults(await add(Buffer.alloc(1024 * 1024 + 1, 'a'))), { '/content': 'too_long' });
  assert.equal((await good(200, 'GET', `/partners/${id}/documents`)).items.length, 6);
});

test('commands make an empty installation sell', async () => {
  const bare = install('--without-demo');
  const command = (...args) => run(...args, '--data', bare.folder);
  const printed = (...args) => {
    const done = command(...args);
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trim();
  };
  const refused = (pattern, status, ...args) => {
    const done = command(...args);
    assert.equal(done.status, status, done.stderr);
    assert.match(done.stderr, pattern);
    assert.equal(done.stderr.trim().split('\n').length, 1);
  };
  printed('product', 'publish', 'quote-engine/products/auto');
  refused(/--name is missing/, 2, 'partner', 'create');
  refused(/A KvK number has 8 digits/, 2, 'partner', 'create', '--name', 'X', '--trade-register', '123');
  const chain = printed('partner', 'create', '--name', 'Eerste Keten', '--kind', 'chain');
  const office = printed('partner', 'create', '--name', 'Eerste Kantoor', '--parent', chain, '--iban', 'NL91 ABNA 0417 1643 00');
  refused(/no partner ptr_nobody/, 1, 'partner', 'create', '--name', 'X', '--parent', 'ptr_nobody');
  refused(/no product boot/, 1, 'agreement', 'create', '--partner', office, '--product', 'boot');
  refused(/lies before/, 2, 'agreement', 'create', '--partner', office, '--from', '2026-05-02', '--to', '2026-05-01');
  const agreement = printed('agreement', 'create', '--partner', office, '--product', 'auto');
  refused(/some of the same days/, 1, 'agreement', 'create', '--partner', office);
  assert.match(printed('agreement', 'list'), new RegExp(`^${agreement}  auto +intermediary .*Eerste Kantoor$`));
  assert.match(printed('partner', 'show', office), /name +Eerste Kantoor[^]*belongs to +ptr_[^]*agreement +agr_/);
  const secret = printed('key', 'create', '--partner', office, '--kind', 'secret', '--mode', 'live');
  const own = await serve(bare, '--threads', '8');
  const ask = async () => (await request(own, 'POST', '/api/v1/quotes', { key: secret, body: { product: 'auto', answers } }));
  assert.equal((await ask()).status, 201);
  printed('agreement', 'end', agreement, '--to', daysFromNow(0));
  assert.equal((await ask()).status, 201);
  refused(/lies before its first day/, 1, 'agreement', 'end', agreement, '--to', daysFromNow(-1));
  assert.equal(query(bare, `select count(*) from audit_log where operation in ('CreatePartner', 'CreateAgreement', 'EndAgreement')`), '4');
  await own.stop();
  bare.remove();
});

test('the demo\'s firms have people, licences, diplomas, territory and notes, with sound numbers', async () => {
  const { items } = await good(200, 'GET', '/partners?limit=100&search=veldkamp');
  assert.equal(items.length, 3);
  for (const { id } of items) {
    assert.ok((await good(200, 'GET', `/partners/${id}/people`)).items.length >= 2);
    assert.equal((await good(200, 'GET', `/partners/${id}/notes`)).items.length, 1);
  }
  for (const one of items) {
    const { rsin, iban, trade_register_number: number } = one;
    const changed = await change(`/partners/${one.id}`, { rsin, iban, trade_register_number: number });
    assert.equal(changed.status, 200, changed.text);
  }
});

// Publishes a copy of a product's folder, its product.xml edited, from today on.
function publish(folder, edit) {
  const copy = mkdtempSync(join(tmpdir(), 'koppel-product-'));
  cpSync(folder, copy, { recursive: true });
  const file = join(copy, 'product.xml');
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
  const done = run('product', 'publish', copy, '--data', installation.folder);
  rmSync(copy, { recursive: true, force: true });
  return done;
}

test('no commission at all for what the ban is about, neither in an agreement nor in the product', async () => {
  const pet = 'tests/unit/server/domain/products/pet';
  const funeral = (xml) => xml.replace('name="pet"', 'name="uitvaart"').replace('<examples>', '<sell law="funeral"/>\n  <examples>');
  const paid = publish(pet, funeral);
  assert.equal(paid.status, 1);
  assert.match(paid.stderr + paid.stdout, /pays commission, and none may be paid for funeral products \(article 86c/);
  const sound = publish(pet, (xml) => funeral(xml).replace(' commission="10"', ''));
  assert.equal(sound.status, 0, sound.stderr);
  const partner = await record({ name: 'Uitvaart' });
  const make = (closing, renewal) => call('POST', '/agreements', {
    body: { partner_id: partner.id, product: 'uitvaart', from_date: daysFromNow(0), rates: [{ product: 'uitvaart', closing_percent: closing, renewal_percent: renewal }] },
    language: 'nl',
  });
  const answered = async (want, ...rates) => {
    for (let tries = 0; tries < 20; tries += 1) {
      const answer = await make(...rates);
      if (answer.json.errors?.[0]?.code !== 'unknown_product') return assert.equal(answer.status, want, answer.text) ?? answer;
      await new Promise((done) => setTimeout(done, 200));
    }
    return assert.fail('the product was never there');
  };
  for (const rates of [[1, 0], [0, 0.5]]) {
    const refused = await answered(422, ...rates);
    assert.deepEqual(faults(refused), { '/rates/0': 'commission_forbidden' });
    assert.match(refused.json.errors[0].message, /Voor een uitvaartverzekering mag geen provisie .*artikel 86c/);
  }
  await answered(201, 0, 0);
});

test('a product may ask for a licence and a diploma: what is missing or expired is refused by code, at once', async () => {
  const done = publish('quote-engine/products/auto', (xml) => xml.replace('<sell law="non_life"/>', '<sell law="non_life" licence="non_life_private" diploma="non_life_private"/>'));
  assert.equal(done.status, 0, done.stderr);
  const chain = await record({ name: 'Keten', kind: 'chain' });
  const partner = await record({ name: 'Kantoor', parent_id: chain.id });
  const secret = run('key', 'create', '--data', installation.folder, '--partner', partner.id, '--kind', 'secret', '--mode', 'live').stdout.trim();
  await good(201, 'POST', '/agreements', { body: { partner_id: partner.id, product: 'auto', from_date: daysFromNow(-5) } });
  const reason = async () => {
    const answer = await call('POST', '/quotes', { as: secret, body: { product: 'auto', answers } });
    if (answer.status === 201) return 'sold';
    assert.equal(answer.status, 403, answer.text);
    assert.equal(answer.json.code, 'product_not_allowed');
    return answer.json.reason;
  };
  for (let tries = 0; tries < 20 && await reason() === 'sold'; tries += 1) await new Promise((next) => setTimeout(next, 200));
  assert.equal(await reason(), 'licence_missing');
  const licence = (of, more) => good(201, 'POST', `/partners/${of.id}/licences`, { body: { kind: 'non_life_private', number: '12019504', from_date: '2020-01-01', ...more } });
  await licence(partner, { to_date: daysFromNow(-1) });
  assert.equal(await reason(), 'licence_expired');
  await licence(partner, { kind: 'pension' });
  assert.equal(await reason(), 'licence_expired');
  await licence(chain, {});
  assert.equal(await reason(), 'licence_expired');
  const collective = await licence(chain, { collective: true });
  assert.equal(await reason(), 'diploma_missing');
  const person = await good(201, 'POST', `/partners/${partner.id}/people`, { body: { name: 'Jet', role: 'adviser' } });
  const diplomas = `/partners/${partner.id}/people/${person.id}/diplomas`;
  await good(201, 'POST', diplomas, { body: { kind: 'non_life_private', from_date: '2020-01-01', to_date: daysFromNow(-1) } });
  assert.equal(await reason(), 'diploma_expired');
  await good(201, 'POST', diplomas, { body: { kind: 'non_life_private', from_date: daysFromNow(0) } });
  assert.equal(await reason(), 'sold');
  const products = await call('GET', '/products', { as: secret });
  assert.equal(products.json.items.find(({ product }) => product === 'auto').allowed, true);
  await change(`/partners/${partner.id}/people/${person.id}`, { to_date: daysFromNow(-1) });
  assert.equal(await reason(), 'diploma_missing');
  await change(`/partners/${partner.id}/people/${person.id}`, { clear: ['to_date'] });
  await change(`/partners/${partner.id}/move`, {}, 'POST');
  assert.equal(await reason(), 'licence_expired');
  await change(`/partners/${partner.id}/move`, { parent_id: chain.id }, 'POST');
  assert.equal(await reason(), 'sold');
  await good(200, 'POST', `/partners/${chain.id}/licences/${collective.id}/ending`, { body: { to_date: daysFromNow(-1) } });
  assert.equal(await reason(), 'licence_expired');
});
