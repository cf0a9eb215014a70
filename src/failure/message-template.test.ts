import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf } from './codes.ts';
import { templateOf } from './message-template.ts';

const templates = [
  { message: "no room 'B-12'", sources: '', want: 'no room <…>' },
  { message: "'sku'", sources: 'line["sku"]', want: "'sku'" },
  { message: "'sku'", sources: 'prices[skus]', want: '<…>' },
  { message: 'order 17 of 3 took 4.5s', sources: '', want: 'order <…> of <…> took <…>' },
  { message: 'read /var/lib/depot/7.csv failed', sources: '', want: 'read <…> failed' },
  { message: 'GET https://depot.example/a?b=1 failed', sources: '', want: 'GET <…> failed' },
  { message: 'no such user jan@depot.example', sources: '', want: 'no such user <…>' },
  { message: 'job 6fa459ea-ee8a-3ca4-894e-db77e160355e is gone', sources: '', want: 'job <…> is gone' },
  { message: '<Room object at 0x7f4d13ff4250> is detached', sources: '', want: '<Room object at <…>> is detached' },
  { message: 'cannot reach 10.3.0.7:5432', sources: '', want: 'cannot reach <…>' },
  { message: 'due 2026-01-02T03:04:05+00:00', sources: '', want: 'due <…>' },
  { message: 'first\nsecond 7', sources: '', want: 'first' },
  { message: 'user [redacted:email] is gone', sources: '', want: 'user <…> is gone' },
  { message: 'user [email:3fa9c01b7e] is gone', sources: '', want: 'user <…> is gone' },
  { message: 'Kunde „Müller“ fehlt', sources: '', want: 'Kunde <…> fehlt' },
  { message: 'card ****4242 declined', sources: '', want: 'card <…> declined' },
  { message: "expected one of 'a', 'b', 'c'", sources: '', want: 'expected one of <…>' },
  { message: '[{"a": 1}, {"a": 2}] refused', sources: '', want: '[<…>] refused' },
  {
    message: '1 validation error for Room\nbeds.0.width\n  Field required',
    sources: '',
    want: '<…> validation error for Room: beds.*.width',
  },
  {
    message: "unsupported operand type(s) for +: 'int' and 'NoneType'",
    sources: 'total = int(a + b)',
    want: 'unsupported operand type(s) for +: <…> and <…>',
  },
  { message: "'int'", sources: 'types["int"]', want: "'int'" },
  { message: '', sources: '', want: '' },
];
for (const { message, sources, want } of templates) {
  test(`${JSON.stringify(message)} at ${JSON.stringify(sources)} is ${want}`, () => {
    assert.equal(templateOf(message, sources), want);
  });
}

const wordings = [
  [
    "local variable 'x' referenced before assignment",
    "cannot access local variable 'x' where it is not associated with a value",
  ],
  ['too many values to unpack (expected 2)', 'too many values to unpack (expected 2, got 3)'],
  ['string indices must be integers', "string indices must be integers, not 'str'"],
  ['maximum recursion depth exceeded', 'maximum recursion depth exceeded in comparison'],
  ["name 'lgo' is not defined", "name 'lgo' is not defined. Did you mean: 'log'?"],
  ['book() missing 1 required positional argument', 'Desk.book() missing 1 required positional argument'],
  ["book() got an unexpected keyword 'rom'", "book() got an unexpected keyword 'rom'. Did you mean 'room'?"],
  [
    "Can't instantiate abstract class Desk with abstract methods book, cancel",
    "Can't instantiate abstract class Desk without an implementation for abstract methods 'book', 'cancel'",
  ],
  ['min() arg is an empty sequence', 'min() iterable argument is empty'],
  ['integer division or modulo by zero', 'integer modulo by zero'],
  ['%d format: a number is required, not str', '%d format: a real number is required, not str'],
  ['two rooms failed (1 sub-exception)', 'two rooms failed (2 sub-exceptions)'],
  [
    "free variable 'x' referenced before assignment in enclosing scope",
    "cannot access free variable 'x' where it is not associated with a value in enclosing scope",
  ],
  ['expected string or bytes-like object', "expected string or bytes-like object, got 'NoneType'"],
  ['<lambda>() missing 1 required positional argument', 'f.<locals>.<lambda>() missing 1 required positional argument'],
  ["'x' is an invalid keyword argument for print()", "print() got an unexpected keyword argument 'x'"],
  [
    "'object' object has no attribute 'x'",
    "'object' object has no attribute 'x' and no __dict__ for setting new attributes",
  ],
  ['empty range for randrange() (5, 2, -3)', 'empty range in randrange(5, 2)'],
  ['ubyte format requires 0 <= number <= 255', "'B' format requires 0 <= number <= 255"],
  ['reduce() of empty sequence with no initial value', 'reduce() of empty iterable with no initial value'],
  ['an integer is required (got type str)', "'str' object cannot be interpreted as an integer"],
  ["Can't pickle local object 'f.<locals>.g'", "Can't get local object 'f.<locals>.g'"],
  ["can't set attribute 'x'", "property 'x' of 'Desk' object has no setter"],
  [
    "cannot import name 'a' from 'depot' (/app/depot/__init__.py)",
    "cannot import name 'a' from 'depot' (unknown location)",
  ],
  ['[Errno 111] Connection refused', '[Errno 111] Verbindungsaufbau abgelehnt'],
  [
    '422 Client Error: Unprocessable Entity for url: http://x',
    '422 Client Error: Unprocessable Content for url: http://x',
  ],
  ["unhashable type: 'dict'", "cannot use 'dict' as a dict key (unhashable type: 'dict')"],
];
for (const [older = '', newer = ''] of wordings) {
  test(`two Pythons mean the same by ${JSON.stringify(older)}`, () =>
    assert.equal(templateOf(older, ''), templateOf(newer, '')));
}

const codes = [
  { message: '503 Server Error: Busy for url: http://x', want: ['503'] },
  { message: "Client error '404 Not Found' for url 'http://x'", want: ['404'] },
  { message: "500, message='Internal Server Error'", want: ['500'] },
  { message: 'HTTP Error 429: Too Many Requests', want: ['429'] },
  { message: "[Errno 2] No such file or directory: 'x'", want: ['2'] },
  { message: 'Error 111 connecting to x:6379. Connection refused.', want: ['111'] },
  { message: 'An error occurred (NoSuchKey) when calling GetObject', want: ['NoSuchKey'] },
  { message: '(psycopg2.errors.UniqueViolation) duplicate key', want: ['UniqueViolation'] },
  { message: '(1213, "Deadlock found")', want: ['1213'] },
  { message: 'ORA-00001: unique constraint', want: ['ORA-00001'] },
  { message: 'Worker exited prematurely: signal 9 (SIGKILL) Job: 4.', want: ['signal 9'] },
  { message: '[E409] conflict', want: ['E409'] },
  { message: '<HttpError 403 when requesting https://depot.example/1>', want: ['403'] },
  { message: 'Error code: 500 - try again', want: ['500'] },
  { message: '(409) Reason: Conflict', want: ['409'] },
  {
    message: 'FATAL: (pymysql.err.OperationalError) (2013, "Lost connection to server")',
    want: ['OperationalError', '2013'],
  },
  { message: "TransportError(503, 'no shard')", want: ['503'] },
  { message: "(550, b'5.1.1 no such user')", want: ['550'] },
  { message: '550 File not found', want: ['550'] },
  { message: 'partner gave with status 502', want: ['502'] },
  { message: '[SSL: WRONG_VERSION_NUMBER] wrong version number', want: ['WRONG_VERSION_NUMBER'] },
  { message: "Command 'x' returned non-zero exit status 3.", want: ['exit status 3'] },
  { message: "Command 'x' died with <Signals.SIGKILL: 9>.", want: ['SIGKILL'] },
  { message: "(2026, 'us')", want: [] },
  { message: 'order 503 is late', want: [] },
];
test('a status is a code where the line that raises speaks of one', () => {
  const message = 'partner gave 404 to order 512';
  assert.deepEqual(codesOf(message), []);
  assert.deepEqual(codesOf(message, 'raise Refused(f"partner gave {answer.status_code} to {order}")'), ['404']);
});

for (const { message, want } of codes) test(`codes of ${message}`, () => assert.deepEqual(codesOf(message), want));
