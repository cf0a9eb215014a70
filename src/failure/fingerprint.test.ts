import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTraceback } from '../event/python/traceback.ts';
import { type Redacted, redactedText } from '../event/untrusted.ts';
import type { Cause } from '../lifecycle/transition.ts';
import type { FailureFacts } from './facts.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { groupingOf } from './grouping.ts';

const fingerprintOf = (facts: FailureFacts): string => fingerprintsOf(facts)[0];

interface Raised {
  readonly task?: string | undefined;
  readonly root?: string;
  readonly libraries?: string;
  readonly frames?: readonly (readonly [file: string, line: number, name: string, source: string])[];
  readonly last?: string;
  readonly before?: string;
  readonly cause?: Cause;
  readonly signal?: string;
}

const trace = '/celery/app/trace.py", line 453, in trace_task\n    R = retval = fun(*args, **kwargs)\n';

/** `rooms[number]` fails in the task `depot.booking.book`, unless `raised` differs. */
function factsOf(raised: Raised = {}): FailureFacts {
  const { root = '/app', libraries = '/venv/lib/python3.12/site-packages', before = '' } = raised;
  const { frames = [['depot/booking.py', 12, 'book', 'room = rooms[number]']], last = "KeyError: 'B-12'" } = raised;
  const stack = frames.map(([file, line, name, source]) => {
    const path = file.startsWith('lib:') ? `${libraries}/${file.slice(4)}` : `${root}/${file}`;
    return `  File "${path}", line ${line}, in ${name}\n    ${source}\n`;
  });
  const text = `${before}Traceback (most recent call last):\n  File "${libraries}${trace}${stack.join('')}${last}\n`;
  return {
    taskName: 'task' in raised ? raised.task : 'depot.booking.book',
    cause: raised.cause ?? 'app-error',
    signal: raised.signal,
    type: undefined,
    message: '',
    exception: parseTraceback(text as Redacted),
  };
}

const caused = (first: string): string =>
  `Traceback (most recent call last):\n  File "/app/depot/store.py", line 2, in read\n    json.loads(text)\n${first}\n\nThe above exception was the direct cause of the following exception:\n\n`;
const handled = (first: string): string =>
  caused(first).replace(/The above.*/, 'During handling of the above exception, another exception occurred:');
const grouped = (...members: string[]): FailureFacts => ({
  ...factsOf(),
  exception: parseTraceback(
    `  | ExceptionGroup: some (${members.length} sub-exceptions)\n${members
      .map(
        (member, index) =>
          `  ${index === 0 ? '+-' : '  '}+---------------- ${index + 1} ----------------\n    | ${member}\n`,
      )
      .join('')}    +------------------------------------\n` as Redacted,
  ),
});

const raise = 'raise Taken(f"room {number}")';
const raising = (source: string, last: string): FailureFacts =>
  factsOf({ frames: [['depot/booking.py', 12, 'book', source]], last });
const helped = (call: string): FailureFacts =>
  factsOf({
    frames: [
      ['depot/booking.py', 12, 'book', call],
      ['depot/convert.py', 3, 'to_int', 'return int(text)'],
    ],
    last: "ValueError: invalid literal for int() with base 10: 'x'",
  });
const vendored = (last: string, source = 'row = rows[0]'): FailureFacts =>
  factsOf({ frames: [['lib:vendor/jobs.py', 5, 'sync', source]], last });
const called = (call: string): FailureFacts =>
  factsOf({
    frames: [
      ['depot/booking.py', 12, 'book', call],
      ['depot/booking.py', 40, 'to_int', 'return int(text)'],
    ],
    last: "ValueError: invalid literal for int() with base 10: 'x'",
  });
const answered = (status: string): FailureFacts =>
  factsOf({
    frames: [
      ['depot/booking.py', 12, 'book', 'reply.raise_for_status()'],
      ['lib:requests/models.py', 900, 'raise_for_status', 'raise HTTPError(message, response=self)'],
    ],
    last: `requests.exceptions.HTTPError: ${status} for url: http://depot.example/1`,
  });

const lost = ({ exception }: FailureFacts): FailureFacts['exception'] =>
  exception && { ...exception, type: redactedText`requests.exceptions.RequestException` };

const same = [
  {
    name: "other values when no frame is the project's",
    a: vendored("ValueError: no row 7 in 'a.csv'"),
    b: vendored("ValueError: no row 12 in 'b.csv'"),
  },
  {
    name: 'another name given to a raise',
    a: raising('raise Taken(room)', 'Taken: blue room'),
    b: raising('raise Taken(room)', 'Taken: hall of mirrors'),
  },
  {
    name: 'a key that looks like the number of a database error',
    a: raising('rates[(year, zone)]', "KeyError: (1999, 'eu')"),
    b: raising('rates[(year, zone)]', "KeyError: (2026, 'us')"),
  },
  { name: 'another value', a: factsOf(), b: factsOf({ last: "KeyError: 'C-7'" }) },
  {
    name: 'shifted lines',
    a: factsOf(),
    b: factsOf({ frames: [['depot/booking.py', 99, 'book', 'room = rooms[number]']] }),
  },
  {
    name: 'another install path',
    a: factsOf(),
    b: factsOf({ root: '/srv/depot/releases/20260102', libraries: '/srv/v/lib/python3.9/site-packages' }),
  },
  {
    name: 'a failing line rewritten',
    a: factsOf(),
    b: factsOf({ frames: [['depot/booking.py', 12, 'book', 'room = self.rooms[number]']] }),
  },
  {
    name: 'no task name, in a place without a package',
    a: factsOf(),
    b: factsOf({ task: undefined, root: '/home/deploy/src' }),
  },
  {
    name: 'an installation as a package',
    a: factsOf(),
    b: factsOf({ root: '/venv/lib/python3.12/site-packages' }),
  },
  {
    name: 'an installation as a package, without the name of the task',
    a: factsOf(),
    b: factsOf({ task: undefined, root: '/venv/lib/python3.12/site-packages' }),
  },
  {
    name: 'a class that moved within its library',
    a: factsOf({ last: 'depot.errors.Taken: 1' }),
    b: factsOf({ last: 'depot.errors.rooms.Taken: 1' }),
  },
  {
    name: 'a class that the worker replaced by its base',
    a: answered('503 Server Error: Busy'),
    b: { ...answered('503 Server Error: Busy'), exception: lost(answered('503 Server Error: Busy')) },
  },
  {
    name: 'a lambda that another version calls by itself',
    a: factsOf(),
    b: factsOf({
      frames: [
        ['depot/booking.py', 12, 'book', 'sorted(rows, key=lambda row: rooms[row])'],
        ['depot/booking.py', 12, '<lambda>', 'room = rooms[number]'],
      ],
    }),
  },
  {
    name: 'frames of an extension that was compiled elsewhere',
    a: factsOf(),
    b: factsOf({
      root: '',
      frames: [
        ['app/depot/booking.py', 12, 'book', 'room = rooms[number]'],
        ['lib:pydantic/main.py', 7, 'pydantic.main.Model.check', ''],
      ],
      libraries: 'build',
    }),
  },
  { name: 'no name of the task', a: factsOf(), b: factsOf({ task: undefined }) },
  {
    name: 'a raise with another message',
    a: raising(raise, 'Taken: room 1'),
    b: raising(raise, 'Taken: hall of mirrors'),
  },
  {
    name: 'an unrelated error that was being handled',
    a: factsOf(),
    b: factsOf({ before: handled('TimeoutError: slow') }),
  },
  { name: 'more members of a group, in another order', a: grouped('A: 1', 'B: 2'), b: grouped('B: 3', 'A: 4', 'B: 5') },
  {
    name: 'a limit reached at another line',
    a: factsOf({ cause: 'soft-time-limit', last: 'SoftTimeLimitExceeded' }),
    b: factsOf({
      cause: 'soft-time-limit',
      last: 'SoftTimeLimitExceeded',
      frames: [['depot/other.py', 1, 'f', 'wait()']],
    }),
  },
  {
    name: 'a document broken in another way',
    a: factsOf({ last: 'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)' }),
    b: factsOf({ last: 'json.decoder.JSONDecodeError: Extra data: line 4 column 2 (char 17)' }),
  },
];
for (const { name, a, b } of same)
  test(`stays the same over ${name}`, () => assert.deepEqual(groupingOf(a), groupingOf(b)));

const different = [
  { name: 'another call of a helper beside it', a: called('w = to_int(row.w)'), b: called('h = to_int(row.h)') },
  {
    name: 'other words under one raise that is given them',
    a: raising('raise Refused(reason)', 'Refused: no room left'),
    b: raising('raise Refused(reason)', 'Refused: the hotel is closed'),
  },
  {
    name: "other words when no frame is the project's",
    a: vendored('ValueError: no rows'),
    b: vendored('ValueError: too many columns'),
  },
  {
    name: 'a key that the library names',
    a: vendored("KeyError: 'a'", 'row["a"] + row["b"]'),
    b: vendored("KeyError: 'b'", 'row["a"] + row["b"]'),
  },
  { name: 'another class', a: factsOf(), b: factsOf({ last: 'TypeError: no' }) },
  {
    name: 'another function',
    a: factsOf(),
    b: factsOf({ frames: [['depot/booking.py', 12, 'cancel', 'room = rooms[number]']] }),
  },
  {
    name: 'a key that the code names',
    a: raising('line["a"] + line["b"]', "KeyError: 'a'"),
    b: raising('line["a"] + line["b"]', "KeyError: 'b'"),
  },
  {
    name: 'another raise in one function',
    a: raising(raise, 'Taken: 1'),
    b: raising('raise Taken("closed")', 'Taken: 1'),
  },
  { name: 'another caller of one helper', a: helped('to_int(row["a"])'), b: helped('to_int(row["b"])') },
  { name: 'another HTTP status', a: answered('404 Client Error'), b: answered('503 Server Error') },
  {
    name: 'another cause',
    a: factsOf({ before: caused('KeyError: 1') }),
    b: factsOf({ before: caused('TypeError: 1') }),
  },
  { name: 'other members of a group', a: grouped('A: 1', 'B: 2'), b: grouped('A: 1', 'C: 2') },
  {
    name: 'a limit of another task',
    a: factsOf({ cause: 'hard-time-limit' }),
    b: factsOf({ cause: 'hard-time-limit', task: 'depot.x' }),
  },
  {
    name: 'another signal',
    a: factsOf({ cause: 'worker-lost', signal: 'SIGKILL' }),
    b: factsOf({ cause: 'worker-lost', signal: 'SIGSEGV' }),
  },
  {
    name: "another task when no frame is the project's",
    a: factsOf({ frames: [] }),
    b: factsOf({ frames: [], task: 'depot.other' }),
  },
];
for (const { name, a, b } of different) {
  test(`differs by ${name}`, () => assert.notEqual(fingerprintOf(a), fingerprintOf(b)));
}

test('twenty letters and digits, the same on every machine', () => {
  assert.equal(fingerprintOf(factsOf()), fingerprintOf(factsOf()));
  assert.match(fingerprintOf(factsOf()), /^[a-z2-7]{20}$/);
});

test('the grouping is readable text', () => {
  assert.deepEqual(groupingOf(factsOf()), [['KeyError', ['depot.booking:book'], [], ['<…>', 'room'], [], []]]);
});

test('a worker that does not know the task groups by the name in its message', () => {
  const facts = { ...factsOf(), taskName: undefined, cause: 'unregistered', exception: undefined } as const;
  assert.notEqual(fingerprintOf({ ...facts, message: 'depot.a' }), fingerprintOf({ ...facts, message: 'depot.b' }));
});

test('with a second version the fingerprints of the first become aliases', () => {
  const first = { name: 'v1', groupingOf };
  const second = { name: 'v2', groupingOf: () => ['another way'] };
  const [now, ...before] = fingerprintsOf(factsOf(), [], [second, first]);
  assert.notEqual(now, fingerprintOf(factsOf()));
  assert.deepEqual(before, [fingerprintOf(factsOf())]);
});
