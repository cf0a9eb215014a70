import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import { type FailurePolicy, noPolicy } from '../failure/grouping-policy.ts';
import { createEventReader, fingerprintCommand, parseCommand } from './fingerprint.ts';
import type { JsonFields, Streams } from './lines.ts';

const traceback =
  'Traceback (most recent call last):\n  File "/app/depot/booking.py", line 4, in book\n    raise Taken(room)\ndepot.errors.Taken: room 12\n';
const failed = { type: 'task-failed', uuid: 'a', timestamp: 1.7e9, traceback };
const ignoring: FailurePolicy = {
  rules: [
    {
      name: 'taken',
      match: { tasks: [], exceptions: ['*Taken'], messages: [], frames: [] },
      parts: undefined,
      isIgnored: true,
      class: undefined,
    },
  ],
  classes: [],
};
const options = { redact: defaultRedactOptions, failures: noPolicy };

interface Output {
  readonly code: number;
  readonly lines: readonly JsonFields[];
  readonly complaints: readonly string[];
}

async function run(command: (streams: Streams) => Promise<number>, ...lines: readonly unknown[]): Promise<Output> {
  const written: string[] = [];
  const complaints: string[] = [];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const code = await command({
    input: (async function* () {
      yield new TextEncoder().encode(text);
    })(),
    write: async (some) => void written.push(some),
    complain: (line) => complaints.push(line),
  });
  const out = written.join('').split('\n');
  return { code, complaints, lines: out.filter((line) => line !== '').map((line) => JSON.parse(line) as JsonFields) };
}

test('a failed event gives group, class and title', async () => {
  const { code, lines } = await run((streams) => fingerprintCommand(streams, options), { id: 7, event: failed });
  assert.equal(code, 0);
  assert.deepEqual(Object.keys(lines[0] ?? {}), ['id', 'group', 'class', 'title']);
  assert.match(String(lines[0]?.['group']), /^[a-z2-7]{20}$/);
  assert.deepEqual([lines[0]?.['id'], lines[0]?.['class'], lines[0]?.['title']], [7, 'bug', 'Taken: room 12']);
});

test('a line without an id has the id null', async () => {
  const { lines } = await run((streams) => fingerprintCommand(streams, options), { event: failed });
  assert.equal(lines[0]?.['id'], null);
});

test('a failure that a rule ignores has no group and is marked', async () => {
  const { lines } = await run((streams) => fingerprintCommand(streams, { ...options, failures: ignoring }), {
    id: 1,
    event: failed,
  });
  assert.deepEqual(lines, [{ id: 1, group: null, class: null, title: null, ignored: true }]);
});

const requested: readonly { readonly name: string; readonly event: JsonFields }[] = [
  { name: 'a revoked task', event: { type: 'task-revoked', terminated: false, signum: null, expired: false } },
  { name: 'a revoked run', event: { type: 'task-revoked', terminated: true, signum: 'SIGTERM', expired: false } },
  { name: 'a run cancelled by its worker', event: { type: 'task-cancelled' } },
  { name: 'the exception of a revoked child', event: { ...failed, exception: 'Terminated(15)', traceback: undefined } },
  {
    name: 'the exit code of a revoked child',
    event: { ...failed, exception: 'SystemExit(-241)', traceback: undefined },
  },
  {
    name: 'the exception of a revoked task',
    event: { ...failed, exception: "TaskRevokedError('revoked')", traceback: undefined },
  },
];
for (const { name, event } of requested) {
  test(`${name} has a group, and the class cancelled`, async () => {
    const { code, lines } = await run((streams) => fingerprintCommand(streams, options), {
      id: 1,
      event: { uuid: 'a', ...event },
    });
    assert.equal(code, 0);
    assert.match(String(lines[0]?.['group']), /^[a-z2-7]{20}$/);
    assert.equal(lines[0]?.['class'], 'cancelled');
  });
}

test('a revoked child is one group, whether Celery reports an exception, an exit code or a revoked task', async () => {
  const ends = [
    { ...failed, exception: 'Terminated(15)', traceback: undefined },
    { ...failed, exception: 'SystemExit(-241)', traceback: undefined },
    { type: 'task-revoked', terminated: true, signum: 15, expired: false },
  ];
  const { lines } = await run(
    (streams) => fingerprintCommand(streams, options),
    ...ends.map((event, id) => ({ id, event: { uuid: 'a', name: 'depot.booking.book', ...event } })),
  );
  assert.equal(new Set(lines.map(({ group }) => group)).size, 1);
});

const withoutFailure: readonly { readonly name: string; readonly event: unknown; readonly want: RegExp }[] = [
  { name: 'a success', event: { ...failed, type: 'task-succeeded' }, want: /^succeeded$/ },
  { name: 'a retry', event: { ...failed, type: 'task-retried', name: 'depot.booking.book' }, want: /^retried$/ },
  { name: 'a start', event: { ...failed, type: 'task-started' }, want: /^no-end$/ },
  { name: 'a heartbeat', event: { type: 'worker-heartbeat', hostname: 'celery@a' }, want: /^no-end$/ },
  { name: 'an event of an unknown type', event: { ...failed, type: 'task-x' }, want: /^[\w-]+$/ },
  { name: 'an event without an id', event: { ...failed, uuid: undefined }, want: /^[\w-]+$/ },
  { name: 'a text', event: 'task-failed', want: /^no-event$/ },
  { name: 'nothing', event: undefined, want: /^no-event$/ },
];
for (const { name, event, want } of withoutFailure) {
  test(`${name} is answered with the reason why it is no failure`, async () => {
    const { code, lines, complaints } = await run(
      (streams) => fingerprintCommand(streams, options),
      { id: 1, event },
      { id: 2, event: failed },
    );
    const { reason, ...rest } = lines[0] ?? {};
    assert.match(String(reason), want);
    assert.deepEqual(rest, { id: 1, group: null, class: null, title: null });
    assert.deepEqual([code, complaints, lines[1]?.['id']], [0, [], 2]);
  });
}

test('any event is answered, whatever its fields contain', async () => {
  const types = ['task-failed', 'task-revoked', 'task-cancelled', 'task-rejected', 'task-retried', 'worker-online', ''];
  const event = fc.record(
    { type: fc.constantFrom(...types), uuid: fc.jsonValue(), exception: fc.jsonValue(), traceback: fc.jsonValue() },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(event, fc.jsonValue()), { maxLength: 8 }), async (events) => {
      const { code, lines } = await run(
        (streams) => fingerprintCommand(streams, options),
        ...events.map((one, id) => ({ id, event: one })),
      );
      assert.equal(code, 0);
      assert.deepEqual(
        lines.map(({ id }) => id),
        [...events.keys()],
      );
      for (const line of lines) assert.ok((line['class'] === null) === 'reason' in line);
    }),
    { numRuns: 100 },
  );
});

test('a line that is no JSON object is reported with its number, and the next line is answered', async () => {
  const { code, lines, complaints } = await run((streams) => fingerprintCommand(streams, options), [1], {
    id: 2,
    event: failed,
  });
  assert.equal(code, 1);
  assert.match(complaints[0] ?? '', /^line 1: /);
  assert.deepEqual(
    lines.map(({ id }) => id),
    [2],
  );
});

test('the name in the event decides the frames of the project', () => {
  const read = createEventReader(options);
  const of = (event: JsonFields): string => {
    const reading = read(event);
    assert.ok(reading.kind === 'end');
    return reading.end.task.name ?? '';
  };
  assert.equal(of({ ...failed, name: 'depot.booking.book' }), 'depot.booking.book');
  assert.equal(of(failed), '');
});

test('two lines with one task id are two failures', async () => {
  const { lines } = await run(
    (streams) => fingerprintCommand(streams, options),
    { id: 1, event: failed },
    { id: 2, event: { ...failed, exception: "KeyError('a')", traceback: undefined } },
  );
  assert.deepEqual(
    lines.map(({ title }) => title),
    ['Taken: room 12', 'KeyError: a'],
  );
});

test('secrets in the message are redacted before they reach the title', async () => {
  const event = { ...failed, exception: "Denied('password=hunter2hunter2')", traceback: undefined };
  const { lines } = await run((streams) => fingerprintCommand(streams, options), { id: 1, event });
  assert.ok(!JSON.stringify(lines).includes('hunter2'));
});

test('--parse writes type, value and frames of the traceback, and null for a text without one', async () => {
  const { code, lines } = await run(parseCommand, { id: 1, text: traceback }, { id: 2, text: 'no traceback' });
  assert.equal(code, 0);
  assert.deepEqual(lines, [
    {
      id: 1,
      parse: {
        type: 'depot.errors.Taken',
        value: 'room 12',
        frames: [['/app/depot/booking.py', 4, 'book', 'raise Taken(room)']],
      },
    },
    { id: 2, parse: null },
  ]);
});

test('--parse writes the cause and the context of an exception', async () => {
  const direct = '\nThe above exception was the direct cause of the following exception:\n\n';
  const during = '\nDuring handling of the above exception, another exception occurred:\n\n';
  const { lines } = await run(
    parseCommand,
    { id: 1, text: `${traceback}${direct}${traceback.replace('Taken: room 12', 'Failed: x')}` },
    { id: 2, text: `${traceback}${during}${traceback.replace('Taken: room 12', 'Failed: x')}` },
  );
  const typeOf = (part: unknown): unknown => (part as JsonFields | undefined)?.['type'];
  const [caused, handled] = lines.map(({ parse }) => parse as JsonFields);
  assert.equal(typeOf(caused?.['cause']), 'depot.errors.Taken');
  assert.equal(typeOf(handled?.['context']), 'depot.errors.Taken');
});
