// The table that a run prints, and what it says of the targets.
import { CPU_MAX_MS, MEMORY_MAX_MB } from './abuse.mjs';
import { FAMILY } from './soap.mjs';

const whole = (number) => Math.round(number).toLocaleString('en');
const milliseconds = (us) => (us / 1000).toFixed(us < 10_000 ? 2 : 1);
const find = (rows, name, connections) =>
  rows.find((row) => row.name === name && row.connections === connections);

function ratioTo(rows, row, name) {
  const other = find(rows, name, row.connections);
  return other ? row.requests_per_second / other.requests_per_second : undefined;
}

function printTable(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines)
    console.log(line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0])
      : cell.padStart(widths[column]))).join('  '));
}

export function printRows(rows) {
  const lines = [['what', 'connections', 'per second', 'of bare', 'p50 ms', 'p99 ms', 'CPU us',
    'MB resident', 'refused', 'failed']];
  for (const row of rows)
    lines.push([row.name, String(row.connections), whole(row.requests_per_second),
      ratioTo(rows, row, 'bare')?.toFixed(3) ?? '', milliseconds(row.p50_us),
      milliseconds(row.p99_us), row.cpu_us_per_request.toFixed(1),
      (row.resident_bytes / 1e6).toFixed(0), String(row.refused), String(row.failed)]);
  console.log('');
  printTable(lines);
}

export function printEngines(engines, large) {
  if (engines.length > 0) {
    console.log('');
    printTable([['engine alone', 'per second', 'p50 ns', 'p99 ns', 'with trace', 'wrong',
      'zen-engine', 'wrong', 'times'], ...engines.map(({ name, own, traced, peer }) => [name,
      whole(own.evaluations_per_second), whole(own.nanoseconds_p50), whole(own.nanoseconds_p99),
      whole(traced.evaluations_per_second), String(own.mismatches + traced.mismatches),
      whole(peer.evaluations_per_second), String(peer.mismatches),
      whole(own.evaluations_per_second / peer.evaluations_per_second)])]);
  }
  console.log('');
  printTable([['a table of rows', 'per second', 'p50 ns', 'p99 ns', 'wrong', 'loaded in ms', 'MB'],
    ...large.map(({ rows, own }) => [whole(rows), whole(own.evaluations_per_second),
      whole(own.nanoseconds_p50), whole(own.nanoseconds_p99), String(own.mismatches),
      whole(own.load_milliseconds), (own.program_bytes / 1e6).toFixed(1)])]);
}

export function printBook(book) {
  console.log('');
  printTable([['the book', 'quotes', 'seconds', 'per second', 'MB resident'],
    ...book.map((row) => [row.name, whole(row.quotes), row.seconds.toFixed(2),
      whole(row.quotes_per_second), (row.resident_bytes / 1e6).toFixed(0)])]);
}

export function printAbuse(abuse) {
  console.log('');
  printTable([['made to hurt', 'by', 'answered', 'CPU ms', 'peak MB',
    `within ${CPU_MAX_MS} ms, ${MEMORY_MAX_MB} MB`],
  ...abuse.map(({ name, entrance, status, cpu_ms, peak_mb }) => [name, entrance,
    status ? String(status) : 'closed', cpu_ms.toFixed(2), peak_mb.toFixed(1),
    cpu_ms <= CPU_MAX_MS && peak_mb <= MEMORY_MAX_MB ? 'yes' : 'MISSED'])]);
}

// Each target with what was measured, at the number of connections where it is best known: 16.
export function judge(rows, engines, large, book, abuse) {
  const targets = [];
  const add = (what, measured, wanted, atMost = false) => {
    if (measured === undefined) return;
    targets.push({ what, measured, wanted, met: atMost ? measured < wanted : measured >= wanted });
  };
  const ratio = (name, other) => {
    const row = find(rows, name, 16);
    return row && ratioTo(rows, row, other);
  };
  add('estimates on SQLite, of bare', ratio('estimates sqlite', 'bare'), 0.5);
  add('quotes on SQLite, of bare', ratio('quotes sqlite', 'bare'), 0.15);
  add('quotes on PostgreSQL, of bare', ratio('quotes postgresql', 'bare'), 0.06);
  add('SOAP estimates, of JSON estimates', ratio('SOAP estimates sqlite', 'estimates sqlite'), 0.7);
  add('SOAP typed estimates, of JSON estimates',
    ratio('SOAP typed estimates sqlite', 'estimates sqlite'), 0.7);
  for (const store of ['sqlite', 'postgresql'])
    add(`accepts ${store}, of quotes`, ratio(`accepts ${store}`, `quotes ${store}`), 0.5);
  const cpu = (name, other) => {
    const [row, beside] = [name, other].map((one) => find(rows, one, 16));
    return row && beside && row.cpu_us_per_request / beside.cpu_us_per_request;
  };
  add(`SOAP, a family of ${FAMILY}: times the CPU of one`,
    cpu(`SOAP family of ${FAMILY} sqlite`, 'SOAP family of 1 sqlite'), FAMILY, true);
  const beside = cpu('SOAP estimates sqlite', 'gSOAP peer');
  if (beside) console.log(`\nA SOAP estimate takes ${beside.toPrecision(3)} times the CPU of the gSOAP ` +
    'peer\'s answer, which rates nothing, asks for no key and keeps no log.');
  for (const [what, field, most] of [['CPU ms', 'cpu_ms', CPU_MAX_MS], ['MB more', 'peak_mb', MEMORY_MAX_MB]]) {
    const dearest = abuse.reduce((one, other) => (other[field] > one[field] ? other : one), abuse[0]);
    if (dearest) add(`made to hurt, the dearest (${dearest.entrance}, ${dearest.name}): ${what}`, dearest[field], most, true);
  }
  add('graph8, times the peer', ratio('graph8 sqlite', 'graph8 peer'), 3);
  for (const row of rows.filter(({ name }) => /^(estimates|SOAP (typed )?estimates|quotes|accepts|graph8 sqlite)/.test(name))) {
    const place = `${row.name}, ${row.connections} connections`;
    if (row.connections === 16) add(`${place}, p99 ms`, row.p99_us / 1000, 5, true);
    add(`${place}, MB resident`, row.resident_bytes / 1e6, 150, true);
    add(`${place}, refused or failed`, row.refused + row.failed, 1, true);
  }
  for (const { name, own, traced, peer } of engines) {
    const rate = own.evaluations_per_second;
    add(`engine ${name}, times zen-engine`, rate / peer.evaluations_per_second, 100);
    add(`engine ${name}, with trace of without`, traced.evaluations_per_second / rate, 0.5);
  }
  const [few, many] = large;
  add('a lookup in 100,000 rows, times one in 1,000',
    many.own.nanoseconds_p50 / few.own.nanoseconds_p50, 3, true);
  add('100,000 rows loaded, seconds', many.own.load_milliseconds / 1000, 2, true);
  // Below that a run is mostly its start.
  for (const row of book.filter(({ quotes }) => quotes >= 100_000))
    add(`${row.name}, quotes per second`, row.quotes_per_second, 100_000);
  console.log('');
  for (const { what, measured, wanted, met } of targets)
    console.log(`${met ? 'met   ' : 'MISSED'}  ${what}: ${+measured.toPrecision(3)} (${wanted})`);
  return targets;
}
