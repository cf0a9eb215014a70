import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { TextScan } from '../values/text-scan.ts';
import { hideSecretInForeignSentence, hideSecretInSentence } from './sentences.ts';

describe('sentences that contain a secret', () => {
  testRows([
    'wrong password "«Zebra#7x»"',
    "invalid token '«abc9XmP2vQ7»'",
    'Bearer «abcdef1234567890»',
    'Authorization: Bearer «abcdef1234567890»',
    'Authorization: Basic «YW5uOlplYnJhN3g=»',
    'your code is «493201»',
    '«648404» is your login code',
    'Your verification code: «493201».',
    'the API key «k9XmP2vQ7rt5» was revoked',
    'password for ann is «Zebra7x»',
    'login failed for ann with password «Zebra7x»',
  ]);
});

describe('sentences about secrets without one', () => {
  testRows([
    'token expired',
    'the password is required',
    'password incorrect',
    'wrong password',
    'the token is invalid',
    'password must be at least 8 characters long',
    'no API key configured',
    'the secret was not found',
    'reset your password at any time',
    'unexpected token < in JSON at position 0',
    'exit code 137',
    'error code 1213',
    'status code is 503',
    'missing credentials for bucket reports',
    'token bucket is empty',
    'the key is too long',
  ]);
});

const wordEnd = (scan: TextScan, from: number): number =>
  from + (/^[\p{L}\p{M}\d_]+/u.exec(scan.text.slice(from))?.[0].length ?? 0);
/** ¦ is the start of the word. */
const sentence = (scan: TextScan, from: number) => hideSecretInSentence(scan, from, wordEnd(scan, from));

describe('a word that announces a secret', () => {
  testDetector(
    [
      "wrong ¦password '«Zebra 7x»'",
      'the ¦password is «Zebra#7x»',
      'the ¦password changed from "«Zebra7x»" to "«Lion8yq»"',
      'a ¦token «abc9XmP2vQ7rt» expired',
      'your ¦code is «493201».',
      'your ¦code is «493-201»',
      'api ¦key «aB3dE5fG7h» revoked',
      'the ¦secret for billing is «aB3dE5fG7h»',
      '¦mot de passe «Zebra#7x»',
      '¦kata sandi «Zebra#7x»',
      'user identified ¦by "«Zebra7x»"',
      '¦Bearer «abcdef1234567890»',
      '¦bearer «abc123»',
      '¦Basic «YW5uOlplYnJhN3g=»',
      '¦Digest username="ann", response="«0123456789abcdef»"',
      'openssl -passin ¦pass:«mango7»',
      'login failed ¦with ann:«Zebra7x»',
      'bad ¦credentials: ann / «Zebra7x»',
      '¦signature «aB3dE5fG7h» does not match',
      'signing ¦key must be 32 bytes: «Zm9vYmFyMTIzNDU2Nzg5»',
      '¦contraseña incorrecta: «Zebra7x»',
    ],
    sentence,
  );
  testDetector(
    [
      'unexpected ¦token abc9XmP2vQ7rt',
      'zip ¦code 90210',
      'the ¦password is required',
      'the ¦password is zebra',
      "the ¦token 'abc'",
      "the ¦token 'expired_token'",
      "the ¦secret 'db/prod' not found",
      "the ¦password 'x': 1",
      'a ¦code is 493201',
      'your ¦code is 49',
      'the ¦key aB3dE5f',
      '¦Bearer token missing',
      '¦Basic authentication',
      'delivered ¦by "Zebra7x"',
      'connected ¦with ann:5432',
      'works ¦with ann:Zebra7x',
      '¦account aB3dE5fG7h',
      'the ¦page aB3dE5fG7h',
      '¦password for user: ann',
    ],
    sentence,
  );
});

/** ¦ is the start of the word. */
const foreign = (scan: TextScan, from: number) => {
  const end = from + (/^[^\s"']+/u.exec(scan.text.slice(from))?.[0].length ?? 0);
  return hideSecretInForeignSentence(scan, from, end);
};

describe('a word of another script', () => {
  testDetector(
    [
      'неверный ¦пароль «Zebra7x»',
      '¦密码是«Zebra7x»',
      '¦パスワードは "«Zebra7x»"',
      '¦كلمة المرور «Zebra#7x»',
      '¦비밀번호 "«Zebra7x»"',
    ],
    foreign,
  );
  testDetector(['¦город Zebra7x', '¦密码 是 空', '¦ключ Zebra7x', '¦пароль "x": 1'], foreign);
});
