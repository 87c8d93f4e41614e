// Leads: brought in by systems, websites and the organisation; offered by rule, accepted, declined to
// the next, worked on to their end; lists, history, duplicates; who sees what; and that the store
// holds nothing readable of who they are.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loggedIn, organisationUser, partnerUser } from './people.mjs';
import { exampleAnswers, install, onPostgresql, query, request, run, serve } from './support.mjs';

const OFFER_WAIT_MS = 20_000;
const agent = new https.Agent({ keepAlive: true, maxSockets: 16 });
let installation;
let server;
const keys = {};
const partners = {};
before(async () => {
  installation = install();
  server = await serve(installation);
  const { partners: firms } = installation.demo;
  for (const firm of firms) partners[firm.id] = firm;
  [keys.partner, keys.website, keys.origin] = [firms[0].secret_key, firms[0].publishable_key, firms[0].origin];
  keys.child = firms[1].secret_key;
  keys.rival = firms.at(-1).secret_key;
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'leads', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  keys.organisation = made.stdout.trim();
  const trial = run('key', 'create', '--data', installation.folder, '--partner', firms[0].id, '--kind', 'secret', '--mode', 'test');
  keys.trial = trial.stdout.trim();
});
after(async () => {
  agent.destroy();
  await server?.stop();
  installation.remove();
});

const call = (method, path, { key = keys.partner, body, headers = {} } = {}) =>
  request(server, method, `/api/v1${path}`, { key, body, headers: { 'Accept-Language': 'en', ...headers }, agent });
let people = 0;
const person = (more = {}) => {
  people += 1;
  return { name: `Verborgen Zegswijze ${people}`, email: `zegswijze.${people}.${process.pid}@example.nl`, postcode: '3511 AB', city: 'Utrecht', ...more };
};
const create = async (key, body = {}) => {
  const made = await call('POST', '/leads', { key, body: { contact: person(), product: 'auto', ...body } });
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const see = async (id, key = keys.organisation) => {
  const seen = await call('GET', `/leads/${id}`, { key });
  assert.equal(seen.status, 200, seen.text);
  return seen.json;
};
const step = (lead, path, key, body = {}) =>
  call('POST', `/leads/${lead.id}/${path}`, { key, body, headers: { 'If-Match': `"r${lead.revision}"` } });
const good = async (lead, path, key, body = {}) => {
  const done = await step(lead, path, key, body);
  assert.equal(done.status, 200, done.text);
  return done.json;
};
const refused = async (lead, path, key, body, status, code) => {
  const answer = await step(lead, path, key, body);
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json.code, code);
  return answer.json;
};
const until = async (id, wanted) => {
  const end = Date.now() + OFFER_WAIT_MS;
  for (;;) {
    const lead = await see(id);
    if (wanted(lead)) return lead;
    assert.ok(Date.now() < end, `lead ${id} is ${lead.status} of ${lead.partner_name}`);
    await new Promise((done) => setTimeout(done, 100));
  }
};
const offered = (id, before = '') => until(id, (lead) => lead.status === 'offered' && lead.partner_id !== before);
const keyOf = (lead) => partners[lead.partner_id].secret_key;

test('the organisation brings in a lead: offered by rule, declined to the next, won there', async () => {
  const made = await create(keys.organisation, { message: 'Bel mij na vijven', answers: { fuel: 'petrol' }, source_detail: 'voorjaar' });
  assert.equal(made.status, 'new');
  const first = await offered(made.id);
  assert.match(first.why, /offices were looked at/);
  assert.match(first.why, /was drawn, with/);
  assert.equal(first.assignment.partner, first.partner_id);
  // What is offered tells what and roughly where, not who.
  const hidden = await see(made.id, keyOf(first));
  assert.equal(hidden.postcode_area, '3511');
  for (const name of ['name', 'city', 'contact', 'message', 'answers']) assert.equal(hidden[name], null, name);
  assert.deepEqual(hidden.steps, ['accept', 'decline', 'assign', 'mark_spam']);
  await refused(first, 'winning', keyOf(first), {}, 409, 'wrong_state');
  await refused(first, 'acceptance', keys.organisation, {}, 403, 'step_not_allowed');
  const wrong = await refused(first, 'declining', keyOf(first), { reason: 'mood' }, 422, 'invalid_fields');
  assert.deepEqual(wrong.errors.map((error) => error.pointer).sort(), ['/contacted', '/reason']);
  const declined = await good(first, 'declining', keyOf(first), { reason: 'no_capacity', contacted: false, note: 'vakantie' });
  assert.equal(declined.status, 'declined');
  assert.equal((await call('GET', `/leads/${made.id}`, { key: keyOf(first) })).status, 404);
  const second = await offered(made.id, first.partner_id);
  const accepted = await good(second, 'acceptance', keyOf(second));
  assert.equal(accepted.status, 'accepted');
  assert.match(accepted.name, /^Verborgen/);
  const whole = await see(made.id, keyOf(second));
  assert.equal(whole.message, 'Bel mij na vijven');
  assert.deepEqual(whole.answers, { fuel: 'petrol' });
  assert.equal(whole.offers.length, 1, 'another office is none of its business');
  const tried = await good(accepted, 'contact', keyOf(second), { channel: 'telephone', reached: false, next_step: 'Opnieuw bellen', next_on: '2026-11-30' });
  assert.deepEqual([tried.status, tried.attempts, tried.next_on], ['accepted', 1, '2026-11-30']);
  const reached = await good(tried, 'contact', keyOf(second), { channel: 'telephone', reached: true, next_step: '' });
  assert.deepEqual([reached.status, reached.attempts, reached.next_step], ['contacted', 2, null]);
  const won = await good(reached, 'winning', keyOf(second));
  assert.deepEqual([won.status, won.open], ['won', false]);
  const seen = await see(made.id);
  assert.deepEqual(seen.offers.map((offer) => offer.outcome), ['declined', 'accepted']);
  assert.deepEqual([seen.offers[0].reason, seen.offers[0].contacted], ['no_capacity', false]);
  const events = (await call('GET', `/leads/${made.id}/events`, { key: keys.organisation })).json.items;
  assert.deepEqual(events.map((event) => event.step), ['create', 'offer', 'decline', 'offer', 'accept', 'try', 'contact', 'win']);
  assert.deepEqual(events.map((event) => event.revision), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(events[5].detail.channel, 'telephone');
  const own = (await call('GET', `/leads/${made.id}/events`, { key: keyOf(second) })).json.items;
  assert.deepEqual(own.map((event) => event.step), ['offer', 'accept', 'try', 'contact', 'win']);
  assert.ok(!JSON.stringify(own).includes(first.partner_id));
  const reopened = await good(won, 'reopening', keyOf(second));
  const lost = await good(reopened, 'losing', keyOf(second), { reason: 'price' });
  assert.deepEqual([lost.status, lost.reason], ['lost', 'price']);
});

test('nobody sells the product: the organisation has it back at once, with the reason', async () => {
  const before = query(installation, "select count(*) from agreement where product is null");
  query(installation, "update agreement set to_date = '2020-01-01' where product is null or product = 'reis'");
  const made = await create(keys.organisation, { product: 'reis' });
  const lead = await until(made.id, (one) => one.why !== null);
  query(installation, 'update agreement set to_date = null');
  assert.ok(Number(before) > 0);
  assert.deepEqual([lead.status, lead.partner_id, lead.waiting], ['new', null, false]);
  assert.match(lead.why, /Nobody is left\.$/);
  assert.equal(lead.assignment.rules.at(-1).rule, 'product');
  const by = Object.keys(partners)[2];
  const given = await good(lead, 'assignment', keys.organisation, { to: 'office', partner_id: by, offer_hours: 4 });
  assert.deepEqual([given.status, given.partner_id], ['offered', by]);
  assert.match((await see(made.id)).why, /Chosen by somebody/);
  const back = await good(given, 'assignment', keys.organisation, { to: 'pool' });
  assert.deepEqual([back.status, back.partner_id, back.waiting], ['new', null, false]);
  assert.deepEqual((await see(made.id)).offers.map((offer) => offer.outcome), ['withdrawn']);
  await refused(back, 'assignment', keys.organisation, { to: 'office', partner_id: 'ptr_nobody' }, 422, 'invalid_fields');
  const spam = await good(back, 'declining', keys.organisation, { reason: 'spam', contacted: false });
  assert.equal(spam.status, 'spam');
  assert.equal((await good(spam, 'reopening', keys.organisation)).status, 'new');
});

test('an office that says nothing loses the lead to the next by itself', async () => {
  const made = await create(keys.organisation);
  const first = await offered(made.id);
  query(installation, `update lead set due_us = 1 where id = '${made.id}'`);
  const second = await offered(made.id, first.partner_id);
  assert.deepEqual((await see(made.id)).offers.map((offer) => offer.outcome), ['lapsed', 'open']);
  await refused(first, 'acceptance', keyOf(second), {}, 412, 'precondition_failed');
});

test("a website brings in its visitor's wish, with consent, and reads nothing back", async () => {
  const website = (body, more = {}) => call('POST', '/leads', { key: keys.website, body, headers: { Origin: keys.origin, ...more } });
  const consent = { text: 'Bel mij maar', version: '3', source: 'https://www.example.nl/' };
  const without = await website({ contact: person() });
  assert.equal(without.status, 422);
  assert.deepEqual(without.json.errors.map((error) => error.pointer), ['/consent']);
  const key = randomUUID();
  const body = { contact: person(), consent, product: 'auto' };
  const made = await website(body, { 'Idempotency-Key': key });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(Object.keys(made.json).sort(), ['created_at', 'id', 'revision', 'status', 'test']);
  assert.equal((await website(body, { 'Idempotency-Key': key })).json.id, made.json.id);
  for (const [method, path] of [['GET', `/leads/${made.json.id}`], ['GET', '/leads'], ['GET', '/leads/count']]) {
    const read = await call(method, path, { key: keys.website, headers: { Origin: keys.origin } });
    assert.equal(read.status, 403, `${method} ${path}`);
  }
  const lead = await see(made.json.id, keys.partner);
  assert.deepEqual([lead.status, lead.source, lead.consent.text, lead.consent.version], ['accepted', 'widget', 'Bel mij maar', '3']);
  // It asked this office, and goes to no other.
  await refused(lead, 'declining', keys.partner, { reason: 'too_far', contacted: false }, 409, 'own_lead');
});

test('what is wrong with a lead is told at once, at the field', async () => {
  const wrong = async (body, ...pointers) => {
    const answer = await call('POST', '/leads', { body });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(answer.json.errors.map((error) => error.pointer).sort(), pointers.sort());
  };
  await wrong({}, '/contact');
  await wrong({ contact: { name: 'A' } }, '/contact/email');
  await wrong({ contact: { name: '', email: 'no' }, kind: 'robot', language: 'de' }, '/contact/name', '/contact/email', '/kind', '/language');
  await wrong({ contact: person(), product: 'spaceship' }, '/product');
  await wrong({ contact: person(), quote_id: 'qte_00000000000000000000000000' }, '/quote_id');
  await wrong({ contact: person(), user_id: 'usr_00000000000000000000000000' }, '/user_id');
  await wrong({ contact: person(), next_on: 'tomorrow' }, '/next_on');
  await wrong({ contact: person(), consent: { text: 'ja', given_at: '2999-01-01T00:00:00Z' } }, '/consent/given_at');
});

test('what is known of a lead is changed, and a quote is linked to it', async () => {
  const made = await create(keys.partner);
  const patch = (lead, body, tag = `"r${lead.revision}"`) => call('PATCH', `/leads/${lead.id}`, { body, headers: { 'If-Match': tag } });
  assert.equal((await call('PATCH', `/leads/${made.id}`, { body: { language: 'en' } })).status, 428);
  const contact = person({ telephone: '06-12345678' });
  const changed = await patch(made, { language: 'en', contact, next_step: 'Offerte maken', next_on: '2026-12-01' });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual([changed.json.name, changed.json.language, changed.json.next_step], [contact.name, 'en', 'Offerte maken']);
  assert.equal((await patch(made, { language: 'nl' })).status, 412);
  const quote = await call('POST', '/quotes', { body: { product: 'auto', answers: await exampleAnswers(server, keys.partner, 'auto') } });
  const quoted = await patch(changed.json, { quote_id: quote.json.id });
  assert.equal(quoted.status, 200, quoted.text);
  assert.deepEqual([quoted.json.status, quoted.json.quote_id], ['quoted', quote.json.id]);
  const strange = await call('POST', '/quotes', { key: keys.rival, body: { product: 'auto', answers: await exampleAnswers(server, keys.rival, 'auto') } });
  assert.equal((await patch(quoted.json, { quote_id: strange.json.id })).status, 422);
});

test('the same person is found again, and merged with both histories kept', async () => {
  const contact = person({ telephone: '+31 6 87654321' });
  const first = await create(keys.partner, { contact });
  const second = await create(keys.partner, { contact: person({ telephone: '06-87654321' }), product: 'reis' });
  await create(keys.rival, { contact });
  const seen = await see(first.id, keys.partner);
  assert.deepEqual(seen.duplicates.map((one) => one.id), [second.id], 'another office has its own');
  for (const [named, value] of [['email', contact.email.toUpperCase()], ['telephone', '0031 687654321']]) {
    const found = await call('POST', '/leads/search', { body: { [named]: value } });
    assert.ok(found.json.items.some((one) => one.id === first.id), named);
  }
  await refused(second, 'merging', keys.partner, { into: second.id }, 422, 'invalid_fields');
  const stays = await good(second, 'merging', keys.partner, { into: first.id });
  assert.equal(stays.id, first.id);
  const gone = await see(second.id, keys.partner);
  assert.deepEqual([gone.status, gone.reason, gone.merged_into_id, gone.steps], ['lost', 'duplicate', first.id, []]);
  const events = (await call('GET', `/leads/${first.id}/events`)).json.items;
  assert.deepEqual(events.map((event) => `${event.lead_id === first.id ? 1 : 2} ${event.step}`), ['1 create', '2 create', '1 absorb', '2 merge']);
  await refused(gone, 'reopening', keys.partner, {}, 409, 'wrong_state');
});

test('lists: pages, filters, orders, counts', async () => {
  for (const next_on of ['2026-12-03', '2026-12-01', '2026-12-02', '2026-12-01']) await create(keys.child, { next_step: 'bellen', next_on });
  const page = async (search) => {
    const answer = await call('GET', `/leads?${search}`, { key: keys.child });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  for (const sort of ['newest', 'oldest', 'next']) {
    const all = [];
    let cursor = '';
    do {
      const { items, next } = await page(`sort=${sort}&limit=1${cursor}`);
      all.push(...items);
      cursor = next ? `&cursor=${next}` : '';
    } while (cursor);
    assert.equal(new Set(all.map((one) => one.id)).size, all.length);
    assert.ok(all.length >= 4);
    const places = all.map((one) => (sort === 'next' ? one.next_on + one.id : one.id));
    const sorted = [...places].sort();
    assert.deepEqual(places, sort === 'newest' ? sorted.reverse() : sorted);
  }
  assert.equal((await page('due_by=2026-12-01&sort=next&source=service')).items.length, 2);
  const count = (await call('GET', '/leads/count?source=service&open=true', { key: keys.child })).json;
  assert.deepEqual(count, { count: (await page('source=service&open=true&limit=100')).items.length, more: false });
  for (const search of ['sort=best', 'status=lapsed', 'cursor=no', 'sort=next&cursor=led_00000000000000000000000000', 'limit=0'])
    assert.equal((await call('GET', `/leads?${search}`, { key: keys.child })).status, 422, search);
});

test('the rules are the organisation\'s, replaced as a whole', async () => {
  const rules = (method, { key = keys.organisation, body, tag } = {}) =>
    call(method, '/lead-rules', { key, body, headers: tag ? { 'If-Match': tag } : {} });
  assert.equal((await rules('GET', { key: keys.partner })).status, 403);
  const first = await rules('GET');
  assert.equal(first.status, 200, first.text);
  assert.deepEqual([first.json.revision, first.json.offer_hours, first.json.rules.length], [0, 8, 9]);
  assert.deepEqual(first.json.rules.at(-1), { rule: 'grade', required: true, weights: [4, 3, 2, 1, 1] });
  const { rules: list } = first.json;
  const put = (body, tag = '"r0"') => rules('PUT', { body: { offer_hours: 16, rules: list, ...body }, tag });
  assert.equal((await rules('PUT', { body: { offer_hours: 16, rules: list } })).status, 428);
  for (const wrong of [[...list, list[0]], list.slice(1), list.map((one) => ({ ...one, required: false })), [],
    list.map((one) => (one.rule === 'grade' ? { ...one, weights: [0, 0, 0, 0, 0] } : one)), list.map(({ value, ...one }) => one)]) {
    const answer = await put({ rules: wrong });
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.json.errors[0].pointer, '/rules');
  }
  const kept = await put({ rules: list.filter((one) => one.rule !== 'load') });
  assert.equal(kept.status, 200, kept.text);
  assert.deepEqual([kept.json.revision, kept.json.rules.length], [1, 8]);
  assert.equal((await put({})).status, 412);
  assert.deepEqual((await rules('GET')).json, kept.json);
  const made = await create(keys.organisation);
  const lead = await offered(made.id);
  assert.equal(lead.assignment.rules_revision, 1);
  assert.ok(new Date(lead.offer_until) - new Date(lead.offered_at) > 16 * 3_600_000);
});

test('a step for many at once: each with its own answer', async () => {
  const batch = (key, body) => call('POST', '/leads/batch', { key, body });
  const mine = [await create(keys.partner), await create(keys.partner)];
  const strange = await create(keys.rival);
  const ids = [...mine, strange].map((one) => one.id);
  const planned = await batch(keys.partner, { step: 'plan', ids, next_step: 'Nieuwjaar wensen', next_on: '2027-01-04' });
  assert.equal(planned.status, 200, planned.text);
  assert.deepEqual(planned.json.items.map((one) => [one.done, one.code]), [[true, null], [true, null], [false, 'not_found']]);
  assert.equal(planned.json.done, 2);
  assert.equal((await see(mine[0].id, keys.partner)).next_on, '2027-01-04');
  const lost = await batch(keys.partner, { step: 'lose', ids: [mine[0].id], reason: 'no_need' });
  assert.deepEqual(lost.json.items, [{ id: mine[0].id, done: true, code: null, revision: 3, status: 'lost' }]);
  const again = await batch(keys.partner, { step: 'lose', ids: ids.slice(0, 2), reason: 'no_need' });
  assert.deepEqual(again.json.items.map((one) => one.code), ['wrong_state', null]);
  for (const body of [{ step: 'lose', ids }, { step: 'assign', ids }, { step: 'plan', ids: [] }, { step: 'plan', ids: [ids[0], ids[0]] }])
    assert.equal((await batch(keys.partner, body)).status, 422, JSON.stringify(body));
  assert.equal((await batch(keys.partner, { step: 'rules', ids })).status, 403);
  const pooled = await Promise.all([1, 2, 3].map(() => create(keys.organisation, { assign: false })));
  const sent = await batch(keys.organisation, { step: 'rules', ids: pooled.map((one) => one.id) });
  assert.equal(sent.json.done, 3, sent.text);
  for (const one of pooled) await offered(one.id);
  const back = await batch(keys.organisation, { step: 'pool', ids: pooled.map((one) => one.id) });
  assert.equal(back.json.done, 3, back.text);
  assert.deepEqual((await see(pooled[0].id)).offers.map((one) => one.outcome), ['withdrawn']);
});

test('people of an office share its leads: assigned to a colleague, by whoever may', async () => {
  const { demo } = installation;
  const at = 0;
  const adviser = await loggedIn(server, partnerUser(demo, at, 'adviser'));
  const assistant = await loggedIn(server, partnerUser(demo, at, 'assistant'));
  const me = (await adviser.call('GET', '/session')).json.user;
  const colleague = (await assistant.call('GET', '/session')).json.user;
  const made = await adviser.call('POST', '/leads', { contact: person(), product: 'auto' });
  assert.equal(made.status, 201, made.text);
  const seen = (await adviser.call('GET', `/leads/${made.json.id}`)).json;
  assert.deepEqual([seen.status, seen.source, seen.user_id, seen.user_name], ['accepted', 'partner', me.id, me.name]);
  const tag = { 'If-Match': '"r1"' };
  const not = await assistant.call('POST', `/leads/${made.json.id}/winning`, {}, tag);
  assert.deepEqual([not.status, not.json.code], [403, 'role_not_allowed']);
  const strange = (await (await loggedIn(server, partnerUser(demo, 1, 'adviser'))).call('GET', '/session')).json.user;
  assert.equal((await adviser.call('POST', `/leads/${made.json.id}/assignment`, { to: 'person', user_id: strange.id }, tag)).status, 422);
  const given = await adviser.call('POST', `/leads/${made.json.id}/assignment`, { to: 'person', user_id: colleague.id }, tag);
  assert.equal(given.status, 200, given.text);
  assert.equal(given.json.user_name, colleague.name);
  assert.ok((await assistant.call('GET', '/leads?mine=true')).json.items.some((one) => one.id === made.json.id));
  assert.ok(!(await adviser.call('GET', '/leads?mine=true')).json.items.some((one) => one.id === made.json.id));
  const events = (await adviser.call('GET', `/leads/${made.json.id}/events`)).json.items;
  assert.deepEqual(events.map((event) => [event.step, event.user_name]), [['create', me.name], ['assign', me.name]]);
});

test('a person is told what is known of them, and is forgotten', async () => {
  const admin = await loggedIn(server, organisationUser(installation.demo, 'administrator'));
  const contact = person({ telephone: '+31 6 11223344' });
  const made = await create(keys.organisation, { contact, message: 'Vergeet mij' });
  const lead = await offered(made.id);
  const analyst = await loggedIn(server, organisationUser(installation.demo, 'analyst'));
  assert.equal((await analyst.call('POST', '/person-data/export', { email: contact.email })).status, 403);
  assert.equal((await call('POST', '/person-data/export', { key: keys.organisation, body: { email: contact.email } })).status, 403);
  assert.equal((await admin.call('POST', '/person-data/export', {})).status, 422);
  const told = await admin.call('POST', '/person-data/export', { email: contact.email.toUpperCase() });
  assert.equal(told.status, 200, told.text);
  assert.equal(told.json.leads[0].person.message, 'Vergeet mij');
  const erased = await admin.call('POST', '/person-data/erasure', { telephone: '06-11223344', note: 'verzoek 12' });
  assert.deepEqual(erased.json, { leads_erased: 1, applications_kept: 0 });
  const gone = await see(lead.id);
  assert.deepEqual([gone.status, gone.reason, gone.name, gone.contact, gone.message], ['lost', 'erased', null, null, null]);
  assert.ok(gone.erased_at);
  assert.deepEqual((await admin.call('POST', '/person-data/export', { email: contact.email })).json, { leads: [], applications: [] });
  const events = (await call('GET', `/leads/${lead.id}/events`, { key: keys.organisation })).json.items;
  assert.deepEqual([events.at(-1).step, events.at(-1).note], ['erase', 'verzoek 12']);
  const command = run('person', 'export', '--data', installation.folder, '--email', contact.email);
  assert.deepEqual(JSON.parse(command.stdout), { leads: [], applications: [] });
  assert.equal(run('person', 'erase', '--data', installation.folder).status, 1);
  assert.equal(run('person', 'forget', '--data', installation.folder).status, 2);
});

test('figures: answer times and outcomes of a period, by office, product and source', async () => {
  const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const ask = async (search, key = keys.organisation) => (await call('GET', `/lead-figures?${search}`, { key })).json;
  for (const by of ['partner', 'product', 'source']) {
    const { total, items } = await ask(`by=${by}&from=${day(-300)}&until=${day(1)}`);
    assert.equal(total.received, Number(query(installation, 'select count(*) from lead where test = 0 and merged_into_id is null')));
    assert.equal(total.received, total.won + total.lost + total.spam + total.open);
    for (const name of ['received', 'won', 'open', ...(by === 'source' ? [] : ['offered', 'accepted', 'lapsed'])])
      assert.equal(items.reduce((sum, one) => sum + one[name], 0), total[name], `${by} ${name}`);
    assert.equal(total.offered, Number(query(installation, 'select count(*) from lead_offer where test = 0')));
    const minutes = query(installation, "select answer_us / 60000000 from lead_offer where test = 0 and outcome in ('accepted', 'declined') order by 1")
      .split('\n').map(Number);
    assert.equal(total.answer_median_minutes, minutes[Math.ceil(minutes.length * 0.5) - 1]);
    assert.equal(total.answer_p90_minutes, minutes[Math.ceil(minutes.length * 0.9) - 1]);
  }
  const none = await ask('from=2020-01-01&until=2020-01-31');
  assert.deepEqual([none.total.received, none.total.answer_median_minutes, none.items], [0, null, []]);
  for (const search of ['from=2026-02-01&until=2026-01-01', 'from=2020-01-01&until=2026-01-01', 'by=mood'])
    assert.equal((await call('GET', `/lead-figures?${search}`, { key: keys.organisation })).status, 422, search);
  const adviser = await loggedIn(server, partnerUser(installation.demo, 2, 'adviser'));
  const own = (await adviser.call('GET', '/lead-figures')).json;
  assert.deepEqual(own.items.map((one) => one.key), [installation.demo.partners[2].id]);
});

test("another's lead does not exist; a test key's leads are apart", async () => {
  const made = await create(keys.partner);
  for (const key of [keys.rival, keys.child, keys.trial]) {
    for (const [method, path, body] of [['GET', ''], ['GET', '/events'], ['PATCH', '', {}], ['POST', '/acceptance', {}],
      ['POST', '/winning', {}], ['POST', '/losing', { reason: 'price' }], ['POST', '/assignment', { to: 'person', user_id: 'usr_x' }],
      ['POST', '/contact', { channel: 'email', reached: true }], ['POST', '/merging', { into: made.id }], ['POST', '/reopening', {}]]) {
      const answer = await call(method, `/leads/${made.id}${path}`, { key, body, headers: { 'If-Match': '"r1"' } });
      assert.equal(answer.status, 404, `${method} ${path} ${answer.text}`);
    }
    const list = (await call('GET', '/leads?limit=100', { key })).json.items;
    assert.ok(!list.some((one) => one.id === made.id));
  }
  const trial = await create(keys.trial);
  assert.equal(trial.test, true);
  assert.equal((await call('GET', `/leads/${trial.id}`)).status, 404);
});

test('the store holds nothing readable of who they are', { skip: onPostgresql && 'looks into the file' }, async () => {
  await create(keys.partner, { message: 'Geheime Zegswijze' });
  query(installation, 'pragma wal_checkpoint(truncate)');
  const bytes = readFileSync(join(installation.folder, 'koppel.db'));
  for (const text of ['Zegswijze', 'zegswijze.1']) assert.ok(!bytes.includes(text), text);
});
