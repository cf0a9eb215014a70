import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

describe('mail addresses', () => {
  testRows(
    [
      'mail to «ann.lee@example.com» bounced',
      '<«ann+orders@mail.example.co.uk»>',
      "('«ann@example.com»', '«bob@example.org»')",
      'RCPT TO:<«ann_1@example.io»>: 550',
      '"Ann Lee" <«ann.lee@example.com»>',
    ],
    { kind: 'email' },
  );
  testRows([
    'celery@worker-1',
    'npm install left-pad@1.3.0',
    'user@',
    '@decorator',
    'a @ b',
    'git@github:shop/shop.git',
  ]);
});

describe('cards', () => {
  testRows(
    [
      'card «4111 1111 1111 1111» declined',
      "'«4111111111111111»'",
      'card «5500-0000-0000-0004» expired',
      'amex «378282246310005»',
    ],
    { kind: 'card' },
  );
  testRows([
    'card 4111 1111 1111 1112 declined',
    'order 1234567890123456 not found',
    'timestamp 1764547200000',
    'offset 00000000000000000000',
    'row 4111',
  ]);
});

describe('bank accounts', () => {
  testRows(
    ['IBAN «DE89 3704 0044 0532 0130 00»', 'paid to «GB82WEST12345698765432» today', "'«FR1420041010050500013M02606»'"],
    { kind: 'iban' },
  );
  testRows(['DE89 3704 0044 0532 0130 02 has a wrong check digit', 'GB00', 'part DE12-34']);
});

describe('telephone numbers', () => {
  testRows(['call «+44 7700 900123» now', 'sms to «+4915112345678» failed', 'tel «+1 (555) 010-9999» busy'], {
    kind: 'phone',
  });
  testRows([
    'order 4711-22 on 2026-11-30',
    'at 12:30:45',
    'ratio 0.123456789',
    '10.0.3.17:6379',
    '+5 points',
    'took 1234567890 ns',
  ]);
});
