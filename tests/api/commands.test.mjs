// The commands as other programs rely on them: files made, modes, exit statuses, help, errors.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install, onPostgresql, request, run, serve } from './support.mjs';

let installation;
let scratch;
before(() => {
  installation = install();
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
});
after(() => {
  installation.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const mode = (path) => statSync(path).mode & 0o777;
const COMMANDS = ['init', 'serve', 'dmn', 'product', 'key', 'migrate', 'backup', 'restore'];

test('init writes the configuration, the store and demo.json, readable by nobody else', () => {
  for (const name of ['koppel.conf', 'demo.json']) {
    assert.equal(mode(join(installation.folder, name)), 0o600, name);
  }
  assert.equal(existsSync(join(installation.folder, 'koppel.db')), !onPostgresql);
  if (!onPostgresql) assert.equal(mode(join(installation.folder, 'koppel.db')) & 0o077, 0);
});

test('demo.json has the agreed shape, live keys, three partners, two of one chain', () => {
  const { demo } = installation;
  assert.ok(Array.isArray(demo.organisation.users));
  assert.ok(demo.partners.length >= 3);
  for (const partner of demo.partners) {
    assert.match(partner.id, /^[a-z]+_[0-9a-z]{26}$/);
    assert.match(partner.secret_key, /^sk_live_[0-9A-Za-z]{24,}$/);
    assert.match(partner.publishable_key, /^pk_live_[0-9A-Za-z]{24,}$/);
    assert.match(partner.origin, /^https:\/\/[a-z0-9.-]+$/);
    assert.equal(typeof partner.name, 'string');
    assert.ok(Array.isArray(partner.users));
  }
});

test('two inits give other keys: nothing is fixed', () => {
  const other = install();
  try {
    const first = installation.demo.partners.map((partner) => partner.secret_key);
    for (const partner of other.demo.partners) assert.ok(!first.includes(partner.secret_key));
  } finally {
    other.remove();
  }
});

test('init refuses an installation that is there, in one line, and leaves it alone', () => {
  const before_ = readFileSync(join(installation.folder, 'koppel.conf'), 'utf8');
  const again = run('init', '--data', installation.folder, '--demo');
  assert.equal(again.status, 1);
  assert.equal(again.stderr.trim().split('\n').length, 1);
  assert.equal(readFileSync(join(installation.folder, 'koppel.conf'), 'utf8'), before_);
});

test('a certificate that cannot be used is named, with what to do', () => {
  const serve_ = (...more) => run('serve', '--data', installation.folder, '--listen', '127.0.0.1:0', ...more);
  const missing = serve_('--certificate', '/nonexistent.pem');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /certificate \/nonexistent\.pem cannot be read: No such file.*--certificate/);
  const unusable = serve_('--certificate', join(installation.folder, 'koppel.conf'));
  assert.equal(unusable.status, 1);
  assert.match(unusable.stderr, /koppel\.conf is not usable.*give a PEM file/);
});

test('every command helps with status 0 and refuses unknown options with status 2', () => {
  for (const name of COMMANDS) {
    const help = run(name, '--help');
    assert.equal(help.status, 0, `${name} --help`);
    assert.match(help.stdout, new RegExp(`koppel ${name}`));
    const misused = run(name, '--no-such-option');
    assert.equal(misused.status, 2, `${name} --no-such-option`);
    assert.equal(misused.stderr.trim().split('\n').length, 1, misused.stderr);
    assert.equal(misused.stdout, '');
  }
  assert.equal(run('--help').status, 0);
  assert.equal(run('no_such_command').status, 2);
  for (const wrong of [['serve', '--data', '/nonexistent', '--listen', 'foo'],
    ['serve', '--data', '/nonexistent', '--listen', '127.0.0.1:99999'],
    ['serve', '--data', ''], ['init', '--data', ''], ['init', '--data', '/nonexistent', '--listen', 'foo'],
    ['init', '--data', join(scratch, 'unmade'), '--database', 'mysql://host/name']]) {
    const misused = run(...wrong);
    assert.equal(misused.status, 2, wrong.join(' '));
    assert.equal(misused.stderr.trim().split('\n').length, 1, misused.stderr);
  }
  assert.ok(!existsSync(join(scratch, 'unmade')), 'what cannot be made leaves nothing behind');
  assert.match(run('backup', '--no-such-option').stderr, /there is no option '--no-such-option' here \(see koppel backup --help\)/);
  assert.equal(run().status, 2);
});

test('a command without its installation says what to do', () => {
  const missing = run('serve', '--data', join(scratch, 'nothing'));
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /koppel init/);
});

test('migrate is done at once on a store that is up to date', () => {
  const migrated = run('migrate', '--data', installation.folder);
  assert.equal(migrated.status, 0, migrated.stderr);
});

test('keys: created, listed without their secret, revoked', () => {
  const partner = installation.demo.partners[0];
  const made = run('key', 'create', '--data', installation.folder, '--partner', partner.id,
    '--kind', 'secret', '--mode', 'test');
  assert.equal(made.status, 0, made.stderr);
  const key = /sk_test_[0-9A-Za-z]+/.exec(made.stdout)[0];
  const listed = run('key', 'list', '--data', installation.folder);
  assert.equal(listed.status, 0, listed.stderr);
  assert.ok(!listed.stdout.includes(key));
  assert.ok(listed.stdout.includes(partner.id));
  const id = /key_[0-9a-z]{26}/.exec(made.stderr)[0];
  assert.ok(listed.stdout.includes(id));
  assert.equal(run('key', 'revoke', '--data', installation.folder, id).status, 0);
  assert.equal(run('key', 'revoke', '--data', installation.folder, 'key_00000000000000000000000000').status, 1);
  const bad = run('key', 'create', '--data', installation.folder, '--partner', 'nobody',
    '--kind', 'secret', '--mode', 'test');
  assert.notEqual(bad.status, 0);
  const without = run('key', 'create', '--data', installation.folder, '--partner', partner.id,
    '--kind', 'publishable', '--mode', 'test');
  assert.notEqual(without.status, 0, 'a publishable key needs an origin');
});

test('backup while serving, restore into a fresh place: quotes are all there', async () => {
  const server = await serve(installation);
  const key = installation.demo.partners[0].secret_key;
  const file = join(scratch, 'backup.db');
  let quote;
  try {
    const product = await request(server, 'GET', '/api/v1/products/auto', { key });
    const made = await request(server, 'POST', '/api/v1/quotes',
      { key, body: { product: 'auto', answers: product.json.examples[0] } });
    assert.equal(made.status, 201, made.text);
    quote = made.json;
    const backup = run('backup', '--data', installation.folder, file);
    assert.equal(backup.status, 0, backup.stderr);
    assert.equal(mode(file) & 0o077, 0);
    assert.equal(run('backup', '--data', installation.folder, file).status, 1, 'overwrites nothing');
    assert.equal(run('restore', '--data', installation.folder, file).status, 1,
      'a store that is served is not replaced');
  } finally {
    await server.stop();
  }
  const restored = run('restore', '--data', installation.folder, file);
  assert.equal(restored.status, 0, restored.stderr);
  const again = await serve(installation);
  try {
    const read = await request(again, 'GET', `/api/v1/quotes/${quote.id}`, { key });
    assert.equal(read.status, 200);
    assert.equal(read.json.premium.total, quote.premium.total);
  } finally {
    await again.stop();
  }
  writeFileSync(join(scratch, 'no-backup'), 'this is no backup');
  const refused = run('restore', '--data', installation.folder, join(scratch, 'no-backup'));
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /no-backup is no whole backup of (an SQLite|a PostgreSQL) store/);
});

test('dmn eval keeps all digits in and out, and reads its input from a file', () => {
  const model = join(scratch, 'sum.dmn');
  writeFileSync(model, `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="sum" name="sum" namespace="urn:test:sum">
<inputData id="i_a" name="a"><variable name="a" typeRef="number"/></inputData>
<decision id="d_sum" name="Sum of both"><variable name="Sum of both" typeRef="number"/>
<informationRequirement><requiredInput href="#i_a"/></informationRequirement>
<literalExpression><text>a + 0.1000000000000000000000000000000001</text></literalExpression></decision>
</definitions>`);
  const input = join(scratch, 'sum.json');
  writeFileSync(input, '{"a": 0.2000000000000000000000000000000002}');
  const value = run('dmn', 'eval', model, '--decision', 'Sum of both', '--input', input);
  assert.equal(value.status, 0, value.stderr);
  assert.equal(value.stdout.trim(), '0.3000000000000000000000000000000003');
  const missing = run('dmn', 'eval', model, '--decision', 'No such');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /No such/);
  const inputs = join(scratch, 'inputs.json');
  const expected = join(scratch, 'expected.json');
  writeFileSync(inputs, '[{"a": 1}, {"a": 2}]');
  writeFileSync(expected, '["1.1000000000000000000000000000000001", 5]');
  const bench = run('dmn', 'bench', model, '--decision', 'Sum of both', '--inputs', inputs,
    '--expected', expected, '--seconds', '1');
  const line = JSON.parse(bench.stdout);
  assert.equal(line.mismatches, 1);
  for (const name of ['evaluations_per_second', 'nanoseconds_p50', 'nanoseconds_p99']) {
    assert.ok(line[name] > 0, name);
  }
});

test('a model that cannot be right is refused with its place, and nothing is printed', () => {
  const bad = {
    'malformed.dmn': ['<definitions', /malformed|not well-formed|line|:1:/i],
    'dtd.dmn': ['<!DOCTYPE definitions [<!ENTITY x "y">]><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="a" namespace="b"/>', /DTD|DOCTYPE/],
    'function.dmn': [decision('frobnicate(1)'), /frobnicate/],
    'cycle.dmn': [`${head}
<decision id="d1" name="one"><variable name="one"/><informationRequirement><requiredDecision href="#d2"/></informationRequirement><literalExpression><text>two</text></literalExpression></decision>
<decision id="d2" name="two"><variable name="two"/><informationRequirement><requiredDecision href="#d1"/></informationRequirement><literalExpression><text>one</text></literalExpression></decision></definitions>`, /circ|cycle|itself/i],
    'overlap.dmn': [`${head}
<inputData id="i" name="age"><variable name="age" typeRef="number"/></inputData>
<decision id="one" name="one"><variable name="one"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable hitPolicy="UNIQUE"><input label="Age"><inputExpression typeRef="number"><text>age</text></inputExpression></input><output/>
<rule><inputEntry><text>[1..10]</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry><text>[10..20]</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>
</decisionTable></decision></definitions>`, /one.*row|overlap/i],
    'missing.dmn': [`${head}
<decision id="one" name="one"><variable name="one"/><informationRequirement><requiredDecision href="#nowhere"/></informationRequirement><literalExpression><text>1</text></literalExpression></decision></definitions>`, /nowhere/],
  };
  for (const [name, [text, told]] of Object.entries(bad)) {
    const path = join(scratch, name);
    writeFileSync(path, text);
    const result = run('dmn', 'eval', path, '--decision', 'one');
    assert.equal(result.status, 1, `${name}: ${result.stdout}`);
    assert.match(result.stderr, told, name);
    assert.equal(result.stdout, '', name);
  }
});

const head = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:test:m">`;
function decision(text) {
  return `${head}<decision id="one" name="one"><variable name="one"/><literalExpression><text>${text}</text></literalExpression></decision></definitions>`;
}

test('example prints keys and one curl line that gets a premium back', async () => {
  const server = await serve(installation);
  try {
    const told = run('example', '--data', installation.folder, '--address', `https://localhost:${server.port}`);
    assert.equal(told.status, 0, told.stderr);
    assert.ok(told.stdout.includes(installation.demo.partners[0].publishable_key));
    const line = told.stdout.split('\n').find((text) => text.startsWith('curl '));
    const answer = spawnSync('sh', ['-c', line], { encoding: 'utf8', timeout: 20_000 });
    assert.equal(answer.status, 0, answer.stderr);
    assert.match(JSON.parse(answer.stdout).premium.total, /^\d+\.\d\d$/);
    assert.equal(run('example', '--data', installation.folder, '--product', 'no_such').status, 1);
    const bare = join(scratch, 'bare');
    assert.equal(run('init', '--data', bare).status, 0);
    assert.match(run('product', 'list', '--data', bare).stderr, /no products yet: koppel product publish/);
    const without = run('example', '--data', bare);
    assert.equal(without.status, 1);
    assert.match(without.stderr, /demo\.json is not there.*koppel init --demo/);
  } finally {
    await server.stop();
  }
});
