// Every worked example of the products that ship, through JSON and through SOAP by name and by
// typed elements: the same outcome, to the cent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { request } from '../api/support.mjs';
import { casesOf, jsonAnswers, mapValues, ofJson, ofXml } from './engine-cases.mjs';
import { SERVICE, call, envelope, namedAnswers, post, start, typedAnswers } from './support.mjs';

let started;
before(async () => {
  started = await start();
});
after(() => started?.stop());

for (const product of ['auto', 'reis']) {
  test(`the examples of ${product} come out alike through JSON and SOAP`, async () => {
    const schema = (await request(started.server, 'GET', `/api/v1/products/${product}`, { key: started.key })).json;
    const cases = casesOf(product);
    assert.ok(cases.length > 20);
    let rated = 0;
    for (const { id, answers, date, total } of cases) {
      const body = { product, answers: jsonAnswers(answers, schema), ...(date && { effective_date: date }) };
      const json = await request(started.server, 'POST', '/api/v1/estimates', { key: started.key, body });
      const texts = mapValues(answers, ({ text }) => text);
      const on = date ? `<effective_date>${date}</effective_date>` : '';
      const named = await post(started, envelope(call('RequestEstimate', `<product>${product}</product>${namedAnswers(texts)}${on}`)));
      const typed = await post(started, envelope(call('RequestEstimate', `${typedAnswers(texts)}${on}`, `urn:koppel:quote:${product}:i1`)), { path: `${SERVICE}/${product}` });
      if (json.status !== 200) {
        assert.equal(named.status, 500, id);
        assert.equal(typed.status, 500, id);
        continue;
      }
      rated += 1;
      assert.equal(named.status, 200, `${id}: ${named.text}`);
      assert.equal(typed.status, 200, `${id}: ${typed.text}`);
      assert.deepEqual(ofXml(named.text), ofJson(json.json), id);
      assert.deepEqual(ofXml(typed.text), ofJson(json.json), id);
      if (total !== undefined) assert.equal(json.json.premium.total, total, id);
    }
    assert.ok(rated > cases.length / 2, `${rated} of ${cases.length} could be rated`);
  });
}
