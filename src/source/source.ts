/** A source delivers messages from a broker until it is stopped, and reports each interval in which it could not receive. */
import type { Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import type { Untrusted } from '../event/untrusted.ts';

/** One message as received, before decoding. */
export interface Message {
  /** Name of the source in the configuration, for reports and metrics. */
  readonly source: string;
  /** Time of receipt on this process's clock. */
  readonly receivedAt: Millis;
  readonly payload: string;
  /** Format of `payload`, one of the names that the broker system's decoder knows. */
  readonly form: string;
}

/** Result of decoding: one event, or the reason why there is none. */
export type Decoded =
  /** `isShortened`: the message was too large to be parsed whole, and long values of the event lack their middle. */
  | { readonly ok: true; readonly event: Event<Untrusted>; readonly isShortened?: true }
  | { readonly ok: false; readonly reason: RejectReason };

export type RejectReason =
  | 'not-json'
  | 'not-decodable'
  | 'pickle'
  | 'too-large'
  | 'unknown-content-type'
  | 'unknown-encoding'
  | 'not-an-object'
  | 'not-a-lifecycle-event'
  | 'no-event-type'
  | 'no-task-id'
  | 'unreadable-task-id'
  | 'foreign-host';

/** The reason to reject an event whose field `value` is no task id. */
export function noIdReason(value: unknown): RejectReason {
  return typeof value === 'object' && value !== null ? 'unreadable-task-id' : 'no-task-id';
}

/** An interval in which events may have been missed. `to` is the time at which the source received again. */
export interface Gap {
  readonly source: string;
  readonly from: Millis;
  readonly to: Millis;
  readonly cause: GapCause;
}

/**
 * `queue-lost`: the queue of this process at the broker was deleted or dropped messages. `hand-over`: no instance owned the
 * host. `restart`: no instance was running. `silence`: all workers became silent at once although the connection was up.
 */
export type GapCause =
  | 'not-connected'
  | 'connection-lost'
  | 'too-slow'
  | 'overload'
  | 'queue-lost'
  | 'hand-over'
  | 'restart'
  | 'silence';

/** Receives everything that a source produces. No method may wait or throw. */
export interface Outlet {
  message(message: Message): void;
  /** An event that needs no decoding, from a recording by taskvigil. */
  decoded(decoded: Decoded): void;
  gap(gap: Gap): void;
  /** The subscription is established (true) or lost (false) since `at`. */
  connected(isConnected: boolean, at: Millis): void;
}

export interface Source {
  readonly name: string;
  /**
   * Time before the first connection whose events the broker kept for this process, as a durable queue does; 0 if left out.
   */
  readonly keptMs?: () => Millis;
  /** Connects in the background and retries for ever; resolves at once. */
  start(outlet: Outlet): Promise<void>;
  /** May be called twice, and without a start. Nothing is delivered after it resolves. */
  stop(): Promise<void>;
  /** Ends the wait before the next attempt to connect: another source just reached its server again. */
  retryNow?(): void;
}
