import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observedFailure } from '../../../test/fakes/observed-failure.ts';
import { Lost, type LostEvidence } from './lost-runs.ts';

const minute = 60_000;
const now = 1_000_000_000;

function lostIn(lost: Lost, pool: string): LostEvidence | undefined {
  return [...lost.all()].find((one) => one.pool === pool);
}

test('attempts lost on two workers of a pool are counted together', () => {
  const lost = new Lost();
  lost.add(observedFailure({ host: 'celery@mail-1' }), now);
  lost.add(observedFailure({ host: 'celery@mail-2' }), now + 1);
  lost.add(observedFailure({ host: 'celery@pay-1' }), now + 2);
  assert.equal(lostIn(lost, 'celery@mail')?.total, 2);
  assert.equal(lostIn(lost, 'celery@pay')?.total, 1);
});

test('attempts without a known worker belong to one pool', () => {
  const lost = new Lost();
  lost.add(observedFailure({ host: undefined }), now);
  lost.add(observedFailure({ host: undefined }), now);
  assert.deepEqual(
    [...lost.all()].map(({ pool, total }) => [pool, total]),
    [['unknown', 2]],
  );
});

test('losses are counted by the way in which their processes died, from any time on', () => {
  const lost = new Lost();
  for (const [death, at] of [
    ['SIGKILL', now],
    ['SIGKILL', now + minute],
    ['SIGABRT', now + minute],
    [undefined, now + minute],
  ] as const)
    lost.add(observedFailure({ death }), at);
  const evidence = lostIn(lost, 'celery@mail');
  assert.deepEqual(evidence?.parts, { SIGKILL: 2, SIGABRT: 1, 'worker gone': 1 });
  assert.deepEqual(evidence?.partsBefore(now + minute), { SIGKILL: 1, SIGABRT: 0, 'worker gone': 0 });
});

test('beyond twelve ways to die the others are counted together', () => {
  const lost = new Lost();
  for (let code = 1; code <= 15; code += 1) lost.add(observedFailure({ death: `exit code ${code}` }), now);
  assert.equal(lostIn(lost, 'celery@mail')?.parts['other'], 3);
});

test('first and last time are those of the first and the latest loss', () => {
  const lost = new Lost();
  lost.add(observedFailure(), now);
  lost.add(observedFailure(), now + 2 * minute);
  lost.add(observedFailure(), now + minute);
  const evidence = lostIn(lost, 'celery@mail');
  assert.deepEqual([evidence?.firstAt, evidence?.lastAt], [now, now + 2 * minute]);
});

test('recent tasks are those within the window, each once', () => {
  const lost = new Lost();
  lost.add(observedFailure({ task: 'old' }), now);
  lost.add(observedFailure({ task: 'mail.send' }), now + minute);
  lost.add(observedFailure({ task: 'mail.send' }), now + minute);
  lost.add(observedFailure({ task: undefined }), now + minute);
  const evidence = lostIn(lost, 'celery@mail');
  assert.deepEqual(evidence?.recentTasks(now + 2 * minute, minute), ['mail.send']);
  assert.deepEqual(evidence?.recentTasks(now + 2 * minute, 2 * minute), ['old', 'mail.send']);
});

test('the subject names the pool, the workers, the tasks and the queues of the window', () => {
  const lost = new Lost();
  lost.add(observedFailure({ task: 'old', queue: 'old', host: 'celery@mail-9' }), now);
  lost.add(
    observedFailure({ task: 'a', queue: 'fast', host: 'celery@mail-1', exception: undefined }),
    now + 10 * minute,
  );
  lost.add(observedFailure({ task: 'b', queue: undefined, host: 'celery@mail-2', taskId: 'last' }), now + 10 * minute);
  const subject = lostIn(lost, 'celery@mail')?.subject(now + 10 * minute, 5 * minute);
  assert.deepEqual(subject?.tasks, ['a', 'b']);
  assert.deepEqual(subject?.queues, ['fast']);
  assert.deepEqual(subject?.hosts, ['celery@mail-1', 'celery@mail-2']);
  assert.deepEqual(subject?.exceptions, ['WorkerLostError', 'Timeout'], 'an attempt without an exception has Celery’s');
  assert.deepEqual(subject?.pools, ['celery@mail']);
  assert.equal(subject?.example?.taskId, 'last');
});

test('the class is that of the last lost run, as in its Sentry issue', () => {
  const lost = new Lost();
  for (const kind of ['resource', 'cancelled'] as const) {
    lost.add(observedFailure({ class: kind }), now);
    assert.equal(lostIn(lost, 'celery@mail')?.subject(now, minute).class, kind);
  }
});

test('the last 50 losses are kept for the subject, and all are counted', () => {
  const lost = new Lost();
  for (let index = 0; index <= 50; index += 1) lost.add(observedFailure({ task: `task-${index}` }), now);
  const evidence = lostIn(lost, 'celery@mail');
  assert.equal(evidence?.total, 51);
  assert.equal(evidence?.recentTasks(now, minute).length, 50);
  assert.equal(evidence?.recentTasks(now, minute).includes('task-0'), false);
});
