/**
 * Of several instances that hear the same, one tells. The others keep what they would have told for a while, and hand out
 * what the one before had not delivered when they take its place. Bounded; a span id is the same from every instance, so what
 * is told twice in the moment of a sudden death can be seen to be the same.
 */
import type { Millis } from '../event/ids.ts';

export interface StandbyBuffer {
  /** Runs now if we tell, else keeps it. */
  pass(run: () => void, now: Millis): void;
  /** From now on we tell, and first what came after `since`. */
  open(since: Millis): void;
}

/** A lease runs out after ten seconds, and a busy machine may take as long again to notice. */
const keepMs = 30_000;
const itemsMax = 50_000;

export function createStandbyBuffer(isTelling: () => boolean): StandbyBuffer {
  let kept: { readonly at: Millis; readonly run: () => void }[] = [];
  return {
    pass(run, now) {
      if (isTelling()) {
        run();
        return;
      }
      kept.push({ at: now, run });
      // Trimmed in large steps, so that a step costs nothing per item.
      if (kept.length > itemsMax || (kept[0]?.at ?? now) + 2 * keepMs < now) {
        kept = kept.filter(({ at }) => at + keepMs >= now).slice(-itemsMax / 2);
      }
    },
    open(since) {
      const due = kept;
      kept = [];
      for (const { at, run } of due) if (at > since) run();
    },
  };
}
