// Starting what is measured, loading it with wrk, and reading what it cost from /proc.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const START_TIMEOUT_MS = 20_000;
const TICKS_PER_SECOND = 100; // of /proc; fixed in the kernel's interface

// Starts a program and waits until its log shows its port: { pid, port, stop() }. Its output goes to
// a file, since nobody reads a pipe while wrk runs.
export async function start(command, args, { log, pattern, environment }) {
  const output = openSync(log, 'w');
  const child = spawn(command, args, {
    stdio: ['ignore', output, output], env: { ...process.env, ...environment },
  });
  closeSync(output);
  const exited = new Promise((done) => child.on('exit', done));
  process.on('exit', () => child.kill('SIGKILL')); // also when the benchmark breaks off
  const end = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < end && child.exitCode === null) {
    const found = pattern.exec(readFileSync(log, 'utf8'));
    if (found) {
      const stop = () => {
        child.kill('SIGTERM');
        return exited;
      };
      return { pid: child.pid, port: Number(found[1]), stop };
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  child.kill('SIGKILL');
  throw new Error(`${command} ${args.join(' ')} did not start:\n${readFileSync(log, 'utf8')}`);
}

// Of the process and its threads: processor time in microseconds, resident memory in bytes.
export function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]);
  return { cpu_us: (ticks * 1e6) / TICKS_PER_SECOND, resident_bytes: kilobytes * 1024 };
}

function wrk(script, url, connections, seconds, environment) {
  const result = spawnSync(
    'wrk', ['-t2', `-c${connections}`, `-d${seconds}`, '--timeout', '10', '-s', script, url],
    { encoding: 'utf8', env: { ...process.env, ...environment } });
  const line = (result.stdout ?? '').split('\n').find((text) => text.startsWith('{"requests"'));
  if (!line) throw new Error(`wrk ${url}: ${result.stderr}${result.stdout}`);
  return JSON.parse(line);
}

// One row: loads the URL for some seconds, after a second of warming up. wrk counts a stall also for
// the requests that it would have sent meanwhile: the percentiles show it in full.
// `first`, where given, are the bodies of that second: of what can be sent once.
export function load({ script, url, connections, seconds, key = '', bodies = '', first = bodies, type = 'application/json', pid }) {
  const environment = { BENCH_KEY: key, BENCH_BODIES: bodies, BENCH_TYPE: type };
  wrk(script, url, connections, 1, { ...environment, BENCH_BODIES: first });
  const before = usage(pid);
  const got = wrk(script, url, connections, seconds, environment);
  const after = usage(pid);
  return {
    connections,
    // Of good answers: where quotes to accept run out, the rest is refused.
    requests_per_second: (got.requests - got.refused) / (got.duration_us / 1e6),
    p50_us: got.p50_us, p99_us: got.p99_us,
    cpu_us_per_request: (after.cpu_us - before.cpu_us) / Math.max(got.requests, 1),
    resident_bytes: after.resident_bytes,
    refused: got.refused, failed: got.failed,
  };
}
