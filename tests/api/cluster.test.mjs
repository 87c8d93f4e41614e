// Two nodes on one PostgreSQL database: what is done on one holds on the other within a second, and
// idempotency and limits hold across them. And the database server stopped and started under load.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  anotherNode, exampleAnswers, freshDatabase, install, postgresql, postgresqlPresent, request, run,
  scratchPostgresql, serve,
} from './support.mjs';

const skip = postgresqlPresent() ? false : 'PostgreSQL is not installed here';
const installations = [];
const nodes = [];
let partner;
let key;
let answers;
before(async () => {
  if (skip) return;
  installations.push(install('--database', freshDatabase()));
  installations.push(anotherNode(installations[0]));
  for (const installation of installations) nodes.push(await serve(installation));
  [partner] = installations[0].demo.partners;
  key = partner.secret_key;
  answers = await exampleAnswers(nodes[0], key, 'auto');
});
after(async () => {
  for (const node of nodes) await node.stop();
  for (const installation of installations) installation.remove();
});

const SECOND_MS = 1000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const quote = (node, { headers = {}, body = {}, as = key } = {}) =>
  request(node, 'POST', '/api/v1/quotes', { key: as, headers, body: { product: 'auto', answers, ...body } });

function createKey(...options) {
  const made = run('key', 'create', '--data', installations[0].folder, '--partner', partner.id,
    '--kind', 'secret', '--mode', 'live', ...options);
  assert.equal(made.status, 0, made.stderr);
  return { key: made.stdout.trim(), id: /key_[0-9a-z]{26}/.exec(made.stderr)[0] };
}

test('a quote made on one node is read on the other', { skip }, async () => {
  const made = await quote(nodes[0]);
  assert.equal(made.status, 201, made.text);
  const read = await request(nodes[1], 'GET', `/api/v1/quotes/${made.json.id}`, { key });
  assert.equal(read.status, 200, read.text);
  assert.deepEqual(read.json.premium, made.json.premium);
});

test('a product published through one folder holds on both nodes within a second', { skip }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    const folder = join(scratch, 'auto');
    cpSync('quote-engine/products/auto', folder, { recursive: true });
    const path = join(folder, 'product.xml');
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes('<validity days="30"'));
    writeFileSync(path, text.replace('<validity days="30"', '<validity days="40"'));
    const old = await Promise.all(nodes.map((node) => quote(node)));
    assert.equal(old[0].json.product_hash, old[1].json.product_hash);
    const published = run('product', 'publish', folder, '--data', installations[1].folder);
    assert.equal(published.status, 0, published.stderr);
    await pause(SECOND_MS);
    for (const node of nodes) {
      const fresh = await quote(node);
      assert.equal(fresh.status, 201, fresh.text);
      assert.notEqual(fresh.json.product_hash, old[0].json.product_hash);
    }
    const again = run('product', 'publish', folder, '--data', installations[0].folder);
    assert.equal(again.status, 1, 'the same files from the same date are refused');
    assert.match(again.stderr, /already/);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('a draft activated on one node holds there at once, on the other within a second', { skip }, async () => {
  const made = run('key', 'create', '--data', installations[0].folder, '--kind', 'organisation',
    '--name', 'Productbeheer', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  const first = installations[0].demo.organisation.key;
  const second = made.stdout.trim();
  const call = (node, as, path, body) =>
    request(node, 'POST', `/api/v1/drafts${path}`, { key: as, body });
  const folder = 'quote-engine/products/auto';
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => /\.\w+$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8').replace('<validity days="30"', '<validity days="50"') }));
  const draft = await call(nodes[0], first, '', { files });
  assert.equal(draft.status, 201, draft.text);
  const { id } = draft.json;
  assert.equal((await call(nodes[1], second, `/${id}/approve`, {})).status, 200);
  const both = await Promise.all(nodes.map((node) => call(node, first, `/${id}/activate`, {})));
  assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 409], 'by one of both');
  const winner = both.findIndex((answer) => answer.status === 200);
  assert.equal((await quote(nodes[winner])).json.product_hash, draft.json.hash);
  await pause(SECOND_MS);
  assert.equal((await quote(nodes[1 - winner])).json.product_hash, draft.json.hash);

  const [keyId] = /oky_[0-9a-z]{26}/.exec(made.stderr);
  const read = (node) => request(node, 'GET', `/api/v1/drafts/${id}`, { key: second });
  for (const node of nodes) assert.equal((await read(node)).status, 200);
  assert.equal(run('key', 'revoke', '--data', installations[1].folder, keyId).status, 0);
  await pause(SECOND_MS);
  for (const node of nodes) assert.equal((await read(node)).status, 401);
});

test('a key made on one node works on the other; revoked, it stops on both within a second', { skip }, async () => {
  const made = createKey();
  for (const node of nodes) assert.equal((await quote(node, { as: made.key })).status, 201);
  const revoked = run('key', 'revoke', '--data', installations[1].folder, made.id);
  assert.equal(revoked.status, 0, revoked.stderr);
  await pause(SECOND_MS);
  for (const node of nodes) assert.equal((await quote(node, { as: made.key })).status, 401);
});

test('an idempotency key means one deed, on whichever node and however often', { skip }, async () => {
  const headers = { 'Idempotency-Key': '"one-deed-two-nodes"' };
  const first = await quote(nodes[0], { headers });
  const second = await quote(nodes[1], { headers });
  assert.equal(first.status, 201, first.text);
  assert.equal(second.status, 201, second.text);
  assert.equal(second.json.id, first.json.id);
  const other = await quote(nodes[1], { headers, body: { reference: 'another body' } });
  assert.equal(other.status, 422, other.text);

  // At the same moment on both: one quote, or "in progress" for who came second.
  for (let round = 0; round < 20; round += 1) {
    const racing = { 'Idempotency-Key': `"race-${round}"` };
    const reference = `race-${round}`;
    const results = await Promise.all([0, 1, 0, 1].map((node) =>
      quote(nodes[node], { headers: racing, body: { reference } })));
    const ids = new Set();
    for (const result of results) {
      assert.ok([201, 409, 503].includes(result.status), result.text);
      if (result.status === 201) ids.add(result.json.id);
    }
    assert.equal(ids.size, 1, `round ${round}`);
    const listed = await request(nodes[1], 'GET', `/api/v1/quotes?reference=${reference}`, { key });
    assert.equal(listed.json.items.length, 1, 'one row');
  }
});

test('a limit is one limit, however the requests are spread', { skip }, async () => {
  const made = createKey('--rate-limit', '20');
  // Not across the end of a minute, at which counting begins anew.
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 15_000) await pause(left + 50);
  let good = 0;
  for (let index = 0; index < 80; index += 1) {
    const answer = await request(nodes[index % 2], 'POST', '/api/v1/estimates',
      { key: made.key, body: { product: 'auto', answers } });
    assert.ok([200, 429].includes(answer.status), answer.text);
    if (answer.status === 200) good += 1;
  }
  // Nodes lease in blocks of a tenth: what one leased and did not use is not given to the other.
  assert.ok(good >= 16 && good <= 22, String(good));
});

test('the database server stopped and started under load: 503, and nothing acknowledged is lost', { skip }, async () => {
  const server = scratchPostgresql();
  const kept = [];
  const statuses = new Set();
  let going = true;
  const client = async (index) => {
    for (let count = 0; going; count += 1) {
      const headers = { 'Idempotency-Key': `"load-${index}-${count}"` };
      let answer;
      do {
        answer = await quote(nodes[index % 2], { headers });
        statuses.add(answer.status);
        if (answer.status !== 201) await pause(20);
      } while (answer.status !== 201 && going);
      if (answer.status === 201) kept.push(answer.json.id);
    }
  };
  const clients = [0, 1, 2, 3, 4, 5].map(client);
  await pause(500);
  postgresql('stop', server);
  const ready = await request(nodes[0], 'GET', '/readyz');
  assert.equal(ready.status, 503, ready.text);
  await pause(300);
  postgresql('again', server);
  await pause(500);
  postgresql('stop', server, 'immediate');
  await pause(300);
  postgresql('again', server);
  await pause(1000);
  going = false;
  await Promise.all(clients);
  for (const node of nodes) {
    assert.equal((await request(node, 'GET', '/readyz')).status, 200, 'it recovers by itself');
  }
  for (const status of statuses) assert.ok([201, 409, 503].includes(status), [...statuses].join());
  assert.ok(kept.length > 20, String(kept.length));
  assert.equal(new Set(kept).size, kept.length, 'nothing is doubled');
  for (const id of kept) {
    const read = await request(nodes[1], 'GET', `/api/v1/quotes/${id}`, { key });
    assert.equal(read.status, 200, id);
  }
});

test('a backup is made while both serve; a restore is refused until they stop', { skip }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    const file = join(scratch, 'koppel.backup');
    const before_ = await quote(nodes[0]);
    const saved = run('backup', '--data', installations[0].folder, file);
    assert.equal(saved.status, 0, saved.stderr);
    const later = await quote(nodes[1]);
    const refused = run('restore', '--data', installations[0].folder, file);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /stop the programs/);
    for (const node of nodes.splice(0)) await node.stop();
    const restored = run('restore', '--data', installations[1].folder, file);
    assert.equal(restored.status, 0, restored.stderr);
    nodes.push(await serve(installations[0]));
    const found = await request(nodes[0], 'GET', `/api/v1/quotes/${before_.json.id}`, { key });
    assert.equal(found.status, 200);
    const gone = await request(nodes[0], 'GET', `/api/v1/quotes/${later.json.id}`, { key });
    assert.equal(gone.status, 404);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test('init refuses a database that holds a store', { skip }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  try {
    const url = /database = (\S+)/.exec(readFileSync(join(installations[0].folder, 'koppel.conf'), 'utf8'))[1];
    const made = run('init', '--data', join(scratch, 'data'), '--demo', '--database', url);
    assert.equal(made.status, 1);
    assert.match(made.stderr, /holds a store already/);
    assert.equal(made.stderr.trim().split('\n').length, 1);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
