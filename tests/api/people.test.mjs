// People: what proves who somebody is, sessions, and what holds when that changes. The numbers are
// those of the security requirements that each test shows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

import { Browser, loggedIn, organisationUser, partnerUser, totp } from './people.mjs';
import { decodeQuoted, header, linkSecret, mailServer } from './smtp.mjs';
import { anotherNode, install, onPostgresql, query, request, run, serve } from './support.mjs';

let installation;
let server;
let demo;
before(async () => {
  installation = install();
  demo = installation.demo;
  server = await serve(installation);
});
after(async () => {
  await server?.stop();
  installation?.remove();
});

const SOUND = 'drie reigers op het dak';
const later = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Messages in the outbox to an address, oldest first, once there are so many.
async function mailTo(address, count = 1) {
  const folder = join(installation.folder, 'outbox');
  for (let tries = 0; tries < 60; tries += 1) {
    const texts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.eml')).sort().map((name) => readFileSync(join(folder, name), 'utf8')) : [];
    const found = texts.filter((text) => header(text, 'To')?.includes(`<${address}>`));
    if (found.length >= count) return found;
    await later(100);
  }
  throw new Error(`no mail to ${address}`);
}

// Somebody new at that side, from invitation to second factor: { browser, user, id, codes }.
async function invited(administrator, fields) {
  const made = await administrator.call('POST', '/users', fields);
  assert.equal(made.status, 201, made.text);
  const [mail] = await mailTo(fields.email);
  const secret = linkSecret(mail, 'invitation');
  const browser = new Browser(server);
  const accepted = await browser.call('POST', `/invitations/${secret}`, { password: SOUND });
  assert.equal(accepted.status, 201, accepted.text);
  const offered = await browser.call('POST', '/session/second-factor');
  assert.equal(offered.status, 200, offered.text);
  const confirmed = await browser.call('POST', '/session/second-factor/confirmation', { totp: totp(offered.json.secret, -1) });
  assert.equal(confirmed.status, 200, confirmed.text);
  const user = { email: fields.email, password: SOUND, totp_secret: offered.json.secret, role: fields.role };
  return { browser, user, id: made.json.id, codes: confirmed.json.recovery_codes, secret };
}

let administrator;
const admin = async () => {
  administrator ??= await loggedIn(server, organisationUser(demo, 'administrator'));
  return administrator;
};
const partnerAdmins = new Map();
const partnerAdmin = async (index) => {
  if (!partnerAdmins.has(index)) partnerAdmins.set(index, await loggedIn(server, partnerUser(demo, index, 'administrator')));
  return partnerAdmins.get(index);
};
let number = 0;
const address = () => `person${number += 1}@new.example`;

test('from invitation to first login with an authenticator; what comes before that can do nothing else', async () => {
  const office = await partnerAdmin(0);
  const email = address();
  const made = await office.call('POST', '/users', { name: 'Jolanda Één', email, role: 'adviser', language: 'nl' });
  assert.equal(made.status, 201);
  assert.equal(made.json.status, 'invited');
  const [mail] = await mailTo(email);
  assert.equal(header(mail, 'Subject'), 'Uw uitnodiging voor het extranet');
  assert.match(header(mail, 'To'), /Jolanda Één <person/);
  assert.match(decodeQuoted(mail), /Veldkamp Assurantiën Utrecht/);
  const secret = linkSecret(mail, 'invitation');
  const browser = new Browser(server);
  const shown = await browser.call('GET', `/invitations/${secret}`);
  assert.deepEqual([shown.status, shown.json.email, shown.json.role, shown.json.partner_name], [200, email, 'adviser', 'Veldkamp Assurantiën Utrecht']);
  assert.equal((await browser.call('POST', `/invitations/${secret}`, { password: 'Jolanda123456' })).json.errors[0].code, 'too_common');
  assert.equal((await browser.call('POST', `/invitations/${secret}`, { password: 'kort' })).json.errors[0].code, 'too_short');
  const accepted = await browser.call('POST', `/invitations/${secret}`, { password: SOUND, name: 'Jolanda Twee' });
  assert.equal(accepted.status, 201, accepted.text);
  assert.equal(accepted.json.second_factor, 'missing');
  assert.deepEqual(accepted.json.operations.sort(), ['ConfirmSecondFactor', 'EndSession', 'GetSession', 'OfferSecondFactor']);
  assert.equal((await browser.call('GET', '/quotes')).json.code, 'second_factor_missing');
  assert.equal((await new Browser(server).call('GET', `/invitations/${secret}`)).status, 404);
  const offered = await browser.call('POST', '/session/second-factor');
  assert.match(offered.json.uri, /^otpauth:\/\/totp\/Koppel:person\d+%40new\.example\?secret=[A-Z2-7]{32}&issuer=Koppel/);
  assert.match(offered.json.qr, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+) \1">.*<\/svg>$/);
  const wrong = await browser.call('POST', '/session/second-factor/confirmation', { totp: '000000' });
  assert.deepEqual([wrong.status, wrong.json.errors[0].pointer], [422, '/totp']);
  const before = browser.cookie;
  const confirmed = await browser.call('POST', '/session/second-factor/confirmation', { totp: totp(offered.json.secret) });
  assert.equal(confirmed.json.recovery_codes.length, 10);
  assert.notEqual(browser.cookie, before);
  const session = await browser.call('GET', '/session');
  assert.deepEqual([session.json.second_factor, session.json.user.name, session.json.user.recovery_codes_left, session.json.demo, session.json.mail],
    ['on', 'Jolanda Twee', 10, true, 'outbox']);
  assert.ok(session.json.operations.includes('RequestQuote') && !session.json.operations.includes('CreateUser'));
  const old = new Browser(server);
  old.cookie = before;
  assert.equal((await old.call('GET', '/session')).status, 401);
});

test('points 1 and 2: passwords of twelve characters and of sixty-four, any characters, and none that everybody thinks of', async () => {
  const { browser } = await invited(await admin(), { name: 'Ans Wouda', email: address(), role: 'analyst' });
  const change = (password) => browser.call('POST', '/session/password', { current_password: SOUND, password });
  for (const [password, code] of [['elf tekens!', 'too_short'], ['Welkom2026!!!', 'too_common'], ['Password-2026', 'too_common'], ['ans.wouda.2026', 'too_common'],
    ['a'.repeat(300), 'too_long'], ['qwertyuiop123', 'too_common']]) {
    const answer = await change(password);
    assert.deepEqual([answer.status, answer.json.errors[0].pointer, answer.json.errors[0].code], [422, '/password', code], password);
  }
  const long = 'Ünd ẞo wëiter, 旅行者 met 64+ tekens ☃ '.repeat(2).trim();
  assert.equal((await change(long)).status, 204);
  assert.equal((await browser.call('POST', '/session/password', { current_password: long, password: 'Vq7!zr9Lp2xw' })).status, 204);
});

test('point 3: kept as argon2id with its parameters, and hashed anew at login when those have changed', async () => {
  const { user, id } = await invited(await admin(), { name: 'Bea Zonneveld', email: address(), role: 'analyst' });
  const kept = () => query(installation, `select password_hash from app_user where id = '${id}'`);
  assert.match(kept(), /^\$argon2id\$v=19\$m=32768,t=3,p=1\$/);
  assert.ok(!kept().includes(SOUND));
  // The same password under other parameters: argon2id, 8 MiB, one pass, of "weaker but right words".
  const weaker = spawnSync('python3', ['-c', 'import ctypes as c;l=c.CDLL("libsodium.so.23");l.sodium_init();b=c.create_string_buffer(128);p=b"weaker but right words";l.crypto_pwhash_str_alg(b,p,c.c_ulonglong(len(p)),c.c_ulonglong(1),c.c_size_t(8388608),2);print(b.value.decode())'], { encoding: 'utf8' }).stdout.trim();
  assert.match(weaker, /^\$argon2id\$v=19\$m=8192,t=1,p=1\$/);
  query(installation, `update app_user set password_hash = '${weaker}' where id = '${id}'`);
  assert.equal((await new Browser(server).login({ ...user, password: 'weaker but right words' })).status, 201);
  assert.match(kept(), /^\$argon2id\$v=19\$m=32768,t=3,p=1\$/);
});

test('point 4: a code of the second factor is asked for, is good once, and within its window alone', async () => {
  const user = partnerUser(demo, 3, 'adviser');
  const browser = new Browser(server);
  const login = (fields) => browser.call('POST', '/session', { email: user.email, password: user.password, ...fields });
  assert.equal((await login({})).json.code, 'second_factor_required');
  assert.equal((await login({ totp: totp(user.totp_secret, -3) })).json.code, 'unauthorized');
  assert.equal((await login({ totp: totp(user.totp_secret, 4) })).json.code, 'unauthorized');
  const code = totp(user.totp_secret);
  assert.equal((await login({ totp: code })).status, 201);
  assert.equal((await login({ totp: code })).json.code, 'unauthorized');
  // Two at once with the same next code: one gets in.
  const next = totp(user.totp_secret, 1);
  const both = await Promise.all([1, 2].map(() => new Browser(server).call('POST', '/session', { email: user.email, password: user.password, totp: next })));
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 401]);
});

test('point 5: an unknown address, a wrong password, a disabled and an invited user look and last alike', async () => {
  const office = await partnerAdmin(3);
  const asleep = address();
  assert.equal((await office.call('POST', '/users', { name: 'Nog Niet', email: asleep, role: 'assistant' })).status, 201);
  const gone = await invited(office, { name: 'Al Weg', email: address(), role: 'assistant' });
  assert.equal((await office.call('POST', `/users/${gone.id}/disabling`)).status, 200);
  const cases = { unknown: 'nobody@nowhere.example', wrong: partnerUser(demo, 3, 'assistant').email, invited: asleep, disabled: gone.user.email };
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  const texts = new Set();
  // The least of each counts: other work goes on beside. A difference that is there stays there.
  const ratio = () => {
    const least = Object.values(times).map((list) => Math.min(...list));
    return Math.max(...least) / Math.min(...least);
  };
  for (let round = 0; round < 30 && (round < 5 || ratio() > 1.3); round += 1) {
    query(installation, 'update login_throttle set until_us = 0');
    for (const [name, email] of Object.entries(cases)) {
      const begun = process.hrtime.bigint();
      const answer = await new Browser(server).call('POST', '/session', { email, password: 'niet het goede woord' });
      times[name].push(Number(process.hrtime.bigint() - begun) / 1e6);
      assert.equal(answer.status, 401);
      const { request_id: ignored, ...told } = answer.json;
      texts.add(JSON.stringify(told));
    }
  }
  assert.equal(texts.size, 1);
  assert.ok(ratio() < 1.5, JSON.stringify(times));
});

test('point 6: after many attempts an account and an address have to wait, and nobody is locked out for good', async () => {
  const user = (await invited(await admin(), { name: 'Cor Traag', email: address(), role: 'analyst' })).user;
  const attempt = (password) => new Browser(server).call('POST', '/session', { email: user.email, password, totp: totp(user.totp_secret) });
  const answers = [];
  for (let i = 0; i < 12; i += 1) answers.push(await attempt('niet het goede woord'));
  assert.deepEqual([...new Set(answers.map(({ json }) => json.code))], ['unauthorized']);
  // Now even the right one is not looked at, in the same words.
  const blocked = await new Browser(server).login(user);
  assert.deepEqual([blocked.status, blocked.json.detail], [401, answers[0].json.detail]);
  // What was counted wears off: as if that time had passed.
  query(installation, "update login_throttle set until_us = until_us - 600000000");
  assert.equal((await new Browser(server).login(user)).status, 201);
  // Who logs in in two steps, again and again, has not failed at all.
  for (let i = 0; i < 12; i += 1) assert.equal((await new Browser(server).call('POST', '/session', { email: user.email, password: user.password })).json.code, 'second_factor_required');
  // From one address at many accounts: it is told to wait, and for how long.
  let told;
  for (let i = 0; i < 130 && !told; i += 1) {
    const answer = await new Browser(server).call('POST', '/password-resets', { email: `nobody${i}@nowhere.example` });
    if (answer.status === 429) told = answer;
    else assert.equal(answer.status, 202);
  }
  assert.equal(told.json.code, 'too_many_attempts');
  assert.ok(Number(told.headers['retry-after']) >= 1 && Number(told.headers['retry-after']) <= 10);
  assert.equal((await new Browser(server).login(user)).status, 429);
  query(installation, "update login_throttle set until_us = until_us - 1000000000");
});

test('point 7: recovery codes of 112 bits and more, kept hashed, each good once', async () => {
  const { user, codes, id } = await invited(await admin(), { name: 'Dina Herstel', email: address(), role: 'analyst' });
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[a-km-np-z2-9]{6}(-[a-km-np-z2-9]{6}){3}$/); // 24 of 32: 120 bits
  const kept = query(installation, `select hash from recovery_code where user_id = '${id}'`).split('\n');
  assert.equal(kept.length, 10);
  assert.ok(kept.every((hash) => /^[0-9a-f]{64}$/.test(hash)));
  const login = (recovery_code) => new Browser(server).call('POST', '/session', { email: user.email, password: user.password, recovery_code });
  const both = await Promise.all([login(codes[0]), login(codes[0].toUpperCase().replaceAll('-', ' '))]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 401]);
  assert.equal((await login(codes[0])).status, 401);
  assert.equal((await login('abcdef-abcdef-abcdef-abcdef')).status, 401);
  const browser = new Browser(server);
  const entered = await browser.call('POST', '/session', { email: user.email, password: user.password, recovery_code: codes[1] });
  assert.equal(entered.json.user.recovery_codes_left, 8);
  const renewed = await browser.call('POST', '/session/recovery-codes');
  assert.equal(renewed.json.recovery_codes.length, 10);
  assert.equal((await login(codes[2])).status, 401);
});

test('point 8: a reset never skips the second factor, holds once, and ends all sessions', async () => {
  const { user, browser } = await invited(await admin(), { name: 'Els Vergeten', email: address(), role: 'analyst' });
  const asked = await new Browser(server).call('POST', '/password-resets', { email: user.email.toUpperCase() });
  const nobody = await new Browser(server).call('POST', '/password-resets', { email: 'nobody@nowhere.example' });
  assert.deepEqual([asked.status, asked.text, nobody.status, nobody.text], [202, '{}', 202, '{}']);
  const secret = linkSecret((await mailTo(user.email, 2)).at(-1), 'reset');
  const other = 'een heel andere windmolen';
  const reset = (fields) => new Browser(server).call('POST', `/password-resets/${secret}`, { password: other, ...fields });
  assert.equal((await reset({})).json.code, 'second_factor_required');
  assert.equal((await reset({ totp: '000000' })).status, 401);
  assert.equal((await reset({ password: 'kort' })).status, 422);
  assert.equal((await browser.call('GET', '/session')).status, 200);
  assert.equal((await reset({ totp: totp(user.totp_secret) })).status, 204);
  assert.equal((await browser.call('GET', '/session')).status, 401);
  assert.equal((await reset({ totp: totp(user.totp_secret, 1) })).status, 404);
  assert.equal((await new Browser(server).call('POST', '/session', { email: user.email, password: SOUND, totp: totp(user.totp_secret, 1) })).status, 401);
  assert.equal((await new Browser(server).call('POST', '/session', { email: user.email, password: other, totp: totp(user.totp_secret, 1) })).status, 201);
  assert.match((await mailTo(user.email, 3)).at(-1), /^Subject: Uw wachtwoord is gewijzigd\r$/m);
  assert.ok(!server.log().includes(secret));
});

test('point 9: an installation without demo data has nobody in it; its first administrator is made by command', async () => {
  const bare = install('--without-demo');
  try {
    assert.equal(query(bare, 'select count(*) from app_user'), '0');
    const made = run('user', 'create', '--data', bare.folder, '--email', 'first@org.example', '--name', 'Eerste', '--role', 'administrator');
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /^https:\/\/localhost:8443\/invitation\/[0-9A-Za-z]{43}\n$/);
    assert.equal(run('user', 'create', '--data', bare.folder, '--email', 'FIRST@org.example', '--name', 'Eerste', '--role', 'administrator').status, 1);
    assert.equal(run('user', 'totp', '--data', bare.folder, 'first@org.example').status, 1);
    assert.equal(query(bare, "select operation, actor from audit_log where operation = 'CreateUser'"), 'CreateUser|command');
  } finally {
    bare.remove();
  }
});

test('points 10, 11 and 12: 256 random bits in a cookie of this host alone, kept hashed, and new at each login', async () => {
  const user = partnerUser(demo, 2, 'adviser');
  const browser = new Browser(server);
  const first = await browser.login(user);
  const [line] = first.headers['set-cookie'];
  assert.match(line, /^__Host-koppel=[0-9A-Za-z]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const token = line.slice(14, 57);
  const hashes = query(installation, 'select hash from user_session').split('\n');
  assert.ok(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)) && !hashes.includes(token));
  const before = browser.cookie;
  query(installation, 'update app_user set totp_step = -1');
  assert.equal((await browser.login(user)).status, 201);
  assert.notEqual(browser.cookie, before);
  const old = new Browser(server);
  old.cookie = before;
  assert.equal((await old.call('GET', '/session')).status, 401); // the same browser's from before
  // A cookie that stands twice, or is none of ours, is no session.
  for (const cookie of [`${browser.cookie}; ${browser.cookie}`, '__Host-koppel=x', `__Host-koppel=${'x'.repeat(43)}`, 'koppel=1']) {
    old.cookie = cookie;
    assert.equal((await old.call('GET', '/session')).status, 401, cookie);
  }
  old.cookie = `a=b; ${browser.cookie}; c=d`;
  assert.equal((await old.call('GET', '/session')).status, 200);
});

test('point 13: a session ends when it is not used, and after its whole life', async () => {
  const { browser } = await invited(await admin(), { name: 'Fien Moe', email: address(), role: 'analyst' });
  const id = (await browser.call('GET', '/sessions')).json.items.find(({ current }) => current).id;
  const change = async (what) => {
    query(installation, `update user_session set ${what} where id = '${id}'`);
    await later(1100);
    return (await browser.call('GET', '/session')).status;
  };
  const now = Date.now() * 1000;
  assert.equal(await change(`used_us = ${now - 29 * 60e6}`), 200);
  await later(300);
  assert.ok(Number(query(installation, `select used_us from user_session where id = '${id}'`)) >= now); // used again
  assert.equal(await change(`used_us = ${now - 31 * 60e6}`), 401);
  assert.equal(await change(`used_us = ${now + 1e6}`), 200);
  assert.equal(await change(`expires_us = ${now}`), 401);
  assert.equal(await change(`expires_us = ${now + 3600e6}`), 200);
});

test('point 14: logging out, disabling and another password end sessions at once', async () => {
  const office = await partnerAdmin(1);
  const { user, id, browser } = await invited(office, { name: 'Gijs Weg', email: address(), role: 'adviser' });
  query(installation, `update app_user set totp_step = -1 where id = '${id}'`);
  const second = await loggedIn(server, user);
  query(installation, `update app_user set totp_step = -1 where id = '${id}'`);
  const third = await loggedIn(server, user);
  const status = async (...browsers) => Promise.all(browsers.map(async (each) => (await each.call('GET', '/session')).status));
  const cookies = [browser, second, third].map(({ cookie }) => cookie);
  assert.deepEqual(await status(browser, second, third), [200, 200, 200]);
  assert.equal((await third.call('GET', '/sessions')).json.items.length, 3);
  const out = await third.call('DELETE', '/session');
  assert.equal(out.status, 204);
  assert.match(out.headers['set-cookie'][0], /^__Host-koppel=; .*Max-Age=0$/);
  third.cookie = cookies[2];
  assert.deepEqual(await status(browser, second, third), [200, 200, 401]);
  const other = 'weer een nieuwe molensteen';
  assert.equal((await second.call('POST', '/session/password', { current_password: 'niet het goede woord', password: other })).json.errors[0].pointer, '/current_password');
  assert.equal((await second.call('POST', '/session/password', { current_password: SOUND, password: other })).status, 204);
  assert.deepEqual(await status(browser, second), [401, 200]); // the one that did it goes on, under a new id
  assert.notEqual(second.cookie, cookies[1]);
  assert.equal((await office.call('POST', `/users/${id}/disabling`)).json.status, 'disabled');
  assert.deepEqual(await status(second), [401]);
  assert.equal((await office.call('POST', `/users/${id}/enabling`)).json.status, 'active');
  assert.deepEqual(await status(second), [401]);
});

test('log out elsewhere: one session by its id, or all others', async () => {
  const { user, id, browser } = await invited(await admin(), { name: 'Hans Overal', email: address(), role: 'analyst' });
  const others = [];
  for (let i = 0; i < 2; i += 1) {
    query(installation, `update app_user set totp_step = -1 where id = '${id}'`);
    others.push(await loggedIn(server, user));
  }
  const { items } = (await browser.call('GET', '/sessions')).json;
  assert.equal(items.filter(({ current }) => current).length, 1);
  const first = (await others[0].call('GET', '/sessions')).json.items.find(({ current }) => current).id;
  assert.equal((await browser.call('DELETE', `/sessions/${first}`)).status, 204);
  assert.equal((await others[0].call('GET', '/session')).status, 401);
  assert.equal((await browser.call('DELETE', `/sessions/${first}`)).status, 404);
  const foreign = (await (await admin()).call('GET', '/sessions')).json.items[0].id;
  assert.equal((await browser.call('DELETE', `/sessions/${foreign}`)).status, 404); // another's looks the same
  assert.deepEqual((await browser.call('DELETE', '/sessions')).json, { ended: 1 });
  assert.equal((await others[1].call('GET', '/session')).status, 401);
  assert.equal((await browser.call('GET', '/session')).status, 200);
});

test('point 15: whoever logged in long ago logs in again before the second factor or an address changes', async () => {
  const office = await partnerAdmin(1);
  const { user, id } = await invited(office, { name: 'Iet Oud', email: address(), role: 'adviser' });
  query(installation, `update app_user set totp_step = -1 where id = '${id}'`);
  const browser = await loggedIn(server, user);
  query(installation, `update user_session set created_us = created_us - 3600000000 where user_id = '${id}'`);
  await later(1100);
  for (const path of ['/session/second-factor', '/session/recovery-codes']) assert.equal((await browser.call('POST', path)).json.code, 'login_again', path);
  assert.equal((await browser.call('POST', '/session/second-factor/confirmation', { totp: '123456' })).json.code, 'login_again');
  query(installation, `update app_user set totp_step = -1 where id = '${id}'`);
  assert.equal((await browser.login(user)).status, 201);
  const offered = await browser.call('POST', '/session/second-factor');
  assert.equal((await browser.call('POST', '/session/second-factor/confirmation', { totp: totp(offered.json.secret) })).status, 200);
  assert.match(await (async () => (await mailTo(user.email, 2)).at(-1))(), /^Subject: Uw tweede stap is gewijzigd\r$/m);
  // An administrator who changes somebody's address, or takes away a factor.
  const self = (await office.call('GET', '/session')).json.user.id;
  query(installation, `update user_session set created_us = created_us - 3600000000 where user_id = '${self}'`);
  await later(1100);
  const etag = (await office.call('GET', `/users/${id}`)).headers.etag;
  assert.equal((await office.call('PATCH', `/users/${id}`, { email: address() }, { 'If-Match': etag })).json.code, 'login_again');
  assert.equal((await office.call('DELETE', `/users/${id}/second-factor`)).json.code, 'login_again');
  assert.equal((await office.call('PATCH', `/users/${id}`, { name: 'Iet Nieuw' }, { 'If-Match': etag })).status, 200);
  query(installation, `update user_session set created_us = created_us + 3600000000 where user_id = '${self}'`);
  await later(1100);
  assert.equal((await office.call('DELETE', `/users/${id}/second-factor`)).status, 204);
  assert.equal((await browser.call('GET', '/session')).status, 401);
  const fresh = new Browser(server);
  const entered = await fresh.call('POST', '/session', { email: user.email, password: SOUND });
  assert.deepEqual([entered.status, entered.json.second_factor], [201, 'missing']);
  assert.equal((await fresh.call('GET', '/users')).json.code, 'second_factor_missing');
});

test('point 17: a user of another office looks exactly like one that does not exist', async () => {
  const office = await partnerAdmin(2);
  const foreign = (await (await admin()).call('GET', `/users?partner=${demo.partners[0].id}`)).json.items[0].id;
  const unknown = `${foreign.slice(0, -1)}${foreign.endsWith('0') ? '1' : '0'}`;
  const steps = [['GET', ''], ['PATCH', '', { name: 'x' }], ['POST', '/invitation'], ['POST', '/disabling'], ['POST', '/enabling'], ['DELETE', '/second-factor']];
  for (const [method, path, body] of steps) {
    const told = await Promise.all([foreign, unknown].map(async (id) => {
      const answer = await office.call(method, `/users/${id}${path}`, body, { 'If-Match': '"r1"' });
      const { request_id: ignored, instance, ...rest } = answer.json;
      return JSON.stringify([answer.status, rest, instance.replace(id, 'ID')]);
    }));
    assert.equal(told[0], told[1]);
    assert.match(told[0], /^\[404,/);
  }
  const { items } = (await office.call('GET', '/users?limit=100')).json;
  assert.deepEqual([...new Set(items.map(({ partner_id }) => partner_id))], [demo.partners[2].id]);
  assert.equal((await office.call('POST', '/users', { name: 'X', email: address(), role: 'adviser', partner_id: demo.partners[0].id })).json.errors[0].pointer, '/partner_id');
});

test('point 18: which fields a role may write is a list; nobody grants more than they have, nor to themselves', async () => {
  const office = await partnerAdmin(2);
  const manager = await loggedIn(server, organisationUser(demo, 'account_manager'));
  const { id } = await invited(office, { name: 'Jo Velden', email: address(), role: 'assistant' });
  const patch = async (browser, body, who = id) => {
    const { headers } = await browser.call('GET', `/users/${who}`);
    return browser.call('PATCH', `/users/${who}`, body, { 'If-Match': headers.etag });
  };
  assert.equal((await patch(manager, { name: 'Jo Anders', language: 'en' })).status, 200);
  for (const [field, value] of [['email', address()], ['role', 'administrator'], ['scope', 'person']]) {
    const answer = await patch(manager, { [field]: value });
    assert.deepEqual([answer.status, answer.json.errors[0].pointer, answer.json.errors[0].code], [422, `/${field}`, 'not_yours_to_write']);
  }
  assert.equal((await patch(office, { role: 'adviser', scope: 'person' })).json.scope, 'person');
  assert.equal((await patch(office, { scope: 'role' })).json.scope, 'office');
  assert.equal((await patch(office, { role: 'underwriter' })).json.errors[0].code, 'wrong_side');
  for (const field of ['status', 'partner_id', 'password', 'revision', 'totp_secret', 'second_factor'])
    assert.equal((await patch(office, { [field]: 'x' })).json.errors[0].code, 'unknown', field);
  const self = (await office.call('GET', '/session')).json.user.id;
  assert.equal((await patch(office, { role: 'adviser' }, self)).json.code, 'own_account');
  assert.equal((await office.call('POST', `/users/${self}/disabling`)).json.code, 'own_account');
  const organisation = (await manager.call('GET', '/users?partner=organisation')).json.items[0].id;
  assert.equal((await patch(manager, { name: 'x' }, organisation)).json.code, 'user_not_yours');
  const adviser = await loggedIn(server, partnerUser(demo, 2, 'assistant'));
  assert.equal((await adviser.call('POST', '/users', { name: 'X', email: address(), role: 'adviser' })).json.code, 'role_not_allowed');
});

test('point 19: a changed role or scope holds from the next request', async () => {
  const office = await partnerAdmin(1);
  const { id, browser } = await invited(office, { name: 'Kim Wissel', email: address(), role: 'assistant' });
  const grant = async (body) => {
    const { headers } = await office.call('GET', `/users/${id}`);
    return office.call('PATCH', `/users/${id}`, body, { 'If-Match': headers.etag });
  };
  const may = async () => (await browser.call('POST', '/quotes/qte_00000000000000000000000000/accept', {})).json.code;
  assert.equal(await may(), 'role_not_allowed');
  assert.equal((await grant({ role: 'adviser' })).status, 200);
  assert.notEqual(await may(), 'role_not_allowed');
  const colleagues = async () => (await browser.call('GET', '/users?limit=100')).json.items.length;
  assert.ok(await colleagues() > 1);
  assert.equal((await grant({ scope: 'person' })).status, 200);
  assert.equal(await colleagues(), 1); // themselves
});

test('point 20: keys are kept hashed, and are taken from no address', async () => {
  const key = demo.partners[0].secret_key;
  assert.equal(query(installation, `select count(*) from api_key where hash like '%${key.slice(8)}%'`), '0');
  for (const path of [`/api/v1/quotes?access_token=${key}`, `/api/v1/quotes?key=${key}`]) assert.ok((await request(server, 'GET', path)).status >= 400);
});

test('point 25: a write by session comes from our own pages', async () => {
  const browser = await partnerAdmin(0);
  const host = `127.0.0.1:${server.port}`;
  const write = (headers) => request(server, 'PATCH', '/api/v1/session/user', { headers: { Cookie: browser.cookie, ...headers }, body: { language: 'nl' } });
  for (const [headers, status] of [[{ 'Sec-Fetch-Site': 'same-origin' }, 200], [{ 'Sec-Fetch-Site': 'none' }, 200], [{ Origin: `https://${host}` }, 200],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403], [{ 'Sec-Fetch-Site': 'cross-site', Origin: `https://${host}` }, 403], [{ Origin: 'https://evil.example' }, 403],
    [{ Origin: 'null' }, 403], [{ Origin: `http://${host}` }, 403], [{}, 403]]) {
    const answer = await write(headers);
    assert.equal(answer.status, status, JSON.stringify(headers));
    if (status === 403) assert.equal(answer.json.code, 'cross_site');
  }
  // Logging somebody in from elsewhere is refused too; reading gives its own origin alone anything.
  const user = partnerUser(demo, 0, 'assistant');
  const login = { email: user.email, password: user.password, totp: totp(user.totp_secret) };
  assert.equal((await request(server, 'POST', '/api/v1/session', { headers: { 'Sec-Fetch-Site': 'cross-site' }, body: login })).json.code, 'cross_site');
  const read = await request(server, 'GET', '/api/v1/session', { headers: { Cookie: browser.cookie, Origin: 'https://evil.example' } });
  assert.equal(read.headers['access-control-allow-origin'], undefined);
});

test('point 26: what is behind the login is stored nowhere on its way', async () => {
  const browser = await partnerAdmin(0);
  for (const path of ['/session', '/users', '/quotes']) assert.match((await browser.call('GET', path)).headers['cache-control'], /no-store/, path);
});

test('logins, refusals and changes of people are in the audit log, with who', async () => {
  const { id } = await invited(await admin(), { name: 'Lau Boek', email: address(), role: 'analyst' });
  const user = query(installation, `select email from app_user where id = '${id}'`);
  await new Browser(server).call('POST', '/session', { email: user, password: 'niet het goede woord' });
  const rows = query(installation, `select operation, outcome, coalesce(code, '') from audit_log where user_id = '${id}' order by id`).split('\n');
  assert.deepEqual(rows, ['AcceptInvitation|done|', 'OfferSecondFactor|done|', 'ConfirmSecondFactor|done|', 'CreateSession|refused|unauthorized']);
  assert.equal(query(installation, `select count(*) from audit_log where operation = 'CreateUser' and subject_id = '${id}' and user_id is not null`), '1');
});

test('a role, a second factor and a person are looked after by command as well', async () => {
  const email = address();
  const made = run('user', 'create', '--data', installation.folder, '--email', email, '--name', 'Mia', '--role', 'adviser', '--partner', demo.partners[0].id, '--scope', 'person');
  assert.equal(made.status, 0, made.stderr);
  assert.match(run('user', 'list', '--data', installation.folder, '--partner', demo.partners[0].id).stdout, new RegExp(`${email} +adviser +invited`));
  assert.equal(run('user', 'invite', '--data', installation.folder, email).status, 0);
  assert.equal(linkSecret((await mailTo(email, 2)).at(-1), 'invitation')?.length, 43);
  const who = partnerUser(demo, 0, 'assistant');
  assert.match(run('user', 'totp', '--data', installation.folder, who.email).stdout, /^\d{6}\n$/);
  const browser = await loggedIn(server, who);
  assert.equal(run('user', 'disable', '--data', installation.folder, who.email).status, 0);
  await later(1100); // another process: within a second
  assert.equal((await browser.call('GET', '/session')).status, 401);
  assert.equal(run('user', 'enable', '--data', installation.folder, who.email).status, 0);
  assert.equal(run('user', 'reset-factor', '--data', installation.folder, who.email).status, 0);
  const answer = await new Browser(server).call('POST', '/session', { email: who.email, password: who.password });
  assert.deepEqual([answer.status, answer.json.second_factor], [201, 'missing']);
  for (const wrong of [['create', '--email', 'x', '--name', 'y', '--role', 'adviser'], ['create', '--email', 'x@y.nl', '--name', 'y', '--role', 'king'], ['frobnicate'], ['disable']])
    assert.equal(run('user', ...wrong, '--data', installation.folder).status, 2, wrong.join(' '));
  assert.equal(run('user', 'disable', '--data', installation.folder, 'nobody@nowhere.example').status, 1);
});

test('secrets of the second factor lie encrypted, and open under a new key', async () => {
  const user = partnerUser(demo, 1, 'assistant');
  const kept = () => query(installation, `select totp_sealed from app_user where email = '${user.email}'`);
  const before = kept();
  assert.match(before, /^e1\./);
  assert.ok(!query(installation, 'select * from app_user').includes(user.totp_secret));
  assert.equal(run('encryption-key', 'rotate', '--data', installation.folder).status, 0);
  assert.notEqual(kept(), before);
  await later(1100);
  assert.equal((await new Browser(server).login(user)).status, 201);
});

test('people of an office that has left get in no more', async () => {
  const user = partnerUser(demo, 3, 'administrator');
  const browser = await partnerAdmin(3);
  query(installation, `update partner set status = 'ended' where id = '${demo.partners[3].id}'`);
  await later(1100);
  assert.equal((await browser.call('GET', '/session')).status, 401);
  query(installation, 'update app_user set totp_step = -1');
  assert.equal((await new Browser(server).login(user)).status, 401);
  query(installation, `update partner set status = 'active' where id = '${demo.partners[3].id}'`);
});

test('mail by SMTP: delivered once, tried again when the server is away or drops, given up when it refuses', async () => {
  const post = await mailServer();
  const own = install();
  const mailing = await serve(own, '--smtp', post.url, '--smtp-tls', 'none', '--mail-from', 'extranet@koppel.example');
  const until = async (done) => {
    for (let tries = 0; tries < 80 && !done(); tries += 1) await later(100);
    assert.ok(done());
  };
  const state = (what) => query(own, `select state, tries from mail_message where subject_id in (select id from app_user where email = '${what}')`);
  try {
    const browser = await loggedIn(mailing, organisationUser(own.demo, 'administrator'));
    assert.equal((await browser.call('GET', '/session')).json.mail, 'smtp');
    const invite = (email) => browser.call('POST', '/users', { name: 'Nel "de" Post', email, role: 'analyst' });
    await invite('one@mail.example');
    await until(() => post.messages.length === 1);
    const [message] = post.messages;
    assert.deepEqual([message.from, message.to], ['extranet@koppel.example', ['one@mail.example']]);
    assert.match(header(message.text, 'Message-ID'), /^<mai_[0-9a-z]{26}@localhost>$/);
    assert.equal(header(message.text, 'Auto-Submitted'), 'auto-generated');
    assert.ok(message.text.split('\r\n').every((line) => line.length <= 200));
    assert.match(decodeQuoted(message.text), /Beste Nel "de" Post,[\s\S]*Beste Nel &quot;de&quot; Post,/);
    await until(() => state('one@mail.example') === 'sent|1');
    assert.equal(query(own, "select count(*) from mail_message where state = 'sent' and sealed <> ''"), '0');
    post.behave.refuse = 550;
    await invite('two@mail.example');
    await until(() => state('two@mail.example') === 'failed|1');
    post.behave.refuse = 451;
    await invite('three@mail.example');
    await until(() => state('three@mail.example') === 'pending|1');
    post.behave.refuse = 0;
    query(own, 'update mail_message set next_us = 0 where tries = 1');
    await until(() => state('three@mail.example') === 'sent|2');
    // Dropped after it was taken: nobody knows, so it is sent again, as the same message.
    post.behave.drop = 'accepted';
    await invite('four@mail.example');
    await until(() => state('four@mail.example') === 'pending|1');
    post.behave.drop = undefined;
    query(own, 'update mail_message set next_us = 0 where tries = 1');
    await until(() => state('four@mail.example') === 'sent|2');
    const twice = post.messages.filter(({ to }) => to[0] === 'four@mail.example').map(({ text }) => header(text, 'Message-ID'));
    assert.deepEqual([twice.length, new Set(twice).size], [2, 1]);
    // A server that stalls holds up neither the program nor its end.
    post.behave.stall = true;
    await invite('five@mail.example');
    await later(1500);
    assert.equal((await browser.call('GET', '/session')).status, 200);
    const begun = Date.now();
    await mailing.stop();
    assert.ok(Date.now() - begun < 8000);
    assert.match(state('five@mail.example'), /^pending\|0$/);
  } finally {
    await mailing.stop();
    await post.close();
    own.remove();
  }
});

test('on another node what somebody may holds within a second', { skip: !onPostgresql }, async () => {
  const node = anotherNode(installation);
  const second = await serve(node);
  try {
    const office = await partnerAdmin(0);
    const { id, browser } = await invited(office, { name: 'Nico Tweede', email: address(), role: 'assistant' });
    const there = new Browser(second);
    there.cookie = browser.cookie;
    assert.equal((await there.call('GET', '/session')).json.role, 'assistant');
    const { headers } = await office.call('GET', `/users/${id}`);
    await office.call('PATCH', `/users/${id}`, { role: 'adviser' }, { 'If-Match': headers.etag });
    await later(1000);
    assert.equal((await there.call('GET', '/session')).json.role, 'adviser');
    await office.call('POST', `/users/${id}/disabling`);
    await later(1000);
    assert.equal((await there.call('GET', '/session')).status, 401);
  } finally {
    await second.stop();
    node.remove();
  }
});
