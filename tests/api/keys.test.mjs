// Keys: who may what, from where, and how every kind of wrong key looks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exampleAnswers, install, request, run, serve } from './support.mjs';

let installation;
let server;
let partner;
let answers;
before(async () => {
  installation = install();
  server = await serve(installation);
  [partner] = installation.demo.partners;
  answers = await exampleAnswers(server, partner.secret_key, 'auto');
});
after(async () => {
  await server?.stop();
  installation.remove();
});

function create(...options) {
  const made = run('key', 'create', '--data', installation.folder, '--partner', partner.id, ...options);
  assert.equal(made.status, 0, made.stderr);
  return {
    key: /[sp]k_(?:test|live)_[0-9A-Za-z]+/.exec(made.stdout)[0],
    id: /key_[0-9a-z]{26}/.exec(made.stderr)[0], // for people; the key alone is the output
  };
}
const post = (path, key, headers = {}, body = { product: 'auto', answers }) =>
  request(server, 'POST', `/api/v1/${path}`, { key, headers, body });

test('missing, wrong, malformed and revoked keys are all alike: 401', async () => {
  const revoked = create('--kind', 'secret', '--mode', 'live');
  assert.equal((await post('estimates', revoked.key)).status, 200);
  assert.equal(run('key', 'revoke', '--data', installation.folder, revoked.id).status, 0);
  await new Promise((done) => setTimeout(done, 1000));
  const wrong = [
    undefined, 'sk_live_wrong', 'x', `${partner.secret_key}x`, partner.secret_key.slice(0, -1),
    partner.secret_key.replace('live', 'test'), revoked.key, 'sk_live_', 'pk_live_' + 'a'.repeat(32),
    'a'.repeat(5000),
  ];
  const seen = new Set();
  for (const key of wrong) {
    const answer = await post('quotes', key);
    assert.equal(answer.status, 401, `${key}: ${answer.text}`);
    assert.match(answer.headers['www-authenticate'], /Bearer/);
    seen.add(JSON.stringify({ ...answer.json, request_id: '' }));
  }
  assert.equal(seen.size, 1, [...seen].join('\n'));
  for (const header of ['Basic abc', 'Bearer', 'Bearer  ', 'bearer\tx', `Token ${partner.secret_key}`]) {
    const answer = await post('quotes', undefined, { Authorization: header });
    assert.equal(answer.status, 401, header);
  }
});

test('a wrong key is told before anything that is wrong with the body', async () => {
  const body = '{"product": ';
  for (const [headers, sent] of [
    [{}, body], [{ 'Content-Type': 'text/plain' }, body], [{ 'Content-Encoding': 'br' }, body],
    [{}, `"${'x'.repeat(3_000_000)}"`],
  ]) {
    for (const key of [undefined, 'sk_live_wrong']) {
      const answer = await post('quotes', key, headers, sent);
      assert.equal(answer.status, 401, answer.text);
    }
  }
});

test('a revoked key stops within a second while the server runs', async () => {
  const made = create('--kind', 'secret', '--mode', 'live');
  assert.equal((await post('estimates', made.key)).status, 200);
  run('key', 'revoke', '--data', installation.folder, made.id);
  await new Promise((done) => setTimeout(done, 1000));
  assert.equal((await post('estimates', made.key)).status, 401);
});

test('a test key makes marked quotes that a live key does not see', async () => {
  const { key } = create('--kind', 'secret', '--mode', 'test');
  const made = await post('quotes', key);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.test, true);
  const read = await request(server, 'GET', `/api/v1/quotes/${made.json.id}`, { key });
  assert.equal(read.status, 200);
  assert.equal(read.json.test, true);
  const live = await request(server, 'GET', '/api/v1/quotes?limit=100', { key: partner.secret_key });
  assert.ok(live.json.items.every((item) => item.id !== made.json.id));
});

test('a key of the organisation is made, listed and revoked, and is no partner', async () => {
  const command = (...options) => run('key', ...options, '--data', installation.folder);
  const made = command('create', '--kind', 'organisation', '--name', 'Productbeheer', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  const key = made.stdout.trim();
  assert.match(key, /^ok_live_[0-9A-Za-z]{32}$/);
  const [id] = /oky_[0-9a-z]{26}/.exec(made.stderr);
  const listed = command('list').stdout;
  assert.match(listed, new RegExp(`${id} +organisation +live +active +ok_live_.*600/min\\n +Productbeheer`));
  assert.ok(!command('list', '--partner', partner.id).stdout.includes(id));

  for (const own of [key, installation.demo.organisation.key]) {
    const answer = await post('quotes', own);
    assert.equal(answer.status, 403, answer.text);
    assert.equal(answer.json.code, 'wrong_kind_of_key');
  }
  assert.equal(command('revoke', id).status, 0);
  assert.match(command('list').stdout, new RegExp(`${id} .* revoked`));
  await new Promise((done) => setTimeout(done, 1000));
  assert.equal((await post('quotes', key)).status, 401);

  for (const wrong of [
    ['--kind', 'organisation', '--mode', 'live'],
    ['--kind', 'organisation', '--name', '', '--mode', 'live'],
    ['--kind', 'organisation', '--name', 'x', '--mode', 'live', '--partner', partner.id],
    ['--kind', 'organisation', '--name', 'x', '--mode', 'live', '--origin', 'https://www.example.nl'],
    ['--kind', 'secret', '--name', 'x', '--mode', 'live', '--partner', partner.id],
  ]) assert.equal(command('create', ...wrong).status, 2, wrong.join(' '));
});

test('a publishable key quotes from its own origins only, and reads back with the token', async () => {
  const key = partner.publishable_key;
  const headers = { Origin: partner.origin };
  const made = await post('quotes', key, headers);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers['access-control-allow-origin'], partner.origin);
  assert.match(made.headers.vary, /Origin/i);
  assert.equal(made.headers['access-control-allow-credentials'], undefined);
  const products = await request(server, 'GET', '/api/v1/products/auto', { key, headers });
  assert.equal(products.status, 200);

  const path = `/api/v1/quotes/${made.json.id}`;
  const read = (query) => request(server, 'GET', path + query, { key, headers });
  assert.equal((await read(`?token=${made.json.token}`)).status, 200);
  assert.equal((await read('')).status, 404);
  assert.equal((await read('?token=wrong')).status, 404);

  for (const origin of [undefined, 'https://evil.example', 'null', `${partner.origin}.evil.example`,
    partner.origin.replace('https', 'http'), `${partner.origin}:444`, installation.demo.partners[2].origin]) {
    const answer = await post('quotes', key, origin ? { Origin: origin } : {});
    assert.equal(answer.status, 403, `${origin}: ${answer.text}`);
    assert.equal(answer.json.code, 'origin_not_allowed');
    assert.equal(answer.headers['access-control-allow-origin'], origin === 'null' ? undefined : origin, 'the page is told why');
    assert.equal(answer.headers['access-control-allow-credentials'], undefined);
  }
  for (const forbidden of ['/api/v1/quotes', `${path}/explanation?token=${made.json.token}`]) {
    const answer = await request(server, 'GET', forbidden, { key, headers });
    assert.equal(answer.status, 403, forbidden);
  }
});

test('a secret key never gets CORS', async () => {
  const answer = await post('quotes', partner.secret_key, { Origin: partner.origin });
  assert.equal(answer.headers['access-control-allow-origin'], undefined);
});

test('a page can read why its key is refused, and nothing that is for other keys', async () => {
  const opened = async (path, key, origin = partner.origin, status = 401) => {
    const answer = await request(server, 'GET', `/api/v1${path}`, { key, headers: { Origin: origin } });
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['access-control-allow-credentials'], undefined);
    assert.match(answer.headers.vary, /Origin/);
    return answer.headers['access-control-allow-origin'];
  };
  for (const key of ['pk_live_wrong', `pk_live_${'0'.repeat(32)}`, undefined]) {
    assert.equal(await opened('/products', key), partner.origin);
    assert.equal(await opened('/products', key, 'http://localhost:8080'), 'http://localhost:8080');
    assert.equal(await opened('/applications', key), undefined, 'no website may call this');
    for (const odd of ['null', 'https://Evil.example', 'https://a.example/', 'https://a.example, https://b.example', '*', 'x'.repeat(600)])
      assert.equal(await opened('/products', key, odd), undefined, odd);
  }
  for (const key of ['sk_live_wrong', 'ok_live_wrong', 'kt_wrong', 'x']) assert.equal(await opened('/products', key), undefined, key);
  assert.equal(await opened('/applications', partner.publishable_key, partner.origin, 403), partner.origin, 'it knows this page already');
});

test('preflights are answered for listed origins and for nobody else', async () => {
  const preflight = (origin, method = 'POST') => request(server, 'OPTIONS', '/api/v1/quotes', {
    headers: {
      Origin: origin, 'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
    },
  });
  const known = await preflight(partner.origin);
  assert.equal(known.status, 204);
  assert.equal(known.headers['access-control-allow-origin'], partner.origin);
  assert.match(known.headers['access-control-allow-headers'], /authorization/i);
  assert.match(known.headers['access-control-allow-methods'], /POST/);
  const unknown = await preflight('https://evil.example');
  assert.equal(unknown.headers['access-control-allow-origin'], undefined);
});

test('a limited key gets its headers, and 429 with Retry-After when it is used up', async () => {
  const { key } = create('--kind', 'secret', '--mode', 'live', '--rate-limit', '5');
  const results = [];
  for (let index = 0; index < 12; index += 1) results.push(await post('estimates', key));
  const good = results.filter((answer) => answer.status === 200);
  const late = results.filter((answer) => answer.status === 429);
  assert.equal(good.length + late.length, 12);
  assert.ok(good.length >= 5 && good.length <= 10, String(good.length));
  assert.match(good[0].headers['ratelimit-policy'], /q=5/);
  assert.ok(good[0].headers.ratelimit);
  assert.ok(Number(late[0].headers['retry-after']) >= 1);
  assert.equal(late[0].json.code, 'too_many_requests');
  for (let index = 0; index < 30; index += 1) {
    assert.equal((await post('estimates', partner.secret_key)).status, 200, 'demo keys are without limit');
  }
});
