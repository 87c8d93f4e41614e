// npm's `soap` and `strong-soap`: over the generic service and over the product's own, a quote, its
// acceptance, and a typed fault. Called as: client.mjs PACKAGE ADDRESS WSDL_QUERY KEY GIVEN_JSON;
// prints one JSON line. KOPPEL_SOAP_MODULES names the folder of node_modules with the package.
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const require = createRequire(`${process.env.KOPPEL_SOAP_MODULES}/`);
const [, , name, address, query, key, json] = process.argv;
const given = JSON.parse(json);
const later = query.endsWith('1.2');
const strong = name === 'strong-soap';
const soap = strong ? require('strong-soap').soap : require('soap');
const ATTRIBUTES = strong ? '$attributes' : 'attributes';

// A client whose operations answer with what stands in the body.
async function connect(place) {
  const client = await promisify(soap.createClient)(`${place}?${query}`, { forceSoap12Headers: later });
  client.setSecurity(new soap.BearerSecurity(key));
  return (operation, input) => new Promise((done, fail) => {
    client[operation](input, (error, output) => (error ? fail(error) : done(output)));
  });
}

const byName = (answers) => Object.entries(answers)
  .map(([answer, value]) => ({ [ATTRIBUTES]: { name: answer }, $value: value }));

async function accept(call, quote, answers) {
  const asked = await call('GetAcceptance', { id: quote.id });
  return call('AcceptQuote', {
    id: quote.id, applicant: given.applicant, ...given.payment, answers,
    consent: { version: asked.consent_version, given: true }, commission: asked.commission,
    documents_shown: { code: asked.documents.code },
  });
}

async function faultOf(call) {
  try {
    await call();
  } catch (error) {
    const told = error.root?.Envelope.Body.Fault;
    if (!told) throw error;
    const detail = (told.detail ?? told.Detail).ServiceFault;
    const [field] = [detail.fields?.field ?? []].flat();
    return { code: detail.code, pointer: field?.pointer ?? '', text: error.message };
  }
  return null;
}

const generic = await connect(address);
const named = byName(given.answers);
const incomplete = named.filter((answer) => answer[ATTRIBUTES].name !== 'birth_date');
const quote = await generic('RequestQuote', { product: 'auto', answers: { answer: named } });
const again = await generic('GetQuote', { id: quote.id });
const application = await accept(generic, quote, { answer: byName(given.acceptance) });
const fault = await faultOf(() => generic('RequestQuote', { product: 'auto', answers: { answer: incomplete } }));

const own = await connect(`${address}/auto`);
const typed = await own('RequestQuote', { answers: given.answers });
const typedApplication = await accept(own, typed, given.acceptance);
const typedFault = await faultOf(() => accept(own, typed, given.acceptance));

const cents = (value) => Number(value).toFixed(2);
console.log(JSON.stringify({
  total: cents(quote.premium.total), again: cents(again.premium.total), typed: cents(typed.premium.total),
  covers: [quote.premium.covers.cover].flat().length,
  date: new Date(quote.effective_date).toISOString().slice(0, 10),
  application: application.id, status: application.status,
  typed_application: typedApplication.id, typed_status: typedApplication.status,
  fault, typed_fault: typedFault,
}));
