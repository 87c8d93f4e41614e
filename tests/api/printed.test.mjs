// Quotes and policies as PDF, and the brand that they carry: what they say and to whom, in two
// languages, tagged, with their fonts, equal when asked again; logos and colours that are refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { dateIn, exampleAnswers, install, request, run, serve } from './support.mjs';

const AT_ONCE = Number(process.env.KOPPEL_TEST_PRINTS ?? 200);
const agent = new https.Agent({ keepAlive: true, maxSockets: 256 });
let installation;
let server;
let scratch;
let partner;
let rival;
let answers;
const keys = {};
before(async () => {
  installation = install();
  scratch = mkdtempSync(join(tmpdir(), 'koppel-test-'));
  server = await serve(installation);
  [partner] = installation.demo.partners;
  rival = installation.demo.partners.at(-1);
  Object.assign(keys, { partner: partner.secret_key, website: partner.publishable_key, rival: rival.secret_key });
  keys.organisation = made('--kind', 'organisation', '--name', 'printing');
  keys.trial = made('--partner', partner.id, '--kind', 'secret', '--mode', 'test');
  answers = await exampleAnswers(server, keys.partner, 'auto');
});
after(async () => {
  agent.destroy();
  await server?.stop();
  installation.remove();
  rmSync(scratch, { recursive: true, force: true });
});

function made(...options) {
  const mode = options.includes('--mode') ? [] : ['--mode', 'live'];
  const key = run('key', 'create', '--data', installation.folder, ...options, ...mode);
  assert.equal(key.status, 0, key.stderr);
  return key.stdout.trim();
}
const call = (method, path, { key = keys.partner, body, headers = {}, language = 'nl' } = {}) =>
  request(server, method, `/api/v1${path}`, { key, body, agent, headers: { 'Accept-Language': language, ...headers } });
async function quote(more = {}, { key = keys.partner, product = 'auto', headers, effective_date } = {}) {
  const answer = await call('POST', '/quotes', { key, headers, body: { product, answers: { ...answers, ...more }, effective_date, reference: 'KLANT-42' } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
const applicant = {
  kind: 'person', initials: 'Ž.Ő.', name_prefix: "van 't", last_name: 'Łęczyńska-Ďurič', birth_date: '1961-02-03', email: 'zonder@example.nl',
  street: 'Kwikstaartpad', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
};
async function policy(key = keys.partner, who = applicant, effective_date = undefined) {
  const { id } = await quote({}, { key, effective_date });
  const asked = (await call('GET', `/quotes/${id}/acceptance`, { key })).json;
  const body = {
    applicant: who, iban: 'NL91 ABNA 0417 1643 00', account_holder: 'Ž. Łęczyńska', term: 'monthly',
    answers: { reporting_code: '4711', driving_disqualified: false, criminal_record: 'Zegswijze Kwartelslag' },
    consent: { version: asked.consent_version, given: true }, commission: asked.commission, documents_shown: asked.documents,
  };
  const accepted = await call('POST', `/quotes/${id}/accept`, { key, body });
  assert.equal(accepted.status, 201, accepted.text);
  return accepted.json;
}
function tool(name, bytes, ...options) {
  const path = join(scratch, 'printed.pdf');
  writeFileSync(path, bytes);
  const result = spawnSync(name, [...options, path, ...(name === 'pdftotext' ? ['-'] : [])], { encoding: 'utf8', timeout: 60_000 });
  assert.equal(result.status, 0, result.stderr);
  assert.equal(result.stderr, '', 'the document is sound');
  return result.stdout;
}
// As one line, since where lines break is not what is looked for.
const textOf = (bytes) => tool('pdftotext', bytes, '-layout').replace(/\u00a0/g, ' ').replace(/\s+/g, ' ');
const euros = (amount, language) => {
  const [whole, fraction] = amount.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, language === 'en' ? ',' : '.');
  return language === 'en' ? `€${grouped}.${fraction}` : `€ ${grouped},${fraction}`;
};
async function printed(path, options) {
  const answer = await call('GET', path, options);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['content-type'], 'application/pdf');
  return answer;
}

for (const language of ['nl', 'en']) {
  test(`a quote says in ${language} what it costs, on which answers, and what the law has told`, async () => {
    const given = await quote();
    const answer = await printed(`/quotes/${given.id}/document`, { language });
    assert.equal(answer.headers['content-disposition'], `attachment; filename="${language === 'nl' ? 'offerte' : 'quote'}-${given.id}.pdf"`);
    assert.equal(answer.headers['content-language'], language);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const text = textOf(answer.bytes);
    const { total, covers, terms, tax } = given.premium;
    const asked = (await call('GET', `/quotes/${given.id}/acceptance`)).json;
    const wanted = [given.id, 'KLANT-42', partner.name, '00900202', 'Waterlicht Verzekeringen N.V.', euros(total, language), euros(tax, language),
      euros(asked.commission, language), ...covers.map((cover) => euros(cover.total, language)), ...terms.map((term) => euros(term.instalment, language)),
      'AB-123-C', given.product_hash, ...given.documents.map((document) => document.url.replace(/\/([a-z_]+)(\.nl|\.en)?$/, '/$1'))];
    wanted.push(...(language === 'nl'
      ? ['Offerte autoverzekering', 'Geldig tot en met', '17 mei 1980', 'Wat is het kenteken van de auto?', 'Benzine', 'herroepen binnen 14 dagen', '1 van 2', '2 van 2']
      : ['Car insurance quote', 'Valid until', '17 May 1980', 'What is the registration number of the car?', 'Petrol', 'within 14 days', '1 of 2', '2 of 2']));
    for (const part of wanted) assert.ok(text.includes(part), `${part} in ${text}`);
    const about = tool('pdfinfo', answer.bytes);
    assert.match(about, /Tagged: +yes/);
    assert.match(about, /Title: +(Offerte autoverzekering|Car insurance quote)/);
    assert.match(about, /\(A4\)/);
    const fonts = tool('pdffonts', answer.bytes).trim().split('\n').slice(2);
    assert.ok(fonts.length > 0);
    for (const font of fonts) assert.match(font, /NotoSans.* yes yes yes +\d/, font);
    const tags = tool('pdfinfo', answer.bytes, '-struct-text');
    for (const part of ['H1', 'H2', 'Table', 'TH', 'TD', 'Link']) assert.match(tags, new RegExp(`^ *${part}\\b`, 'm'));
    assert.doesNotMatch(tags, /1 van 2|1 of 2/, 'the foot is not read aloud');
  });
}

test('asked again it is the same to the byte, and need not be sent', async () => {
  const { id } = await quote();
  const first = await printed(`/quotes/${id}/document`);
  const second = await printed(`/quotes/${id}/document`);
  assert.ok(first.bytes.equals(second.bytes));
  const third = await call('GET', `/quotes/${id}/document`, { headers: { 'If-None-Match': first.headers.etag } });
  assert.equal(third.status, 304);
  const file = join(scratch, 'again.pdf');
  const command = run('quote', 'document', id, file, '--data', installation.folder);
  assert.equal(command.status, 0, command.stderr);
  assert.ok(readFileSync(file).equals(first.bytes), 'the command gives the same');
});

test('who may read a quote may read its document, and nobody else', async () => {
  const { id, token } = await quote();
  const origin = { Origin: partner.origin };
  const path = `/quotes/${id}/document`;
  assert.equal((await call('GET', path, { key: keys.website, headers: origin })).status, 404);
  assert.equal((await call('GET', `${path}?token=${'x'.repeat(token.length)}`, { key: keys.website, headers: origin })).status, 404);
  await printed(`${path}?token=${token}`, { key: keys.website, headers: origin });
  const hidden = await call('GET', path, { key: keys.rival });
  const missing = await call('GET', `/quotes/${id.slice(0, -1)}0/document`, { key: keys.rival });
  assert.deepEqual([hidden.status, missing.status, hidden.json.code], [404, 404, missing.json.code]);
  assert.equal((await call('GET', path, { key: keys.trial })).status, 404);
  assert.equal((await call('GET', path, { key: 'sk_live_wrong' })).status, 401);
});

test('a referred quote says that it is no offer yet and why; a declined one has no document', async () => {
  const referred = await quote({ birth_date: '1940-01-01', claim_free_years: 10 });
  assert.equal(referred.status, 'referred');
  const text = textOf((await printed(`/quotes/${referred.id}/document`)).bytes);
  assert.ok(text.includes('Dit is nog geen aanbod.'));
  for (const reason of referred.reasons) assert.ok(text.includes((reason.text)), reason.text);
  const declined = await quote({ usage: 'taxi' });
  const answer = await call('GET', `/quotes/${declined.id}/document`, { language: 'en' });
  assert.deepEqual([answer.status, answer.json.code], [409, 'wrong_state']);
  assert.match(answer.json.detail, /no offer/);
});

test('what a test key made says so', async () => {
  const { id } = await quote({}, { key: keys.trial });
  assert.ok(textOf((await printed(`/quotes/${id}/document`, { key: keys.trial })).bytes).includes('Dit is een proef'));
});

test('a policy names its holder with every accent, masks the account, withholds what is sensitive', async () => {
  const { policy_id: id, policy_number: number } = await policy();
  const answer = await printed(`/policies/${id}/document`);
  assert.equal(answer.headers['content-disposition'], `attachment; filename="polis-${number}.pdf"`);
  const text = textOf(answer.bytes);
  for (const part of [number, "Ž.Ő. van 't Łęczyńska-Ďurič", 'Kwikstaartpad 12', 'NL91 •••• 4300', '4711', 'Bedenktijd: tot en met', 'Per maand']) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
  for (const part of ['Kwartelslag', '0417', 'NL91ABNA']) assert.ok(!text.includes(part), part);
  const english = textOf((await printed(`/policies/${id}/document`, { key: keys.organisation, language: 'en' })).bytes);
  assert.ok(english.includes('Car insurance policy') && !english.includes('Kwartelslag'));
  assert.equal((await call('GET', `/policies/${id}/document`, { key: keys.rival })).status, 404);
  assert.equal((await call('GET', `/policies/${id}/document`, { key: keys.website, headers: { Origin: partner.origin } })).status, 403);
  const file = join(scratch, 'policy.pdf');
  assert.equal(run('policy', 'document', id, file, '--data', installation.folder).status, 0);
  assert.ok(readFileSync(file).equals(answer.bytes));
});

const inWords = (date, language) => new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'nl', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(date));
// Asks for a change and confirms it: the change.
async function changed(id, given, effective_date) {
  const asked = await call('POST', `/policies/${id}/changes`, { body: { answers: given, effective_date } });
  assert.equal(asked.status, 201, asked.text);
  const done = await call('POST', `/policies/${id}/changes/${asked.json.id}/confirm`, {
    body: { agreed: true, commission: asked.json.commission }, headers: { 'If-Match': asked.headers.etag },
  });
  assert.equal(done.status, 200, done.text);
  return done.json;
}

test('a policy tells the terms that hold today, since when, and what is yet to begin', async () => {
  const { policy_id: id, total: issued } = await policy();
  const plain = textOf((await printed(`/policies/${id}/document`)).bytes);
  for (const part of ['Geldt vanaf', 'Wat nog ingaat']) assert.ok(!plain.includes(part), part);
  const now = await changed(id, { legal_aid: !answers.legal_aid }, dateIn(0));
  assert.notEqual(now.total, issued);
  const answer = await printed(`/policies/${id}/document`);
  const text = textOf(answer.bytes);
  for (const part of [`Geldt vanaf ${inWords(dateIn(0))} (wijziging)`, euros(now.total), euros(now.instalment)]) assert.ok(text.includes(part), `${part} in ${text}`);
  assert.ok(!text.includes(euros(issued)) && !text.includes('Wat nog ingaat'), text);
  assert.ok(text.includes('4711'), 'what acceptance asked');

  const later = await changed(id, { kilometres_per_year: answers.kilometres_per_year === 'up_to_12000' ? 'up_to_20000' : 'up_to_12000' }, dateIn(40));
  const both = textOf((await printed(`/policies/${id}/document`)).bytes);
  const begins = `Geldt vanaf ${inWords(dateIn(40))} (wijziging): de premie is dan ${euros(later.total)} per jaar, dat is ${euros(later.instalment)} per termijn.`;
  for (const part of [`Geldt vanaf ${inWords(dateIn(0))} (wijziging)`, euros(now.total), begins]) assert.ok(both.includes(part), `${part} in ${both}`);
  const english = await printed(`/policies/${id}/document`, { language: 'en' });
  assert.ok(textOf(english.bytes).includes(`Valid from ${inWords(dateIn(40), 'en')} (change): the premium is then ${euros(later.total, 'en')} for a year`), textOf(english.bytes));
  const file = join(scratch, 'changed.pdf');
  assert.equal(run('policy', 'document', id, file, '--data', installation.folder, '--lang', 'en').status, 0);
  assert.ok(readFileSync(file).equals(english.bytes));

  const seen = await call('GET', `/policies/${id}`, { key: keys.organisation });
  const ended = await call('POST', `/policies/${id}/cancel`, { key: keys.organisation, body: { reason: 'insurer', end_date: dateIn(10) }, headers: { 'If-Match': seen.headers.etag } });
  assert.equal(ended.status, 200, ended.text);
  assert.ok(!textOf((await printed(`/policies/${id}/document`)).bytes).includes('Wat nog ingaat'), 'what begins after the end never does');
});

test('a policy whose cover is yet to begin tells the terms of its first day', async () => {
  const { policy_id: id } = await policy(keys.partner, applicant, dateIn(20));
  const first = await changed(id, { legal_aid: !answers.legal_aid }, dateIn(20));
  const text = textOf((await printed(`/policies/${id}/document`)).bytes);
  for (const part of [`Geldt vanaf ${inWords(dateIn(20))} (wijziging)`, euros(first.total)]) assert.ok(text.includes(part), `${part} in ${text}`);
  assert.ok(!text.includes('Wat nog ingaat'), text);
});

test('a policy that has ended says from when', async () => {
  const { policy_id: id } = await policy();
  const seen = await call('GET', `/policies/${id}`, { key: keys.organisation });
  const ended = await call('POST', `/policies/${id}/withdraw`, { key: keys.organisation, body: {}, headers: { 'If-Match': seen.headers.etag } });
  assert.equal(ended.status, 200, ended.text);
  const text = textOf((await printed(`/policies/${id}/document`)).bytes);
  assert.ok(text.includes('Deze polis is herroepen'), text);
  assert.ok(!text.includes('Bedenktijd'));
});

test('a name that no font has is printed as numbers, and the document says so', async () => {
  const { policy_id: id } = await policy(keys.partner, { ...applicant, last_name: '中山' });
  const text = textOf((await printed(`/policies/${id}/document`)).bytes);
  assert.ok(text.includes('[U+4E2D][U+5C71]') && text.includes('Sommige tekens kan dit document niet afdrukken'), text);
});

test('many at once are printed or asked to come back, and all get the same', async () => {
  const { id } = await quote();
  const wanted = (await printed(`/quotes/${id}/document`)).bytes;
  const all = await Promise.all(Array.from({ length: AT_ONCE }, () => call('GET', `/quotes/${id}/document`)));
  let good = 0;
  for (const answer of all) {
    if (answer.status === 200) {
      good += 1;
      assert.ok(answer.bytes.equals(wanted));
    } else {
      assert.deepEqual([answer.status, answer.json.code], [503, 'unavailable']);
      assert.ok(answer.headers['retry-after']);
    }
  }
  assert.ok(good > 0);
});

// ---- the brand ---------------------------------------------------------------------------------
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
function png(width, height, kind = 2) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, kind], 8);
  const rows = Buffer.alloc((width * 3 + 1) * Math.min(height, 2000), 90);
  for (let at = 0; at < rows.length; at += width * 3 + 1) rows[at] = 0;
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
const brand = {
  display_name: 'Kantoor Ĝoja & Zn.', address_lines: ['Vuurtorenweg 9', '1779 ZX  Den Oever'], telephone: '+31 22 7654321',
  website: 'https://www.goja.example', licence_number: '00900299', colour: '#5b2a86', accent_colour: '#c2410c',
};
async function put(body, { key = keys.partner, tag, language } = {}) {
  const seen = await call('GET', '/brand', { key });
  return call('PUT', '/brand', { key, body, language, headers: { 'If-Match': tag ?? seen.headers.etag } });
}

test('a brand is set once seen, shows on the next document, and is its partner\'s alone', async () => {
  const { id } = await quote();
  const others = (await call('GET', '/brand', { key: keys.rival })).json;
  const seen = await call('GET', '/brand');
  assert.equal(seen.status, 200, seen.text);
  assert.equal((await call('PUT', '/brand', { body: brand })).status, 428);
  const set = await put({ ...brand, logo: png(1200, 300).toString('base64') });
  assert.equal(set.status, 200, set.text);
  assert.equal(set.json.revision, seen.json.revision + 1);
  assert.notEqual(set.headers.etag, seen.headers.etag);
  const kept = Buffer.from(set.json.logo, 'base64');
  assert.deepEqual([kept.readUInt32BE(16), kept.readUInt32BE(20)], [720, 180], 'kept at the size of printing');
  assert.equal((await put(brand, { tag: seen.headers.etag })).status, 412);
  const again = await call('GET', '/brand');
  assert.deepEqual(again.json, set.json);
  const text = textOf((await printed(`/quotes/${id}/document`)).bytes);
  for (const part of ['Kantoor Ĝoja & Zn.', 'Vuurtorenweg 9', '+31 22 7654321', 'www.goja.example', 'AFM-vergunning 00900299']) assert.ok(text.includes(part), part);
  assert.deepEqual((await call('GET', '/brand', { key: keys.rival })).json, others);
  const without = await put(brand);
  assert.equal(without.json.logo, null);
});

test('colours too light are refused with one that is not; what no field takes is told at once', async () => {
  const light = await put({ ...brand, colour: '#ffdd00', accent_colour: '#ffffff' }, { language: 'en' });
  assert.equal(light.status, 422, light.text);
  const pointers = light.json.errors.map((error) => `${error.pointer} ${error.code}`);
  assert.deepEqual(pointers, ['/colour too_little_contrast', '/accent_colour too_little_contrast']);
  const [, proposed] = /Take (#[0-9a-f]{6})/.exec(light.json.errors[0].message ?? light.json.errors[0].detail);
  assert.equal((await put({ ...brand, colour: proposed })).status, 200, proposed);
  for (const [name, value] of [['colour', 'red'], ['licence_number', '123'], ['website', 'javascript:alert(1)'], ['telephone', 'bel mij'],
    ['address_lines', ['a', 'b', 'c', 'd', 'e']], ['display_name', ''], ['display_name', 'a\nb'], ['logo', 'geen base64!'], ['logo', '']]) {
    const wrong = await put({ ...brand, [name]: value });
    assert.equal(wrong.status, 422, `${name} ${value}: ${wrong.text}`);
    assert.match(wrong.json.errors[0].pointer, new RegExp(`^/${name}`));
  }
});

test('pictures that are no sound PNG of a fair size are refused', async () => {
  const sound = png(40, 20);
  const flipped = Buffer.from(sound);
  flipped[50] ^= 1;
  for (const wrong of [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), Buffer.from('GIF89a'), sound.subarray(0, 60), flipped,
    Buffer.concat([sound, Buffer.from('more')]), png(2001, 1), png(40, 20, 5)]) {
    const refused = await put({ ...brand, logo: wrong.toString('base64') });
    assert.equal(refused.status, 422, refused.text);
    assert.deepEqual([refused.json.errors[0].pointer, refused.json.errors[0].code], ['/logo', 'wrong_picture']);
  }
  const large = await put({ ...brand, logo: Buffer.alloc(128 * 1024 + 1).toString('base64') });
  assert.equal(large.status, 422, large.text);
});

test('a brand takes a live secret key; the organisation has its own', async () => {
  assert.equal((await put(brand, { key: keys.trial })).json.code, 'live_key_required');
  assert.equal((await call('GET', '/brand', { key: keys.website, headers: { Origin: partner.origin } })).status, 403);
  const set = await put({ display_name: 'Verzekeraar Ægir', colour: '#102030' }, { key: keys.organisation });
  assert.equal(set.status, 200, set.text);
  const { id } = await quote();
  assert.ok(textOf((await printed(`/quotes/${id}/document`)).bytes).includes('Verzekeraar Ægir'));
});

test('over SOAP a document comes as base64', async () => {
  const { id } = await quote();
  const { bytes } = await printed(`/quotes/${id}/document`);
  const answer = await request(server, 'POST', '/soap/v1/quote', {
    key: keys.partner, agent, headers: { 'Content-Type': 'text/xml; charset=utf-8', 'Accept-Language': 'nl' },
    body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetQuoteDocument xmlns="urn:koppel:quote:v1"><id>${id}</id></GetQuoteDocument></s:Body></s:Envelope>`,
  });
  assert.equal(answer.status, 200, answer.text);
  const [, content] = /<content>([^<]+)<\/content>/.exec(answer.text);
  assert.ok(Buffer.from(content, 'base64').equals(bytes));
  assert.match(answer.text, new RegExp(`<file_name>offerte-${id}.pdf</file_name>`));
});
