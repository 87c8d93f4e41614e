#!/usr/bin/env node
// Pictures of every page for people to look at: build/screenshots/PAGE-WIDTH-SCHEME-LANGUAGE.png.
// By hand: tests/browser/screenshots [PART OF A PATH]…
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { roles, visits } from './pages.mjs';
import { build, missing, settled, world } from './support.mjs';
import { things } from './things.mjs';

if (missing) {
  console.error(missing);
  process.exit(1);
}
const asked = process.argv.slice(2);
const folder = join(build, 'screenshots');
mkdirSync(folder, { recursive: true });
const koppel = await world();
try {
  const made = { ...await things(koppel.server, koppel.partner.secret_key), partner: koppel.partner.id };
  for (const width of [320, 768, 1440]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const language of ['nl', 'en']) {
        for (const role of new Set(visits.map((visit) => visit.as))) {
          const wanted = visits.filter((visit) => visit.as === role && (!asked.length || asked.some((part) => visit.path.includes(part))));
          if (!wanted.length) continue;
          const options = { width, colorScheme, language };
          const page = role ? await koppel.as(koppel.user(role, roles[role]), options) : await koppel.page(options);
          await page.addInitScript((code) => localStorage.setItem('koppel', JSON.stringify({ language: code, language_here: true })), language);
          for (const visit of wanted) {
            let path = visit.path.replace(/:(\w+)/, (whole, name) => made[name] ?? whole);
            if (path.includes(':user')) path = path.replace(':user', (await (await page.request.get('/api/v1/users')).json()).items[0].id);
            await page.goto(path);
            await settled(page);
            const name = `${visit.path.replace(/\W+/g, '_') || '_'}-${role ?? 'nobody'}-${width}-${colorScheme}-${language}.png`;
            await page.screenshot({ path: join(folder, name), fullPage: true });
          }
          await page.context().close();
        }
      }
    }
  }
  console.log(`The pictures are in ${folder}.`);
} finally {
  await koppel.close();
}
