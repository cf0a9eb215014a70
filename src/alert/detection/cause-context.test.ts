import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createDetectorBench,
  type DetectorBench,
  day,
  deployAt,
  hour,
  markAt,
  minute,
  second,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import type { ObservedFailureFields } from '../../../test/fakes/observed-failure.ts';
import { keyText, type SignalKey } from '../key.ts';
import { matchesEverything } from '../matcher.ts';
import {
  type CauseContext,
  causeCondition,
  causeContext,
  causeSuppression,
  countAgainstBaseline,
  isKnown,
  isUnmarked,
  longWindow,
} from './cause-context.ts';
import { type Evaluation, plainFigures } from './condition.ts';

const key: SignalKey = { kind: 'cause', fingerprint: 'cause-1' };
const windowMs = 10 * minute;

function contextOf(bench: DetectorBench, parts?: Partial<Evaluation>): CauseContext {
  const cause = bench.evidence.causes.get('cause-1');
  assert.ok(cause !== undefined, 'the cause has not failed');
  return causeContext(bench.evaluation(parts), cause);
}

function failing(times: number, fields: ObservedFailureFields = {}): DetectorBench {
  const bench = createDetectorBench();
  bench.fail(times, fields);
  return bench;
}

describe('marks and severities', () => {
  const other = { ...matchesEverything, tasks: ['news.*'] };
  const cases = [
    { title: 'no mark', marks: [], severity: undefined, isUnmarked: true },
    { title: 'a high severity', marks: [], severity: 'high', isUnmarked: true },
    { title: 'a critical severity', marks: [], severity: 'critical', isUnmarked: false },
    { title: 'a mark', marks: [markAt('archived', start)], severity: undefined, isUnmarked: false },
    {
      title: 'a mark on another task',
      marks: [markAt('archived', start, { match: other })],
      severity: undefined,
      isUnmarked: true,
    },
  ] as const;
  for (const { title, marks, severity, isUnmarked: want } of cases) {
    test(`${title}: ${want ? 'unmarked' : 'for another signal'}`, () => {
      const bench = createDetectorBench({ tasks: [taskPolicy({ match: ['mail.*'], severity })] });
      bench.fail(1);
      assert.equal(isUnmarked(contextOf(bench, { marks })), want);
    });
  }

  test('of several marks the latest applies', () => {
    const marks = [markAt('resolved', start - minute), markAt('archived', start)];
    assert.equal(contextOf(failing(1), { marks }).mark?.state, 'archived');
  });

  test('a cause is open while a signal about it fires', () => {
    const bench = failing(1);
    assert.equal(contextOf(bench).isOpen, false);
    bench.open(key);
    assert.equal(contextOf(bench).isOpen, true);
  });
});

describe('known causes', () => {
  const cases = [
    { title: 'three failures an hour ago are known', failures: 3, firstAgoMs: hour, want: true },
    { title: 'two failures are too few', failures: 2, firstAgoMs: hour, want: false },
    { title: 'less than an hour is too short', failures: 3, firstAgoMs: hour - 1, want: false },
  ];
  for (const { title, failures, firstAgoMs, want } of cases) {
    test(title, () => {
      const bench = createDetectorBench();
      bench.history({ failures, firstAgoMs });
      bench.fail(10);
      assert.equal(isKnown(contextOf(bench), windowMs), want);
    });
  }

  test('failures within the window do not make a cause known, unless they are in an incident of it', () => {
    const bench = createDetectorBench();
    bench.history({ failures: 0, firstAgoMs: 2 * hour });
    bench.fail(10);
    assert.equal(isKnown(contextOf(bench), windowMs), false);
    bench.evidence.openIncidentKeys = new Set([keyText(key)]);
    assert.equal(isKnown(contextOf(bench), windowMs), true);
  });
});

describe('count against the baseline', () => {
  const figures = (bench: DetectorBench) => countAgainstBaseline(contextOf(bench), windowMs, (baseline) => baseline);

  test('a cause without history has no baseline, and chance makes next to nothing of a day without failures', () => {
    const { count, baseline, limit, withinMs } = figures(failing(4));
    assert.deepEqual({ count, baseline, withinMs }, { count: 4, baseline: undefined, withinMs: windowMs });
    assert.equal(limit.toFixed(4), (3 * (windowMs / (day - windowMs))).toFixed(4));
  });

  const short = [
    { title: 'less than an hour without failures is no evidence', observedMs: hour - 1, limit: '0.00' },
    // At most three in the 50 min before the window.
    { title: 'an hour without failures is evidence', observedMs: hour, limit: '0.60' },
  ];
  for (const { title, observedMs, limit } of short) {
    test(title, () => {
      const bench = createDetectorBench({}, { observedMs, listeningMs: 0 });
      bench.fail(1);
      assert.equal(figures(bench).limit.toFixed(2), limit);
    });
  }

  test('failures within the window do not count towards the baseline', () => {
    const bench = createDetectorBench();
    bench.history({ failures: 8 });
    bench.fail(50);
    // Eight are at most 15 by chance.
    assert.equal(figures(bench).baseline?.toFixed(4), (15 * (windowMs / (day - windowMs))).toFixed(4));
  });

  test('during an incident the baseline is that of the time before it', () => {
    const bench = createDetectorBench();
    bench.history({ failures: 8 });
    bench.evidence.openIncidentKeys = new Set([keyText(key)]);
    bench.fail(50);
    assert.equal(figures(bench).baseline?.toFixed(4), (15 * (windowMs / day)).toFixed(4));
  });

  test('attempts count since the first failure, and never fewer than the failures', () => {
    const bench = createDetectorBench();
    bench.attempts(30);
    bench.pass(10 * second);
    bench.fail(2);
    assert.equal(figures(bench).of, 2);
    bench.attempts(9);
    assert.equal(figures(bench).of, 9);
  });

  test('the longer window is three times the configured one', () => assert.equal(longWindow(windowMs), 30 * minute));
});

describe('condition', () => {
  const parts = { level: 'holds', figures: plainFigures(3, 3, windowMs), lastAt: 'last-failure' } as const;

  test('it starts with the cause, or with the window of an older cause', () => {
    const bench = failing(1);
    bench.pass(5 * minute);
    assert.equal(causeCondition(contextOf(bench), parts).firstAt, start);
    bench.pass(15 * minute);
    assert.equal(causeCondition(contextOf(bench), parts).firstAt, start + windowMs);
  });

  test('it ends with the last failure, or now', () => {
    const bench = failing(1);
    bench.pass(minute);
    assert.equal(causeCondition(contextOf(bench), parts).lastAt, start);
    assert.equal(causeCondition(contextOf(bench), { ...parts, lastAt: 'now' }).lastAt, start + minute);
  });

  test('the policy of the task overrides the severity of the signal', () => {
    for (const { own, want } of [
      { own: undefined, want: 'high' },
      { own: 'normal', want: 'normal' },
    ] as const) {
      const bench = createDetectorBench({ tasks: [taskPolicy({ severity: own })] });
      bench.fail(1);
      assert.equal(causeCondition(contextOf(bench), { ...parts, severity: 'high' }).severity, want);
    }
  });

  test('it waits for the time of the policy unless the signal sets another one', () => {
    assert.equal(causeCondition(contextOf(failing(1)), parts).waitMs, 20 * second);
    assert.equal(causeCondition(contextOf(failing(1)), { ...parts, waitMs: 0 }).waitMs, 0);
  });

  test('the counter covers the time since the start, and the failures those that were not reported', () => {
    const bench = failing(4);
    bench.evidence.markReported(key, 4);
    bench.pass(20 * minute);
    bench.fail(3);
    const { counter, failures } = causeCondition(contextOf(bench), parts);
    assert.deepEqual(counter, { now: 7, atFirst: 4 });
    assert.equal(failures, 3);
  });

  test('a suppression has its reason, its key and the failures that were not reported', () => {
    const { key: found, reason, failures } = causeSuppression(contextOf(failing(2)), 'ignored', parts.figures);
    assert.deepEqual({ found, reason, failures }, { found: key, reason: 'ignored', failures: 2 });
  });
});

describe('suspect deploy', () => {
  /** The cause first failed at the start; the condition begins ten minutes before the evaluation. */
  const cases = [
    { title: 'a deploy before the first failure', deployMs: -5 * minute, passedMs: 0, isSuspect: true },
    { title: 'a deploy in the second of the first failure', deployMs: 0, passedMs: 0, isSuspect: true },
    {
      title: 'a deploy in the second of the first failure, long ago,',
      deployMs: 0,
      passedMs: 30 * minute,
      isSuspect: true,
    },
    { title: 'a deploy an hour before the evaluation', deployMs: -hour, passedMs: 0, isSuspect: true },
    { title: 'an older deploy', deployMs: -hour - 1, passedMs: 0, isSuspect: false },
    {
      title: 'a deploy 15 minutes before an old cause grew',
      deployMs: 5 * minute,
      passedMs: 30 * minute,
      isSuspect: true,
    },
    { title: 'a deploy longer before it grew', deployMs: 5 * minute - 1, passedMs: 30 * minute, isSuspect: false },
    {
      title: 'a deploy after the start of the condition',
      deployMs: 20 * minute + 1,
      passedMs: 30 * minute,
      isSuspect: false,
    },
  ];
  for (const { title, deployMs, passedMs, isSuspect } of cases) {
    test(`${title} is ${isSuspect ? '' : 'not '}suspect`, () => {
      const bench = failing(1);
      bench.pass(passedMs);
      const context = contextOf(bench, { deploys: [deployAt(start + deployMs)] });
      const figures = plainFigures(3, 3, windowMs);
      assert.equal(causeCondition(context, { level: 'holds', figures, lastAt: 'now' }).deploy !== undefined, isSuspect);
    });
  }
});

describe('text of the cause', () => {
  const cases = [
    {
      title: 'numbers, quoted names, addresses and redacted values are removed',
      failure: { title: "Timeout: host 10.0.0.7 user 'bob' at 0x7f3a after 30s token [redacted:token]" },
      text: 'Timeout: host # user # at # after # token #',
    },
    { title: 'words stay as they are', failure: { title: 'Timeout: no answer' }, text: 'Timeout: no answer' },
    { title: 'a text without words is no text', failure: { title: 'Timeout: 42' }, text: undefined },
    { title: 'a title without a message is no text', failure: { title: 'Timeout' }, text: undefined },
    { title: 'a failure without an exception has none', failure: { exception: undefined }, text: undefined },
    {
      title: 'a built-in exception of a bug has none',
      failure: { title: 'IndexError: list index out of range', exception: 'IndexError', class: 'bug' },
      text: undefined,
    },
    {
      title: 'a built-in exception of another class has one',
      failure: { title: 'RuntimeError: broker is full', exception: 'RuntimeError', class: 'resource' },
      text: 'RuntimeError: broker is full',
    },
    {
      title: 'an exception of the application has one',
      failure: { title: 'CardError: card was declined', exception: 'CardError', class: 'bug' },
      text: 'CardError: card was declined',
    },
  ] as const;
  for (const { title, failure, text } of cases) {
    test(title, () => {
      const figures = plainFigures(1, 1, windowMs);
      const found = causeCondition(contextOf(failing(1, failure)), { level: 'holds', figures, lastAt: 'now' });
      assert.equal(found.causeText, text);
    });
  }

  test('a long text is cut at 160 characters', () => {
    const figures = plainFigures(1, 1, windowMs);
    const bench = failing(1, { title: `Timeout: ${'word '.repeat(100)}` });
    assert.equal(causeCondition(contextOf(bench), { level: 'holds', figures, lastAt: 'now' }).causeText?.length, 160);
  });
});
