// How fast the book is computed again and rated under drafts: both products of the demo, with one
// factor changed in each, over BENCH_BOOK_SCALE (500) times the demo's quotes, about 42 a unit; 24000
// makes a million. Answers rows { name, quotes, seconds, quotes_per_second, resident_bytes }.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const POLL_MS = 20;

// Runs it to its end: { seconds, resident_bytes, stdout }. The memory is what the kernel counted as
// the most, as long as the process could be looked at.
async function timed(program, args) {
  const started = process.hrtime.bigint();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '', stderr = '', resident = 0;
  child.stdout.on('data', (chunk) => { stdout += chunk; });
  child.stderr.on('data', (chunk) => { stderr += chunk; });
  const look = () => {
    try {
      const most = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
      if (most) resident = Number(most[1]) * 1024;
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, POLL_MS);
  const status = await new Promise((done) => child.on('close', done));
  clearInterval(timer);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`);
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, resident_bytes: resident, stdout };
}

function makeDraft(product, from, to, folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join('quote-engine', 'products', product), folder, { recursive: true });
  const path = join(folder, 'tariff.dmn');
  const text = readFileSync(path, 'utf8');
  if (!from.test(text)) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
  return folder;
}

export async function measureBook(koppel, bench, scale) {
  const data = join(bench, 'data-book');
  rmSync(data, { recursive: true, force: true });
  const made = spawnSync(koppel, ['init', '--data', data, '--demo', '--scale', String(scale)],
    { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const quotes = Number(/(\d+) quotes/.exec(made.stdout)[1]);
  const drafts = [makeDraft('auto', /<text>1\.28<\/text>/, '<text>1.38</text>', join(bench, 'book-auto')),
    makeDraft('reis', /<text>1\.(\d)/, '<text>1.5$1', join(bench, 'book-reis'))];
  const rows = [];
  for (const [name, ...args] of [
    ['replay of all', 'quote', 'replay', '--all'],
    ['impact of two drafts', 'product', 'impact', ...drafts]]) {
    // The first is to find the store in memory as the second does.
    if (!rows.length) await timed(koppel, [...args, '--data', data]);
    const { stdout, ...figures } = await timed(koppel, [...args, '--data', data]);
    const told = Number(/(\d+) quotes (?:of|computed)/.exec(stdout)[1]);
    if (told !== quotes) throw new Error(`${name}: ${told} of ${quotes} quotes`);
    rows.push({ name, quotes, quotes_per_second: quotes / figures.seconds, ...figures });
    console.log(`${name}: ${quotes} quotes in ${figures.seconds.toFixed(2)} s`);
  }
  rmSync(data, { recursive: true, force: true });
  return rows;
}
