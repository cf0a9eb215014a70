/**
 * Whether our queue at the broker let go of messages, told from what it delivers. A full queue drops its oldest and an old
 * message expires, both in silence; but a fleet that sends heartbeats is never silent for long, so a jump in time between
 * the last event before and the first one after is evidence. Pure.
 */
import type { Millis } from '../../event/ids.ts';

export interface Heard {
  /** When the latest event was sent. */
  readonly until: Millis;
  /** The latest heartbeat, if ever one was heard. */
  readonly heartbeat: Heartbeat | undefined;
  /** The broker had more for us than we had taken. */
  readonly isBehind: boolean;
}

export interface Heartbeat {
  readonly at: Millis;
  readonly everyMs: number;
}

/** Some messages in a row, of whatever senders. All times are the senders', but never later than ours. */
export interface Passage {
  readonly earliestAt: Millis;
  readonly latestAt: Millis;
  readonly heartbeat: Heartbeat | undefined;
  /** When the last of them reached us. */
  readonly receivedAt: Millis;
}

export interface PassageCheck {
  readonly next: Heard;
  /** Let go by the queue, from when to when. */
  readonly lost: { readonly from: Millis; readonly to: Millis } | undefined;
}

/** On top of three heartbeats: a worker may be busy, or reconnecting itself. */
const silenceMs = 10_000;
/** Events reach us within a second or two; older ones have waited for us. */
const behindMs = 10_000;

/** `isResumed`: the passage is the first one after a time without a connection. */
export function hear(heard: Heard | undefined, passage: Passage, isResumed: boolean): PassageCheck {
  const { earliestAt, latestAt, receivedAt } = passage;
  const next = {
    until: Math.max(heard?.until ?? latestAt, latestAt),
    heartbeat: passage.heartbeat ?? heard?.heartbeat,
    isBehind: receivedAt - latestAt > behindMs,
  };
  // While we listen and keep up, silence is silence.
  if (heard?.heartbeat === undefined || !(isResumed || heard.isBehind)) return { next, lost: undefined };
  const usualMs = 3 * heard.heartbeat.everyMs + silenceMs;
  const hadHeartbeats = heard.until - heard.heartbeat.at <= usualMs;
  const isJump = earliestAt - heard.until > usualMs;
  return { next, lost: hadHeartbeats && isJump ? { from: heard.until, to: earliestAt } : undefined };
}
