// "Become a partner": the public form with its guards, approval with an invitation, refusal with a
// reason, and applying again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { install, query, request, run, serve } from './support.mjs';

let installation;
let server;
let key;
let form;
before(async () => {
  installation = install();
  server = await serve(installation, '--threads', '32');
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'partners', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  key = made.stdout.trim();
  ({ json: { form } } = await call('GET', '/partner-applications/form'));
  await new Promise((done) => setTimeout(done, 3100));
});
after(async () => {
  await server?.stop();
  installation?.remove();
});

const call = (method, path, { body, headers = {}, as, language = 'en' } = {}) =>
  request(server, method, `/api/v1${path}`, { key: as, body, headers: { 'Accept-Language': language, ...headers } });
const faults = (answer) => Object.fromEntries(answer.json.errors.map(({ pointer, code }) => [pointer, code]));
const whole = (number, more = {}) => ({
  form, name: `Kantoor ${number}`, trade_register_number: number, contact_name: 'Fenna de Wit', email: `fenna.${number}@kantoor.example`,
  telephone: '030 123 45 67', postcode: '3511ab', city: 'Utrecht', message: 'Wij willen graag partner worden.', ...more,
});
const unthrottle = () => query(installation, 'delete from login_throttle');
const submit = (body, options) => call('POST', '/partner-applications', { body, ...options });
const apply = async (number, more) => {
  unthrottle();
  const answer = await submit(whole(number, more));
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual(answer.json, { received: true });
  const { json } = await call('GET', '/partner-applications?status=open', { as: key });
  return json.items.find((one) => one.trade_register_number === number);
};
const decide = async ({ id }, what, body) => {
  const seen = await call('GET', `/partner-applications/${id}`, { as: key });
  return call('POST', `/partner-applications/${id}/${what}`, { as: key, body, headers: { 'If-Match': seen.headers.etag } });
};

test('what is wrong is told at its field; nothing is kept of it', async () => {
  const answer = await submit(whole('123', { postcode: '0511 AB', telephone: 'x' }));
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(faults(answer), { '/trade_register_number': 'wrong_length', '/postcode': 'not_given_out', '/telephone': 'wrong_characters' });
  const { json: { form: fresh } } = await call('GET', '/partner-applications/form');
  assert.deepEqual(faults(await submit(whole('41000001', { form: fresh }))), { '/form': 'too_soon' });
  const [at, mac] = form.split('.');
  for (const token of ['', 'x', `${Number(at) - 1}.${mac}`, `${at}.${mac.replace(/./, (c) => (c === '0' ? '1' : '0'))}`])
    assert.equal((await submit(whole('41000001', { form: token }))).status, 422);
  assert.equal((await call('GET', '/partner-applications', { as: key })).json.items.length, 0);
});

test('a robot that fills in what people do not see is told the same, and nothing is kept', async () => {
  const answer = await submit(whole('41000002', { fax: '030-1234567' }));
  assert.equal(answer.status, 202);
  assert.deepEqual(answer.json, { received: true });
  assert.equal((await call('GET', '/partner-applications', { as: key })).json.items.length, 0);
});

test('one address sends in only so many', async () => {
  unthrottle();
  const statuses = [];
  for (let i = 0; i < 7; i += 1) statuses.push((await submit(whole(`4200000${i}`))).status);
  assert.deepEqual(statuses, [202, 202, 202, 202, 202, 429, 429]);
  const late = await submit(whole('42000008'));
  assert.ok(Number(late.headers['retry-after']) > 0);
  assert.equal(query(installation, "select count(*) from partner_application where trade_register_number like '4200000%'"), '5');
});

test('approval makes the partner with its contact, and invites its first administrator', async () => {
  const application = await apply('43000001', { licence_number: '12019504', employees: 4 });
  assert.equal(application.postcode, '3511 AB');
  assert.equal(application.telephone, '+31301234567');
  const approved = await decide(application, 'approval', { grade: 'c' });
  assert.equal(approved.status, 200, approved.text);
  assert.equal(approved.json.status, 'approved');
  const { json: partner } = await call('GET', `/partners/${approved.json.partner_id}`, { as: key });
  assert.equal(partner.name, 'Kantoor 43000001');
  assert.equal(partner.stage, 'approved');
  assert.equal(partner.grade, 'c');
  const { json: people } = await call('GET', `/partners/${partner.id}/people`, { as: key });
  assert.equal(people.items[0].name, 'Fenna de Wit');
  assert.equal(query(installation, `select role || ' ' || status from app_user where id = '${people.items[0].user_id}'`), 'administrator invited');
  assert.equal(query(installation, `select count(*) from mail_message where kind = 'invitation' and subject_id = '${people.items[0].user_id}'`), '1');
  const { json: timeline } = await call('GET', `/partners/${partner.id}/timeline`, { as: key });
  assert.deepEqual(timeline.items.map(({ kind }) => kind).sort(), ['application_approved', 'user_invited']);
  const again = await decide(application, 'refusal', { reason: 'other' });
  assert.equal(again.json.code, 'wrong_state');
  unthrottle();
  assert.equal((await submit(whole('43000001'))).json.code, 'applied_already');
});

test('an address that logs in already cannot be invited once more, and nothing is done by halves', async () => {
  const application = await apply('43000002', { email: 'fenna.43000001@kantoor.example' });
  const refused = await decide(application, 'approval', {});
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.json.code, 'email_taken');
  assert.equal(query(installation, "select count(*) from partner where trade_register_number = '43000002'"), '0');
  const wrong = await decide(application, 'approval', { invite: false, parent_id: 'ptr_nobody' });
  assert.deepEqual(faults(wrong), { '/parent_id': 'unknown_partner' });
  assert.equal((await decide(application, 'approval', { invite: false })).status, 200);
});

test('a refusal is told with its reason, and the firm may apply again after ninety days', async () => {
  const application = await apply('43000003');
  unthrottle();
  assert.equal((await submit(whole('43000003'))).json.code, 'applied_already');
  const refused = await decide(application, 'refusal', { reason: 'no_licence', note: 'Vraag eerst een vergunning aan.' });
  assert.equal(refused.status, 200, refused.text);
  assert.equal(refused.json.reason, 'no_licence');
  assert.equal(query(installation, `select count(*) from mail_message where kind = 'partner_refused' and subject_id = '${application.id}'`), '1');
  unthrottle();
  const soon = await submit(whole('43000003'));
  assert.equal(soon.status, 409);
  assert.doesNotMatch(soon.text, /refus|reject/i);
  const day = 86_400_000_000;
  query(installation, `update partner_application set decided_us = decided_us - ${89 * day} where id = '${application.id}'`);
  assert.equal((await submit(whole('43000003'))).status, 409);
  query(installation, `update partner_application set decided_us = decided_us - ${2 * day} where id = '${application.id}'`);
  unthrottle();
  assert.equal((await submit(whole('43000003'))).status, 202);
});

test('nobody but the organisation reads or decides', async () => {
  const application = await apply('43000004');
  const [{ secret_key: secret }] = installation.demo.partners;
  for (const as of [undefined, secret])
    for (const [method, path] of [['GET', '/partner-applications'], ['GET', `/partner-applications/${application.id}`], ['POST', `/partner-applications/${application.id}/approval`]])
      assert.equal((await call(method, path, { as, body: method === 'POST' ? {} : undefined })).status, as ? 403 : 401);
});
