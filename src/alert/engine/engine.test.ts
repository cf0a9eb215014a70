/** Signals at both sides of their thresholds through the whole engine. Stories are in test/scenarios. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBench, type FailureFacts } from '../../../test/fakes/engine.ts';
import { matchesEverything } from '../matcher.ts';
import type { Policy, TaskPolicy } from '../policy.ts';
import { defaultThresholds } from '../signals/registry.ts';

const minute = 60_000;
const plain: TaskPolicy = {
  match: ['*'],
  severity: undefined,
  mute: undefined,
  ignore: [],
  isIdempotent: true,
  queue: undefined,
  thresholds: {},
};

function reasonsOf(bench: ReturnType<typeof createBench>): string[] {
  return [...new Set(bench.decisions.map(({ verdict }) => verdict.reason))];
}

/** Many successful attempts, so that the share of a few failures is small. */
function busy(bench: ReturnType<typeof createBench>, runs: number): void {
  for (let count = 0; count < runs; count += 1) bench.succeed();
}

const boundaries: readonly {
  readonly name: string;
  readonly runs: number;
  readonly failures: readonly FailureFacts[];
  readonly policy?: Partial<Policy>;
  readonly want: readonly string[];
}[] = [
  { name: 'two failures are too few', runs: 60, failures: [{}, {}], want: [] },
  { name: 'three are enough', runs: 60, failures: [{}, {}, {}], want: ['opened failures.new'] },
  { name: 'three of 150 attempts are below the share', runs: 147, failures: [{}, {}, {}], want: [] },
  { name: 'three of 100 attempts are enough', runs: 97, failures: [{}, {}, {}], want: ['opened failures.new'] },
  {
    name: 'three different causes do not add up',
    runs: 60,
    failures: [{ cause: 'a' }, { cause: 'b' }, { cause: 'c' }],
    want: [],
  },
  {
    name: 'cancelled tasks do not count',
    runs: 60,
    failures: [1, 2, 3, 4].map(() => ({ class: 'cancelled' as const })),
    want: [],
  },
  {
    name: 'ignored exceptions are no reason to notify',
    runs: 60,
    failures: [{}, {}, {}],
    policy: { tasks: [{ ...plain, ignore: ['Key*'] }] },
    want: [],
  },
  {
    name: 'ignored exceptions do not count for a rare task either',
    runs: 1,
    failures: [{}, {}, {}, {}],
    policy: { tasks: [{ ...plain, ignore: ['Key*'] }] },
    want: [],
  },
  { name: 'one death is chance', runs: 60, failures: [{ died: true }], want: [] },
  {
    name: 'two deaths in one pool are enough',
    runs: 60,
    failures: [
      { died: true, host: 'celery@pay-1' },
      { died: true, host: 'celery@pay-2', task: 'x.y' },
    ],
    want: ['opened lost'],
  },
  {
    name: 'two deaths in two pools are chance',
    runs: 60,
    failures: [
      { died: true, host: 'celery@pay-1' },
      { died: true, host: 'celery@web-1' },
    ],
    want: [],
  },
  {
    name: 'the first failure of a critical task is enough',
    runs: 60,
    failures: [{}],
    policy: { tasks: [{ ...plain, severity: 'critical' }] },
    want: ['opened failures.critical'],
  },
];
for (const { name, runs, failures, policy, want } of boundaries) {
  test(`engine: ${name}`, () => {
    const bench = createBench(policy);
    // Attempts before the first failure do not count towards its share, so all of them come at one time.
    for (const failure of failures.slice(0, 1)) bench.fail(failure);
    busy(bench, runs);
    for (const failure of failures.slice(1)) bench.fail(failure);
    bench.pass(40_000);
    assert.deepEqual(bench.told(), want, reasonsOf(bench).join(', '));
  });
}

test('engine: learning suppresses a new cause, with the reason', () => {
  const bench = createBench({}, 0);
  busy(bench, 60);
  for (const _ of [1, 2, 3]) bench.fail();
  bench.pass(40_000);
  assert.deepEqual(bench.told(), []);
  assert.deepEqual(reasonsOf(bench), ['learning']);
});

test('engine: a failure that is observed twice counts once', () => {
  const bench = createBench();
  busy(bench, 60);
  for (const _ of [1, 2]) bench.fail();
  bench.pass(1_000);
  assert.equal(
    bench.decisions.reduce((sum, { failures }) => sum + failures, 0),
    2,
  );
});

/** An open incident that was posted. */
function opened(policy: Partial<Policy> = {}): ReturnType<typeof createBench> {
  const bench = createBench(policy);
  bench.fail();
  busy(bench, 60);
  for (const _ of [1, 2]) bench.fail();
  bench.pass(30_000);
  assert.equal(bench.incident()?.phase.name, 'open');
  return bench;
}

test('book: a problem that ends while collecting is absorbed, with a line in the digest', () => {
  const bench = createBench({
    waitMs: 15 * minute,
    resolve: { afterMs: 2 * minute, reopenQuietlyWithinMs: minute, show: 'thread' },
  });
  bench.fail();
  busy(bench, 60);
  for (const _ of [1, 2]) bench.fail();
  bench.pass(20 * minute);
  assert.deepEqual(bench.told(), []);
  assert.ok(reasonsOf(bench).includes('absorbed'));
  assert.match(bench.book().digest.lines.join(), /absorbed: KeyError/);
});

test('book: an incident resolves after its quiet time, reopens in its message, and is a new one after an hour', () => {
  const bench = opened();
  bench.pass(25 * minute);
  assert.equal(bench.told().at(-1), 'resolved failures.new');
  for (const _ of [1, 2, 3, 4]) {
    bench.fail();
    busy(bench, 20);
  }
  bench.pass(30_000);
  assert.equal(bench.told().at(-1), 'reopened failures.new');
  bench.pass(3 * 60 * minute, 5_000);
  assert.equal(bench.book().incidents.length, 0);
});

test('book: mute: always suppresses a task, and the reason is kept', () => {
  const bench = createBench({ tasks: [{ ...plain, mute: 'always' }] });
  for (const _ of [1, 2, 3]) bench.fail();
  bench.pass(40_000);
  assert.deepEqual(bench.told(), []);
  assert.deepEqual(bench.decisions.find(({ verdict }) => verdict.reason === 'muted')?.verdict, {
    notify: false,
    reason: 'muted',
    by: 'always',
  });
});

test('book: a reminder is due at its step and not before; after a day without evaluation one reminder follows', () => {
  const bench = opened({ remindersMs: [60 * minute] });
  const openedAt = bench.incident()?.openedAt ?? 0;
  const keepFailing = (untilMs: number): void => {
    while (bench.now() < openedAt + untilMs) {
      bench.fail();
      bench.pass(Math.min(minute, openedAt + untilMs - bench.now()), minute);
    }
  };
  keepFailing(60 * minute - 1);
  assert.ok(!bench.told().includes('reminder failures.new'));
  keepFailing(60 * minute);
  assert.equal(bench.told().filter((one) => one === 'reminder failures.new').length, 1);
  bench.pass(1, 1);
  assert.equal(bench.incident()?.reminders, 1);
});

test('book: a later silence stops the reminders, and is named in the reason', () => {
  const bench = opened({ remindersMs: [5 * minute] });
  const silence = {
    id: 's1',
    match: { ...matchesEverything, tasks: ['billing.*'] },
    until: undefined,
    reason: 'known',
    by: 'U1',
  };
  bench.execute({ what: 'silence', silence });
  for (let passed = 0; passed < 12; passed += 1) {
    bench.fail();
    bench.pass(minute);
  }
  assert.ok(!bench.told().includes('reminder failures.new'));
  assert.ok(
    bench.decisions.some(({ verdict }) => verdict.reason === 'silenced' && !verdict.notify && verdict.by === 's1'),
  );
});

test('book: commands about an unknown incident change nothing', () => {
  const bench = createBench();
  const before = bench.book();
  bench.execute({ what: 'ack', incident: 'nope', by: 'U1' });
  bench.execute({ what: 'unsilence', id: 'nope', by: 'U1' });
  assert.equal(bench.book(), before);
});

test('policy: a task may have its own least count, and only that task', () => {
  const own = {
    ...plain,
    match: ['mail.*'],
    thresholds: { newFailure: { ...defaultThresholds('balanced')['newFailure'], min: 6 } },
  };
  const bench = createBench({ tasks: [own] });
  for (const task of ['mail.send', 'billing.charge']) {
    bench.fail({ task });
    for (let count = 0; count < 60; count += 1) bench.succeed(task);
    for (const _ of [1, 2]) bench.fail({ task });
  }
  bench.pass(40_000);
  assert.deepEqual(
    bench.decisions.filter(({ verdict }) => verdict.reason === 'opened').map(({ task }) => task),
    ['billing.charge'],
  );
});
