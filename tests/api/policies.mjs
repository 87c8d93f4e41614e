// What tests of policies share: a caller of one server, and the way from a quote to its policy.
import assert from 'node:assert/strict';
import { request } from './support.mjs';

export const applicant = {
  kind: 'person', initials: 'A.B.', last_name: 'Voorbeeld', birth_date: '1980-05-17', email: 'a@example.nl',
  street: 'Voorbeeldstraat', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
};
const extra = { auto: { reporting_code: '4711', driving_disqualified: false }, reis: { insurance_refused: false } };

// `where()` is the server of the moment; `key` who calls when nothing is said.
export function policyCaller(where, key, agent) {
  const call = (method, path, { key: own = key, body, headers = {}, agent: ownAgent = agent } = {}) =>
    request(where(), method, `/api/v1${path}`, {
      key: own, body, headers: { 'Accept-Language': 'en', ...headers }, agent: ownAgent,
    });
  const quote = async (product, answers, more = {}) => {
    const made = await call('POST', '/quotes', { body: { product, answers, ...more } });
    assert.equal(made.status, 201, made.text);
    return made.json;
  };
  // What an acceptance of this quote is sent with.
  const termsFor = async (made, term = 'monthly') => {
    const asked = await call('GET', `/quotes/${made.id}/acceptance`);
    assert.equal(asked.status, 200, asked.text);
    return {
      applicant, iban: 'NL91ABNA0417164300', account_holder: 'A.B. Voorbeeld', term, answers: extra[made.product],
      consent: { version: asked.json.consent_version, given: true }, commission: asked.json.commission,
      documents_shown: asked.json.documents,
    };
  };
  const policy = async (product, answers, { term, ...more } = {}) => {
    const made = await quote(product, answers, more);
    const answer = await call('POST', `/quotes/${made.id}/accept`, { body: await termsFor(made, term) });
    assert.equal(answer.status, 201, answer.text);
    assert.ok(answer.json.policy_id, answer.text);
    return { made, id: answer.json.policy_id, path: `/policies/${answer.json.policy_id}` };
  };
  const get = async (path, own = key) => {
    const seen = await call('GET', path, { key: own });
    assert.equal(seen.status, 200, seen.text);
    return { ...seen.json, tag: seen.headers.etag };
  };
  // A step on what lies at `path`, as it is now or as `tag` says.
  const step = async (path, verb, { key: own = key, body = {}, tag, headers = {}, agent: ownAgent } = {}) =>
    call('POST', `${path}/${verb}`, {
      key: own, body, headers: { 'If-Match': tag ?? (await get(path, own)).tag, ...headers }, agent: ownAgent,
    });
  return { call, quote, termsFor, policy, get, step };
}
