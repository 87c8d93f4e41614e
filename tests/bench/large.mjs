// One decision table of many disjoint rows beside the same of few: what the size costs a lookup, how
// long a large one takes to load, and what it holds. Regions, bands of age, and as many bands of
// value as the rows ask for; each input meets exactly one row.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FEW = 1_000, MANY = 100_000;
const REGIONS = 10, AGES = 10, VALUES = 5_000_000, INPUTS = 4096;
const AGE_WIDTH = 8, AGE_FROM = 18;

const rateOf = (row) => ((row * 37) % 1999 + 500) / 1000;
const bandOf = (age, value, width) =>
  Math.floor((age - AGE_FROM) / AGE_WIDTH) * (VALUES / width) + Math.floor(value / width);

function writeTable(folder, rows) {
  const bands = rows / (REGIONS * AGES), width = VALUES / bands;
  const cell = (text) => `<inputEntry><text>${text}</text></inputEntry>`;
  const rules = Array.from({ length: rows }, (_, row) => {
    const region = Math.floor(row / (AGES * bands));
    const age = AGE_FROM + (Math.floor(row / bands) % AGES) * AGE_WIDTH;
    const value = (row % bands) * width;
    return `<rule>${cell(`[${age}..${age + AGE_WIDTH - 1}]`)}${cell(`[${value}..${value + width - 1}]`)}` +
      `${cell(`"R${region}"`)}<outputEntry><text>${rateOf(row)}</text></outputEntry></rule>\n`;
  });
  const names = ['age', 'value', 'region'], types = ['number', 'number', 'string'];
  const model = join(folder, `large-${rows}.dmn`);
  writeFileSync(model, '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="large" ' +
    'name="large" namespace="urn:koppel:bench:large">\n' +
    names.map((name, at) => `<inputData id="i_${name}" name="${name}"><variable name="${name}" ` +
      `typeRef="${types[at]}"/></inputData>\n`).join('') +
    '<decision id="d_rate" name="rate"><variable name="rate"/>' +
    names.map((name) => '<informationRequirement><requiredInput ' +
      `href="#i_${name}"/></informationRequirement>`).join('') +
    `<decisionTable hitPolicy="FIRST">${names.map((name, at) => '<input><inputExpression ' +
      `typeRef="${types[at]}"><text>${name}</text></inputExpression></input>`).join('')}` +
    `<output typeRef="number"/>\n${rules.join('')}</decisionTable></decision></definitions>\n`);
  const inputs = Array.from({ length: INPUTS }, (_, at) => ({
    age: AGE_FROM + (at * 7919) % (AGES * AGE_WIDTH),
    value: (at * 2_654_435) % VALUES,
    region: `R${(at * 31) % REGIONS}`,
  }));
  const expected = inputs.map(({ age, value, region }) =>
    String(rateOf(Number(region.slice(1)) * AGES * bands + bandOf(age, value, width))));
  const paths = { model, inputs: join(folder, `large-${rows}.inputs.json`),
    expected: join(folder, `large-${rows}.expected.json`) };
  writeFileSync(paths.inputs, JSON.stringify(inputs));
  writeFileSync(paths.expected, JSON.stringify(expected));
  return paths;
}

// `time` runs koppel dmn bench with the files and answers what it prints.
export function measureLarge(folder, time) {
  return [FEW, MANY].map((rows) => {
    const own = time(writeTable(folder, rows), 'rate');
    console.log(`a table of ${rows} rows: ${Math.round(own.evaluations_per_second)}/s`);
    return { rows, own };
  });
}
