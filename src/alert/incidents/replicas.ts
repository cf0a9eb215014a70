/** Who else writes in the book, and in which order they step in when they cannot agree. */
import { createHash } from 'node:crypto';
import type { Millis } from '../../event/ids.ts';
import type { Book } from '../incident.ts';

const sayEveryMs = 30_000;
const forgetMs = 120_000;
const replicasMax = 200;

/** The book with a word of ours in it, at most every half minute. Whoever cannot hear the others (`isAlone`) forgets nobody. */
export function withReplica(
  book: Book,
  own: { readonly instance: string; readonly policy: string },
  now: Millis,
  isAlone = false,
): Book {
  const known = book.replicas.find(({ instance }) => instance === own.instance);
  if (known !== undefined && known.policy === own.policy && now - known.seenAt < sayEveryMs) return book;
  const others = book.replicas.filter(
    ({ instance, seenAt }) => instance !== own.instance && (isAlone || now - seenAt < forgetMs),
  );
  return { ...book, replicas: [...others, { ...own, seenAt: now }].slice(-replicasMax) };
}

/** Whether others work by another policy: then a rollout is under way, or somebody was forgotten. */
export function hasOtherPolicies(book: Book, own: string): boolean {
  return book.replicas.some(({ policy }) => policy !== own);
}

/** 0 for the one whose turn it is first with this id, 1 for the next: the same for all who know of one another. */
export function rankOf(id: string, instance: string, book: Book): number {
  const weight = (name: string): string => createHash('sha256').update(`${id}\n${name}`).digest('hex');
  const own = weight(instance);
  return book.replicas.filter((other) => other.instance !== instance && weight(other.instance) < own).length;
}
