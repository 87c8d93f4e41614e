// From quote to policy and to its end: the whole way, every wrong step from every status, what is
// wrong with an acceptance told at once, many accepts of one quote at once, numbers without gaps,
// entity tags, who sees what, and that the store holds nothing readable of what people told.
// KOPPEL_TEST_ACCEPTS says how many accept one quote at once.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, onPostgresql, query, request, run, scratchPostgresql, serve } from './support.mjs';

const ACCEPTS = Number(process.env.KOPPEL_TEST_ACCEPTS ?? 200);
const agent = new https.Agent({ keepAlive: true, maxSockets: 64 });

let installation;
let server;
let scratch;
let partner;
let rival;
const keys = {};
const answers = {};
before(async () => {
  installation = install();
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  server = await serve(installation);
  [partner] = installation.demo.partners;
  rival = installation.demo.partners.at(-1);
  keys.partner = partner.secret_key;
  keys.website = partner.publishable_key;
  keys.rival = rival.secret_key;
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'underwriting', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  keys.organisation = made.stdout.trim();
  const trial = run('key', 'create', '--data', installation.folder, '--partner', partner.id, '--kind', 'secret', '--mode', 'test');
  assert.equal(trial.status, 0, trial.stderr);
  keys.trial = trial.stdout.trim();
  answers.auto = await exampleAnswers(server, keys.partner, 'auto');
  answers.reis = await exampleAnswers(server, keys.partner, 'reis');
  answers.referred = { ...answers.auto, birth_date: '1940-01-01', claim_free_years: 10 };
  answers.declined = { ...answers.auto, usage: 'taxi' };
});
after(async () => {
  agent.destroy();
  await server?.stop();
  installation.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const call = (method, path, { key = keys.partner, body, headers = {} } = {}) =>
  request(server, method, `/api/v1${path}`, { key, body, headers: { 'Accept-Language': 'en', ...headers }, agent });
const quote = async (product = 'auto', given = answers[product], key = keys.partner) => {
  const made = await call('POST', '/quotes', { key, body: { product, answers: given } });
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const extra = { auto: { reporting_code: '4711', driving_disqualified: false, criminal_record: 'Zegswijze Kwartelslag' }, reis: { insurance_refused: false } };
const applicant = {
  kind: 'person', initials: 'Q.X.', last_name: 'Zonderlingnaam', birth_date: '1961-02-03', email: 'Zonderling@Example.nl',
  street: 'Kwikstaartpad', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
};
const asked = async (made, key = keys.partner) => {
  const answer = await call('GET', `/quotes/${made.id}/acceptance`, { key });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const bodyFor = async (made, key = keys.partner) => {
  const acceptance = await asked(made, key);
  return {
    applicant, iban: 'NL91 ABNA 0417 1643 00', account_holder: 'Q.X. Zonderlingnaam', term: 'monthly', answers: extra[made.product],
    consent: { version: acceptance.consent_version, given: true }, commission: acceptance.commission, documents_shown: acceptance.documents,
  };
};
const accept = async (made, more = {}, options = {}) =>
  call('POST', `/quotes/${made.id}/accept`, { body: { ...(await bodyFor(made, options.key)), ...more }, ...options });
const accepted = async (made, more, options) => {
  const answer = await accept(made, more, options);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
const tagOf = async (path, key = keys.organisation) => {
  const seen = await call('GET', path, { key });
  assert.equal(seen.status, 200, seen.text);
  return seen.headers.etag;
};
const step = async (path, verb, { key = keys.organisation, body = {}, tag } = {}) =>
  call('POST', `${path}/${verb}`, { key, body, headers: { 'If-Match': tag ?? await tagOf(path) } });
const decide = (id, decision) =>
  step(`/applications/${id}`, 'decide', { body: { decision, reason: decision === 'approve' ? 'risk_acceptable' : 'risk_too_high', note: 'seen' } });

// The travel product, issued by hand, so that an application waits without an underwriter.
let byHand;
async function quoteByHand() {
  if (!byHand) {
    const folder = join(scratch, 'reis');
    cpSync('quote-engine/products/reis', folder, { recursive: true });
    const text = readFileSync(join(folder, 'product.xml'), 'utf8');
    assert.ok(text.includes('<policy number_prefix="REI"'));
    writeFileSync(join(folder, 'product.xml'), text.replace('<policy number_prefix="REI"', '<policy issue="by_hand" number_prefix="REI"'));
    const published = run('product', 'publish', folder, '--data', installation.folder);
    assert.equal(published.status, 0, published.stderr);
    byHand = true;
    await new Promise((done) => setTimeout(done, 1000));
  }
  return quote('reis');
}

test('straight through: an accepted offer is a policy at once, and every step is on record', async () => {
  const made = await quote();
  const answer = await accept(made, { reference: 'dossier 7' });
  assert.equal(answer.status, 201, answer.text);
  const application = answer.json;
  assert.equal(application.status, 'issued');
  assert.equal(application.quote_id, made.id);
  assert.equal(application.reference, 'dossier 7');
  assert.equal(application.total, made.premium.total);
  assert.equal(application.instalment, made.premium.terms.find(({ code }) => code === 'monthly').instalment);
  assert.match(application.policy_number, /^AUT-\d{7}$/);
  assert.equal(answer.headers.etag, '"r2-en"');
  const seen = await call('GET', `/applications/${application.id}`);
  assert.equal(seen.status, 200, seen.text);
  assert.equal(seen.headers.etag, '"r2-en"');
  assert.deepEqual(seen.json.events.map((event) => [event.revision, event.step, event.from, event.to, event.actor]),
    [[1, 'accept', 'offered', 'received', 'partner'], [2, 'issue', 'received', 'issued', 'system']]);
  assert.equal(seen.json.events[0].request_id, answer.headers['request-id']);
  assert.match(seen.json.events[0].key_id, /^key_/);
  const policy = await call('GET', `/policies/${application.policy_id}`);
  assert.equal(policy.json.status, 'active');
  assert.equal(policy.json.number, application.policy_number);
  assert.equal(policy.json.effective_date, made.effective_date);
  assert.deepEqual(policy.json.steps, ['withdraw', 'cancel', 'change']);
  const same = await call('GET', `/policies/${application.policy_id}`, { headers: { 'If-None-Match': policy.headers.etag } });
  assert.equal(same.status, 304);
  const listed = await call('GET', '/applications?limit=1');
  assert.equal(listed.json.items[0].id, application.id);
  assert.equal(listed.json.items[0].applicant, undefined);
  assert.equal((await call('GET', '/policies?limit=1')).json.items[0].id, application.policy_id);
});

test('what was referred waits for an underwriter, whose reasons are kept', async () => {
  const made = await quote('auto', answers.referred);
  assert.equal(made.status, 'referred');
  const application = await accepted(made);
  assert.equal(application.status, 'in_review');
  assert.equal(application.policy_id, null);
  const seen = await call('GET', `/applications/${application.id}`, { key: keys.organisation });
  assert.equal(seen.json.answers.driving_disqualified, false);
  assert.equal(seen.json.quote_answers.birth_date, '1940-01-01');
  assert.ok(seen.json.quote_reasons.includes('driver_age_high'), seen.text);
  assert.deepEqual(seen.json.steps, ['approve', 'reject', 'withdraw']);
  const approved = await decide(application.id, 'approve');
  assert.equal(approved.status, 200, approved.text);
  assert.equal(approved.json.status, 'approved');
  const issued = await step(`/applications/${application.id}`, 'issue');
  assert.equal(issued.status, 200, issued.text);
  assert.match(issued.json.policy_number, /^AUT-/);
  const events = (await call('GET', `/applications/${application.id}`, { key: keys.organisation })).json.events;
  assert.deepEqual(events.map((event) => event.step), ['accept', 'review', 'approve', 'issue']);
  assert.deepEqual([events[2].reason, events[2].note, events[2].actor], ['risk_acceptable', 'seen', 'organisation']);
  const partners = (await call('GET', `/applications/${application.id}`)).json.events;
  assert.deepEqual([partners[2].reason, partners[2].note, partners[2].key_id], ['risk_acceptable', null, null]);
});

test('a declined quote is not accepted, nor one of another, nor one that does not exist', async () => {
  const declined = await quote('auto', answers.declined);
  assert.equal(declined.status, 'declined');
  const body = await bodyFor(await quote());
  const refused = await call('POST', `/quotes/${declined.id}/accept`, { body });
  assert.deepEqual([refused.status, refused.json.code], [409, 'wrong_state']);
  const made = await quote();
  const others = await call('POST', `/quotes/${made.id}/accept`, { key: keys.rival, body });
  const nobodys = await call('POST', '/quotes/qte_00000000000000000000000000/accept', { key: keys.rival, body });
  assert.equal(others.status, 404);
  assert.deepEqual({ ...others.json, instance: 0, request_id: 0 }, { ...nobodys.json, instance: 0, request_id: 0 });
  assert.equal((await call('POST', `/quotes/${made.id}/accept`, { key: keys.organisation, body })).status, 403);
});

test('everything that is wrong with an acceptance is told at once, and nothing is kept', async () => {
  const made = await quote();
  const wrong = await accept(made, {
    iban: 'NL92ABNA0417164300', term: 'weekly', answers: { reporting_code: '12' }, commission: '0.01', documents_shown: ['information_document'],
    consent: { version: 'old', given: false }, applicant: { ...applicant, birth_date: undefined, postcode: '12' },
  });
  assert.equal(wrong.status, 422, wrong.text);
  assert.deepEqual(wrong.json.errors.map(({ pointer }) => pointer).sort(), [
    '/answers/driving_disqualified', '/answers/reporting_code', '/applicant/birth_date', '/applicant/postcode', '/commission',
    '/consent/given', '/consent/version', '/documents_shown', '/iban', '/term']);
  assert.match(wrong.json.errors.find(({ pointer }) => pointer === '/commission').message, new RegExp((await asked(made)).commission));
  const company = await accept(made, { applicant: { ...applicant, kind: 'company', birth_date: undefined } });
  assert.deepEqual(company.json.errors.map(({ pointer }) => pointer), ['/applicant/company_name', '/applicant/trade_register_number']);
  for (const iban of ['NL91ABNA041716430', 'XX91ABNA0417164300', 'hello', 'NL00ABNA0417164300', 'ZZ']) {
    const answer = await accept(made, { iban });
    assert.deepEqual(answer.json.errors?.map(({ pointer }) => pointer), ['/iban'], iban);
  }
  const unknown = await accept(made, { applicant: { ...applicant, admin: true } });
  assert.deepEqual(unknown.json.errors.map(({ pointer, code }) => [pointer, code]), [['/applicant/admin', 'unknown']]);
  assert.equal((await accept(made)).status, 201);
});

test('a quote is accepted once: a key replays its answer, all else is refused', async () => {
  const made = await quote();
  const key = randomUUID();
  const first = await accept(made, {}, { headers: { 'Idempotency-Key': key } });
  const again = await accept(made, {}, { headers: { 'Idempotency-Key': key } });
  assert.equal(first.status, 201, first.text);
  assert.equal(again.text, first.text);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(again.headers.etag, first.headers.etag);
  const other = await accept(made);
  assert.deepEqual([other.status, other.json.code], [409, 'already_accepted']);
  const reused = await accept(made, { reference: 'other' }, { headers: { 'Idempotency-Key': key } });
  assert.equal(reused.status, 422);
});

test(`${ACCEPTS} accepts of one quote at once make one application`, async () => {
  const made = await quote();
  const body = await bodyFor(made);
  const results = await Promise.all(Array.from({ length: ACCEPTS }, (_, i) =>
    call('POST', `/quotes/${made.id}/accept`, { body, headers: i % 2 ? { 'Idempotency-Key': randomUUID() } : {} })));
  const good = results.filter(({ status }) => status === 201);
  assert.equal(good.length, 1);
  assert.ok(results.every(({ status, json }) => status === 201 || (status === 409 && json.code === 'already_accepted')));
  const listed = await call('GET', '/applications?limit=100');
  assert.equal(listed.json.items.filter((one) => one.quote_id === made.id).length, 1);
});

test('policies are numbered on without gaps, however many are issued at once', async () => {
  const quotes = await Promise.all(Array.from({ length: 40 }, () => quote()));
  const bodies = await Promise.all(quotes.map((made) => bodyFor(made)));
  const made = await Promise.all(quotes.flatMap((one, i) => [0, 1].map(() =>
    call('POST', `/quotes/${one.id}/accept`, { body: bodies[i] }))));
  const numbers = made.filter(({ status }) => status === 201).map(({ json }) => Number(json.policy_number.slice(4)));
  assert.equal(numbers.length, 40);
  numbers.sort((a, b) => a - b);
  assert.equal(numbers[39] - numbers[0], 39);
  assert.equal(new Set(numbers).size, 40);
});

test('each step from each status: taken, refused, or not one\'s own', async () => {
  await quoteByHand();
  const to = {
    received: async () => accepted(await quoteByHand()),
    in_review: async () => accepted(await quote('auto', answers.referred)),
    approved: async () => (await decide((await to.in_review()).id, 'approve')).json,
    issued: async () => accepted(await quote()),
    rejected: async () => (await decide((await to.in_review()).id, 'reject')).json,
    withdrawn: async () => (await step(`/applications/${(await to.in_review()).id}`, 'withdraw')).json,
  };
  const body = {
    withdraw: {}, issue: {}, approve: { decision: 'approve', reason: 'other', note: 'n' }, reject: { decision: 'reject', reason: 'other', note: 'n' },
  };
  // What the organisation may, and what comes of it; all else is refused. A partner may withdraw.
  const allowed = {
    received: { withdraw: 'withdrawn', issue: 'issued', reject: 'rejected' },
    in_review: { withdraw: 'withdrawn', approve: 'approved', reject: 'rejected' },
    approved: { withdraw: 'withdrawn', issue: 'issued' },
    issued: {}, rejected: {}, withdrawn: {},
  };
  for (const status of Object.keys(to)) {
    for (const verb of Object.keys(body)) {
      for (const who of ['organisation', 'partner', 'website', 'rival']) {
        const application = await to[status]();
        assert.equal(application.status, status);
        const path = `/applications/${application.id}`;
        const tag = await tagOf(path);
        const answer = await call('POST', `${path}/${['approve', 'reject'].includes(verb) ? 'decide' : verb}`,
          { key: keys[who], body: body[verb], headers: { 'If-Match': tag } });
        const place = `${who} ${verb} ${status}: ${answer.text}`;
        const next = allowed[status][verb];
        if (who === 'website' || (who !== 'organisation' && verb !== 'withdraw')) assert.equal(answer.status, 403, place);
        else if (who === 'rival') assert.equal(answer.status, 404, place);
        else if (next) assert.deepEqual([answer.status, answer.json.status], [200, next], place);
        else assert.deepEqual([answer.status, answer.json.code], [409, 'wrong_state'], place);
        const now = await tagOf(path);
        assert.equal(now === tag, answer.status !== 200, place);
      }
    }
  }
});

test('a policy ends once, by withdrawal or by notice, with what is paid back to the cent', async () => {
  const ended = {
    withdrawn: async (path) => step(path, 'withdraw'),
    cancelled: async (path) => step(path, 'cancel', { body: { reason: 'policyholder' } }),
  };
  for (const status of Object.keys(ended)) {
    const application = await accepted(await quote());
    const path = `/policies/${application.policy_id}`;
    const done = await ended[status](path);
    assert.equal(done.status, 200, done.text);
    assert.equal(done.json.status, status);
    assert.deepEqual(done.json.steps, []);
    // Withdrawn: the first instalment, due today; by notice: at the end of the first year, nothing.
    assert.equal(done.json.refund, status === 'withdrawn' ? application.instalment : '0.00');
    for (const verb of ['withdraw', 'cancel'])
      for (const who of ['partner', 'organisation']) {
        const again = await step(path, verb, { key: keys[who], body: verb === 'cancel' ? { reason: 'policyholder' } : {} });
        assert.deepEqual([again.status, again.json.code], [409, 'wrong_state']);
      }
  }
  const application = await accepted(await quote());
  const path = `/policies/${application.policy_id}`;
  const policy = (await call('GET', path)).json;
  const early = await step(path, 'cancel', { key: keys.partner, body: { reason: 'policyholder', end_date: policy.effective_date } });
  assert.equal(early.status, 422);
  assert.match(early.json.errors[0].message, new RegExp(policy.earliest_end_date));
  const notTheirs = await step(path, 'cancel', { key: keys.partner, body: { reason: 'unpaid' } });
  assert.equal(notTheirs.json.errors[0].pointer, '/reason');
  const today = await step(path, 'cancel', { body: { reason: 'unpaid', end_date: policy.effective_date } });
  assert.deepEqual([today.status, today.json.refund], [200, application.instalment]);
  const company = await accepted(await quote(), {
    applicant: { ...applicant, kind: 'company', company_name: 'Voorbeeld BV', trade_register_number: '01234567' },
  });
  const none = await step(`/policies/${company.policy_id}`, 'withdraw');
  assert.deepEqual([none.status, none.json.code], [409, 'no_withdrawal']);
});

test('entity tags: required, compared, and of two at once one wins', async () => {
  const application = await accepted(await quote('auto', answers.referred));
  const path = `/applications/${application.id}`;
  const bare = await call('POST', `${path}/withdraw`, { body: {} });
  assert.deepEqual([bare.status, bare.json.code], [428, 'precondition_required']);
  for (const tag of ['"r1-nl"', 'r2', '""', '"r22-nl"', 'W/"r2-nl"', '"r-2"', '"r2', '*x', ', *', ',,,', '']) {
    const answer = await call('POST', `${path}/withdraw`, { body: {}, headers: { 'If-Match': tag } });
    assert.equal(answer.status, 412, `${tag} ${answer.text}`);
  }
  assert.equal((await call('POST', `${path}/withdraw`, { body: {}, headers: { 'If-Match': '*' } })).status, 200);
  const other = await accepted(await quote('auto', answers.referred));
  const tag = await tagOf(`/applications/${other.id}`);
  const both = await Promise.all(Array.from({ length: 8 }, (_, i) => call('POST', `/applications/${other.id}/decide`, {
    key: keys.organisation, headers: { 'If-Match': `"x", ${tag}` },
    body: { decision: i % 2 ? 'approve' : 'reject', reason: 'other', note: 'n' },
  })));
  assert.equal(both.filter(({ status }) => status === 200).length, 1);
  assert.ok(both.every(({ status }) => [200, 412].includes(status)), both.map(({ status }) => status).join());
});

test('a website accepts with its quote\'s token and sees where that stands, and no more', async () => {
  const headers = { Origin: partner.origin };
  const key = keys.website;
  const made = (await call('POST', '/quotes', { key, headers, body: { product: 'auto', answers: answers.auto } })).json;
  const acceptance = await call('GET', `/quotes/${made.id}/acceptance?token=${made.token}`, { key, headers });
  assert.equal(acceptance.status, 200, acceptance.text);
  const body = { ...(await bodyFor(made)), token: made.token };
  assert.equal((await call('POST', `/quotes/${made.id}/accept`, { key, headers, body: { ...body, token: undefined } })).status, 404);
  assert.equal((await call('POST', `/quotes/${made.id}/accept`, { key, headers, body: { ...body, token: 'x'.repeat(32) } })).status, 404);
  const answer = await call('POST', `/quotes/${made.id}/accept`, { key, headers, body });
  assert.equal(answer.status, 201, answer.text);
  assert.equal((await call('GET', `/applications/${answer.json.id}`, { key, headers })).status, 404);
  const seen = await call('GET', `/applications/${answer.json.id}?token=${made.token}`, { key, headers });
  assert.equal(seen.status, 200, seen.text);
  assert.deepEqual([seen.json.status, seen.json.applicant, seen.json.iban, seen.json.answers], ['issued', null, null, null]);
  assert.ok(!seen.text.includes('Zonderling'));
  assert.equal((await call('GET', '/applications', { key, headers })).status, 403);
  assert.equal((await call('GET', `/policies/${answer.json.policy_id}`, { key, headers })).status, 403);
});

// By which way and from where, of each event.
const origins = async (path, key) => (await call('GET', path, { key })).json.events.map(({ step: name, entrance, address }) => [name, entrance, address]);

test('an event tells by which way it came, and the organisation from which address', async () => {
  const application = await accepted(await quote('auto', answers.referred));
  const path = `/applications/${application.id}`;
  const message = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><WithdrawApplication xmlns="urn:koppel:quote:v1"><id>${application.id}</id></WithdrawApplication></s:Body></s:Envelope>`;
  const withdrawn = await request(server, 'POST', '/soap/v1/quote', {
    key: keys.partner, body: message, headers: { 'Content-Type': 'text/xml', 'If-Match': (await call('GET', path)).headers.etag },
  });
  assert.equal(withdrawn.status, 200, withdrawn.text);
  assert.deepEqual(await origins(path, keys.organisation),
    [['accept', 'json', '127.0.0.1'], ['review', 'system', null], ['withdraw', 'soap', '127.0.0.1']]);
  assert.deepEqual(await origins(path, keys.partner), [['accept', 'json', null], ['review', 'system', null], ['withdraw', 'soap', null]]);
  const headers = { Origin: partner.origin };
  const made = (await call('POST', '/quotes', { key: keys.website, headers, body: { product: 'auto', answers: answers.auto } })).json;
  const bought = await call('POST', `/quotes/${made.id}/accept`, { key: keys.website, headers, body: { ...(await bodyFor(made)), token: made.token } });
  assert.equal(bought.status, 201, bought.text);
  assert.deepEqual(await origins(`/applications/${bought.json.id}`, keys.organisation), [['accept', 'page', '127.0.0.1'], ['issue', 'system', null]]);
  assert.deepEqual(await origins(`/policies/${bought.json.policy_id}`, keys.organisation), [['issue', 'system', null]]);
});

test('an address is kept for a year and no longer', async () => {
  const [old, recent] = [await accepted(await quote()), await accepted(await quote())];
  const days = (count) => (Date.now() - count * 86_400_000) * 1000;
  for (const [{ id }, age] of [[old, 366], [recent, 364]])
    query(installation, `UPDATE transaction_event SET at_us = ${days(age)} WHERE subject_id = '${id}'`);
  await server.stop(); // the first round of housekeeping is at the start
  server = await serve(installation);
  const seen = (application) => origins(`/applications/${application.id}`, keys.organisation);
  const until = Date.now() + 20_000;
  while ((await seen(old))[0][2] !== null) assert.ok(Date.now() < until, 'the address is still there');
  assert.deepEqual(await seen(old), [['accept', 'json', null], ['issue', 'system', null]]);
  assert.deepEqual(await seen(recent), [['accept', 'json', '127.0.0.1'], ['issue', 'system', null]]);
});

test('who sees what: masked for partners, whole for who decides, nothing for others', async () => {
  const application = await accepted(await quote());
  const path = `/applications/${application.id}`;
  const own = (await call('GET', path)).json;
  assert.equal(own.iban, 'NL91 •••• 4300');
  assert.deepEqual(own.answers, { reporting_code: '4711' });
  assert.deepEqual(own.answers_withheld, ['driving_disqualified', 'criminal_record']);
  assert.equal(own.quote_answers, null);
  const all = (await call('GET', path, { key: keys.organisation })).json;
  assert.equal(all.iban, 'NL91ABNA0417164300');
  assert.deepEqual(all.answers, extra.auto);
  assert.equal((await call('GET', path, { key: keys.rival })).status, 404);
  assert.equal((await call('GET', `/policies/${application.policy_id}`, { key: keys.rival })).status, 404);
  const found = await call('POST', '/applications/search', { body: { iban: 'nl91abna0417164300', email: 'zonderling@example.NL' } });
  assert.ok(found.json.items.some(({ id }) => id === application.id));
  const none = await call('POST', '/applications/search', { key: keys.rival, body: { iban: 'NL91ABNA0417164300' } });
  assert.deepEqual(none.json.items, []);
  const trial = await accepted(await quote('auto', answers.auto, keys.trial), {}, { key: keys.trial });
  assert.match(trial.policy_number, /^AUT-T0*1$/);
  assert.equal((await call('GET', `/applications/${trial.id}`)).status, 404);
});

test('lists go on page by page, each row once', async () => {
  const ids = [];
  let next = '';
  do {
    const page = await call('GET', `/applications?limit=7&product=auto${next ? `&cursor=${next}` : ''}`);
    assert.equal(page.status, 200, page.text);
    ids.push(...page.json.items.map(({ id }) => id));
    next = page.json.next;
  } while (next);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length > 40);
  assert.deepEqual(ids, [...ids].sort().reverse());
  assert.equal((await call('GET', '/applications?cursor=qte_1')).status, 422);
  const waiting = await call('GET', '/applications?status=in_review', { key: keys.organisation });
  assert.ok(waiting.json.items.every(({ status }) => status === 'in_review'));
});

test('the store holds nothing readable of what people told, under old keys and new', async () => {
  const application = await accepted(await quote());
  const words = ['Zonderling', 'Kwikstaartpad', 'Kwartelslag', 'NL91ABNA0417164300', 'ABNA0417'];
  const holds = (word) => {
    const folder = onPostgresql ? scratchPostgresql() : installation.folder;
    return spawnSync('grep', ['-rliaF', word, folder], { encoding: 'utf8' }).stdout.trim();
  };
  for (const word of words) assert.equal(holds(word), '', word);
  assert.notEqual(holds(application.id), '');
  const file = join(installation.folder, 'encryption_keys');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const before_ = readFileSync(file, 'utf8').match(/^key \w+/gm).length;
  const rotated = run('encryption-key', 'rotate', '--data', installation.folder);
  assert.equal(rotated.status, 0, rotated.stderr);
  assert.equal(readFileSync(file, 'utf8').match(/^key \w+/gm).length, before_ + 1);
  const count = Number(/(\d+) older/.exec(rotated.stdout)[1]);
  assert.ok(count > 40, rotated.stdout);
  const seen = await call('GET', `/applications/${application.id}`);
  assert.equal(seen.json.applicant.last_name, 'Zonderlingnaam');
  const later = await accepted(await quote());
  assert.equal((await call('GET', `/applications/${later.id}`)).json.applicant.last_name, 'Zonderlingnaam');
  for (const word of words) assert.equal(holds(word), '', word);
  assert.ok(!server.log().includes('Zonderling'));
  assert.equal(run('encryption-key', 'turn', '--data', installation.folder).status, 2);
});

test('without its key file nothing is served; with a wrong one nothing is made up', async () => {
  const application = await accepted(await quote());
  const file = join(installation.folder, 'encryption_keys');
  const whole = readFileSync(file, 'utf8');
  await server.stop();
  try {
    rmSync(file);
    const missing = run('serve', '--data', installation.folder, '--listen', '127.0.0.1:0');
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /encryption_keys.*missing/);
    writeFileSync(file, whole.replace(/^key .*$/gm, ''), { mode: 0o600 });
    assert.equal(run('serve', '--data', installation.folder, '--listen', '127.0.0.1:0').status, 1);
    writeFileSync(file, whole.replace(/^(key \w+ )(..)/gm, (_, head, two) => head + (two === '00' ? '11' : '00')), { mode: 0o600 });
    server = await serve(installation);
    const wrong = await call('GET', `/applications/${application.id}`);
    assert.equal(wrong.status, 500);
    assert.ok(!wrong.text.includes('encrypt'));
    await server.stop();
  } finally {
    writeFileSync(file, whole, { mode: 0o600 });
    server = await serve(installation);
  }
  assert.equal((await call('GET', `/applications/${application.id}`)).status, 200);
});
