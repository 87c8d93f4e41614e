// Things that pages show, made over the API before pages are looked at: by a partner's own key,
// which is quicker than by hand.
import assert from 'node:assert/strict';
import { request } from '../api/support.mjs';

const person = {
  kind: 'person', initials: 'F.', last_name: 'de Groot', birth_date: '1980-05-17', email: 'f.degroot@example.nl', telephone: '+31 30 1234567',
  street: 'Voorstraat', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
};

// Accepts a quote as its customer would: answers the application.
export async function acceptQuote(server, key, id) {
  const acceptance = (await request(server, 'GET', `/api/v1/quotes/${id}/acceptance`, { key })).json;
  const made = await request(server, 'POST', `/api/v1/quotes/${id}/accept`, {
    key,
    body: {
      applicant: person, iban: 'NL91 ABNA 0417 1643 00', account_holder: 'F. de Groot', term: 'monthly', answers: { reporting_code: '1234', driving_disqualified: false },
      consent: { version: acceptance.consent_version, given: true }, commission: acceptance.commission, documents_shown: acceptance.documents,
    },
  });
  assert.equal(made.status, 201, made.text);
  return made.json;
}

// { offered, review, policy }: ids of a quote, of an application that waits, and of a policy.
export async function things(server, key) {
  const [answers] = (await request(server, 'GET', '/api/v1/products/auto', { key })).json.examples;
  const quote = async (changed, reference) => (await request(server, 'POST', '/api/v1/quotes', { key, body: { product: 'auto', reference, answers: { ...answers, ...changed } } })).json;
  const offered = await quote({}, 'Dossier 2210');
  const referred = await quote({ catalogue_value: '90000.00', alarm_class: 'none' }, 'Dossier 2211');
  const review = await acceptQuote(server, key, referred.id);
  const issued = await acceptQuote(server, key, (await quote({ legal_aid: false }, 'Dossier 2212')).id);
  return { offered: offered.id, review: review.id, policy: issued.policy_id };
}
