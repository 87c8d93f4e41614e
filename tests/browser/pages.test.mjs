// Every page, in both colour schemes, at 320 and at 1280 px, in both languages: nothing that axe
// finds, nothing wider than the window, nothing thrown, and the focus where a reader expects it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { roles, visits } from './pages.mjs';
import { accessibility, missing, overflow, settled, world } from './support.mjs';
import { things } from './things.mjs';

let koppel;
let made;
before(async () => {
  if (missing) return;
  koppel = await world();
  made = { ...await things(koppel.server, koppel.partner.secret_key), partner: koppel.partner.id };
});
after(async () => {
  assert.equal((await koppel?.close())?.code ?? 0, 0);
});
const skip = missing ?? false;
const person = (role) => koppel.user(role, roles[role]);

async function addressOf(path) {
  if (path.includes(':user')) {
    const page = await koppel.as(person('administrator'));
    const users = await (await page.request.get('/api/v1/users')).json();
    await page.context().close();
    return path.replace(':user', users.items.find((user) => user.role === 'adviser').id);
  }
  return path.replace(/:(\w+)/, (_, name) => made[name]);
}

for (const { width, colorScheme, language } of [
  { width: 320, colorScheme: 'light', language: 'en' }, { width: 320, colorScheme: 'dark', language: 'nl' },
  { width: 1280, colorScheme: 'light', language: 'nl' }, { width: 1280, colorScheme: 'dark', language: 'en' },
]) {
  test(`axe finds nothing on any page: ${width} px, ${colorScheme}, ${language}`, { skip }, async () => {
    const found = [];
    for (const role of new Set(visits.map((visit) => visit.as))) {
      const options = { width, colorScheme, language };
      const page = role ? await koppel.as(person(role), options) : await koppel.page(options);
      await page.addInitScript((code) => localStorage.setItem('koppel', JSON.stringify({ language: code, language_here: true })), language);
      for (const visit of visits.filter((one) => one.as === role)) {
        await page.goto(await addressOf(visit.path));
        await settled(page);
        for (const fault of await accessibility(page)) found.push(`${visit.path}: ${fault}`);
        const wider = await overflow(page);
        if (wider > 0) found.push(`${visit.path}: ${wider} px wider than the window`);
        assert.equal(await page.locator('html').getAttribute('lang'), language, visit.path);
        assert.equal(await page.locator('h1').count(), 1, visit.path);
        assert.match(await page.title(), / – Koppel$/);
      }
      await page.context().close();
    }
    assert.deepEqual(found, []);
  });
}

test('menus and dialogs hold up to axe as well', { skip }, async () => {
  const page = await koppel.as(person('adviser'));
  await page.goto('/quotes');
  await settled(page);
  for (const [open, close] of [
    [() => page.getByRole('button', { name: /Menu van/ }).click(), 'Escape'], [() => page.keyboard.press('/'), 'Escape'], [() => page.keyboard.press('?'), 'Escape'],
    [() => page.getByRole('button', { name: 'Kolommen' }).click(), 'Escape'], [() => page.getByRole('button', { name: 'Weergaven' }).click(), 'Escape'],
  ]) {
    await open();
    await page.locator('dialog[open], :popover-open').first().waitFor();
    assert.deepEqual(await accessibility(page), []);
    await page.keyboard.press(close);
    await page.waitForFunction(() => !document.querySelector('dialog[open], :popover-open'));
  }
  await page.context().close();
});

test('a change of page moves the focus to its heading, and the way back restores the list', { skip }, async () => {
  const page = await koppel.as(person('adviser'));
  await page.goto('/quotes?status=offered');
  await settled(page);
  await page.locator('.rows tbody a').first().click();
  await page.waitForFunction(() => document.activeElement.tagName === 'H1' && location.pathname.startsWith('/quotes/qte_'));
  await page.goBack();
  await page.waitForFunction(() => document.activeElement.tagName === 'H1' && location.search === '?status=offered');
  await settled(page);
  assert.equal(await page.getByRole('combobox', { name: 'Status' }).inputValue(), 'offered');
  // On a first load the focus starts before the page: the first stop is the way past the navigation.
  await page.goto('/quotes');
  await settled(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Naar de inhoud');
  await page.context().close();
});

test('language, appearance and shortcuts are remembered', { skip }, async () => {
  const page = await koppel.as(person('assistant'));
  await page.goto('/');
  await settled(page);
  await page.getByRole('button', { name: /Menu van/ }).click();
  await page.getByRole('button', { name: 'Donker' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('link', { name: 'Quotes', exact: true }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Quotes', exact: true }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
  await settled(page);
  await page.keyboard.press('?');
  await page.getByLabel('Use keyboard shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.waitForTimeout(200);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.context().close();
  // With the user, on another device as well.
  koppel.forget(person('assistant'));
  const other = await koppel.as(person('assistant'));
  await other.goto('/');
  await other.getByRole('link', { name: 'Quotes', exact: true }).waitFor();
  await other.context().close();
});
