import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

describe('sentences that contain a secret', () => {
  testRows([
    'wrong password "«Zebra7x!»"',
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
