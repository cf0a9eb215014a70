/**
 * Several standalone instances receive the same events, and only the leader exports. A standby keeps its latest exports and
 * runs those that the previous leader had not delivered when it takes over. Bounded. Span ids are computed, so a receiver can
 * detect the exports that both delivered around a sudden death of the leader.
 */
import type { Millis } from '../event/ids.ts';

export interface StandbyBuffer {
  /** Runs the export now if this instance leads, and keeps it otherwise. */
  pass(run: () => void, now: Millis): void;
  /** Runs the kept exports after `since` and drops the earlier ones. Call it when this instance starts to lead. */
  flush(since: Millis): void;
}

/** A lease expires after ten seconds, and a busy machine may need as long again to notice. */
const keepMs = 30_000;
const itemsMax = 50_000;

export function createStandbyBuffer(isExporting: () => boolean): StandbyBuffer {
  let kept: { readonly at: Millis; readonly run: () => void }[] = [];
  return {
    pass(run, now) {
      if (isExporting()) {
        run();
        return;
      }
      kept.push({ at: now, run });
      // Trimmed in large steps, so that a step costs nothing per item.
      if (kept.length > itemsMax || (kept[0]?.at ?? now) + 2 * keepMs < now) {
        kept = kept.filter(({ at }) => at + keepMs >= now).slice(-itemsMax / 2);
      }
    },
    flush(since) {
      const due = kept;
      kept = [];
      for (const { at, run } of due) if (at > since) run();
    },
  };
}
