// Partners as an account manager works with them: finding one, a note, documents, what happened; and
// as a partner's own people see theirs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { missing, settled, world } from './support.mjs';

let koppel;
before(async () => {
  if (missing) return;
  koppel = await world();
});
after(async () => {
  assert.equal((await koppel?.close())?.code ?? 0, 0);
});
const skip = missing ?? false;

test('a partner is found, gets a note and a document, and both stand in the timeline', { skip }, async () => {
  const page = await koppel.as(koppel.user('account_manager', 'organisation'));
  await page.goto('/');
  await page.getByRole('link', { name: 'Intermediairs' }).click();
  await settled(page);
  const all = await page.locator('.rows tbody tr').count();
  assert.ok(all >= koppel.demo.partners.length);
  await page.getByText(/· \d+ regels/).waitFor();
  await page.getByRole('button', { name: 'Naam' }).click();
  await page.waitForURL(/sort=-name/);
  await settled(page);
  const names = await page.locator('.rows tbody th').allTextContents();
  assert.deepEqual(names, [...names].sort((a, b) => b.localeCompare(a, 'nl')));
  const { name } = koppel.partner;
  await page.getByLabel('Naam, nummer of plaats').fill(name.split(' ')[0]);
  await page.waitForURL(/search=/);
  await page.waitForFunction((before) => document.querySelectorAll('.rows tbody tr').length < before, all);
  await page.getByRole('link', { name }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();

  await page.getByRole('tab', { name: 'Notities' }).click();
  await page.getByRole('button', { name: 'Notitie bewaren' }).click();
  await page.getByRole('alert').getByText('Vul in: Notitie').waitFor();
  await page.getByRole('textbox', { name: 'Notitie' }).fill('Belt maandag terug.');
  await page.getByRole('button', { name: 'Notitie bewaren' }).click();
  await page.getByText('De notitie is bewaard.').waitFor();
  await page.getByText('Belt maandag terug.').waitFor();

  await page.getByRole('tab', { name: 'Documenten' }).click();
  const choose = page.getByLabel('Document toevoegen');
  await choose.setInputFiles({ name: 'groot.txt', mimeType: 'text/plain', buffer: Buffer.alloc(1024 * 1024 + 1, 'a') });
  await page.getByText('Dit bestand is te groot: hoogstens 1 MB.').waitFor();
  await choose.setInputFiles({ name: 'vals.pdf', mimeType: 'application/pdf', buffer: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2, 3]) });
  await page.locator('.error[role=alert]').filter({ hasNotText: 'te groot' }).waitFor();
  await choose.setInputFiles({ name: 'afspraken.txt', mimeType: 'text/plain', buffer: Buffer.from('Wat is afgesproken.\n') });
  await page.getByText('Het document is toegevoegd.').waitFor();
  const link = page.getByRole('link', { name: 'afspraken.txt' });
  await link.waitFor();
  const file = await page.request.get(await link.getAttribute('href'));
  assert.equal(await file.text(), 'Wat is afgesproken.\n');
  assert.match(file.headers()['content-disposition'], /attachment/);

  await page.getByRole('tab', { name: 'Tijdlijn' }).click();
  await page.waitForURL(/tab=timeline/);
  await page.locator('.timeline li').nth(1).waitFor();
  await settled(page);
  await page.reload();
  await page.getByRole('tab', { name: 'Tijdlijn', selected: true }).waitFor();
  await page.keyboard.press('Tab');
  await page.getByRole('tab', { name: 'Tijdlijn' }).focus();
  await page.keyboard.press('Home');
  await page.getByRole('tab', { name: 'Gegevens', selected: true }).waitFor();
  await page.context().close();
});

test('people of one office do not see another one', { skip }, async () => {
  const page = await koppel.as(koppel.user('adviser', 3));
  await page.goto(`/partners/${koppel.partner.id}`);
  await page.getByRole('heading', { name: 'Niet gevonden' }).waitFor();
  await page.goto('/partners');
  await settled(page);
  assert.equal(await page.getByText(koppel.partner.name).count(), 0);
  await page.context().close();
});
