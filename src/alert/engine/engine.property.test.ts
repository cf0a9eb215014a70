/** Properties of any stream of observations: each failure is counted once, no reminder comes twice, each posted incident ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bench, createBench, tuesday } from '../../../test/fakes/engine.ts';
import { newFailureThresholds, surgeThresholds } from '../detection/cause-thresholds.ts';
import { defaultTerms } from '../detection/thresholds.ts';
import { parseKey } from '../key.ts';
import { matchesEverything } from '../matcher.ts';
import type { Policy } from '../policy.ts';
import { defaultThresholds } from '../signals/registry.ts';

const minute = 60_000;
const hour = 60 * minute;

type Happening =
  | {
      readonly what: 'fail';
      readonly afterMs: number;
      readonly task: string;
      readonly cause: string;
      readonly times: number;
      readonly died: boolean;
    }
  | { readonly what: 'succeed'; readonly afterMs: number; readonly task: string; readonly times: number }
  | { readonly what: 'ack' | 'resolve' | 'archive' | 'snooze' | 'silence'; readonly afterMs: number };

const afterMs = fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 20 * minute }));
const task = fc.constantFrom('billing.charge', 'mail.send', 'payouts.send');
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('fail' as const),
      afterMs,
      task,
      cause: fc.constantFrom('a', 'b'),
      times: fc.integer({ min: 1, max: 6 }),
      died: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('succeed' as const),
      afterMs,
      task,
      times: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constantFrom('ack', 'resolve', 'archive', 'snooze', 'silence'), afterMs }),
  },
);
const stream = fc.array(happening, { minLength: 1, maxLength: 25 });

const policies: readonly Partial<Policy>[] = [
  {},
  { budgets: { default: { burst: 1, perHour: 1 }, byChannel: {} } },
  { remindersMs: [7 * minute, 15 * minute] },
  {
    remindersMs: [10 * minute],
    tasks: [
      {
        match: ['payouts.*'],
        severity: 'critical',
        mute: undefined,
        ignore: [],
        isIdempotent: true,
        queue: undefined,
        thresholds: {},
      },
    ],
    silences: [
      { id: 's', match: { ...matchesEverything, tasks: ['mail.*'] }, until: tuesday + hour, reason: 'r', by: 'U1' },
    ],
  },
];
const policy = fc.constantFrom(...policies);
const stepMs = 5_000;
/** Reminders are due at fixed times, and each may be late until the next evaluation or the end of a snooze. */
const lateMs = 2 * stepMs;

/** Returns the number of failures. */
function play(bench: Bench, happenings: readonly Happening[]): number {
  let failures = 0;
  for (const one of happenings) {
    bench.pass(one.afterMs, stepMs);
    const incident =
      bench.book().incidents.findLast(({ phase, rev }) => phase.name === 'open' && rev > 0)?.id ?? 'none';
    if (one.what === 'fail') {
      failures += one.times;
      for (let count = 0; count < one.times; count += 1) bench.fail(one);
    } else if (one.what === 'succeed') for (let count = 0; count < one.times; count += 1) bench.succeed(one.task);
    else if (one.what === 'snooze')
      bench.execute({ what: 'snooze', incident, by: 'U1', until: bench.now() + 20 * minute });
    else if (one.what !== 'silence') bench.execute({ what: one.what, incident, by: 'U1' });
    else {
      const silence = {
        id: 'x',
        match: { ...matchesEverything, tasks: ['billing.*'] },
        until: bench.now() + 30 * minute,
        reason: 'r',
        by: 'U1',
      };
      bench.execute({ what: 'silence', silence });
    }
  }
  bench.pass(stepMs, stepMs);
  return failures;
}

test('exactly one decision accounts for each failure', () => {
  fc.assert(
    fc.property(policy, stream, (given, happenings) => {
      const bench = createBench(given);
      const failures = play(bench, happenings);
      assert.equal(
        bench.decisions.reduce((sum, decision) => sum + decision.failures, 0),
        failures,
      );
    }),
    { numRuns: 30 },
  );
});

test('an incident has one root message, and its reminders are at least the shortest step apart', () => {
  fc.assert(
    fc.property(policy, stream, (given, happenings) => {
      const bench = createBench(given);
      play(bench, happenings);
      bench.pass(2 * hour, stepMs);
      const least = Math.min(...(given.remindersMs ?? [4 * hour]));
      const byIncident = Map.groupBy(bench.decisions, ({ incident }) => incident);
      for (const [incident, decisions] of byIncident) {
        if (incident === undefined) continue;
        const shown = decisions.filter(
          ({ verdict }) =>
            verdict.notify &&
            ['post', 'reminder'].includes(verdict.action) &&
            verdict.reason !== 'storm' &&
            verdict.reason !== 'summary',
        );
        assert.ok(shown.filter(({ verdict }) => verdict.notify && verdict.action === 'post').length <= 1, 'two roots');
        for (const [index, { at }] of shown.entries())
          assert.ok(
            index === 0 || at - (shown[index - 1]?.at ?? 0) >= least - lateMs,
            `${at - (shown[index - 1]?.at ?? 0)} ms apart`,
          );
      }
    }),
    { numRuns: 30 },
  );
});

test('each posted incident ends: no incident stays open, and the channel shows the last revision', () => {
  fc.assert(
    fc.property(policy, stream, (given, happenings) => {
      const bench = createBench(given);
      play(bench, happenings);
      const seen = new Map<string, { rev: number; shownRev: number; isOver: boolean }>();
      for (let passed = 0; passed < 6 * hour; passed += minute) {
        bench.pass(minute, minute);
        for (const { id, rev, receipts, phase } of bench.book().incidents)
          seen.set(id, { rev, shownRev: receipts.slack?.rev ?? 0, isOver: phase.name === 'resolved' });
      }
      for (const [id, { rev, shownRev, isOver }] of seen) {
        assert.ok(isOver, `${id} is still open`);
        assert.equal(shownRev, rev, `${id} was forgotten before its end was shown`);
      }
      assert.deepEqual(
        bench.book().incidents.filter(({ phase }) => phase.name !== 'resolved'),
        [],
      );
    }),
    { numRuns: 30 },
  );
});

test('a higher threshold reports no further cause and no cause sooner', () => {
  const raised = (by: number): Partial<Policy> => {
    const newFailure = defaultTerms(newFailureThresholds.fields, 'balanced');
    const surge = defaultTerms(surgeThresholds.fields, 'balanced');
    const afterDeploy = { ...newFailure.afterDeploy, min: newFailure.afterDeploy.min + by };
    return {
      thresholds: {
        ...defaultThresholds('balanced'),
        newFailure: { ...newFailure, min: newFailure.min + by, afterDeploy },
        surge: { ...surge, min: surge.min + by },
      },
    };
  };
  const onlyRuns = fc.array(
    happening.filter(({ what }) => what === 'fail' || what === 'succeed'),
    { minLength: 1, maxLength: 25 },
  );
  fc.assert(
    fc.property(onlyRuns, fc.integer({ min: 1, max: 6 }), (happenings, by) => {
      const [low, high] = [
        firstHeld(createBench(raised(0)), happenings),
        firstHeld(createBench(raised(by)), happenings),
      ];
      for (const [key, at] of high) {
        const before = low.get(key);
        assert.ok(
          before !== undefined && before <= at,
          `${key}: ${at} with the higher count, ${before} with the lower`,
        );
      }
    }),
    { numRuns: 30 },
  );
});

/** Time of the first signal of each cause. */
function firstHeld(bench: Bench, happenings: readonly Happening[]): Map<string, number> {
  const first = new Map<string, number>();
  const look = bench.look;
  const watched: Bench = Object.assign(bench, {
    look() {
      const seen = look();
      for (const { key, state } of seen.signals)
        if (parseKey(key)?.kind === 'cause' && state === 'holds' && !first.has(key)) first.set(key, bench.at());
      return seen;
    },
  });
  play(watched, happenings);
  return first;
}
