// openapi.json is generated from the table of operations: it must name what is served, and be sound.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { install, request, serve } from './support.mjs';

let installation;
let server;
let api;
before(async () => {
  installation = install();
  server = await serve(installation);
  api = await request(server, 'GET', '/api/v1/openapi.json');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

test('it is OpenAPI 3.1, public, and cached by ETag', async () => {
  assert.equal(api.status, 200);
  assert.match(api.headers['content-type'], /^application\/(json|openapi\+json|vnd\.oai\.openapi\+json)/);
  assert.match(api.json.openapi, /^3\.1\./);
  assert.ok(api.json.info.title && api.json.info.version);
  assert.match(api.json.servers[0].url, /^https:\/\/.*\/api\/v1$/);
  const again = await request(server, 'GET', '/api/v1/openapi.json',
    { headers: { 'If-None-Match': api.headers.etag } });
  assert.equal(again.status, 304);
});

test('the operations of the quote service are there, with unique ids in PascalCase', () => {
  const operations = Object.values(api.json.paths).flatMap((path) => Object.values(path))
    .filter((operation) => operation.operationId);
  const ids = operations.map((operation) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[A-Z][A-Za-z]+$/);
  for (const id of ['ListProducts', 'GetProduct', 'RequestQuote', 'RequestEstimate', 'GetQuote']) {
    assert.ok(ids.includes(id), id);
  }
  for (const operation of operations) {
    assert.ok(operation.summary, operation.operationId);
    assert.ok(Object.keys(operation.responses).some((status) => /^2/.test(status)), operation.operationId);
  }
});

test('the example of a refusal is what a caller gets, in both languages', async () => {
  for (const language of ['nl', 'en']) {
    const headers = { 'Accept-Language': language };
    const described = await request(server, 'GET', '/api/v1/openapi.json', { headers });
    const [partner] = installation.demo.partners;
    const key = partner.secret_key;
    for (const [name, answer] of [
      ['Unauthorized', await request(server, 'GET', '/api/v1/products', { headers })],
      ['Forbidden', await request(server, 'GET', '/api/v1/drafts', { key, headers })],
      ['NotFound', await request(server, 'GET', '/api/v1/quotes/qte_none', { key, headers })],
      ['BadRequest', await request(server, 'POST', '/api/v1/quotes', { key, headers, body: '{"product"' })],
      ['TooLarge', await request(server, 'POST', '/api/v1/quotes', { key, headers, body: ' '.repeat(300000) })],
      ['UnsupportedMediaType', await request(server, 'POST', '/api/v1/quotes', { key, headers: { ...headers, 'Content-Type': 'text/plain' }, body: '{}' })],
      ['Unprocessable', await request(server, 'POST', '/api/v1/quotes', { key, headers, body: {} })],
    ]) {
      const { example } = described.json.components.responses[name].content['application/problem+json'];
      for (const member of ['type', 'title', 'status', 'code']) {
        assert.equal(example[member], answer.json[member], `${name} ${member}`);
      }
    }
  }
});

test('the example of a quote is offered a premium, and its answer is as described', async () => {
  const { post } = api.json.paths['/quotes'];
  const [partner] = installation.demo.partners;
  const made = await request(server, 'POST', '/api/v1/quotes',
    { key: partner.secret_key, body: post.requestBody.content['application/json'].example });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.status, 'offered');
  for (const name of api.json.components.schemas.RequestQuoteAnswer.required) assert.ok(name in made.json, name);
  assert.ok(api.json.components.schemas.RequestQuoteAnswer.required.includes('token'));
  assert.ok(!api.json.components.schemas.GetQuoteAnswer.required.includes('token'));
  assert.ok(post.responses[201].headers.Location && made.headers.location);
  const list = await request(server, 'GET', '/api/v1/quotes?limit=1', { key: partner.secret_key });
  const { headers } = api.json.paths['/quotes'].get.responses[200];
  assert.ok(headers.Link && list.headers.link && headers.ETag && list.headers.etag);
});

test('answers are as described: what is required is there, and nothing is there that is not described', async () => {
  const { schemas } = api.json.components;
  const [partner] = installation.demo.partners;
  const key = partner.secret_key;
  const ask = (method, path, body, as = key) => request(server, method, `/api/v1${path}`, { key: as, body });
  const body = api.json.paths['/quotes'].post.requestBody.content['application/json'].example;
  const made = await ask('POST', '/quotes', { ...body, reference: 'r' });
  const declined = await ask('POST', '/quotes', { ...body, answers: { ...body.answers, usage: 'taxi' } });
  assert.equal(declined.json.status, 'declined');
  const organisation = installation.demo.organisation.key;
  const drafts = await ask('GET', '/drafts', undefined, organisation);
  const [{ id: draft }] = drafts.json.items;
  const look = [['RequestQuoteAnswer', made], ['RequestQuoteAnswer', declined],
    ['RequestEstimateAnswer', await ask('POST', '/estimates', body)],
    ['ExplainEstimateAnswer', await ask('POST', '/estimates/explanation', { ...body, what_if: true })],
    ['ListQuotesAnswer', await ask('GET', '/quotes')],
    ['ListProductsAnswer', await ask('GET', '/products')],
    ['ListDraftsAnswer', drafts],
    ['GetDraftAnswer', await ask('GET', `/drafts/${draft}`, undefined, organisation)],
    ['GetDraftFileAnswer', await ask('GET', `/drafts/${draft}/files/product.xml`, undefined, organisation)],
    ['StartImpactAnswer', await ask('POST', '/impacts', { draft_id: draft }, organisation)],
    ['Problem', await ask('POST', '/quotes', { product: 'auto', answers: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`x${i}`, 1])) })],
    ['Problem', await ask('GET', '/products', undefined, null)]];
  for (const { json: { id } } of [made, declined]) {
    look.push(['GetQuoteAnswer', await ask('GET', `/quotes/${id}`)],
      ['GetQuoteExplanationAnswer', await ask('GET', `/quotes/${id}/explanation`)],
      ['ReplayQuoteAnswer', await ask('GET', `/quotes/${id}/replay`)]);
  }
  for (const [name, answer] of look) {
    for (const required of schemas[name].required) assert.ok(required in answer.json, `${name} lacks ${required}`);
    for (const there of Object.keys(answer.json)) assert.ok(there in schemas[name].properties, `${name} has ${there}`);
  }
});

test('every reference leads somewhere, every path field is declared', () => {
  const find = (reference) => reference.replace(/^#\//, '').split('/')
    .reduce((node, name) => node?.[name.replace(/~1/g, '/').replace(/~0/g, '~')], api.json);
  const walk = (node) => {
    if (Array.isArray(node)) node.forEach(walk);
    else if (node && typeof node === 'object') {
      if (typeof node.$ref === 'string') assert.ok(find(node.$ref) !== undefined, node.$ref);
      Object.values(node).forEach(walk);
    }
  };
  walk(api.json);
  for (const [path, methods] of Object.entries(api.json.paths)) {
    const wanted = [...path.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1]);
    for (const [method, operation] of Object.entries(methods)) {
      if (!operation.operationId) continue;
      const parameters = [...(methods.parameters ?? []), ...(operation.parameters ?? [])]
        .map((parameter) => (parameter.$ref ? find(parameter.$ref) : parameter));
      const declared = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
      assert.deepEqual(declared.sort(), [...wanted].sort(), `${method} ${path}`);
    }
  }
});

test('it speaks the asked language', async () => {
  const [nl, en] = await Promise.all(['nl', 'en'].map((language) =>
    request(server, 'GET', '/api/v1/openapi.json', { headers: { 'Accept-Language': language } })));
  assert.notEqual(nl.text, en.text);
  assert.deepEqual(Object.keys(nl.json.paths), Object.keys(en.json.paths));
});

// What partners build on changes only on purpose: the snapshot shows a change in review. It is the
// document of an installation without products, whose own schemas come and go with them.
// `make snapshots` writes it anew.
test('it equals the snapshot in schema/openapi.json', async () => {
  const plain = install('--without-demo');
  const other = await serve(plain);
  const english = await request(other, 'GET', '/api/v1/openapi.json', { headers: { 'Accept-Language': 'en' } });
  await other.stop();
  plain.remove();
  const text = `${JSON.stringify(english.json, null, 2)}\n`;
  if (process.env.KOPPEL_SNAPSHOTS === 'write') writeFileSync('schema/openapi.json', text);
  assert.ok(text === readFileSync('schema/openapi.json', 'utf8'),
    'the API changed: if it was meant to, run make snapshots and commit schema/openapi.json');
});
