/**
 * Everything the daemon says about itself: one union, and each member becomes one log line, one metric or both. Nothing
 * else in src/ logs or counts.
 */
import type { ReceiverName } from './alert/receipts.ts';
import type { FailureClass } from './failure/facts.ts';
import type { Cause } from './lifecycle/transition.ts';
import type { GapCause, RejectReason } from './source/source.ts';

export type SinkName = 'traces' | 'logs' | 'sentry' | 'alerts' | 'store' | ReceiverName;

export type Notice =
  // What an operator did or expects.
  | { readonly kind: 'started'; readonly version: string; readonly mode: string; readonly configDigest: string }
  | { readonly kind: 'stopping'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly undelivered: number }
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'source-connected'; readonly source: string }
  /** A configuration was read anew and is in force; `policy` is its hash, `waiting` the options that need a restart. */
  | { readonly kind: 'reloaded'; readonly isChanged: boolean; readonly policy: string; readonly waiting: number }
  // What healed itself or will be tried again.
  | { readonly kind: 'config-warning'; readonly warning: string }
  /** Options that were changed in the file and keep their old value until the next start. */
  | { readonly kind: 'restart-needed'; readonly options: readonly string[] }
  | {
      readonly kind: 'source-disconnected';
      readonly source: string;
      readonly reason: string;
      readonly retryInMs: number;
    }
  | {
      readonly kind: 'gap';
      readonly source: string;
      readonly cause: GapCause;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** Other instances decide by another policy; 0: none any more. */
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
  // Counted only: they happen per message.
  | { readonly kind: 'events-received'; readonly source: string; readonly type: string; readonly count: number }
  | { readonly kind: 'message-rejected'; readonly source: string; readonly reason: RejectReason }
  /** What workers of other hosts said, let go of unread. */
  | { readonly kind: 'foreign-messages'; readonly source: string; readonly count: number }
  | { readonly kind: 'delivered'; readonly sink: SinkName; readonly count: number }
  | { readonly kind: 'redacted'; readonly field: string; readonly what: string; readonly count: number }
  /** `failures`: those that the decision accounts for. */
  | { readonly kind: 'decided'; readonly isNotified: boolean; readonly reason: string; readonly failures: number }
  | { readonly kind: 'noted'; readonly what: string }
  /** Somebody pressed a button below a message. */
  | { readonly kind: 'pressed'; readonly act: string; readonly outcome: string }
  | { readonly kind: 'sampled-out'; readonly what: 'spans'; readonly count: number }
  /** A failure that was not counted before. */
  | { readonly kind: 'failure'; readonly class: FailureClass; readonly cause: Cause }
  /** What the policy held back; of a group's budget only the event is, its count goes on. */
  | { readonly kind: 'suppressed'; readonly sink: SinkName; readonly reason: string; readonly count: number }
  | { readonly kind: 'tracked-tasks'; readonly count: number; readonly unsure: number }
  // What was lost, or needs a person.
  /** A configuration that is not right: the one before stays in force. */
  | { readonly kind: 'reload-refused'; readonly problems: readonly string[] }
  | { readonly kind: 'items-dropped'; readonly queue: string; readonly reason: string; readonly count: number }
  | { readonly kind: 'redaction-failed'; readonly field: string; readonly reason: string }
  | { readonly kind: 'bug'; readonly where: string; readonly error: unknown };

export type Report = (notice: Notice) => void;

/** For a `reason`: an error's kind without its text, which may quote what was sent. `unknown` for what is no error. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
