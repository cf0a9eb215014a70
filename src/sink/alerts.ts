/**
 * Failure in, Slack message out: counts failures into the groups the store keeps, moves the groups on as time passes,
 * and sees to it that what the store says ought to be shown is shown, by one of the sidecars.
 *
 *   offer ─▶ held per group ─tick▶ store.update(observe) ─▶ decisions
 *                                  store.due ─▶ store.update(advance, claim) ─▶ deliver ─▶ store.update(settle)
 *
 * The daemon calls `tick` once a second. Nothing here waits for Slack but the delivery itself, in the background. While
 * the store is away failures are held, up to `heldMax`, and later counted at the time they were received.
 *
 * Exports: createAlertSink, AlertSink, AlertSinkOptions.
 */
import type { MessageRef } from '../alert/alert-state.ts';
import { advance, type Decision, type Evidence, noRule, observe } from '../alert/decide.ts';
import { claimDelivery, type Sending } from '../alert/outbox.ts';
import { type GroupKey, groupKeyOf, type Rule, ruleFor } from '../alert/rule.ts';
import type { Millis } from '../event/ids.ts';
import type { Failure } from '../failure/failure.ts';
import type { Report } from '../report.ts';
import type { AlertStore, Change } from '../store/store.ts';
import { backOff, createAlertDeliveries, type Deliver, nameOf } from './alert-deliveries.ts';
import { HeldEvidence } from './held-evidence.ts';

export interface AlertSinkOptions {
  /** Asked for each failure, so that changed rules apply without a restart. */
  readonly rules: () => readonly Rule[];
  readonly store: AlertStore;
  readonly clock: { readonly now: () => Millis };
  /** 0 .. 1, for the jitter of the back-off. */
  readonly random: () => number;
  readonly report: Report;
  /** Told of every decision, notify or not, with its reason. */
  readonly onDecision?: (decision: Decision) => void;
  readonly deliver: Deliver;
  /** Removes a message that turned out to be posted twice. */
  readonly retract?: (message: MessageRef) => Promise<void>;
  /** Unique among all sidecars and their restarts, e.g. pod name and start time. */
  readonly instance: string;
}

export interface AlertSink {
  /** Never waits and never throws. */
  offer(failure: Failure): void;
  /** Counts, moves on and begins deliveries. While one tick runs a second call joins it. */
  tick(): Promise<void>;
  /** Resolves when no delivery is under way. */
  idle(): Promise<void>;
  /** Counts what is held, ends deliveries under way, and answers how many failures and outcomes could not be stored. */
  stop(): Promise<number>;
}

/** A flood of one failure a millisecond for ten seconds of a store that is away; about 10 MB. */
const heldMax = 10_000;
const dueMax = 64;
const updatesAtOnce = 16;

export function createAlertSink(options: AlertSinkOptions): AlertSink {
  const { store, clock, report } = options;
  const held = new HeldEvidence(heldMax);
  const { deliver, retract, random } = options;
  const deliveries = createAlertDeliveries({ update, deliver, retract, random, report });
  let claims = 0;
  let storeFailures = 0;
  let storeRetryAt = 0;
  let ticking: Promise<void> | undefined;
  let isStopped = false;

  function offer(failure: Failure): void {
    const rule = ruleFor(options.rules(), failure);
    if (rule === undefined) tell([noRule(failure.id, clock.now())]);
    else if (isStopped) report({ kind: 'items-dropped', queue: 'alerts', reason: 'stopped', count: 1 });
    else held.offer(groupKeyOf(rule, failure), rule, evidenceOf(failure, clock.now()));
  }

  async function run(): Promise<void> {
    const dropped = held.takeDropped();
    if (dropped > 0) report({ kind: 'items-dropped', queue: 'alerts', reason: 'full', count: dropped });
    if (clock.now() < storeRetryAt) return;
    try {
      await deliveries.settleAgain();
      await countHeld();
      await sweep();
      storeFailures = 0;
    } catch (error) {
      storeRetryAt = clock.now() + backOff(storeFailures, random);
      storeFailures += 1;
      report({ kind: 'delivery-failed', sink: 'store', reason: nameOf(error), count: held.count, willRetry: true });
    }
  }

  async function countHeld(): Promise<void> {
    const keys = held.keys();
    for (let from = 0; from < keys.length; from += updatesAtOnce) {
      const results = await Promise.allSettled(keys.slice(from, from + updatesAtOnce).map(countGroup));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  }

  async function countGroup(key: GroupKey): Promise<void> {
    const group = held.take(key);
    if (group === undefined) return;
    const { rule, evidence } = group;
    const count: Change<readonly Decision[]> = (state, now) => {
      // The store's clock and ours may disagree; how long ago something was received they do not disagree about.
      const ahead = now - clock.now();
      const onStoreClock = evidence.map((one) => ({ ...one, receivedAt: one.receivedAt + ahead }));
      const { next, decisions } = observe(rule, key, state, onStoreClock);
      return { next, answer: decisions };
    };
    try {
      tell(await update(key, count, []));
    } catch (error) {
      // It may have been counted all the same: then the ids are known, and counting again changes nothing.
      held.putBack(group);
      throw error;
    }
  }

  async function sweep(): Promise<void> {
    for (const key of await store.due(dueMax)) {
      const startedAt = clock.now();
      claims += 1;
      const by = `${options.instance}/${claims}`;
      const moveOn: Change<Moved> = (state, now) => {
        if (state === undefined) return { next: undefined, answer: nothingToDo };
        const { next: moved, decisions } = advance(state, now);
        if (moved === undefined) return { next: undefined, answer: { decisions, sending: undefined } };
        const canDeliver = !isStopped && deliveries.hasRoom();
        const claimed = canDeliver ? claimDelivery(moved, by, now) : undefined;
        return { next: claimed?.next ?? moved, answer: { decisions, sending: claimed?.sending } };
      };
      const { decisions, sending } = await update(key, moveOn, nothingToDo);
      tell(decisions);
      if (sending !== undefined) deliveries.begin(key, sending, startedAt);
    }
  }

  /** A bug in the policy costs what it was about, and is told; it must not look like a store that is away. */
  async function update<Answer>(key: GroupKey, change: Change<Answer>, onBug: Answer): Promise<Answer> {
    let bug: unknown;
    const answer = await store.update(key, (state, now) => {
      try {
        return change(state, now);
      } catch (error) {
        bug = error;
        return { next: state, answer: onBug };
      }
    });
    if (bug !== undefined) report({ kind: 'bug', where: 'alerts', error: bug });
    return answer;
  }

  function tell(decisions: readonly Decision[]): void {
    for (const decision of decisions) {
      report({ kind: 'decided', isNotified: decision.notify, reason: decision.reason });
      options.onDecision?.(decision);
    }
  }

  function tick(): Promise<void> {
    ticking ??= run().finally(() => {
      ticking = undefined;
    });
    return ticking;
  }

  return {
    offer,
    tick,
    idle: deliveries.idle,
    async stop() {
      isStopped = true;
      await ticking;
      await deliveries.idle();
      storeRetryAt = 0;
      await tick();
      return held.count + deliveries.unsettledCount();
    },
  };
}

interface Moved {
  readonly decisions: readonly Decision[];
  readonly sending: Sending | undefined;
}

const nothingToDo: Moved = { decisions: [], sending: undefined };

function evidenceOf(failure: Failure, receivedAt: Millis): Evidence {
  const { task } = failure;
  return {
    failureId: failure.id,
    receivedAt,
    hostname: failure.attempt?.hostname,
    subject: {
      fingerprint: failure.fingerprint,
      taskName: task.name,
      queue: task.queue,
      title: failure.title,
      class: failure.class,
      cause: failure.cause,
      example: { taskId: task.id, traceId: task.traceId },
    },
  };
}
