// Times zen-engine by itself: one model, one call after the other, no server.
//
// usage: engine.mjs MODULES MODEL.json INPUTS.json EXPECTED.json SECONDS; prints one line of JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, model, inputsFile, expectedFile, seconds] = process.argv.slice(2);
const { ZenDecisionContent, ZenEngine } = createRequire(modules)('@gorules/zen-engine');
const decision = new ZenEngine().createDecision(new ZenDecisionContent(readFileSync(model)));
const inputs = JSON.parse(readFileSync(inputsFile, 'utf8'));
const expected = JSON.parse(readFileSync(expectedFile, 'utf8'));

// A table with one output gives {name: value} there, and the value alone in DMN.
function equal(got, wanted) {
  if (typeof wanted !== 'object') return Number(Object.values(got)[0]) === Number(wanted);
  return Object.entries(wanted).every(([name, value]) => Number(got[name]) === Number(value));
}

let mismatches = 0;
for (const [at, input] of inputs.entries())
  if (!equal((await decision.evaluate(input)).result, expected[at])) mismatches++;

let evaluations = 0;
const began = process.hrtime.bigint();
const end = began + BigInt(Math.round(Number(seconds) * 1e9));
while (process.hrtime.bigint() < end)
  for (let k = 0; k < 256; k++) await decision.evaluate(inputs[evaluations++ % inputs.length]);
const took = Number(process.hrtime.bigint() - began) / 1e9;
console.log(JSON.stringify({ evaluations_per_second: evaluations / took, mismatches }));
