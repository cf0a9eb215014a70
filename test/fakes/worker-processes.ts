/**
 * Worker events of processes that follow each other under one node name and one pid, as in a container, with the truth
 * about each process. All times are milliseconds since `epoch`.
 */
import fc from 'fast-check';
import type { Hostname } from '../../src/event/ids.ts';
import type { WorkerEvent } from '../../src/event/task-event.ts';

export const epoch = 1_800_000_000_000;
export const heartbeatMs = 2_000;

export interface ProcessPlan {
  /** Time since the end of the process before it. */
  readonly pauseMs: number;
  readonly heartbeats: number;
  /** Tasks that it starts between two heartbeats. */
  readonly tasksPerHeartbeat: number;
  /** Its clock at the start: workers of a fleet agree on a clock. */
  readonly clock: number;
  readonly reconnects: readonly { readonly after: number; readonly isAnnounced: boolean }[];
  readonly end: 'killed' | 'killed-after-shutdown';
}

export interface LivedProcess {
  readonly startAt: number;
  /** No task executes at or after this time. */
  readonly endAt: number;
  /** Receipt of its second event. */
  readonly confirmedAt: number;
}

export interface ProcessHistory {
  /** In the order of their receipt. */
  readonly events: readonly WorkerEvent[];
  readonly processes: readonly LivedProcess[];
}

export const processPlans: fc.Arbitrary<readonly ProcessPlan[]> = fc.array(
  fc.record({
    pauseMs: fc.integer({ min: 3_000, max: 40_000 }),
    heartbeats: fc.integer({ min: 4, max: 30 }),
    tasksPerHeartbeat: fc.integer({ min: 1, max: 9 }),
    clock: fc.nat(3),
    reconnects: fc.uniqueArray(fc.record({ after: fc.integer({ min: 2, max: 20 }), isAnnounced: fc.boolean() }), {
      maxLength: 2,
      selector: ({ after }) => after,
    }),
    end: fc.constantFrom('killed' as const, 'killed-after-shutdown' as const),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Time from the shutdown to the kill. */
const graceMs = 10_000;

/** The events of one process after another; the receipt is the time of sending. */
export function historyOf(plans: readonly ProcessPlan[], startAt = epoch): ProcessHistory {
  const events: WorkerEvent[] = [];
  const processes: LivedProcess[] = [];
  let at = startAt;
  for (const plan of plans) {
    at += plan.pauseMs;
    const sent = eventsOf(plan, at);
    const lastAt = sent.at(-1)?.at ?? at;
    const endAt = lastAt + (plan.end === 'killed' ? 500 : graceMs);
    processes.push({ startAt: at, endAt, confirmedAt: sent[1]?.at ?? endAt });
    events.push(...sent);
    at = endAt;
  }
  return { events, processes };
}

function eventsOf(
  { heartbeats, tasksPerHeartbeat, clock, reconnects, end }: ProcessPlan,
  startAt: number,
): WorkerEvent[] {
  let ticks = clock;
  let processed = 0;
  const eventAt = (type: WorkerEvent['type'], at: number): WorkerEvent => {
    ticks += 1 + tasksPerHeartbeat;
    const active = processed > 0 ? 1 : 0;
    return { ...common, type, at, receivedAt: at, active, processed, clock: ticks };
  };
  const events = [eventAt('worker-online', startAt)];
  for (let n = 1; n <= heartbeats; n += 1) {
    processed += tasksPerHeartbeat;
    const at = startAt + n * heartbeatMs;
    events.push(eventAt('worker-heartbeat', at));
    for (const { after, isAnnounced } of reconnects) {
      if (after !== n) continue;
      if (isAnnounced) events.push(eventAt('worker-offline', at + 500));
      events.push(eventAt('worker-online', at + 900));
    }
  }
  if (end === 'killed-after-shutdown')
    events.push(eventAt('worker-offline', startAt + heartbeats * heartbeatMs + 1_000));
  return events;
}

const common = {
  hostname: 'w@pod' as Hostname,
  pid: 1,
  heartbeatMs,
  software: 'py-celery 5.6.3',
} as const;

export interface Disturbance {
  readonly index: number;
  /** Undefined: the event is lost. */
  readonly delayMs: number | undefined;
}

export const disturbances: fc.Arbitrary<readonly Disturbance[]> = fc.array(
  fc.record({ index: fc.nat(150), delayMs: fc.option(fc.integer({ min: 1, max: 8_000 }), { nil: undefined }) }),
  { maxLength: 6 },
);

/** Loses and delays events, no two in a row, so that events of every process arrive. Receipt decides the new order. */
export function disturb(events: readonly WorkerEvent[], changes: readonly Disturbance[]): WorkerEvent[] {
  const changed = new Map<number, Disturbance>();
  for (const change of changes) {
    const { index } = change;
    if (!changed.has(index - 1) && !changed.has(index + 1)) changed.set(index, change);
  }
  const received = events.flatMap((event, index) => {
    const change = changed.get(index);
    if (change === undefined) return [event];
    return change.delayMs === undefined ? [] : [{ ...event, receivedAt: event.at + change.delayMs }];
  });
  return received.sort((a, b) => a.receivedAt - b.receivedAt);
}
