/**
 * The intervals that a capture covers. A capture has no note of its connection, so its lines are
 * the only proof that it was running: a pause of all workers that their heartbeats do not explain is not covered, and neither
 * is the time after the last line. There the silence of a worker, of a schedule or of a queue proves nothing.
 */
import type { Millis } from '../../event/ids.ts';
import { Heartbeats } from '../../lifecycle/heartbeats.ts';
import type { Viewer } from '../../pipeline.ts';

/** Shorter than the shortest silence after which a worker counts as lost. */
const pauseMinMs = 10_000;
const heartbeatsMissed = 2.5;
/** Without heartbeats a pause is usual; no task system is idle for longer without a reason to doubt the capture. */
const pauseWithoutHeartbeatsMs = 3_600_000;
/** A container that crashes is back within two minutes; after a longer pause the events of ended tasks are missing too. */
const gapMinMs = 120_000;

export class RecordedTime {
  readonly #heartbeats = new Heartbeats();

  /** An event of a worker was recorded since the last pause. */
  #hasWorkerEvent = false;

  readonly event: NonNullable<Viewer['event']> = (event) => {
    this.#heartbeats.note(event);
    if (event.type !== 'task-sent' && event.type !== 'task-result') this.#hasWorkerEvent = true;
  };

  /** To be called once for the time between two successive lines. Returns true if the capture does not cover it. */
  isUnrecorded(pauseMs: Millis): boolean {
    const slowestMs = this.#heartbeats.slowestMs();
    if (slowestMs === undefined) return pauseMs > pauseWithoutHeartbeatsMs;
    const heartbeatsMs = Math.max(pauseMinMs, heartbeatsMissed * slowestMs);
    // Lines of producers and queues after a pause prove that the capture goes on: then its workers are silent.
    const isUnrecorded = pauseMs > (this.#hasWorkerEvent ? heartbeatsMs : Math.max(heartbeatsMs, gapMinMs));
    if (isUnrecorded) this.#hasWorkerEvent = false;
    return isUnrecorded;
  }
}

/** True if the ends of tasks may be missing after a pause that is not recorded. */
export function isGap(pauseMs: Millis): boolean {
  return pauseMs > gapMinMs;
}
