/** Findings from the attempts of one publication taken together: work that ran twice, and a message that never ends. */
import type { Note } from '../transition.ts';
import type { AttemptRecord, Publication } from './publication.ts';

/** Two worker deaths may be a coincidence; a third start of the same message is a loop. */
const poisonStarts = 3;

/** `hasDied`: the process that executed an attempt is gone. */
export function findingsOf({ attempts, sends }: Publication, hasDied: (attempt: AttemptRecord) => boolean): Note[] {
  if (attempts.length < 2) return [];
  const notes: Note[] = [];
  for (const retries of new Set(attempts.map((attempt) => attempt.retries))) {
    const same = attempts.filter((attempt) => attempt.retries === retries);
    const sendCount = sends.filter((send) => send.retries === retries).length;
    // Without a receipt it may be another message.
    const completed = same.filter(
      (attempt) => attempt.outcome === 'succeeded' && attempt.receivedAt !== undefined,
    ).length;
    // `retry(throw=False)` ends an attempt in success and sends the next one, which does not repeat the same work.
    if (completed > Math.max(1, sendCount)) notes.push({ what: 'run-twice', runs: completed });
    const starts = same.filter(
      (attempt) => attempt.startedAt !== undefined && wentBackToQueue(attempt, hasDied),
    ).length;
    if (starts >= poisonStarts) notes.push({ what: 'poison-loop', starts });
  }
  return notes;
}

/** The attempt took its worker down, or requeued its message. */
function wentBackToQueue(attempt: AttemptRecord, hasDied: (attempt: AttemptRecord) => boolean): boolean {
  if (attempt.outcome === undefined) return attempt.isSuperseded && attempt.cause !== 'replaced' && hasDied(attempt);
  return attempt.outcome === 'rejected' && attempt.cause === 'requeued';
}
