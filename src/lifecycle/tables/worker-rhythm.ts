/**
 * The silence after which a worker counts as lost, judged by what its process has shown before. A process that reported
 * executing tasks in time, heartbeat after heartbeat, is lost soon. A process that never reported one may execute tasks in
 * the loop that sends the heartbeats, as the solo pool does, and one that survived a silence may be silent again.
 */
import type { Millis } from '../../event/ids.ts';

export interface WorkerRhythm {
  /** Interval of the heartbeats according to the worker. */
  readonly heartbeatMs: Millis;
  /** Number of worker events of this process. */
  readonly events: number;
  /** The longest silence after which this process sent an event again. */
  readonly longestSilenceMs: Millis;
  /** False for a worker that never reported an executing task. */
  readonly hasReportedActive: boolean;
}

/** Limit of the learned silence: a host that was suspended for a night must not delay detection by two nights. */
const longestSilenceMsMax = 600_000;
/** Events after which the intervals of a process are its rhythm. */
const rhythmEventsMin = 8;
const rhythmFactor = 4;
const rhythmMsMin = 12_000;
/** A worker that never reported an executing task gets this many times the usual limit. */
const blockingFactor = 1.5;

/** Silence after which a worker is lost whatever else is known; its heartbeats can fail to arrive for other reasons. */
export function silenceLimitMs(rhythm: WorkerRhythm, silentAfterMs: Millis): Millis {
  const { heartbeatMs, longestSilenceMs, hasReportedActive } = rhythm;
  const base = hasReportedActive ? silentAfterMs : blockingFactor * silentAfterMs;
  return Math.max(base, 3 * heartbeatMs, 2 * Math.min(longestSilenceMs, longestSilenceMsMax));
}

/** The same where other events arrived all the time, so that only the worker itself can be silent. */
export function provenSilenceLimitMs(rhythm: WorkerRhythm, silentAfterMs: Millis): Millis {
  const limit = silenceLimitMs(rhythm, silentAfterMs);
  const { heartbeatMs, events, longestSilenceMs, hasReportedActive } = rhythm;
  if (!hasReportedActive || events < rhythmEventsMin) return limit;
  return Math.min(limit, Math.max(rhythmMsMin, rhythmFactor * Math.max(longestSilenceMs, heartbeatMs)));
}
