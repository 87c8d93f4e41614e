// What people do on the pages, in steps that several tests share.
import { request } from '../api/support.mjs';

export const applicant = {
  Voorletters: 'F.', Achternaam: 'de Groot', Geboortedatum: '1980-05-17', Postcode: '3511 AB', Huisnummer: '12',
  Straat: 'Voorstraat', Plaats: 'Utrecht', 'E-mailadres': 'f.degroot@example.nl',
};

// A product's example answers with its schema, as a partner's key gets them.
export async function product(server, key, name) {
  return (await request(server, 'GET', `/api/v1/products/${name}`, { key })).json;
}

// Fills in a question by what it is: a choice among few, a choice from a list, yes or no, or typed.
export async function answer(page, schema, name, value, prefix = 'answers/') {
  const question = schema.properties[name];
  const id = `f-${(prefix + name).replaceAll('/', '-')}`;
  if (typeof value === 'boolean' || question.enum) {
    const select = page.locator(`select[id="${id}"]`);
    if (await select.count()) await select.selectOption(String(value));
    else await page.locator(`input[name="${prefix + name}"][value="${value}"]`).check();
  } else await page.locator(`[id="${id}"]`).fill(String(value));
}

export async function answerAll(page, schema, answers) {
  for (const [name, value] of Object.entries(answers)) {
    if (!Array.isArray(value)) {
      await answer(page, schema, name, value);
      continue;
    }
    for (const [index, item] of value.entries()) {
      const list = page.locator(`[id="f-answers-${name}"]`);
      await list.getByRole('button', { name: /toevoegen|Toevoegen|Add/ }).click();
      for (const [key, inner] of Object.entries(item)) await answer(page, schema.properties[name].items, key, inner, `answers/${name}/${index}/`);
    }
  }
}

// From the quote's page to the application's.
export async function accept(page) {
  await page.getByRole('link', { name: 'Accepteren' }).click();
  for (const [label, value] of Object.entries(applicant)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Verder' }).click();
  await page.getByLabel(/^Per maand/).check();
  await page.getByLabel('Rekeningnummer (IBAN)').fill('NL91 ABNA 0417 1643 00');
  await page.getByLabel('Naam van de rekeninghouder').fill('F. de Groot');
  await page.getByRole('button', { name: 'Verder' }).click();
  await page.getByLabel(/meldcode/).fill('1234');
  await page.locator('input[name="answers/driving_disqualified"][value="false"]').check();
  await page.getByRole('button', { name: 'Verder' }).click();
  await page.getByRole('heading', { name: 'Klopt alles?' }).waitFor();
  for (const box of await page.locator('main input[type=checkbox]').all()) await box.check();
  await page.getByRole('button', { name: 'Aanvragen' }).click();
  await page.waitForURL(/\/applications\/app_/);
}
