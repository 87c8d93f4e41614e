// Signed messages put together by hand. Everything is written in canonical form (exclusive C14N), so
// that what stands in the message is what is digested, and a test can change whatever it likes.
import { createHash, createSign, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { SOAP11, call } from './support.mjs';

export const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
export const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const MESSAGE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0';
const X509 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0';
const USERNAME = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';
export const DS = 'http://www.w3.org/2000/09/xmldsig#';
export const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

export const LIST = call('ListProducts').replace('/>', '></ListProducts>');

// A key and a certificate of its own: { key, certificate, der }.
export function makePair(folder, name, kind = 'rsa:2048', ...more) {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', ...kind.split(' '), '-nodes', '-days', '30', '-subj', `/O=Kantoor/CN=${name}`,
    '-keyout', key, '-out', certificate, ...more], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const der = Buffer.from(readFileSync(certificate, 'utf8').replace(/-----.*-----|\s/g, ''), 'base64');
  return { key, certificate, der };
}

export const instant = (seconds = 0) => new Date(Date.now() + seconds * 1000).toISOString();

export const security = (content, version = SOAP11) =>
  `<wsse:Security xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}" xmlns:s="${version}" s:mustUnderstand="1">${content}</wsse:Security>`;

export const header = (...blocks) => `<s:Header>${blocks.join('')}</s:Header>`;

// A UsernameToken. `type` null leaves the type out.
export function usernameToken(user, password, { type = 'PasswordText', nonce, created, encoding = '' } = {}) {
  const kind = type === null ? '' : ` Type="${USERNAME}#${type}"`;
  const once = nonce === undefined ? '' : `<wsse:Nonce${encoding}>${nonce}</wsse:Nonce>`;
  const at = created === undefined ? '' : `<wsu:Created>${created}</wsu:Created>`;
  return `<wsse:UsernameToken><wsse:Username>${user}</wsse:Username><wsse:Password${kind}>${password}</wsse:Password>${once}${at}</wsse:UsernameToken>`;
}

export function digestToken(user, password, { nonce = randomBytes(16), created = instant(), ...more } = {}) {
  const digest = createHash('sha1').update(nonce).update(created).update(password).digest('base64');
  return usernameToken(user, digest, { type: 'PasswordDigest', nonce: nonce.toString('base64'), created, ...more });
}

export const timestamp = ({ created = instant(), expires = instant(240), id = 'time' } = {}) =>
  `<wsu:Timestamp xmlns:wsu="${WSU}" wsu:Id="${id}"><wsu:Created>${created}</wsu:Created>${expires === null ? '' : `<wsu:Expires>${expires}</wsu:Expires>`}</wsu:Timestamp>`;

export const body = (content = LIST, { id = 'body', version = SOAP11 } = {}) =>
  `<s:Body xmlns:s="${version}" xmlns:wsu="${WSU}" wsu:Id="${id}">${content}</s:Body>`;

export const binaryToken = (der, id = 'token') =>
  `<wsse:BinarySecurityToken EncodingType="${MESSAGE}#Base64Binary" ValueType="${X509}#X509v3" wsu:Id="${id}">${der.toString('base64')}</wsse:BinarySecurityToken>`;

export const byToken = (id = 'token') => `<wsse:SecurityTokenReference><wsse:Reference URI="#${id}" ValueType="${X509}#X509v3"/></wsse:SecurityTokenReference>`;
export const byThumbprint = (der) => `<wsse:SecurityTokenReference><wsse:KeyIdentifier EncodingType="${MESSAGE}#Base64Binary" ValueType="http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1">${createHash('sha1').update(der).digest('base64')}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`;
export const byKeyIdentifier = (bytes) => `<wsse:SecurityTokenReference><wsse:KeyIdentifier EncodingType="${MESSAGE}#Base64Binary" ValueType="${X509}#X509SubjectKeyIdentifier">${bytes.toString('base64')}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`;
export const byIssuer = (issuer, serial) => `<wsse:SecurityTokenReference><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>${issuer}</ds:X509IssuerName><ds:X509SerialNumber>${serial}</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data></wsse:SecurityTokenReference>`;

const transform = (algorithm) => `<ds:Transform Algorithm="${algorithm}"></ds:Transform>`;

// A ds:Reference to `text`, which stands in the message by that id.
export function reference(id, text, { uri = `#${id}`, transforms = transform(C14N), method = SHA256, digest = createHash('sha256').update(text).digest('base64') } = {}) {
  return `<ds:Reference URI="${uri}"><ds:Transforms>${transforms}</ds:Transforms><ds:DigestMethod Algorithm="${method}"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`;
}

// ds:Signature over references; `value` replaces the signature.
export function signature(keyFile, references, keyInfo, { algorithm = RSA_SHA256, canonical = C14N, hash = 'sha256', value, dsaEncoding } = {}) {
  const inner = `<ds:CanonicalizationMethod Algorithm="${canonical}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="${algorithm}"></ds:SignatureMethod>${references.join('')}`;
  const info = `<ds:SignedInfo xmlns:ds="${DS}">${inner}</ds:SignedInfo>`;
  const signed = value ?? createSign(hash).update(info).sign({ key: readFileSync(keyFile, 'utf8'), dsaEncoding }, 'base64');
  return `<ds:Signature xmlns:ds="${DS}"><ds:SignedInfo>${inner}</ds:SignedInfo><ds:SignatureValue>${signed}</ds:SignatureValue><ds:KeyInfo>${keyInfo}</ds:KeyInfo></ds:Signature>`;
}

// A whole message, signed as it should be, but for what `change` says: parts are texts, and those
// that are functions get the others.
export function signedMessage(pair, change = {}) {
  const parts = { version: SOAP11, content: LIST, token: binaryToken(pair.der), keyInfo: byToken(), timestamp: timestamp(), more: '', options: {}, ...change };
  parts.body ??= body(parts.content, { version: parts.version });
  parts.references ??= [reference('body', parts.body), reference('time', parts.timestamp)];
  parts.signature ??= signature(pair.key, parts.references, parts.keyInfo, parts.options);
  parts.security ??= security(parts.token + parts.timestamp + parts.signature + parts.more, parts.version);
  parts.header ??= header(parts.security);
  return `<s:Envelope xmlns:s="${parts.version}">${parts.header}${parts.sent ?? parts.body}</s:Envelope>`;
}
