/**
 * The last step of a publication: what follows about an attempt from the other attempts, sends and deliveries, in whatever
 * order their events came and by whichever clocks they are stamped.
 */
import type { Millis } from '../../event/ids.ts';
import { canHaveRetried, startExecuted } from './attempts.ts';
import { isReplacedBy } from './message.ts';
import { type AttemptRecord, type Delivery, isFinal, type Publication } from './publication.ts';

export function finishAttempts(publication: Publication): void {
  const { attempts, waiting } = publication;
  if (attempts.length === 0 && waiting.length < 2) return;
  relateAttempts(publication);
  startExecuted(publication);
  dropConsumed(publication);
  if (attempts.length > 1) {
    attempts.sort((a, b) => a.retries - b.retries);
    markReplaced(publication);
    concludeRetried(publication);
  }
  numberAttempts(publication);
}

/** What `isOver` needs: the retries of each attempt, and which open ones were followed by another delivery. */
export function relateAttempts(publication: Publication): void {
  inferRetries(publication);
  const { attempts, waiting } = publication;
  if (attempts.length + waiting.length < 2) return;
  for (const attempt of attempts) {
    if (attempt.outcome !== undefined || attempt.isSuperseded) continue;
    const { retries } = attempt;
    const isLater = (at: Millis | undefined): boolean => (at ?? 0) > (attempt.receivedAt ?? Number.POSITIVE_INFINITY);
    attempt.isSuperseded =
      waiting.some((delivery) => delivery.retries === retries && isLater(delivery.at)) ||
      attempts.some((other) => other.retries === retries && isLater(other.receivedAt));
  }
}

/**
 * The retries of attempts whose receipt was missed. An attempt that ended in a retry has the fewest retries with which no other
 * attempt can have ended so, and one that ended the task the most; without such a number it repeats the last message.
 */
function inferRetries({ attempts, sends, waiting }: Publication): void {
  const guessed = attempts.filter(({ receivedAt }) => receivedAt === undefined);
  if (guessed.length === 0 || (attempts.length === 1 && sends.length + waiting.length === 0)) return;
  const received = attempts.filter(({ receivedAt }) => receivedAt !== undefined);
  const taken = new Set([...received, ...waiting].map(({ retries }) => retries));
  const sent = new Set(sends.map(({ retries }) => retries));
  const retried = new Set(received.filter(({ outcome }) => outcome === 'retried').map(({ retries }) => retries));
  const settled: AttemptRecord[] = [];
  for (const attempt of inOrderOfCertainty(guessed)) {
    const free = freeRetries({ taken, sent, retried });
    const known = Math.max(0, ...taken, ...sent);
    const isLast = attempt.outcome !== undefined && isFinal(attempt);
    const isRetried = attempt.outcome === 'retried';
    attempt.retries =
      (isLast ? free.at(-1) : free[0]) ?? (isRetried ? firstUnretried([...received, ...settled], known) : known);
    if (taken.has(attempt.retries)) supersedeBefore(attempts, attempt);
    settled.push(attempt);
    taken.add(attempt.retries);
    if (isRetried) retried.add(attempt.retries);
  }
}

/** An attempt that repeats a message without a receipt of its own shows that the message was delivered again. */
function supersedeBefore(attempts: readonly AttemptRecord[], repeat: AttemptRecord): void {
  for (const attempt of attempts.slice(0, attempts.indexOf(repeat))) {
    if (attempt.outcome === undefined && attempt.retries === repeat.retries) attempt.isSuperseded = true;
  }
}

function inOrderOfCertainty(attempts: readonly AttemptRecord[]): AttemptRecord[] {
  const rankOf = (attempt: AttemptRecord): number => {
    if (attempt.outcome === 'retried') return 0;
    return attempt.outcome !== undefined && isFinal(attempt) ? 2 : 1;
  };
  return attempts.toSorted((a, b) => rankOf(a) - rankOf(b));
}

interface KnownRetries {
  readonly taken: ReadonlySet<number>;
  readonly sent: ReadonlySet<number>;
  readonly retried: ReadonlySet<number>;
}

/** Numbers of retries that an attempt must have and none has, the fewest first. */
function freeRetries({ taken, sent, retried }: KnownRetries): number[] {
  const proven = new Set([...sent, ...[...retried].map((retries) => retries + 1)]);
  // Every retry has an attempt before it.
  for (let retries = 0; retries < Math.max(...taken, ...sent); retries += 1) proven.add(retries);
  return [...proven].filter((retries) => !taken.has(retries)).sort((a, b) => a - b);
}

/** The fewest retries with which no attempt published a retry, and below `known` if the attempts there leave a choice. */
function firstUnretried(attempts: readonly AttemptRecord[], known: number): number {
  const retriesOf = (some: readonly AttemptRecord[]): Set<number> => new Set(some.map(({ retries }) => retries));
  const firstWithout = (taken: ReadonlySet<number>): number => {
    let retries = 0;
    while (taken.has(retries)) retries += 1;
    return retries;
  };
  const unpublished = firstWithout(retriesOf(attempts.filter(canHaveRetried)));
  if (unpublished < known) return unpublished;
  return Math.min(firstWithout(retriesOf(attempts.filter(({ outcome }) => outcome === 'retried'))), known);
}

/** A delivery with fewer retries than an attempt waits no more. */
function dropConsumed({ attempts, waiting, sends }: Publication): void {
  const retriesMax = Math.max(-1, ...attempts.map(({ retries }) => retries));
  for (let at = waiting.length - 1; at >= 0; at -= 1) {
    const { retries } = waiting[at] as Delivery;
    if (retries < retriesMax && sends.filter((send) => send.retries === retries).length < 2) waiting.splice(at, 1);
  }
}

function markReplaced(publication: Publication): void {
  const { attempts, waiting } = publication;
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.outcome !== undefined || !attempt.isSuperseded) continue;
    const isSame = ({ retries }: { readonly retries: number }): boolean => retries === attempt.retries;
    const next = attempts.slice(index + 1).find(isSame) ?? waiting.find(isSame);
    if (isReplacedBy(publication, attempt, next)) attempt.cause = 'replaced';
  }
}

/** An attempt with more retries exists, so each open attempt before it ended in a retry whose event was missed. */
function concludeRetried({ attempts, sends }: Publication): void {
  for (const attempt of attempts) {
    if (attempt.outcome !== undefined || attempt.isSuperseded) continue;
    const next = attempts.find(({ retries }) => retries > attempt.retries);
    if (next === undefined) continue;
    const sentAt = sends.find(({ retries }) => retries === next.retries)?.at;
    attempt.outcome = 'retried';
    attempt.endedAt = Math.max(attempt.startedAt ?? 0, sentAt ?? next.receivedAt ?? next.startedAt ?? 0);
  }
}

/** The number includes attempts without any event: the retries of a later one prove them. */
function numberAttempts({ number, attempts, sends }: Publication): void {
  let [nth, before] = [0, -1];
  let previous = 0;
  for (const attempt of attempts) {
    const { retries } = attempt;
    nth = retries === before ? nth + 1 : 1;
    before = retries;
    previous = Math.max(previous, retries) + 1;
    attempt.number = previous;
    attempt.key = `${number}.${retries}.${nth}`;
    attempt.isRedelivery = nth > 1 && nth > sends.filter((send) => send.retries === retries).length;
  }
}
