/** What the attempts of one life show together: work done twice, and work that is begun for ever. Pure. */

import type { Note } from '../transition.ts';
import type { AttemptRecord, Publication } from './attempts.ts';

/** Two deaths can be chance; a third begin of one publication is a loop. */
const poisonStarts = 3;

export function findingsOf(life: Publication): Note[] {
  if (life.attempts.length < 2) return [];
  const notes: Note[] = [];
  for (const retries of new Set(life.attempts.map((run) => run.retries))) {
    const runs = life.attempts.filter((run) => run.retries === retries);
    const published = life.sends.filter((send) => send.retries === retries).length;
    const completed = runs.filter(({ outcome }) => outcome === 'succeeded').length;
    // `retry(throw=False)` ends one attempt in success and publishes the next, which is not the same work again.
    if (completed > Math.max(1, published)) notes.push({ what: 'run-twice', runs: completed });
    const starts = runs.filter((run) => run.startedAt !== undefined && tookItsWorkerOrWasPutBack(run)).length;
    if (starts >= poisonStarts) notes.push({ what: 'poison-loop', starts });
  }
  return notes;
}

function tookItsWorkerOrWasPutBack(run: AttemptRecord): boolean {
  if (run.outcome === undefined) return run.isSuperseded && run.cause !== 'replaced';
  return run.outcome === 'rejected' && run.cause === 'requeued';
}
