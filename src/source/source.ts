/** Where events come from. A source delivers messages until it is stopped, and says when it was deaf. */
import type { Millis } from '../event/ids.ts';
import type { Decoded } from './celery/event.ts';

/** What a source received, before it is understood. */
export interface Message {
  /** The source's name in the configuration, for reports and metrics. */
  readonly source: string;
  /** Our clock. */
  readonly receivedAt: Millis;
  /** The kombu envelope (Redis) or the event body itself (AMQP), as text. */
  readonly payload: string;
  readonly form: 'kombu-envelope' | 'event-body' | 'result-meta';
}

/** A stretch of time in which events may have been missed, and why. `to` is when listening began again. */
export interface Gap {
  readonly source: string;
  readonly from: Millis;
  readonly to: Millis;
  readonly cause: GapCause;
}

/**
 * `queue-lost`: our own queue at the broker was gone or had let messages go. `hand-over`: nobody listened for a host.
 * `silence`: all workers fell silent at once, although the connection stood.
 */
export type GapCause =
  | 'not-connected'
  | 'connection-lost'
  | 'too-slow'
  | 'overload'
  | 'queue-lost'
  | 'hand-over'
  | 'silence';

/** Where a source puts what it has. None of these may wait or throw. */
export interface Outlet {
  message(message: Message): void;
  /** An event that needs no decoding: from a recording of ours. */
  decoded(decoded: Decoded): void;
  gap(gap: Gap): void;
  /** The subscription stands, or no longer stands, since `at`. */
  connected(isConnected: boolean, at: Millis): void;
}

export interface Source {
  readonly name: string;
  /** Connects in the background and keeps trying; resolves at once. */
  start(outlet: Outlet): Promise<void>;
  stop(): Promise<void>;
}
