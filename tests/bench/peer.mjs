// The peer: what one would build instead of this server, Fastify before zen-engine, over TLS and
// with nothing stored. One process, as Node.js has one thread for it; zen-engine brings its own.
//
// usage: peer.mjs MODULES CERTIFICATE KEY MODEL.json; prints its port once it listens.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, certificate, key, model] = process.argv.slice(2);
const require = createRequire(modules);
const fastify = require('fastify');
const { ZenDecisionContent, ZenEngine } = require('@gorules/zen-engine');

const decision = new ZenEngine().createDecision(new ZenDecisionContent(readFileSync(model)));
const server = fastify({
  https: { cert: readFileSync(certificate), key: readFileSync(key) },
  keepAliveTimeout: 60_000,
});

const number = { type: 'number' };
const schema = {
  body: {
    type: 'object',
    required: ['age', 'step', 'province', 'weight', 'catalogue', 'km', 'cover', 'months'],
    properties: {
      age: number, step: number, weight: number, catalogue: number, km: number, months: number,
      province: { type: 'string', maxLength: 2 }, cover: { type: 'string', maxLength: 4 },
    },
  },
  response: {
    200: {
      type: 'object',
      properties: { gross: number, net: number, term: number, tax: number, total: number },
    },
  },
};
server.post('/premium', { schema }, async (request) => {
  const answer = await decision.evaluate(request.body);
  return answer.result;
});
await server.listen({ host: '127.0.0.1', port: 0 });
console.log(server.server.address().port);
