// Webhooks over HTTPS and to real receivers: what partners are told, how it is signed, what receivers
// may do, where messages may go, and what partners see of it all.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { authority, receiver, until, verifies } from './receiver.mjs';
import { anotherNode, dateIn, exampleAnswers, freshDatabase, install, postgresqlPresent, query, request, run, serve } from './support.mjs';

const installations = [];
const servers = [];
const receivers = [];
const keys = {};
let server;
let strict;
let ours;
let answers;
const OPEN = ['--webhook-private-addresses', '--webhook-plain-http'];

const start = async (installation, ...options) => {
  const started = await serve(installation, '--threads', '64', ...options);
  servers.push(started);
  return started;
};
const receive = async (options) => {
  const one = await receiver(options);
  receivers.push(one);
  return one;
};
before(async () => {
  ours = authority();
  installations.push(install());
  const { demo, folder } = installations[0];
  server = await start(installations[0], ...OPEN, '--webhook-authorities', ours.file);
  keys.partner = demo.partners[0].secret_key;
  keys.website = demo.partners[0].publishable_key;
  keys.rival = demo.partners.at(-1).secret_key;
  const trial = run('key', 'create', '--data', folder, '--partner', demo.partners[0].id, '--kind', 'secret', '--mode', 'test');
  assert.equal(trial.status, 0, trial.stderr);
  keys.trial = trial.stdout.trim();
  const made = run('key', 'create', '--data', folder, '--kind', 'organisation', '--name', 'underwriting', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  keys.organisation = made.stdout.trim();
  answers = await exampleAnswers(server, keys.partner, 'auto');
});
after(async () => {
  for (const one of receivers) await one.close();
  for (const one of servers) await one.stop();
  for (const one of installations) one.remove();
});

const call = (method, path, { key = keys.partner, body, headers = {}, on = server } = {}) =>
  request(on, method, `/api/v1${path}`, { key, body, headers: { 'Accept-Language': 'en', ...headers } });
async function register(url, more = {}, options = {}) {
  const made = await call('POST', '/webhooks', { body: { url, ...more }, ...options });
  assert.equal(made.status, 201, made.text);
  return made.json;
}
const drop = (webhook, options) => call('DELETE', `/webhooks/${webhook.id}`, options);
async function testOf(webhook, options) {
  const sent = await call('POST', `/webhooks/${webhook.id}/test`, { body: {}, ...options });
  assert.equal(sent.status, 202, sent.text);
  return sent.json;
}
async function deliveries(webhook, query = '', options) {
  const page = await call('GET', `/webhooks/${webhook.id}/deliveries${query}`, options);
  assert.equal(page.status, 200, page.text);
  return page.json;
}
// Waits until the message had so many tries, and answers it.
const tried = (webhook, message, count = 1) => until(async () => {
  const { items } = await deliveries(webhook);
  return items.find((one) => one.id === message.id && one.try_count >= count);
}, `${count} tries of ${message.id}`);

const applicant = {
  kind: 'person', initials: 'Q.X.', last_name: 'Zonderlingnaam', birth_date: '1961-02-03', email: 'zonderling@example.nl',
  street: 'Kwikstaartpad', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
};
async function accept({ key = keys.partner, on = server, given = answers, reference } = {}) {
  const made = await call('POST', '/quotes', { key, on, body: { product: 'auto', answers: given } });
  assert.equal(made.status, 201, made.text);
  const asked = await call('GET', `/quotes/${made.json.id}/acceptance`, { key, on });
  assert.equal(asked.status, 200, asked.text);
  const accepted = await call('POST', `/quotes/${made.json.id}/accept`, {
    key, on, body: {
      applicant, iban: 'NL91ABNA0417164300', account_holder: 'Q.X. Zonderlingnaam', term: 'monthly', reference,
      answers: { reporting_code: '4711', driving_disqualified: false },
      consent: { version: asked.json.consent_version, given: true }, commission: asked.json.commission, documents_shown: asked.json.documents,
    },
  });
  assert.equal(accepted.status, 201, accepted.text);
  return accepted.json;
}
const cancel = async (id) => {
  const seen = await call('GET', `/policies/${id}`);
  return call('POST', `/policies/${id}/cancel`, { body: { reason: 'policyholder' }, headers: { 'If-Match': seen.headers.etag } });
};

test('an accepted quote is told of step by step, signed, as its resources tell it, without personal data', async () => {
  const all = await receive();
  const some = await receive();
  const webhook = await register(all.url, { description: 'dossiers' });
  const picky = await register(some.url, { events: ['policy.cancelled', 'policy.issued'] });
  assert.match(webhook.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual(picky.events, ['policy.issued', 'policy.cancelled']);
  assert.equal(webhook.events, null);
  const application = await accept({ reference: 'dossier 7' });
  assert.equal((await cancel(application.policy_id)).status, 200);
  await until(() => all.got.length >= 5 && some.got.length >= 2, 'all messages');
  await new Promise((done) => setTimeout(done, 700));
  assert.deepEqual(all.got.map(({ json }) => json.type).sort(),
    ['application.issued', 'application.received', 'policy.cancelled', 'policy.issued', 'quote.accepted']);
  assert.deepEqual(some.got.map(({ json }) => json.type).sort(), ['policy.cancelled', 'policy.issued']);
  for (const message of all.got) {
    assert.ok(verifies(webhook.secret, message), message.json.type);
    assert.ok(!verifies(picky.secret, message));
    assert.ok(!verifies(webhook.secret, { ...message, body: `${message.body} ` }), 'the body is signed');
    assert.equal(message.method, 'POST');
    assert.equal(message.path, '/hook');
    assert.match(message.headers['webhook-id'], /^msg_[0-9a-z]{26}$/);
    assert.equal(message.headers['content-type'], 'application/json');
    assert.match(message.json.timestamp, /^2\d{3}-.*Z$/);
    assert.doesNotMatch(message.body, /Zonderling|zonderling|0417164300|Kwikstaart|4711/);
  }
  assert.equal(new Set(all.got.map(({ headers }) => headers['webhook-id'])).size, 5);
  for (const message of some.got) {
    const same = all.of(message.json.type)[0];
    assert.equal(message.headers['webhook-id'], same.headers['webhook-id'], 'an event has one id at all endpoints');
  }
  const [accepted] = all.of('quote.accepted');
  assert.equal(accepted.json.data.id, application.quote_id);
  assert.equal(accepted.json.data.application_id, application.id);
  assert.equal(accepted.json.data.reference, 'dossier 7');
  const issued = await call('GET', `/applications/${application.id}`);
  const { data } = all.of('application.issued')[0].json;
  for (const [name, value] of Object.entries(data)) assert.deepEqual(value, issued.json[name], name);
  assert.match(data.policy_number, /^AUT-\d{7}$/);
  const policy = await call('GET', `/policies/${application.policy_id}`);
  const ended = all.of('policy.cancelled')[0].json.data;
  assert.equal(ended.status, 'cancelled');
  for (const [name, value] of Object.entries(ended)) assert.deepEqual(value, policy.json[name], name);
  await drop(webhook);
  await drop(picky);
});

test('a change that is referred, rejected, withdrawn or overtaken is told of, as its resource tells it', async () => {
  const one = await receive();
  const some = await receive();
  const { policy_id: id } = await accept();
  const webhook = await register(one.url);
  const picky = await register(some.url, { events: ['policy.change_rejected'] });
  const ask = async (given) => {
    const made = await call('POST', `/policies/${id}/changes`, { body: { answers: given } });
    assert.equal(made.status, 201, made.text);
    return { ...made.json, path: `/policies/${id}/changes/${made.json.id}`, tag: made.headers.etag };
  };
  const step = async (change, verb, body, key = keys.partner) => {
    const seen = await call('GET', change.path);
    const done = await call('POST', `${change.path}/${verb}`, { key, body, headers: { 'If-Match': seen.headers.etag } });
    assert.equal(done.status, 200, done.text);
    return done.json;
  };
  const confirm = (change) => step(change, 'confirm', { agreed: true, commission: change.commission });
  const old = { birth_date: '1940-01-01', claim_free_years: 10 };
  const referred = await ask(old);
  assert.equal(referred.status, 'referred');
  assert.equal((await confirm(referred)).status, 'in_review');
  await until(() => one.of('policy.change_in_review').length === 1, 'that it waits');
  const told = one.of('policy.change_in_review')[0];
  assert.ok(verifies(webhook.secret, told));
  const seen = (await call('GET', referred.path)).json;
  for (const [name, value] of Object.entries(told.json.data)) assert.deepEqual(value, seen[name], name);
  assert.equal(told.json.data.policy_id, id);
  assert.deepEqual([told.json.data.status, told.json.data.kind, [...told.json.data.changed].sort()],
    ['in_review', 'change', ['birth_date', 'claim_free_years'].filter((name) => answers[name] !== old[name])]);
  assert.doesNotMatch(told.body, /1940-01-01|Zonderling|0417164300/, 'names, and no answers');
  await step(referred, 'decide', { decision: 'reject', reason: 'other', note: 'x' }, keys.organisation);
  await step(await ask(old), 'withdraw', { note: 'x' });
  const overtaken = await ask(old);
  await confirm(await ask({ legal_aid: !answers.legal_aid }));
  await until(() => one.got.length >= 5 && some.got.length >= 1, 'all messages');
  await new Promise((done) => setTimeout(done, 700));
  assert.deepEqual(one.got.map(({ json }) => json.type).sort(),
    ['policy.change_in_review', 'policy.change_overtaken', 'policy.change_rejected', 'policy.change_withdrawn', 'policy.changed']);
  assert.deepEqual(some.got.map(({ json }) => [json.type, json.data.id, json.data.status]), [['policy.change_rejected', referred.id, 'rejected']]);
  assert.equal(one.of('policy.change_overtaken')[0].json.data.id, overtaken.id);
  await drop(webhook);
  await drop(picky);
});

test('a renewal that is announced and stopped is told of', async () => {
  const one = await receive();
  const webhook = await register(one.url, { events: ['policy.renewal_announced', 'policy.renewal_stopped'] });
  const { policy_id: id } = await accept();
  query(installations[0], `UPDATE policy SET due_date = '${dateIn(20)}', renewal_on = '${dateIn(-1)}' WHERE id = '${id}'`);
  await until(() => one.of('policy.renewal_announced').length === 1, 'the announcement');
  const path = `/policies/${id}/renewals/${(await call('GET', `/policies/${id}`)).json.renewal_id}`;
  const seen = await call('GET', path);
  const stopped = await call('POST', `${path}/stop`, { key: keys.organisation, body: { policy: 'continue', reason: 'other', note: 'x' }, headers: { 'If-Match': seen.headers.etag } });
  assert.equal(stopped.status, 200, stopped.text);
  await until(() => one.of('policy.renewal_stopped').length === 1, 'that it was stopped');
  const { data } = one.of('policy.renewal_stopped')[0].json;
  assert.deepEqual([data.kind, data.status, data.policy_id], ['renewal', 'stopped', id]);
  const now = (await call('GET', path)).json;
  for (const [name, value] of Object.entries(data)) assert.deepEqual(value, now[name], name);
  await drop(webhook);
});

test('test mode is apart from live, and partners from each other', async () => {
  const live = await receive();
  const trial = await receive();
  const rival = await receive();
  const webhooks = [await register(live.url), await register(trial.url, {}, { key: keys.trial }), await register(rival.url, {}, { key: keys.rival })];
  assert.equal(webhooks[1].test, true);
  await accept({ key: keys.trial });
  await until(() => trial.got.length === 4, 'messages of test mode');
  await accept();
  await until(() => live.got.length === 4, 'messages of live mode');
  assert.ok(trial.got.every(({ json }) => json.data.test === true));
  assert.ok(live.got.every(({ json }) => json.data.test === false));
  assert.equal(trial.got.length, 4);
  assert.equal(rival.got.length, 0);
  for (const [at, key] of [[0, keys.trial], [0, keys.rival], [1, keys.partner], [2, keys.partner]]) {
    const { id } = webhooks[at];
    const [message] = (await deliveries(webhooks[at], '', { key: [keys.partner, keys.trial, keys.rival][at] })).items;
    const tries = [['GET', ''], ['PATCH', '', {}], ['DELETE', ''], ['GET', '/deliveries'], ['POST', '/test', {}], ['POST', '/rotate', {}],
      ['POST', `/deliveries/${message?.id ?? 'msg_00000000000000000000000000'}/resend`, {}]];
    for (const [method, path, body] of tries) {
      const answer = await call(method, `/webhooks/${id}${path}`, { key, body });
      assert.equal(answer.status, 404, `${method} ${path}`);
      assert.equal(answer.json.code, 'not_found');
    }
    assert.ok(!(await call('GET', '/webhooks', { key })).json.items.some((one) => one.id === id));
  }
  for (const key of [keys.website, keys.organisation]) {
    const answer = await call('GET', '/webhooks', { key, headers: key === keys.website ? { Origin: installations[0].demo.partners[0].origin } : {} });
    assert.equal(answer.status, 403, answer.text);
  }
  for (const [at, key] of [keys.partner, keys.trial, keys.rival].entries()) await drop(webhooks[at], { key });
});

test('an underwriter\'s decision and a withdrawal are told of to the partner whose they are', async () => {
  const one = await receive();
  const webhook = await register(one.url);
  const application = await accept({ given: { ...answers, birth_date: '1940-01-01', claim_free_years: 10 } });
  const path = `/applications/${application.id}`;
  const step = async (verb, body) => {
    const seen = await call('GET', path, { key: keys.organisation });
    const done = await call('POST', `${path}/${verb}`, { key: keys.organisation, body, headers: { 'If-Match': seen.headers.etag } });
    assert.equal(done.status, 200, done.text);
  };
  await step('decide', { decision: 'approve', reason: 'risk_acceptable', note: 'intern' });
  await step('withdraw', {});
  await until(() => one.got.length === 5, 'all messages');
  assert.deepEqual(one.got.map(({ json }) => json.type).sort(),
    ['application.approved', 'application.in_review', 'application.received', 'application.withdrawn', 'quote.accepted']);
  assert.ok(one.got.every(({ body }) => !body.includes('intern')));
  await drop(webhook);
});

test('a secret is shown once; after a rotation both sign, and a repeated call tells the same', async () => {
  const one = await receive();
  const key = randomUUID();
  const headers = { 'Idempotency-Key': key };
  const first = await call('POST', '/webhooks', { body: { url: one.url }, headers });
  const again = await call('POST', '/webhooks', { body: { url: one.url }, headers });
  assert.equal(first.status, 201, first.text);
  assert.equal(again.status, 201);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.deepEqual(again.json, first.json);
  const webhook = first.json;
  const seen = await call('GET', `/webhooks/${webhook.id}`);
  assert.equal(seen.json.secret, undefined);
  assert.doesNotMatch((await call('GET', '/webhooks')).text, /whsec_/);
  assert.equal(seen.json.previous_secret_until, null);
  const rotated = await call('POST', `/webhooks/${webhook.id}/rotate`, { body: {} });
  assert.equal(rotated.status, 200, rotated.text);
  assert.match(rotated.json.secret, /^whsec_/);
  assert.notEqual(rotated.json.secret, webhook.secret);
  const hours = (new Date(rotated.json.previous_secret_until) - Date.now()) / 3_600_000;
  assert.ok(hours > 23.9 && hours <= 24, `${hours} hours of overlap`);
  await testOf(webhook);
  await until(() => one.got.length === 1, 'a test');
  assert.equal(one.got[0].headers['webhook-signature'].split(' ').length, 2);
  assert.ok(verifies(webhook.secret, one.got[0]));
  assert.ok(verifies(rotated.json.secret, one.got[0]));
  // The keys at rest are changed while it serves: what is signed stays so.
  const renewed = run('encryption-key', 'rotate', '--data', installations[0].folder);
  assert.equal(renewed.status, 0, renewed.stderr);
  await testOf(webhook);
  await until(() => one.got.length === 2, 'a test');
  assert.ok(verifies(rotated.json.secret, one.got[1]));
  // A second rotation: the first secret signs no more.
  const third = await call('POST', `/webhooks/${webhook.id}/rotate`, { body: {} });
  await testOf(webhook);
  await until(() => one.got.length === 3, 'a test');
  assert.ok(verifies(third.json.secret, one.got[2]) && verifies(rotated.json.secret, one.got[2]));
  assert.ok(!verifies(webhook.secret, one.got[2]));
  await drop(webhook);
});

test('settings change by what was seen; a disabled webhook holds what was not delivered', async () => {
  let broken = true;
  const one = await receive({ answer: (message, response) => { response.writeHead(broken ? 503 : 200).end('later'); } });
  const webhook = await register(one.url, { description: 'één' });
  const path = `/webhooks/${webhook.id}`;
  const message = await testOf(webhook);
  await tried(webhook, message);
  assert.equal((await call('PATCH', path, { body: { enabled: false } })).status, 428);
  const { etag } = (await call('GET', path)).headers;
  const off = await call('PATCH', path, { body: { enabled: false, events: ['policy.issued'], description: '' }, headers: { 'If-Match': etag } });
  assert.equal(off.status, 200, off.text);
  assert.deepEqual([off.json.enabled, off.json.disabled_reason, off.json.events, off.json.description], [false, 'asked', ['policy.issued'], null]);
  assert.equal((await call('PATCH', path, { body: { enabled: true }, headers: { 'If-Match': etag } })).status, 412);
  const refused = await call('POST', `${path}/test`, { body: {} });
  assert.equal(refused.status, 409);
  assert.equal(refused.json.code, 'webhook_disabled');
  assert.equal((await call('POST', `${path}/deliveries/${message.id}/resend`, { body: {} })).status, 409);
  assert.equal((await deliveries(webhook)).items[0].status, 'held');
  await accept();
  assert.equal((await deliveries(webhook)).items.length, 1, 'nothing is added for a disabled one');
  broken = false;
  const on = await call('PATCH', path, { body: { enabled: true, events: [] }, headers: { 'If-Match': '*' } });
  assert.equal(on.json.events, null);
  assert.equal(on.json.failing_since, null);
  const done = await tried(webhook, message, 2);
  assert.equal(done.status, 'delivered');
  const shown = run('webhook', 'list', '--data', installations[0].folder);
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, new RegExp(`${webhook.id}  live  enabled`));
  assert.match(shown.stdout, new RegExp(one.url.replaceAll('.', '\\.')));
  const of = (id) => run('webhook', 'list', '--data', installations[0].folder, '--partner', id);
  assert.match(of(installations[0].demo.partners[0].id).stdout, new RegExp(webhook.id));
  assert.match(of(installations[0].demo.partners.at(-1).id).stdout, /no webhooks/);
  assert.equal(of('ptr_nobody').status, 1);
  assert.match(of('ptr_nobody').stderr, /no partner ptr_nobody/);
  assert.equal((await drop(webhook)).json.deleted, true);
  assert.equal((await call('GET', path)).status, 404);
  assert.doesNotMatch(run('webhook', 'list', '--data', installations[0].folder).stdout, new RegExp(webhook.id));
});

test('what receivers do: each failure is told of, tried again, and delays nobody else', async () => {
  const doings = {
    status: (message, response) => response.writeHead(500).end('kapot \u0001\u00e9'.padEnd(3000, 'x')),
    redirect: (message, response) => response.writeHead(302, { Location: quiet.url }).end(),
    dropped: (message, response) => response.socket.destroy(),
    no_connection: null,
    timed_out: () => {},
    endless: (message, response) => {
      response.writeHead(200);
      const more = () => { while (!response.destroyed && response.write('x'.repeat(16384))); };
      response.on('drain', more);
      more();
    },
  };
  const quiet = await receive();
  const bystander = await register(quiet.url, { events: ['webhook.test'] });
  const webhooks = {};
  for (const [name, answer] of Object.entries(doings)) {
    const one = await receive({ answer });
    if (!answer) await one.close();
    webhooks[name] = { receiver: one, webhook: await register(one.url, { events: ['webhook.test'] }) };
  }
  const stalled = [];
  for (const [name, one] of Object.entries(webhooks)) one.message = await testOf(one.webhook);
  for (let i = 0; i < 4; i++) stalled.push(await testOf(webhooks.timed_out.webhook));
  const fifth = await call('POST', `/webhooks/${webhooks.timed_out.webhook.id}/test`, { body: {} });
  assert.equal(fifth.status, 409, 'so many tests wait and no more');
  assert.equal(fifth.json.code, 'tests_waiting');
  const began = Date.now();
  await testOf(bystander);
  await until(() => quiet.got.length === 1, 'the message of who is not slow');
  assert.ok(Date.now() - began < 3000, `${Date.now() - began} ms beside slow ones`);
  const failing = ['status', 'redirect', 'dropped', 'no_connection'];
  for (const name of failing) {
    const { webhook, message } = webhooks[name];
    const done = await tried(webhook, message);
    const [first] = done.tries;
    assert.equal(first.outcome, name);
    assert.equal(done.status, 'pending');
    const wait = new Date(done.next_at) - new Date(first.at) - first.duration_ms;
    // A slow machine may be at the second try by now, which is then under way.
    if (done.try_count === 1 && wait < 60_000) assert.ok(wait >= 4900 && wait <= 6500, `${name}: ${wait} ms until the next try`);
    assert.equal(first.http_status, { status: 500, redirect: 302 }[name] ?? null);
    assert.ok((await call('GET', `/webhooks/${webhook.id}`)).json.failing_since);
  }
  for (const name of failing) {
    const { webhook, message, receiver: one } = webhooks[name];
    const second = await tried(webhook, message, 2);
    assert.deepEqual(second.tries.map(({ number }) => number), [1, 2]);
    if (!doings[name]) continue;
    assert.equal(one.got.length, 2);
    assert.equal(one.got[1].headers['webhook-id'], message.id);
    assert.equal(one.got[1].body, one.got[0].body);
    assert.ok(Number(one.got[1].headers['webhook-timestamp']) - Number(one.got[0].headers['webhook-timestamp']) >= 4, 'a fresh timestamp');
    assert.ok(verifies(webhook.secret, one.got[1]));
  }
  const kept = (await deliveries(webhooks.status.webhook)).items[0].tries[0].answer;
  assert.match(kept, /^kapot \?éx+$/);
  assert.ok(Buffer.byteLength(kept) <= 1024);
  assert.equal(quiet.got.length, 1, 'a redirect was followed');
  const endless = await tried(webhooks.endless.webhook, webhooks.endless.message);
  assert.equal(endless.status, 'delivered');
  assert.equal(endless.tries[0].answer.length, 1024);
  const late = await tried(webhooks.timed_out.webhook, webhooks.timed_out.message);
  assert.equal(late.tries[0].outcome, 'timed_out');
  assert.ok(late.tries[0].duration_ms >= 14_500 && late.tries[0].duration_ms < 20_000, `${late.tries[0].duration_ms} ms`);
  for (const { webhook } of Object.values(webhooks)) await drop(webhook);
  await drop(bystander);
});

test('a receiver that asks to be left alone for a while is, within a day', async () => {
  for (const [status, asked, least, most] of [[429, '600', 600, 660], [503, '1', 5, 5.5], [503, '999999', 86_400, 86_400]]) {
    const busy = await receive({ answer: (message, response) => response.writeHead(status, { 'Retry-After': asked }).end() });
    const webhook = await register(busy.url, { events: ['webhook.test'] });
    const done = await tried(webhook, await testOf(webhook));
    const [first] = done.tries;
    assert.deepEqual([first.outcome, first.http_status], ['status', status]);
    const wait = (new Date(done.next_at) - new Date(first.at) - first.duration_ms) / 1000;
    if (done.try_count === 1 && !(least === 5 && wait > 50)) assert.ok(wait >= least - 0.1 && wait <= most + 1.5, `${asked}: ${wait} s`);
    assert.equal(done.status, 'pending');
    await drop(webhook);
  }
});

test('410 disables at once, and the partner\'s other webhooks are told', async () => {
  const gone = await receive({ answer: (message, response) => response.writeHead(410).end() });
  const other = await receive();
  const deaf = await receive();
  const webhooks = [await register(gone.url), await register(other.url, { events: ['webhook.disabled'] }), await register(deaf.url, { events: ['policy.issued'] })];
  const message = await testOf(webhooks[0]);
  const done = await tried(webhooks[0], message);
  assert.equal(done.status, 'failed');
  assert.equal(done.tries[0].outcome, 'gone');
  const seen = (await call('GET', `/webhooks/${webhooks[0].id}`)).json;
  assert.deepEqual([seen.enabled, seen.disabled_reason], [false, 'gone']);
  assert.ok(seen.disabled_at);
  await until(() => other.got.length === 1, 'the notice');
  assert.equal(other.got[0].json.type, 'webhook.disabled');
  assert.equal(other.got[0].json.data.id, webhooks[0].id);
  assert.equal(other.got[0].json.data.disabled_reason, 'gone');
  assert.doesNotMatch(other.got[0].body, /whsec_|secret":/);
  assert.equal(deaf.got.length, 0);
  assert.match(server.log(), new RegExp(`event=webhook_disabled .*${webhooks[0].id}`));
  for (const webhook of webhooks) await drop(webhook);
});

test('one message is sent anew, under its own id, as often as is asked', async () => {
  const one = await receive();
  const webhook = await register(one.url);
  const message = await testOf(webhook);
  await tried(webhook, message);
  const key = { 'Idempotency-Key': randomUUID() };
  const path = `/webhooks/${webhook.id}/deliveries/${message.id}/resend`;
  const again = await call('POST', path, { body: {}, headers: key });
  assert.equal(again.status, 202, again.text);
  assert.equal(again.json.status, 'pending');
  const done = await tried(webhook, message, 2);
  assert.equal(done.status, 'delivered');
  assert.equal((await call('POST', path, { body: {}, headers: key })).headers['idempotent-replayed'], 'true');
  await new Promise((pass) => setTimeout(pass, 1200));
  assert.equal(one.got.length, 2);
  assert.equal(one.got[1].headers['webhook-id'], message.id);
  assert.equal((await call('POST', path.replace(message.id, 'msg_00000000000000000000000000'), { body: {} })).status, 404);
  await drop(webhook);
});

test('the log pages, the newest first, and by status', async () => {
  const one = await receive();
  const webhook = await register(one.url);
  for (let i = 0; i < 5; i++) {
    await testOf(webhook);
    await until(() => one.got.length === i + 1, 'a test');
  }
  await until(async () => (await deliveries(webhook, '?status=delivered')).items.length === 5, 'results');
  const ids = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await deliveries(webhook, `?limit=2${cursor && `&cursor=${cursor}`}`);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  }
  assert.equal(ids.length, 5);
  assert.deepEqual(ids, [...ids].sort().reverse());
  assert.equal((await deliveries(webhook, '?status=failed')).items.length, 0);
  assert.equal((await call('GET', `/webhooks/${webhook.id}/deliveries?cursor=whk_x`)).status, 422);
  assert.equal((await call('GET', `/webhooks/${webhook.id}/deliveries?status=lost`)).status, 422);
  await drop(webhook);
});

test('TLS: certificates are verified, by name and by who vouches for them', async () => {
  const good = await receive({ tls: ours.tls('IP:127.0.0.1') });
  const named = await receive({ tls: ours.tls('DNS:elsewhere.example') });
  const foreign = await receive({ tls: authority().tls('IP:127.0.0.1') });
  for (const [one, outcome] of [[good, 'delivered'], [named, 'certificate'], [foreign, 'certificate']]) {
    const webhook = await register(one.url);
    const done = await tried(webhook, await testOf(webhook));
    assert.equal(done.tries[0].outcome, outcome);
    assert.equal(one.got.length, outcome === 'delivered' ? 1 : 0);
    await drop(webhook);
  }
});

test('ten webhooks and no more, also when asked at once', async () => {
  const asked = await Promise.all(Array.from({ length: 14 }, () => call('POST', '/webhooks', { key: keys.rival, body: { url: 'https://127.0.0.1:4443/' } })));
  for (const answer of asked) assert.ok([201, 409].includes(answer.status), answer.text);
  for (let made = asked.filter(({ status }) => status === 201).length; made < 10; made++) await register('https://127.0.0.1:4443/', {}, { key: keys.rival });
  const more = await call('POST', '/webhooks', { key: keys.rival, body: { url: 'https://127.0.0.1:4443/' } });
  assert.equal(more.status, 409);
  assert.equal(more.json.code, 'too_many_webhooks');
  const { items, next } = (await call('GET', '/webhooks?limit=4', { key: keys.rival })).json;
  assert.equal(items.length, 4);
  const rest = (await call('GET', `/webhooks?cursor=${next}`, { key: keys.rival })).json;
  assert.equal(rest.items.length, 6);
  assert.equal(rest.next, null);
  await drop(items[0], { key: keys.rival });
  items[0] = await register('https://127.0.0.1:4443/', {}, { key: keys.rival });
  for (const webhook of [...items, ...rest.items]) assert.equal((await drop(webhook, { key: keys.rival })).status, 200);
});

test('addresses that are not public are refused, in all their forms, with what to do', async () => {
  installations.push(install());
  strict = await start(installations.at(-1));
  const key = installations.at(-1).demo.partners[0].secret_key;
  const ask = (url, language = 'en') => call('POST', '/webhooks', { key, on: strict, body: { url }, headers: { 'Accept-Language': language } });
  const refused = {
    private_address: ['https://127.0.0.1/', 'https://localhost/', 'https://10.0.0.1/', 'https://169.254.169.254/latest/meta-data', 'https://2130706433/',
      'https://0x7f000001/', 'https://0177.1/', 'https://[::1]/', 'https://[::ffff:10.0.0.1]/', 'https://[64:ff9b::a00:1]/', 'https://[2002:a00:1::]/',
      'https://[fe80::1]/', 'https://[fd00::1]/', 'https://0.0.0.0/', 'https://224.0.0.1/'],
    not_https: ['http://8.8.8.8/', 'ftp://8.8.8.8/'],
    credentials: ['https://a:b@8.8.8.8/'],
    port: ['https://8.8.8.8:25/'],
    fragment: ['https://8.8.8.8/#a'],
    wrong_format: ['8.8.8.8/x', 'https://a b/', 'https:///x'],
  };
  for (const [code, urls] of Object.entries(refused)) {
    for (const url of urls) {
      const answer = await ask(url);
      assert.equal(answer.status, 422, `${url} ${answer.text}`);
      assert.deepEqual(answer.json.errors.map((one) => [one.pointer, one.code]), [['/url', code]], url);
      assert.ok(answer.json.errors[0].message.length > 20);
    }
  }
  assert.match((await ask('https://10.0.0.1/', 'nl')).json.errors[0].message, /niet openbaar/);
  const fine = await ask('https://8.8.8.8/hook');
  assert.equal(fine.status, 201, fine.text);
  const changed = await call('PATCH', `/webhooks/${fine.json.id}`, { key, on: strict, body: { url: 'https://192.168.1.1/' }, headers: { 'If-Match': '*' } });
  assert.equal(changed.status, 422);
  const wrong = await call('POST', '/webhooks', { key, on: strict, body: { url: 'https://8.8.8.8/', events: ['policy.eaten'], secret: 'x' } });
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.json.errors.map(({ pointer }) => pointer).sort(), ['/events/0', '/secret']);
});

test('the events that can be asked for are listed and described, and stand in the description of the API', async () => {
  const listed = (await call('GET', '/webhook-events')).json.items;
  assert.ok(listed.length >= 14);
  for (const one of listed) assert.ok(one.description.length > 5, one.event);
  const api = (await request(server, 'GET', '/api/v1/openapi.json')).json;
  const { schema } = api.paths['/webhooks'].post.requestBody.content['application/json'];
  const { events } = (schema.$ref ? api.components.schemas[schema.$ref.split('/').at(-1)] : schema).properties;
  const list = events.anyOf.find(({ type }) => type === 'array'); // it may be null as well
  assert.deepEqual(listed.map(({ event }) => event), list.items.enum);
});

test('two nodes on one database send each message once', { skip: postgresqlPresent() ? false : 'PostgreSQL is not installed here' }, async () => {
  const first = install('--database', freshDatabase());
  const second = anotherNode(first);
  installations.push(first, second);
  const nodes = [await start(first, ...OPEN), await start(second, ...OPEN)];
  const key = first.demo.partners[0].secret_key;
  const one = await receive();
  const webhook = await register(one.url, { events: ['policy.issued'] }, { key, on: nodes[0] });
  const ids = [];
  const given = await exampleAnswers(nodes[0], key, 'auto');
  for (let i = 0; i < 12; i++) ids.push((await accept({ key, on: nodes[i % 2], given })).policy_id);
  await until(() => new Set(one.got.map(({ json }) => json.data.id)).size === ids.length, 'all messages');
  await new Promise((done) => setTimeout(done, 1500));
  assert.equal(one.got.length, ids.length, 'a message was sent twice');
  assert.ok(one.got.every((message) => verifies(webhook.secret, message)));
});
