/**
 * Real recordings as they would arrive from hosts whose clocks are wrong, with late, repeated and lost events: an end event
 * that is in the stream decides its task, and a failure is counted once.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { Hostname } from '../../src/event/ids.ts';
import type { Event } from '../../src/event/task-event.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import type { TaskSummary } from '../../src/lifecycle/task-summary.ts';
import type { Transition } from '../../src/lifecycle/transition.ts';
import { shiftClock } from '../any-order/disturb.ts';
import { countFailures } from '../any-order/play.ts';
import { runsOf } from '../any-order/runs.ts';
import { allowedOutcomes, type Expected, eventsOf, expectedOf, killedIn, recordings } from './recorded.ts';

type Recorded = Event<Redacted>;

interface Played {
  readonly summaries: ReadonlyMap<string, TaskSummary>;
  readonly failures: ReadonlyMap<string, number>;
}

const sweepMs = 1_000;

function play(events: readonly Recorded[]): Played {
  const lifecycle = new Lifecycle({ ...defaultLifecycleOptions, rememberMs: Number.POSITIVE_INFINITY });
  const transitions: Transition[] = [];
  let now = events[0]?.receivedAt ?? 0;
  for (const event of events) {
    for (; now + sweepMs <= event.receivedAt; now += sweepMs) transitions.push(...lifecycle.sweep(now + sweepMs).tasks);
    lifecycle.apply(event);
  }
  transitions.push(...lifecycle.settleAll(now + sweepMs));
  const summaries = new Map([...lifecycle.summaries()].map((summary) => [summary.task.id, summary]));
  return { summaries, failures: countFailures(transitions) };
}

/** The clock of each host is ahead by one of `offsets`; a result is stamped by the worker that received the task last. */
function withClocks(events: readonly Recorded[], offsets: readonly number[]): Recorded[] {
  const hosts = [...new Set(events.map(({ hostname }) => hostname?.split('@')[1] ?? ''))].sort();
  const clocks = Object.fromEntries(hosts.map((host, index) => [host, offsets[index % offsets.length] ?? 0]));
  const workers = new Map<string, Hostname>();
  return events.map((event) => {
    if (event.type === 'task-received') workers.set(event.id, event.hostname);
    if (event.type !== 'task-result') return shiftClock(event, clocks);
    const hostname = event.hostname ?? workers.get(event.id) ?? ('' as Hostname);
    return { ...event, at: shiftClock({ hostname, at: event.at }, clocks).at };
  });
}

const endTypes: readonly string[] = ['task-succeeded', 'task-failed', 'task-revoked'];

/** The tasks whose last end event is in `events`. */
function decidedIn(events: readonly Recorded[], all: readonly Recorded[]): Set<string> {
  const lastEnds = new Map<string, Recorded>();
  for (const event of all.toSorted((a, b) => a.at - b.at)) if (isEnd(event)) lastEnds.set(event.id, event);
  const present = new Set<Recorded>(events);
  return new Set([...lastEnds].filter(([, end]) => present.has(end)).map(([id]) => id));
}

function isEnd(event: Recorded): event is Extract<Recorded, { id: unknown }> {
  return endTypes.includes(event.type) || (event.type === 'task-rejected' && !event.requeue);
}

/** At most one event of each task is lost, where `chance` is below `share`. */
function withLosses(events: readonly Recorded[], share: number, chance: () => number): Recorded[] {
  const harmed = new Set<string>();
  return events.filter((event) => {
    if (!('id' in event) || harmed.has(event.id) || chance() >= share) return true;
    harmed.add(event.id);
    return false;
  });
}

/** Some task events are late, and some arrive twice. */
function withDelays(events: readonly Recorded[], share: number, chance: () => number): Recorded[] {
  const arrivals = events.flatMap((event): Recorded[] => {
    if (!('id' in event) || event.type === 'task-result') return [event];
    const late = chance() < share ? [{ ...event, receivedAt: event.receivedAt + chance() * 300_000 }] : [event];
    return chance() < share ? [...late, { ...event, receivedAt: event.receivedAt + chance() * 60_000 }] : late;
  });
  return arrivals.sort((a, b) => a.receivedAt - b.receivedAt);
}

/** Random numbers from 0 to 1, the same for the same seed (xorshift). */
function chanceOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The first line about a task that contradicts the truth. Runs of a killed worker may count as lost until their end arrives. */
function contradictionIn({ summaries, failures }: Played, id: string, { truth, killed }: Truth): string | undefined {
  const summary = summaries.get(id);
  const outcome = summary?.outcome ?? 'missing';
  if (allowedOutcomes[truth]?.includes(outcome) !== true) return `${id} was ${truth}, reported as ${outcome}`;
  const count = failures.get(id) ?? 0;
  const least = ['failed', 'exhausted', 'rejected', 'expired'].includes(outcome) ? 1 : 0;
  const lost = summary?.task.attempts.filter(({ hostname }) => killed.has(hostname)).length ?? 0;
  return count >= least && count <= least + lost ? undefined : `${id} is ${outcome} and counts ${count} failures`;
}

interface Truth {
  readonly truth: string;
  readonly killed: ReadonlySet<string>;
}

function trail(events: readonly Recorded[], id: string): string {
  const about = events.filter((event) => 'id' in event && event.id === id);
  const start = about[0]?.receivedAt ?? 0;
  const second = (at: number): string => ((at - start) / 1_000).toFixed(3);
  return about
    .map((event) => {
      const retries = 'retries' in event ? ` retry ${event.retries}` : '';
      return `+${second(event.receivedAt)} (at ${second(event.at)}) ${event.type}${retries} ${event.hostname}`;
    })
    .join('\n  ');
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const offset = fc.oneof(
  fc.constantFrom(0, 16, -16, 300, -300, 900, -900, 2_000, -10_000),
  fc.integer({ min: -3_600_000, max: 3_600_000 }),
);
const offsets = fc.array(offset, { minLength: 1, maxLength: 5 });
const runs = runsOf(5);

for (const { name, files } of recordings) {
  const title = files.length > 1 ? `${name} with results` : name;
  const expected: Expected = expectedOf(name);
  let events: Recorded[] = [];
  let killed = new Set<string>();
  before(async () => {
    events = (await eventsOf(files)).sort((a, b) => a.receivedAt - b.receivedAt);
    killed = killedIn(events);
  });

  test(`${title}: wrong clocks change no outcome and no count`, () => {
    const want = play(events);
    fc.assert(
      fc.property(offsets, (clocks) => {
        const given = withClocks(events, clocks);
        const got = play(given);
        for (const [id, { outcome, startedCount }] of want.summaries) {
          const summary = got.summaries.get(id);
          const about = `${id}\n  ${trail(given, id)}`;
          assert.deepEqual([summary?.outcome, summary?.startedCount], [outcome, startedCount], about);
          assert.equal(got.failures.get(id), want.failures.get(id), `failures of ${about}`);
        }
      }),
      runs,
    );
  });

  test(`${title}: an end event decides its task in any order, with any clocks, whatever else is lost`, () => {
    fc.assert(
      fc.property(
        seeds,
        offsets,
        fc.constantFrom(0, 0.02, 0.2),
        fc.constantFrom(0, 0.1),
        (seed, clocks, losses, delays) => {
          const chance = chanceOf(seed);
          const left = withLosses(events, losses, chance);
          const given = withDelays(withClocks(left, clocks), delays, chance);
          const played = play(given);
          for (const id of decidedIn(left, events)) {
            const truth = expected[id]?.[2] ?? 'missing';
            const line = contradictionIn(played, id, { truth, killed });
            assert.equal(line, undefined, `${line}\n  ${trail(given, id)}`);
          }
        },
      ),
      runs,
    );
  });
}
