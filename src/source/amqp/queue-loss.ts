/**
 * Derives from delivered messages whether the own queue at the broker dropped others. A full queue drops its oldest message
 * and an old message expires, both without a notice. A fleet that sends heartbeats is never silent for long, so a jump in
 * time between the last event before and the first event after is evidence of a loss. Pure.
 */
import type { Millis } from '../../event/ids.ts';

/** State of one queue across connections. All times are the senders'. */
export interface QueueProgress {
  /** Time of the latest event. */
  readonly until: Millis;
  readonly heartbeat: Heartbeat | undefined;
  /** True if the latest slice arrived late, so the broker had more messages waiting. */
  readonly isBehind: boolean;
}

export interface Heartbeat {
  readonly at: Millis;
  readonly everyMs: Millis;
}

/** Consecutive messages of any senders. All times are the senders', but never later than this process's clock. */
export interface DeliveredSlice {
  readonly earliestAt: Millis;
  readonly latestAt: Millis;
  readonly heartbeat: Heartbeat | undefined;
  /** Receipt of the last message. */
  readonly receivedAt: Millis;
}

export interface SliceResult {
  readonly next: QueueProgress;
  /** Interval of the messages that the queue dropped. */
  readonly lost: { readonly from: Millis; readonly to: Millis } | undefined;
}

/** Allowed silence beyond three heartbeats: a worker may be busy, or reconnecting. */
const silenceMs = 10_000;
/** Events arrive within a second or two; an older one waited in the queue. */
const behindMs = 10_000;

/** `isResumed`: the slice is the first one after an interval without a connection. */
export function advanceProgress(
  progress: QueueProgress | undefined,
  slice: DeliveredSlice,
  isResumed: boolean,
): SliceResult {
  const { earliestAt, latestAt, receivedAt } = slice;
  const next = {
    until: Math.max(progress?.until ?? latestAt, latestAt),
    heartbeat: slice.heartbeat ?? progress?.heartbeat,
    isBehind: receivedAt - latestAt > behindMs,
  };
  // A connected consumer that keeps up would have received everything, so silence means that nothing was sent.
  if (progress?.heartbeat === undefined || !(isResumed || progress.isBehind)) return { next, lost: undefined };
  const silentMsMax = 3 * progress.heartbeat.everyMs + silenceMs;
  const hadHeartbeats = progress.until - progress.heartbeat.at <= silentMsMax;
  const isJump = earliestAt - progress.until > silentMsMax;
  return { next, lost: hadHeartbeats && isJump ? { from: progress.until, to: earliestAt } : undefined };
}
