/** A restart at any moment of an incident gives the messages that no restart would have given. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createAlertFleet, incidentIn, minuteMs, opensAtThree } from '../../test/fakes/alert-fleet.ts';
import type { Policy } from '../alert/policy.ts';

const second = 1_000;
const policy: Policy = { ...opensAtThree, waitMs: 20 * second };

interface Restart {
  readonly atS: number;
  readonly downS: number;
  readonly how: 'kill' | 'stop';
  /** Instances before and after; the first one restarts. */
  readonly replicas: number;
}

/** Seconds at which a cause fails. */
type Timeline = readonly { readonly atS: number; readonly cause: number }[];

/** Time after the last failure in which every count is written. */
const settleS = 70;

/** Root messages as `cause: count`, sorted. */
async function messagesOf(timeline: Timeline, restart?: Restart): Promise<string[]> {
  const fleet = createAlertFleet({ policy, instances: restart?.replicas ?? 1 });
  const failures = Map.groupBy(timeline, ({ atS }) => atS);
  const endS = settleS + Math.max((restart?.atS ?? 0) + (restart?.downS ?? 0), ...timeline.map(({ atS }) => atS));
  for (let now = 0; now < endS; now += 1) {
    if (now === restart?.atS) {
      const [ended] = fleet.sinks.splice(0, 1);
      if (restart.how === 'stop') await ended!.stop();
    }
    if (restart !== undefined && now === restart.atS + restart.downS) fleet.sinks.push(fleet.create('successor'));
    for (const [index, { cause }] of (failures.get(now) ?? []).entries())
      fleet.fail({
        id: `${now}-${index}`,
        fingerprint: `cause-${cause}`,
        title: `cause ${cause}`,
        task: `task-${cause}`,
      });
    await fleet.pass(second);
  }
  assert.deepEqual(
    fleet.notices.filter(({ kind }) => kind === 'bug'),
    [],
  );
  return fleet.channel
    .roots()
    .map(({ says }) => `${incidentIn(says).subject.title}: ${incidentIn(says).count}`)
    .sort();
}

const timelines: fc.Arbitrary<Timeline> = fc
  .array(
    fc.record({
      cause: fc.nat(2),
      fromS: fc.integer({ min: 10, max: 300 }),
      times: fc.integer({ min: 1, max: 12 }),
      everyS: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((bursts) =>
    bursts.flatMap(({ cause, fromS, times, everyS }) =>
      Array.from({ length: times }, (_, index) => ({ cause, atS: fromS + index * everyS })),
    ),
  );

const restarts = (replicas: number): fc.Arbitrary<Restart> =>
  fc.record({
    atS: fc.integer({ min: 5, max: 300 }),
    downS: fc.integer({ min: 3, max: 60 }),
    how: fc.constantFrom('kill', 'stop'),
    replicas: fc.constant(replicas),
  });

describe('a restart at any moment', () => {
  test('of a single instance changes no message and no count, but for failures while it was down', async () => {
    const property = fc.asyncProperty(timelines, restarts(1), async (timeline, restart) => {
      const { atS, downS } = restart;
      const observed = timeline.filter(({ atS: at }) => at < atS || at >= atS + downS);
      assert.deepEqual(await messagesOf(observed, restart), await messagesOf(observed));
    });
    await fc.assert(property, { numRuns: 25 });
  });

  test('of one of two instances changes no message and no count', async () => {
    const property = fc.asyncProperty(timelines, restarts(2), async (timeline, restart) => {
      assert.deepEqual(await messagesOf(timeline, restart), await messagesOf(timeline));
    });
    await fc.assert(property, { numRuns: 10 });
  });

  for (const how of ['kill', 'stop'] as const) {
    test(`within the collection time, by ${how}, loses nothing`, async () => {
      const timeline = [10, 11, 12, 13, 14].map((atS) => ({ atS, cause: 0 }));
      const restart = { atS: 16, downS: 6, how, replicas: 1 };
      assert.deepEqual(await messagesOf(timeline, restart), ['cause 0: 5']);
    });

    test(`between the failures of one incident, by ${how}, goes on with the count`, async () => {
      const timeline = Array.from({ length: 40 }, (_, index) => ({ atS: 10 + 3 * index, cause: 0 }));
      const restart = { atS: 60, downS: 3, how, replicas: 1 };
      const missed = timeline.filter(({ atS }) => atS >= 60 && atS < 63).length;
      assert.deepEqual(await messagesOf(timeline, restart), [`cause 0: ${40 - missed}`]);
    });
  }
});

test('without a shared store nothing is saved', async () => {
  const fleet = createAlertFleet({ policy, isShared: false });
  for (const id of ['a', 'b', 'c']) fleet.fail({ id });
  await fleet.pass(minuteMs);
  assert.equal(await fleet.memory().loadEvidence(), undefined);
});
