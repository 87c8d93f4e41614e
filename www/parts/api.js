// Calls of /api/v1 with the session's cookie. What goes wrong is thrown as a Problem with the code
// and the wrong fields. A connection that is lost is told in `connection`; reading then waits until
// it is back, and so does writing under an idempotency key, which is safe to send again. A session
// that ended asks for a new login (session.js) and then goes on where it was.
import { signal } from './html.js';
import { language } from './text.js';

export const connection = signal({ lost: false, tries: 0 });

const WAIT_MS = [1000, 2000, 4000, 8000, 15_000];
const BUSY_TRIES_MAX = 3;
const BUSY_WAIT_MAX_S = 10;
const CALL_TIMEOUT_MS = 60_000;

export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail ?? body.title ?? String(status));
    this.status = status;
    this.code = body.code ?? 'unknown';
    this.reason = body.reason;
    this.errors = body.errors ?? [];
    this.requestId = body.request_id;
  }
}

let wake = null;
// Tries at once instead of waiting on.
export const retryNow = () => wake?.();
addEventListener('online', retryNow);

const pause = (milliseconds) => new Promise((done) => {
  const timer = setTimeout(done, milliseconds);
  wake = () => {
    clearTimeout(timer);
    done();
  };
});

// Waits until the service answers again.
let returning = null;
function untilBack() {
  returning ??= (async () => {
    for (let tries = 0; ; tries += 1) {
      connection.value = { lost: true, tries };
      await pause(WAIT_MS[Math.min(tries, WAIT_MS.length - 1)]);
      try {
        const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
        if (answer.ok) break;
      } catch {
        // still away
      }
    }
    connection.value = { lost: false, tries: 0 };
    returning = null;
  })();
  return returning;
}

// What to do when the session ended: session.js puts its dialog here. Answers true when somebody
// logged in again.
export const hooks = { expired: null };

const idempotencyKey = () => crypto.randomUUID();

async function read(answer) {
  const type = answer.headers.get('content-type') ?? '';
  if (answer.status === 204) return null;
  if (type.includes('json')) return answer.json();
  return answer.text();
}

async function once(method, path, { body, headers, signal: abort }) {
  const limit = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: {
      Accept: 'application/json',
      'Accept-Language': language.value,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: abort ? AbortSignal.any([abort, limit]) : limit,
  });
  return { answer, data: await read(answer) };
}

// One call: { data, etag, status }. `again`: a write that may be sent again under one key;
// `asStranger`: a 401 is an answer, not the end of a session; `revision`: the tag
// of what is changed, as it was seen.
export async function call(method, path, { body, headers = {}, signal: abort, again, asStranger, revision } = {}) {
  const sent = { ...headers };
  const repeatable = method === 'GET' || again;
  if (again) sent['Idempotency-Key'] = idempotencyKey();
  if (revision) sent['If-Match'] = revision;
  for (let busy = 0; ;) {
    let result;
    try {
      result = await once(method, path, { body, headers: sent, signal: abort });
    } catch (error) {
      if (abort?.aborted) throw error;
      if (!repeatable) {
        untilBack();
        throw new Problem(0, { code: 'connection_lost' });
      }
      await untilBack();
      continue;
    }
    const { answer, data } = result;
    if (answer.ok) return { data, etag: answer.headers.get('etag'), status: answer.status };
    const problem = new Problem(answer.status, data ?? {});
    if (answer.status === 401 && !asStranger && hooks.expired && await hooks.expired()) continue;
    const wait = Number(answer.headers.get('retry-after') ?? 1);
    if ((answer.status === 429 || answer.status === 503) && repeatable && busy < BUSY_TRIES_MAX && wait <= BUSY_WAIT_MAX_S) {
      busy += 1;
      await new Promise((done) => setTimeout(done, wait * 1000));
      continue;
    }
    throw problem;
  }
}

export const get = (path, options) => call('GET', path, options);
// A thing with the tag under which it may be changed: `revision` of the call that changes it.
export const thing = async (path, options) => {
  const { data, etag } = await get(path, options);
  return { ...data, etag };
};
export const post = (path, body, options) => call('POST', path, { body, ...options });

// A query from what has a value.
export function query(values) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}
