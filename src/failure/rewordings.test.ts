import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unify } from './rewordings.ts';

/** Each list is one message as different Python and library versions print it. */
const same: Readonly<Record<string, readonly string[]>> = {
  'an unassigned local variable': [
    "local variable 'total' referenced before assignment",
    "cannot access local variable 'total' where it is not associated with a value",
  ],
  'a free variable': [
    "free variable 'total' referenced before assignment in enclosing scope",
    "cannot access free variable 'total' where it is not associated with a value in enclosing scope",
  ],
  'too many values': ['too many values to unpack (expected 2)', 'too many values to unpack (expected 2, got 3)'],
  'a division by zero': [
    'division by zero',
    'float division by zero',
    'integer division or modulo by zero',
    'float modulo',
  ],
  'a method that lacks an argument': [
    "send() missing 1 required positional argument: 'to'",
    "Mailer.send() missing 1 required positional argument: 'to'",
  ],
  'an unexpected keyword': [
    "'speed' is an invalid keyword argument for print()",
    "print() got an unexpected keyword argument 'speed'",
  ],
  'an abstract class': [
    "Can't instantiate abstract class Shape with abstract method area",
    "Can't instantiate abstract class Shape without an implementation for abstract method 'area'",
  ],
  'an empty sequence': ['max() arg is an empty sequence', 'max() iterable argument is empty'],
  'a suggestion at the end': ["name 'totl' is not defined", "name 'totl' is not defined. Did you mean: 'total'?"],
  'a forgotten import': ["name 'json' is not defined", "name 'json' is not defined. Did you forget to import 'json'?"],
  'a deep recursion': [
    'maximum recursion depth exceeded',
    'maximum recursion depth exceeded while calling a Python object',
  ],
  'a type that JSON lacks': [
    'Object of type Decimal is not JSON serializable',
    'Object of type set is not JSON serializable',
  ],
  'a certificate': [
    'certificate verify failed: self signed certificate',
    'certificate verify failed: self-signed certificate',
  ],
  'an errno in two languages': ['[Errno 2] No such file or directory', '[Errno 2] Datei nicht gefunden'],
  'an HTTP status in two wordings': ['HTTP Error 413: Request Entity Too Large', 'HTTP Error 413: Content Too Large'],
  'a day outside of its month': [
    'day is out of range for month',
    'day 31 must be in range 1..30 for month 4 in year 2026',
  ],
  'an item that a list lacks': ['7 is not in list', 'list.index(x): x not in list'],
};
for (const [name, messages] of Object.entries(same))
  test(`${name} has one wording`, () => {
    const wordings = new Set(messages.map(unify));
    assert.equal(wordings.size, 1, [...wordings].join('\n'));
  });

describe('messages that stay apart', () => {
  const pairs: readonly (readonly [string, string])[] = [
    [
      "cannot access local variable 'a' where it is not associated with a value",
      "cannot access local variable 'b' where it is not associated with a value",
    ],
    ['too many values to unpack (expected 2)', 'not enough values to unpack (expected 2, got 1)'],
    ['[Errno 2] No such file', '[Errno 13] Permission denied'],
    ['HTTP Error 404: Not Found', 'HTTP Error 500: Internal Server Error'],
    ["name 'totl' is not defined", "name 'sum' is not defined"],
    ['max() arg is an empty sequence', 'min() arg is an empty sequence'],
  ];
  for (const [a, b] of pairs) test(`"${a}" and "${b}"`, () => assert.notEqual(unify(a), unify(b)));
});

describe('messages of a project', () => {
  const messages = [
    'card was declined',
    'order 7 is not in stock',
    'division of labour',
    'day is over',
    "Can't send mail",
  ];
  for (const message of messages) test(`"${message}" is left alone`, () => assert.equal(unify(message), message));
});
