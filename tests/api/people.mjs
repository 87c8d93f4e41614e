// People in tests: logging in as the demo's users, with a cookie as a browser keeps it.
import { createHmac } from 'node:crypto';

import { request } from './support.mjs';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function base32(text) {
  let bits = '';
  for (const letter of text) bits += ALPHABET.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

// The code that an authenticator app shows, `away` steps from now (RFC 6238).
export function totp(secret, away = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + away));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// A browser at one server: keeps the cookie, and says that it writes from the same site.
export class Browser {
  constructor(server) {
    this.server = server;
    this.cookie = '';
  }

  async call(method, path, body, headers = {}) {
    const sent = { 'Sec-Fetch-Site': 'same-origin', ...headers };
    if (this.cookie) sent.Cookie = this.cookie;
    const answer = await request(this.server, method, `/api/v1${path}`, { headers: sent, body });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const value = line.split(';')[0];
      this.cookie = value.endsWith('=') ? '' : value;
    }
    return answer;
  }

  // Codes are good once: of the present, the last and the next step, the first that is taken.
  async login(user, more = {}) {
    let answer;
    for (const away of [-1, 0, 1]) {
      answer = await this.call('POST', '/session', { email: user.email, password: user.password, totp: totp(user.totp_secret, away), ...more });
      if (answer.status !== 401) return answer;
    }
    return answer;
  }
}

// A browser in which that user of the demo is logged in.
export async function loggedIn(server, user) {
  const browser = new Browser(server);
  const answer = await browser.login(user);
  if (answer.status !== 201) throw new Error(`login of ${user.email}: ${answer.status} ${answer.text}`);
  return browser;
}

export const organisationUser = (demo, role) => demo.organisation.users.find((user) => user.role === role);
export const partnerUser = (demo, index, role) => demo.partners[index].users.find((user) => user.role === role);
