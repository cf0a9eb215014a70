import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tlsOptionsOf } from './tls-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'tls-'));
after(() => rmSync(folder, { recursive: true }));
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, 'a certificate');

const verified = {
  isVerified: true,
  checksHostname: true,
  caFile: undefined,
  certFile: undefined,
  keyFile: undefined,
};

test('a verified connection has no further options', () => {
  assert.deepEqual(tlsOptionsOf(verified), { rejectUnauthorized: true });
});

test('certificate files are read', () => {
  assert.deepEqual(tlsOptionsOf({ ...verified, caFile, certFile: caFile, keyFile: caFile }), {
    rejectUnauthorized: true,
    ca: 'a certificate',
    cert: 'a certificate',
    key: 'a certificate',
  });
});

test('a file that does not exist is an error', () => {
  assert.throws(() => tlsOptionsOf({ ...verified, keyFile: join(folder, 'none.pem') }), /ENOENT/);
});

test('an unverified connection accepts any certificate', () => {
  assert.equal(tlsOptionsOf({ ...verified, isVerified: false }).rejectUnauthorized, false);
});

test('without a check of the host name every name is accepted', () => {
  const { checkServerIdentity } = tlsOptionsOf({ ...verified, checksHostname: false });
  assert.equal(checkServerIdentity?.(), undefined);
  assert.notEqual(checkServerIdentity, undefined);
});
