// npm's `soap`: a quote over the generic service, one over the product's own, a typed fault.
// Called as: client.mjs ADDRESS WSDL_QUERY KEY CA_FILE ANSWERS_JSON; prints one JSON line.
// KOPPEL_SOAP_MODULES names the folder of node_modules that holds the package.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.KOPPEL_SOAP_MODULES}/`);
const soap = require('soap');
const [, , address, query, key, , json] = process.argv;
const answers = JSON.parse(json);

async function connect(place) {
  const client = await soap.createClientAsync(`${place}?${query}`, { forceSoap12Headers: query.endsWith('1.2') });
  client.setSecurity(new soap.BearerSecurity(key));
  return client;
}

const generic = await connect(address);
const named = Object.entries(answers).map(([name, value]) => ({ attributes: { name }, $value: value }));
const incomplete = named.filter((answer) => answer.attributes.name !== 'birth_date');
const [quote] = await generic.RequestQuoteAsync({ product: 'auto', answers: { answer: named } });
const [again] = await generic.GetQuoteAsync({ id: quote.id });
const typed = await connect(`${address}/auto`);
const [estimate] = await typed.RequestEstimateAsync({ answers });
let fault = null;
try {
  await generic.RequestQuoteAsync({ product: 'auto', answers: { answer: incomplete } });
} catch (error) {
  const told = error.root.Envelope.Body.Fault;
  const detail = (told.detail ?? told.Detail).ServiceFault;
  const field = [detail.fields.field].flat()[0];
  fault = { code: detail.code, pointer: field.pointer, text: error.message };
}
const cents = (value) => Number(value).toFixed(2);
console.log(JSON.stringify({
  total: cents(quote.premium.total), again: cents(again.premium.total), typed: cents(estimate.premium.total),
  covers: estimate.premium.covers.cover.length,
  date: new Date(estimate.effective_date).toISOString().slice(0, 10), fault,
}));
