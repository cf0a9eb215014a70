/**
 * Real streams, made worse: events doubled, out of order within the settle window, and lost. What is said of a task may
 * become less then; it must never become wrong.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/event/task-event.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import type { TaskSummary } from '../../src/lifecycle/task-summary.ts';
import type { Transition } from '../../src/lifecycle/transition.ts';
import { defaultRedactOptions } from '../../src/redact/options.ts';
import { createRedactor } from '../../src/redact/redact.ts';
import { spansOf } from '../../src/sink/otlp/spans.ts';
import { celeryFormat, decode } from '../../src/source/celery/format.ts';
import { readRecordings } from '../../src/source/recording.ts';

const data = new URL('../data/recordings/', import.meta.url).pathname;
const demo = new URL('../../config/demo/recording.ndjson.gz', import.meta.url).pathname;
const takes = [
  { name: 'shop-563-prefork', files: [demo] },
  { name: 'shop-main-prefork', files: [join(data, 'shop-main-prefork.ndjson.gz')] },
  { name: 'shop-526-debian-prefork', files: [join(data, 'shop-526-debian-prefork.ndjson.gz')] },
  { name: 'shop-563-threads-solo', files: [join(data, 'shop-563-threads-solo.ndjson.gz')] },
  {
    name: 'shop-563-threads-solo',
    files: ['ndjson.gz', 'results.ndjson.gz'].map((end) => join(data, `shop-563-threads-solo.${end}`)),
  },
  { name: 'shop-563-rabbitmq', files: [join(data, 'shop-563-rabbitmq.ndjson.gz')] },
] as const;

type Expected = Readonly<Record<string, readonly [state: string, attempts: number, truth: string]>>;

/** What may be said of a task that truly ended like this, beside that nobody can tell. */
const honest: Readonly<Record<string, readonly string[]>> = {
  success: ['succeeded', 'recovered'],
  failure: ['failed', 'exhausted'],
  revoked: ['revoked', 'expired'],
  rejected: ['rejected'],
  lost: ['lost'],
  ignored: [],
  never_started: [],
};

async function eventsOf(files: readonly string[]): Promise<Event<Redacted>[]> {
  const redactor = createRedactor(defaultRedactOptions);
  const events: Event<Redacted>[] = [];
  for await (const recorded of readRecordings(files, { format: celeryFormat })) {
    if (recorded.kind !== 'message') continue;
    for (const decoded of decode(recorded.message)) if (decoded.ok) events.push(redactor.redact(decoded.event));
  }
  return events;
}

/** Workers that went without a word, long before the take was over. */
function killedIn(events: readonly Event<Redacted>[]): Set<string> {
  const lastAt = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'worker-heartbeat' || event.type === 'worker-online')
      lastAt.set(event.hostname, event.receivedAt);
    if (event.type === 'worker-offline') lastAt.delete(event.hostname);
  }
  const end = events.at(-1)?.receivedAt ?? 0;
  return new Set([...lastAt].filter(([, at]) => at < end - 20_000).map(([hostname]) => hostname));
}

const sweepMs = 1_000;

interface Run {
  readonly verdicts: Map<string, TaskSummary>;
  readonly told: readonly Transition[];
}

function run(events: readonly Event<Redacted>[]): Run {
  const lifecycle = new Lifecycle({ ...defaultLifecycleOptions, rememberMs: Number.POSITIVE_INFINITY });
  const told: Transition[] = [];
  let now = events[0]?.receivedAt ?? 0;
  for (const event of events) {
    for (; now + sweepMs <= event.receivedAt; now += sweepMs) told.push(...lifecycle.sweep(now + sweepMs).tasks);
    lifecycle.apply(event);
  }
  told.push(...lifecycle.settleAll(now + sweepMs));
  return { told, verdicts: new Map([...lifecycle.summaries()].map((verdict) => [verdict.task.id, verdict])) };
}

function verdictsOf(events: readonly Event<Redacted>[]): Map<string, TaskSummary> {
  return run(events).verdicts;
}

/** One in ten comes up to half a minute late, long after what was known without it has been told. */
function delayed(events: readonly Event<Redacted>[], chance: () => number): Event<Redacted>[] {
  return events
    .map((event) => ({ ...event, receivedAt: event.receivedAt + (chance() < 0.1 ? chance() * 30_000 : 0) }))
    .sort((a, b) => a.receivedAt - b.receivedAt);
}

/** Each event comes up to a second later than it did, and some come twice. */
function shaken(events: readonly Event<Redacted>[], chance: () => number): Event<Redacted>[] {
  const doubled = events.flatMap((event) => (chance() < 0.2 ? [event, event] : [event]));
  return doubled
    .map((event) => ({ ...event, receivedAt: event.receivedAt + chance() * 1_000 }))
    .sort((a, b) => a.receivedAt - b.receivedAt);
}

/** A share of the words about tasks is lost, and everything of some seconds. */
function thinned(events: readonly Event<Redacted>[], share: number, chance: () => number): Event<Redacted>[] {
  const [first, last] = [events[0]?.receivedAt ?? 0, events.at(-1)?.receivedAt ?? 0];
  const deafFrom = first + chance() * (last - first);
  const deafTo = deafFrom + chance() * 15_000;
  return events.filter((event) => {
    const isLost = 'id' in event && chance() < share;
    return !isLost && (event.receivedAt < deafFrom || event.receivedAt > deafTo);
  });
}

/** The same numbers for the same seed: xorshift, 0 .. 1. */
function chanceOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** What was left of the words about a task, and of those of its workers. */
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

/** What was told of a task, in a line. */
function words(told: readonly Transition[], id: string): string {
  return told
    .filter(({ task }) => task.id === id)
    .map((one) => [one.kind, 'attempt' in one ? one.attempt?.key : '', 'outcome' in one ? one.outcome : ''].join(' '))
    .join(', ');
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

for (const { name, files } of takes) {
  const title = files.length > 1 ? `${name} with results` : name;
  let events: Event<Redacted>[] = [];
  let killed = new Set<string>();
  const expected = JSON.parse(readFileSync(join(data, `${name}.expected.json`), 'utf8')) as Expected;
  before(async () => {
    events = await eventsOf(files);
    killed = killedIn(events);
  });

  test(`${title}: doubled and out of order, it tells the same of every task`, () => {
    const short = (verdicts: Map<string, TaskSummary>) =>
      [...verdicts].map(([id, { task, startedCount, outcome, cause }]) => [
        id,
        task.state,
        startedCount,
        outcome,
        cause,
      ]);
    const want = new Map(short(verdictsOf(events)).map(([id, ...rest]) => [id, rest]));
    fc.assert(
      fc.property(seeds, (seed) => {
        const told = short(verdictsOf(shaken(events, chanceOf(seed))));
        assert.equal(told.length, want.size);
        for (const [id, ...rest] of told) assert.deepEqual(rest, want.get(id), String(id));
      }),
      { numRuns: 10 },
    );
  });

  test(`${title}: late and lost events leave no trace broken`, () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 0.5, noNaN: true }), (seed, share) => {
        const chance = chanceOf(seed);
        const { told } = run(delayed(thinned(events, share, chance), chance));
        const spans = told.flatMap((transition) =>
          spansOf(transition).map((span) => ({ span, id: transition.task.id })),
        );
        const places = spans.map(({ span }) => `${span.traceId}/${span.spanId}`);
        const twice = spans.find((_, index) => places.indexOf(places[index] ?? '') !== index);
        assert.equal(twice, undefined, twice && `${twice.span.name} was told twice: ${words(told, twice.id)}`);
        const here = new Set(places);
        const ended = new Set(told.flatMap(({ kind, task }) => (kind === 'task-ended' ? [task.spanId] : [])));
        for (const { span, id } of spans) {
          assert.ok(span.endAt >= span.startAt, `${span.name} of ${id} ends before it begins`);
          const { parentSpanId, traceId } = span;
          // The parent of a task may be open still; what belongs to one that ended has it.
          if (parentSpanId === undefined || !ended.has(parentSpanId)) continue;
          assert.ok(here.has(`${traceId}/${parentSpanId}`), `${span.name} of ${id} hangs in the air`);
        }
      }),
      { numRuns: 15 },
    );
  });

  test(`${title}: with events lost it says less, and nothing wrong`, () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 0.6, noNaN: true }), (seed, share) => {
        const chance = chanceOf(seed);
        const given = shaken(thinned(events, share, chance), chance);
        for (const [id, verdict] of verdictsOf(given)) {
          const truth = expected[id]?.[2] ?? 'missing';
          // Of a worker that was killed silence cannot tell what it took along from what had ended unheard.
          const isKilled = verdict.worker !== undefined && killed.has(verdict.worker);
          assert.ok(
            verdict.outcome === 'unknown' ||
              honest[truth]?.includes(verdict.outcome) ||
              (isKilled && verdict.outcome === 'lost'),
            `${id} was ${truth}, told to be ${verdict.outcome}\n${trail(given, id)}`,
          );
        }
      }),
      { numRuns: 25 },
    );
  });
}

test('whatever becomes of its bytes, a message is read, rejected with a reason, or both, and never thrown', async () => {
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
