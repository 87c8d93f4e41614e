// Logging in and out, what goes wrong there, and a session that ends while somebody works.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freshCode, logIn, missing, request, settled, totpCode, world } from './support.mjs';

let koppel;
before(async () => {
  if (missing) return;
  koppel = await world();
});
after(async () => {
  assert.equal((await koppel?.close())?.code ?? 0, 0);
});
const skip = missing ?? false;
const submit = (page) => page.getByRole('button', { name: 'Inloggen' }).click();

test('login leads to the page that was asked for, logout to the login page', { skip }, async () => {
  const page = await koppel.page();
  await page.goto('/policies?status=active');
  await page.getByText('Log in om deze pagina te openen.').waitFor();
  await logIn(page, koppel.user('adviser'));
  await page.getByRole('heading', { level: 1, name: 'Polissen' }).waitFor();
  assert.match(page.url(), /\/policies\?status=active$/);
  await settled(page);
  await page.getByRole('button', { name: /Menu van/ }).click();
  await page.getByRole('button', { name: 'Uitloggen' }).click();
  await page.getByRole('heading', { level: 1, name: 'Inloggen' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Inloggen' }).waitFor();
  assert.equal(await page.locator('.frame').count(), 0);
  await page.context().close();
});

test('what is wrong at login is told without telling what, and keeps the address', { skip }, async () => {
  const page = await koppel.page();
  const user = koppel.user('assistant');
  await page.goto('/login');
  await submit(page);
  await page.locator('#f-email-error').waitFor();
  await page.locator('#f-password-error').waitFor();
  const said = [];
  for (const email of [user.email, 'niemand@example.nl']) {
    await page.getByLabel('E-mailadres').fill(email);
    await page.getByLabel('Wachtwoord', { exact: true }).fill('dit is niet het wachtwoord');
    await submit(page);
    await page.locator('.summary p').waitFor();
    said.push(await page.locator('.summary').textContent());
    assert.equal(await page.getByLabel('E-mailadres').inputValue(), email);
  }
  assert.equal(said[0], said[1]);
  await page.getByLabel('E-mailadres').fill(user.email);
  await page.getByLabel('Wachtwoord', { exact: true }).fill(user.password);
  await submit(page);
  await page.getByLabel('Code uit de app').fill('000000');
  await submit(page);
  await page.locator('#f-totp-error').waitFor();
  await page.getByLabel('Code uit de app').fill(await freshCode(user));
  await submit(page);
  await page.locator('.frame').waitFor();
  await page.context().close();
});

test('a session that ends asks for a login over the page, and goes on with what was being done', { skip }, async () => {
  const page = await koppel.page();
  const user = koppel.user('administrator');
  await page.goto('/quotes/new/auto');
  await logIn(page, user);
  await settled(page);
  await page.locator('[name="answers/vehicle_weight_kg"]').fill('1225');
  const cookies = (await page.context().cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
  const ended = await request(koppel.server, 'DELETE', '/api/v1/session', { headers: { Cookie: cookies, 'Sec-Fetch-Site': 'same-origin' } });
  assert.ok(ended.status < 300, ended.text);
  await page.getByRole('link', { name: 'Offertes' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Log opnieuw in' });
  await dialog.waitFor();
  assert.equal(await dialog.getByLabel('E-mailadres').inputValue(), user.email);
  await dialog.getByLabel('Wachtwoord', { exact: true }).fill(user.password);
  await dialog.getByRole('button', { name: 'Inloggen', exact: true }).click();
  await dialog.getByLabel('Code uit de app').fill(await freshCode(user));
  await dialog.getByRole('button', { name: 'Inloggen', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await settled(page);
  await page.locator('.rows tbody tr').first().waitFor();
  await page.goBack();
  await settled(page);
  assert.equal(await page.locator('[name="answers/vehicle_weight_kg"]').inputValue(), '1225');
  await page.context().close();
});

test('from an invitation to the first page, with the authenticator and recovery codes', { skip }, async () => {
  const chief = await koppel.as(koppel.user('administrator', 1));
  await chief.goto('/users');
  await chief.getByRole('link', { name: 'Gebruiker uitnodigen' }).click();
  await chief.getByRole('button', { name: 'Uitnodiging sturen' }).click();
  await chief.getByRole('alert').getByText('Vul in: Naam').waitFor();
  await chief.getByLabel('Naam', { exact: true }).fill('Nieuwe Collega');
  await chief.getByLabel('E-mailadres').fill('nieuw@example.nl');
  await chief.getByLabel(/^Adviseur/).check();
  await chief.getByRole('button', { name: 'Uitnodiging sturen' }).click();
  await chief.getByRole('heading', { level: 1, name: 'Nieuwe Collega' }).waitFor();
  await chief.getByText('Uitgenodigd').first().waitFor();

  // Several at a time, of whom one is still to come in.
  await chief.getByRole('link', { name: 'Gebruikers' }).first().click();
  await settled(chief);
  await chief.getByLabel('Alles op deze pagina selecteren').check();
  await chief.getByText('4 geselecteerd').waitFor();
  await chief.getByRole('button', { name: 'Uitnodiging opnieuw sturen' }).click();
  await chief.getByText('Van 4 geselecteerde gebruikers kregen er 1 een nieuwe uitnodiging').waitFor();
  assert.equal(await chief.locator('.selection').count(), 0);
  await chief.getByRole('link', { name: 'Nieuwe Collega' }).click();

  let link;
  for (let tries = 0; !link && tries < 60; tries += 1) {
    const mail = koppel.mails().filter((text) => text.includes('nieuw@example.nl'))[1];
    link = mail && /\/invitation\/[\w-]+/.exec(mail.replaceAll('=\r\n', '').replaceAll('=\n', ''))?.[0];
    if (!link) await new Promise((done) => setTimeout(done, 500));
  }
  assert.ok(link, 'the invitation is in the outbox');
  const page = await koppel.page();
  await page.goto(link);
  assert.equal(await page.getByLabel('Uw naam').inputValue(), 'Nieuwe Collega');
  await page.getByLabel('Nieuw wachtwoord').fill('kort');
  await page.getByRole('button', { name: 'Verder' }).click();
  await page.locator('#f-password-error', { hasText: 'te kort' }).waitFor();
  await page.getByLabel('Nieuw wachtwoord').fill('vier losse woorden kaas');
  await page.getByRole('button', { name: 'Verder' }).click();
  await page.getByRole('heading', { name: 'Koppel uw authenticator-app' }).waitFor();
  await page.getByRole('img', { name: 'QR-code voor de authenticator-app' }).waitFor();
  const secret = (await page.locator('.copy code').textContent()).replace(/\s/g, '');
  await page.getByLabel('Code uit de app').fill('000000');
  await page.getByRole('button', { name: 'Controleren' }).click();
  await page.locator('#f-totp-error').waitFor();
  await page.getByLabel('Code uit de app').fill(totpCode(secret));
  await page.getByRole('button', { name: 'Controleren' }).click();
  await page.getByRole('heading', { name: 'Bewaar uw herstelcodes' }).waitFor();
  const codes = await page.locator('.codes li').allTextContents();
  assert.ok(codes.length >= 8);
  await page.getByRole('button', { name: 'Aan de slag' }).click();
  await page.locator('#f-kept-error').waitFor();
  await page.getByLabel('Ik heb de codes bewaard').check();
  await page.getByRole('button', { name: 'Aan de slag' }).click();
  await page.getByRole('heading', { level: 1, name: /Nieuwe Collega/ }).waitFor();
  await settled(page);

  // A recovery code lets in once more.
  await page.getByRole('button', { name: /Menu van/ }).click();
  await page.getByRole('button', { name: 'Uitloggen' }).click();
  await page.getByLabel('E-mailadres').fill('nieuw@example.nl');
  await page.getByLabel('Wachtwoord', { exact: true }).fill('vier losse woorden kaas');
  await submit(page);
  await page.getByRole('button', { name: 'Ik heb mijn app niet bij de hand' }).click();
  await page.getByLabel('Herstelcode').fill(codes[0]);
  await submit(page);
  await page.locator('.frame').waitFor();

  // Who was disabled is out at once.
  await chief.reload();
  await settled(chief);
  await chief.getByRole('button', { name: 'Blokkeren' }).click();
  await chief.getByRole('dialog').getByRole('button', { name: 'Blokkeren' }).click();
  await chief.getByText('De gebruiker is geblokkeerd en overal uitgelogd.').waitFor();
  await page.getByRole('link', { name: 'Polissen' }).first().click();
  await page.getByRole('dialog', { name: 'Log opnieuw in' }).waitFor();
  const again = await koppel.page();
  await again.goto(link);
  await again.getByRole('heading', { name: 'Deze link werkt niet meer' }).waitFor();
  for (const one of [chief, page, again]) await one.context().close();
});

test('a forgotten password: a link by mail, the second factor all the same, and a new password', { skip }, async () => {
  const user = { ...koppel.user('adviser', 1) };
  const page = await koppel.page();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Wachtwoord vergeten?' }).click();
  await page.getByLabel('E-mailadres').fill('geen adres');
  await page.getByRole('button', { name: 'Stuur mij een link' }).click();
  await page.locator('#f-email-error').waitFor();
  await page.getByLabel('E-mailadres').fill(user.email);
  await page.getByRole('button', { name: 'Stuur mij een link' }).click();
  await page.getByRole('heading', { name: 'Kijk in uw mail' }).waitFor();
  let link;
  for (let tries = 0; !link && tries < 60; tries += 1) {
    const mail = koppel.mails().find((text) => text.includes(user.email) && text.includes('/reset/'));
    link = mail && /\/reset\/[\w-]+/.exec(mail.replaceAll('=\r\n', '').replaceAll('=\n', ''))?.[0];
    if (!link) await new Promise((done) => setTimeout(done, 500));
  }
  assert.ok(link, 'the link is in the outbox');
  await page.goto(link);
  await page.locator('#f-password').fill('vijf heel losse woorden kaas');
  await page.getByRole('button', { name: 'Wachtwoord wijzigen' }).click();
  await page.getByLabel('Code uit de app').fill(await freshCode(user));
  await page.getByRole('button', { name: 'Wachtwoord wijzigen' }).click();
  await page.getByRole('heading', { name: 'Uw wachtwoord is gewijzigd' }).waitFor();
  await page.getByRole('link', { name: 'Naar inloggen' }).click();
  await logIn(page, { ...user, password: 'vijf heel losse woorden kaas' });
  await settled(page);
  await page.context().close();
});

test('whose second factor was cleared sets it up anew at the next login, before anything else', { skip }, async () => {
  const chief = await koppel.as(koppel.user('administrator', 2));
  const user = koppel.user('assistant', 2);
  await chief.goto('/users?role=assistant');
  await settled(chief);
  await chief.locator('.rows tbody a').first().click();
  await chief.getByRole('button', { name: 'Tweede stap wissen' }).click();
  await chief.getByRole('dialog').getByRole('button', { name: 'Tweede stap wissen' }).click();
  await chief.getByText('De tweede stap is gewist.').waitFor();
  const page = await koppel.page();
  await page.goto('/policies');
  await page.getByLabel('E-mailadres').fill(user.email);
  await page.getByLabel('Wachtwoord', { exact: true }).fill(user.password);
  await submit(page);
  await page.getByText('Uw account heeft nog geen tweede stap.').waitFor();
  assert.equal(await page.locator('.frame').count(), 0);
  await page.reload();
  await page.getByRole('heading', { name: 'Koppel uw authenticator-app' }).waitFor();
  const secret = (await page.locator('.copy code').textContent()).replace(/\s/g, '');
  await page.getByLabel('Code uit de app').fill(totpCode(secret));
  await page.getByRole('button', { name: 'Controleren' }).click();
  await page.getByLabel('Ik heb de codes bewaard').check();
  await page.getByRole('button', { name: 'Aan de slag' }).click();
  await page.locator('.frame').waitFor();
  await settled(page);
  await chief.context().close();
  await page.context().close();
});

test('one sees where one is logged in, and logs out elsewhere', { skip }, async () => {
  const user = koppel.user('assistant', 1);
  const here = await koppel.page();
  await here.goto('/account');
  await logIn(here, user);
  const elsewhere = await koppel.page();
  await elsewhere.goto('/');
  await logIn(elsewhere, user);
  await here.reload();
  await settled(here);
  await here.getByText('dit apparaat').waitFor();
  await here.getByRole('button', { name: 'Overal elders uitloggen' }).click();
  await here.getByText('U bent overal elders uitgelogd.').waitFor();
  await elsewhere.reload();
  await elsewhere.getByRole('heading', { name: 'Inloggen' }).waitFor();
  await here.getByLabel('Naam', { exact: true }).fill('Andere Naam');
  await here.getByRole('button', { name: 'Bewaren' }).click();
  await here.getByText('Uw gegevens zijn bewaard.').waitFor();
  await here.getByLabel('Huidig wachtwoord').fill('verkeerd');
  await here.getByLabel('Nieuw wachtwoord').fill('vijf heel losse woorden kaas');
  await here.getByRole('button', { name: 'Wachtwoord wijzigen' }).click();
  await here.locator('#f-current_password-error').waitFor();
  await settled(here);
  await here.context().close();
  await elsewhere.context().close();
});

test('two who change one user: the second is shown what differs', { skip }, async () => {
  const chief = koppel.user('administrator', 'organisation');
  const first = await koppel.as(chief);
  await first.goto('/users?role=marketer');
  await settled(first);
  await first.locator('.rows tbody a').first().click();
  await first.waitForURL(/\/users\/usr_/);
  const second = await koppel.as(chief);
  await second.goto(new URL(first.url()).pathname);
  await settled(second);
  await settled(first);
  await first.getByLabel('Naam', { exact: true }).fill('Eerste Wijziging');
  await first.getByRole('button', { name: 'Bewaren' }).click();
  await first.getByText('De wijzigingen zijn bewaard en gelden meteen.').waitFor();
  await second.getByLabel('Naam', { exact: true }).fill('Tweede Wijziging');
  await second.getByRole('button', { name: 'Bewaren' }).click();
  await second.getByText('Iemand anders wijzigde dit intussen').waitFor();
  await second.getByRole('cell', { name: 'Eerste Wijziging' }).waitFor();
  await second.getByRole('button', { name: 'Mijn invoer bewaren' }).click();
  await second.getByText('De wijzigingen zijn bewaard en gelden meteen.').waitFor();
  await second.getByRole('heading', { level: 1, name: 'Tweede Wijziging' }).waitFor();
  await first.context().close();
  await second.context().close();
});
