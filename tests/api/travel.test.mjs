// Travel insurance over the service: a family as a list of records, covers that are partly taxed,
// and a partner that may not sell it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cents, exampleAnswers, install, request, serve } from './support.mjs';

let installation;
let server;
let partners;
let family;
before(async () => {
  installation = install();
  server = await serve(installation);
  partners = installation.demo.partners;
  family = await exampleAnswers(server, partners[0].secret_key, 'reis');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const estimate = (answers, options = {}) =>
  request(server, 'POST', '/api/v1/estimates', {
    key: partners[0].secret_key, body: { product: 'reis', answers }, ...options });
const changed = (change) => {
  const answers = structuredClone(family);
  change(answers);
  return answers;
};

test('every example that the product publishes is offered a premium that sums', async () => {
  const described = await request(server, 'GET', '/api/v1/products/reis', { key: partners[0].secret_key });
  assert.ok(described.json.examples.length >= 3);
  for (const example of described.json.examples) {
    const { json } = await estimate(example);
    assert.equal(json.status, 'offered');
    for (const part of ['net', 'tax', 'total']) {
      const sum = json.premium.covers.reduce((all, cover) => all + cents(cover[part]), 0n);
      assert.equal(sum, cents(json.premium[part]), part);
    }
  }
});

test('tax follows the taxed share of each cover, not the whole premium', async () => {
  const { json } = await estimate(family);
  const shares = { extraordinary_costs: 600n, medical_expenses: 0n, luggage: 1000n,
    winter_sports: 425n, cancellation: 1000n, accidents: 0n };
  assert.deepEqual(json.premium.covers.map((cover) => cover.code), Object.keys(shares));
  for (const cover of json.premium.covers) {
    const exact = cents(cover.net) * shares[cover.code] * 21n; // in thousandths of a percent
    assert.equal(cents(cover.tax), (exact + 50_000n) / 100_000n, cover.code);
  }
});

test('the schema of the product tells what a traveller is asked', async () => {
  const { json } = await request(server, 'GET', '/api/v1/products/reis', {
    key: partners[0].secret_key, headers: { 'Accept-Language': 'en' } });
  const { travellers } = json.properties;
  assert.equal(travellers.type, 'array');
  assert.equal(travellers.maxItems, 10);
  assert.equal(travellers.title, 'Whom do you want to insure?');
  assert.deepEqual(Object.keys(travellers.items.properties), ['relation', 'birth_date', 'child_residence']);
});

test('a wrong answer of one traveller is pointed at by its place in the list', async () => {
  const cases = [
    [(answers) => { answers.travellers[2].birth_date = '2015-02-30'; }, '/answers/travellers/2/birth_date'],
    [(answers) => { answers.travellers[1].relation = 'neighbour'; }, '/answers/travellers/1/relation'],
    [(answers) => { delete answers.travellers[3].child_residence; }, '/answers/travellers/3/child_residence'],
    [(answers) => { answers.travellers[0].child_residence = 'at_home'; }, '/answers/travellers/0/child_residence'],
    [(answers) => { answers.travellers[0].name = 'Anna'; }, '/answers/travellers/0/name'],
    [(answers) => { answers.travellers[1] = 'partner'; }, '/answers/travellers/1'],
    [(answers) => { answers.travellers = []; }, '/answers/travellers'],
    [(answers) => { answers.travellers = Array(11).fill(answers.travellers[0]); }, '/answers/travellers'],
    [(answers) => { answers.travellers = {}; }, '/answers/travellers'],
    [(answers) => { answers.days_abroad = 0; }, '/answers/days_abroad'],
    [(answers) => { answers.luggage = false; }, '/answers/luggage_sum'],
  ];
  for (const [change, pointer] of cases) {
    const answer = await estimate(changed(change));
    assert.equal(answer.status, 422, pointer);
    assert.ok(answer.json.errors.some((fault) => fault.pointer === pointer),
      `${pointer}: ${JSON.stringify(answer.json.errors)}`);
  }
});

test('who is in the family decides, with reasons in the language asked for', async () => {
  const declined = await estimate(changed((answers) => { answers.travellers.shift(); }),
    { headers: { 'Accept-Language': 'en' } });
  assert.equal(declined.json.status, 'declined');
  assert.equal(declined.json.premium, null);
  assert.deepEqual(declined.json.reasons.map((reason) => reason.code), ['one_policyholder']);
  assert.match(declined.json.reasons[0].text, /^Exactly one of the travellers/);
  const referred = await estimate(changed((answers) => { answers.travellers[1].birth_date = '1944-05-05'; }));
  assert.equal(referred.json.status, 'referred');
  assert.deepEqual(referred.json.reasons.map((reason) => reason.code), ['age_high']);
  assert.ok(cents(referred.json.premium.total) > cents((await estimate(family)).json.premium.total));
});

test('an explanation shows the weight of each traveller and each taxed share', async () => {
  const { json } = await request(server, 'POST', '/api/v1/quotes', {
    key: partners[0].secret_key, body: { product: 'reis', answers: family } });
  const explained = await request(server, 'GET', `/api/v1/quotes/${json.id}/explanation`, {
    key: partners[0].secret_key });
  assert.equal(explained.status, 200, explained.text);
  const weights = explained.json.decisions.find((decision) => decision.name === 'Traveller weights');
  assert.deepEqual(weights.value.map(Number), [1, 1, 0.45, 0.45]);
  assert.equal(weights.tables.length, 4);
  assert.match(explained.text, /belast is 42,5% van de nettopremie/);
});

test('a partner whose agreement names car insurance alone may not sell it', async () => {
  const key = partners[2].secret_key;
  const refused = await request(server, 'POST', '/api/v1/quotes', { key, body: { product: 'reis', answers: family } });
  assert.equal(refused.status, 403, refused.text);
  assert.equal(refused.json.code, 'product_not_allowed');
  const listed = await request(server, 'GET', '/api/v1/products', { key });
  assert.deepEqual(listed.json.items.map((item) => [item.product, item.allowed, item.reason]),
    [['auto', true, null], ['reis', false, 'no_agreement']]);
});
