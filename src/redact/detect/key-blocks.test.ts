import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { hashAt, pemAt } from './key-blocks.ts';

describe('private keys in a log line', () => {
  testRows(
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'].map((text) => `before «${text}» after`),
    { kind: 'pem' },
  );
  testRows(['cost $2b', '-----BEGIN', '$12 per item', '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----']);
});

describe('a private key', () => {
  // ¦ is its end.
  const keys = [
    '-----BEGIN PRIVATE KEY-----\nMIIE+/=\n-----END PRIVATE KEY-----¦\nnext',
    '-----BEGIN EC PRIVATE KEY-----\\nMIIE\\n-----END EC PRIVATE KEY-----¦\\nnext',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----¦',
    '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQdG\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----¦',
    '-----BEGIN PGP MESSAGE-----\nhQEM\n-----END PGP MESSAGE-----¦',
    '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56\n-----END X-----¦',
    '-----BEGIN PRIVATE KEY-----\nMIIE+/=...¦',
    '-----BEGIN PRIVATE KEY-----¦',
    '-----BEGIN PRIVATE KEY¦',
    '-----BEGIN PRIVATE KEY-----%0AMIIE%3D¦&x',
    'PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 1\nAAAAgQC\nPrivate-MAC: abcdef¦',
  ];
  for (const row of keys)
    test(row.replaceAll('\n', '⏎').slice(0, 80), () => assert.equal(pemAt(row.replace('¦', ''), 0), row.indexOf('¦')));

  for (const text of [
    '-----BEGIN PUBLIC KEY-----',
    '-----BEGIN CERTIFICATE-----',
    '-----END PRIVATE KEY-----',
    'PuTTY-User',
    '',
  ])
    test(`is not ${text || 'an empty text'}`, () => assert.equal(pemAt(text, 0), -1));
});

describe('a password hash', () => {
  const hashes = [
    '$2b$12$KIXQ4dUq0h8mVtYbq5rZ8uJx3k2l1m0n9o8p7q6r5s4t3u2v1w0xy¦ stored',
    '$2y$10$abcdefgh¦',
    '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$hash¦ x',
    '$argon2i$m=65536,t=3,p=4$c29tZXNhbHQ$hash¦',
    '$scrypt$ln=16,r=8,p=1$aM15713r3Xsv¦',
    '$6$rounds=5000$salt$hashhash¦',
    '$1$salt$hashhash¦:',
    '$apr1$salt$hashhash¦',
    '$y$j9T$salt$hash¦',
    'pbkdf2_sha256$260000$salt$hashhash=¦ x',
    'pbkdf2:sha256:150000$salt$hashhash¦',
    'bcrypt_sha256$$2b$12$salthash¦',
    'sha1$salt$hashhash¦',
    'md5$salt$hashhash¦',
    '{SSHA}c2FsdGhhc2hoYXNo¦ x',
    '{CRYPT}abcdefghijkl¦',
    'SCRAM-SHA-256$4096:salt$stored:server¦',
  ];
  for (const row of hashes)
    test(row.slice(0, 70), () => assert.equal(hashAt(row.replace('¦', ''), 0), row.indexOf('¦')));

  const others = [
    '$2b$12$abc',
    '$12',
    '$HOME/bin',
    '$x$abcdefgh',
    'sha256:abc',
    'md5 of the file',
    '{SSHA}short',
    '{SHOP}c2FsdGhhc2g',
    '',
  ];
  for (const text of others) test(`is not ${text || 'an empty text'}`, () => assert.equal(hashAt(text, 0), -1));

  test('of MySQL starts with a star', () => {
    const digits = '2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19';
    assert.equal(hashAt(`*${digits} x`, 1), 41);
    assert.equal(hashAt(`-${digits} x`, 1), -1);
    assert.equal(hashAt(`*${digits}A`, 1), -1);
    assert.equal(hashAt(`*${digits.toLowerCase()}`, 1), -1);
  });
});
