/** The instances that write in the book, and the order in which they deliver while they cannot reach the store. */
import { createHash } from 'node:crypto';
import type { Millis } from '../../event/ids.ts';
import type { Book } from '../incident.ts';

const announceEveryMs = 30_000;
const forgetMs = 120_000;
const replicasMax = 200;

export interface Replica {
  /** Unique among all instances and their restarts. */
  readonly instance: string;
  /** The hash of the policy in force. */
  readonly policy: string;
}

export interface ReplicaOptions {
  readonly now: Millis;
  /** True while the store is unreachable: an instance that cannot read the others' entries keeps all of them. */
  readonly isDegraded: boolean;
}

/** The book with this instance's entry, written at most every half minute. Entries of silent instances expire. */
export function withReplica(book: Book, own: Replica, { now, isDegraded }: ReplicaOptions): Book {
  const known = book.replicas.find(({ instance }) => instance === own.instance);
  if (known !== undefined && known.policy === own.policy && now - known.seenAt < announceEveryMs) return book;
  const others = book.replicas.filter(
    ({ instance, seenAt }) => instance !== own.instance && (isDegraded || now - seenAt < forgetMs),
  );
  return { ...book, replicas: [...others, { ...own, seenAt: now }].slice(-replicasMax) };
}

/**
 * Number of other live instances with another policy: during a rollout, or because one of them was not updated. Entries expire
 * only when an instance announces itself, so the time is checked here too.
 */
export function otherPoliciesCount(book: Pick<Book, 'replicas'>, { instance, policy }: Replica, now: Millis): number {
  return book.replicas.filter(
    (other) => other.instance !== instance && other.policy !== policy && now - other.seenAt < forgetMs,
  ).length;
}

/** 0 for the instance that delivers first with this id, 1 for the next: the same for all that know of one another. */
export function rankOf(id: string, instance: string, book: Pick<Book, 'replicas'>): number {
  const weight = (name: string): string => createHash('sha256').update(`${id}\n${name}`).digest('hex');
  const own = weight(instance);
  return book.replicas.filter((other) => other.instance !== instance && weight(other.instance) < own).length;
}
