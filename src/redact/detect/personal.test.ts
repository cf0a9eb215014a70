import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { cardAt, emailAt, ibanAt, phoneAt } from './personal.ts';

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

describe('the address around an at sign', () => {
  // ¦ is before the sign.
  const rows: readonly (readonly [row: string, address: string | undefined])[] = [
    ['to ann¦@x.org now', 'ann@x.org'],
    ['to ann¦%40x.org now', 'ann%40x.org'],
    ['\\nann¦@x.org', 'ann@x.org'],
    ['..ann¦@x.org', 'ann@x.org'],
    ['"ann lee"¦@x.org', '"ann lee"@x.org'],
    ['jörg¦@müller.example', 'jörg@müller.example'],
    ['ann¦@a.b.c.d.example.org', 'ann@a.b.c.d.example.org'],
    ['ann¦@localhost', undefined],
    ['ann¦@db.internal', undefined],
    ['ann¦@x.svc', undefined],
    ['celery¦@x.org', undefined],
    ['worker-1¦@x.org', undefined],
    ['git¦@github.com:a/b', undefined],
    ['/tool¦@1.x.org', undefined],
    ['¦@x.org', undefined],
    ['ann¦@x.o', undefined],
    ['ann¦@x.org@y', undefined],
  ];
  for (const [row, address] of rows)
    test(`${row} has ${address ?? 'none'}`, () => {
      const text = row.replace('¦', '');
      const place = emailAt(text, row.indexOf('¦'), 0);
      assert.equal(place === undefined ? undefined : text.slice(place.from, place.to), address);
    });

  test('is not read before the start of the scan', () => {
    const place = emailAt('xxann@y.org', 5, 2);
    assert.deepEqual(place, { from: 2, to: 11, kind: 'email' });
  });
});

describe('the card number at a digit', () => {
  const cards: readonly (readonly [text: string, isCard: boolean])[] = [
    ['4242424242424242', true],
    ['4242 4242 4242 4242', true],
    ['4242-4242-4242-4242', true],
    ['4242.4242.4242.4242', true],
    ['4242%204242%204242%204242', true],
    ['4242\\xa04242\\xa04242\\xa04242', true],
    ['3782 822463 10005', true],
    ['6011111111111117', true],
    ['2223003122003222', true],
    ['30569309025904', true],
    ['4242424242424241', false],
    ['4242 42424242 4242', false],
    ['4242 4242-4242 4242', false],
    ['1234567890123452', false],
    ['4222222222222', false],
    ['4444444444444444', false],
    ['4242424242424242-1', false],
    ['4242424242424242 1', false],
    ['4242424242424242a', false],
    ['42424242', false],
  ];
  for (const [text, isCard] of cards)
    test(`${text} is ${isCard ? 'a card' : 'no card'}`, () => assert.equal(cardAt(text, 0).isCard, isCard));

  test('is not a part of a longer number', () => {
    assert.equal(cardAt('1.4242424242424242', 2).isCard, false);
    assert.equal(cardAt('x4242424242424242', 1).isCard, false);
  });
});

describe('the IBAN at a letter', () => {
  const ibans: readonly (readonly [text: string, length: number])[] = [
    ['DE89370400440532013000', 22],
    ['DE89 3704 0044 0532 0130 00', 27],
    ['de89370400440532013000', 22],
    ['NO9386011117947', 15],
    ['MT84MALT011000012345MTLCAST001S', 31],
    ['DE89370400440532013001', -1],
    ['DE8937040044053201300', -1],
    ['DE893704004405320130001', -1],
    ['XX89370400440532013000', -1],
    ['DE89/370400440532013000', -1],
  ];
  for (const [text, length] of ibans)
    test(`${text} ${length < 0 ? 'is none' : `has ${length} characters`}`, () =>
      assert.equal(ibanAt(`${text} x`, 0), length));
});

describe('the phone number at a plus sign or two zeros', () => {
  const numbers: readonly (readonly [text: string, length: number])[] = [
    ['+4915112345678', 14],
    ['+49 151 1234567', 15],
    ['+1 (555) 010-9999', 17],
    ['%2B4915112345678', 16],
    ['0049 151 1234567', 16],
    ['00491511234567', -1],
    ['+49 151', -1],
    ['+0491511234567', -1],
    ['+4915112345678x', -1],
    ['+49151123456:30', -1],
  ];
  for (const [text, length] of numbers)
    test(`${text} ${length < 0 ? 'is none' : `has ${length} characters`}`, () =>
      assert.equal(phoneAt(text, 0), length));

  test('is not a part of a word', () => {
    assert.equal(phoneAt('a+4915112345678', 1), -1);
    assert.equal(phoneAt('1.+4915112345678', 2), -1);
  });
});
