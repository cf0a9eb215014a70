import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import { parseTraceback } from '../../event/python/traceback.ts';
import { type Redacted, redactedText } from '../../event/untrusted.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Attempt } from '../../lifecycle/transition.ts';
import { exceptionsOf, sentryRoom } from './exceptions.ts';

const base = failureOf();
const attempt = base.attempt as Attempt;
const raised = (text: string): Failure => ({ ...base, exception: parseTraceback(text as Redacted) });
const valuesOf = (failure: Failure) => exceptionsOf(failure, sentryRoom);

const chain = `Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/bank/api.py", line 9, in post
    raise Refused(code)
bank.errors.Refused: 51

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/depot/releases/7/billing/tasks.py", line 30, in charge
    raise PaymentDeclined("card was declined") from error
billing.errors.PaymentDeclined: card was declined
`;

test('the exception that came out is last, its root cause first', () => {
  assert.deepEqual(valuesOf(raised(chain)), [
    {
      type: 'Refused',
      module: 'bank.errors',
      value: '51',
      stacktrace: {
        frames: [
          {
            filename: 'bank/api.py',
            abs_path: '/venv/lib/python3.12/site-packages/bank/api.py',
            module: 'bank.api',
            function: 'post',
            lineno: 9,
            context_line: 'raise Refused(code)',
            in_app: false,
          },
        ],
      },
      mechanism: { type: 'chained', handled: false, source: '__cause__', exception_id: 1, parent_id: 0 },
    },
    {
      type: 'PaymentDeclined',
      module: 'billing.errors',
      value: 'card was declined',
      stacktrace: {
        frames: [
          {
            filename: 'billing/tasks.py',
            abs_path: '/srv/depot/releases/7/billing/tasks.py',
            module: 'billing.tasks',
            function: 'charge',
            lineno: 30,
            context_line: 'raise PaymentDeclined("card was declined") from error',
            in_app: true,
          },
        ],
      },
      mechanism: { type: 'celery', handled: false, exception_id: 0 },
    },
  ]);
});

test('a group keeps its members', () => {
  const text = `  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: a
    +---------------- 2 ----------------
    | TypeError: b
    +------------------------------------
`;
  const values = valuesOf(raised(text));
  assert.deepEqual(
    values.map(({ type, mechanism }) => [
      type,
      mechanism.source,
      mechanism.exception_id,
      mechanism.parent_id,
      mechanism.is_exception_group,
    ]),
    [
      ['TypeError', 'exceptions[1]', 2, 0, undefined],
      ['ValueError', 'exceptions[0]', 1, 0, undefined],
      ['ExceptionGroup', undefined, 0, undefined, true],
    ],
  );
});

test('an exception without a traceback has no frames', () => {
  const exception = {
    type: redactedText`celery.exceptions.NotRegistered`,
    message: redactedText`a.b`,
    traceback: undefined,
  };
  assert.deepEqual(valuesOf({ ...base, attempt: { ...attempt, exception } }), [
    {
      type: 'NotRegistered',
      module: 'celery.exceptions',
      value: 'a.b',
      mechanism: { type: 'celery', handled: false, exception_id: 0 },
    },
  ]);
});

test('an exception without an attempt is included', () => {
  const exception = { type: redactedText`NotRegistered`, message: redactedText`a.b`, traceback: undefined };
  const values = valuesOf({ ...base, attempt: undefined, task: { ...base.task, exception } });
  assert.deepEqual(
    values.map(({ type, value }) => [type, value]),
    [['NotRegistered', 'a.b']],
  );
});

test('where nothing was raised our own words stand in', () => {
  const failure = { ...base, attempt: undefined, title: 'Expired: expired before it ran' as Redacted };
  assert.deepEqual(valuesOf(failure), [
    {
      type: 'Expired',
      value: 'expired before it ran',
      mechanism: { type: 'celery', handled: false, exception_id: 0, synthetic: true },
    },
  ]);
});

test('long stacks and chains are cut to what Sentry keeps', () => {
  const frames = Array.from(
    { length: 390 },
    (_, index) => `  File "/app/billing/a.py", line ${index + 1}, in f${index}\n    go()\n`,
  );
  const values = valuesOf(raised(`Traceback (most recent call last):\n${frames.join('')}E: x`));
  const kept = values[0]?.stacktrace?.frames ?? [];
  assert.equal(kept.length, 250);
  assert.equal(kept[0]?.function, 'f0');
  assert.equal(kept.at(-1)?.function, 'f389');
});

test('a nested group: members of members know whose they are', () => {
  const text = `  + Exception Group Traceback (most recent call last):
  |   File "/srv/depot/billing/tasks.py", line 9, in charge
  |     raise ExceptionGroup("outer", errors)
  | ExceptionGroup: outer (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | ValueError: a
      +------------------------------------
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/srv/depot/billing/tasks.py", line 5, in one
    |     open(path)
    | FileNotFoundError: [Errno 2] No such file or directory: 'x'
    |
    | The above exception was the direct cause of the following exception:
    |
    | Traceback (most recent call last):
    |   File "/srv/depot/billing/tasks.py", line 7, in one
    |     raise TypeError("b") from error
    | TypeError: b
    +------------------------------------
`;
  assert.deepEqual(
    valuesOf(raised(text)).map(({ type, mechanism }) => [type, mechanism]),
    [
      [
        'FileNotFoundError',
        {
          type: 'chained',
          handled: false,
          source: '__cause__',
          parent_id: 3,
          exception_id: 4,
          meta: { errno: { number: 2 } },
        },
      ],
      ['TypeError', { type: 'chained', handled: false, source: 'exceptions[1]', parent_id: 0, exception_id: 3 }],
      ['ValueError', { type: 'chained', handled: false, source: 'exceptions[0]', parent_id: 1, exception_id: 2 }],
      [
        'ExceptionGroup',
        {
          type: 'chained',
          handled: false,
          source: 'exceptions[0]',
          parent_id: 0,
          exception_id: 1,
          is_exception_group: true,
        },
      ],
      ['ExceptionGroup', { type: 'celery', handled: false, exception_id: 0, is_exception_group: true }],
    ],
  );
});

const classes = [
  { printed: 'ValueError', want: ['ValueError', undefined] },
  { printed: 'billing.errors.Declined', want: ['Declined', 'billing.errors'] },
  { printed: 'shop.models.Order.DoesNotExist', want: ['Order.DoesNotExist', 'shop.models'] },
  { printed: 'depot.orders.Outer.Inner.Deep', want: ['Outer.Inner.Deep', 'depot.orders'] },
  { printed: 'depot.orders.make.<locals>.LocalError', want: ['make.<locals>.LocalError', 'depot.orders'] },
  { printed: 'PIL.UnidentifiedImageError', want: ['UnidentifiedImageError', 'PIL'] },
  { printed: 'OpenSSL.SSL.Error', want: ['Error', 'OpenSSL.SSL'] },
  { printed: 'sqlalchemy.orm.exc.NoResultFound', want: ['NoResultFound', 'sqlalchemy.orm.exc'] },
];
for (const { printed, want } of classes) {
  test(`${printed} is ${want[0]} of ${want[1]}`, () => {
    const [value] = valuesOf(
      raised(`Traceback (most recent call last):\n  File "a.py", line 1, in f\n${printed}: x\n`),
    );
    assert.deepEqual([value?.type, value?.module], want);
  });
}

test('the size of a group, which Python prints behind its message, is not part of it', () => {
  const text =
    '  | ExceptionGroup: two (2 tries) (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    +------------------------------------\n';
  assert.equal(valuesOf(raised(text)).at(-1)?.value, 'two (2 tries)');
});

test('a SyntaxError contains its place, like its str()', () => {
  const text = `Traceback (most recent call last):
  File "/srv/depot/billing/tasks.py", line 3, in charge
    import billing.rules
  File "/srv/depot/billing/rules.py", line 12
    if x = 1:
       ^^^^^
SyntaxError: invalid syntax. Maybe you meant '=='
`;
  assert.equal(valuesOf(raised(text)).at(-1)?.value, "invalid syntax. Maybe you meant '==' (rules.py, line 12)");
});

test('in a small room a stack keeps its beginning and its end', () => {
  const frames = Array.from({ length: 20 }, (_, line) => `  File "/app/billing/a.py", line ${line}, in f${line}\n`);
  const failure = raised(`Traceback (most recent call last):\n${frames.join('')}E: ${'x'.repeat(50)}`);
  const [value] = exceptionsOf(failure, { frames: 5, valueChars: 10 });
  assert.deepEqual(
    value?.stacktrace?.frames.map((frame) => frame.function),
    ['f0', 'f16', 'f17', 'f18', 'f19'],
  );
  assert.equal(value?.value, 'x'.repeat(10));
});
