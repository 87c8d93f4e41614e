// Puts a folder together as a power cut would have left it, from what shim_power.c kept: every file
// as its last flush covered it, and of what was written after that any part, by sectors.
import {
  chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const SECTOR = 512;

// Sectors of the live file that the disk happened to have written already. `share` of them, and a
// length somewhere between the flushed and the live one.
function tear(flushed, live, share) {
  const longest = Math.max(flushed.length, live.length);
  const torn = Buffer.alloc(longest);
  flushed.copy(torn);
  let end = flushed.length;
  for (let at = 0; at < live.length; at += SECTOR) {
    if (Math.random() >= share) continue;
    live.copy(torn, at, at, Math.min(at + SECTOR, live.length));
    end = Math.max(end, Math.min(at + SECTOR, live.length));
  }
  return torn.subarray(0, end);
}

const readOr = (path, other) => (existsSync(path) ? readFileSync(path) : other);

function rebuild(durable, inode, live, target, share) {
  mkdirSync(target, { mode: 0o700, recursive: true });
  const names = readOr(join(durable, `${inode}.names`), Buffer.alloc(0)).toString();
  for (const line of names.split('\n').filter(Boolean)) {
    const [, id, kind, name] = /^(\d+) ([df]) (.*)$/.exec(line);
    const path = join(live, name);
    if (kind === 'd') {
      rebuild(durable, id, path, join(target, name), share);
      continue;
    }
    const flushed = readOr(join(durable, id), Buffer.alloc(0));
    // Shared memory beside the store is no file of the disk's: it is made anew.
    const same = existsSync(path) && String(statSync(path).ino) === id;
    const bytes = same && share > 0 ? tear(flushed, readFileSync(path), share) : flushed;
    writeFileSync(join(target, name), bytes, { mode: 0o600 });
    if (same) chmodSync(join(target, name), statSync(path).mode & 0o777);
  }
}

// Makes a folder beside `folder` with what the cut left of it, and answers its path. Nothing may be
// running in it any more.
export function cutPower(folder, durable, share) {
  const target = `${folder}-cut`;
  rebuild(durable, statSync(folder).ino, folder, target, share);
  return target;
}
