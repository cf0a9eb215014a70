import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { observedFailure } from '../../../test/fakes/observed-failure.ts';
import type { Fingerprint } from '../../event/ids.ts';
import { Causes, isCountedByPool } from './causes.ts';
import { trendOf, Window } from './sliding-window.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = 1_000 * hour;

const print = (name: string): Fingerprint => name as Fingerprint;

describe('one failure, one count', () => {
  test('a failure that arrives twice is counted once', () => {
    const causes = new Causes();
    assert.equal(causes.add(observedFailure({ id: 'a' }), now, true), true);
    assert.equal(causes.add(observedFailure({ id: 'a' }), now, true), false);
    assert.equal(causes.get('cause-1')?.total, 1);
  });

  test('failures with one fingerprint are one cause, whatever their task', () => {
    const causes = new Causes();
    causes.add(observedFailure({ id: 'a', task: 'mail.send' }), now, true);
    causes.add(observedFailure({ id: 'b', task: 'mail.receive' }), now, true);
    assert.equal(causes.get('cause-1')?.total, 2);
    assert.deepEqual(causes.get('cause-1')?.subject().tasks, ['mail.send', 'mail.receive']);
  });

  test('first and last time are those of the failures, in any order', () => {
    const causes = new Causes();
    causes.add(observedFailure({ id: 'a' }), now, true);
    causes.add(observedFailure({ id: 'b' }), now - minute, true);
    const cause = causes.get('cause-1');
    assert.deepEqual([cause?.firstAt, cause?.lastAt], [now - minute, now]);
  });

  test('a failure of an open incident stays out of the baseline', () => {
    const causes = new Causes();
    causes.add(observedFailure({ id: 'a' }), now, true);
    causes.add(observedFailure({ id: 'b' }), now, false);
    assert.equal(causes.get('cause-1')?.baseline.total(now), 1);
    assert.equal(causes.get('cause-1')?.window.count(now, minute), 2);
  });
});

describe('attempts lost with their worker are counted by pool', () => {
  const cases = [
    { name: 'worker lost on a known worker', cause: 'worker-lost', host: 'celery@mail-1', byPool: true },
    { name: 'worker lost on an unknown worker', cause: 'worker-lost', host: undefined, byPool: true },
    { name: 'an error of the application', cause: 'app-error', host: 'celery@mail-1', byPool: false },
  ] as const;
  for (const { name, cause, host, byPool } of cases) {
    test(`${name}: ${byPool ? 'by pool' : 'by cause'}`, () => {
      const failure = observedFailure({ id: 'a', cause, host });
      assert.equal(isCountedByPool(failure), byPool);
      const causes = new Causes();
      causes.add(failure, now, true);
      assert.equal(causes.get('cause-1')?.unreported, byPool ? 0 : 1);
    });
  }
});

describe('the causes of a task', () => {
  test('are the last twenty, the most recent last', () => {
    const causes = new Causes();
    for (let index = 0; index <= 20; index += 1)
      causes.add(observedFailure({ id: `${index}`, fingerprint: `cause-${index}` }), now, true);
    causes.add(observedFailure({ id: 'again', fingerprint: 'cause-1' }), now, true);
    const known = causes.of('mail.send').map(({ fingerprint }) => fingerprint);
    assert.equal(known.length, 20);
    assert.equal(known.includes(print('cause-0')), false);
    assert.equal(known.at(-1), 'cause-1');
    assert.deepEqual(causes.of('never.failed'), []);
  });

  test('a failure without a task name belongs to no task', () => {
    const causes = new Causes();
    causes.add(observedFailure({ id: 'a', task: undefined }), now, true);
    assert.deepEqual(causes.get('cause-1')?.subject().tasks, []);
  });
});

describe('the subject of a cause', () => {
  test('names places in the order of their first failure, each once', () => {
    const causes = new Causes();
    for (const [index, host] of ['celery@mail-2', 'celery@mail-1', 'celery@mail-2'].entries())
      causes.add(observedFailure({ id: `${index}`, host, queue: `queue-${index}` }), now, true);
    const subject = causes.get('cause-1')?.subject();
    assert.deepEqual(subject?.hosts, ['celery@mail-2', 'celery@mail-1']);
    assert.deepEqual(subject?.pools, ['celery@mail']);
    assert.deepEqual(subject?.queues, ['queue-0', 'queue-1', 'queue-2']);
  });

  test('names at most twenty places', () => {
    const causes = new Causes();
    for (let index = 0; index < 25; index += 1)
      causes.add(observedFailure({ id: `${index}`, host: `celery@mail-${index}` }), now, true);
    assert.equal(causes.get('cause-1')?.subject().hosts.length, 20);
  });

  test('shows the last failure as the example', () => {
    const causes = new Causes();
    causes.add(observedFailure({ id: 'a', taskId: 'task-a', title: 'Timeout: 5 s' }), now, true);
    causes.add(observedFailure({ id: 'b', taskId: 'task-b', title: 'Timeout: 9 s' }), now, true);
    const subject = causes.get('cause-1')?.subject();
    assert.equal(subject?.title, 'Timeout: 9 s');
    assert.equal(subject?.example?.taskId, 'task-b');
  });
});

describe('trend of the last five minutes against the five before', () => {
  const cases = [
    { before: 0, last: 1, want: 'steady' },
    { before: 0, last: 200, want: 'steady' },
    { before: 2, last: 200, want: 'steady' },
    { before: 3, last: 5, want: 'steady' },
    { before: 3, last: 6, want: 'rising' },
    { before: 5, last: 3, want: 'steady' },
    { before: 6, last: 3, want: 'falling' },
    { before: 0, last: 0, want: 'steady' },
  ] as const;
  const windowOf = (before: number, last: number, lastAgoMs = 2 * minute): Window => {
    const window = new Window(30 * minute);
    window.add(now - 7 * minute, before);
    window.add(now - lastAgoMs, last);
    return window;
  };
  for (const { before, last, want } of cases) {
    test(`${before}, then ${last}: ${want}`, () => assert.equal(trendOf(windowOf(before, last), now, 0), want));
  }

  for (const { before, last } of [
    { before: 3, last: 60 },
    { before: 60, last: 3 },
  ]) {
    test(`${before}, then ${last}: steady unless both periods were observed completely`, () => {
      const window = windowOf(before, last, 10_000);
      assert.equal(trendOf(window, now, now - 10 * minute + 1), 'steady');
      assert.notEqual(trendOf(window, now, now - 10 * minute), 'steady');
    });
  }

  for (const [agoMs, want] of [
    [30_000, 'rising'],
    [50_000, 'steady'],
  ] as const) {
    test(`30 failures in a burst ${agoMs} ms ago are ${want}: the pace was one in 10 s`, () => {
      assert.equal(trendOf(windowOf(3, 30, agoMs), now, 0), want);
    });
  }
});

describe('snapshots', () => {
  const baseline = { firstAt: now - 5 * hour, hours: [[999, 4]] as const };

  test('a restored baseline counts once its cause fails', () => {
    const causes = new Causes();
    causes.restore([[print('cause-1'), baseline]]);
    assert.equal(causes.get('cause-1'), undefined, 'no failure of it has been observed here');
    causes.add(observedFailure({ id: 'a' }), now, true);
    assert.equal(causes.get('cause-1')?.firstAt, now - 5 * hour);
    assert.equal(causes.get('cause-1')?.baseline.total(now), 5);
    assert.equal(causes.get('cause-1')?.total, 1, 'counted here since the start');
  });

  test('a baseline restored into a known cause takes the greater count of each hour', () => {
    const causes = new Causes();
    causes.add(observedFailure({ id: 'a' }), 999 * hour, true);
    causes.restore([[print('cause-1'), baseline]]);
    assert.deepEqual(causes.get('cause-1')?.baseline.counts(), [[999, 4]]);
    assert.equal(causes.get('cause-1')?.firstAt, now - 5 * hour);
  });

  test('two restored baselines are merged, and a snapshot returns them unchanged', () => {
    const causes = new Causes();
    causes.restore([[print('cause-1'), baseline]]);
    causes.restore([
      [
        print('cause-1'),
        {
          firstAt: now,
          hours: [
            [999, 6],
            [1_000, 1],
          ],
        },
      ],
    ]);
    assert.deepEqual(causes.snapshot(), [
      [
        'cause-1',
        {
          firstAt: now - 5 * hour,
          hours: [
            [999, 6],
            [1_000, 1],
          ],
        },
      ],
    ]);
  });

  test('a cause is touched until the evaluation has settled', () => {
    const causes = new Causes();
    causes.add(observedFailure({ id: 'a' }), now, true);
    causes.add(observedFailure({ id: 'b' }), now, true);
    assert.deepEqual(
      [...causes.touched()].map(({ fingerprint }) => fingerprint),
      ['cause-1'],
    );
    causes.clearTouched();
    assert.deepEqual([...causes.touched()], []);
  });
});

test('the cause that failed longest ago is forgotten first', () => {
  const causes = new Causes();
  for (let index = 0; index < 5_000; index += 1)
    causes.add(observedFailure({ id: `${index}`, fingerprint: `cause-${index}` }), now, true);
  causes.add(observedFailure({ id: 'again', fingerprint: 'cause-0' }), now, true);
  causes.add(observedFailure({ id: 'new', fingerprint: 'cause-new' }), now, true);
  assert.ok(causes.get('cause-0') !== undefined);
  assert.equal(causes.get('cause-1'), undefined);
});
