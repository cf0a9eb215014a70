/**
 * What instances of taskvigil must agree on about themselves: who holds a duty that only one may have, who looks after
 * which host, and what was open there when an owner was last heard of. All times are the store's own clock.
 */
import type { Millis } from '../event/ids.ts';

/** Who holds a duty now, after asking for it. */
export interface Lease {
  readonly isMine: boolean;
  readonly holder: string;
  /** Grows by one whenever the duty changes hands, never otherwise: a fence against a holder that was only asleep. */
  readonly term: number;
  /** What the holder, or the one before it, last wrote down: up to where its work is done. */
  readonly note: string;
}

/** An instance that looks after a host's workers. */
export interface Owner {
  readonly instance: string;
  readonly host: string;
  readonly seenAt: Millis;
  /** It said so within the time that it promised to. */
  readonly isAlive: boolean;
}

export interface FleetStore {
  /**
   * Takes the duty if it is free or its lease ran out, keeps it if it is ours already (and then writes `note`), and answers
   * who holds it either way. One atomic step.
   */
  hold(duty: string, request: { readonly instance: string; readonly ttlMs: number; readonly note: string }): Promise<Lease>;
  /** Gives the duty back at once, with a last note; nothing happens when it is not ours. */
  release(duty: string, request: { readonly instance: string; readonly note: string }): Promise<void>;
  /** "I look after this host, and this is open there." Forgotten after a day, dead after `ttlMs` without another word. */
  announce(owner: { readonly instance: string; readonly host: string }, open: string, ttlMs: number): Promise<void>;
  /** Everybody who announced and was not taken over, alive or not. */
  owners(): Promise<readonly Owner[]>;
  /**
   * The open work of an owner, handed to exactly one caller: undefined when it is alive, unknown or another one was first.
   * The owner is forgotten by it. `force` takes it although it is alive: it said goodbye, or it is ourselves before a restart.
   */
  takeOver(instance: string, options?: { readonly force?: boolean }): Promise<string | undefined>;
  stop(): Promise<void>;
}
