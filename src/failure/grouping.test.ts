import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTraceback } from '../event/python/traceback.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { FailureFacts } from './facts.ts';
import { type Grouping, groupingOf } from './grouping.ts';
import type { GroupingRule } from './grouping-policy.ts';

const traceback = `Traceback (most recent call last):
  File "/app/depot/booking.py", line 4, in book
    reserve(room)
  File "/app/depot/rooms.py", line 9, in reserve
    raise Taken(f"room {number} is taken, HTTP 409")
depot.errors.Taken: room 12 is taken, HTTP 409
`;
const raised: FailureFacts = {
  taskName: 'depot.booking.book',
  cause: 'app-error',
  signal: undefined,
  type: undefined,
  message: '',
  exception: parseTraceback(traceback as Redacted),
};
const bare: FailureFacts = { ...raised, exception: undefined, type: 'depot.errors.Taken', message: 'room 12 is taken' };

function ruleWith(parts: readonly string[] | undefined): readonly GroupingRule[] {
  const match = { tasks: [], exceptions: [], messages: [], frames: [] };
  return [{ name: 'all', match, parts, isIgnored: false, class: undefined }];
}

const parts: readonly { readonly part: string; readonly facts?: FailureFacts; readonly want: string | Grouping }[] = [
  { part: 'partner quota', want: 'partner quota' },
  { part: '{task}', want: 'depot.booking.book' },
  { part: '{task}', facts: { ...raised, taskName: undefined }, want: '' },
  { part: '{exception}', want: 'Taken' },
  { part: '{exception}', facts: bare, want: 'Taken' },
  { part: '{exception}', facts: { ...bare, type: undefined, cause: 'worker-lost' }, want: 'worker-lost' },
  { part: '{message}', want: 'room <…> is taken, HTTP <…>' },
  { part: '{message}', facts: bare, want: 'room <…> is taken' },
  { part: '{codes}', want: ['409'] },
  { part: '{codes}', facts: bare, want: [] },
  { part: '{place}', want: 'depot.rooms:reserve' },
  { part: '{place}', facts: bare, want: '' },
  { part: '{path}', want: ['depot.booking:book', 'depot.rooms:reserve'] },
  { part: '{path}', facts: bare, want: [] },
  { part: '{default}', want: groupingOf(raised) },
  { part: 'for {task}', want: 'for {task}' },
];
for (const { part, facts = raised, want } of parts) {
  const kind = facts.exception === undefined ? 'without' : 'with';
  test(`the part "${part}" of a failure ${kind} a traceback is ${JSON.stringify(want).slice(0, 60)}`, () =>
    assert.deepEqual(groupingOf(facts, ruleWith([part])), [want]));
}

test('a rule without parts keeps the built-in grouping', () => {
  assert.deepEqual(groupingOf(raised, ruleWith(undefined)), groupingOf(raised));
});

test('several parts stay in the order of the rule', () => {
  assert.deepEqual(groupingOf(raised, ruleWith(['{exception}', 'x', '{task}'])), ['Taken', 'x', 'depot.booking.book']);
});

const placeless: readonly { readonly name: string; readonly facts: Partial<FailureFacts>; readonly want: Grouping }[] =
  [
    {
      name: 'a time limit is grouped by task',
      facts: { cause: 'hard-time-limit', message: 'TimeLimitExceeded(30,)' },
      want: ['hard-time-limit', 'depot.booking.book', ''],
    },
    {
      name: 'a killed process is grouped by task and signal',
      facts: { cause: 'worker-lost', signal: 'SIGKILL' },
      want: ['worker-lost', 'depot.booking.book', 'SIGKILL'],
    },
    {
      name: 'a process that exited is grouped by task and exit code',
      facts: { cause: 'worker-lost', message: 'Worker exited prematurely: exitcode 3 Job: 1.' },
      want: ['worker-lost', 'depot.booking.book', 'exitcode 3'],
    },
    {
      name: 'an unregistered task is grouped by its name',
      facts: { cause: 'unregistered', message: 'depot.gone' },
      want: ['unregistered', 'depot.booking.book'],
    },
    {
      name: 'an unregistered task without a name is grouped by its message',
      facts: { cause: 'unregistered', taskName: undefined, message: 'depot.gone' },
      want: ['unregistered', 'depot.gone'],
    },
    {
      name: 'a time limit without a task name is grouped by the entry point in its traceback',
      facts: { cause: 'soft-time-limit', taskName: undefined, exception: raised.exception },
      want: ['soft-time-limit', 'depot.booking.book', ''],
    },
    {
      name: 'a time limit without name and traceback is one group',
      facts: { cause: 'soft-time-limit', taskName: undefined },
      want: ['soft-time-limit', '', ''],
    },
  ];
for (const { name, facts, want } of placeless) {
  test(name, () => assert.deepEqual(groupingOf({ ...bare, message: '', ...facts }), want));
}

test('without a traceback cause, task, type, message and codes make the group', () => {
  assert.deepEqual(groupingOf({ ...bare, message: '503 Server Error for order 7' }), [
    'app-error',
    'depot.booking.book',
    'depot.errors.Taken',
    '<…> Server Error for order <…>',
    '503',
    '',
  ]);
});

test('a result that cannot be encoded is grouped by task, because the wrapper hides the place', () => {
  const exception = parseTraceback(
    'Traceback (most recent call last):\n  File "/v/site-packages/billiard/pool.py", line 1, in put\n    raise x\nbilliard.pool.MaybeEncodingError: Error sending result\n' as Redacted,
  );
  assert.deepEqual(groupingOf({ ...raised, cause: 'unencodable', exception }), ['unencodable', 'depot.booking.book']);
});
