import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import type { Hostname, TaskId } from '../../event/ids.ts';
import type { ExceptionText } from '../../event/python/exception.ts';
import type { ParsedException } from '../../event/python/parsed-exception.ts';
import type { Event } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { Attempt, Note, Transition } from '../../lifecycle/transition.ts';
import type { Observation } from './observation.ts';
import { observeEvent, observeFailure, observeTransition } from './observe.ts';

const at = 5_000;
const hostname = 'celery@mail-1' as Hostname;
const id = 'task-1' as TaskId;
const about = { id, hostname, pid: 7, at: 1_000, receivedAt: at };
const publication = {
  name: 'mail.send' as Redacted,
  args: undefined,
  kwargs: undefined,
  retries: 1,
  rootId: undefined,
  parentId: undefined,
  eta: 9_000,
  expires: undefined,
};
const sent: Event<Redacted> = {
  ...about,
  ...publication,
  type: 'task-sent',
  queue: 'mail',
  exchange: undefined,
  routingKey: undefined,
};

function ofEvent(event: Event<Redacted>): Observation[] {
  const observations: Observation[] = [];
  observeEvent(event, at, (observation) => observations.push(observation));
  return observations;
}

describe('events of a task', () => {
  const waiting = { kind: 'waiting', at, taskId: id, retries: 1, task: 'mail.send', eta: 9_000 };

  test('a publication waits in its queue', () => assert.deepEqual(ofEvent(sent), [{ ...waiting, queue: 'mail' }]));

  test('a receipt waits too, and names no queue', () =>
    assert.deepEqual(ofEvent({ ...about, ...publication, type: 'task-received' }), [{ ...waiting, queue: undefined }]));

  test('a task that may expire does not wait: it may leave the queue without an event', () =>
    assert.deepEqual(ofEvent({ ...sent, expires: 20_000 } as Event<Redacted>), []));

  test('a revoked task no longer waits', () =>
    assert.deepEqual(
      ofEvent({ ...about, type: 'task-revoked', terminated: false, expired: false, signal: undefined }),
      [{ kind: 'taken', at, taskId: id }],
    ));

  test('starts and ends are observed as transitions, not as events', () => {
    assert.deepEqual(ofEvent({ ...about, type: 'task-started' }), []);
    assert.deepEqual(ofEvent({ ...about, type: 'task-succeeded', result: undefined, runtimeMs: 3 }), []);
  });
});

describe('events of a worker', () => {
  const cases = [
    ['worker-online', 'online'],
    ['worker-heartbeat', 'heartbeat'],
    ['worker-offline', 'offline'],
  ] as const;
  for (const [type, change] of cases)
    test(`${type} is observed at the time of receipt`, () => {
      const event = {
        hostname,
        pid: 7,
        at: 1,
        receivedAt: at,
        heartbeatMs: 2_000,
        active: 3,
        processed: 9,
        clock: undefined,
        software: undefined,
      };
      assert.deepEqual(ofEvent({ ...event, type }), [
        { kind: 'worker', at, change, host: hostname, pid: 7, heartbeatMs: 2_000, active: 3, processed: 9 },
      ]);
    });
});

const { task } = failureOf({ task: 'mail.send', queue: 'mail' });
const attempt = task.attempts[0] as Attempt;
const exception = (type: string, message: string): ExceptionText => ({
  type: type as Redacted,
  message: message as Redacted,
  traceback: undefined,
});

const parsed = (type: string): ParsedException => ({
  type: type as Redacted,
  value: 'x' as Redacted,
  frames: [],
  isTruncated: false,
});

function ofTransition(transition: Transition): Observation[] {
  const observations: Observation[] = [];
  observeTransition(transition, at, (observation) => observations.push(observation));
  return observations;
}

function ended(fields: Partial<Attempt>): Extract<Observation, { kind: 'attempt-ended' }> {
  const [observation] = ofTransition({
    kind: 'attempt-ended',
    at,
    task,
    attempt: { ...attempt, ...fields },
  } as Transition);
  assert.ok(observation?.kind === 'attempt-ended');
  return observation;
}

describe('transitions of an attempt', () => {
  test('a start names the attempt, its task and its worker', () => {
    const [observation, ...more] = ofTransition({ kind: 'attempt-started', at, task, attempt } as Transition);
    assert.deepEqual(more, []);
    assert.ok(observation?.kind === 'attempt-started');
    assert.deepEqual(
      [observation.attempt, observation.task, observation.queue, observation.host, observation.traceId],
      [attempt.spanId, 'mail.send', 'mail', attempt.hostname, task.traceId],
    );
  });

  test('an end has the outcome and the run time', () => {
    const { outcome, runtimeMs, retry } = ended({ outcome: 'succeeded', runtimeMs: 40 });
    assert.deepEqual([outcome, runtimeMs, retry], ['succeeded', 40, undefined]);
  });

  test('an end without an outcome is unknown', () => assert.equal(ended({ outcome: undefined }).outcome, 'unknown'));

  const retries: readonly (readonly [
    name: string,
    given: ExceptionText | undefined,
    want: readonly [string, string],
  ])[] = [
    ['its exception', exception('requests.exceptions.Timeout', 'no answer'), ['Timeout', 'Timeout: no answer']],
    ['an exception without a message', exception('Timeout', ''), ['Timeout', 'Timeout']],
    ['no exception', undefined, ['Retry', 'Retry']],
    ['a long message', exception('Timeout', 'x'.repeat(300)), ['Timeout', `Timeout: ${'x'.repeat(191)}`]],
  ];
  for (const [name, given, [type, title]] of retries)
    test(`a retry with ${name}`, () => {
      const { retry } = ended({ outcome: 'retried', exception: given });
      assert.deepEqual([retry?.exception, retry?.title], [type, title]);
    });

  test('only a retry has a reason to retry', () =>
    assert.equal(ended({ outcome: 'failed', exception: exception('Timeout', 'x') }).retry, undefined));
});

describe('notes', () => {
  const cases: readonly (readonly [note: Note, want: readonly [string, number] | undefined])[] = [
    [{ what: 'poison-loop', starts: 4 }, ['poison-loop', 4]],
    [{ what: 'run-twice', runs: 2 }, ['run-twice', 2]],
    [{ what: 'overdue', runningMs: 5 }, undefined],
    [{ what: 'suspected', of: 'lost' }, undefined],
  ];
  for (const [note, want] of cases)
    test(`${note.what} is ${want === undefined ? 'not observed' : 'observed with its count'}`, () => {
      const [observation] = ofTransition({ kind: 'task-noted', at, task, note } as Transition);
      assert.deepEqual(observation?.kind === 'noted' ? [observation.what, observation.times] : undefined, want);
    });

  const attemptAt = (
    receivedAt: number | undefined,
    endedAt: number | undefined,
    facts: Partial<Attempt> = {},
  ): Attempt => ({
    ...failureOf().attempt!,
    receivedAt,
    startedAt: receivedAt,
    endedAt,
    ...facts,
  });
  const repeated: readonly (readonly [name: string, attempts: readonly Attempt[], want: number | undefined])[] = [
    ['two deliveries at the same time', [attemptAt(1_000, 46_000), attemptAt(31_000, 76_000)], 30_000],
    ['a second delivery while the first goes on', [attemptAt(1_000, undefined), attemptAt(31_000, 76_000)], 30_000],
    [
      'a start without a receipt',
      [attemptAt(undefined, 46_000, { startedAt: 2_000 }), attemptAt(31_000, 76_000)],
      29_000,
    ],
    ['a second delivery after the first end', [attemptAt(1_000, 31_000), attemptAt(31_000, 76_000)], undefined],
    ['a retry', [attemptAt(1_000, 46_000), attemptAt(31_000, 76_000, { retries: 1 })], undefined],
    ['one delivery', [attemptAt(1_000, 46_000)], undefined],
  ];
  for (const [name, attempts, want] of repeated) {
    test(`the time between deliveries of ${name} is ${want}`, () => {
      const note: Note = { what: 'run-twice', runs: 2 };
      const [observation] = ofTransition({ kind: 'task-noted', at, task: { ...task, attempts }, note } as Transition);
      assert.equal(observation?.kind === 'noted' ? observation.redeliveredAfterMs : 'none', want);
    });
  }

  test('a queued and an ended task are not observed', () => {
    for (const kind of ['task-queued', 'task-ended'])
      assert.deepEqual(ofTransition({ kind, at, task } as unknown as Transition), []);
  });
});

describe('failures', () => {
  function observed(failure: Parameters<typeof observeFailure>[0]) {
    const observations: Observation[] = [];
    observeFailure(failure, at, (observation) => observations.push(observation));
    return observations.map((one) => (one.kind === 'failed' ? one.failure : assert.fail()));
  }

  test('a failure has its identity, its place and its title', () => {
    const [failure] = observed(failureOf({ id: 'f', fingerprint: 'cause', task: 'mail.send', queue: 'mail' }));
    assert.deepEqual(
      [failure?.id, failure?.fingerprint, failure?.task, failure?.queue, failure?.host],
      ['f', 'cause', 'mail.send', 'mail', 'celery@worker-1'],
    );
  });

  test('a failure without a known attempt has the worker that received its task', () => {
    const failure = failureOf();
    assert.equal(observed({ ...failure, attempt: undefined })[0]?.host, 'celery@worker-1');
    const task = { ...failure.task, attempts: [] };
    assert.equal(observed({ ...failure, task, attempt: undefined })[0]?.host, undefined);
  });

  test('a lost attempt has the way in which its process died', () => {
    const lost = failureOf({ cause: 'worker-lost' });
    const deathOf = (attempt: Partial<Attempt>) =>
      observed({ ...lost, attempt: { ...lost.attempt!, ...attempt } })[0]?.death;
    assert.equal(deathOf({ signal: 'SIGKILL' }), 'SIGKILL');
    const message = 'Worker exited prematurely: exitcode 137.' as Redacted;
    assert.equal(deathOf({ exception: { message } as ExceptionText }), 'exit code 137');
    assert.equal(deathOf({}), undefined);
    assert.equal(observed(failureOf())[0]?.death, undefined);
  });

  test('a poison loop is observed by its note only', () =>
    assert.deepEqual(observed(failureOf({ cause: 'poison-loop' })), []));

  test('exhausted retries are marked', () => {
    assert.equal(observed(failureOf())[0]?.isExhausted, false);
    assert.equal(observed({ ...failureOf(), outcome: 'exhausted' })[0]?.isExhausted, true);
  });

  const names: readonly (readonly [name: string, failure: ReturnType<typeof failureOf>, want: string | undefined])[] = [
    ['a lost worker', failureOf({ cause: 'worker-lost' }), 'WorkerLostError'],
    ['a hard time limit', failureOf({ cause: 'hard-time-limit' }), 'TimeLimitExceeded'],
    ['its exception', { ...failureOf(), exception: parsed('shop.errors.Declined') }, 'Declined'],
    ['no exception', failureOf(), undefined],
    ['an exception without a type', { ...failureOf(), exception: parsed('') }, undefined],
  ];
  for (const [name, failure, want] of names)
    test(`the exception of ${name} is ${want}`, () => assert.equal(observed(failure)[0]?.exception, want));
});
