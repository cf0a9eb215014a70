/** How long a busy socket collects bytes before they are read together. Pure. */
import type { Millis } from '../../event/ids.ts';

/** Small beside the second and a half in which a task's events settle. */
const gatherMsMax = 100;
export const gatherMsMin = 2;
/** Redis buffers what the socket buffers do not hold; this is an eighth of its limit for a subscriber. */
const gatheredBytesMax = 1024 * 1024;

/** The next time to gather, from the last time and the bytes that it brought. */
export function nextGatherMs(gatherMs: Millis, gatheredBytes: number): Millis {
  if (gatheredBytes >= gatheredBytesMax) return Math.max(gatherMsMin, gatherMs / 2);
  return gatheredBytes < gatheredBytesMax / 2 ? Math.min(gatherMsMax, gatherMs * 2) : gatherMs;
}
