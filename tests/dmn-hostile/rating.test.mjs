// A tariff that takes too long is stopped by the service's own bound, --rating-steps: the caller is
// told that the quote cannot be made, and the next one is served as before.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request, serve } from '../api/support.mjs';

let installation;
let server;
before(async () => {
  installation = install();
  server = await serve(installation, '--rating-steps', '1');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

const quote = async (product) => {
  const key = installation.demo.partners[0].secret_key;
  const answers = await exampleAnswers(server, key, product);
  return request(server, 'POST', '/api/v1/estimates', { key, body: { product, answers } });
};

test('a rating beyond --rating-steps fails, and says so without a premium', async () => {
  const { status, json } = await quote('reis');
  assert.ok(status >= 400, `status ${status}`);
  assert.ok(json.code && !json.premium);
});

test('with the steps that are usual the same is offered', async () => {
  await server.stop();
  server = await serve(installation);
  const { json } = await quote('reis');
  assert.equal(json.status, 'offered');
});
