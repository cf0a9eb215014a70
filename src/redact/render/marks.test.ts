import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Action, createMark } from './marks.ts';

const hashKey = { expose: () => 'a key of sixteen letters' };
const markOf = (action: Action | undefined, kind: string, value: string): string =>
  createMark({ actions: action === undefined ? {} : { [kind]: action }, hashKey })(kind, value);

describe('the mark of a secret', () => {
  const marks: readonly (readonly [action: Action | undefined, kind: string, value: string, mark: string])[] = [
    [undefined, 'email', 'ann@x.org', '[redacted:email]'],
    ['mark', 'email', 'ann@x.org', '[redacted:email]'],
    ['mask', 'email', 'ann@x.org', '********'],
    ['mask', 'password', 'x', '********'],
    ['last4', 'card', '4242 4242 4242 4242', '[redacted:card-4242]'],
    ['last4', 'card', '4242 4242 4242', '[redacted:card-4242]'],
    ['last4', 'card', '4242 4242 424', '[redacted:card]'],
    ['last4', 'iban', 'DE89 3704 0044 0532 0130 00', '[redacted:iban-3000]'],
    ['last4', 'phone', '+49 151 1234567', '[redacted:phone-4567]'],
    ['last4', 'phone', '123-456-789', '[redacted:phone-6789]'],
    ['last4', 'phone', '123-456-78', '[redacted:phone]'],
    ['last4', 'password', 'a long password of many letters', '[redacted:password]'],
  ];
  for (const [action, kind, value, mark] of marks)
    test(`${action ?? 'no action'} for ${kind} ${value} is ${mark}`, () =>
      assert.equal(markOf(action, kind, value), mark));
});

describe('a hash', () => {
  const hash = (value: string, key = hashKey): string =>
    createMark({ actions: { card: 'hash' }, hashKey: key })('card', value);

  test('has the kind and ten hex digits', () => assert.match(hash('4242'), /^\[card:[0-9a-f]{10}\]$/));

  const equal = [
    ['4242 4242 4242 4242', '4242-4242-4242-4242'],
    ['Ann@Mail.example.org', 'ann@mail.example.org'],
    [' ann ', 'ann'],
    ['+49 (151) 123', '+49151123'],
    ['ｘ７', 'x7'],
  ] as const;
  for (const [one, other] of equal)
    test(`${JSON.stringify(one)} and ${JSON.stringify(other)} have one hash`, () =>
      assert.equal(hash(one), hash(other)));

  test('differs for other values and other keys', () => {
    assert.notEqual(hash('4242'), hash('4243'));
    assert.notEqual(hash('a b'), hash('ab'));
    assert.notEqual(hash('4242'), hash('4242', { expose: () => 'another key' }));
  });

  test('needs a key', () => {
    const message = /expected a key for the action "hash", got none/;
    assert.throws(() => createMark({ actions: { card: 'hash' }, hashKey: undefined }), message);
    assert.doesNotThrow(() => createMark({ actions: { card: 'last4' }, hashKey: undefined }));
  });
});
