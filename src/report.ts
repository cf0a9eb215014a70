/**
 * Every notice of the daemon about itself: one union, of which each member becomes a log line, a metric or both. No other
 * file of src/ logs or counts.
 */
import type { ReceiverName } from './alert/receipts.ts';
import type { FailureClass } from './failure/facts.ts';
import type { Cause } from './lifecycle/transition.ts';
import type { GapCause, RejectReason } from './source/source.ts';

export type SinkName = 'traces' | 'logs' | 'sentry' | 'alerts' | 'store' | ReceiverName;

export type Notice =
  // Actions of an operator, and expected progress.
  | { readonly kind: 'started'; readonly version: string; readonly mode: string; readonly configDigest: string }
  | { readonly kind: 'stopping'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly undelivered: number }
  | { readonly kind: 'listening'; readonly address: string }
  /** There is no store. `forgets`: the state that a restart loses. */
  | { readonly kind: 'memory-only'; readonly forgets: string }
  | { readonly kind: 'source-connected'; readonly source: string }
  /** A configuration was reloaded and is in force. `policy`: its hash; `waiting`: number of options that need a restart. */
  | { readonly kind: 'reloaded'; readonly isChanged: boolean; readonly policy: string; readonly waiting: number }
  // Trouble that passes by itself or is retried.
  | { readonly kind: 'config-warning'; readonly warning: string }
  /** Options that were changed in the file and keep their old value until the next start. */
  | { readonly kind: 'restart-needed'; readonly options: readonly string[] }
  | {
      readonly kind: 'source-disconnected';
      readonly source: string;
      readonly reason: string;
      readonly retryInMs: number;
    }
  /** A sidecar on `hostname` receives events of other hosts only. */
  | { readonly kind: 'foreign-only'; readonly hostname: string }
  /** Messages are read `lagMs` after they were sent. */
  | { readonly kind: 'source-lagging'; readonly source: string; readonly lagMs: number }
  | {
      readonly kind: 'gap';
      readonly source: string;
      readonly cause: GapCause;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** Number of instances with a different policy; 0 once they agree again. */
  | { readonly kind: 'policies-differ'; readonly instances: number }
  | { readonly kind: 'witness-failed'; readonly source: string; readonly witness: string; readonly reason: string }
  | { readonly kind: 'worker-lost'; readonly hostname: string; readonly silentMs: number }
  | {
      readonly kind: 'delivery-failed';
      readonly sink: SinkName;
      readonly reason: string;
      readonly count: number;
      readonly willRetry: boolean;
    }
  // Counted only, because they occur per message.
  | { readonly kind: 'events-received'; readonly source: string; readonly type: string; readonly count: number }
  | { readonly kind: 'message-rejected'; readonly source: string; readonly reason: RejectReason }
  /** An event of a message over the size limit was read, and its long values were cut. */
  | { readonly kind: 'event-shortened'; readonly source: string; readonly type: string }
  /** Messages of workers on other hosts, dropped before they are parsed. */
  | { readonly kind: 'foreign-messages'; readonly source: string; readonly count: number }
  | { readonly kind: 'delivered'; readonly sink: SinkName; readonly count: number }
  | { readonly kind: 'redacted'; readonly field: string; readonly what: string; readonly count: number }
  /** `failures`: number of failures that the decision is about. */
  | { readonly kind: 'decided'; readonly isNotified: boolean; readonly reason: string; readonly failures: number }
  | { readonly kind: 'noted'; readonly what: string }
  /** A person pressed a button below a message. */
  | { readonly kind: 'pressed'; readonly act: string; readonly outcome: string }
  | { readonly kind: 'sampled-out'; readonly what: 'spans'; readonly count: number }
  /** A failure that was not counted before. */
  | { readonly kind: 'failure'; readonly class: FailureClass; readonly cause: Cause }
  /** A task ended, and no source has its outcome. */
  | { readonly kind: 'unknown-end' }
  /** Items that the policy suppressed. A group's budget suppresses the event only; the group's count goes on. */
  | { readonly kind: 'suppressed'; readonly sink: SinkName; readonly reason: string; readonly count: number }
  /** The largest difference of a worker's clock from ours, behind or ahead. */
  | { readonly kind: 'clock-offset'; readonly hostname: string; readonly offsetMs: number }
  /** A worker's clock began to differ by more than 2 s. */
  | { readonly kind: 'clock-wrong'; readonly hostname: string; readonly offsetMs: number }
  | { readonly kind: 'tracked-tasks'; readonly count: number; readonly unsure: number }
  // Losses, and trouble that needs a person.
  /** A wrong configuration was not applied; the previous one stays in force. */
  | { readonly kind: 'reload-refused'; readonly problems: readonly string[] }
  | { readonly kind: 'items-dropped'; readonly queue: string; readonly reason: string; readonly count: number }
  | { readonly kind: 'redaction-failed'; readonly field: string; readonly reason: string }
  | { readonly kind: 'bug'; readonly where: string; readonly error: unknown };

export type Report = (notice: Notice) => void;

/** The class of an error, for a `reason`. Its message is left out, because it may quote data. `unknown` for other values. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
