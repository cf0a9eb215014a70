/** Plays scripts through the lifecycle and the failure counter, with the heartbeats of their workers. */
import type { Hostname } from '../../src/event/ids.ts';
import type { WorkerEvent } from '../../src/event/task-event.ts';
import { failureOf } from '../../src/failure/failure.ts';
import { FailureTally } from '../../src/failure/tally.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import type { Transition } from '../../src/lifecycle/transition.ts';
import { heartbeatAt } from '../fakes/task-story.ts';
import { shiftClock } from './disturb.ts';
import type { Script, ScriptEvent, TrueRun } from './script.ts';

export interface Observed {
  readonly transitions: readonly Transition[];
  /** Counted failures, by task id. */
  readonly failures: ReadonlyMap<string, number>;
  /** Outcome now, and number of attempts of the last publication, by task id. */
  readonly verdicts: ReadonlyMap<string, { readonly outcome: string; readonly attempts: number }>;
  readonly openCount: number;
}

const beatMs = 2_000;
const sweepMs = 500;
/** Heartbeats before the first and after the last event. */
const leadMs = 10_000;
const tailMs = 60_000;

export interface Performance {
  readonly scripts: readonly Script[];
  /** In the order of arrival. */
  readonly events: readonly ScriptEvent[];
  readonly clocks: Readonly<Record<string, number>>;
  readonly hasHeartbeats: boolean;
}

export function play({ scripts, events, clocks, hasHeartbeats }: Performance): Observed {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  const first = Math.min(...events.map(({ receivedAt }) => receivedAt)) - leadMs;
  const last = Math.max(...events.map(({ receivedAt }) => receivedAt)) + tailMs;
  const beats = hasHeartbeats ? heartbeats(scripts, first, last) : [];
  const arrivals = [...events, ...beats.map((beat) => shiftClock(beat, clocks))];
  arrivals.sort((a, b) => a.receivedAt - b.receivedAt);
  const transitions: Transition[] = [];
  let sweepAt = first;
  for (const event of arrivals) {
    while (sweepAt < event.receivedAt) {
      transitions.push(...lifecycle.sweep(sweepAt).tasks);
      sweepAt += sweepMs;
    }
    lifecycle.apply(event);
  }
  for (; sweepAt <= last; sweepAt += sweepMs) transitions.push(...lifecycle.sweep(sweepAt).tasks);
  const verdicts = new Map<string, { outcome: string; attempts: number }>();
  for (const { task, outcome } of lifecycle.summaries()) {
    verdicts.set(task.id, { outcome, attempts: task.attempts.length });
  }
  return { transitions, failures: countFailures(transitions), verdicts, openCount: lifecycle.trackedCount() };
}

/** Distinct failures in `transitions`, by task id, as the failure counter counts them. */
export function countFailures(transitions: readonly Transition[]): ReadonlyMap<string, number> {
  const tally = new FailureTally();
  const counts = new Map<string, number>();
  for (const transition of transitions) {
    const failure = failureOf(transition);
    if (failure === undefined || failure === 'ignored' || tally.count(failure, 0) === undefined) continue;
    counts.set(failure.task.id, (counts.get(failure.task.id) ?? 0) + 1);
  }
  return counts;
}

/** The worker events of every worker in `scripts`, with the counters that the true runs give. Times are true. */
function heartbeats(scripts: readonly Script[], from: number, to: number): WorkerEvent[] {
  const runs = scripts.flatMap((script) => script.runs);
  const deaths = scripts.flatMap((script) => script.deaths);
  return [...new Set(runs.map(({ hostname }) => hostname))].flatMap((hostname) => {
    const own = runs.filter((run) => run.hostname === hostname);
    const death = deaths.find((one) => one.hostname === hostname);
    return beatsOf(hostname, own, { from, to: Math.min(to, death?.at ?? to) });
  });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function beatsOf(hostname: Hostname, runs: readonly TrueRun[], { from, to }: Span): WorkerEvent[] {
  const beats: WorkerEvent[] = [];
  for (let at = from; at <= to; at += beatMs) beats.push(beatOf(hostname, runs, at));
  return beats;
}

function beatOf(hostname: Hostname, runs: readonly TrueRun[], at: number): WorkerEvent {
  const active = runs.filter((run) => run.from <= at && at < run.to).length;
  const processed = runs.filter((run) => run.from <= at).length;
  return heartbeatAt(at, { hostname, pid: 10, receivedAt: at + 5, active, processed });
}
