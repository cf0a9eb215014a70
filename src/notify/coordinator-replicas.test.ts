/**
 * Several instances over one stream act as one. Properties for 2 to 4 instances and any order of their ticks:
 *
 *   - If each receives every event, they post exactly what a single instance posts: the same incidents, lines and reminders,
 *     each once.
 *   - If each loses some events, and at least one receives each failure, and one failure opens an incident: they open the same
 *     incidents, each with one root message that ends on the final state, and resolve and reopen them as often. Counts may be
 *     lower, because evidence is merged by the maximum.
 *   - If each loses some events and failures are counted up to a threshold, without a baseline: every incident that one of them
 *     would open alone is opened, and none that an instance with every event would not open.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createAlertFleet,
  incidentIn,
  minuteMs,
  opensAtOnce,
  opensAtThree,
  type Posted,
} from '../../test/fakes/alert-fleet.ts';
import { openedAt } from '../../test/fakes/incident.ts';
import type { Policy } from '../alert/policy.ts';

interface Stream {
  /** Determines the order of the instances' ticks. */
  readonly seed: number;
  readonly events: readonly { readonly gapMs: number; readonly receivedBy: number; readonly cause: number }[];
}

const anyStream: fc.Arbitrary<Stream> = fc.record({
  seed: fc.nat(1_000_000),
  events: fc.array(
    fc.record({
      gapMs: fc.oneof(fc.nat(900), fc.nat(30_000), fc.nat(400_000), fc.constant(11 * minuteMs)),
      receivedBy: fc.nat(15),
      cause: fc.nat(2),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});
const anyCount = fc.integer({ min: 2, max: 4 });

/** Plays a stream. `receives` selects the instances that receive an event; at least one does. */
async function played(
  { seed, events }: Stream,
  instances: number,
  policy: Policy,
  receives: (receivedBy: number, instance: number) => boolean,
): Promise<Posted[]> {
  const fleet = createAlertFleet({ instances, policy });
  const turns = turnsOf(seed);
  const order = () => fleet.sinks.toSorted(() => turns() - 0.5);
  let at = openedAt;
  // An instance judges silence only after it has received events for a while.
  await fleet.pass(40_000);
  at = fleet.clock.now();
  for (const [index, { gapMs, receivedBy, cause }] of events.entries()) {
    at += gapMs;
    // Seconds around a failure, and longer steps while nothing happens.
    for (let left = at - fleet.clock.now(); left >= 1_000; left = at - fleet.clock.now())
      await fleet.pass(stepMs(left), stepMs(left), order);
    const selected = fleet.sinks.filter((_, instance) => receives(receivedBy, instance));
    const facts = {
      id: `failure-${index}`,
      task: `task-${cause}`,
      fingerprint: `cause-${cause}`,
      title: `Cause ${cause}`,
    };
    const receiving = selected.length === 0 ? fleet.sinks.slice(0, 1) : selected;
    fleet.fail({ ...facts, queue: `queue-${cause}` }, receiving);
    // The daemon ticks once a second, the coarse steps below do not.
    for (const sink of receiving) await sink.tick();
  }
  await fleet.pass(30_000, 1_000, order);
  await fleet.pass(150 * minuteMs, 60_000, order);
  assert.deepEqual(
    fleet.notices.filter(({ kind }) => kind === 'bug'),
    [],
  );
  return fleet.channel.posts;
}

function stepMs(leftMs: number): number {
  return leftMs > 20_000 ? 10_000 : 1_000;
}

function turnsOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const all = () => true;
const some = (receivedBy: number, instance: number): boolean => ((receivedBy >> instance) & 1) === 1;
const idsOf = (posts: readonly Posted[]): string[] => posts.map(({ notification }) => notification.id).sort();
const rootsOf = (posts: readonly Posted[]): Posted[] =>
  posts.filter(({ notification }) => notification.action === 'post');
const causesOf = (posts: readonly Posted[]): string[] =>
  rootsOf(posts)
    .map(({ notification }) => incidentIn(notification).keys[0]!.key)
    .sort();

/** How often each cause ended and came back. */
const turnsIn = (posts: readonly Posted[]): string[] =>
  rootsOf(posts)
    .flatMap(({ says }) => incidentIn(says).lines.map(({ what }) => `${incidentIn(says).keys[0]!.key} ${what}`))
    .filter((line) => / (?:resolved|reopened)$/.test(line))
    .sort();

function assertEnded(posts: readonly Posted[]): void {
  assert.equal(new Set(idsOf(posts)).size, posts.length, 'nothing is posted twice');
  for (const { says } of rootsOf(posts)) assert.equal(incidentIn(says).phase.name, 'resolved');
}

for (const [name, policy] of [
  ['where one failure is enough', opensAtOnce],
  ['where failures are counted', { ...opensAtThree, waitMs: 20_000, remindersMs: [5 * minuteMs, 20 * minuteMs] }],
] as const) {
  test(`with every event, several post exactly what one posts, ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(anyStream, anyCount, async (stream, instances) => {
        const alone = await played(stream, 1, policy, all);
        const together = await played(stream, instances, policy, all);
        assertEnded(together);
        assert.deepEqual(idsOf(together), idsOf(alone));
      }),
      { numRuns: 10 },
    );
  });
}

test('each losing other events, several open the incidents that one with every event opens', async () => {
  await fc.assert(
    fc.asyncProperty(anyStream, anyCount, async (stream, instances) => {
      const alone = await played(stream, 1, opensAtOnce, all);
      const together = await played(stream, instances, opensAtOnce, some);
      assertEnded(together);
      assert.deepEqual(causesOf(together), causesOf(alone));
      assert.deepEqual(turnsIn(together), turnsIn(alone), 'an instance does not resolve what another still observes');
    }),
    { numRuns: 12 },
  );
});

const { surge } = opensAtThree.thresholds;
const byCountAlone: Policy = {
  ...opensAtThree,
  thresholds: { ...opensAtThree.thresholds, surge: { ...surge, min: 3, factor: 0 } },
};

test('each losing other events where failures are counted: no incident is missing, and none is added', async () => {
  // Without a baseline, so that the count alone decides: an instance with more history of a cause has a higher threshold.
  await fc.assert(
    fc.asyncProperty(anyStream, anyCount, async (stream, instances) => {
      const everything = new Set(causesOf(await played(stream, 1, byCountAlone, all)));
      const together = await played(stream, instances, byCountAlone, some);
      assertEnded(together);
      const opened = new Set(causesOf(together));
      for (const cause of opened) assert.ok(everything.has(cause), `${cause} would not have been opened by one`);
      for (let instance = 0; instance < instances; instance += 1) {
        const own: Stream = {
          ...stream,
          events: stream.events.map((event) => ({
            ...event,
            cause: some(event.receivedBy, instance) ? event.cause : 99,
          })),
        };
        const seen = await played({ ...own, events: silenced(own.events) }, 1, byCountAlone, all);
        for (const cause of causesOf(seen)) assert.ok(opened.has(cause), `${cause} was seen by one and opened by none`);
      }
    }),
    { numRuns: 12 },
  );
});

/** Without the events of the excluded cause, whose time passes all the same. */
function silenced(events: Stream['events']): Stream['events'] {
  const received: Stream['events'][number][] = [];
  let waited = 0;
  for (const event of events) {
    if (event.cause === 99) waited += event.gapMs;
    else {
      received.push({ ...event, gapMs: event.gapMs + waited });
      waited = 0;
    }
  }
  return received;
}
