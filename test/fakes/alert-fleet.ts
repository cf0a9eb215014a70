/**
 * Alert coordinators of a fleet on one virtual clock, over one memory store that can fail or lose its data, with a receiver that
 * keeps every post as people would see it.
 */
import assert from 'node:assert/strict';
import type { Decision } from '../../src/alert/decision.ts';
import { defaultPolicy } from '../../src/alert/default-policy.ts';
import type { Incident } from '../../src/alert/incident.ts';
import type { DeliveryResult } from '../../src/alert/outbox/claims.ts';
import type { Notification } from '../../src/alert/outbox/notification.ts';
import type { Policy } from '../../src/alert/policy.ts';
import type { DeliveryRef } from '../../src/alert/receipts.ts';
import type { TaskId } from '../../src/event/ids.ts';
import type { Event } from '../../src/event/task-event.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import {
  type AlertCoordinator,
  type AlertCoordinatorOptions,
  createAlertCoordinator,
} from '../../src/notify/coordinator.ts';
import type { Receiver } from '../../src/notify/receiver.ts';
import type { Notice } from '../../src/report.ts';
import { createFallbackStore } from '../../src/store/fallback-store.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { AlertStore } from '../../src/store/store.ts';
import { type FailureFacts, failureOf } from './failure.ts';
import { openedAt } from './incident.ts';
import { receiverOf } from './receiver.ts';

export const minuteMs = 60_000;

/** Opens an incident for one failure of any task, at once, without a budget. */
export const opensAtOnce: Policy = {
  ...defaultPolicy('#alerts'),
  learningMs: 0,
  waitMs: 0,
  tasks: [
    {
      match: ['*'],
      severity: 'critical',
      mute: undefined,
      ignore: [],
      isIdempotent: true,
      queue: undefined,
      thresholds: {},
    },
  ],
  budgets: { default: { burst: 1e6, perHour: 1e6 }, byChannel: {} },
  digest: { at: undefined, days: [], skipEmpty: true },
};

/** The same for counted failures: three within ten minutes. */
export const opensAtThree: Policy = { ...opensAtOnce, tasks: [] };

export interface Posted {
  readonly notification: Notification;
  readonly ref: DeliveryRef;
  readonly at: number;
  edits: number;
  /** Current text of the message. */
  says: Notification;
}

/** A channel that accepts every message, finds those of earlier attempts, and counts what people would see. */
export function createChannel(now: () => number) {
  const posts: Posted[] = [];
  const retracted: DeliveryRef[] = [];
  let isAway = false;
  const find = (id: string) => posts.find((post) => post.notification.id === id);
  return {
    posts,
    retracted,
    away(is: boolean) {
      isAway = is;
    },
    roots: () => posts.filter(({ notification: { action } }) => action === 'post'),
    lines: () => posts.filter(({ notification: { action } }) => action === 'line'),
    async deliver(notification: Notification): Promise<DeliveryResult> {
      if (isAway) return away;
      const { id, action } = notification;
      if (action === 'edit') {
        const shown = posts.find(({ ref }) => ref === notification.ref);
        if (shown === undefined) return { outcome: 'gone', reason: 'message_not_found' };
        shown.says = notification;
        shown.edits += 1;
        return { outcome: 'delivered', ref: shown.ref };
      }
      const known = notification.mayBeThereSince === undefined ? undefined : find(id);
      if (known !== undefined) return { outcome: 'found', ref: known.ref };
      const ref = `${notification.channel}/${now()}.${posts.length}`;
      posts.push({ notification, ref, at: now(), edits: 0, says: notification });
      return { outcome: 'delivered', ref };
    },
    async retract(ref: DeliveryRef) {
      retracted.push(ref);
      const index = posts.findIndex((post) => post.ref === ref);
      if (index >= 0) posts.splice(index, 1);
    },
  };
}

const away: DeliveryResult = { outcome: 'not-delivered', reason: 'away', retryInMs: undefined };

export function incidentIn({ about }: Notification): Incident {
  assert.equal(about.kind, 'incident');
  return (about as Extract<Notification['about'], { kind: 'incident' }>).incident;
}

export type AlertFleet = ReturnType<typeof createAlertFleet>;

export function createAlertFleet(
  given: Partial<Omit<AlertCoordinatorOptions, 'store' | 'clock' | 'policy'>> & {
    readonly instances?: number;
    readonly beginAt?: number;
    readonly policy?: Policy | (() => Policy);
    readonly isShared?: boolean;
    readonly deliver?: Receiver['deliver'];
  } = {},
) {
  let now = given.beginAt ?? openedAt;
  const clock = { now: () => now };
  const notices: Notice[] = [];
  const decisions: Decision[] = [];
  const channel = createChannel(() => now);
  let memory = createMemoryStore(clock);
  let isStoreAway = false;
  let bookWrites = 0;
  const shared: AlertStore = {
    updateBook: (change) =>
      reached().updateBook((book, at) => {
        const step = change(book, at);
        if (step.next !== undefined && step.next !== book) bookWrites += 1;
        return step;
      }),
    updateLedger: (key, change) => reached().updateLedger(key, change),
    updateBaselines: async (change) => reached().updateBaselines(change),
    share: async (batch) => reached().share(batch),
    takeShared: async () => reached().takeShared(),
    saveEvidence: async (text) => reached().saveEvidence(text),
    loadEvidence: async () => reached().loadEvidence(),
    stop: async () => {},
  };
  const { policy = opensAtOnce, instances = 1, isShared = true, deliver, ...options } = given;

  function reached(): AlertStore {
    if (isStoreAway) throw new Error('away');
    return memory;
  }

  function create(instance: string, more: Partial<AlertCoordinatorOptions> = {}): AlertCoordinator {
    const store = createFallbackStore({
      shared,
      isShared,
      clock,
      onAway() {},
      onBack() {},
      onDuplicate: ({ ref }) => void channel.retract(ref),
    });
    return createAlertCoordinator({
      store,
      clock,
      random: () => 0.5,
      report: (notice) => notices.push(notice),
      onDecision: (decision) => decisions.push(decision),
      instance,
      receivers: [receiverOf(deliver ?? channel.deliver, { retract: channel.retract })],
      ...options,
      ...more,
      policy: typeof policy === 'function' ? policy : () => policy,
    });
  }

  const sinks = Array.from({ length: instances }, (_, index) => create(`instance-${index}`));
  return {
    sinks,
    create,
    notices,
    decisions,
    clock,
    channel,
    memory: () => memory,
    /** Number of writes of the book. */
    bookWrites: () => bookWrites,
    book: () => sinks[0]!.book(),
    storeAway(is: boolean) {
      isStoreAway = is;
    },
    /** The store loses its data. */
    flush() {
      memory = createMemoryStore(clock);
    },
    fail(facts: FailureFacts = {}, hearing: readonly AlertCoordinator[] = sinks) {
      for (const sink of hearing) sink.failure(failureOf({ at: now, ...facts }));
    },
    advance(ms: number) {
      now += ms;
    },
    /** Lets `ms` pass in steps of `stepMs`: each step publishes an event and ticks every instance. */
    async pass(ms: number, stepMs = 1_000, order: () => readonly AlertCoordinator[] = () => sinks) {
      for (const until = now + ms; now < until; ) {
        now += stepMs;
        for (const sink of order()) {
          sink.event(something);
          await sink.tick();
          await sink.idle();
        }
      }
    },
  };
}

/** An event without content, which proves that events arrive. */
const something = {
  type: 'task-result',
  id: 'a' as TaskId,
} as unknown as Event<Redacted>;
