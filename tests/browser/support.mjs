// A real server with demo data, Debian's Chromium, and people who log in: what the journeys stand
// on. The driver and the accessibility checker come from npm by the lock file here, into the build
// folder; without them, or without Chromium, the tests are skipped with the reason.
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, request, run, serve } from '../api/support.mjs';

export { request, run };
const here = dirname(fileURLToPath(import.meta.url));
export const build = resolve(process.env.KOPPEL_BUILD ?? 'build');
const tools = join(build, 'browser-tools');
const STEP_S = 30;

function bring() {
  const lock = join(here, 'package-lock.json');
  const kept = join(tools, 'package-lock.json');
  if (existsSync(join(tools, 'node_modules')) && existsSync(kept) && readFileSync(kept, 'utf8') === readFileSync(lock, 'utf8')) return null;
  mkdirSync(tools, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(here, name), join(tools, name));
  const got = spawnSync('npm', ['ci', '--prefix', tools, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { encoding: 'utf8', timeout: 120_000 });
  return got.status === 0 ? null : `npm cannot fetch what tests/browser/package-lock.json names: ${(got.stderr ?? '').trim().split('\n')[0]}`;
}

function chromiumPath() {
  for (const name of ['chromium', 'chromium-browser']) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return null;
}

const executablePath = chromiumPath();
// Why the tests cannot run here; null: they can.
export const missing = executablePath ? bring() : 'chromium is not here (.ci/install test brings it)';

const load = (name) => createRequire(join(tools, 'node_modules', 'x.js'))(name);
const axeSource = missing ? '' : readFileSync(join(tools, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

// ---- people ----
function base32(text) {
  let bits = '';
  for (const letter of text.replace(/=+$/, '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

// The code of an authenticator app (RFC 6238) for a step of 30 seconds.
export function totpCode(secret, step = Math.floor(Date.now() / 1000 / STEP_S)) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// A code that was not used yet: each is taken once, so a second login in the same half minute takes
// the next one, which the service allows for clocks that run ahead.
const used = new Map();
export async function freshCode(user) {
  const now = Math.floor(Date.now() / 1000 / STEP_S);
  const step = Math.max(now, (used.get(user.email) ?? 0) + 1);
  while (Math.floor(Date.now() / 1000 / STEP_S) < step - 1) await new Promise((done) => setTimeout(done, 500));
  used.set(user.email, step);
  return totpCode(user.totp_secret, step);
}

// ---- the world of a test file ----
// { server, demo, user(role, side), context(options), page(options), as(user, options), close() }
export async function world(...options) {
  const installation = install();
  const server = await serve(installation, ...options);
  const { chromium } = load('playwright-core');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const { demo } = installation;
  const states = new Map();
  const base = `https://localhost:${server.port}`;
  const one = {
    server, demo, base, installation,
    partner: demo.partners[0],
    // side: 'organisation', or the number of a partner.
    user: (role, side = 0) => {
      const users = side === 'organisation' ? demo.organisation.users : demo.partners[side].users;
      return users.find((user) => user.role === role);
    },
    context: async ({ language = 'nl', width = 1280, ...more } = {}) => {
      const context = await browser.newContext({
        baseURL: base, ignoreHTTPSErrors: true, viewport: { width, height: 900 }, locale: language === 'en' ? 'en-GB' : 'nl-NL',
        timezoneId: 'Europe/Amsterdam', reducedMotion: 'reduce', ...more,
      });
      context.setDefaultTimeout(15_000);
      return context;
    },
    page: async (more) => watch(await (await one.context(more)).newPage()),
    // A page of somebody who has logged in; who did once keeps the session for the next page.
    as: async (user, more = {}) => {
      if (!states.has(user.email)) {
        const context = await one.context();
        const page = await context.newPage();
        await page.goto('/');
        await logIn(page, user);
        states.set(user.email, await context.storageState());
        await context.close();
      }
      return one.page({ ...more, storageState: states.get(user.email) });
    },
    forget: (user) => states.delete(user.email),
    close: async () => {
      await browser.close();
      const ended = await server.stop();
      installation.remove();
      return ended;
    },
    mails: () => {
      const folder = join(installation.folder, 'outbox');
      return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.eml')).map((name) => readFileSync(join(folder, name), 'utf8')) : [];
    },
  };
  return one;
}

// What a page throws, or is refused by its policy, fails the test: page.faults is looked at by
// `settled`.
function watch(page) {
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/the server responded with a status of 4\d\d|net::ERR_/.test(message.text())) page.faults.push(message.text());
  });
  return page;
}

// Fills in the login form that is shown, with the code of the app.
export async function logIn(page, user) {
  await page.getByLabel(/^(E-mailadres|Email address)$/).fill(user.email);
  await page.getByLabel(/^(Wachtwoord|Password)$/).fill(user.password);
  await page.getByRole('button', { name: /^(Inloggen|Log in)$/ }).click();
  if (user.totp_secret) {
    const field = page.getByLabel(/^(Code uit de app|Code from the app)$/);
    await field.waitFor();
    await field.fill(await freshCode(user));
    await page.getByRole('button', { name: /^(Inloggen|Log in)$/ }).click();
  }
  await page.locator('.frame').waitFor();
}

// Waits until a page shows what it loads.
export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading, [aria-busy="true"]'));
  if (page.faults?.length) throw new Error(page.faults.join('\n'));
}

// What axe finds wrong with the page, a line each.
export async function accessibility(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Runtime.evaluate', { expression: axeSource });
  const { result } = await cdp.send('Runtime.evaluate', { expression: "axe.run(document, { resultTypes: ['violations'] }).then((found) => JSON.stringify(found.violations))", awaitPromise: true });
  await cdp.detach();
  return JSON.parse(result.value).flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`));
}

// By how many pixels the page is wider than the window.
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
