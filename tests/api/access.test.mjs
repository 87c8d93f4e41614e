// Point 16: every operation x role x whose it is, made from the table of operations as openapi.json
// tells it, so that a new operation is asked too. What a role may not call is refused to it by that
// code; what it may is not; what is another's looks like what does not exist.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';

import { Browser, loggedIn, organisationUser, partnerUser } from './people.mjs';
import { exampleAnswers, install, query, request, run, serve } from './support.mjs';

const PARTNER_ROLES = ['administrator', 'adviser', 'assistant'];
const ORGANISATION_ROLES = ['administrator', 'account_manager', 'product_manager', 'marketer', 'underwriter', 'analyst'];
const REFUSALS = new Set(['role_not_allowed', 'unauthorized', 'wrong_kind_of_key']);
// Ends the session that asks, or what the other calls need.
const LEAVES = new Set(['EndSession', 'EndOtherSessions', 'EndOneSession']);

let installation;
let server;
let operations;
const people = {};
before(async () => {
  installation = install();
  server = await serve(installation);
  const document = (await request(server, 'GET', '/api/v1/openapi.json')).json;
  operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods)
    .filter(([, operation]) => operation.operationId)
    .map(([method, operation]) => ({ path, method: method.toUpperCase(), name: operation.operationId, roles: operation['x-roles'], security: operation.security ?? [] })));
  for (const role of PARTNER_ROLES) people[`partner ${role}`] = await loggedIn(server, partnerUser(installation.demo, 0, role));
  for (const role of ORGANISATION_ROLES) people[`organisation ${role}`] = await loggedIn(server, organisationUser(installation.demo, role));
});
after(async () => {
  await server?.stop();
  installation?.remove();
});

const open = (operation) => operation.security.some((scheme) => Object.keys(scheme).length === 0);
const byName = (name) => operations.find((operation) => operation.name === name);
// A path with ids that nothing has.
const somewhere = (path, id = 'xxx_00000000000000000000000000') => path.replace(/\{[^}]+\}/g, id);

test('point 16: each role may call what the table says, and nothing else', async () => {
  assert.ok(operations.length > 60);
  for (const operation of operations.filter(({ name }) => !LEAVES.has(name))) {
    if (open(operation)) continue;
    for (const [who, browser] of Object.entries(people)) {
      const [side, role] = who.split(' ');
      const allowed = operation.roles?.[side].includes(role) ?? false;
      const answer = await browser.call(operation.method, somewhere(operation.path), operation.method === 'GET' || operation.method === 'DELETE' ? undefined : {});
      const code = answer.json?.code;
      const said = `${operation.name} ${who}: ${answer.status} ${code}`;
      if (allowed) assert.ok(!REFUSALS.has(code) && answer.status < 500, said);
      else assert.deepEqual([answer.status, code], [403, 'role_not_allowed'], said);
    }
  }
});

test('point 16: nobody, a partner\'s system and the organisation\'s get what their rows say', async () => {
  const { demo } = installation;
  const keys = { secret_key: demo.partners[0].secret_key, organisation_key: demo.organisation.key };
  for (const operation of operations) {
    const body = operation.method === 'GET' || operation.method === 'DELETE' ? undefined : {};
    const nobody = await request(server, operation.method, `/api/v1${somewhere(operation.path)}`, { body });
    assert.equal(nobody.status === 401, !open(operation), `${operation.name}: ${nobody.status}`);
    for (const [scheme, key] of Object.entries(keys)) {
      const listed = open(operation) || operation.security.some((each) => scheme in each);
      const answer = await request(server, operation.method, `/api/v1${somewhere(operation.path)}`, { key, body });
      const said = `${operation.name} ${scheme}: ${answer.status} ${answer.json?.code}`;
      if (listed) assert.ok(!REFUSALS.has(answer.json?.code) && answer.status < 500, said);
      else assert.deepEqual([answer.status, answer.json?.code], [403, 'wrong_kind_of_key'], said);
    }
  }
});

test('point 16: own, other, child and none: by each reach, rows are there or look as if they were not', async () => {
  const { demo } = installation;
  // Of the first three offices the first two are of one chain; the second is put below the first.
  const [first, second, third] = demo.partners;
  query(installation, `insert into partner_closure (ancestor_id, descendant_id, depth) values ('${first.id}', '${second.id}', 1)`);
  const quotes = {};
  for (const [whose, partner] of Object.entries({ own: first, child: second, other: third })) {
    const answers = await exampleAnswers(server, partner.secret_key, 'auto');
    quotes[whose] = (await request(server, 'POST', '/api/v1/quotes', { key: partner.secret_key, body: { product: 'auto', answers } })).json.id;
  }
  const mine = (await people['partner adviser'].call('POST', '/quotes', { product: 'auto', answers: await exampleAnswers(server, first.secret_key, 'auto') })).json.id;
  quotes.mine = mine;
  quotes.none = 'qte_00000000000000000000000000';
  const seen = { person: ['mine'], office: ['mine', 'own'], children: ['mine', 'own', 'child'], all: ['mine', 'own', 'child', 'other'] };
  const adviser = people['partner adviser'];
  const user = (await adviser.call('GET', '/session')).json.user.id;
  const paths = operations.filter(({ path, method }) => path.startsWith('/quotes/{id}') && method === 'GET').map(({ path }) => path);
  assert.ok(paths.length >= 4);
  const look = async (browser, visible) => {
    for (const path of paths.filter((each) => !/acceptance/.test(each)))
      for (const [whose, id] of Object.entries(quotes)) {
        const answer = await browser.call('GET', path.replace('{id}', id));
        assert.equal(answer.status, visible.includes(whose) ? 200 : 404, `${path} ${whose}: ${answer.text.slice(0, 200)}`);
        if (answer.status === 404) assert.deepEqual([answer.json.code, Object.keys(answer.json).sort().join()], ['not_found', 'code,detail,instance,request_id,status,title,type']);
      }
    const listed = (await browser.call('GET', '/quotes?limit=100')).json.items.map(({ id }) => id);
    for (const [whose, id] of Object.entries(quotes)) assert.equal(listed.includes(id), visible.includes(whose), `list ${whose}`);
  };
  const role = people['partner administrator'];
  await look(adviser, seen.office);
  await look(role, seen.children);
  await look(people['organisation analyst'], seen.all);
  // The firm's own reach of a role, and a narrower one of a person.
  const grant = await people['organisation administrator'].call('PUT', '/role-scopes/adviser', { partner: first.id, scope: 'children' });
  assert.deepEqual([grant.status, grant.json.items.find((each) => each.role === 'adviser').scope], [200, 'children'], grant.text);
  await look(adviser, seen.children);
  const { headers } = await role.call('GET', `/users/${user}`);
  assert.equal((await role.call('PATCH', `/users/${user}`, { scope: 'person' }, { 'If-Match': headers.etag })).status, 200);
  await look(adviser, seen.person);
  assert.equal((await role.call('PUT', '/role-scopes/assistant', { scope: 'chain' })).json.errors[0].code, 'wider_than_yours');
  assert.equal((await role.call('PUT', '/role-scopes/assistant', { partner: third.id, scope: 'person' })).status, 404);
  assert.equal((await role.call('GET', '/role-scopes')).json.items.length, 3);
  // What is done to another office's row is that office's.
  const accepting = await role.call('GET', `/quotes/${quotes.child}/acceptance`);
  assert.equal(accepting.status, 200);
});

test('an assistant prepares and does not bind; `steps` says so', async () => {
  const accept = byName('AcceptQuote');
  assert.deepEqual(accept.roles, { partner: ['administrator', 'adviser'], organisation: [] });
  for (const name of ['RequestEstimate', 'RequestQuote', 'RequestChange']) assert.ok(byName(name).roles.partner.includes('assistant'), name);
  for (const name of ['ConfirmChange', 'WithdrawApplication', 'CancelPolicy', 'WithdrawPolicy']) assert.ok(!byName(name).roles.partner.includes('assistant'), name);
  for (const name of ['DecideApplication', 'IssuePolicy', 'DecideChange', 'DecideRenewal']) assert.deepEqual(byName(name).roles, { partner: [], organisation: ['underwriter'] }, name);
  for (const { name, method, roles } of operations.filter((operation) => operation.roles && operation.method !== 'GET'))
    if (roles.organisation.includes('analyst')) assert.ok(/Session|Password|Factor|Recovery|OwnUser|Impact|Find|Replay|Note/.test(name), `${method} ${name}: analysts read`);
});

test('somebody without a firm and without a role of the organisation sees nothing', async () => {
  const made = run('user', 'create', '--data', installation.folder, '--email', 'lost@new.example', '--name', 'L', '--role', 'analyst');
  assert.equal(made.status, 0);
  query(installation, "update app_user set role = 'adviser' where email = 'lost@new.example'");
  const browser = new Browser(server);
  const token = made.stdout.trim().split('/').at(-1);
  assert.equal((await browser.call('POST', `/invitations/${token}`, { password: 'drie reigers op het dak' })).status, 201);
  query(installation, 'update user_session set setup = 0');
  await new Promise((done) => { setTimeout(done, 1100); });
  for (const path of ['/quotes', '/users', '/session']) assert.equal((await browser.call('GET', path)).json.code, 'role_not_allowed', path);
  assert.equal((await new Browser(server).call('POST', '/session', { email: 'lost@new.example', password: 'drie reigers op het dak' })).status, 401);
});
