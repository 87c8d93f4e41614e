// Sensitive answers of quotes: words that stand nowhere else go in by every entrance and through
// everything that is done with a quote, and are then looked for in the store, its backup, the logs,
// what webhooks were told and every answer. Rows from before they were encrypted are, once served; a
// new key reaches them; without a key file nothing of the kind is kept.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { call as soapCall, envelope, namedAnswers, TYPE11 } from '../soap/support.mjs';
import { applicant, policyCaller } from './policies.mjs';
import { receiver, until } from './receiver.mjs';
import { install, onPostgresql, query, request, run, scratchPostgresql, serve } from './support.mjs';

const MARKER = /Zoekwoord/;
const OPEN = ['--webhook-private-addresses', '--webhook-plain-http'];
let installation;
let server;
let scratch;
let hook;
let product;
let partner;
let organisation;
const answered = []; // every text that came out

function mayBeSold(where) {
  query(where, `insert into agreement (id, partner_id, product, from_date, created_us)
    values ('agr_00000000000000000000000000', '${where.demo.partners[0].id}', 'pet', '2026-01-01', 0)`);
}
before(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  product = join(scratch, 'pet');
  cpSync('tests/unit/server/domain/products/pet', product, { recursive: true });
  const file = join(product, 'product.xml');
  // Records that hold something sensitive, and a policy as soon as it is accepted.
  writeFileSync(file, readFileSync(file, 'utf8')
    .replace('<integer name="age"', `<text name="nickname" required="false" sensitive="true" length_maximum="40">
          <label><nl>Hoe heet deze persoon thuis?</nl><en>What is this person called at home?</en></label>
        </text>
        <integer name="age"`)
    .replace('number_prefix="PET"', 'number_prefix="PET" issue="straight_through"'));
  installation = install();
  const published = run('product', 'publish', product, '--data', installation.folder, '--by', 'test');
  assert.equal(published.status, 0, published.stdout + published.stderr);
  const made = run('key', 'create', '--data', installation.folder, '--kind', 'organisation', '--name', 'underwriting', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  organisation = made.stdout.trim();
  [partner] = installation.demo.partners;
  mayBeSold(installation);
  server = await serve(installation, ...OPEN);
  hook = await receiver();
});
after(async () => {
  await hook?.close();
  await server?.stop();
  installation?.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const own = policyCaller(() => server, undefined);
const call = async (method, path, { key = partner.secret_key, ...more } = {}) => {
  const answer = await own.call(method, path, { key, ...more });
  answered.push({ path: `${method} ${path}`, key, text: answer.text });
  return answer;
};
const plain = { kind: 'dog', born_on: '2022-03-04', value: '750.00', weight_kg: 21.5, trained: true };
const secret = (word) => ({
  ...plain, school: `Zoekwoord${word}`,
  habits: ['barks'], carers: [{ nickname: 'Zoekwoordbijnaam', age: 41 }, { age: 12, guardian_known: true }],
});
const quote = async (word, more = {}, headers = {}) => {
  const made = await call('POST', '/quotes', { body: { product: 'pet', answers: secret(word), ...more }, headers });
  assert.equal(made.status, 201, made.text);
  return made.json;
};
// The words of a PDF, which is packed.
async function printed(path) {
  const answer = await own.call('GET', path, { key: partner.secret_key });
  assert.equal(answer.status, 200, answer.text);
  const words = spawnSync('pdftotext', ['-layout', '-', '-'], { input: answer.bytes, encoding: 'utf8' });
  assert.equal(words.status, 0, words.stderr);
  return words.stdout;
}
const sqlite = () => !onPostgresql;
const storeHolds = (word) => {
  if (sqlite()) {
    const found = spawnSync('grep', ['-rlaF', word, installation.folder], { encoding: 'utf8' });
    return found.stdout.trim();
  }
  const [, database] = /^database\s*=\s*(\S+)/m.exec(readFileSync(join(installation.folder, 'koppel.conf'), 'utf8'));
  const dump = spawnSync('pg_dump', [database], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(dump.status, 0, dump.stderr);
  const found = spawnSync('grep', ['-rlaF', word, scratchPostgresql()], { encoding: 'utf8' });
  return [dump.stdout.includes(word) ? 'pg_dump' : '', found.stdout.trim()].filter(Boolean).join('\n');
};
const row = (id) => JSON.parse(query(installation, `select answers from quote where id = '${id}'`));
const sealedOf = (id) => query(installation, `select sealed from quote where id = '${id}'`);
const command = (...args) => {
  const result = run(...args, '--data', installation.folder);
  answered.push({ path: args.join(' '), text: result.stdout + result.stderr });
  return result;
};
const kept = {};

test('a row holds the other answers as they are, and these apart; what asks nothing sensitive has nothing apart', async () => {
  kept.quote = await quote('school');
  assert.deepEqual(Object.keys(row(kept.quote.id)), ['kind', 'born_on', 'value', 'weight_kg', 'trained', 'habits']);
  assert.match(sealedOf(kept.quote.id), /^e1\.[0-9a-f]{16}\.[A-Za-z0-9+/=]+$/);
  const none = await call('POST', '/quotes', { body: { product: 'pet', answers: plain } });
  assert.equal(none.status, 201, none.text);
  assert.equal(sealedOf(none.json.id), '');
  assert.equal(query(installation, "select count(*) from quote where product = 'auto' and sealed is not null"), '0');
});

test('computed again it is equal to the byte: by the operation, the command, and the whole book', async () => {
  const replayed = await call('GET', `/quotes/${kept.quote.id}/replay`);
  assert.equal(replayed.json.equal, true, replayed.text);
  assert.equal((await call('GET', `/quotes/${kept.quote.id}/replay`, { key: organisation })).json.equal, true);
  assert.match(command('quote', 'replay', kept.quote.id).stdout, /equal/);
  const all = command('quote', 'replay', '--all');
  assert.equal(all.status, 0, all.stdout + all.stderr);
});

test('by every entrance: batch, estimate, explanation, SOAP, spreadsheet, a repeated key, answers that are wrong', async () => {
  const body = [{ product: 'pet', answers: secret('batch') }, { product: 'pet', answers: secret('tweede') }];
  const batch = await call('POST', '/quotes/batch', { body });
  assert.equal(batch.status, 200, batch.text);
  const headers = { 'Idempotency-Key': `"${randomUUID()}"` };
  const first = await quote('herhaald', {}, headers);
  assert.equal((await quote('herhaald', {}, headers)).id, first.id);
  // What is kept of the request itself cannot be found by trying; a digest from before still matches.
  const where = `where idempotency_key = '${headers['Idempotency-Key'].slice(1, -1)}'`;
  const asRead = JSON.stringify({ product: 'pet', answers: secret('herhaald') }, (name, value) =>
    (name === '' || Array.isArray(value) || !(value instanceof Object) ? value : Object.fromEntries(Object.entries(value).sort())));
  const unkeyed = createHash('sha256').update(asRead).digest('hex');
  assert.notEqual(query(installation, `select digest from idempotency ${where}`), unkeyed);
  query(installation, `update idempotency set digest = '${unkeyed}' ${where}`);
  assert.equal((await quote('herhaald', {}, headers)).id, first.id);
  assert.equal((await call('POST', '/quotes', { body: { product: 'pet', answers: secret('anders') }, headers })).json.code, 'idempotency_key_reused');
  const wrong = await call('POST', '/quotes', { body: { product: 'pet', answers: { ...secret('fout9'), value: 'Zoekwoordwaarde'.length } } });
  assert.equal(wrong.status, 422);
  for (const [method, path, more] of [
    ['POST', '/estimates', { body: { product: 'pet', answers: secret('raming') } }],
    ['POST', '/estimates/batch', { body }],
    ['POST', '/estimates/explanation', { body: { product: 'pet', answers: secret('uitleg') } }],
    ['GET', `/quotes/${kept.quote.id}`], ['GET', '/quotes'], ['GET', `/quotes/${kept.quote.id}/explanation`],
  ]) {
    const answer = await call(method, path, more);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    if (!path.endsWith('explanation')) continue;
    assert.deepEqual(answer.json.answers_withheld, ['school', 'carers']);
    assert.deepEqual(Object.keys(answer.json.answers), ['kind', 'born_on', 'value', 'weight_kg', 'trained', 'habits']);
  }
  const paper = await printed(`/quotes/${kept.quote.id}/document`);
  assert.match(paper, /At which school\?\s+\(sensitive: not printed\)/);
  assert.doesNotMatch(paper, MARKER);
  const soap = await request(server, 'POST', '/soap/v1/quote', {
    key: partner.secret_key, headers: { 'Content-Type': TYPE11 },
    body: envelope(soapCall('RequestQuote', `<product>pet</product>${namedAnswers(secret('soap'))}`)),
  });
  answered.push({ path: 'SOAP', text: soap.text });
  assert.equal(soap.status, 200, soap.text);
  const sheet = join(scratch, 'in.csv');
  writeFileSync(sheet, 'kind;born_on;value;trained;school\r\ndog;2022-03-04;750.00;true;Zoekwoordblad\r\n');
  const made = command('quote', 'batch', sheet, join(scratch, 'out.csv'), '--partner', partner.id, '--product', 'pet');
  assert.equal(made.status, 0, made.stderr);
  assert.equal(query(installation, "select count(*) from quote where product = 'pet' and sealed is null"), '1', 'the one without any');
});

test('as a policy: accepted, changed, told of to a webhook, printed; the organisation reads all, the partner names', async () => {
  const registered = await call('POST', '/webhooks', { body: { url: hook.url } });
  assert.equal(registered.status, 201, registered.text);
  const asked = await call('GET', `/quotes/${kept.quote.id}/acceptance`);
  const accepted = await call('POST', `/quotes/${kept.quote.id}/accept`, { body: {
    applicant, iban: 'NL91ABNA0417164300', account_holder: 'A.B. Voorbeeld', term: 'monthly', answers: { chip: 'Zoekwoordchip' },
    consent: { version: asked.json.consent_version, given: true }, commission: asked.json.commission,
    documents_shown: asked.json.documents,
  } });
  assert.equal(accepted.status, 201, accepted.text);
  const policy = `/policies/${accepted.json.policy_id}`;
  const application = await call('GET', `/applications/${accepted.json.id}`);
  assert.equal(application.json.quote_answers, null);
  const seen = await own.call('GET', `/applications/${accepted.json.id}`, { key: organisation });
  assert.deepEqual(seen.json.quote_answers, secret('school'), 'whole, for who decides');
  assert.deepEqual(Object.keys(seen.json.quote_answers), ['kind', 'born_on', 'value', 'weight_kg', 'trained', 'school', 'habits', 'carers']);
  const terms = await call('GET', `${policy}/terms/1`);
  assert.deepEqual(terms.json.answers_withheld, ['school', 'carers'], terms.text);
  assert.deepEqual((await own.call('GET', `${policy}/terms/1`, { key: organisation })).json.answers, secret('school'));
  const tag = (await call('GET', policy)).headers.etag;
  const change = await call('POST', `${policy}/changes`, { body: { answers: { school: 'Zoekwoordanders' } }, headers: { 'If-Match': tag } });
  assert.equal(change.status, 201, change.text);
  assert.deepEqual(change.json.changed, ['school']);
  assert.doesNotMatch(await printed(`${policy}/document`), MARKER);
  await until(() => hook.got.length > 0, 'a message');
});

test('an impact over the book rates them, and its reports hold none', async () => {
  const draft = join(scratch, 'dearer');
  cpSync(product, draft, { recursive: true });
  const file = join(draft, 'product.xml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('<validity days="14"', '<validity days="15"'));
  const files = readdirSync(draft, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => ({ name: path.slice(draft.length + 1), text: readFileSync(path, 'utf8') }));
  const made = await call('POST', '/drafts', { key: organisation, body: { files } });
  assert.equal(made.status, 201, made.text);
  const started = await call('POST', '/impacts', { key: organisation, body: { draft_id: made.json.id } });
  assert.equal(started.status, 202, started.text);
  const done = await until(async () => {
    const { json } = await call('GET', `/impacts/${started.json.id}`, { key: organisation });
    return json.state === 'done' && json;
  }, 'the impact');
  assert.ok(done.report.quotes >= 6, JSON.stringify(done.report));
  assert.equal(done.report.rated, done.report.quotes, JSON.stringify(done.report));
  assert.equal((await call('GET', `/impacts/${started.json.id}/report.csv`, { key: organisation })).status, 200);
  const secretRegion = await call('POST', '/impacts', { key: organisation, body: { draft_id: made.json.id, region: 'school' } });
  assert.ok(secretRegion.status === 422 || await until(async () => {
    const { json } = await call('GET', `/impacts/${secretRegion.json.id}`, { key: organisation });
    return json.state === 'failed';
  }, 'a refusal'), 'what is sensitive is no region');
});

test('a new key reaches all, and they read as before', async () => {
  const rotated = command('encryption-key', 'rotate');
  assert.equal(rotated.status, 0, rotated.stderr);
  const [, key] = /key ([0-9a-f]{16})/.exec(rotated.stdout);
  assert.ok(Number(query(installation, `select count(*) from quote where sealed like 'e1.${key}.%'`)) >= 6);
  assert.equal(query(installation, `select count(*) from quote where sealed is not null and sealed not like 'e1.${key}.%'`), '0');
  assert.equal(command('quote', 'replay', '--all', '--product', 'pet').status, 0);
  assert.equal((await call('GET', `/quotes/${kept.quote.id}/replay`)).json.equal, true);
});

test('the words are found nowhere: the store, its log, a backup, messages, answers', async () => {
  const backup = join(scratch, 'backup.db');
  assert.equal(command('backup', backup).status, 0);
  assert.doesNotMatch(readFileSync(backup, 'latin1'), MARKER);
  assert.equal(storeHolds('Zoekwoord'), '');
  assert.doesNotMatch(server.log(), MARKER);
  assert.doesNotMatch(JSON.stringify(hook.got), MARKER);
  for (const { path, text } of answered) assert.doesNotMatch(text, MARKER, path);
  assert.ok(answered.length > 30);
  const described = await request(server, 'GET', '/api/v1/openapi.json');
  assert.doesNotMatch(described.text, MARKER);
});

test('a value that was changed, moved or lost its key is told, and nothing of it', async () => {
  const other = await quote('ander');
  const value = sealedOf(other.id);
  query(installation, `update quote set sealed = '${sealedOf(kept.quote.id)}' where id = '${other.id}'`);
  const moved = await call('GET', `/quotes/${other.id}/replay`);
  assert.equal(moved.json.equal, false);
  assert.match(moved.json.notice, /report it/);
  const told = new RegExp(`quote_not_replayed.*${other.id}`);
  await until(() => told.test(server.log()), 'the line in the log');
  assert.match(command('quote', 'replay', other.id).stdout, /cannot be computed again: the encrypted value of qte_\w+ was changed/);
  assert.equal((await call('GET', `/quotes/${other.id}/explanation`)).status, 500);
  assert.equal((await call('GET', `/quotes/${other.id}`)).status, 200, 'the receipt needs none of it');
  query(installation, `update quote set sealed = 'e1.0000000000000000.${value.split('.')[2]}' where id = '${other.id}'`);
  assert.match(command('quote', 'replay', other.id).stdout, /the encryption key 0000000000000000 of qte_\w+ is not in the key file/);
  query(installation, `update quote set sealed = '${value}' where id = '${other.id}'`);
  assert.equal((await call('GET', `/quotes/${other.id}/replay`)).json.equal, true);
});

// As an installation of before: the answers in plain, and a store that was just brought up to date.
test('rows from before read as they did, and are sealed once it is served', async () => {
  const old = [];
  for (let i = 0; i < 300; i += 1) {
    const { id } = await quote('eerder');
    old.push(id);
  }
  await server.stop();
  const whole = JSON.stringify(secret('eerder'));
  query(installation, `update quote set sealed = null, answers = '${whole}' where id in (${old.map((id) => `'${id}'`).join(',')})`);
  const damaged = old.pop();
  query(installation, `update quote set answers = '{"school":' where id = '${damaged}'`);
  query(installation, "insert into quote_sealing (after_id, last_id) select '', max(id) from quote");
  assert.match(command('quote', 'replay', old[0]).stdout, /equal/);
  server = await serve(installation, ...OPEN);
  await until(() => query(installation, 'select count(*) from quote_sealing') === '0', 'the end of sealing');
  assert.equal(query(installation, "select count(*) from quote where answers like '%Zoekwoord%'"), '0');
  assert.equal(query(installation, `select answers from quote where id = '${damaged}'`), '{"school":', 'left for a replay to tell');
  for (const id of [old[0], old.at(-1), kept.quote.id]) assert.equal((await call('GET', `/quotes/${id}/replay`)).json.equal, true);
  assert.deepEqual(row(old[0]), row(kept.quote.id));
  query(installation, `delete from quote where id = '${damaged}'`);
  assert.equal(command('quote', 'replay', '--all').status, 0);
  if (sqlite()) {
    await server.stop();
    assert.equal(storeHolds('Zoekwoord'), '', 'nor in pages that are free again');
    server = await serve(installation, ...OPEN);
  }
});

test('without a key file such a product is not published, and its quotes are not kept', async () => {
  const bare = install();
  try {
    const conf = join(bare.folder, 'koppel.conf');
    const text = readFileSync(conf, 'utf8');
    const without = text.replace(/^encryption_keys.*$/m, 'encryption_keys =');
    writeFileSync(conf, without);
    const refused = run('product', 'publish', product, '--data', bare.folder, '--by', 'test');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /names no encryption_keys, and pet asks for what is kept encrypted/);
    writeFileSync(conf, text);
    assert.equal(run('product', 'publish', product, '--data', bare.folder, '--by', 'test').status, 0);
    mayBeSold(bare);
    writeFileSync(conf, without);
    const alone = await serve(bare);
    try {
      const key = bare.demo.partners[0].secret_key;
      const ask = (answers) => request(alone, 'POST', '/api/v1/quotes', { key, body: { product: 'pet', answers } });
      assert.equal((await ask(secret('zonder'))).status, 500);
      await until(() => alone.log().includes('status=500'), 'the log');
      assert.match(alone.log(), /names no encryption_keys: sensitive answers of quotes cannot be kept/);
      assert.equal((await ask(plain)).status, 201, 'what has nothing to hide needs no keys');
      assert.doesNotMatch(alone.log(), MARKER);
    } finally {
      await alone.stop();
    }
  } finally {
    bare.remove();
  }
});
