// From a product's questions to a premium, a quote, an application, an underwriter's decision and a
// policy, as an adviser and an underwriter see it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accept, answer, answerAll, product } from './journeys.mjs';
import { freshCode, missing, settled, world } from './support.mjs';

let koppel;
let auto;
before(async () => {
  if (missing) return;
  koppel = await world();
  auto = await product(koppel.server, koppel.partner.secret_key, 'auto');
});
after(async () => {
  assert.equal((await koppel?.close())?.code ?? 0, 0);
});
const skip = missing ?? false;
const example = () => ({ ...auto.examples[0] });

test('a premium follows what is typed, becomes a quote, an application and a policy', { skip }, async () => {
  const page = await koppel.as(koppel.user('adviser'));
  await page.goto('/');
  await page.getByRole('link', { name: 'Nieuwe offerte' }).click();
  await page.getByRole('link', { name: 'Premie berekenen: Autoverzekering' }).click();
  await page.getByText(/Nog \d+ vragen tot de premie/).waitFor();
  const answers = example();
  await answerAll(page, auto, answers);
  const total = page.locator('.premium:not(.stale) .premium-total');
  await total.waitFor();
  const first = await total.textContent();
  await answer(page, auto, 'kilometres_per_year', 'up_to_30000');
  await page.waitForFunction((before) => (document.querySelector('.premium:not(.stale) .premium-total')?.textContent ?? before) !== before, first);
  await page.getByRole('button', { name: 'Toon uitleg' }).click();
  await page.getByRole('heading', { name: 'Stap voor stap' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByLabel(/^Uw referentie/).fill('Dossier 4711');
  await page.getByRole('button', { name: 'Offerte maken' }).click();
  await page.waitForURL(/\/quotes\/qte_/);
  await page.getByRole('heading', { level: 1, name: 'Dossier 4711' }).waitFor();
  await settled(page);
  assert.notEqual(await total.textContent(), first);
  assert.match(await page.locator('.badge').first().textContent(), /Aangeboden/);
  const pdf = await page.request.get(await page.getByRole('link', { name: 'Offerte als PDF' }).getAttribute('href'));
  assert.equal(pdf.headers()['content-type'], 'application/pdf');

  await accept(page);
  await settled(page);
  await page.getByText('Polis afgegeven').first().waitFor();
  await page.getByRole('link', { name: 'Polis bekijken' }).click();
  await page.getByRole('heading', { level: 1, name: /^AUT-\d+$/ }).waitFor();
  await page.getByRole('button', { name: 'Opzeggen' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Opzeggen' }).click();
  await page.getByRole('alert').getByText('Vul in: Reden').waitFor();
  await page.getByLabel('De verzekeringnemer zegt op').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Opzeggen' }).click();
  await page.getByText('De polis is opgezegd.').waitFor();
  await page.locator('.badge', { hasText: 'Opgezegd' }).waitFor();
  await settled(page);
  await page.context().close();
});

test('what is referred waits for an underwriter, who sees why and decides', { skip }, async () => {
  const adviser = await koppel.as(koppel.user('adviser'));
  await adviser.goto('/quotes/new/auto');
  await answerAll(adviser, auto, { ...example(), catalogue_value: '90000' });
  await answer(adviser, auto, 'alarm_class', 'none');
  await adviser.getByText('Een acceptant beoordeelt deze aanvraag').waitFor();
  await adviser.getByRole('button', { name: 'Offerte maken' }).click();
  await adviser.waitForURL(/\/quotes\/qte_/);
  await accept(adviser);
  await adviser.getByText('Deze aanvraag wacht op een acceptant.').waitFor();
  const path = new URL(adviser.url()).pathname;

  const underwriter = await koppel.as(koppel.user('underwriter', 'organisation'));
  await underwriter.goto('/');
  await underwriter.getByRole('link', { name: /beslissing wachten/ }).click();
  await underwriter.getByRole('heading', { level: 1, name: 'Aanvragen' }).waitFor();
  await underwriter.goto(path);
  await underwriter.getByRole('heading', { name: 'Waarom dit wordt beoordeeld' }).waitFor();
  await underwriter.getByText('NL91ABNA0417164300').waitFor();
  await underwriter.getByRole('button', { name: 'Beslissing vastleggen' }).click();
  await underwriter.getByRole('alert').getByText('Vul in: Beslissing').waitFor();
  await underwriter.getByLabel('Goedkeuren').check();
  await underwriter.getByLabel('Het risico is aanvaardbaar').check();
  await underwriter.getByLabel('Toelichting').fill('Past binnen de richtlijn.');
  await underwriter.getByRole('button', { name: 'Beslissing vastleggen' }).click();
  await underwriter.getByText('De aanvraag is goedgekeurd.').waitFor();
  await settled(underwriter);
  assert.equal(await underwriter.getByRole('button', { name: 'Beslissing vastleggen' }).count(), 0);
  await adviser.reload();
  await adviser.getByText('Goedgekeurd').first().waitFor();
  await adviser.context().close();
  await underwriter.context().close();
});

test('errors stand at the field and above the form, in words; what was typed stays', { skip }, async () => {
  const page = await koppel.as(koppel.user('adviser'));
  await page.goto('/quotes/new/auto');
  await settled(page);
  await page.getByRole('button', { name: 'Offerte maken' }).click();
  const summary = page.locator('.summary');
  await summary.waitFor();
  assert.equal(await summary.evaluate((element) => document.activeElement === element), true);
  const count = await summary.locator('li').count();
  assert.ok(count > 10);
  for (const text of await summary.locator('li').allTextContents()) assert.doesNotMatch(text, /petrol|true|YYYY|_/, text);
  await summary.locator('a').first().click();
  assert.equal(await page.evaluate(() => document.activeElement.name), 'answers/first_registration_date');
  await answer(page, auto, 'vehicle_weight_kg', '1');
  await page.locator('[name="answers/catalogue_value"]').focus();
  await page.locator('#f-answers-vehicle_weight_kg-error', { hasText: '400' }).waitFor();
  await answer(page, auto, 'vehicle_weight_kg', '1225');
  assert.equal(await page.locator('#f-answers-vehicle_weight_kg-error').count(), 0);
  await page.locator('[name="answers/catalogue_value"]').fill('28.500,50');
  await page.locator('[name="answers/postcode"]').fill('35');
  await page.locator('[name="answers/claim_free_years"]').focus();
  await page.locator('#f-answers-postcode-error', { hasText: 'Dit is te kort' }).waitFor();
  await page.reload();
  await page.getByText('Uw eerdere invoer staat er nog.').waitFor();
  assert.equal(await page.locator('[name="answers/vehicle_weight_kg"]').inputValue(), '1225');
  assert.equal(await page.locator('[name="answers/catalogue_value"]').inputValue(), '28.500,50');
  await page.getByRole('button', { name: 'Opnieuw beginnen' }).click();
  assert.equal(await page.locator('[name="answers/vehicle_weight_kg"]').inputValue(), '');
  await settled(page);
  await page.context().close();
});

test('questions appear with what makes them matter, and lists take items', { skip }, async () => {
  const page = await koppel.as(koppel.user('adviser'));
  await page.goto('/quotes/new/auto');
  await settled(page);
  assert.equal(await page.locator('[name="answers/casco_excess"]').count(), 0);
  await answer(page, auto, 'cover', 'full_casco');
  await page.locator('[name="answers/casco_excess"]').first().waitFor();
  await answer(page, auto, 'cover', 'liability');
  await page.locator('[name="answers/casco_excess"]').first().waitFor({ state: 'detached' });
  const travel = await product(koppel.server, koppel.partner.secret_key, 'reis');
  await page.goto('/quotes/new/reis');
  await settled(page);
  await answerAll(page, travel, travel.examples[0]);
  await page.locator('.premium-total').waitFor();
  await page.context().close();
});

test('a lost connection is told, and nothing that was typed is lost', { skip }, async () => {
  const page = await koppel.as(koppel.user('adviser'));
  await page.goto('/quotes/new/auto');
  await answerAll(page, auto, example());
  await page.locator('.premium-total').waitFor();
  await page.context().setOffline(true);
  await page.getByLabel(/^Uw referentie/).fill('Zonder verbinding');
  await page.getByRole('button', { name: 'Offerte maken' }).click();
  await page.getByText('Geen verbinding.').waitFor();
  assert.equal(await page.getByLabel(/^Uw referentie/).inputValue(), 'Zonder verbinding');
  await page.context().setOffline(false);
  await page.waitForURL(/\/quotes\/qte_/);
  await page.getByRole('heading', { level: 1, name: 'Zonder verbinding' }).waitFor();
  assert.equal(await page.getByText('Geen verbinding.').count(), 0);
  await page.context().close();
});

test('the list keeps filters, columns and place in the address, and exports all of it', { skip }, async () => {
  const page = await koppel.as(koppel.user('adviser'));
  await page.goto('/quotes');
  await settled(page);
  const all = await page.locator('.rows tbody tr').count();
  await page.getByRole('combobox', { name: 'Status' }).selectOption('declined');
  await page.waitForURL(/status=declined/);
  await page.waitForFunction((count) => document.querySelectorAll('.rows tbody tr').length < count, all);
  await settled(page);
  for (const text of await page.locator('.rows tbody .badge').allTextContents()) assert.equal(text, 'Afgewezen');
  await page.goBack();
  await page.waitForFunction((count) => document.querySelectorAll('.rows tbody tr').length === count, all);
  await page.getByRole('button', { name: 'Kolommen' }).click();
  await page.getByLabel('Kenmerk').check();
  await page.waitForURL(/columns=/);
  await page.locator('.rows code').first().waitFor();
  await page.keyboard.press('Escape');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Exporteren (CSV)' }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), 'quotes.csv');
  const csv = readFileSync(await file.path(), 'utf8');
  assert.equal(csv.trimEnd().split('\r\n').length, all + 1);
  assert.match(csv, /^\ufeffReferentie;Product;/);
  await page.goto('/quotes?reference=bestaat-niet');
  await page.getByRole('heading', { name: 'Niets gevonden met deze filters' }).waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Filters wissen' }).last().click();
  await page.waitForFunction((count) => document.querySelectorAll('.rows tbody tr').length === count, all);
  await page.getByRole('button', { name: 'Weergaven' }).click();
  await page.getByLabel('Naam van de weergave').fill('Mijn weergave');
  await page.getByRole('button', { name: 'Deze weergave bewaren' }).click();
  await page.getByText('De weergave ‘Mijn weergave’ is bewaard.').waitFor();
  await page.reload();
  await settled(page);
  await page.getByRole('button', { name: 'Weergaven' }).click();
  await page.getByRole('link', { name: 'Mijn weergave' }).waitFor();
  await settled(page);
  await page.context().close();
});

test('an assistant prepares, and is not offered what binds', { skip }, async () => {
  const page = await koppel.as(koppel.user('assistant'));
  await page.goto('/quotes?status=offered');
  await settled(page);
  await page.locator('.rows tbody a').first().click();
  await page.locator('.premium-total').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Accepteren' }).count(), 0);
  await page.goto(`${new URL(page.url()).pathname}/accept`);
  await page.getByRole('heading', { name: 'Geen toegang' }).waitFor();
  await settled(page);
  await page.context().close();
});

test('login and a quote with the keyboard alone', { skip }, async () => {
  const page = await koppel.page();
  const user = koppel.user('administrator');
  const focused = () => page.evaluate(() => document.activeElement.name ?? '');
  const tabTo = async (matches) => {
    for (let step = 0; step < 60; step += 1) {
      if (await page.evaluate(matches)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`not reached by Tab: ${matches}`);
  };
  await page.goto('/login');
  await page.getByRole('heading', { name: 'Inloggen' }).waitFor();
  await tabTo(() => document.activeElement.name === 'email');
  await page.keyboard.type(user.email);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'password');
  await page.keyboard.type(user.password);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.name === 'totp');
  await page.keyboard.type(await freshCode(user));
  await page.keyboard.press('Enter');
  await page.locator('.frame').waitFor();
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  await page.keyboard.press('/');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('Offertes');
  await page.waitForFunction(() => document.querySelector('.results [aria-selected=true]')?.textContent.includes('Offertes'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/quotes$/);
  await page.waitForFunction(() => document.activeElement.tagName === 'H1' && document.activeElement.textContent === 'Offertes');
  await tabTo(() => document.activeElement.textContent === 'Nieuwe offerte');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/quotes\/new$/);
  await tabTo(() => document.activeElement.getAttribute('href') === '/quotes/new/auto');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/quotes\/new\/auto$/);
  await settled(page);
  const answers = example();
  for (const [name, value] of Object.entries(answers)) {
    await page.keyboard.press('Tab');
    for (let step = 0; step < 6 && await focused() !== `answers/${name}`; step += 1) await page.keyboard.press('Tab');
    assert.equal(await focused(), `answers/${name}`);
    const kind = await page.evaluate(() => document.activeElement.type);
    if (kind === 'date') {
      const [year, month, day] = value.split('-');
      await page.keyboard.type(await page.evaluate(() => new Intl.DateTimeFormat(navigator.language).format(new Date(2026, 10, 23)).startsWith('11')) ? `${month}${day}${year}` : `${day}${month}${year}`);
      if (await page.evaluate(() => document.activeElement.value) !== value) await page.evaluate((text) => {
        const field = document.activeElement;
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
      }, value);
    } else if (kind === 'radio') {
      for (let step = 0; step < 10 && await page.evaluate(() => `${document.activeElement.value} ${document.activeElement.checked}`) !== `${value} true`; step += 1) {
        await page.keyboard.press(step === 0 ? 'Space' : 'ArrowDown');
      }
    } else if (kind === 'select-one') {
      for (let step = 0; step < 10 && await page.evaluate(() => document.activeElement.value) !== value; step += 1) await page.keyboard.press('ArrowDown');
    } else await page.keyboard.type(String(value));
  }
  await page.locator('.premium-total').waitFor();
  await tabTo(() => document.activeElement.textContent.trim() === 'Offerte maken');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/quotes\/qte_/);
  await settled(page);
  await page.context().close();
});
