// Why a quote came out as it did, why not otherwise, and what another answer would change; for
// quotes and for estimates, in both languages.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cents, exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let answers;
let partner;
before(async () => {
  installation = install();
  server = await serve(installation);
  [partner] = installation.demo.partners;
  answers = await exampleAnswers(server, partner.secret_key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const ask = (method, path, options = {}) => request(server, method, `/api/v1${path}`, { key: partner.secret_key, ...options });
const explainEstimate = (changed = {}, { language = 'nl', product = 'auto', base = answers, ...more } = {}) =>
  ask('POST', '/estimates/explanation', {
    headers: { 'Accept-Language': language }, body: { product, answers: { ...base, ...changed }, ...more } });

// The table that a decision used.
const tableOf = (explanation, decision) =>
  explanation.decisions.find((item) => item.name === decision).tables[0];

// A person who is referred: 22 years old and with claims.
const young = () => ({ birth_date: `${new Date().getUTCFullYear() - 22}-01-01`, claim_free_years: -2 });

test('a quote tells for each table which rows did not match, nearest first, as data and in words', async () => {
  const made = await ask('POST', '/quotes', { body: { product: 'auto', answers } });
  assert.equal(made.status, 201, made.text);
  const told = await ask('GET', `/quotes/${made.json.id}/explanation`);
  assert.equal(told.status, 200, told.text);
  assert.equal(told.json.reproduced, true);
  assert.equal(told.json.complete, true);
  const fuel = tableOf(told.json, 'Fuel factor');
  assert.deepEqual(fuel.rows.map((row) => row.row), [1]);
  assert.deepEqual(fuel.rows_not_matched.map((row) => row.row), [2, 3, 4, 5]);
  const [diesel] = fuel.rows_not_matched;
  assert.equal(diesel.rule_id, 'decision_fuel_factor_row_2');
  assert.equal(diesel.column, 'fuel');
  assert.equal(diesel.test, '"diesel"');
  assert.equal(diesel.value, 'petrol');
  assert.equal(diesel.text, 'Rij 2 geldt niet: brandstof is “Benzine”, gevraagd is “Diesel”.');
  const step = tableOf(told.json, 'Claim free step');
  assert.deepEqual(step.rows_not_matched.slice(0, 4).map((row) => row.row), [16, 18, 15, 19]);
  assert.equal(step.rows.length + step.rows_not_matched.length + step.rows_not_told, 31);
  for (const decision of told.json.decisions) {
    for (const table of decision.tables) {
      for (const row of table.rows_not_matched) {
        assert.ok(row.failed.length >= 1);
        assert.equal(row.failed[0].column, row.column);
        assert.match(row.text, /^Rij \d+ geldt niet: .*gevraagd is .*\.$/);
      }
    }
  }
});

test('a reason leads back to its row and to the answers that gave it', async () => {
  for (const [language, label] of [['nl', 'Wat is uw geboortedatum?'], ['en', 'What is your date of birth?']]) {
    const { json, status, text } = await explainEstimate(young(), { language });
    assert.equal(status, 200, text);
    assert.equal(json.status, 'referred');
    assert.equal(json.reasons.length, 1);
    const [reason] = json.reasons;
    assert.equal(reason.code, 'young_with_claims');
    assert.equal(reason.outcome, 'referred');
    assert.equal(reason.decision, 'Acceptance');
    assert.equal(reason.row, 4);
    assert.equal(reason.rule_id, 'decision_acceptance_row_4');
    assert.deepEqual(reason.answers.map((item) => item.question), ['birth_date', 'claim_free_years', 'other_driver']);
    assert.equal(reason.answers[0].label, label);
    assert.ok(reason.explanation.includes(label));
  }
});

test('every change that is told comes out so when it is asked for', async () => {
  const { json } = await explainEstimate(young());
  const changes = [...json.what_if.offered, ...json.what_if.cheaper];
  assert.ok(json.what_if.offered.length >= 2);
  assert.ok(json.what_if.cheaper.length >= 2);
  for (const change of changes) {
    const changed = { ...answers, ...young(), [change.question]: change.to };
    if (change.question === 'cover' && change.to === 'liability') delete changed.casco_excess;
    const estimate = await ask('POST', '/estimates', { body: { product: 'auto', answers: changed } });
    assert.equal(estimate.status, 200, estimate.text);
    assert.equal(estimate.json.status, change.outcome, change.text);
    assert.equal(estimate.json.premium.total, change.premium, change.text);
    assert.equal(cents(change.premium_change), cents(change.premium) - cents(json.premium.total));
  }
  const savings = json.what_if.cheaper.map((change) => -cents(change.premium_change));
  assert.ok(savings.every((saving) => saving > 0n));
  assert.deepEqual(savings, [...savings].sort((a, b) => (a < b ? 1 : -1)));
});

test('the nearest change is just inside the bound, and facts are told apart from choices', async () => {
  const { json } = await explainEstimate({ claim_free_years: -6 });
  assert.equal(json.status, 'declined');
  assert.equal(json.premium, null);
  const [change] = json.what_if.offered;
  assert.equal(change.question, 'claim_free_years');
  assert.equal(change.from, -6);
  assert.equal(change.to, -3);
  assert.equal(change.changeable, false);
  assert.equal(change.premium_change, null);
  assert.match(change.text, /ter informatie/);
  assert.deepEqual(json.what_if.cheaper, []);

  const taxi = await explainEstimate({ usage: 'taxi' }, { language: 'en' });
  assert.equal(taxi.json.status, 'declined');
  assert.equal(taxi.json.what_if.offered[0].question, 'usage');
  assert.equal(taxi.json.what_if.offered[0].to, 'business');
  assert.equal(taxi.json.what_if.offered[0].changeable, true);
  assert.match(taxi.json.what_if.offered[0].text, /^With “Business” instead of “Taxi/);

  // Of a fact that could be offered, it is not told as well what else would be referred.
  const child = await explainEstimate({ birth_date: `${new Date().getUTCFullYear() - 17}-01-01` });
  assert.equal(child.json.status, 'declined');
  assert.equal(child.json.what_if.offered[0].question, 'birth_date');
  assert.deepEqual(child.json.what_if.referred, []);

  const both = await explainEstimate({ usage: 'taxi', claim_free_years: -6 });
  assert.deepEqual(both.json.what_if.offered, []);
  assert.match(both.json.what_if.text, /Geen ander antwoord op één enkele vraag/);
});

test('advice to save names no fact, and what is no longer insured', async () => {
  const { json } = await explainEstimate();
  assert.equal(json.status, 'offered');
  const { properties } = (await ask('GET', '/products/auto')).json;
  assert.equal(properties.birth_date['x-changeable'], false);
  assert.equal(properties.cover['x-changeable'], undefined);
  assert.deepEqual(json.what_if.offered, []);
  assert.equal(json.what_if.complete, true);
  assert.ok(json.what_if.cheaper.length > 0 && json.what_if.cheaper.length <= 5);
  for (const change of json.what_if.cheaper) assert.equal(change.changeable, true, change.question);
  const cover = json.what_if.cheaper.find((change) => change.question === 'cover');
  assert.deepEqual(cover.covers_removed, ['full_casco']);
  assert.match(cover.text, /Niet meer verzekerd is dan: Volledig casco\./);
  assert.match(cover.text, /De vraag “Welk eigen risico .*” vervalt dan\./);
});

test('an estimate is explained as the quote is, and nothing is kept', async () => {
  const made = await ask('POST', '/quotes', { body: { product: 'auto', answers: { ...answers, ...young() } } });
  const quote = (await ask('GET', `/quotes/${made.json.id}/explanation`)).json;
  const estimate = (await explainEstimate(young())).json;
  for (const part of ['status', 'premium', 'reasons', 'decisions', 'knowledge', 'statement', 'answers']) {
    assert.deepEqual(estimate[part], quote[part], part);
  }
  assert.deepEqual(estimate.what_if, quote.what_if);
  assert.equal(estimate.quote, undefined);
  assert.equal(estimate.reproduced, undefined);
});

test('other answers are not tried when that is not wanted', async () => {
  const made = await ask('POST', '/quotes', { body: { product: 'auto', answers } });
  const without = await ask('GET', `/quotes/${made.json.id}/explanation?what_if=false`);
  assert.equal(without.status, 200, without.text);
  assert.equal(without.json.what_if, undefined);
  assert.equal((await explainEstimate({}, { what_if: false })).json.what_if, undefined);
  const wrong = await ask('GET', `/quotes/${made.json.id}/explanation?what_if=perhaps`);
  assert.equal(wrong.status, 422, wrong.text);
});

test('a wrong answer is refused as in any estimate, and a website may not ask', async () => {
  const wrong = await explainEstimate({ fuel: 'coal' });
  assert.equal(wrong.status, 422, wrong.text);
  assert.equal(wrong.json.errors[0].pointer, '/answers/fuel');
  const site = await ask('POST', '/estimates/explanation', {
    key: partner.publishable_key, headers: { Origin: partner.origin }, body: { product: 'auto', answers } });
  assert.equal(site.status, 403, site.text);
  const nobody = await ask('POST', '/estimates/explanation', { key: 'sk_live_none', body: { product: 'auto', answers } });
  assert.equal(nobody.status, 401, nobody.text);
});

test('answers inside a record are changed one at a time', async () => {
  const base = await exampleAnswers(server, partner.secret_key, 'reis');
  const travellers = base.travellers.map((item, at) => (at === 0 ? { ...item, birth_date: `${new Date().getUTCFullYear() - 82}-01-01` } : item));
  const { json, status, text } = await explainEstimate({ travellers }, { product: 'reis', base });
  assert.equal(status, 200, text);
  assert.equal(json.status, 'referred');
  assert.deepEqual(json.reasons.map((reason) => reason.code), ['age_high']);
  const change = json.what_if.offered.find((item) => item.pointer === '/travellers/0/birth_date');
  assert.ok(change, JSON.stringify(json.what_if.offered));
  assert.equal(change.changeable, false);
  const changed = travellers.map((item, at) => (at === 0 ? { ...item, birth_date: change.to } : item));
  const estimate = await ask('POST', '/estimates', { body: { product: 'reis', answers: { ...base, travellers: changed } } });
  assert.equal(estimate.json.status, 'offered');
  assert.equal(estimate.json.premium.total, change.premium);
});

// Dutch sentences hold no English of the model beyond its names and formulas, and the reverse.
test('each language reads in itself', async () => {
  for (const [product, base] of [['auto', answers], ['reis', await exampleAnswers(server, partner.secret_key, 'reis')]]) {
    const dutch = (await explainEstimate({}, { product, base })).json;
    const english = (await explainEstimate({}, { product, base, language: 'en' })).json;
    for (const decision of dutch.decisions) {
      assert.ok(decision.description, `${product} ${decision.name} is explained`);
      const other = english.decisions.find((item) => item.name === decision.name);
      assert.notEqual(decision.description, other.description, decision.name);
      assert.notEqual(decision.text, other.text, decision.name);
      for (const table of decision.tables) for (const row of table.rows) assert.doesNotMatch(row.asks ?? '', /\[\d|\.\.|null/);
    }
    const sentences = dutch.decisions.map((item) => item.text.replace(/de formule is .*?, waarbij/i, '')).join(' ');
    assert.doesNotMatch(sentences, /\b(the|and|with|years|when)\b/);
  }
});

test('the command line explains a product folder, in the words of the API', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    const file = join(folder, 'answers.json');
    const explain = (content, ...options) => {
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return run('product', 'explain', 'quote-engine/products/auto', '--answers', file, ...options);
    };
    for (const language of ['nl', 'en']) {
      const told = explain({ ...answers, ...young() }, '--lang', language);
      assert.equal(told.status, 0, told.stderr);
      const { json } = await explainEstimate(young(), { language });
      const sentences = [json.reasons[0].explanation, ...json.decisions.map((item) => item.text),
        ...json.statement.map((item) => item.text), ...json.what_if.offered.map((item) => item.text),
        ...tableOf(json, 'Fuel factor').rows_not_matched.map((item) => item.text)];
      for (const sentence of sentences) assert.ok(told.stdout.includes(sentence), sentence);
    }
    const example = run('product', 'explain', 'quote-engine/products/reis');
    assert.equal(example.status, 0, example.stderr);
    assert.match(example.stdout, /^Aangeboden\n/);
    const wrong = explain({ ...answers, fuel: 'coal' });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /\/answers\/fuel: /);
    assert.equal(explain('{').status, 1);
    assert.equal(explain(answers, '--lang', 'fr').status, 2);
    assert.equal(explain(answers, '--date', '2026-02-30').status, 2);
    // What would be offered and is cheaper as well is one line.
    const dear = explain({ ...answers, cover: 'full_casco', casco_excess: 'excess_150',
      catalogue_value: '80000.00', alarm_class: 'none' });
    const told = dear.stdout.split('\n').filter((line) => line.startsWith('  - '));
    assert.ok(told.length >= 4, dear.stdout + dear.stderr);
    assert.equal(new Set(told).size, told.length, dear.stdout);
    assert.equal(run('product', 'explain').status, 2);
    assert.equal(run('product', 'explain', folder).status, 1);
    assert.equal(run('product', 'explain', '--help').status, 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

// Last, for it changes what is sold: a product whose list holds up to 1,000 records.
test('hundreds of records are explained, if need be without the rows that did not match', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    cpSync('tests/unit/quote-engine/products/what-if', folder, { recursive: true });
    const file = join(folder, 'product.xml');
    const text = readFileSync(file, 'utf8').replace('name="bike" interface="1"', 'name="reis" interface="9"')
      .replace('length_maximum="4"', 'length_maximum="1000"');
    writeFileSync(file, text);
    const published = run('product', 'publish', folder, '--data', installation.folder);
    assert.equal(published.status, 0, published.stdout + published.stderr);
    await new Promise((done) => setTimeout(done, 1100));
    const base = { birth_date: '1990-05-17', plan: 'all', worth: '1200.00', lock: 'approved', claims: 0 };
    for (const count of [4, 1000]) {
      const riders = Array.from({ length: count }, () => ({ level: 'wild', falls: 2 }));
      const { json, status, text: body } = await explainEstimate({ riders }, { product: 'reis', base });
      assert.equal(status, 200, body);
      const { tables } = json.decisions.find((decision) => decision.name === 'Weight');
      assert.equal(tables.length, count);
      assert.equal(tables[0].rows_not_matched?.length, count === 4 ? 2 : undefined);
      assert.equal(json.status, 'offered');
      assert.ok(json.what_if.cheaper.length > 0);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
