/**
 * Failures as Sentry events: chooses the failures that become events, limits the events per group, and hands them to the
 * deliveries. No caller waits for Sentry, and every failure without an event is counted with a reason.
 */
import type { FailureClass } from '../../failure/facts.ts';
import type { Failure } from '../../failure/failure.ts';
import type { GroupCount } from '../../failure/tally.ts';
import type { Report } from '../../report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { SharedBudget } from '../../store/shared-budget.ts';
import type { SentryClient } from './client.ts';
import { SentryDeliveries } from './deliveries.ts';
import { isUnseenByWorker, type SentryEventOptions, sentryEventOf } from './event.ts';
import { GroupBudget, type Occurrence } from './group-budget.ts';

export interface SentrySinkOptions extends SentryEventOptions {
  readonly dsn: string;
  /** Version of taskvigil, for the event's SDK. */
  readonly version: string;
  /** `report`: an SDK in the workers reports what it can see, and this sink only the other failures. */
  readonly workers: 'silent' | 'report';
  /** Events of one group per hour. The next event contains the number of the others. */
  readonly eventsPerGroupMax: number;
  /** The budget that all exporting replicas share; undefined for a single instance. */
  readonly shared?: SharedBudget | undefined;
  /** Classes that become events. A cancelled task is seldom an issue. */
  readonly classes: ReadonlySet<FailureClass>;
  /** Events waiting for Sentry; further ones are dropped and counted. */
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
const groupWindowMs = 60 * 60_000;
/** Groups with suppressed occurrences are few, and the others take some hundred bytes. */
const groupsMax = 10_000;
const closeEveryMs = 30_000;

export function createSentrySink(options: SentrySinkOptions): SentrySink {
  const { workers, classes, report, clock } = options;
  const budget = new GroupBudget({ eventsMax: options.eventsPerGroupMax, windowMs: groupWindowMs, groupsMax });
  const deliveries = new SentryDeliveries({
    ...options,
    client: loadClient(options),
    lanes,
    eventOf: (occurrence) => sentryEventOf(occurrence.failure, options, occurrence),
    isSpent: (occurrence) => isSpentByOthers(occurrence, budget, options),
    onSpent: () => suppress('group-budget'),
    onUndelivered: (occurrence) => budget.putBack(occurrence, clock.now()),
  });
  const closer = clock.every(closeEveryMs, () => {
    for (const occurrence of budget.takeDue(clock.now())) deliveries.enqueue(occurrence);
  });

  function suppress(reason: 'class' | 'told-by-worker' | 'group-budget'): void {
    report({ kind: 'suppressed', sink: 'sentry', reason, count: 1 });
  }

  return {
    offer(failure, group) {
      if (!classes.has(failure.class)) return suppress('class');
      if (workers === 'report' && !isUnseenByWorker(failure)) return suppress('told-by-worker');
      if (deliveries.has(failure)) return;
      if (deliveries.isStopped) return report({ kind: 'items-dropped', queue: 'sentry', reason: 'stopped', count: 1 });
      const admitted = budget.admit(failure, group, clock.now());
      if (!admitted.some((occurrence) => occurrence.failure === failure)) suppress('group-budget');
      for (const occurrence of admitted) deliveries.enqueue(occurrence);
    },

    async stop(withinMs) {
      closer[Symbol.dispose]();
      await deliveries.stop(withinMs, () => budget.takeAll());
    },
  };
}

/** True if all replicas together have sent the events that the group may have; its window then ends when theirs does. */
async function isSpentByOthers(
  occurrence: Occurrence,
  budget: GroupBudget,
  { shared, eventsPerGroupMax, clock }: SentrySinkOptions,
): Promise<boolean> {
  const limit = { most: eventsPerGroupMax, windowMs: groupWindowMs };
  const againInMs = (await shared?.take(`sentry:${occurrence.failure.fingerprint}`, limit)) ?? 0;
  if (againInMs > 0) budget.spentByOthers(occurrence, clock.now() + againInMs);
  return againInMs > 0;
}

/** Loaded on demand and without waiting, because the official client takes 50 MB. */
async function loadClient({ dsn, version, clock }: SentrySinkOptions): Promise<SentryClient> {
  const { createSentryClient } = await import('./client.ts');
  return createSentryClient({ dsn, version, clock, lanes });
}
