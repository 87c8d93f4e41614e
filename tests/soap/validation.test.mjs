// Every operation of the generic service and of each product's own, in both versions of SOAP: what
// was sent and what came back fit the schema that the service publishes, and so does the detail of a
// fault. An operation that nobody calls here fails the test that counts them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dateIn, exampleAnswers, query, request, run } from '../api/support.mjs';
import {
  GENERIC, SERVICE, SOAP11, SOAP12, TYPE11, TYPE12, accepting, call, envelope, escape, namedAnswers, post, start,
  textOf, typedAnswers,
} from './support.mjs';

const skip = spawnSync('xmllint', ['--version']).status !== 0 && 'xmllint (libxml2-utils) is not installed';
const products = ['auto', 'reis'];
const RENEWAL_WAIT_MS = 20_000; // looked at every two seconds
const answers = {};
let started;
let folder;

before(async () => {
  started = await start('--webhook-private-addresses');
  folder = mkdtempSync(join(tmpdir(), 'koppel-validation-'));
  for (const product of products) answers[product] = await exampleAnswers(started.server, started.key, product);
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await started?.stop();
});

// What a service says of itself: { path, namespace, names, schema }, the last a file.
async function describe(product) {
  const path = product ? `${SERVICE}/${product}` : SERVICE;
  const { text } = await request(started.server, 'GET', `${path}?wsdl`);
  const namespace = /targetNamespace="([^"]+)"/.exec(text)[1];
  const schema = join(folder, `${product || 'generic'}.xsd`);
  writeFileSync(schema, /<xs:schema .*<\/xs:schema>/s.exec(text)[0]
    .replace('<xs:schema ', `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="${namespace}" `));
  const names = [...text.matchAll(/<soap:operation soapAction="[^"]*#(\w+)"/g)].map(([, name]) => name);
  return { path, namespace, names, schema };
}

// The messages are kept and validated at once: a process for each would take long.
class Messages {
  constructor(schema) {
    this.schema = schema;
    this.files = [];
  }

  add(xml, what) {
    const file = join(folder, `${this.files.length}-${what}.xml`);
    writeFileSync(file, xml);
    this.files.push(file);
  }

  check() {
    const result = spawnSync('xmllint', ['--noout', '--schema', this.schema, ...this.files], { encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.equal(result.status, 0, result.stderr.split('\n').filter((line) => !line.endsWith(' validates')).join('\n'));
    assert.equal(result.stderr.split('\n').filter((line) => line.endsWith(' validates')).length, this.files.length);
  }
}

const DETAIL = /<(?:soap:D|d)etail>(.*)<\/(?:soap:D|d)etail>/s;
const inside = (text) => /<soap:Body>(.*)<\/soap:Body>/s.exec(text)[1];

// Calls a service and keeps what goes and comes.
function caller(service, version) {
  const messages = new Messages(service.schema);
  const type = version === SOAP12 ? TYPE12 : TYPE11;
  const send = (name, content, headers) => post(started, envelope(call(name, content, service.namespace), { version }),
    { path: service.path, headers: { 'Content-Type': type, ...headers } });
  const called = new Set();
  return {
    called,
    messages,
    async good(name, content = '', headers = {}) {
      const answer = await send(name, content, headers);
      assert.equal(answer.status, 200, `${name}: ${answer.text}`);
      called.add(name);
      messages.add(call(name, content, service.namespace), name);
      messages.add(inside(answer.text), `${name}Response`);
      return answer.text;
    },
    async fault(name, content, code, headers = {}) {
      const answer = await send(name, content, headers);
      assert.equal(answer.status, 500, `${name}: ${answer.text}`);
      const detail = DETAIL.exec(answer.text)?.[1];
      assert.ok(detail, answer.text);
      assert.ok(textOf(detail, 'code'), answer.text);
      if (code) assert.equal(textOf(detail, 'code'), code);
      messages.add(detail, `${name}Fault`);
    },
  };
}

const element = (name, value) => (typeof value === 'object'
  ? `<${name}>${Object.entries(value).map(([inner, one]) => element(inner, one)).join('')}</${name}>`
  : `<${name}>${escape(value)}</${name}>`);
const of = (text) => `<id>${textOf(text, 'id')}</id>`;

// The input that accepts a quote, of what GetAcceptance answered.
function acceptance(quote, asked, given) {
  const { applicant, payment: { iban, account_holder: holder, term } } = accepting;
  const codes = /<documents>(.*)<\/documents>/s.exec(asked)[1];
  return `${of(quote)}${element('applicant', applicant)}${element('iban', iban)}${element('account_holder', holder)}` +
    `${element('term', term)}${given}<consent><version>${textOf(asked, 'consent_version')}</version><given>true</given></consent>` +
    `<commission>${textOf(asked, 'commission')}</commission><documents_shown>${codes}</documents_shown>`;
}

// A policy's terms: one change withdrawn, one confirmed.
const changed = { auto: { claim_free_years: 2 }, reis: { days_abroad: 12 } };

async function change({ good, fault }, policy, given, wrong) {
  const ask = async () => {
    const answer = await good('RequestChange', `${policy}${given}`);
    return { of: `${policy}<change>${textOf(answer, 'id')}</change>`, answer, tag: { 'If-Match': `"r${textOf(answer, 'revision')}"` } };
  };
  await fault('RequestChange', `${policy}${wrong}`, 'invalid_fields');
  const unwanted = await ask();
  await good('WithdrawChange', `${unwanted.of}<note>toch niet</note>`, unwanted.tag);
  const wanted = await ask();
  await good('ConfirmChange', `${wanted.of}<agreed>true</agreed>${element('commission', textOf(wanted.answer, 'commission'))}`, wanted.tag);
  await good('GetChange', wanted.of);
  await good('ListPolicyChanges', `${policy}<limit>1</limit>`);
  await good('GetPolicyTerms', `${policy}<number>2</number>`);
}

// A policy's renewal: its main due date is put so near that it is announced at once.
async function renewal({ good }, policy, id) {
  query(started.installation, `UPDATE policy SET due_date = '${dateIn(20)}', renewal_on = '${dateIn(-1)}' WHERE id = '${id}'`);
  const until = Date.now() + RENEWAL_WAIT_MS;
  let announced;
  while (!announced) {
    assert.ok(Date.now() < until, `no renewal of ${id}`);
    await new Promise((done) => setTimeout(done, 200));
    const seen = await request(started.server, 'GET', `/api/v1/policies/${id}`, { key: started.key });
    announced = seen.json.renewal_id;
  }
  const told = await good('GetRenewal', `${policy}<renewal>${announced}</renewal>`);
  assert.equal(textOf(told, 'kind'), 'renewal');
  assert.match(told, /<premium>/);
  const list = await good('ListPolicyRenewals', policy);
  assert.ok(list.includes(announced), list);
}

// From quote to the end of its policy, and everything that can be asked on the way.
async function walk({ good, fault }, product, forms) {
  const { quoted, accepted, changes } = forms(product);
  const declined = { ...answers[product], ...(product === 'auto' ? { usage: 'taxi' } : { lives_in_netherlands: false }) };
  await good('RequestEstimate', quoted(answers[product]));
  assert.match(await good('RequestEstimate', quoted(declined)), /<premium xsi:nil="true"\/>/);
  await good('ExplainEstimate', `${quoted(answers[product])}<what_if>true</what_if>`);
  const quote = await good('RequestQuote', `${quoted(answers[product])}<reference>a &amp; b</reference>`);
  assert.equal(textOf(quote, 'reference'), 'a & b');
  await good('GetQuote', of(quote));
  await good('GetQuoteExplanation', of(quote));
  await good('ReplayQuote', of(quote));
  await good('GetQuoteDocument', of(quote));
  const asked = await good('GetAcceptance', of(quote));
  const content = acceptance(quote, asked, accepted(accepting.acceptance[product]));
  const application = await good('AcceptQuote', `${content}<reference>c &lt; d</reference>`);
  await good('GetApplication', of(application));
  const policy = `<id>${textOf(application, 'policy_id')}</id>`;
  await change({ good, fault }, policy, changes(changed[product]), changes({ birth_date: 'yesterday' }));
  const seen = await good('GetPolicy', policy);
  await good('GetPolicyDocument', policy);
  const tag = { 'If-Match': `"r${textOf(seen, 'revision')}"` };

  await fault('AcceptQuote', content, 'already_accepted');
  await fault('AcceptQuote', content.replace(/<iban>[^<]*/, '<iban>NL00').replace(/<term>[^<]*/, '<term>never'), null);
  await fault('RequestQuote', quoted({ ...answers[product], birth_date: 'yesterday' }), 'invalid_fields');
  await fault('CancelPolicy', `${policy}<reason>policyholder</reason>`, 'precondition_required');
  await fault('CancelPolicy', `${policy}<reason>policyholder</reason>`, 'precondition_failed', { 'If-Match': '"r99"' });
  await fault('WithdrawApplication', of(application), null, { 'If-Match': '"r2"' });
  await good('CancelPolicy', `${policy}<reason>policyholder</reason>`, tag);

  const second = await good('RequestQuote', quoted(answers[product]));
  const again = await good('AcceptQuote', acceptance(second, await good('GetAcceptance', of(second)), accepted(accepting.acceptance[product])));
  const other = `<id>${textOf(again, 'policy_id')}</id>`;
  await renewal({ good }, other, textOf(again, 'policy_id'));
  const revision = textOf(await good('GetPolicy', other), 'revision');
  await good('WithdrawPolicy', `${other}<note>bedacht</note>`, { 'If-Match': `"r${revision}"` });
}

// An application that waits for an underwriter, and is withdrawn.
async function wait({ good }, forms) {
  const { quoted, accepted } = forms('auto');
  const referred = { ...answers.auto, birth_date: '1940-01-01', claim_free_years: 10 };
  const quote = await good('RequestQuote', quoted(referred));
  assert.equal(textOf(quote, 'status'), 'referred');
  const asked = await good('GetAcceptance', of(quote));
  const application = await good('AcceptQuote', acceptance(quote, asked, accepted(accepting.acceptance.auto)));
  assert.equal(textOf(application, 'status'), 'in_review');
  const tag = { 'If-Match': `"r${textOf(application, 'revision')}"` };
  await good('WithdrawApplication', `${of(application)}<note>toch niet</note>`, tag);
}

// Webhooks, from registering one that nobody listens at to its end.
async function hook({ good, fault }) {
  await good('ListWebhookEvents');
  const made = await good('CreateWebhook', '<url>https://127.0.0.1:4443/hook</url><description>a &lt; b</description><events><event>policy.issued</event></events>');
  assert.match(textOf(made, 'secret'), /^whsec_/);
  const webhook = `<webhook>${textOf(made, 'id')}</webhook>`;
  const any = { 'If-Match': '*' };
  await good('ChangeWebhook', `${webhook}<events/>`, any);
  await good('RotateWebhookSecret', webhook);
  await good('GetWebhook', webhook);
  const message = await good('SendTestWebhook', webhook);
  await good('ResendWebhookDelivery', `${webhook}<delivery>${textOf(message, 'id')}</delivery>`);
  await good('ListWebhookDeliveries', `${webhook}<limit>1</limit>`);
  await good('ListWebhooks', '<limit>1</limit>');
  await fault('CreateWebhook', '<url>https://0.0.0.0/</url>', 'invalid_fields');
  await fault('ChangeWebhook', `${webhook}<enabled>false</enabled>`, 'precondition_required');
  await good('ChangeWebhook', `${webhook}<enabled>false</enabled>`, any);
  await fault('SendTestWebhook', webhook, 'webhook_disabled');
  await good('DeleteWebhook', webhook);
  await fault('GetWebhook', webhook, 'not_found');
}

// How customers see the partner: set, and refused.
async function brand({ good, fault }) {
  const any = { 'If-Match': '*' };
  const set = '<display_name>Bos &amp; Duin</display_name><address_lines><line>Duinweg 901</line></address_lines><colour>#1f4e79</colour>';
  await good('PutBrand', set, any);
  assert.equal(textOf(await good('GetBrand'), 'display_name'), 'Bos & Duin');
  await fault('PutBrand', set, 'precondition_required');
  await fault('PutBrand', set.replace('#1f4e79', '#ffff00'), 'invalid_fields', any);
}

// A lead that the organisation offers to the partner: its id, as an element.
async function offered(key) {
  const { id: partner_id } = started.installation.demo.partners[0];
  const ask = async (path, body, headers = {}) => {
    const answer = await request(started.server, 'POST', `/api/v1/leads${path}`, { key, body, headers });
    assert.ok(answer.status < 300, answer.text);
    return answer;
  };
  const contact = { name: 'C. Daalder', email: 'c.daalder@example.nl' };
  const made = await ask('', { contact, product: 'auto', consent: { text: 'ja' }, assign: false });
  await ask(`/${made.json.id}/assignment`, { to: 'office', partner_id, offer_hours: 4 }, { 'If-Match': '*' });
  return element('id', made.json.id);
}

// What only an office to which a lead is offered can answer.
async function answered({ good }) {
  const any = { 'If-Match': '*' };
  const { folder: data, demo } = started.installation;
  const made = run('key', 'create', '--data', data, '--kind', 'organisation', '--name', 'leads', '--mode', 'live');
  assert.equal(made.status, 0, made.stderr);
  const key = made.stdout.trim();
  const user = query(started.installation,
    `select min(id) from app_user where partner_id = '${demo.partners[0].id}' and status = 'active'`);
  const one = await offered(key);
  await good('AcceptLead', one, any);
  await good('AssignLead', `${one}<to>person</to><user_id>${user}</user_id>`, any);
  await good('DeclineLead', `${await offered(key)}<reason>other</reason><contacted>false</contacted>`, any);
}

// Leads, from coming in to their end.
async function lead({ good, fault }) {
  const any = { 'If-Match': '*' };
  const contact = '<contact><name>A &amp; B</name><email>a.b@example.nl</email><postcode>3511 AB</postcode></contact>';
  const make = async () => of(await good('CreateLead', `${contact}<product>auto</product><consent><text>ja</text></consent>`));
  const one = await make();
  await good('ChangeLead', `${one}<next_step>bellen</next_step><next_on>2030-01-02</next_on>`, any);
  await fault('AcceptLead', one, 'wrong_state', any);
  await fault('DeclineLead', `${one}<reason>other</reason><contacted>false</contacted>`, 'own_lead', any);
  await fault('AssignLead', `${one}<to>pool</to>`, 'step_not_allowed', any);
  await good('ContactLead', `${one}<channel>telephone</channel><reached>true</reached>`, any);
  await fault('WinLead', one, 'precondition_required');
  await good('WinLead', one, any);
  await good('ReopenLead', one, any);
  const other = await make();
  await good('MergeLead', `${other}<into>${textOf(one, 'id')}</into>`, any);
  await good('LoseLead', `${one}<reason>no_need</reason>`, any);
  assert.equal(textOf(await good('GetLead', one), 'reason'), 'no_need');
  await good('ListLeadEvents', one);
  await good('ListLeads', '<limit>2</limit>');
  await good('CountLeads', '<open>true</open>');
  await good('FindLeads', '<email>A.B@example.nl</email>');
  const third = textOf(await make(), 'id');
  await good('ChangeLeads', `<step>plan</step><ids><id>${third}</id></ids><next_step>bellen</next_step>`);
}

// What can be asked of everything at once.
async function list({ good, fault }) {
  await good('ListProducts');
  for (const product of products) await good('GetProduct', `<product>${product}</product>`);
  await good('ListQuotes', '<limit>2</limit><product>auto</product>');
  await good('ListApplications', '<limit>2</limit>');
  await good('FindApplications', element('iban', accepting.payment.iban));
  await good('ListPolicies', '<limit>2</limit>');
  await good('ListChanges', '<limit>2</limit>');
  await good('ListRenewals', '<limit>2</limit>');
  await fault('GetProduct', '<product>none</product>', 'unknown_product');
  await fault('ListQuotes', '<limit>0</limit><cursor>no</cursor>', 'invalid_fields');
}

const byName = (product) => ({
  quoted: (given) => `<product>${product}</product>${namedAnswers(given)}`, accepted: namedAnswers, changes: namedAnswers,
});
const typed = () => ({
  quoted: (given) => typedAnswers(given), accepted: (given) => typedAnswers(given), changes: (given) => typedAnswers(given),
});

for (const [version, namespace] of [['1.1', SOAP11], ['1.2', SOAP12]]) {
  for (const product of ['', ...products]) {
    test(`every operation of ${product || 'the generic service'}, SOAP ${version}`, { skip }, async () => {
      const service = await describe(product);
      assert.equal(service.namespace, product ? `urn:koppel:quote:${product}:i1` : GENERIC);
      const client = caller(service, namespace);
      const forms = product ? typed : byName;
      for (const one of product ? [product] : products) await walk(client, one, forms);
      if (product !== 'reis') await wait(client, forms);
      if (!product) await list(client);
      if (!product) await hook(client);
      if (!product) await brand(client);
      if (!product) await lead(client);
      if (!product) await answered(client);
      // What is wrong with each when nothing, or nothing that exists, is asked for.
      for (const name of service.names) {
        await client.fault(name, '<nothing/>', 'invalid_fields');
        if (/^(Get|Replay|Withdraw|Cancel)/.test(name) && name !== 'GetProduct') {
          const reason = name === 'CancelPolicy' ? '<reason>insurer</reason>' : '';
          await client.fault(name, `<id>none</id>${reason}`, null, { 'If-Match': '"r1"' });
        }
      }
      const apart = product === 'reis' ? ['WithdrawApplication'] : [];
      assert.deepEqual(service.names.filter((name) => !client.called.has(name) && !apart.includes(name)), [], 'operations that are not called here');
      client.messages.check();
    });
  }
}
