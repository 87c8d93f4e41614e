// Two interfaces of one product: each has its contract, and works for dates on which its versions
// are in force; for others a fault says which contract to take.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dateIn, exampleAnswers, request, run } from '../api/support.mjs';
import { SERVICE, call, envelope, faultOf, post, start, textOf, typedAnswers } from './support.mjs';

const DAYS_AHEAD = 20;
let started;
let answers;
let folder;

before(async () => {
  started = await start();
  answers = await exampleAnswers(started.server, started.key, 'auto');
  folder = mkdtempSync(join(tmpdir(), 'koppel-interface-'));
  cpSync('quote-engine/products/auto', folder, { recursive: true });
  const file = join(folder, 'product.xml');
  const text = readFileSync(file, 'utf8');
  const changed = text.replace('interface="1"', 'interface="2"')
    .replace('<questions>', '<questions>\n    <text name="nickname" required="false" length_maximum="20"><label><nl>Hoe heet de auto?</nl><en>What is the car called?</en></label></text>');
  assert.notEqual(changed, text);
  writeFileSync(file, changed);
  const published = run('product', 'publish', folder, '--data', started.installation.folder, '--from', dateIn(DAYS_AHEAD));
  assert.equal(published.status, 0, published.stderr + published.stdout);
  await new Promise((done) => setTimeout(done, 1500));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await started?.stop();
});

const wsdl = async (query) => (await request(started.server, 'GET', `${SERVICE}/auto?wsdl${query}`)).text;
const estimate = (number, days, more = {}) => post(started,
  envelope(call('RequestEstimate', `${typedAnswers({ ...more, ...answers })}<effective_date>${dateIn(days)}</effective_date>`, `urn:koppel:quote:auto:i${number}`)),
  { path: `${SERVICE}/auto` });

test('each interface has its contract; the plain address gives the one of today', async () => {
  assert.match(await wsdl(''), /targetNamespace="urn:koppel:quote:auto:i1"/);
  assert.equal(await wsdl('&interface=1'), await wsdl(''));
  assert.ok(!(await wsdl('')).includes('nickname'));
  const next = await wsdl('&interface=2');
  assert.match(next, /targetNamespace="urn:koppel:quote:auto:i2"/);
  assert.match(next, /<xs:element name="nickname" minOccurs="0"/);
});

test('each works for dates of its own versions', async () => {
  for (const [number, days, more] of [[1, 0, {}], [2, DAYS_AHEAD + 1, { nickname: 'Bolide' }]]) {
    const answer = await estimate(number, days, more);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(textOf(answer.text, 'status'), 'offered');
  }
});

test('on other dates a fault tells which contract to take', async () => {
  for (const [number, days, right] of [[1, DAYS_AHEAD + 1, 2], [2, 0, 1]]) {
    const answer = await estimate(number, days);
    assert.equal(answer.status, 500);
    assert.equal(faultOf(answer).code, 'interface_not_in_force');
    assert.match(faultOf(answer).message, new RegExp(`${started.address}/auto\\?wsdl&interface=${right}`));
  }
});

test('a change is asked in the questions of its date; where there are none yet, the policy decides', async () => {
  const change = (number, date) => post(started,
    envelope(call('RequestChange', `<id>pol_none</id>${typedAnswers({ claim_free_years: 1 })}<effective_date>${date}</effective_date>`, `urn:koppel:quote:auto:i${number}`)),
    { path: `${SERVICE}/auto` });
  for (const [number, date, code] of [[1, dateIn(DAYS_AHEAD + 1), 'interface_not_in_force'], [2, dateIn(0), 'interface_not_in_force'],
    [1, dateIn(0), 'not_found'], [1, '1990-01-01', 'not_found'], [7, '1990-01-01', 'unknown_operation']])
    assert.equal(faultOf(await change(number, date)).code, code, `${number} ${date}`);
});

test('the older one says since when it is old and when it ends, the newer one nothing', async () => {
  for (const [number, days] of [[1, 0], [2, DAYS_AHEAD + 1]]) {
    const described = await request(started.server, 'GET', `${SERVICE}/auto?wsdl&interface=${number}`, { headers: { 'Accept-Language': 'en' } });
    const more = number === 2 ? { nickname: 'Bolide' } : {};
    for (const { headers, text } of [described, await estimate(number, days, more)]) {
      assert.equal(headers.link, undefined);
      if (number === 2) {
        assert.equal(headers.deprecation, undefined);
        assert.equal(headers.sunset, undefined);
        assert.ok(!text.includes('Deprecated'));
        continue;
      }
      assert.ok(Math.abs(Number(/^@(\d+)$/.exec(headers.deprecation)[1]) - Date.now() / 1000) < 120);
      assert.equal(new Date(headers.sunset).toLocaleDateString('sv', { timeZone: 'Europe/Amsterdam' }), dateIn(DAYS_AHEAD));
    }
    if (number === 1) assert.match(described.text, new RegExp(`newer edition of the questions. Deprecated since \\d{4}-\\d\\d-\\d\\d. Ends on ${dateIn(DAYS_AHEAD)}</wsdl:documentation>`));
  }
  const generic = await request(started.server, 'GET', `${SERVICE}?wsdl`);
  assert.equal(generic.headers.deprecation, undefined);
  const refused = await estimate(1, DAYS_AHEAD + 1);
  assert.match(refused.headers.deprecation, /^@\d+$/, 'faults say it too');
});
