/**
 * Failure → Sentry: which failures become events, how many of one group, and how they get there through outages and rate
 * limits. Nothing here waits for Sentry but its own lanes, and what cannot be told is counted, with a reason.
 */
import type { Millis } from '../../event/ids.ts';
import type { FailureClass } from '../../failure/facts.ts';
import type { Failure } from '../../failure/failure.ts';
import type { GroupCount } from '../../failure/tally.ts';
import type { Report } from '../../report.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { SharedBudget } from '../../store/shared-budget.ts';
import type { SentryClient, SentryResponse } from './client.ts';
import { isUnseenByWorker, type SentryEventOptions, sentryEventOf } from './event.ts';
import { GroupBudget, type Occurrence } from './group-budget.ts';

export interface SentrySinkOptions extends SentryEventOptions {
  readonly dsn: string;
  /** Ours, as the event tells it. */
  readonly version: string;
  /** `report`: an SDK inside the workers reports what it sees, and we tell only what it cannot see. */
  readonly workers: 'silent' | 'report';
  /** Events of one group in an hour; the rest is a number in the next one. */
  readonly eventsPerGroupMax: number;
  /** What several instances that tell at once must share of that; undefined for one that is alone. */
  readonly shared?: SharedBudget | undefined;
  /** Classes that become events; somebody's own cancelling is seldom an issue. */
  readonly classes: ReadonlySet<FailureClass>;
  /** Events waiting for Sentry; beyond it new ones are dropped and counted. */
  readonly itemsMax: number;
  readonly report: Report;
  readonly clock: Clock;
  /** 0 .. 1, for the jitter of the back-off. */
  readonly random: () => number;
}

export interface SentrySink {
  /** Never waits and never throws. */
  offer(failure: Failure, group: GroupCount): void;
  /** Delivers what waits, for at most `withinMs`; the rest is counted as dropped. */
  stop(withinMs: number): Promise<void>;
}

/** Enough to fill a fast line; Sentry limits the rate of a project anyway. */
const lanes = 4;
/** With the waits between them about a minute: an outage longer than that is one that Sentry's own page tells about. */
const triesMax = 6;
const firstWaitMs = 2_000;
const waitMsMax = 60_000;
/** An event that rate limits have held back for longer makes room for its group's next one. */
const holdMsMax = 60 * 60_000;
const groupWindowMs = 60 * 60_000;
/** A group without anything withheld is a few words; those with are few. */
const groupsMax = 10_000;
const closeEveryMs = 30_000;

/** On its way since then. */
interface Item {
  readonly occurrence: Occurrence;
  readonly since: Millis;
}

export function createSentrySink(options: SentrySinkOptions): SentrySink {
  const { workers, classes, itemsMax, report, clock, random } = options;
  const courier = fetchCourier(options);
  const budget = new GroupBudget({ eventsMax: options.eventsPerGroupMax, windowMs: groupWindowMs, groupsMax });
  const waiting: Item[] = [];
  /** Failures under way or waiting: the same one told twice is one event. */
  const held = new Set<Failure['id']>();
  const sleeping = new AbortController();
  const closer = clock.every(closeEveryMs, () => {
    for (const occurrence of budget.takeDue(clock.now())) enqueue(occurrence);
  });
  let busy = 0;
  /** Until then Sentry wants to be left alone. */
  let restUntil = 0;
  let isStopping = false;
  let isStopped = false;
  let onIdle: (() => void) | undefined;

  function enqueue(occurrence: Occurrence): void {
    const now = clock.now();
    if (held.size >= itemsMax) {
      drop(occurrence, now < restUntil ? 'rate-limited' : 'full');
      return;
    }
    held.add(occurrence.failure.id);
    waiting.push({ occurrence, since: now });
    pump();
  }

  /** The event is gone; that it happened is told by a later event of its group. */
  function drop(occurrence: Occurrence, reason: string): void {
    report({ kind: 'items-dropped', queue: 'sentry', reason, count: 1 });
    if (!isStopped) budget.putBack(occurrence, clock.now());
  }

  function pump(): void {
    while (busy < lanes) {
      const item = waiting.shift();
      if (item === undefined) break;
      busy += 1;
      deliver(item)
        .catch((error: unknown) => report({ kind: 'bug', where: 'sentry sink', error }))
        .finally(() => {
          busy -= 1;
          held.delete(item.occurrence.failure.id);
          pump();
        });
    }
    if (busy === 0) onIdle?.();
  }

  async function deliver(item: Item): Promise<void> {
    const to = await courier;
    // At the end nothing later would tell it.
    if (!isStopping && (await isSpent(item.occurrence))) return suppressed('group-budget');
    const event = sentryEventOf(item.occurrence.failure, options, item.occurrence);
    for (let failures = 0; ; ) {
      while (clock.now() < restUntil && !isStopped) await sleep(restUntil - clock.now());
      if (isStopped) return drop(item.occurrence, 'stopping');
      if (clock.now() - item.since > holdMsMax) return drop(item.occurrence, 'rate-limited');
      const answer = await to.send(event);
      restUntil = Math.max(restUntil, clock.now() + answer.restMs);
      if (answer.outcome === 'delivered') return report({ kind: 'delivered', sink: 'sentry', count: 1 });
      // To be told to wait is no failure of the event.
      if (answer.outcome === 'failed') failures += 1;
      const willRetry = answer.outcome !== 'refused' && failures < triesMax && !isStopped;
      report({ kind: 'delivery-failed', sink: 'sentry', reason: answer.reason, count: 1, willRetry });
      if (!willRetry) return giveUp(item.occurrence, answer);
      if (answer.outcome === 'failed')
        await sleep(backoffMs(failures, { firstMs: firstWaitMs, mostMs: waitMsMax, random }));
    }
  }

  /** Whether other instances have told all that may be told of the group. */
  async function isSpent(occurrence: Occurrence): Promise<boolean> {
    const limit = { most: options.eventsPerGroupMax, windowMs: groupWindowMs };
    const againInMs = (await options.shared?.take(`sentry:${occurrence.failure.fingerprint}`, limit)) ?? 0;
    if (againInMs > 0) budget.spentByOthers(occurrence, clock.now() + againInMs);
    return againInMs > 0;
  }

  /** What was refused would be refused again; else a later event of the group tells that it happened. */
  function giveUp(occurrence: Occurrence, { outcome }: SentryResponse): void {
    if (outcome !== 'refused' && !isStopped) budget.putBack(occurrence, clock.now());
  }

  function sleep(ms: Millis): Promise<void> {
    return clock.sleep(ms, sleeping.signal);
  }

  function suppressed(reason: 'class' | 'told-by-worker' | 'group-budget'): void {
    report({ kind: 'suppressed', sink: 'sentry', reason, count: 1 });
  }

  return {
    offer(failure, group) {
      if (!classes.has(failure.class)) return suppressed('class');
      if (workers === 'report' && !isUnseenByWorker(failure)) return suppressed('told-by-worker');
      if (held.has(failure.id)) return;
      if (isStopped) return report({ kind: 'items-dropped', queue: 'sentry', reason: 'stopped', count: 1 });
      const told = budget.admit(failure, group, clock.now());
      if (!told.some((one) => one.failure === failure)) suppressed('group-budget');
      for (const occurrence of told) enqueue(occurrence);
    },

    async stop(withinMs) {
      closer[Symbol.dispose]();
      isStopping = true;
      for (const occurrence of budget.takeAll()) enqueue(occurrence);
      if (busy > 0 && withinMs > 0) await Promise.race([idle(), clock.sleep(withinMs, sleeping.signal)]);
      isStopped = true;
      const left = [...waiting.splice(0).map(({ occurrence }) => occurrence), ...budget.takeAll()];
      for (const occurrence of left) drop(occurrence, 'stopping');
      sleeping.abort();
      const fetched = await courier;
      fetched.abort();
      if (busy > 0) await idle();
      await fetched.close();
    },
  };

  function idle(): Promise<void> {
    return new Promise((resolve) => {
      onIdle = resolve;
    });
  }
}

/** The official client is large: whoever has no DSN never loads it, and who has one need not wait for it. */
async function fetchCourier({ dsn, version, clock }: SentrySinkOptions): Promise<SentryClient> {
  const { createSentryClient } = await import('./client.ts');
  return createSentryClient({ dsn, version, clock, lanes });
}
