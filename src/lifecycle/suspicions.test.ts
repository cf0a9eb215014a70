import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, heartbeatAt, storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import type { Hostname, TaskId } from '../event/ids.ts';
import type { WitnessKind } from '../event/testimony.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState, type LifecycleState } from './lifecycle-state.ts';
import { settle } from './settle.ts';
import type { WitnessAnswer } from './suspicion.ts';
import { Suspicions } from './suspicions.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { GoneWorker } from './tables/worker-transition.ts';
import type { Transition } from './transition.ts';

const host = 'w@a' as Hostname;
const lostAt = storyStart + 40_000;
const workerLost: GoneWorker = {
  kind: 'worker-lost',
  at: lostAt,
  hostname: host,
  pid: 1,
  active: 1,
  activeAt: storyStart + 1_000,
  hasReportedActive: true,
  silentMs: 30_000,
  from: Number.NEGATIVE_INFINITY,
  until: Number.POSITIVE_INFINITY,
  isShared: false,
};
const absent = { kind: 'absent' } as const;
const unanswered = { kind: 'unanswered' } as const;
const executing = { kind: 'executing', hostname: host, startedAt: undefined, isAcknowledged: true } as const;

interface Setup {
  readonly state: LifecycleState;
  readonly suspicions: Suspicions;
  readonly record: TaskRecord;
  readonly answer: (witness: WitnessKind, answer: WitnessAnswer, now?: number) => void;
}

function setUp(story: string, witnesses: readonly WitnessKind[]): Setup {
  const state = createLifecycleState({ ...defaultLifecycleOptions, witnesses });
  const suspicions = new Suspicions(state);
  const record = state.tasks.recordOf(storyTaskId);
  for (const event of storyOf(story)) record.add(event);
  settle(state, record, storyStart + 1_000);
  return {
    state,
    suspicions,
    record,
    answer: (witness, answer, now = lostAt + 1_000) =>
      suspicions.addTestimony({ witness, id: storyTaskId, answer, now }),
  };
}

function summaryOf(transitions: readonly Transition[]): string[] {
  return transitions.map((one) => {
    if (one.kind === 'task-noted') return `${one.note.what}${'of' in one.note ? ` ${one.note.of}` : ''}`;
    if (one.kind === 'attempt-ended') return `attempt ${one.attempt.outcome}`;
    return one.kind === 'task-ended' ? `task ${one.outcome}` : one.kind;
  });
}

test('without witnesses a lost attempt ends at once', () => {
  const { suspicions } = setUp('received, started', []);
  assert.deepEqual(summaryOf(suspicions.suspectLostWith(workerLost, lostAt)), ['attempt lost', 'task lost']);
  assert.deepEqual(suspicions.takeQuestions(lostAt), []);
});

test('with witnesses the suspicion is noted and the witnesses are asked once', () => {
  const { suspicions } = setUp('received, started', ['broker']);
  assert.deepEqual(summaryOf(suspicions.suspectLostWith(workerLost, lostAt)), ['suspected lost']);
  assert.deepEqual(suspicions.takeQuestions(lostAt), [storyTaskId]);
  assert.deepEqual(suspicions.takeQuestions(lostAt), []);
});

test('a suspected task is not suspected of the same again', () => {
  const { suspicions } = setUp('received, started', ['broker']);
  suspicions.suspectLostWith(workerLost, lostAt);
  suspicions.takeQuestions(lostAt);
  assert.deepEqual(suspicions.suspectLostWith(workerLost, lostAt + 1), []);
  assert.deepEqual(suspicions.takeQuestions(lostAt + 1), []);
});

const conclusions: readonly {
  readonly name: string;
  readonly answers: readonly WitnessAnswer[];
  readonly want: readonly string[];
  readonly isOpen: boolean;
}[] = [
  { name: 'no witness has it: lost', answers: [absent, absent], want: ['attempt lost', 'task lost'], isOpen: false },
  { name: 'a worker executes it: cleared', answers: [executing], want: ['cleared lost'], isOpen: true },
  {
    name: 'its result is stored: cleared',
    answers: [{ kind: 'ended', at: storyStart + 500 }],
    want: ['cleared lost'],
    isOpen: true,
  },
  {
    name: 'the broker delivers it again: only the attempt is lost',
    answers: [{ kind: 'unacknowledged', deliveredAt: 1, returnsAt: lostAt + 60_000 }],
    want: ['attempt lost', 'comes-back'],
    isOpen: true,
  },
];
for (const { name, answers, want, isOpen } of conclusions) {
  test(`a task suspected to be lost: ${name}`, () => {
    const { suspicions, answer, record } = setUp('received, started', ['broker', 'workers']);
    suspicions.suspectLostWith(workerLost, lostAt);
    for (const [index, one] of answers.entries()) answer(index === 0 ? 'broker' : 'workers', one);
    assert.deepEqual(summaryOf(suspicions.takePending()), want);
    assert.deepEqual(suspicions.takePending(), []);
    assert.equal(record.endedAt === undefined, isOpen);
    assert.equal(record.suspicion, undefined);
  });
}

test('a task that comes back is checked three minutes after its expected return', () => {
  const { suspicions, answer, record } = setUp('received, started', ['broker']);
  suspicions.suspectLostWith(workerLost, lostAt);
  answer('broker', { kind: 'unacknowledged', deliveredAt: 1, returnsAt: lostAt + 60_000 });
  assert.deepEqual(record.nextAttempt, { because: 'unacknowledged', at: lostAt + 60_000 });
  assert.equal(record.nextCheckAt, lostAt + 240_000);
  suspicions.takePending();
  assert.deepEqual(summaryOf(suspicions.check(record, lostAt + 239_999)), []);
  suspicions.check(record, lostAt + 240_000);
  assert.deepEqual([record.nextAttempt, record.suspicion?.kind], [undefined, 'lost']);
});

test('the result of an earlier publication counts as no answer', () => {
  const { suspicions, answer } = setUp('received, started', ['result-backend']);
  suspicions.suspectLostWith(workerLost, lostAt);
  answer('result-backend', { kind: 'ended', at: storyStart - 1 });
  assert.deepEqual(summaryOf(suspicions.takePending()), ['attempt lost', 'task lost']);
});

test('an answer about a task without a suspicion is ignored', () => {
  const { suspicions, answer } = setUp('received, started', ['broker']);
  answer('broker', absent);
  suspicions.addTestimony({ witness: 'broker', id: 'other' as TaskId, answer: absent, now: lostAt });
  assert.deepEqual(suspicions.takePending(), []);
});

test('witnesses that could not look are asked again after ten seconds, and at most three times', () => {
  const { suspicions, answer, record } = setUp('received, started', ['broker']);
  suspicions.suspectLostWith(workerLost, lostAt);
  suspicions.takeQuestions(lostAt);
  answer('broker', unanswered, lostAt);
  assert.deepEqual(suspicions.takeQuestions(lostAt + 9_999), []);
  assert.deepEqual(suspicions.takeQuestions(lostAt + 10_000), [storyTaskId]);
  answer('broker', unanswered, lostAt + 10_000);
  assert.deepEqual(suspicions.takeQuestions(lostAt + 20_000), [storyTaskId]);
  assert.equal(record.suspicion?.asked, 3);
  answer('broker', unanswered, lostAt + 20_000);
  assert.deepEqual(summaryOf(suspicions.takePending()), ['attempt lost', 'task lost']);
});

test('answers of other witnesses are kept when one is asked again', () => {
  const { suspicions, answer, record } = setUp('received, started', ['broker', 'workers']);
  suspicions.suspectLostWith(workerLost, lostAt);
  answer('workers', absent, lostAt);
  answer('broker', unanswered, lostAt);
  suspicions.takeQuestions(lostAt + 10_000);
  assert.deepEqual([...(record.suspicion?.answers.keys() ?? [])], ['workers']);
});

test('a suspicion without an answer for two minutes is decided by silence', () => {
  const { suspicions, record } = setUp('received, started', ['broker']);
  suspicions.suspectLostWith(workerLost, lostAt);
  assert.deepEqual(suspicions.check(record, lostAt + 120_000), []);
  assert.deepEqual(summaryOf(suspicions.check(record, lostAt + 120_001)), ['attempt lost', 'task lost']);
});

test('a gap makes every open task uncertain, and the witnesses are asked', () => {
  const { suspicions, state, record } = setUp('received, started', ['broker', 'workers']);
  suspicions.suspectAllOpen(lostAt);
  assert.deepEqual(suspicions.takeQuestions(lostAt), [storyTaskId]);
  assert.deepEqual([...state.uncertain], [record]);
});

test('a task that a worker still executes after a gap is certain again, without a note', () => {
  const { suspicions, state, answer } = setUp('received, started', ['broker', 'workers']);
  suspicions.suspectAllOpen(lostAt);
  answer('workers', executing);
  assert.deepEqual([suspicions.takePending(), state.uncertain.size], [[], 0]);
});

test('a task that no worker has after a gap has ended with an unknown outcome', () => {
  const { suspicions, answer } = setUp('received, started', ['broker', 'workers']);
  suspicions.suspectAllOpen(lostAt);
  answer('broker', absent);
  answer('workers', absent);
  assert.deepEqual(summaryOf(suspicions.takePending()), ['attempt unknown', 'task unknown']);
});

test('without witnesses a gap changes no task', () => {
  const { suspicions, state } = setUp('received, started', []);
  suspicions.suspectAllOpen(lostAt);
  assert.deepEqual([suspicions.takePending(), state.uncertain.size], [[], 0]);
});

test('a worker lost after a gap does not prove that its attempts were lost', () => {
  const { suspicions, state } = setUp('received, started', []);
  state.gaps.add(storyStart + 20_000);
  assert.deepEqual(summaryOf(suspicions.suspectLostWith(workerLost, lostAt)), ['attempt unknown', 'task unknown']);
});

const unreported: readonly {
  readonly name: string;
  readonly isSure: boolean;
  readonly witnesses: readonly WitnessKind[];
  readonly want: readonly string[];
  readonly asked: number;
}[] = [
  {
    name: 'sure, without witnesses: it has ended',
    isSure: true,
    witnesses: [],
    want: ['attempt unknown', 'task unknown'],
    asked: 0,
  },
  { name: 'sure, with witnesses: they are asked', isSure: true, witnesses: ['workers'], want: [], asked: 1 },
  { name: 'unsure, without witnesses: it stays open', isSure: false, witnesses: [], want: [], asked: 0 },
  { name: 'unsure, with witnesses: they are asked', isSure: false, witnesses: ['workers'], want: [], asked: 1 },
];
for (const { name, isSure, witnesses, want, asked } of unreported) {
  test(`an attempt that its worker contradicts, ${name}`, () => {
    const { suspicions, record } = setUp('received, started', witnesses);
    assert.deepEqual(summaryOf(suspicions.suspectUnreportedEnd({ record, isSure }, lostAt)), want);
    assert.equal(suspicions.takeQuestions(lostAt).length, asked);
  });
}

test('an unsure attempt that was cleared is not asked about for ten minutes', () => {
  const { suspicions, record, answer } = setUp('received, started', ['workers']);
  suspicions.suspectUnreportedEnd({ record, isSure: false }, lostAt);
  answer('workers', executing, lostAt);
  suspicions.takeQuestions(lostAt);
  for (const [now, asked] of [
    [lostAt + 599_999, 0],
    [lostAt + 600_000, 1],
  ] as const) {
    suspicions.suspectUnreportedEnd({ record, isSure: false }, now);
    assert.equal(suspicions.takeQuestions(now).length, asked);
  }
});

test('an overdue attempt that a worker confirms is noted with its runtime, and stays open', () => {
  const { suspicions, record, answer } = setUp('received, started', ['workers']);
  const now = storyStart + 3_600_000;
  assert.deepEqual(summaryOf(suspicions.check(record, now)), ['suspected overdue']);
  answer('workers', executing, now + 5);
  const [noted] = suspicions.takePending();
  assert.deepEqual(noted?.kind === 'task-noted' && noted.note, {
    what: 'overdue',
    runningMs: now + 5 - (storyStart + 100),
  });
  assert.equal(record.endedAt, undefined);
});

for (const { name, expires, want } of [
  { name: 'has vanished', expires: undefined, want: 'task vanished' },
  { name: 'is expired if its time was over', expires: storyStart + 1_000, want: 'task expired' },
  { name: 'has vanished if its time was not over', expires: storyStart + 9_999_999, want: 'task vanished' },
]) {
  test(`a sent task that the broker does not have ${name}`, () => {
    const state = createLifecycleState({ ...defaultLifecycleOptions, witnesses: ['broker'] });
    const suspicions = new Suspicions(state);
    const record = state.tasks.recordOf(storyTaskId);
    record.add({ ...eventOf('sent', storyStart), expires } as ReturnType<typeof eventOf>);
    settle(state, record, storyStart);
    state.baseline.noteReceived('mill.grind');
    const now = storyStart + 1_000_000;
    assert.deepEqual(summaryOf(suspicions.check(record, now)), ['suspected vanished']);
    suspicions.addTestimony({ witness: 'broker', id: storyTaskId, answer: absent, now });
    assert.deepEqual(summaryOf(suspicions.takePending()), [want]);
  });
}

test('an undecided suspicion is dropped, and the task is checked again after ten minutes', () => {
  const { suspicions, record, state } = setUp('sent', []);
  state.baseline.noteReceived('mill.grind');
  const now = storyStart + 1_000_000;
  assert.deepEqual(summaryOf(suspicions.check(record, now)), []);
  assert.deepEqual([record.suspicion, record.nextCheckAt, record.endedAt], [undefined, now + 600_000, undefined]);
});

test('workers that are alive are no reason for a suspicion', () => {
  const { suspicions, state, record } = setUp('received, started', ['broker']);
  state.workers.apply(heartbeatAt(lostAt));
  assert.deepEqual(suspicions.check(record, lostAt), []);
});
