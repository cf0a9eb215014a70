import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute, start } from '../../../test/fakes/detector.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { keyText, type SignalKey } from '../key.ts';
import type { Signal } from '../signal.ts';
import { crashLoop } from '../signals/crash-loop.ts';
import { lostRuns } from '../signals/lost-runs.ts';
import { workerShort } from '../signals/worker-short.ts';
import { type Condition, emptySubject, levelCondition, plainFigures } from './condition.ts';
import { Episodes } from './episodes.ts';

const key: SignalKey = { kind: 'pool', pool: 'celery@mail' };
const definition = workerShort;

function condition(level: Condition['level'], fields: Partial<Condition> = {}): Condition {
  return levelCondition(start, {
    key,
    level,
    firstAt: start,
    clearMs: 2 * minute,
    figures: plainFigures(1, 2),
    subject: { ...emptySubject, title: 'one worker missing' as Redacted },
    ...fields,
  });
}

/** Applies a condition at a time after the start; a level is measured at that time. */
function apply(
  episodes: Episodes,
  level: Condition['level'],
  atMs: number,
  fields: Partial<Condition> = {},
): Signal | undefined {
  return episodes.apply(condition(level, { lastAt: start + atMs, ...fields }), definition, start + atMs);
}

describe('start', () => {
  const cases = [
    { level: 'holds', isSignal: true },
    { level: 'lingers', isSignal: false },
    { level: 'clear', isSignal: false },
  ] as const;
  for (const { level, isSignal } of cases) {
    test(`a condition that ${level === 'clear' ? 'is clear' : level} ${isSignal ? 'starts' : 'does not start'} an episode`, () => {
      const episodes = new Episodes();
      assert.equal(apply(episodes, level, 0) !== undefined, isSignal);
      assert.equal(episodes.has(key), isSignal);
      assert.deepEqual([...episodes.keys()], isSignal ? [keyText(key)] : []);
      assert.deepEqual(episodes.takeCleared(), []);
    });
  }
});

describe('a key that fires', () => {
  test('keeps its start and its name while the condition goes on', () => {
    const episodes = new Episodes();
    apply(episodes, 'holds', 0, { firstAt: start - minute });
    const signal = episodes.apply(
      condition('holds', { firstAt: start + minute, lastAt: start + minute }),
      crashLoop,
      start + minute,
    );
    assert.equal(signal?.firstAt, start - minute);
    assert.equal(signal?.lastAt, start + minute);
    assert.equal(signal?.name, 'worker.short');
  });

  test('holds, lingers, and lingers while it waits to clear', () => {
    const episodes = new Episodes();
    assert.equal(apply(episodes, 'holds', 0)?.state, 'holds');
    assert.equal(apply(episodes, 'lingers', minute)?.state, 'lingers');
    assert.equal(apply(episodes, 'clear', 2 * minute)?.state, 'lingers');
    assert.equal(apply(episodes, 'holds', 2.5 * minute)?.state, 'holds');
  });

  test('keeps its last time when the condition goes back in time', () => {
    const episodes = new Episodes();
    apply(episodes, 'holds', minute);
    assert.equal(apply(episodes, 'holds', minute, { lastAt: start })?.lastAt, start + minute);
  });
});

describe('clear time', () => {
  const cases = [
    { title: 'a key fires until the clear time has passed', afterMs: 2 * minute - 1, isOpen: true },
    { title: 'a key clears at the clear time', afterMs: 2 * minute, isOpen: false },
  ];
  for (const { title, afterMs, isOpen } of cases) {
    test(title, () => {
      const episodes = new Episodes();
      apply(episodes, 'holds', 0);
      assert.equal(apply(episodes, 'clear', afterMs) !== undefined, isOpen);
      assert.equal(episodes.has(key), isOpen);
    });
  }

  test('the clear time starts anew when the condition lingers', () => {
    const episodes = new Episodes();
    apply(episodes, 'holds', 0);
    apply(episodes, 'lingers', minute);
    assert.ok(apply(episodes, 'clear', 3 * minute - 1) !== undefined);
    assert.equal(apply(episodes, 'clear', 3 * minute), undefined);
  });

  test('without a clear time a key clears at once', () => {
    const episodes = new Episodes();
    apply(episodes, 'holds', 0);
    assert.equal(apply(episodes, 'clear', 0, { clearMs: 0 }), undefined);
  });

  test('a cleared key is taken once, and its next episode has a new start', () => {
    const episodes = new Episodes();
    apply(episodes, 'holds', 0);
    apply(episodes, 'clear', 2 * minute);
    assert.deepEqual(episodes.forgotten(), []);
    assert.deepEqual(episodes.takeCleared(), [keyText(key)]);
    assert.deepEqual(episodes.takeCleared(), []);
    assert.equal(apply(episodes, 'holds', 5 * minute, { firstAt: start + 5 * minute })?.firstAt, start + 5 * minute);
  });
});

test('a key whose evidence was dropped is forgotten when it clears', () => {
  const episodes = new Episodes();
  apply(episodes, 'holds', 0);
  apply(episodes, 'clear', minute, { clearMs: 0, isForgotten: true });
  assert.deepEqual(episodes.forgotten(), [keyText(key)]);
  episodes.takeCleared();
  assert.deepEqual(episodes.forgotten(), []);
});

describe('total', () => {
  test('counts since the start of the episode', () => {
    const episodes = new Episodes();
    assert.equal(apply(episodes, 'holds', 0, { counter: { now: 10, atFirst: 7 } })?.total, 3);
    assert.equal(apply(episodes, 'holds', minute, { counter: { now: 15, atFirst: 12 } })?.total, 8);
  });

  test('has a unit, and parts that add up to it', () => {
    const episodes = new Episodes();
    const counterAt = (now: number, parts: Record<string, number>): Partial<Condition> => ({
      counter: { now, atFirst: 1, parts: { now: parts, atFirst: { SIGKILL: 1 } } },
    });
    const definition = lostRuns;
    const first = episodes.apply(condition('holds', counterAt(3, { SIGKILL: 3 })), definition, start);
    assert.deepEqual([first?.total, first?.noun, first?.parts], [2, 'attempts lost', { SIGKILL: 2 }]);
    const next = episodes.apply(condition('holds', counterAt(5, { SIGKILL: 4, SIGABRT: 1 })), definition, start);
    assert.deepEqual([next?.total, next?.parts], [4, { SIGKILL: 3, SIGABRT: 1 }]);
  });

  test('is never negative, also after a restart of the counter', () => {
    const episodes = new Episodes();
    apply(episodes, 'holds', 0, { counter: { now: 10, atFirst: 7 } });
    assert.equal(apply(episodes, 'holds', minute, { counter: { now: 2, atFirst: 0 } })?.total, 0);
  });

  test('is undefined for a level', () => {
    assert.equal(apply(new Episodes(), 'holds', 0)?.total, undefined);
  });
});

describe('severity', () => {
  const cases = [
    { own: undefined, want: 'high' },
    { own: 'critical', want: 'critical' },
    { own: 'normal', want: 'normal' },
  ] as const;
  for (const { own, want } of cases) {
    test(`${own ?? 'no severity'} of the condition results in ${want}`, () => {
      assert.equal(apply(new Episodes(), 'holds', 0, { severity: own })?.severity, want);
    });
  }
});

describe('keys by kind', () => {
  test('a condition of its own is another list', () => {
    const episodes = new Episodes();
    const crashLoop: SignalKey = { kind: 'pool', condition: 'crash-loop', pool: 'celery@mail' };
    const task: SignalKey = { kind: 'task', task: 'mail.send' };
    for (const one of [key, crashLoop, task]) apply(episodes, 'holds', 0, { key: one });
    assert.deepEqual(episodes.of('pool'), [key]);
    assert.deepEqual(episodes.of('pool', 'crash-loop'), [crashLoop]);
    assert.deepEqual(episodes.of('task'), [task]);
    assert.deepEqual(episodes.of('task', 'stuck'), []);
  });

  test('equal keys are one episode', () => {
    const episodes = new Episodes();
    apply(episodes, 'holds', 0);
    assert.equal(episodes.has({ kind: 'pool', pool: 'celery@mail' }), true);
    assert.equal(episodes.has({ kind: 'pool', pool: 'celery@web' }), false);
  });

  test('beyond 10,000 keys the oldest is evicted', () => {
    const episodes = new Episodes();
    for (let count = 0; count <= 10_000; count += 1)
      apply(episodes, 'holds', 0, { key: { kind: 'task', task: `task-${count}` } });
    assert.equal(episodes.has({ kind: 'task', task: 'task-0' }), false);
    assert.equal(episodes.has({ kind: 'task', task: 'task-1' }), true);
    assert.equal(episodes.has({ kind: 'task', task: 'task-10000' }), true);
  });
});
