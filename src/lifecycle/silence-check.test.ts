import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, heartbeatAt, storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import type { Hostname, TaskId } from '../event/ids.ts';
import type { WorkerEvent } from '../event/task-event.ts';
import type { WitnessKind } from '../event/testimony.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState, type LifecycleState } from './lifecycle-state.ts';
import { settle } from './settle.ts';
import { attemptsLostWith, doubtAbout } from './silence-check.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { GoneWorker } from './tables/worker-transition.ts';

const minute = 60_000;
const host = 'w@a' as Hostname;

interface Setup {
  readonly story: string;
  readonly witnesses?: readonly WitnessKind[];
  readonly workers?: readonly WorkerEvent[];
  /** The fleet reports receipts of the task name. */
  readonly isReceived?: boolean;
  readonly eta?: number;
  readonly prepare?: (state: LifecycleState, record: TaskRecord) => void;
}

function setUp({ story, witnesses = [], workers = [], isReceived = false, eta, prepare }: Setup) {
  const state = createLifecycleState({ ...defaultLifecycleOptions, witnesses });
  for (const event of workers) state.workers.apply(event);
  if (isReceived) state.baseline.noteReceived('mill.grind');
  const record = state.tasks.recordOf(storyTaskId);
  for (const event of storyOf(story)) record.add('eta' in event ? { ...event, eta } : event);
  settle(state, record, storyStart + 1_000);
  prepare?.(state, record);
  return { state, record };
}

interface Case extends Setup {
  readonly name: string;
  /** The last moment without a doubt, relative to the story; one millisecond later the doubt is raised. */
  readonly normalUntil: number;
  readonly want: { readonly kind: string; readonly isUncertain: boolean } | undefined;
}

const certain = (kind: string) => ({ kind, isUncertain: false });
const uncertain = (kind: string) => ({ kind, isUncertain: true });

const cases: readonly Case[] = [
  {
    name: 'a running attempt is overdue after half an hour',
    story: 'received, started',
    normalUntil: 30 * minute + 100,
    want: certain('overdue'),
  },
  {
    name: 'an attempt is overdue at three times the longest runtime of its name',
    story: 'received, started',
    prepare: (state, record) => noteRuntime(state, record, 20 * minute),
    normalUntil: 60 * minute + 100,
    want: certain('overdue'),
  },
  {
    name: 'an attempt on a worker that went offline is perhaps lost after half an hour',
    story: 'received, started',
    workers: [heartbeatAt(storyStart, { type: 'worker-offline' })],
    normalUntil: 30 * minute + 100,
    want: uncertain('lost'),
  },
  {
    name: 'a sent task has vanished after a quarter of an hour',
    story: 'sent',
    isReceived: true,
    normalUntil: 15 * minute - 1,
    want: certain('vanished'),
  },
  {
    name: 'the eta delays a vanished task',
    story: 'sent',
    isReceived: true,
    eta: storyStart + 60 * minute,
    normalUntil: 75 * minute - 1,
    want: certain('vanished'),
  },
  {
    name: 'a retry that was sent and not received has vanished',
    story: 'sent, received, started, sent retry 1, retried',
    isReceived: true,
    normalUntil: 15 * minute + 399,
    want: certain('vanished'),
  },
  {
    name: 'a fleet without receive events has no vanished tasks',
    story: 'sent',
    normalUntil: 9_999 * minute,
    want: undefined,
  },
  {
    name: 'a reserved task on a gone worker is perhaps lost after a minute, if witnesses exist',
    story: 'sent, received',
    witnesses: ['broker'],
    workers: [heartbeatAt(storyStart, { type: 'worker-offline' })],
    normalUntil: minute + 99,
    want: uncertain('lost'),
  },
  {
    name: 'without witnesses a reserved task on a gone worker stays open',
    story: 'sent, received',
    workers: [heartbeatAt(storyStart, { type: 'worker-offline' })],
    normalUntil: 9_999 * minute,
    want: undefined,
  },
  {
    name: 'a reserved task on an idle worker has ended without events',
    story: 'sent, received',
    workers: [heartbeatAt(storyStart, { active: 0 })],
    normalUntil: minute + 100,
    want: certain('end-unreported'),
  },
  {
    name: 'a reserved task on a busy worker waits',
    story: 'sent, received',
    workers: [heartbeatAt(storyStart, { active: 1 })],
    normalUntil: 9_999 * minute,
    want: undefined,
  },
  {
    name: 'a reserved task with an eta waits for it',
    story: 'received',
    eta: storyStart + 60 * minute,
    workers: [heartbeatAt(storyStart, { active: 0 })],
    normalUntil: 61 * minute - 1,
    want: certain('end-unreported'),
  },
  {
    name: 'a requeued task is checked with the broker after a minute',
    story: 'received, started, requeued',
    witnesses: ['broker'],
    normalUntil: minute + 199,
    want: certain('not-redelivered'),
  },
  {
    name: 'a cancelled task too',
    story: 'received, started, cancelled',
    witnesses: ['broker', 'workers'],
    normalUntil: minute + 199,
    want: certain('not-redelivered'),
  },
  {
    name: 'without the broker as witness a requeued task waits',
    story: 'received, started, requeued',
    witnesses: ['workers'],
    normalUntil: 9_999 * minute,
    want: undefined,
  },
  {
    name: 'a task that was expected to return is lost at its next check',
    story: 'received',
    prepare(_state, record) {
      record.nextAttempt = { because: 'unacknowledged', at: undefined };
      record.nextCheckAt = storyStart + 5 * minute;
    },
    normalUntil: 5 * minute - 1,
    want: certain('lost'),
  },
  {
    name: 'no check takes place before it is due',
    story: 'received, started',
    prepare(_state, record) {
      record.nextCheckAt = storyStart + 90 * minute;
    },
    normalUntil: 90 * minute - 1,
    want: certain('overdue'),
  },
];
for (const { name, normalUntil, want, ...setup } of cases) {
  test(name, () => {
    const { state, record } = setUp(setup);
    assert.equal(doubtAbout(state, record, storyStart + normalUntil), undefined);
    assert.deepEqual(doubtAbout(state, record, storyStart + normalUntil + 1), want);
  });
}

function noteRuntime({ baseline }: LifecycleState, record: TaskRecord, runtimeMs: number): void {
  const other = createLifecycleState(defaultLifecycleOptions);
  const past = other.tasks.recordOf('past' as TaskId);
  for (const event of storyOf('received, started')) past.add({ ...event, id: past.id });
  past.add({ ...eventOf('succeeded', storyStart + 900), id: past.id, runtimeMs } as ReturnType<typeof eventOf>);
  for (const transition of settle(other, past, storyStart)) baseline.noteTransition(transition);
  assert.equal(baseline.longestMs(record.attributes.name), runtimeMs);
}

test('events in the settle window postpone the check', () => {
  const { state, record } = setUp({ story: 'received, started' });
  state.tasks.settleAt(record, storyStart + 90 * minute);
  assert.equal(doubtAbout(state, record, storyStart + 60 * minute), undefined);
});

interface LossCase {
  readonly name: string;
  /** Start of each open attempt, relative to the active count. */
  readonly startedAt: readonly number[];
  readonly worker: Partial<GoneWorker>;
  /** Uncertainty of each lost attempt, the latest start first. */
  readonly want: readonly boolean[];
}
const losses: readonly LossCase[] = [
  {
    name: 'a worker that reported all open attempts loses them for sure',
    startedAt: [-2, -1],
    worker: { active: 2 },
    want: [false, false],
  },
  {
    name: 'a worker that reported fewer loses each one perhaps',
    startedAt: [-2, -1],
    worker: { active: 1 },
    want: [true, true],
  },
  {
    name: 'an attempt from after the report is lost for sure',
    startedAt: [-2, -1, 5],
    worker: { active: 1 },
    want: [false, true, true],
  },
  {
    name: 'an attempt from the moment of the report is counted',
    startedAt: [0, -1],
    worker: { active: 1 },
    want: [true, true],
  },
  {
    name: 'a worker without a report loses its attempts for sure',
    startedAt: [-1],
    worker: { active: undefined },
    want: [false],
  },
  {
    name: 'a worker that never reported an active task loses each one perhaps',
    startedAt: [-1],
    worker: { active: 1, hasReportedActive: false },
    want: [true],
  },
  { name: 'another process with the name loses nothing', startedAt: [-1], worker: { pid: 2 }, want: [] },
  {
    name: 'a transition without a process means every process',
    startedAt: [-1],
    worker: { pid: undefined, active: 1 },
    want: [false],
  },
];
for (const { name, startedAt, worker, want } of losses) {
  test(name, () => {
    const state = createLifecycleState(defaultLifecycleOptions);
    const reportedAt = storyStart + 10_000;
    for (const [index, offset] of startedAt.entries()) {
      const record = state.tasks.recordOf(`task-${index}` as TaskId);
      record.add({ ...eventOf('started', reportedAt + offset), id: record.id });
      settle(state, record, reportedAt + 60_000);
    }
    const transition: GoneWorker = {
      kind: 'worker-lost',
      at: reportedAt + 40_000,
      hostname: host,
      pid: 1,
      active: startedAt.length,
      activeAt: reportedAt,
      hasReportedActive: true,
      silentMs: 40_000,
      from: Number.NEGATIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
      isShared: false,
      ...worker,
    };
    const doubts = attemptsLostWith(state, transition).map(({ doubt }) => doubt);
    assert.deepEqual(
      doubts,
      want.map((isUncertain) => ({ kind: 'lost', isUncertain })),
    );
  });
}
