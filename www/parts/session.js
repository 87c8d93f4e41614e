// Who is logged in, what that person may call, and what happens when a session ends.
import { call, get, hooks } from './api.js';
import { computed, signal } from './html.js';
import { choice } from './storage.js';
import { setLanguage } from './text.js';

// null: nobody.
export const session = signal(null);
// Why the login dialog is open over a page that stays as it is: 'ended', the session did; 'proof',
// what was asked for wants a login of just now. null: it is not.
export const expired = signal(null);

export const operations = computed(() => new Set(session.value?.operations ?? []));
// May the caller do one of these? Nothing named: everybody may.
export const may = (...names) => names.length === 0 || names.some((name) => operations.value.has(name));
export const preferences = computed(() => session.value?.user?.preferences ?? {});

function take(data) {
  session.value = data;
  const wanted = data?.user?.language;
  // Chosen here while the service could not be told: that stands, on this device.
  if (wanted && !choice('language_here')) setLanguage(wanted);
}

export async function loadSession() {
  try {
    take((await get('/session', { asStranger: true })).data);
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    session.value = null;
  }
  return session.value;
}

// Throws the Problem: second_factor_required asks for a code as well.
export async function logIn(fields) {
  const before = session.value?.user?.id;
  await call('POST', '/session', { body: fields, asStranger: true });
  await loadSession();
  return before && session.value?.user?.id !== before;
}

export async function logOut() {
  try {
    await call('DELETE', '/session', { asStranger: true });
  } finally {
    session.value = null;
  }
}

// Keeps preferences with the user; what is given replaces its part. They hold at once, and are as
// they were again when the service does not take them.
export async function prefer(part) {
  const before = preferences.value;
  const show = (wanted) => {
    session.value = { ...session.value, user: { ...session.value.user, preferences: wanted } };
  };
  show({ ...before, ...part });
  try {
    await call('PATCH', '/session/user', { body: { preferences: { ...before, ...part } } });
  } catch (problem) {
    show(before);
    throw problem;
  }
}

let waiting = null;
let answerWaiting = null;
function askLogin(why) {
  if (!session.value) return false;
  waiting ??= new Promise((done) => {
    answerWaiting = done;
  });
  expired.value = why;
  return waiting;
}
hooks.expired = () => askLogin('ended');

// Runs what asks that somebody logged in lately; when that was too long ago, asks to log in again
// first.
export async function proved(run) {
  try {
    return await run();
  } catch (problem) {
    if (problem.code !== 'login_again' || !await askLogin('proof')) throw problem;
    return run();
  }
}

// The dialog's end: logged in again or given up.
export function endExpired(back) {
  if (!back && expired.value === 'ended') session.value = null;
  expired.value = null;
  answerWaiting?.(back);
  waiting = null;
  answerWaiting = null;
}
