import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  eventOf,
  heartbeatAt,
  resultAt,
  type StoryEvent,
  storyOf,
  storyStart,
  storyTaskId,
} from '../../test/fakes/task-story.ts';
import type { Hostname, TaskId } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import { type Redacted, redactedText } from '../event/untrusted.ts';
import { Lifecycle } from './lifecycle.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import type { Transition } from './transition.ts';

const id = storyTaskId;
const start = storyStart;

function run(events: readonly Event<Redacted>[]): { lifecycle: Lifecycle; transitions: Transition[] } {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of events) lifecycle.apply(event);
  return { lifecycle, transitions: lifecycle.settleAll(start + 60_000) };
}

function summary(transitions: readonly Transition[]): string {
  return transitions
    .map((transition) => {
      if (transition.kind === 'task-queued') return 'queued';
      if (transition.kind === 'attempt-started') return `started ${transition.attempt.key}`;
      if (transition.kind === 'attempt-ended') return `${transition.attempt.key} ${transition.attempt.outcome}`;
      if (transition.kind === 'task-noted') return `noted ${transition.note.what}`;
      return `task ${transition.outcome}${transition.cause === undefined ? '' : ` by ${transition.cause}`}`;
    })
    .join(', ');
}

const cases = [
  {
    name: 'a success',
    story: 'sent, received, started, succeeded',
    want: 'queued, started 0.0.1, 0.0.1 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a failure',
    story: 'sent, received, started, failed',
    want: 'queued, started 0.0.1, 0.0.1 failed, task failed by app-error',
    state: 'failure',
  },
  {
    name: 'a retry that recovers',
    story: 'sent, received, started, sent retry 1, retried, received retry 1, started, succeeded',
    want: 'queued, started 0.0.1, 0.0.1 retried, started 0.1.1, 0.1.1 succeeded, task recovered',
    state: 'success',
  },
  {
    name: 'a retry whose next receipt overtakes it, on another worker',
    story: 'sent, received, started, sent retry 1, received retry 1 on b, retried, started on b, failed on b',
    want: 'queued, started 0.0.1, 0.0.1 retried, started 0.1.1, 0.1.1 failed, task exhausted by app-error',
    state: 'failure',
  },
  {
    name: 'an unregistered task',
    story: 'sent, unregistered',
    want: 'queued, task failed by unregistered',
    state: 'failure',
  },
  {
    name: 'a killed child process, with its original cause',
    story: 'sent, received, started, killed',
    want: 'queued, started 0.0.1, 0.0.1 failed, task failed by worker-lost',
    state: 'failure',
  },
  {
    name: 'a failure with two events',
    story: 'sent, received, started, failed, failed',
    want: 'queued, started 0.0.1, 0.0.1 failed, task failed by app-error',
    state: 'failure',
  },
  {
    name: 'an expired task that never started',
    story: 'sent, received, expired',
    want: 'queued, task expired by expired',
    state: 'revoked',
  },
  {
    name: 'a terminated task',
    story: 'sent, received, started, terminated',
    want: 'queued, started 0.0.1, 0.0.1 revoked, task revoked by terminated',
    state: 'revoked',
  },
  {
    name: 'an attempt that the gevent pool killed and reports as a success',
    story: 'sent, received, started, terminated, succeeded-without-runtime',
    want: 'queued, started 0.0.1, 0.0.1 revoked, task revoked by terminated',
    state: 'success',
  },
  {
    name: 'a rejection without a start event, before the message is delivered again',
    story: 'sent, received, requeued, received',
    want: 'queued, 0.0.1 rejected',
    state: 'received',
  },
  {
    name: 'a retry whose only event is its send',
    story: 'sent, received, sent retry 1, received retry 1, started, failed',
    want: 'queued, 0.0.1 retried, started 0.1.1, 0.1.1 failed, task exhausted by app-error',
    state: 'failure',
  },
  {
    name: 'a replaced task without its second start event',
    story: 'sent, received, started, sent, received, succeeded',
    want: 'queued, started 0.0.1, 0.0.1 replaced, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a requeued message that is delivered again',
    story: 'sent, received, started, requeued, received, started, succeeded',
    want: 'queued, started 0.0.1, 0.0.1 rejected, started 0.0.2, 0.0.2 succeeded, task recovered',
    state: 'success',
  },
  {
    name: 'a message redelivered to another worker',
    story: 'sent, received, started, received on b, started on b, succeeded on b',
    want: 'queued, started 0.0.1, started 0.0.2, 0.0.2 succeeded, task recovered',
    state: 'success',
  },
  {
    name: 'a task that replaces itself',
    story: 'sent, received, started, sent, received, started, succeeded',
    want: 'queued, started 0.0.1, 0.0.1 replaced, started 0.0.2, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a task that replaces itself before its busy worker reports the start',
    story: 'sent, received, sent, started, received, started, succeeded',
    want: 'queued, started 0.0.1, 0.0.1 replaced, started 0.0.2, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'an id that is published again after its task ended',
    story: 'sent, received, started, succeeded, sent, received, started, failed',
    want: 'queued, started 0.0.1, 0.0.1 succeeded, task succeeded, queued, started 1.0.1, 1.0.1 failed, task failed by app-error',
    state: 'failure',
  },
  {
    name: 'two attempts of one id at the same time',
    story: 'sent, sent, received, received, started, started, succeeded, succeeded',
    want: 'queued, started 0.0.1, 0.0.1 succeeded, started 0.0.2, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'an end without a start event, as in a threads pool',
    story: 'sent, received, succeeded',
    want: 'queued, 0.0.1 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a send event that arrives last',
    story: 'received, started, succeeded, sent',
    want: 'queued, started 0.0.1, 0.0.1 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a cancelled attempt, which may be delivered again',
    story: 'sent, received, started, cancelled',
    want: 'queued, started 0.0.1, 0.0.1 cancelled',
    state: 'cancelled',
  },
  { name: 'a task that no worker received', story: 'sent', want: 'queued', state: 'sent' },
];

for (const { name, story, want, state } of cases) {
  test(`reports ${name}`, () => {
    const { lifecycle, transitions } = run(storyOf(story));
    assert.equal(summary(transitions), want);
    assert.equal([...lifecycle.summaries()][0]?.task.state, state);
  });
}

test('the events of a task give the same transitions in any order and with any duplicates', () => {
  const stories = cases.map(({ story }) => storyOf(story));
  fc.assert(
    fc.property(fc.constantFrom(...stories), fc.infiniteStream(fc.nat()), (events, numbers) => {
      const drawn = [...numbers.take(events.length * 2)];
      const shuffled = [...events, ...events.filter((_, index) => (drawn[index] ?? 0) % 3 === 0)]
        .map((event, index) => ({ event, order: drawn[index] ?? 0 }))
        .sort((a, b) => a.order - b.order)
        .map(({ event }) => event);
      assert.deepEqual(run(shuffled).transitions, run(events).transitions);
    }),
    { numRuns: 500 },
  );
});

test('a second sweep reports nothing again', () => {
  const { lifecycle, transitions } = run(storyOf('sent, received, started, failed'));
  assert.equal(transitions.length, 4);
  assert.deepEqual(lifecycle.sweep(start + 70_000).tasks, []);
});

test('transitions wait for the settle window', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of storyOf('sent, received, started, succeeded')) lifecycle.apply(event);
  assert.deepEqual(lifecycle.sweep(start + 1_499).tasks, []);
  assert.equal(lifecycle.sweep(start + 1_500).tasks.length, 4);
});

function runWithWorker(worker: readonly Event<Redacted>[], until: number): string {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  const events = [...storyOf('sent, received, started'), ...worker].sort((a, b) => a.receivedAt - b.receivedAt);
  const transitions: Transition[] = [];
  for (const event of events) {
    transitions.push(...lifecycle.sweep(event.receivedAt).tasks);
    lifecycle.apply(event);
  }
  for (let now = start; now <= until; now += 1_000) transitions.push(...lifecycle.sweep(now).tasks);
  return summary(transitions).replace('queued, started 0.0.1', '…');
}

test('a silent worker loses the attempt that it reported as active', () => {
  assert.equal(runWithWorker([heartbeatAt(start + 2_000)], start + 31_000), '…');
  assert.equal(runWithWorker([heartbeatAt(start + 2_000)], start + 33_000), '…, 0.0.1 lost, task lost by worker-lost');
});

test('attempts of a silent worker are unknown if it reported fewer active tasks than are open', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  const other = storyOf('sent, received, started').map((event) => ({
    ...event,
    id: 'ignored' as TaskId,
    at: event.at + 50,
  }));
  for (const event of [...storyOf('sent, received, started'), ...other, heartbeatAt(start + 2_000)])
    lifecycle.apply(event);
  lifecycle.sweep(start + 3_000);
  const transitions = lifecycle.sweep(start + 33_000).tasks;
  assert.equal(summary(transitions), '0.0.1 unknown, task unknown, 0.0.1 unknown, task unknown');
});

test('the attempt of a silent worker that never reported an active task is unknown, as in a solo pool', () => {
  assert.equal(
    runWithWorker([heartbeatAt(start - 100, { active: 0 })], start + 48_000),
    '…, 0.0.1 unknown, task unknown',
  );
});

test('a worker that returned from a silence is lost after twice that silence only', () => {
  const seen = [heartbeatAt(start + 2_000), heartbeatAt(start + 27_000)];
  assert.equal(runWithWorker(seen, start + 76_000), '…');
  assert.equal(runWithWorker(seen, start + 78_000), '…, 0.0.1 lost, task lost by worker-lost');
});

test('an attempt redelivered to another worker is not lost with the first one', () => {
  const again = storyOf('received on b').map((event) => ({ ...event, at: start + 20_000, receivedAt: start + 20_000 }));
  assert.equal(runWithWorker([heartbeatAt(start + 2_000), ...again], start + 33_000), '…');
});

test('a lost task that is delivered again is open', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of [...storyOf('sent, received, started'), heartbeatAt(start + 2_000)]) lifecycle.apply(event);
  lifecycle.sweep(start + 33_000);
  const outcome = (): string | undefined => [...lifecycle.summaries()][0]?.outcome;
  assert.equal(outcome(), 'lost');
  lifecycle.apply({ ...eventOf('received on b', start + 40_000), receivedAt: start + 40_000 });
  lifecycle.sweep(start + 50_000);
  assert.equal(outcome(), 'unknown');
});

test('a worker that never sent a heartbeat is never called lost', () => {
  assert.equal(runWithWorker([], start + 600_000), '…');
});

test('a task that runs far longer than ever is only suspected to be overdue', () => {
  assert.equal(runWithWorker([], start + 3_600_000), '…, noted suspected');
});

test('another process with the same name loses the attempts of the old one once that is silent', () => {
  const online = heartbeatAt(start + 4_000, { type: 'worker-online', pid: 2, active: 0 });
  const seen = [heartbeatAt(start + 2_000), online];
  assert.equal(runWithWorker(seen, start + 7_000), '…');
  assert.equal(runWithWorker(seen, start + 8_000), '…, 0.0.1 lost, task lost by worker-lost');
});

test('a worker in warm shutdown may finish its tasks beside its successor until the end of its grace period', () => {
  const offline = heartbeatAt(start + 3_000, { type: 'worker-offline' });
  for (const pid of [1, 2]) {
    const online = heartbeatAt(start + 4_000, { type: 'worker-online', pid, active: 0, processed: 0 });
    const next = heartbeatAt(start + 6_000, { pid, active: 0, processed: 0 });
    const seen = [heartbeatAt(start + 2_000), offline, online, next];
    assert.equal(runWithWorker(seen, start + 33_000), '…');
    assert.equal(runWithWorker(seen, start + 38_000), '…, 0.0.1 lost, task lost by worker-lost');
  }
});

test('a worker that is silent after its shutdown loses its attempts at the end of its grace period', () => {
  const seen = [heartbeatAt(start + 2_000), heartbeatAt(start + 3_000, { type: 'worker-offline' })];
  assert.equal(runWithWorker(seen, start + 37_900), '…');
  assert.equal(runWithWorker(seen, start + 38_000), '…, 0.0.1 lost, task lost by worker-lost');
});

test('a process with the name and the pid of an earlier one loses the attempts of that', () => {
  const online = heartbeatAt(start + 8_000, { type: 'worker-online', active: 0, processed: 0 });
  const next = heartbeatAt(start + 10_000, { active: 0, processed: 0 });
  assert.equal(runWithWorker([heartbeatAt(start + 2_000), online], start + 9_000), '…');
  assert.equal(
    runWithWorker([heartbeatAt(start + 2_000), online, next], start + 10_000),
    '…, 0.0.1 lost, task lost by worker-lost',
  );
});

test('two workers that share a name by mistake lose nothing', () => {
  const both = Array.from({ length: 60 }, (_, n) =>
    heartbeatAt(start + 1_000 * n, { pid: 1 + (n % 2), active: 1 - (n % 2) }),
  );
  assert.equal(runWithWorker(both, start + 60_000), '…');
});

test('a reconnected worker, offline and online as the same process, loses nothing', () => {
  const offline = heartbeatAt(start + 3_000, { type: 'worker-offline' });
  const online = heartbeatAt(start + 4_000, { type: 'worker-online' });
  assert.equal(runWithWorker([heartbeatAt(start + 2_000), offline, online], start + 20_000), '…');
});

test('an attempt whose worker executes nothing has an unknown end', () => {
  assert.equal(runWithWorker([heartbeatAt(start + 2_000, { active: 0 })], start + 6_900), '…');
  assert.equal(
    runWithWorker([heartbeatAt(start + 2_000, { active: 0 })], start + 7_000),
    '…, 0.0.1 unknown, task unknown',
  );
});

test('a late end corrects a lost task, and its attempt is reported once', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of [...storyOf('sent, received, started'), heartbeatAt(start + 2_000)]) lifecycle.apply(event);
  lifecycle.sweep(start + 40_000);
  lifecycle.apply({ ...eventOf('succeeded', start + 50_000), receivedAt: start + 50_000 });
  const transitions = lifecycle.sweep(start + 60_000).tasks;
  assert.equal(summary(transitions), 'task succeeded');
  assert.equal(transitions[0]?.kind === 'task-ended' && transitions[0].corrects, 'lost');
});

test('the table is bounded, and tasks evicted before their end are counted', () => {
  const lifecycle = new Lifecycle({ ...defaultLifecycleOptions, openTasksMax: 10 });
  for (let n = 0; n < 25; n += 1) lifecycle.apply({ ...eventOf('sent', start), id: `task-${n}` as TaskId });
  assert.equal(lifecycle.trackedCount(), 10);
  assert.equal(lifecycle.takeEvicted(), 15);
  assert.equal(lifecycle.takeEvicted(), 0);
});

test('a cycle of parents ends, and no span has its own child as parent', () => {
  const other = 'other' as TaskId;
  const mine: StoryEvent = {
    ...(eventOf('sent', start) as Extract<StoryEvent, { type: 'task-sent' }>),
    rootId: 'root' as TaskId,
    parentId: other,
  };
  const theirs: StoryEvent = { ...mine, id: other, parentId: id };
  const { transitions } = run([mine, theirs]);
  assert.deepEqual(
    transitions.map(({ task }) => task.parentSpanId),
    [undefined, undefined],
  );
});

const findings = [
  {
    name: 'work delivered again after its success',
    story: 'sent, received, started, succeeded, received on b, started on b, succeeded on b',
    want: ['run-twice'],
  },
  {
    name: 'an id that was published again',
    story: 'sent, received, started, succeeded, sent, received, started, succeeded',
    want: [],
  },
  {
    name: 'a retry that does not throw',
    story: 'sent, received, started, sent retry 1, succeeded, received retry 1, started, succeeded',
    want: [],
  },
  {
    name: 'a task that is requeued three times',
    story:
      'sent, received, started, requeued, received, started, requeued, received, started, requeued, received, started',
    want: ['poison-loop'],
  },
  { name: 'one redelivery', story: 'sent, received, started, received on b, started on b, succeeded on b', want: [] },
];
for (const { name, story, want } of findings) {
  test(`${name}: ${want.join(', ') || 'nothing to note'}`, () => {
    const { transitions } = run(storyOf(story));
    const notes = transitions.flatMap((transition) => (transition.kind === 'task-noted' ? [transition.note.what] : []));
    assert.deepEqual(notes, want);
  });
}

for (const [dead, want] of [
  [['a', 'b', 'c'], ['poison-loop']],
  [['a', 'b'], []],
] as const) {
  test(`a message that came three times again, and ${dead.length} dead workers: ${want.join() || 'nothing to note'}`, () => {
    const lifecycle = new Lifecycle(defaultLifecycleOptions);
    const story = 'received, started, received on b, started on b, received on c, started on c, received on d';
    for (const event of storyOf(story)) lifecycle.apply(event);
    for (const host of dead) {
      lifecycle.apply(heartbeatAt(start + 2_000, { type: 'worker-offline', hostname: `w@${host}` as Hostname }));
    }
    const notes = lifecycle
      .sweep(start + 60_000)
      .tasks.flatMap((one) => (one.kind === 'task-noted' ? [one.note.what] : []));
    assert.deepEqual(notes, want);
  });
}

const outcomeIn = (lifecycle: Lifecycle): string | undefined => [...lifecycle.summaries()][0]?.outcome;

test('a result before any event of its task is kept, and counts when the events arrive', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  lifecycle.apply(resultAt(start + 300));
  for (const event of storyOf('sent, received, started')) lifecycle.apply(event);
  assert.equal(summary(lifecycle.settleAll(start + 60_000)), 'queued, started 0.0.1, 0.0.1 succeeded, task succeeded');
});

describe('a result without any event of its task', () => {
  const cases = [
    { status: 'success', want: 'queued, 0.0.1 succeeded, task succeeded', isTracked: true },
    { status: 'failure', want: 'queued, 0.0.1 failed, task failed by app-error', isTracked: true },
    { status: 'revoked', want: 'queued, task revoked by revoked', isTracked: true },
    { status: 'retry', want: '', isTracked: false },
    { status: 'started', want: '', isTracked: false },
  ] as const;
  for (const { status, want, isTracked } of cases) {
    for (const name of [undefined, redactedText`mill.grind`])
      test(`that is ${status} ${name === undefined ? 'without a name is of another broker' : `with a name: ${want || 'no transition'}`}`, () => {
        const lifecycle = new Lifecycle(defaultLifecycleOptions);
        lifecycle.apply(resultAt(start, { status, name }));
        assert.equal(summary(lifecycle.sweep(start + 4_999).tasks), '');
        assert.equal(summary(lifecycle.sweep(start + 5_000).tasks), name === undefined ? '' : want);
        assert.equal(lifecycle.isTracked(id), name !== undefined && isTracked);
      });
  }

  test('that is a retry is replaced by a later end', () => {
    const lifecycle = new Lifecycle(defaultLifecycleOptions);
    const name = redactedText`mill.grind`;
    lifecycle.apply(resultAt(start, { status: 'retry', name }));
    lifecycle.apply(resultAt(start + 3_000, { name }));
    assert.equal(summary(lifecycle.sweep(start + 5_000).tasks), '');
    assert.equal(summary(lifecycle.sweep(start + 8_000).tasks), 'queued, 0.0.1 succeeded, task succeeded');
  });
});

test('a result stands in for a lost end event after its grace period', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of storyOf('sent, received, started')) lifecycle.apply(event);
  lifecycle.sweep(start + 3_000);
  lifecycle.apply(resultAt(start + 10_000));
  assert.deepEqual(lifecycle.sweep(start + 14_999).tasks, []);
  assert.equal(summary(lifecycle.sweep(start + 15_000).tasks), '0.0.1 succeeded, task succeeded');
});

test('while events cannot arrive no worker is lost', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of [...storyOf('sent, received, started'), heartbeatAt(start + 2_000)]) lifecycle.apply(event);
  lifecycle.setListening(false);
  for (let now = start + 3_000; now < start + 120_000; now += 1_000) assert.deepEqual(lifecycle.sweep(now).workers, []);
  lifecycle.setListening(true);
  assert.deepEqual(lifecycle.sweep(start + 148_999).workers, []);
  assert.equal(lifecycle.sweep(start + 149_000).workers[0]?.kind, 'worker-lost');
});

test('after a gap the witnesses are asked about open tasks, and their answers end the uncertainty', () => {
  const lifecycle = new Lifecycle({ ...defaultLifecycleOptions, witnesses: ['workers'] });
  for (const event of storyOf('sent, received, started')) lifecycle.apply(event);
  lifecycle.sweep(start + 3_000);
  lifecycle.addGap(start + 20_000);
  assert.equal(lifecycle.uncertainCount(), 1);
  assert.deepEqual(lifecycle.sweep(start + 20_100).questions, [id]);
  lifecycle.testify({ witness: 'workers', id, answer: { kind: 'absent' }, now: start + 21_000 });
  assert.equal(summary(lifecycle.sweep(start + 21_100).tasks), '0.0.1 unknown, task unknown');
  assert.equal(lifecycle.uncertainCount(), 0);
});

test('another lifecycle takes over the open tasks, and the released ones are gone here', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of [...storyOf('sent, received, started'), heartbeatAt(start + 2_000)]) lifecycle.apply(event);
  lifecycle.sweep(start + 3_000);
  const heir = new Lifecycle(defaultLifecycleOptions);
  heir.restore(lifecycle.save(10_000).text, start + 4_000);
  lifecycle.release((hostname) => hostname === 'w@a');
  assert.deepEqual([lifecycle.trackedCount(), lifecycle.workers().length], [0, 0]);
  heir.apply({ ...eventOf('succeeded', start + 5_000) });
  assert.equal(summary(heir.sweep(start + 9_000).tasks), '0.0.1 succeeded, task succeeded');
  assert.equal(heir.workers().length, 1);
});

test('an ended task is forgotten after its time, and a late event then starts a new record', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of storyOf('sent, received, started, succeeded')) lifecycle.apply(event);
  lifecycle.sweep(start + 3_000);
  lifecycle.sweep(start + 600_299);
  assert.equal(outcomeIn(lifecycle), 'succeeded');
  lifecycle.sweep(start + 600_300);
  assert.equal(lifecycle.isTracked(id), false);
});
