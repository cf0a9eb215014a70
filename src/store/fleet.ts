/**
 * The state that instances of taskvigil share about themselves: the holder of each duty that only one may have, the owner of
 * each host, and the owner's open work at its last announcement. All times are the store's own clock.
 *
 * Every call rejects, within seconds, if the store is unreachable. The outcome is then unknown; repeating a call is always safe,
 * and without an answer no instance may assume that it holds a duty.
 */
import type { Millis } from '../event/ids.ts';

/** The lease of a duty after a request for it. */
export interface Lease {
  readonly isMine: boolean;
  readonly holder: string;
  /**
   * A fence against a holder that was suspended: the term rises whenever the duty changes hands, and stays the same while one
   * instance keeps it. It is the store's time in microseconds at the hand-over, or one more than the last term, so that it
   * also rises after the store lost its data. Guarantees:
   * - While the store keeps its data, two instances never have the same term, and the later one has the greater.
   * - After a loss (flush, restart without a disk, a replica without the last hand-over), the same holds unless the server's
   *   clock also went back to before the lost lease was taken. The old holder may assume for the rest of its ttl that it
   *   still holds the duty; of two terms the greater one counts.
   */
  readonly term: number;
  /** The latest note of the holder or of its predecessor: the point up to which its work is done. '' if there is none. */
  readonly note: string;
}

/** An instance that is responsible for the workers of a host. */
export interface HostOwner {
  readonly instance: string;
  readonly host: string;
  readonly seenAt: Millis;
  /** Its latest announcement has not expired. */
  readonly isAlive: boolean;
}

/** `work`: open work of the leader; `listening`: until when it received events. */
export type SavedName = 'work' | 'listening';

export interface FleetStore {
  /**
   * Takes the duty if it is free or its lease has expired, keeps it if this instance holds it already (and then writes `note`),
   * and resolves to the lease in either case. One atomic step. Taking it from another instance keeps that one's note, to be
   * read. An expired lease that no other instance took still belongs to its holder, with its term.
   */
  hold(
    duty: string,
    request: { readonly instance: string; readonly ttlMs: Millis; readonly note: string },
  ): Promise<Lease>;
  /** Releases the duty at once, with a last note. Does nothing if another instance holds it. */
  release(duty: string, request: { readonly instance: string; readonly note: string }): Promise<void>;
  /**
   * Announces the owner of a host and its open work. It counts as dead `ttlMs` after its latest announcement or renewal (0: at
   * once, on shutdown) and expires after a day. `isNew`: the store did not contain the instance, because it announced itself
   * for the first time or another instance took its work over. Rejects with a RangeError if `open` exceeds `openBytesMax`.
   */
  announce(
    owner: { readonly instance: string; readonly host: string },
    open: string,
    ttlMs: Millis,
  ): Promise<{ readonly isNew: boolean }>;
  /** Renews an announcement without changes; cheap. False if the store does not contain the instance: announce again. */
  renew(instance: string, ttlMs: Millis): Promise<boolean>;
  /** All owners that were not taken over, alive or dead; at most `ownersMax`. */
  owners(): Promise<readonly HostOwner[]>;
  /**
   * Hands the open work of a dead owner to exactly one caller and removes the owner. undefined: the owner is alive or unknown, or
   * another instance was first. `force` takes the work of a live owner: the caller itself, before a restart or at its end. The
   * work is handed over at most once: if the answer is lost, so is the work.
   */
  takeOver(instance: string, options?: { readonly force?: boolean }): Promise<string | undefined>;
  /** Replaces the text under a name, for the next leader. It expires after a day. Rejects with a RangeError if it is too large. */
  save(name: SavedName, text: string): Promise<void>;
  /** The text that an instance saved last; undefined if there is none. */
  load(name: SavedName): Promise<string | undefined>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** Some thousand open tasks. Every sidecar writes its open work up to once a second, so the limit bounds the store's load. */
export const openBytesMax = 1024 * 1024;

/** A note is a position in time, not a place for data. */
export const noteCharsMax = 1_024;

/** More pods in one namespace belong to several fleets. Beyond it, the ones that were silent for longest are left out. */
export const ownersMax = 2_000;

/** Work that no instance took over within a day belongs to tasks that are no longer of interest. */
export const forgetMs = 24 * 60 * 60_000;
