import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AttemptEnded, observedEnd } from '../../../test/fakes/attempt-ended.ts';
import type { Hostname } from '../../event/ids.ts';
import { Tasks } from './tasks.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = 1_000 * hour;
const host = 'celery@mail-1' as Hostname;

const ended = (fields: Partial<AttemptEnded> = {}): AttemptEnded => observedEnd(now, fields);

describe('the attempts of a task', () => {
  const cases = [
    { outcome: 'succeeded', runs: 1, retried: 0, lastRuns: 1 },
    { outcome: 'failed', runs: 1, retried: 0, lastRuns: 0 },
    { outcome: 'retried', runs: 1, retried: 1, lastRuns: 0 },
  ] as const;
  for (const { outcome, runs, retried, lastRuns } of cases) {
    test(`one that ${outcome} is counted`, () => {
      const task = new Tasks().of('mail.send');
      task.addAttempt(ended({ outcome }), true);
      assert.equal(task.runs.count(now, minute), runs);
      assert.equal(task.retried.count(now, minute), retried);
      assert.equal(task.lastRuns.length, lastRuns, 'a failure is recorded by its own observation');
    });
  }

  test('an attempt during an incident stays out of every baseline', () => {
    const task = new Tasks().of('mail.send');
    task.addAttempt(ended({ outcome: 'retried' }), false);
    task.addFailure({ exception: 'Timeout', host }, now, false);
    assert.equal(task.baselineRuns.total(now), 0);
    assert.equal(task.baselineRetries.total(now), 0);
    assert.equal(task.baselineFailures.total(now), 0);
    assert.equal(task.failed.count(now, minute), 1);
  });

  test('run times are those of successes', () => {
    const task = new Tasks().of('mail.send');
    task.addAttempt(ended({ runtimeMs: 100 }), true);
    task.addAttempt(ended({ outcome: 'retried', runtimeMs: 100 }), true);
    task.addAttempt(ended(), true);
    assert.equal(task.runTimes.total, 1);
  });

  test('the queue is the last known one', () => {
    const task = new Tasks().of('mail.send');
    task.addAttempt(ended({ queue: 'mail' }), true);
    task.addAttempt(ended({ queue: undefined }), true);
    assert.equal(task.queue, 'mail');
  });

  test('the last five ends are kept, the latest last', () => {
    const task = new Tasks().of('mail.send');
    for (let index = 0; index < 5; index += 1) task.addAttempt(ended({ at: now + index }), true);
    task.addFailure({ exception: 'Timeout', host }, now + 5, true);
    assert.deepEqual(
      task.lastRuns.map(({ failed, at }) => [failed, at - now]),
      [
        [false, 1],
        [false, 2],
        [false, 3],
        [false, 4],
        [true, 5],
      ],
    );
  });

  test('exceptions and workers of failures are named once', () => {
    const task = new Tasks().of('mail.send');
    task.addFailure({ exception: 'Timeout', host }, now, true);
    task.addFailure({ exception: 'Timeout', host }, now, true);
    task.addFailure({ exception: undefined, host: undefined }, now, true);
    assert.deepEqual([...task.exceptions], ['Timeout']);
    assert.deepEqual([...task.hosts], [host]);
  });
});

describe('tasks by name', () => {
  test('a task is created once, and only `of` creates it', () => {
    const tasks = new Tasks();
    assert.equal(tasks.find('mail.send'), undefined);
    const task = tasks.of('mail.send');
    assert.equal(tasks.of('mail.send'), task);
    assert.equal(tasks.find('mail.send'), task);
    assert.equal(tasks.find(undefined), undefined);
    assert.deepEqual([...tasks.all()], [task]);
  });

  test('the first of 5,000 tasks is forgotten for another one', () => {
    const tasks = new Tasks();
    for (let index = 0; index <= 5_000; index += 1) tasks.of(`task-${index}`);
    assert.equal(tasks.find('task-0'), undefined);
    assert.equal([...tasks.all()].length, 5_000);
  });
});

describe('snapshots of tasks', () => {
  const baseline = { runs: [[999, 10]], failed: [[999, 2]], retried: [], runTimes: [[10, 5]] } as const;

  test('a snapshot contains the baselines of known and of restored tasks', () => {
    const tasks = new Tasks();
    tasks.restore([['restored', baseline]]);
    tasks.of('known').addAttempt(ended({ runtimeMs: 1 }), true);
    assert.deepEqual(tasks.snapshot(), [
      ['restored', baseline],
      ['known', { runs: [[1_000, 1]], failed: [], retried: [], runTimes: [[0, 1]] }],
    ]);
  });

  test('a restored task starts with its baselines', () => {
    const tasks = new Tasks();
    tasks.restore([['mail.send', baseline]]);
    const task = tasks.of('mail.send');
    assert.equal(task.baselineRuns.total(now), 10);
    assert.equal(task.baselineFailures.total(now), 2);
    assert.equal(task.runTimes.total, 5);
    assert.equal(task.runs.count(now, minute), 0, 'windows are not restored');
  });

  test('two snapshots of a task are merged by the greater count', () => {
    const tasks = new Tasks();
    tasks.restore([['mail.send', baseline]]);
    tasks.restore([
      [
        'mail.send',
        {
          runs: [
            [999, 7],
            [1_000, 1],
          ],
          failed: [[999, 3]],
          retried: [],
          runTimes: [[10, 4]],
        },
      ],
    ]);
    assert.deepEqual(tasks.snapshot(), [
      [
        'mail.send',
        {
          runs: [
            [999, 10],
            [1_000, 1],
          ],
          failed: [[999, 3]],
          retried: [],
          runTimes: [[10, 5]],
        },
      ],
    ]);
  });

  test('a snapshot restored into a known task is merged too', () => {
    const tasks = new Tasks();
    const task = tasks.of('mail.send');
    task.addAttempt(ended(), true);
    tasks.restore([['mail.send', baseline]]);
    assert.equal(task.baselineRuns.total(now), 11);
    assert.equal(task.runTimes.total, 5);
  });
});
