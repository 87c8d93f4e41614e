// A partner's program over the client that openapi-typescript makes of the document: products, an
// estimate, a quote, its acceptance, and a problem. The compiler checks every name and type here
// against the document. Called with the address of the API and the key; prints one JSON line.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

type Problem = components['schemas']['Problem'];

declare const process: { argv: string[] };
const [, , baseUrl, key] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}`, 'Accept-Language': 'en' } });

function got<Data>({ data, error, response }: { data?: Data; error?: unknown; response: Response }): Data {
  if (data === undefined) throw new Error(`${response.status} ${response.url}: ${JSON.stringify(error)}`);
  return data;
}

const products = got(await client.GET('/products')).items;
const auto = products.find((product) => product.product === 'auto');
if (!auto?.allowed) throw new Error('auto may not be sold');

const asked = {
  product: 'auto' as const,
  answers: {
    license_plate: 'AB-123-C', first_registration_date: '2021-06-15', vehicle_weight_kg: 1225, catalogue_value: '28500.00',
    fuel: 'petrol' as const, usage: 'private' as const, kilometres_per_year: 'up_to_12000' as const,
    birth_date: '1980-05-17', postcode: '3511 AB', claim_free_years: 12, other_driver: false,
    cover: 'full_casco' as const, casco_excess: 'excess_150' as const, accident_occupants: true, legal_aid: true,
  },
};
const estimate = got(await client.POST('/estimates', { body: asked }));
const quote = got(await client.POST('/quotes', { body: { ...asked, reference: 'typed client' } }));
const path = { id: quote.id };
const again = got(await client.GET('/quotes/{id}', { params: { path } }));
const acceptance = got(await client.GET('/quotes/{id}/acceptance', { params: { path } }));
const application = got(await client.POST('/quotes/{id}/accept', {
  params: { path, header: { 'Idempotency-Key': `typed-${quote.id}` } },
  body: {
    applicant: {
      kind: 'person', initials: 'A.B.', last_name: 'Voorbeeld', birth_date: '1980-05-17', email: 'a.voorbeeld@example.nl',
      street: 'Voorbeeldstraat', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
    },
    iban: 'NL91 ABNA 0417 1643 00', account_holder: 'A.B. Voorbeeld', term: 'monthly',
    answers: { reporting_code: '4711', driving_disqualified: false },
    consent: { version: acceptance.consent_version, given: true },
    commission: acceptance.commission, documents_shown: acceptance.documents,
  },
}));

// Something that cannot be: an error has the type of a problem.
const young = await client.POST('/estimates', { body: { ...asked, answers: { ...asked.answers, birth_date: '2024-02-30' } } });
if (young.data) throw new Error('a date that does not exist was taken');
const problem: Problem = young.error;

const total: string | undefined = quote.premium?.total;
console.log(JSON.stringify({
  total, estimated: estimate.premium?.total, again: again.premium?.total, covers: quote.premium?.covers.length,
  application: application.id, status: application.status, problem,
}));
