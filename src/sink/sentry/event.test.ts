import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { failureOf } from '../../../test/fakes/failure.ts';
import { eventBytesMax, objectionsTo } from '../../../test/fakes/sentry-content.ts';
import type { TaskId } from '../../event/ids.ts';
import type { Frame, ParsedException } from '../../event/python/parsed-exception.ts';
import { type Redacted, redactedText } from '../../event/untrusted.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Attempt } from '../../lifecycle/transition.ts';
import { isUnseenByWorker, type SentryEventOptions, sentryEventOf } from './event.ts';

const options: SentryEventOptions = { environment: 'production', release: 'depot@1', grouping: 'taskvigil' };
const base = failureOf({ at: 1_700_000_000_500 });
const attempt = base.attempt as Attempt;

test('contains worker, time and task, and omits unknown values', () => {
  const event = sentryEventOf({ ...base, id: '0123456789abcdef0123456789abcdef' }, options);
  assert.equal(event.event_id, '0123456789abcdef0123456789abcdef');
  assert.equal(event.timestamp, 1_700_000_000.5);
  assert.equal(event.server_name, 'celery@worker-1');
  assert.equal(event.transaction, 'billing.tasks.charge');
  assert.deepEqual(event.tags, {
    task: 'billing.tasks.charge',
    queue: 'payments',
    worker: 'celery@worker-1',
    class: 'bug',
    cause: 'app-error',
    outcome: 'failed',
    retries: '0',
    fp: 'fingerprint-1',
    celery_task_id: 'task-of-failure-1',
    'taskvigil.occurrences': '1',
  });
  assert.deepEqual(event.contexts.trace, {
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    span_id: '00f067aa0ba902b7',
    parent_span_id: '00f067aa0ba902b7',
    op: 'queue.process',
    status: 'internal_error',
  });
  const bare = sentryEventOf(
    { ...base, attempt: undefined, task: { ...base.task, name: undefined, queue: undefined } },
    { ...options, environment: undefined, release: undefined },
  );
  for (const absent of ['server_name', 'transaction', 'environment', 'release']) assert(!(absent in bare), absent);
  assert.deepEqual(JSON.parse(JSON.stringify(bare)), bare);
});

test('the context of the task is flat', () => {
  const task = { ...base.task, args: '(1,)' as Redacted, eta: 1_700_000_000_000, parentId: 'p' as TaskId };
  const { celery } = sentryEventOf(
    { ...base, task, attempt: { ...attempt, startedAt: 1_000, endedAt: 3_500 } },
    options,
  ).contexts;
  assert.deepEqual(celery, {
    task_id: 'task-of-failure-1',
    task_name: 'billing.tasks.charge',
    root_id: 'task-of-failure-1',
    parent_id: 'p',
    queue: 'payments',
    args: '(1,)',
    eta: '2023-11-14T22:13:20.000Z',
    outcome: 'failed',
    cause: 'app-error',
    attempt: 1,
    retries: 0,
    runtime_ms: 2_500,
  });
});

const groupings = [
  { grouping: 'taskvigil', want: ['taskvigil', 'v1', 'fingerprint-1'] },
  { grouping: 'default', want: ['{{ default }}'] },
  { grouping: 'both', want: ['{{ default }}', 'taskvigil', 'v1', 'fingerprint-1'] },
] as const;
for (const { grouping, want } of groupings) {
  test(`grouping ${grouping}`, () => assert.deepEqual(sentryEventOf(base, { ...options, grouping }).fingerprint, want));
}

const levels = [
  ['bug', 'error'],
  ['resource', 'error'],
  ['transient', 'warning'],
  ['cancelled', 'info'],
] as const;
for (const [one, want] of levels) {
  test(`${one} has level ${want}`, () => assert.equal(sentryEventOf({ ...base, class: one }, options).level, want));
}

test('tags stay within what Sentry takes', () => {
  const name = `billing\n${'x'.repeat(300)}` as Redacted;
  const { tags } = sentryEventOf({ ...base, task: { ...base.task, name } }, options);
  assert.equal(tags['task']?.length, 200);
  assert(!tags['task'].includes('\n'));
});

test('an eta beyond all dates breaks nothing', () => {
  const task = { ...base.task, eta: 1e18 };
  assert.equal(sentryEventOf({ ...base, task }, options).contexts.celery['eta'], undefined);
});

test('contains the number of failures that it accounts for and of its group', () => {
  const group = { fingerprint: base.fingerprint, count: 12, firstAt: 1_700_000_000_000, lastAt: base.at };
  const event = sentryEventOf(base, options, { occurrences: 3, group });
  assert.equal(event.tags['taskvigil.occurrences'], '3');
  assert.deepEqual(event.contexts.taskvigil, {
    fingerprint: 'fingerprint-1',
    occurrences: 3,
    group_count: 12,
    group_first_at: '2023-11-14T22:13:20.000Z',
  });
});

test('whatever the texts, servers have nothing to object to', () => {
  const text = fc.string({ unit: 'binary', maxLength: 400 }) as fc.Arbitrary<Redacted>;
  const long = fc.nat(12_000).map((length) => '\u4e09'.repeat(length) as Redacted);
  const some = fc.oneof(text, long);
  const frame: fc.Arbitrary<Frame> = fc.record({
    file: some,
    line: fc.option(fc.integer({ min: -1, max: 9_999 }), { nil: undefined }),
    function: some,
    source: fc.option(some, { nil: undefined }),
  });
  const exception: fc.Arbitrary<ParsedException> = fc.letrec<{ one: ParsedException }>((tie) => ({
    one: fc
      .record({
        type: some,
        value: some,
        frames: fc.array(frame, { maxLength: 5 }),
        isTruncated: fc.boolean(),
        cause: fc.option(tie('one'), { nil: undefined, maxDepth: 3 }),
        exceptions: fc.option(fc.array(tie('one'), { maxLength: 3 }), { nil: undefined, maxDepth: 2 }),
      })
      .map(({ cause, exceptions, ...rest }) => ({
        ...rest,
        ...(cause !== undefined && { cause }),
        ...(exceptions !== undefined && { exceptions }),
      })),
  })).one;
  fc.assert(
    fc.property(some, some, exception, (name, args, raised) => {
      const failure: Failure = { ...base, title: name, exception: raised, task: { ...base.task, name, args } };
      assert.deepEqual(objectionsTo(JSON.parse(JSON.stringify(sentryEventOf(failure, options)))), []);
    }),
    { numRuns: 60 },
  );
});

test('an event that is too large is shortened, and still contains the raised exception and its place', () => {
  const frames: readonly Frame[] = Array.from({ length: 300 }, (_, line) => ({
    file: `/srv/billing/${'\u4e09'.repeat(300)}.py` as Redacted,
    line,
    function: `f${line}` as Redacted,
    source: '\u4e09'.repeat(2_000) as Redacted,
  }));
  const one = {
    type: redactedText`billing.Declined`,
    value: '\u4e09'.repeat(20_000) as Redacted,
    frames,
    isTruncated: false,
  };
  const members = Array.from({ length: 60 }, () => one);
  const failure = { ...base, exception: { ...one, exceptions: members, cause: one } };
  const event = sentryEventOf(failure, options);
  assert(Buffer.byteLength(JSON.stringify(event)) < eventBytesMax);
  assert.deepEqual(objectionsTo(JSON.parse(JSON.stringify(event))), []);
  const out = event.exception.values.at(-1);
  assert.deepEqual(
    [event.exception.values.length, out?.mechanism.type, out?.stacktrace?.frames.at(-1)?.lineno],
    [50, 'celery', 299],
  );
});

const unseen = [
  { facts: { cause: 'app-error' }, want: false },
  { facts: { cause: 'soft-time-limit' }, want: false },
  { facts: { cause: 'hard-time-limit' }, want: true },
  { facts: { cause: 'worker-lost' }, want: true },
  { facts: { cause: 'unregistered' }, want: true },
  { facts: { cause: 'expired' }, want: true },
  { facts: { cause: 'vanished' }, want: true },
  { facts: { cause: 'poison-loop' }, want: true },
  { facts: { cause: 'unencodable' }, want: true },
  { facts: { cause: 'rejected' }, want: true },
] as const;
for (const { facts, want } of unseen) {
  test(`the SDK in the worker ${want ? 'cannot see' : 'sees'} ${facts.cause}`, () => {
    assert.equal(isUnseenByWorker(failureOf(facts)), want);
  });
}
