/**
 * Real recordings with mutations: events duplicated, out of order within the settle window, and lost. The reported outcome
 * may become unknown then; it must never become wrong.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/event/task-event.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import type { TaskSummary } from '../../src/lifecycle/task-summary.ts';
import type { Transition } from '../../src/lifecycle/transition.ts';
import { spansOf } from '../../src/sink/otlp/spans.ts';
import { celeryFormat, decode } from '../../src/source/celery/format.ts';
import { readRecordings } from '../../src/source/recording.ts';
import { allowedOutcomes, data, type Expected, eventsOf, expectedOf, killedIn, recordings } from './recorded.ts';

const sweepMs = 1_000;

interface RunResult {
  readonly summaries: Map<string, TaskSummary>;
  readonly transitions: readonly Transition[];
}

function run(events: readonly Event<Redacted>[]): RunResult {
  const lifecycle = new Lifecycle({ ...defaultLifecycleOptions, rememberMs: Number.POSITIVE_INFINITY });
  const transitions: Transition[] = [];
  let now = events[0]?.receivedAt ?? 0;
  for (const event of events) {
    for (; now + sweepMs <= event.receivedAt; now += sweepMs) transitions.push(...lifecycle.sweep(now + sweepMs).tasks);
    lifecycle.apply(event);
  }
  transitions.push(...lifecycle.settleAll(now + sweepMs));
  return { transitions, summaries: new Map([...lifecycle.summaries()].map((summary) => [summary.task.id, summary])) };
}

function summariesOf(events: readonly Event<Redacted>[]): Map<string, TaskSummary> {
  return run(events).summaries;
}

/** One event in ten is up to half a minute late, long after the transitions without it were reported. */
function delayed(events: readonly Event<Redacted>[], chance: () => number): Event<Redacted>[] {
  return events
    .map((event) => ({ ...event, receivedAt: event.receivedAt + (chance() < 0.1 ? chance() * 30_000 : 0) }))
    .sort((a, b) => a.receivedAt - b.receivedAt);
}

/** Each event is up to a second late, and some are duplicated. */
function shaken(events: readonly Event<Redacted>[], chance: () => number): Event<Redacted>[] {
  const doubled = events.flatMap((event) => (chance() < 0.2 ? [event, event] : [event]));
  return doubled
    .map((event) => ({ ...event, receivedAt: event.receivedAt + chance() * 1_000 }))
    .sort((a, b) => a.receivedAt - b.receivedAt);
}

/** A share of the task events is lost, and all events of some seconds. */
function thinned(events: readonly Event<Redacted>[], share: number, chance: () => number): Event<Redacted>[] {
  const [first, last] = [events[0]?.receivedAt ?? 0, events.at(-1)?.receivedAt ?? 0];
  const gapFrom = first + chance() * (last - first);
  const gapTo = gapFrom + chance() * 15_000;
  return events.filter((event) => {
    const isLost = 'id' in event && chance() < share;
    return !isLost && (event.receivedAt < gapFrom || event.receivedAt > gapTo);
  });
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

/** The remaining events of a task and of its workers, for the message of a failed assertion. */
function trail(events: readonly Event<Redacted>[], id: string): string {
  const about = events.filter((event) => 'id' in event && event.id === id);
  const hosts = new Set(about.map(({ hostname }) => hostname));
  const start = about[0]?.at ?? 0;
  return events
    .filter((event) => ('id' in event ? event.id === id : hosts.has(event.hostname)))
    .map(
      (event) =>
        `${((event.at - start) / 1_000).toFixed(1)} ${event.type} ${event.hostname} ${'active' in event ? event.active : ''}`,
    )
    .join('\n');
}

/** The transitions of a task in one line, for the message of a failed assertion. */
function transitionLine(transitions: readonly Transition[], id: string): string {
  return transitions
    .filter(({ task }) => task.id === id)
    .map((one) => [one.kind, 'attempt' in one ? one.attempt?.key : '', 'outcome' in one ? one.outcome : ''].join(' '))
    .join(', ');
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

for (const { name, files } of recordings) {
  const title = files.length > 1 ? `${name} with results` : name;
  let events: Event<Redacted>[] = [];
  let killed = new Set<string>();
  const expected: Expected = expectedOf(name);
  before(async () => {
    events = await eventsOf(files);
    killed = killedIn(events);
  });

  test(`${title}: duplicates and another order change no outcome`, () => {
    const short = (summaries: Map<string, TaskSummary>) =>
      [...summaries].map(([id, { task, startedCount, outcome, cause }]) => [
        id,
        task.state,
        startedCount,
        outcome,
        cause,
      ]);
    const want = new Map(short(summariesOf(events)).map(([id, ...rest]) => [id, rest]));
    fc.assert(
      fc.property(seeds, (seed) => {
        const actual = short(summariesOf(shaken(events, chanceOf(seed))));
        assert.equal(actual.length, want.size);
        for (const [id, ...rest] of actual) assert.deepEqual(rest, want.get(id), String(id));
      }),
      { numRuns: 10 },
    );
  });

  test(`${title}: late and lost events break no trace`, () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 0.5, noNaN: true }), (seed, share) => {
        const chance = chanceOf(seed);
        const { transitions } = run(delayed(thinned(events, share, chance), chance));
        const spans = transitions.flatMap((transition) =>
          spansOf(transition).map((span) => ({ span, id: transition.task.id })),
        );
        const places = spans.map(({ span }) => `${span.traceId}/${span.spanId}`);
        const twice = spans.find((_, index) => places.indexOf(places[index] ?? '') !== index);
        assert.equal(
          twice,
          undefined,
          twice && `${twice.span.name} was exported twice: ${transitionLine(transitions, twice.id)}`,
        );
        const here = new Set(places);
        const ended = new Set(transitions.flatMap(({ kind, task }) => (kind === 'task-ended' ? [task.spanId] : [])));
        for (const { span, id } of spans) {
          assert.ok(span.endAt >= span.startAt, `${span.name} of ${id} ends before it begins`);
          const { parentSpanId, traceId } = span;
          // The parent of a task may still be open; a span of an ended task has its parent.
          if (parentSpanId === undefined || !ended.has(parentSpanId)) continue;
          assert.ok(here.has(`${traceId}/${parentSpanId}`), `${span.name} of ${id} has no parent`);
        }
      }),
      { numRuns: 15 },
    );
  });

  test(`${title}: lost events make outcomes unknown, never wrong`, () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 0.6, noNaN: true }), (seed, share) => {
        const chance = chanceOf(seed);
        const given = shaken(thinned(events, share, chance), chance);
        for (const [id, summary] of summariesOf(given)) {
          const truth = expected[id]?.[2] ?? 'missing';
          // After the kill of a worker, a lost task and a task whose end event was lost look the same.
          const isKilled = summary.worker !== undefined && killed.has(summary.worker);
          assert.ok(
            summary.outcome === 'unknown' ||
              allowedOutcomes[truth]?.includes(summary.outcome) ||
              (isKilled && summary.outcome === 'lost'),
            `${id} was ${truth}, reported as ${summary.outcome}\n${trail(given, id)}`,
          );
        }
      }),
      { numRuns: 25 },
    );
  });
}

test('a message with damaged bytes is decoded or rejected with a reason, and never throws', async () => {
  const payloads: { payload: string; form: string }[] = [];
  const files = ['dialects', 'shop-563-rabbitmq', 'shop-563-threads-solo.results'].map((name) =>
    join(data, `${name}.ndjson.gz`),
  );
  for (const file of files)
    for await (const recorded of readRecordings([file], { format: celeryFormat }))
      if (recorded.kind === 'message')
        payloads.push({ payload: recorded.message.payload, form: recorded.message.form });
  const junk = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('NaN', '-Infinity', '1e999', '\\ud800', '"', '{', ']', '\u0000'),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...payloads),
      fc.nat(),
      fc.nat({ max: 40 }),
      junk,
      ({ payload, form }, at, cut, text) => {
        const from = at % payload.length;
        const broken = payload.slice(0, from) + text + payload.slice(from + cut);
        for (const decoded of decode({ source: 'test', receivedAt: 1.8e12, payload: broken, form })) {
          if (!decoded.ok) assert.equal(typeof decoded.reason, 'string');
          else assert.ok(Number.isFinite(decoded.event.at));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
