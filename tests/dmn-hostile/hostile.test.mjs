// Models made to hurt: each ends in a clear error, or in what the standard says, within seconds and
// within a bound on its memory. They are written here, for many are too large to keep. What the
// bounds inside the engine are is told by `koppel dmn eval --help` (--steps, --memory) and by the
// named maximums of quote-engine/*.h.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

const koppel = resolve(process.env.KOPPEL_BUILD ?? 'build', 'koppel');
const folder = mkdtempSync(join(tmpdir(), 'koppel-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MEMORY_KIB = 1536 * 1024; // of addresses: the program, a model and an evaluation's 64 MiB
const SECONDS = 10; // for all of it; on a busy machine too
// A sanitizer takes far more addresses than it uses: then the bound on them cannot be set, and
// everything takes some ten times as long.
const bounded = !process.env.KOPPEL_SANITIZER;
const seconds = bounded ? SECONDS : 12 * SECONDS;

const definitions = (body, more = '') =>
  '<?xml version="1.0" encoding="UTF-8"?>\n'
  + '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" '
  + `namespace="urn:koppel:hostile" name="hostile" id="hostile"${more}>\n${body}\n</definitions>\n`;
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const literal = (text) => `<literalExpression><text>${escaped(text)}</text></literalExpression>`;
const decision = (logic, name = 'd', requirements = '') =>
  `<decision name="${name}" id="_${name}"><variable name="${name}"/>${requirements}${logic}</decision>`;
const needs = (id) => `<informationRequirement><requiredDecision href="#${id}"/></informationRequirement>`;

function evaluate(xml, options = [], more = {}) {
  const path = join(folder, 'model.dmn');
  writeFileSync(path, xml);
  for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text);
  const limit = bounded ? `ulimit -v ${MEMORY_KIB}; ` : '';
  const done = spawnSync('sh', ['-c', `${limit}exec timeout -k 1 ${seconds} "$0" "$@"`, koppel,
    'dmn', 'eval', path, '--decision', 'd', ...options],
  { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  for (const name of Object.keys(more)) rmSync(join(folder, name));
  assert.equal(done.signal, null, 'ended by a signal');
  assert.notEqual(done.status, 124, `took longer than ${seconds} s`);
  assert.ok(done.status === 0 || done.status === 1, `exit status ${done.status}: ${done.stderr.slice(0, 300)}`);
  assert.ok(!/Sanitizer|runtime error/.test(done.stderr), done.stderr.slice(0, 2000));
  return done;
}

// The expression stops at a limit, which the message names.
const stops = (name, expression, limit, options) => test(name, () => {
  const done = evaluate(definitions(decision(literal(expression))), options);
  assert.equal(done.status, 1, done.stdout.slice(0, 200));
  assert.match(done.stderr, limit);
});
// It has this value, as JSON.
const gives = (name, expression, value, options) => test(name, () => {
  const done = evaluate(definitions(decision(literal(expression))), options);
  assert.equal(done.status, 0, done.stderr.slice(0, 500));
  assert.deepEqual(JSON.parse(done.stdout), value);
});
// The model is refused, and told why.
const refused = (name, xml, why, more) => test(name, () => {
  const done = evaluate(typeof xml === 'function' ? xml() : xml, [], more);
  assert.equal(done.status, 1, done.stdout.slice(0, 200));
  assert.match(done.stderr, why);
  assert.ok(done.stderr.length < 100 * 1024, 'the message is short');
});
const steps = /more than \d+ steps/, memory = /more than \d+ bytes of memory/, deep = /levels deep/;

// ---- loops and recursion
stops('recursion without end', '{f: function(x) f(x + 1), r: f(1)}.r', deep);
stops('recursion without end, two by two', '{f: function(g, x) g(g, x), r: f(f, 1)}.r', deep);
stops('recursion that branches', '{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(60)}.r', /steps|memory/);
stops('for over 10**18', 'count(for i in 1..1000000000000000000 return 1)', /steps|memory/);
stops('some over 10**18', 'some i in 1..1000000000000000000 satisfies i < 0', steps);
stops('every over 10**18', 'every i in 1..1000000000000000000 satisfies i > 0', steps);
stops('nested loops', 'some a in 1..10000, b in 1..10000, c in 1..10000 satisfies a + b + c < 0', steps);
stops('loops that multiply', `some ${Array.from({ length: 32 }, (_, i) => `v${i} in 1..1000000`).join(', ')} satisfies false`, steps);
gives('a range beyond 64 bits', 'for i in 1..10**30 return i', null);
gives('a loop over dates beyond the calendar', 'count(for i in @"999999999-12-30"..@"999999999-12-31" return i)', 2);
stops('a list that doubles', `{a: for i in 1..1000 return i${Array.from({ length: 30 }, (_, i) => `, ${String.fromCharCode(98 + i % 24)}${i}: 1`).join('')}, f: function(l, n) if n = 0 then l else f(concatenate(l, l), n - 1), r: f(a, 60)}.r`, memory);
stops('a million elements sorted backwards', 'sort(for i in 1..1000000 return i, function(a, b) a > b)', /steps|memory/);
stops('a million elements by a comparison that contradicts itself', 'sort(for i in 1..1000000 return i, function(a, b) true)', /steps|memory/);
gives('a comparison that contradicts itself', 'count(sort(for i in 1..1000 return i, function(a, b) true))', 1000);
gives('a comparison that gives no boolean', 'sort(for i in 1..1000 return i, function(a, b) a)', null);
stops('filters of filters', '{l: for i in 1..3000 return i, r: l[count(l[count(l[item > 0]) > 0]) > 0]}.r', /steps|memory/);
stops('a walk over a large list in a large loop', '{l: for i in 1..100000 return i, r: some i in 1..1000000 satisfies list contains(l, 0)}.r', steps);
stops('sums over a large list in a large loop', '{l: for i in 1..100000 return i, r: some i in 1..1000000 satisfies sum(l) < 0}.r', steps);
stops('lists compared in a large loop', '{l: for i in 1..100000 return i, m: for i in 1..100000 return i, r: some i in 1..1000000 satisfies l != m}.r', steps);
stops('lists inside each other compared', '{l: [1], f: function(l, n) if n = 0 then l else f([l, l], n - 1), r: f(l, 40) = f([2 - 1], 40), s: every i in 1..100000 satisfies f(l, 20) = f([2 - 1], 20)}.s', /steps|memory/);
stops('flattened without end', '{f: function(l, n) if n = 0 then l else f([l, l], n - 1), r: flatten(f([1], 60))}.r', /steps|memory/);
stops('a loop that keeps what came before', 'for i in 1..100000 return partial', /steps|memory|value is too large|standard/);
stops('partial walked in every turn', 'count(for i in 1..1000000 return sum(partial))', steps);
stops('factorial steps allowed by hand', 'some i in 1..1000 satisfies i < 0', steps, ['--steps', '100']);
gives('more steps allowed by hand', 'some i in 1..6000000 satisfies i < 0', false, ['--steps', '100000000']);
stops('little memory allowed by hand', 'count(for i in 1..100000 return i)', memory, ['--memory', '1']);

// ---- texts and numbers
stops('a text that doubles', '{f: function(t, n) if n = 0 then t else f(t + t, n - 1), r: string length(f("0123456789", 60))}.r', memory);
stops('a text joined over and over', '{f: function(t, n) if n = 0 then t else f(string join([t, t, t, t, t, t, t, t, t, t]), n - 1), r: f("0123456789", 9)}.r', memory);
stops('a text replaced by more of itself', '{f: function(t, n) if n = 0 then t else f(replace(t, "a", "aaaaaaaaaa"), n - 1), r: f("a", 9)}.r', /steps|memory/);
stops('searching a long text in a long loop', '{f: function(t, n) if n = 0 then t else f(t + t, n - 1), t: f("0123456789", 20), r: some i in 1..1000000 satisfies contains(t, "x")}.r', steps);
stops('comparing long texts in a long loop', '{f: function(t, n) if n = 0 then t else f(t + t, n - 1), t: f("0123456789", 20), u: f("0123456789", 20), r: some i in 1..10000000 satisfies t < u}.r', steps);
gives('a regular expression that explodes', 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")', null);
gives('another one', 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|a|aa)*$")', null);
gives('groups of groups', `matches("a", "${'('.repeat(5000)}a${')'.repeat(5000)}")`, null);
gives('repetitions of repetitions', 'matches("a", "((((a{1,100}){1,100}){1,100}){1,100}){1,100}")', null);
stops('a regular expression that explodes in a loop', 'some i in 1..1000000 satisfies matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" + string(i), "^(a+)+$")', steps);
test('ten thousand constants that explode while compiling', () => {
  const bad = 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")';
  const done = evaluate(definitions(decision(literal('1'))
    + Array.from({ length: 10000 }, (_, i) => decision(literal(bad), `x${i}`)).join('\n')));
  assert.equal(done.stdout, '1\n');
});
gives('a huge exponent', '10**(10**9)', null);
gives('a huge exponent of almost one', '1.000000000000000000000000000000001 ** (10**18) > 1', true);
gives('huge exponents of exponents', '9**9**9**9**9', null);
gives('exp of much', 'exp(10**30)', null);
gives('the rest of a huge number', 'modulo(10**6000, 7) >= 0', true);
stops('powers in a loop', 'some i in 1..100000000 satisfies i ** 0.5 < 0', steps);
gives('a number of a million digits', `${'9'.repeat(1000)} > 1`, true);
gives('a duration beyond all', '@"P999999999Y" * 10**30', null);

// ---- models
const nested = (open, close, count, inner = '1') => definitions(decision(literal(open.repeat(count) + inner + close.repeat(count))));
const tooDeep = /nested too deeply|too long|build on each other/;
refused('a file of 50 MB', () => definitions(decision(literal(`"${'x'.repeat(50 * 1024 * 1024)}"`))), /too large|bytes|MiB|longer/);
refused('a literal of 20 MB', () => definitions(decision(literal(`"${'x'.repeat(20 * 1024 * 1024)}"`))), /too long: at most/);
refused('10,000 nested brackets', () => nested('(', ')', 10000), tooDeep);
refused('10,000 nested lists', () => nested('[', ']', 10000), tooDeep);
refused('10,000 nested contexts', () => nested('{a: ', '}', 10000), tooDeep);
refused('10,000 nested ifs', () => nested('if true then ', ' else 2', 10000), tooDeep);
refused('10,000 nested functions', () => nested('function(x) ', '', 10000), tooDeep);
refused('10,000 nested filters', () => nested('[1][', ']', 10000), tooDeep);
refused('10,000 signs', () => nested('-', '', 10000), tooDeep);
refused('100,000 sums', () => nested('1+', '', 100000), tooDeep);
refused('100,000 filters in a row', () => definitions(decision(literal(`[1]${'[1]'.repeat(100000)}`))), tooDeep);
refused('100,000 calls in a row', () => definitions(decision(literal(`x${'()'.repeat(100000)}`))), tooDeep);
refused('100,000 points', () => definitions(decision(literal(`{a: 1}${'.a'.repeat(100000)}`))), tooDeep);
refused('200,000 items', () => definitions(decision(literal(`[${'1,'.repeat(200000)}1]`))), /too many items/);
refused('boxed contexts 10,000 deep', () => definitions(decision(`${'<context><contextEntry><variable name="a"/>'.repeat(10000)}${literal('1')}${'</contextEntry></context>'.repeat(10000)}`)), /nested|deep/i);
refused('a document type', '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + definitions(decision(literal('"&b;"'))).slice(39), /DTD|DOCTYPE|document type/i);
refused('definitions that are themselves', definitions('<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition><itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>' + decision(literal('1'))), /defined by itself/);
refused('definitions 10,000 deep', () => definitions(`<itemDefinition name="t0"><typeRef>number</typeRef></itemDefinition>${Array.from({ length: 10000 }, (_, i) => `<itemDefinition name="t${10000 - i}"><typeRef>t${9999 - i}</typeRef><allowedValues><text>&lt; ${i}</text></allowedValues></itemDefinition>`).join('')}${decision(literal('1'))}`), /too indirectly/);
refused('100,000 definitions', () => definitions(Array.from({ length: 100000 }, (_, i) => `<itemDefinition name="t${i}"><typeRef>number</typeRef></itemDefinition>`).join('') + decision(literal('1'))), /at most \d+ item definitions/);
refused('a decision that requires itself', definitions(decision(literal('1'), 'd', needs('_d')) + decision(literal('1'), 'a', needs('_b')) + decision(literal('1'), 'b', needs('_a'))), /requires itself/);
test('a chain of 10,000 decisions', () => {
  const done = evaluate(definitions(Array.from({ length: 10000 }, (_, i) => decision(literal(i ? `d${i - 1} + 1` : '0'), `d${i}`, i ? needs(`_d${i - 1}`) : '')).join('') + decision(literal('d9999'), 'd', needs('_d9999'))));
  assert.equal(done.stdout, '9999\n');
});
refused('100,000 decisions', () => definitions(Array.from({ length: 100000 }, (_, i) => decision(literal('1'), `x${i}`)).join('') + decision(literal('1'))), /at most \d+ elements/);
refused('a service that runs itself', definitions('<decisionService name="s" id="_s"><outputDecision href="#_d"/></decisionService>' + decision(literal('s()'), 'd', '<knowledgeRequirement><requiredKnowledge href="#_s"/></knowledgeRequirement>')), /requires itself/);
refused('imports in a circle, one missing', definitions(`<import name="b" namespace="urn:b" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>${decision(literal('1'))}`), /missing|not found|no file/i);
const importing = (namespace, name, other) => definitions(`<import name="${name}" namespace="${other}" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>${decision(literal('1'))}`).replace('urn:koppel:hostile', namespace);
test('imports in a circle', () => {
  const done = evaluate(importing('urn:a', 'b', 'urn:b'), [], { 'b.dmn': importing('urn:b', 'a', 'urn:a') });
  assert.ok(done.status === 1 || done.stdout === '1\n', done.stderr);
});
test('a chain of 100 imports', () => {
  const more = {};
  for (let i = 1; i < 100; i++) more[`m${i}.dmn`] = importing(`urn:m${i}`, 'm', `urn:m${i + 1}`);
  const done = evaluate(importing('urn:m0', 'm', 'urn:m1'), [], more);
  assert.equal(done.status, 1);
  assert.match(done.stderr, /import/);
});
const table = (rows, policy = 'UNIQUE', input = '1') => `<decisionTable hitPolicy="${policy}"><input><inputExpression typeRef="number"><text>${input}</text></inputExpression></input><output/>${rows}</decisionTable>`;
const rule = (a, b) => `<rule><inputEntry><text>${escaped(a)}</text></inputEntry><outputEntry><text>${escaped(b)}</text></outputEntry></rule>`;
refused('a table of a million rows', () => definitions(decision(table(Array.from({ length: 1000000 }, (_, i) => rule(`${i}`, `${i}`)).join('')))), /too large|bytes|MiB|longer/);
test('a table of 200,000 rows, one of them twice', () => {
  const done = evaluate(definitions(decision(table(Array.from({ length: 200000 }, (_, i) => rule(`${i === 77 ? 78 : i}`, `${i}`)).join('')))));
  assert.equal(done.status, 1);
  assert.match(done.stderr, /row/);
});
test('100,000 rows that overlap', () => {
  const done = evaluate(definitions(decision(table(Array.from({ length: 100000 }, (_, i) => rule(`[${i}..${i + 50000}]`, `${i}`)).join(''), 'COLLECT', '70000'))));
  assert.equal(done.status, 0, done.stderr.slice(0, 500));
  assert.equal(JSON.parse(done.stdout).length, 50001);
});
test('100,000 rows that no index takes, in a loop', () => {
  const body = `<businessKnowledgeModel name="k" id="_k"><variable name="k"/><encapsulatedLogic><formalParameter name="x"/>${table(Array.from({ length: 100000 }, (_, i) => rule(`? + ${i} < 0`, `${i}`)).join(''), 'FIRST', 'x')}</encapsulatedLogic></businessKnowledgeModel>`;
  const done = evaluate(definitions(body + decision(literal('some i in 1..1000000 satisfies k(i) = 1'), 'd', '<knowledgeRequirement><requiredKnowledge href="#_k"/></knowledgeRequirement>')));
  assert.equal(done.status, 1);
  assert.match(done.stderr, steps);
});
test('20,000 names in sight of a long expression', () => {
  const done = evaluate(definitions(Array.from({ length: 10000 }, (_, i) => decision(literal('1'), `name${i}`)).join('') + decision(literal(`[${Array.from({ length: 50000 }, () => 'name77').join(',')}][1]`), 'd', Array.from({ length: 10000 }, (_, i) => needs(`_name${i}`)).join(''))));
  assert.ok(done.status === 0 || /too /.test(done.stderr), done.stderr.slice(0, 300));
});
test('inputs of the deepest kind', () => {
  writeFileSync(join(folder, 'deep.json'), '{"x": ' + '['.repeat(100000) + ']'.repeat(100000) + '}');
  const done = evaluate(definitions('<inputData name="x" id="_x"><variable name="x"/></inputData>' + decision(literal('count(flatten(x))'), 'd', '<informationRequirement><requiredInput href="#_x"/></informationRequirement>')), ['--input', join(folder, 'deep.json')]);
  assert.equal(done.status, 1);
});
test('an input of a million items', () => {
  writeFileSync(join(folder, 'wide.json'), `{"x": [${'1,'.repeat(999999)}1]}`);
  const done = evaluate(definitions('<inputData name="x" id="_x"><variable name="x"/></inputData>' + decision(literal('sum(x)'), 'd', '<informationRequirement><requiredInput href="#_x"/></informationRequirement>')), ['--input', join(folder, 'wide.json')]);
  assert.equal(done.stdout.trim(), '1000000', done.stderr);
});
