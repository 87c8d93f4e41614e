// The JSON Schema of a product against the service itself: it never refuses answers that the service
// takes, and where it says a condition in full it refuses what the service refuses.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { valid } from './json-schema.mjs';
import { install, request, run, serve } from './support.mjs';

const label = '<label><nl>Vraag</nl><en>Question</en></label>';
// What a condition can be made of, on questions that must be answered and on those that need not.
const conditions = [
  'cover = "liability"', 'cover != "liability"', 'cover in ("liability", "limited_casco")',
  'not(cover in ["liability"])', 'p_doors = 3', 'p_doors != 3', 'p_doors &gt; 3', 'p_doors &lt;= 3',
  'not(p_doors &gt; 3)', '3 &lt; p_doors', 'p_doors between 2 and 4', 'not(p_doors in [2..4])',
  'p_doors in (1, 5)', 'not(p_doors in (1, 5))', 'p_area &gt;= 2.5', 'p_area = 2.50', 'p_leased',
  'not(p_leased)', 'p_leased != true', 'p_town = "Gouda"', 'p_town != "Gouda"',
  'p_leased or p_doors &gt; 3', 'not(p_leased or p_doors &gt; 3)', 'not(p_leased and p_doors &gt; 3)',
  'p_leased and (p_doors = 1 or p_area &lt; 2) or p_town = "Gouda"',
];
const unsayable = ['p_town != "Gouda" and catalogue_value &gt; 50000', 'catalogue_value &gt; 50000',
  'p_doors + 1 &gt; 3', 'string length(p_town) &gt; 3 and not(p_leased)'];

let installation;
let server;
let scratch;
let key;
before(async () => {
  installation = install();
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  cpSync('quote-engine/products/auto', scratch, { recursive: true });
  const questions = `
    <integer name="p_doors" minimum="0" maximum="9" required="false">${label}</integer>
    <decimal name="p_area" minimum="0" maximum="9" fraction_digits="2" required="false">${label}</decimal>
    <boolean name="p_leased" required="false">${label}</boolean>
    <text name="p_town" length_maximum="20" required="false">${label}</text>
    ${[...conditions, ...unsayable].map((condition, at) => `<boolean name="probe_${at}" required="false"
      shown_when='${condition}'>${label}</boolean>`).join('\n')}
    <records name="p_people" required="false" length_maximum="3">${label}<questions>
      <integer name="age" minimum="0" maximum="120">${label}</integer>
      <boolean name="guardian" shown_when="age &lt; 18">${label}</boolean>
    </questions></records>
  </questions>`;
  const product = readFileSync(join(scratch, 'product.xml'), 'utf8');
  const changed = product.replace(/<\/questions>(?=(?:(?!<\/questions>)[^])*<covers>)/, questions);
  assert.notEqual(changed, product);
  writeFileSync(join(scratch, 'product.xml'), changed);
  const published = run('product', 'publish', scratch, '--data', installation.folder);
  assert.equal(published.status, 0, published.stdout + published.stderr);
  server = await serve(installation);
  key = installation.demo.partners[0].secret_key;
});
after(async () => {
  await server?.stop();
  installation.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const schemaOf = async (product, language = 'en') => (await request(server, 'GET',
  `/api/v1/products/${product}`, { key, headers: { 'Accept-Language': language } })).json;
const estimate = (product, answers) =>
  request(server, 'POST', '/api/v1/estimates', { key, body: { product, answers } });

// The same numbers each time, so that a failure can be looked at again.
let seed = 20261123;
function random(below) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}
const pick = (list) => list[random(list.length)];

// An answer to a question, right more often than not.
function answerTo(question) {
  if (question.enum) return pick(question.enum);
  switch (question.type) {
    case 'boolean': return random(2) === 1;
    case 'integer': return (question.minimum ?? 0) + random(Math.min(7, (question.maximum ?? 7) + 1));
    case 'number': return pick([1, 1.5, 2, 2.5, 3]);
    case 'array': return question.items.properties ? [{ age: pick([17, 18]), ...(random(2) ? { guardian: true } : {}) }] : [];
    default: return question.pattern || question.format ? undefined : pick(['Gouda', 'Delft']);
  }
}

function varied(schema) {
  const answers = structuredClone(pick(schema.examples));
  const names = Object.keys(schema.properties);
  for (let change = random(5); change >= 0; change -= 1) {
    const name = pick(names);
    const answer = answerTo(schema.properties[name]);
    if (random(4) === 0 || answer === undefined) delete answers[name];
    else answers[name] = answer;
  }
  return answers;
}

// Do all faults stem from conditions that the schema says in full?
function isSayable(schema, errors) {
  return errors.every(({ pointer, code }) => {
    const name = pointer.split('/')[2];
    return code === 'not_applicable' || code === 'required'
      ? !schema.properties[name]?.$comment : false;
  });
}

test('a schema takes what the service takes, and refuses by its conditions', { timeout: 120_000 }, async () => {
  for (const product of ['auto', 'reis']) {
    const schema = await schemaOf(product);
    for (const example of schema.examples) assert.ok(valid(schema, example));
    let taken = 0;
    let refused = 0;
    for (let round = 0; round < 700; round += 1) {
      const answers = varied(schema);
      const answer = await estimate(product, answers);
      const said = valid(schema, answers);
      if (answer.status === 200) {
        taken += 1;
        assert.ok(said, `refused by the schema: ${JSON.stringify(answers)}`);
      } else {
        assert.equal(answer.status, 422, answer.text);
        if (!isSayable(schema, answer.json.errors)) continue;
        refused += 1;
        assert.ok(!said, `let through by the schema: ${JSON.stringify(answers)} ${answer.text}`);
      }
    }
    assert.ok(taken > 50 && refused > 50, `${product}: ${taken} taken, ${refused} refused`);
  }
});

test('each condition is said, and refused by, exactly where the service refuses', async () => {
  const schema = await schemaOf('auto');
  const base = schema.examples[0];
  const doors = [undefined, 1, 2, 3, 4, 5];
  const areas = [undefined, 1.99, 2.5];
  for (let at = 0; at < conditions.length; at += 1) {
    const probe = `probe_${at}`;
    assert.equal(schema.properties[probe].$comment, undefined, conditions[at]);
    const seen = new Set();
    for (let round = 0; round < 36; round += 1) {
      const answers = {
        ...base, [probe]: true, p_doors: doors[round % 6], p_area: areas[round % 3],
        p_leased: [undefined, true, false][Math.floor(round / 3) % 3],
        p_town: [undefined, 'Gouda', 'Delft'][Math.floor(round / 6) % 3],
      };
      if (round % 2) Object.assign(answers, { cover: 'liability', casco_excess: undefined, alarm_class: undefined });
      const sent = JSON.parse(JSON.stringify(answers));
      const { status } = await estimate('auto', sent);
      assert.equal(valid(schema, sent), status === 200, `${conditions[at]}: ${status} ${JSON.stringify(sent)}`);
      seen.add(status);
    }
    assert.deepEqual([...seen].sort(), [200, 422], conditions[at]);
  }
});

test('conditions within records stand with them', async () => {
  const schema = await schemaOf('auto');
  const base = schema.examples[0];
  for (const [person, good] of [[{ age: 17, guardian: true }, true], [{ age: 17 }, false],
    [{ age: 18 }, true], [{ age: 18, guardian: false }, false]]) {
    const answers = { ...base, p_people: [{ age: 40 }, person] };
    assert.equal((await estimate('auto', answers)).status, good ? 200 : 422);
    assert.equal(valid(schema, answers), good, JSON.stringify(person));
  }
});

test('what the schema cannot say it says that it cannot, in the language asked for', async () => {
  for (const [language, words] of [['nl', /volgorde van teksten/], ['en', /no order of texts/]]) {
    const schema = await schemaOf('auto', language);
    for (let at = 0; at < unsayable.length; at += 1) {
      const question = schema.properties[`probe_${conditions.length + at}`];
      assert.match(question.$comment, words, unsayable[at]);
      assert.ok(question['x-shown-when']);
    }
    assert.match(schema.properties.alarm_class.$comment, words);
    assert.equal(schema.properties.casco_excess.$comment, undefined);
  }
});
