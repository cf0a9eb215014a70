/**
 * The truth does not depend on the order of arrival, on lost or repeated events, or on the clocks of hosts. Each case is a
 * true course of a task, disturbed; the oracle knows the course and nothing of the lifecycle.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calm, type Disturbance, disturb, disturbances } from '../../test/any-order/disturb.ts';
import { contradictions } from '../../test/any-order/oracle.ts';
import { type Plan, planKinds, plans, scriptOf } from '../../test/any-order/plan.ts';
import { play } from '../../test/any-order/play.ts';
import { runsOf } from '../../test/any-order/runs.ts';
import { type Script, type ScriptEvent, textOf } from '../../test/any-order/script.ts';
import { storyStart } from '../../test/fakes/task-story.ts';
import type { TaskId } from '../event/ids.ts';

const start = storyStart;
const runs = runsOf(60);

function scriptsOf(some: readonly Plan[]): Script[] {
  return some.map((plan, index) => scriptOf(plan, `task-${index}` as TaskId, start + index * 37));
}

/** Fails with the arrivals as text, so that a counterexample reads as a story. */
function check(some: readonly Plan[], disturbance: Disturbance, hasHeartbeats = true): void {
  const scripts = scriptsOf(some);
  const disturbed = disturb(
    scripts.flatMap(({ events }) => events),
    disturbance,
  );
  if (disturbed.events.length === 0) return;
  const observed = play({ scripts, events: disturbed.events, clocks: disturbance.clocks, hasHeartbeats });
  const lines = contradictions(scripts, disturbed, observed);
  if (lines.length === 0) return;
  const lineOf = (event: ScriptEvent): string => textOf(event, start);
  assert.fail(
    [
      'contradicts the truth:',
      ...lines,
      `clocks ${JSON.stringify(disturbance.clocks)}`,
      disturbed.lost === undefined ? 'nothing lost' : `lost ${lineOf(disturbed.lost)}`,
      ...disturbed.events.map(lineOf),
    ].join('\n  '),
  );
}

test('retried tasks on hosts whose clocks are wrong, without heartbeats that show it', () => {
  fc.assert(
    fc.property(plans(['plain', 'failed-twice', 'nothrow']), disturbances, (plan, { clocks }) =>
      check([plan], { ...calm, clocks }, false),
    ),
    runs,
  );
});

for (const kind of planKinds) {
  test(`${kind}: on one clock, in order`, () => {
    fc.assert(
      fc.property(plans([kind]), (plan) => check([plan], calm)),
      runs,
    );
  });

  test(`${kind}: with any one event lost`, () => {
    fc.assert(
      fc.property(plans([kind]), fc.nat(20), (plan, dropped) => check([plan], { ...calm, dropped })),
      runs,
    );
  });

  test(`${kind}: with late and repeated events`, () => {
    fc.assert(
      fc.property(plans([kind]), disturbances, (plan, { delayed, repeated }) =>
        check([plan], { ...calm, delayed, repeated }),
      ),
      runs,
    );
  });

  test(`${kind}: with hosts whose clocks are wrong`, () => {
    fc.assert(
      fc.property(plans([kind]), disturbances, (plan, { clocks }) => check([plan], { ...calm, clocks })),
      runs,
    );
  });

  test(`${kind}: with all disturbances together`, () => {
    fc.assert(
      fc.property(plans([kind]), disturbances, (plan, disturbance) => check([plan], disturbance)),
      runs,
    );
  });
}

test('several tasks at once with all disturbances together', () => {
  const several = fc.array(plans(), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(several, disturbances, (some, disturbance) => check(some, disturbance)),
    runs,
  );
});
