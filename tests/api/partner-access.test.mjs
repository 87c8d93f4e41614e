// Who may see and change what of partners: each role on its own office, on one below it, on another's,
// and on one that does not exist. What is out of reach looks like what is not there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loggedIn, organisationUser } from './people.mjs';
import { install, query, request, run, serve } from './support.mjs';

const NOBODY = 'ptr_00000000000000000000000000';
let installation;
let server;
let key;
let chain;
let own;
let rival;
const browsers = {};
before(async () => {
  installation = install();
  server = await serve(installation, '--threads', '32');
  key = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'access', '--mode', 'live').stdout.trim();
  const { demo } = installation;
  [own, rival] = [demo.partners[0], demo.partners.at(-1)];
  chain = query(installation, `select parent_id from partner where id = '${own.id}'`);
  for (const role of ['administrator', 'adviser', 'assistant'])
    browsers[role] = await loggedIn(server, own.users.find((user) => user.role === role));
  for (const role of ['administrator', 'account_manager', 'product_manager', 'marketer', 'underwriter', 'analyst'])
    browsers[`organisation ${role}`] = await loggedIn(server, organisationUser(demo, role));
});
after(async () => {
  await server?.stop();
  installation?.remove();
});

const OFFICE = ['administrator', 'adviser', 'assistant'];
const isOffice = (who) => OFFICE.includes(who);
const looksAfter = (who) => ['organisation administrator', 'organisation account_manager'].includes(who);
const asOrganisation = (method, path, body) => request(server, method, `/api/v1${path}`, { key, body });
const reads = ['', '/licences', '/territories', '/people', '/notes', '/documents', '/timeline'];

test('every role reads its own office; another\'s is the same 404 as one that is not there', async () => {
  for (const [who, browser] of Object.entries(browsers))
    for (const part of reads) {
      assert.equal((await browser.call('GET', `/partners/${own.id}${part}`)).status, 200, `${who} ${part}`);
      const other = await browser.call('GET', `/partners/${rival.id}${part}`);
      const none = await browser.call('GET', `/partners/${NOBODY}${part}`);
      assert.equal(other.status, isOffice(who) ? 404 : 200, `${who} ${part}`);
      assert.equal(none.status, 404);
      if (!isOffice(who)) continue;
      const bare = ({ json: { request_id: id, instance, ...rest } }) => rest;
      assert.deepEqual(bare(other), bare(none));
      assert.equal((await browser.call('GET', `/partners/${chain}${part}`)).status, 404, `${who} sees the chain above`);
    }
});

test('lists and counts hold what is in scope, also by search, chain and cursor', async () => {
  for (const [who, browser] of Object.entries(browsers)) {
    const { json: { items } } = await browser.call('GET', '/partners?limit=100');
    if (!isOffice(who)) {
      assert.ok(items.length >= 6, who);
      continue;
    }
    assert.deepEqual(items.map(({ id }) => id), [own.id], who);
    assert.deepEqual((await browser.call('GET', '/partners/count')).json, { count: 1, more: false });
    assert.deepEqual((await browser.call('GET', '/partners?search=haven')).json.items, []);
    assert.deepEqual((await browser.call('GET', `/partners?chain_id=${chain}`)).json.items.map(({ id }) => id), [own.id]);
    assert.deepEqual((await browser.call('GET', `/partners?cursor=${rival.id}`)).json.items, []);
    const { json: agreements } = await browser.call('GET', '/agreements?limit=100');
    assert.ok(agreements.items.length && agreements.items.every(({ partner_id: id }) => id === own.id), who);
    assert.deepEqual((await browser.call('GET', `/agreements?partner=${rival.id}`)).json.items, []);
  }
  const [{ id }] = (await asOrganisation('GET', `/agreements?partner=${rival.id}`)).json.items;
  assert.equal((await browsers.administrator.call('GET', `/agreements/${id}`)).status, 404);
});

test('an administrator of an office reaches the offices below it, an adviser does not', async () => {
  const made = await asOrganisation('POST', '/partners', { name: 'Nevenvestiging', kind: 'branch', parent_id: own.id });
  assert.equal(made.status, 201, made.text);
  for (const who of OFFICE) {
    const seen = await browsers[who].call('GET', `/partners/${made.json.id}`);
    assert.equal(seen.status, who === 'administrator' ? 200 : 404, who);
    const noted = await browsers[who].call('POST', `/partners/${made.json.id}/notes`, { text: 'Hallo.' });
    assert.equal(noted.status, who === 'administrator' ? 201 : 404, who);
  }
});

test('writing is for those whose work it is', async () => {
  const writes = [
    ['POST', '/partners', () => ({ name: 'Nieuw' }), 201, looksAfter],
    ['POST', `/partners/${own.id}/licences`, () => ({ kind: 'health', number: '12019504', from_date: '2020-01-01' }), 201, looksAfter],
    ['PUT', `/partners/${own.id}/territories`, () => ({ territories: [] }), 200, looksAfter],
    ['POST', `/partners/${own.id}/people`, () => ({ name: 'Jet', role: 'other' }), 201, (who) => looksAfter(who) || who === 'administrator'],
    ['POST', `/partners/${own.id}/documents`, () => ({ title: 'Brief', content: 'SGFsbG8u' }), 201, (who) => looksAfter(who) || who === 'administrator'],
    ['POST', `/partners/${own.id}/notes`, () => ({ text: 'Hallo.' }), 201, () => true],
    ['POST', '/agreements', () => ({ partner_id: own.id, product: 'onbekend', from_date: '2999-01-01' }), 422, looksAfter],
  ];
  for (const [who, browser] of Object.entries(browsers))
    for (const [method, path, body, status, may] of writes) {
      const answer = await browser.call(method, path, body());
      assert.equal(answer.status, may(who) ? status : 403, `${who} ${method} ${path}: ${answer.text}`);
      if (!may(who)) assert.equal(answer.json.code, 'role_not_allowed');
    }
});

test('an office changes what is its own, and is told which fields are not', async () => {
  const seen = await browsers.administrator.call('GET', `/partners/${own.id}`);
  const headers = { 'If-Match': seen.headers.etag };
  const refused = await browsers.administrator.call('PATCH', `/partners/${own.id}`, { grade: 'a', iban: 'NL91ABNA0417164300', suspended: false, clear: ['legal_name'] }, headers);
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.json.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort(),
    ['/grade not_yours', '/iban not_yours', '/legal_name not_yours', '/suspended not_yours']);
  const changed = await browsers.administrator.call('PATCH', `/partners/${own.id}`, { telephone: '030-7654321' }, headers);
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await browsers.adviser.call('PATCH', `/partners/${own.id}`, { telephone: '030-7654321' }, headers)).status, 403);
});

test('what the organisation keeps to itself, the partner does not see; the account number only its administrator', async () => {
  const secret = await asOrganisation('POST', `/partners/${own.id}/notes`, { text: 'Alleen voor ons.' });
  const shared = await asOrganisation('POST', `/partners/${own.id}/notes`, { text: 'Voor beide.', shared: true });
  const paper = await asOrganisation('POST', `/partners/${own.id}/documents`, { title: 'Intern', content: 'SGFsbG8u' });
  for (const who of OFFICE) {
    const ids = (await browsers[who].call('GET', `/partners/${own.id}/notes?limit=100`)).json.items.map(({ id }) => id);
    assert.ok(ids.includes(shared.json.id) && !ids.includes(secret.json.id), who);
    assert.equal((await browsers[who].call('GET', `/partners/${own.id}/documents/${paper.json.id}`)).status, 404);
    const events = (await browsers[who].call('GET', `/partners/${own.id}/timeline?limit=100`)).json.items;
    assert.ok(events.length && events.every(({ internal }) => !internal), who);
    assert.ok(!JSON.stringify(events).includes('Intern'));
    const { json: { iban } } = await browsers[who].call('GET', `/partners/${own.id}`);
    assert[who === 'administrator' ? 'doesNotMatch' : 'match'](iban, /••••/);
  }
});

test('the timeline names the user who did it', async () => {
  await browsers['organisation account_manager'].call('POST', `/partners/${own.id}/notes`, { text: 'Van mij.', shared: true });
  const { json: { items: [event] } } = await asOrganisation('GET', `/partners/${own.id}/timeline?limit=1`);
  assert.equal(event.kind, 'note_added');
  const { json: session } = await browsers['organisation account_manager'].call('GET', '/session');
  assert.equal(event.user_id, session.user.id);
});

test('an account manager is one of the organisation\'s users', async () => {
  const [{ users }] = installation.demo.partners;
  const idOf = (email) => query(installation, `select id from app_user where email = '${email}'`);
  const seen = await asOrganisation('GET', `/partners/${rival.id}`);
  const patch = (id) => request(server, 'PATCH', `/api/v1/partners/${rival.id}`, { key, body: { account_manager_id: id }, headers: { 'If-Match': seen.headers.etag } });
  assert.equal((await patch(idOf(users[0].email))).status, 422);
  const set = await patch(idOf(organisationUser(installation.demo, 'marketer').email));
  assert.equal(set.status, 200, set.text);
  assert.ok(set.json.account_manager);
  assert.equal((await asOrganisation('GET', `/partners?account_manager_id=${set.json.account_manager_id}`)).json.items.length, 1);
});
