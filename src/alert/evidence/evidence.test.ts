import assert from 'node:assert/strict';
import test from 'node:test';
import { observedFailure } from '../../../test/fakes/observed-failure.ts';
import type { Hostname, TaskId } from '../../event/ids.ts';
import { keyText } from '../key.ts';
import { Evidence } from './evidence.ts';
import type { Observation } from './observation.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const now = 1_000 * hour;
const host = 'celery@mail-1' as Hostname;

const evidenceWith = (options: Partial<ConstructorParameters<typeof Evidence>[0]> = {}): Evidence =>
  new Evidence({ queueOf: () => undefined, isIgnored: () => false, ...options });

const started = (parts: Partial<Extract<Observation, { kind: 'attempt-started' }>> = {}): Observation => ({
  kind: 'attempt-started',
  at: now,
  attempt: 'attempt-1',
  taskId: 'task-1' as TaskId,
  traceId: 'trace-1',
  retries: 0,
  task: 'mail.send',
  queue: undefined,
  host,
  ...parts,
});
const ended = (parts: Partial<Extract<Observation, { kind: 'attempt-ended' }>> = {}): Observation => ({
  kind: 'attempt-ended',
  at: now,
  attempt: 'attempt-1',
  taskId: 'task-1' as TaskId,
  retries: 0,
  task: 'mail.send',
  queue: undefined,
  host,
  outcome: 'succeeded',
  runtimeMs: 10,
  retry: undefined,
  ...parts,
});
const waiting = (parts: Partial<Extract<Observation, { kind: 'waiting' }>> = {}): Observation => ({
  kind: 'waiting',
  at: now,
  taskId: 'task-1' as TaskId,
  retries: 0,
  task: 'mail.send',
  queue: 'mail',
  eta: undefined,
  ...parts,
});
const waitingIn = (evidence: Evidence, name: string) =>
  [...evidence.queues.all()].find((queue) => queue.name === name)?.waiting;

test('absence is evidence thirty seconds after the first event, and after a gap', () => {
  const evidence = evidenceWith();
  assert.equal(evidence.canJudgeAbsence(now), false, 'without any event');
  evidence.noteEvent(now);
  assert.equal(evidence.canJudgeAbsence(now + 30 * second - 1), false);
  assert.equal(evidence.canJudgeAbsence(now + 30 * second), true);
  evidence.observe({ kind: 'gap', at: now, from: now + minute, to: now + 2 * minute });
  assert.equal(evidence.canJudgeAbsence(now + 2 * minute + 30 * second - 1), false);
  assert.equal(evidence.canJudgeAbsence(now + 2 * minute + 30 * second), true);
});

test('learning ends when the learning period has passed since the first event', () => {
  const evidence = evidenceWith();
  assert.equal(evidence.isLearning(now, hour), true);
  evidence.noteEvent(now);
  assert.equal(evidence.isLearning(now + hour - 1, hour), true);
  assert.equal(evidence.isLearning(now + hour, hour), false);
});

test('the baseline covers at most a day', () => {
  const evidence = evidenceWith();
  assert.equal(evidence.observedMs(now), 0);
  evidence.restore({ since: now - 25 * hour, causes: [], tasks: [] });
  assert.equal(evidence.observedMs(now), 24 * hour);
  assert.equal(evidence.observedMs(now - 5 * hour), 20 * hour);
});

test('the last event is the newest one, whatever the order', () => {
  const evidence = evidenceWith();
  evidence.observe({ kind: 'event', at: now });
  evidence.observe({ kind: 'event', at: now - minute });
  assert.equal(evidence.lastEventAt, now);
  assert.equal(evidence.since, now);
});

test('a gap removes attempts and messages from before its end, and no later ones', () => {
  const evidence = evidenceWith();
  evidence.observe(started());
  evidence.observe(started({ attempt: 'attempt-2', taskId: 'task-2' as TaskId, at: now + 2 * minute }));
  evidence.observe(waiting({ taskId: 'task-3' as TaskId }));
  evidence.observe(waiting({ taskId: 'task-4' as TaskId, at: now + 2 * minute }));
  evidence.observe({ kind: 'gap', at: now, from: now, to: now + minute });
  assert.deepEqual(
    evidence.runs.longRunning(now + hour, () => 0).map(({ attempt }) => attempt),
    ['attempt-2'],
  );
  assert.deepEqual([...(waitingIn(evidence, 'mail')?.keys() ?? [])], ['task-4']);
});

test('a failure counts for its cause and its task', () => {
  const evidence = evidenceWith();
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure() });
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure() });
  assert.equal(evidence.causes.get('cause-1')?.total, 1, 'the second observation is the same failure');
  assert.equal(evidence.tasks.find('mail.send')?.failed.count(now, minute), 1);
});

const expected = [
  { name: 'a cancelled task', fields: { class: 'cancelled' as const } },
  { name: 'an ignored exception', fields: { exception: 'ReadTimeout' } },
];
for (const { name, fields } of expected) {
  test(`${name} does not count towards the failure rate of its task`, () => {
    const evidence = evidenceWith({
      isIgnored: (task, exception) => task === 'mail.send' && exception === 'ReadTimeout',
    });
    evidence.observe({ kind: 'failed', at: now, failure: observedFailure(fields) });
    assert.equal(evidence.causes.get('cause-1')?.total, 1);
    assert.equal(evidence.tasks.find('mail.send'), undefined);
  });
}

test('events of a key with an open incident do not count towards its baseline', () => {
  const evidence = evidenceWith();
  evidence.openIncidentKeys = new Set([keyText({ kind: 'cause', fingerprint: 'cause-1' })]);
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure({ id: 'a' }) });
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure({ id: 'b', fingerprint: 'cause-2' }) });
  assert.equal(evidence.causes.get('cause-1')?.baseline.total(now), 0);
  assert.equal(evidence.causes.get('cause-2')?.baseline.total(now), 1);
  assert.equal(evidence.tasks.find('mail.send')?.baselineFailures.total(now), 1);
  evidence.openIncidentKeys = new Set([keyText({ kind: 'task', task: 'mail.send' })]);
  evidence.observe(ended());
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure({ id: 'c', fingerprint: 'cause-3' }) });
  assert.equal(evidence.tasks.find('mail.send')?.baselineRuns.total(now), 0);
  assert.equal(evidence.tasks.find('mail.send')?.baselineFailures.total(now), 1);
});

test('reported failures are subtracted from the cause or the pool of the key, and from no other', () => {
  const evidence = evidenceWith();
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure({ id: 'a' }) });
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure({ id: 'b' }) });
  evidence.observe({
    kind: 'failed',
    at: now,
    failure: observedFailure({ id: 'c', cause: 'worker-lost', fingerprint: 'dead' }),
  });
  evidence.markReported({ kind: 'cause', fingerprint: 'cause-1' }, 1);
  evidence.markReported({ kind: 'task', task: 'mail.send' }, 1);
  evidence.markReported({ kind: 'pool', pool: 'celery@mail' }, 1);
  assert.equal(evidence.causes.get('cause-1')?.unreported, 1);
  assert.equal(evidence.lost.get('celery@mail')?.unreported, 1);
  evidence.markReported({ kind: 'pool', condition: 'lost', pool: 'celery@mail' }, 1);
  assert.equal(evidence.lost.get('celery@mail')?.unreported, 0);
});

test('the queue of an attempt is that of the event, of the policy, or of an earlier publication', () => {
  const evidence = evidenceWith({ queueOf: (task) => (task === 'web.render' ? 'web' : undefined) });
  const queueOf = (): (string | undefined)[] =>
    evidence.runs.longRunning(now + hour, () => 0).map(({ queue }) => queue);
  evidence.observe(started({ attempt: 'a', queue: 'own' }));
  evidence.observe(started({ attempt: 'b', task: 'web.render' }));
  evidence.observe(started({ attempt: 'c' }));
  evidence.observe(waiting({ queue: 'learned' }));
  evidence.observe(started({ attempt: 'd' }));
  assert.deepEqual(queueOf(), ['own', 'web', undefined, 'learned']);
});

test('a message with an eta waits from its eta', () => {
  const evidence = evidenceWith();
  evidence.observe(waiting({ eta: now + hour }));
  evidence.observe(waiting({ taskId: 'task-2' as TaskId, eta: now - hour }));
  assert.deepEqual(
    [...(waitingIn(evidence, 'mail')?.values() ?? [])].map(({ since }) => since),
    [now + hour, now],
  );
});

test('a revoked message waits no more', () => {
  const evidence = evidenceWith();
  evidence.observe(waiting());
  evidence.observe({ kind: 'taken', at: now, taskId: 'task-1' as TaskId });
  assert.equal(waitingIn(evidence, 'mail')?.size, 0);
});

test('attempts of a worker that is gone are removed', () => {
  const evidence = evidenceWith();
  const heartbeat = { kind: 'worker', change: 'heartbeat', pid: 1, heartbeatMs: 2 * second, processed: 0 } as const;
  evidence.observe({ ...heartbeat, at: now, host, active: undefined });
  evidence.observe(started());
  evidence.sweep(now + 24 * second);
  assert.equal(evidence.runs.longRunning(now + hour, () => 0).length, 1);
  evidence.noteEvent(now + 26 * second);
  evidence.sweep(now + 26 * second);
  assert.equal(evidence.runs.longRunning(now + hour, () => 0).length, 0);
});

test('a snapshot restores the earlier start and the baselines', () => {
  const evidence = evidenceWith();
  assert.equal(evidence.snapshot(), undefined, 'without any event');
  evidence.noteEvent(now);
  evidence.observe(ended());
  const other = evidenceWith();
  other.noteEvent(now - hour);
  other.restore(evidence.snapshot()!);
  assert.equal(other.since, now - hour);
  assert.equal(other.tasks.of('mail.send').baselineRuns.total(now), 1);
});

test('causes and retries are touched until the evaluation has settled', () => {
  const evidence = evidenceWith();
  evidence.observe({ kind: 'failed', at: now, failure: observedFailure() });
  assert.equal([...evidence.causes.touched()].length, 1);
  evidence.clearTouched();
  assert.equal([...evidence.causes.touched()].length, 0);
});
