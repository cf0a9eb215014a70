/**
 * What instances of taskvigil must agree on about themselves: who holds a duty that only one may have, who looks after
 * which host, and what was open there when an owner was last heard of. All times are the store's own clock.
 *
 * Every call rejects, within seconds, when the store cannot be reached. Whether it was applied is then unknown; asking
 * again is always safe, and until an answer comes nobody may think that the duty is theirs.
 *
 * Exports: FleetStore, Lease, Owner, openBytesMax, noteCharsMax, ownersMax, forgetMs.
 */
import type { Millis } from '../event/ids.ts';

/** Who holds a duty now, after asking for it. */
export interface Lease {
  readonly isMine: boolean;
  readonly holder: string;
  /**
   * A fence against a holder that was only asleep: greater than every term before it whenever the duty changes hands, the
   * same for as long as one instance keeps it. It is the store's time in microseconds at the hand-over, or one more than
   * the last, so that a store that lost everything still goes on upwards. What holds:
   * - within one life of the store's data: two instances never have one term, and the later one has the greater;
   * - across a loss (flush, restart without a disk, a replica that had not heard of the last hand-over): the same, unless
   *   the server's clock also went back behind the moment at which the lost lease was taken. The old holder may think for
   *   the rest of its ttl that it still holds the duty; whoever compares terms lets the greater one win.
   */
  readonly term: number;
  /** What the holder, or the one before it, last wrote down: up to where its work is done. '' when nobody ever did. */
  readonly note: string;
}

/** An instance that looks after a host's workers. */
export interface HostOwner {
  readonly instance: string;
  readonly host: string;
  readonly seenAt: Millis;
  /** It said so within the time that it promised to. */
  readonly isAlive: boolean;
}

export interface FleetStore {
  /**
   * Takes the duty if it is free or its lease ran out, keeps it if it is ours already (and then writes `note`), and answers
   * who holds it either way. One atomic step. Taking it from another leaves that one's note, for us to read. A lease that
   * ran out and that nobody else took is still ours, with its term.
   */
  hold(
    duty: string,
    request: { readonly instance: string; readonly ttlMs: Millis; readonly note: string },
  ): Promise<Lease>;
  /** Gives the duty back at once, with a last note; nothing happens when it is not ours. */
  release(duty: string, request: { readonly instance: string; readonly note: string }): Promise<void>;
  /**
   * "I look after this host, and this is open there." Dead after `ttlMs` without another word (0: a goodbye, dead at
   * once), forgotten after a day. `isNew` when the store did not know the instance: it is its first word, or somebody took
   * its work over in between. Rejects with a RangeError when `open` is larger than `openBytesMax`.
   */
  announce(
    owner: { readonly instance: string; readonly host: string },
    open: string,
    ttlMs: Millis,
  ): Promise<{ readonly isNew: boolean }>;
  /** "Still here, and nothing changed": cheap. False when the store does not know the instance (any more): announce anew. */
  renew(instance: string, ttlMs: Millis): Promise<boolean>;
  /** Everybody who announced and was not taken over, alive or not; at most `ownersMax`. */
  owners(): Promise<readonly HostOwner[]>;
  /**
   * The open work of an owner, handed to exactly one caller: undefined when it is alive, unknown or another one was first.
   * The owner is forgotten by it. `force` takes it although it is alive: it is ourselves, before a restart or at the end.
   * Handed over at most once: when the answer is lost on the way to us, so is the work.
   */
  takeOver(instance: string, options?: { readonly force?: boolean }): Promise<string | undefined>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** Some thousand open tasks. It is written up to once a second by every sidecar, so a store must bear it a few hundred times. */
export const openBytesMax = 1024 * 1024;

/** A note is a position in time, not a place for data. */
export const noteCharsMax = 1_024;

/** More pods than that under one namespace are more than one fleet; the longest silent are not seen. */
export const ownersMax = 2_000;

/** What nobody took over within a day is about tasks that nobody waits for any more. */
export const forgetMs = 24 * 60 * 60_000;
