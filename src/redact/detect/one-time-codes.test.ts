import { describe } from 'node:test';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { TextScan } from '../values/text-scan.ts';
import { hideCodeAfter, hideCodeBefore } from './one-time-codes.ts';

/** ¦ is the start of the word for a code. */
const after = (scan: TextScan, from: number) => {
  const length = /^[^\s:=]+/.exec(scan.text.slice(from))?.[0].length ?? 0;
  return hideCodeAfter(scan, from, from + length);
};

describe('a number after the word for a code', () => {
  testDetector(
    [
      'your ¦code is «493201»',
      'Your verification ¦code: «493201».',
      'security ¦code = «4932»',
      'login ¦code «493 201»',
      'login ¦code «493-201»',
      'Ihr ¦Bestätigungscode lautet «493201»',
      'Votre ¦code de vérification est «424287»',
      'tu ¦código es «12345678»',
      'ваш ¦код «4932»',
      'use ¦OTP for login: «493201»',
      "¦code for your account is '«493201»'",
    ],
    after,
    { kind: 'code' },
  );
});

describe('a number that is no secret code', () => {
  testDetector(
    [
      'the ¦code is 493201',
      'your ¦code is 493',
      'your ¦code is 123456789',
      'your ¦code is 4932-x',
      'your ¦code expired.\nOrder 493201',
      'your error ¦code is 493201',
      'your zip ¦code: 90210',
      'your promo ¦code 493201',
      'your ¦order is 493201',
      'your ¦barcodereader is 493201',
    ],
    after,
  );
});

describe('a number before the word for a code', () => {
  testDetector(
    [
      '¦«648404» is your login code',
      '¦«4932» ist Ihr code',
      '¦«493201» is your verification code',
      '¦«493201» — your one-time password',
    ],
    hideCodeBefore,
    { kind: 'code' },
  );
  testDetector(
    [
      '¦648404 is the error code',
      '¦648404 is a code',
      '¦648404 orders use your code',
      '¦648404 is your page',
      '¦648 is your login code',
    ],
    hideCodeBefore,
  );
});
