/** One policy during a replay: an alert coordinator with a store and a receiver in memory. */
import type { Decision } from '../../alert/decision.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { Policy } from '../../alert/policy.ts';
import type { Millis } from '../../event/ids.ts';
import { type AlertCoordinator, createAlertCoordinator } from '../../notify/coordinator.ts';
import { createMemoryReceiver } from '../../notify/memory-receiver.ts';
import type { Report } from '../../report.ts';
import { createFallbackStore } from '../../store/fallback-store.ts';
import { createMemoryStore } from '../../store/memory.ts';

/** A policy and the consumers of its results. */
export interface Track {
  readonly policy: Policy;
  readonly onDecision: (decision: Decision) => void;
  readonly onNotification: (notification: Notification, now: Millis) => void;
}

export interface TrackParts {
  readonly clock: { readonly now: () => Millis };
  readonly report: Report;
  /** False if the recording contains the evaluations of this policy. */
  readonly ticksByItself: boolean;
}

export function createTrack(
  { policy, onDecision, onNotification }: Track,
  { clock, report, ticksByItself }: TrackParts,
): AlertCoordinator {
  return createAlertCoordinator({
    policy: () => policy,
    store: createFallbackStore({
      shared: createMemoryStore(clock),
      isShared: false,
      clock,
      onAway: (error) => report({ kind: 'bug', where: 'replay.store', error }),
      onBack: () => {},
    }),
    clock,
    // A fixed jitter, so that two replays of one recording give the same result.
    random: () => 0.5,
    report,
    onDecision,
    ticksByItself,
    receivers: [createMemoryReceiver({ clock, onDelivered: onNotification })],
    instance: 'replay',
  });
}
