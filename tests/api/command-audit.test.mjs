// What operators change by command about who may call, and how that is proved, is in the audit log:
// what, to what, of which partner, by whom. What is refused or only looked at is not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install, query, run } from './support.mjs';

let installation;
let partner;
let scratch;
before(() => {
  installation = install();
  [partner] = installation.demo.partners;
  scratch = mkdtempSync(join(tmpdir(), 'koppel-audit-'));
});
after(() => {
  installation?.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const FIELDS = "operation || ' ' || coalesce(subject_id, '-') || ' ' || coalesce(partner_id, '-') || ' ' || outcome || ' ' || coalesce(operator, '-')";
const rows = () => query(installation, `select ${FIELDS} from audit_log where actor = 'command' order by id`).split('\n').filter(Boolean);
const me = userInfo().username;
function done(words, status = 0) {
  const result = run(...words, '--data', installation.folder);
  assert.equal(result.status, status, `${words.join(' ')}: ${result.stderr}`);
  return `${result.stdout}\n${result.stderr}`;
}

test('each change by command leaves a row, and nothing else does', () => {
  assert.deepEqual(rows(), [], 'what init fills in is nobody\'s deed');
  const certificate = join(scratch, 'client.pem');
  spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=kantoor', '-days', '30', '-keyout', join(scratch, 'client.key'), '-out', certificate]);
  const id = (text, prefix) => new RegExp(`${prefix}_[0-9a-z]{26}`).exec(text)[0];
  const expected = [];
  const did = (what, subject, of = partner.id) => expected.push(`${what} ${subject} ${of} done ${me}`);
  const check = () => assert.deepEqual(rows(), expected);

  const key = id(done(['key', 'create', '--partner', partner.id, '--kind', 'secret', '--mode', 'test']), 'key');
  did('CreateKey', key);
  const own = id(done(['key', 'create', '--kind', 'organisation', '--name', 'Kantoor', '--mode', 'test']), 'oky');
  did('CreateKey', own, '-');
  check();
  done(['key', 'pin', '--version', '2026-11-23', key]);
  did('PinKey', key);
  done(['key', 'pin', '--version', '2026-11-23', own]);
  did('PinKey', own, '-');
  done(['partner', 'require', '--partner', partner.id, '--json', 'token,certificate']);
  did('RequireProofs', partner.id);
  const added = done(['certificate', 'add', '--partner', partner.id, '--mode', 'live', '--name', 'Kantoor', certificate]);
  const crt = query(installation, "select id from partner_certificate where name = 'Kantoor'");
  assert.ok(added.includes(crt));
  did('AddCertificate', crt);
  done(['certificate', 'revoke', crt]);
  did('RevokeCertificate', crt);
  done(['key', 'revoke', key]);
  did('RevokeKey', key);
  done(['key', 'revoke', own]);
  did('RevokeKey', own, '-');
  check();
  const rotated = /with key ([0-9a-z_-]+)/.exec(done(['encryption-key', 'rotate']))[1];
  did('RotateEncryptionKey', rotated, '-');
  done(['signing-key', 'renew']);
  did('RenewSigningKey', '-', '-');
  check();

  done(['key', 'list']);
  done(['partner', 'list']);
  done(['certificate', 'list']);
  done(['key', 'pin', '--version', '1999-01-01', key], 2);
  done(['key', 'pin', '--version', '2026-11-23', 'key_00000000000000000000000000'], 1);
  done(['key', 'revoke', 'key_00000000000000000000000000'], 1);
  done(['partner', 'require', '--partner', 'ptr_00000000000000000000000000', '--json', 'token'], 1);
  done(['partner', 'require', '--partner', partner.id, '--json', 'username'], 2);
  check();
});

test('what callers do is theirs in the log', () => {
  assert.equal(query(installation, "select count(*) from audit_log where actor = 'caller' and operator is not null"), '0');
});
