import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unify } from './rewordings.ts';

/** Messages of different versions of one library or interpreter for the same error. */
const families: readonly (readonly [name: string, messages: readonly string[]])[] = [
  [
    'a local variable before its assignment',
    [
      "local variable 'x' referenced before assignment",
      "cannot access local variable 'x' where it is not associated with a value",
    ],
  ],
  [
    'a free variable before its assignment',
    [
      "free variable 'x' referenced before assignment in enclosing scope",
      "cannot access free variable 'x' where it is not associated with a value in enclosing scope",
    ],
  ],
  ['too many values', ['too many values to unpack (expected 2)', 'too many values to unpack (expected 2, got 3)']],
  ['a division', ['division by zero', 'float division by zero', 'integer division or modulo by zero', 'float modulo']],
  [
    'a missing argument',
    ["f() missing 1 required positional argument: 'x'", "A.f() missing 1 required positional argument: 'x'"],
  ],
  [
    'a string index',
    [
      'string indices must be integers',
      "string indices must be integers, not 'str'",
      'string indices must be integers or slices',
    ],
  ],
  ['a wrong keyword', ["'x' is an invalid keyword argument for f()", "f() got an unexpected keyword argument 'x'"]],
  ['an unhashable key', ["cannot use 'list' as a dict key (unhashable type: 'list')", "unhashable type: 'list'"]],
  ['a suggestion at the end', ["name 'a' is not defined", "name 'a' is not defined. Did you mean: 'b'?"]],
  ['a forgotten import', ["name 'os' is not defined", "name 'os' is not defined. Did you forget to import 'os'?"]],
  [
    'a read-only attribute',
    ["can't set attribute 'x'", "property 'x' of 'A' object has no setter", "can't set attribute"],
  ],
  ['an empty sequence', ['max() arg is an empty sequence', 'max() iterable argument is empty']],
  ['a list without the value', ['7 is not in list', 'list.index(x): x not in list']],
  ['a certificate', ['self signed certificate', 'self-signed certificate']],
  ['a place in OpenSSL', ['verify failed (_ssl.c:1129)', 'verify failed (_ssl.c:997)', 'verify failed']],
  [
    'an HTTP status',
    ['503 Server Error: Busy for url: http://x', '503 Server Error: Service Unavailable for url: http://x'],
  ],
  ['an errno', ['[Errno 111] Connection refused', '[Errno 111] Verbindungsaufbau abgelehnt']],
  ['a group of exceptions', ['failed (1 sub-exception)', 'failed (3 sub-exceptions)', 'failed']],
  ['a validator', ['1 validation error for Order', '1 validation errors for Order']],
];
for (const [name, messages] of families) {
  test(`${name} has one wording in all versions`, () => {
    assert.equal(new Set(messages.map(unify)).size, 1, messages.map(unify).join(' | '));
  });
}

const distinct: readonly (readonly [name: string, one: string, other: string])[] = [
  ['variables', "local variable 'x' referenced before assignment", "local variable 'y' referenced before assignment"],
  ['too many and not enough values', 'too many values to unpack', 'not enough values to unpack'],
  ['a set and a deleted attribute', "can't set attribute 'x'", "can't delete attribute 'x'"],
  ['errnos', '[Errno 111] Connection refused', '[Errno 110] Connection timed out'],
  ['statuses', '503 Server Error: Busy for url: x', '504 Server Error: Busy for url: x'],
  ['functions', "f() missing 1 required positional argument: 'x'", "g() missing 1 required positional argument: 'x'"],
];
for (const [name, one, other] of distinct) {
  test(`different ${name} stay different`, () => assert.notEqual(unify(one), unify(other)));
}

for (const message of ['room 12 is taken', 'card was declined', '', 'the division of labour']) {
  test(`a message of a project is unchanged: "${message}"`, () => assert.equal(unify(message), message));
}
