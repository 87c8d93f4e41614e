// The estimates of the JSON rows as SOAP messages, one a line: with answers by name for the service
// of all products, and as typed elements for the product's own. And families of travellers, of one
// and of many, for what repeated elements cost.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const FAMILY = 100;

const envelope = (call) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${call}</s:Body></s:Envelope>\n`;

function named(answers) {
  const each = Object.entries(answers).map(([name, value]) => `<answer name="${name}">${value}</answer>`);
  return envelope('<RequestEstimate xmlns="urn:koppel:quote:v1"><product>auto</product>' +
    `<answers>${each.join('')}</answers></RequestEstimate>`);
}

function typed(answers) {
  const each = Object.entries(answers).map(([name, value]) => `<${name}>${value}</${name}>`);
  return envelope('<RequestEstimate xmlns="urn:koppel:quote:auto:i1">' +
    `<answers>${each.join('')}</answers></RequestEstimate>`);
}

// { named, typed }: the lines of each, of sets of answers without lists.
export const envelopes = (examples) => ({
  named: examples.map(named).join(''), typed: examples.map(typed).join(''),
});

// The travel product, with families of up to FAMILY.
export function makeFamilyProduct(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join('quote-engine', 'products', 'reis'), folder, { recursive: true });
  const path = join(folder, 'product.xml');
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(/(name="travellers"[^>]*length_maximum=)"\d+"/, `$1"${FAMILY}"`);
  if (changed === text) throw new Error(`${path} says nothing of how many travellers`);
  writeFileSync(path, changed);
  return folder;
}

// One message, of `example` with so many travellers.
export function family(example, count) {
  const answer = ([name, value]) => `<answer name="${name}">${value}</answer>`;
  const { travellers: [first, , child], ...rest } = example;
  const records = Array.from({ length: count }, (_, at) =>
    `<record name="travellers">${Object.entries(at === 0 ? first : child).map(answer).join('')}</record>`);
  return envelope('<RequestEstimate xmlns="urn:koppel:quote:v1"><product>reis</product>' +
    `<answers>${Object.entries(rest).map(answer).join('')}${records.join('')}</answers></RequestEstimate>`);
}
