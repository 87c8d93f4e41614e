// Accepting quotes, beside making them: each quote can be accepted once, so those that the rows of
// quotes left behind are shared out over the rows of accepts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 100;
const applicant = {
  kind: 'person', initials: 'A.B.', last_name: 'Voorbeeld', birth_date: '1980-05-17', email: 'a.voorbeeld@example.nl',
  street: 'Voorbeeldstraat', house_number: '12', postcode: '3511 AB', city: 'Utrecht', country: 'NL',
};

// `get` reads a path of the API. What acceptance asks is asked once for each premium: it is alike.
async function bodies(get, most) {
  const asked = new Map();
  const lines = [];
  let cursor = '';
  while (lines.length < most && cursor !== null) {
    const page = await get(`/quotes?product=auto&status=offered&limit=${PAGE}${cursor && `&cursor=${cursor}`}`);
    for (const { id, premium: { total } } of page.items) {
      if (!asked.has(total)) {
        const { consent_version: version, commission, documents } = await get(`/quotes/${id}/acceptance`);
        asked.set(total, JSON.stringify({
          applicant, iban: 'NL91 ABNA 0417 1643 00', account_holder: 'A.B. Voorbeeld', term: 'monthly',
          answers: { reporting_code: '4711', driving_disqualified: false },
          consent: { version, given: true }, commission, documents_shown: documents,
        }));
      }
      lines.push(`/api/v1/quotes/${id}/accept ${asked.get(total)}\n`);
    }
    cursor = page.next;
  }
  return lines;
}

// Shares out up to `most` accepts: { first, bodies } a row, files in `folder`. A row's first second
// gets as much as each second after it.
export async function acceptBodies(get, folder, rows, seconds, most) {
  const lines = await bodies(get, most);
  const share = Math.floor(lines.length / rows);
  const warm = Math.floor(share / (seconds + 1));
  return Array.from({ length: rows }, (_, row) => {
    const paths = { first: join(folder, `accept-${row}.first`), bodies: join(folder, `accept-${row}.bodies`) };
    const own = lines.slice(row * share, (row + 1) * share);
    writeFileSync(paths.first, own.slice(0, warm).join(''));
    writeFileSync(paths.bodies, own.slice(warm).join(''));
    return paths;
  });
}
