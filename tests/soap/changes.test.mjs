// A policy changed into every worked example of the products that ship, through JSON and through SOAP
// with named and with typed answers: the premium that a new quote would have, to the cent, and the same faults; accepted and confirmed
// the policy has that premium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { policyCaller } from '../api/policies.mjs';
import { exampleAnswers } from '../api/support.mjs';
import { casesOf, jsonAnswers, mapValues, ofJson, ofXml } from './engine-cases.mjs';
import { call, envelope, faultOf, namedAnswers, post, start, textOf, typedAnswers } from './support.mjs';

let started;
let own;
before(async () => {
  started = await start();
  own = policyCaller(() => started.server, started.key);
});
after(() => started?.stop());

const ofChange = (json) => ofJson({ ...json, status: json.outcome });
// The policy's own payment term is an element of that name as well.
const ofChangeXml = (xml) => ({ ...ofXml(xml.replace(/<term>[a-z_]+<\/term>/, '')), status: textOf(xml, 'outcome') });

for (const product of ['auto', 'reis']) {
  test(`a policy of ${product} is changed into each example as it would be sold`, async () => {
    const schema = (await own.call('GET', `/products/${product}`)).json;
    const base = await exampleAnswers(started.server, started.key, product);
    let rated = 0;
    for (const { id, answers } of casesOf(product)) {
      const policy = await own.policy(product, base);
      const wanted = jsonAnswers(answers, schema);
      const dropped = Object.keys(base).filter((name) => !(name in wanted));
      const sold = await own.call('POST', '/estimates', { body: { product, answers: wanted } });
      const json = await own.call('POST', `${policy.path}/changes`, { body: { answers: wanted, dropped } });
      const names = dropped.map((name) => `<name>${name}</name>`).join('');
      const texts = mapValues(answers, ({ text }) => text);
      const named = await post(started, envelope(call('RequestChange',
        `<id>${policy.id}</id>${namedAnswers(texts)}<dropped>${names}</dropped>`)));
      const typed = await post(started, envelope(call('RequestChange',
        `<id>${policy.id}</id>${typedAnswers(texts)}<dropped>${names}</dropped>`, `urn:koppel:quote:${product}:i1`)),
      { path: `/soap/v1/quote/${product}` });
      if (sold.status !== 200) {
        const pointers = (answer) => answer.json.errors.map(({ pointer }) => pointer);
        assert.equal(json.status, 422, `${id}: ${json.text}`);
        assert.deepEqual(pointers(json), pointers(sold), id);
        for (const answer of [named, typed]) {
          assert.equal(answer.status, 500, id);
          assert.deepEqual(faultOf(answer).fields.map(({ pointer }) => pointer), pointers(json), id);
        }
        continue;
      }
      if (json.json.errors?.[0].code === 'nothing_changes') continue; // it is the example that was sold
      rated += 1;
      assert.equal(json.status, 201, `${id}: ${json.text}`);
      assert.deepEqual(ofChange(json.json), ofJson(sold.json), id);
      for (const answer of [named, typed]) {
        assert.equal(answer.status, 200, `${id}: ${answer.text}`);
        assert.deepEqual(ofChangeXml(answer.text), ofJson(sold.json), id);
        assert.equal(textOf(answer.text, 'difference'), json.json.difference ?? undefined, id);
        assert.deepEqual([...answer.text.matchAll(/<name>([^<]*)</g)].map(([, name]) => name), json.json.changed, id);
      }
      if (json.json.status !== 'offered') continue;
      const done = await own.step(`${policy.path}/changes/${json.json.id}`, 'confirm', { body: { agreed: true, commission: json.json.commission } });
      assert.equal(done.status, 200, `${id}: ${done.text}`);
      assert.equal((await own.get(policy.path)).total, sold.json.premium.total, id);
    }
    assert.ok(rated > 10, `${rated} could be rated`);
  });
}
