/**
 * What the alert engine is told: the few facts of a transition, a worker or the broker that evidence is made of. Plain data,
 * so that a sidecar can hand them to whoever decides for the fleet, and a recording of them gives the same decisions.
 */
import type { Fingerprint, Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { FailureClass } from '../../failure/facts.ts';
import type { AttemptOutcome, Cause } from '../../lifecycle/transition.ts';

/** One failure, as far as counting and showing it need to know. */
export interface ObservedFailure {
  /** The same for every observer of the failure. */
  readonly id: string;
  readonly fingerprint: Fingerprint;
  readonly task: Redacted | undefined;
  readonly queue: string | undefined;
  readonly host: Hostname | undefined;
  readonly title: Redacted;
  /** Class of the exception by its short name; undefined where there was none. */
  readonly exception: string | undefined;
  readonly class: FailureClass;
  readonly cause: Cause;
  /** It failed after retries were used up. */
  readonly isExhausted: boolean;
  readonly taskId: TaskId;
  readonly traceId: string;
}

export type Observation =
  /** Any event at all: we hear. Told once for many. */
  | { readonly kind: 'heard'; readonly at: Millis }
  | {
      readonly kind: 'attempt-started';
      readonly at: Millis;
      /** Unique among all attempts. */
      readonly attempt: string;
      readonly taskId: TaskId;
      readonly traceId: string;
      readonly retries: number;
      readonly task: string | undefined;
      readonly queue: string | undefined;
      readonly host: Hostname;
    }
  | {
      readonly kind: 'attempt-ended';
      readonly at: Millis;
      readonly attempt: string;
      readonly taskId: TaskId;
      readonly retries: number;
      readonly task: string | undefined;
      readonly queue: string | undefined;
      readonly host: Hostname;
      readonly outcome: AttemptOutcome;
      readonly runtimeMs: number | undefined;
      /** Why it is retried: the exception's class and words without values. */
      readonly retry: { readonly exception: string; readonly title: Redacted; readonly traceId: string } | undefined;
    }
  /** `retries` of an attempt that waits for its time in the broker or at a worker. */
  | {
      readonly kind: 'waiting';
      readonly at: Millis;
      readonly taskId: TaskId;
      readonly retries: number;
      readonly task: string | undefined;
      readonly queue: string | undefined;
      readonly eta: Millis | undefined;
    }
  /** It waits no more and was not begun: revoked, expired. */
  | { readonly kind: 'taken'; readonly at: Millis; readonly taskId: TaskId }
  | { readonly kind: 'failed'; readonly at: Millis; readonly failure: ObservedFailure }
  | {
      readonly kind: 'noted';
      readonly at: Millis;
      readonly what: 'poison-loop' | 'run-twice';
      readonly taskId: TaskId;
      readonly traceId: string;
      readonly task: Redacted | undefined;
      readonly queue: string | undefined;
      readonly host: Hostname | undefined;
      readonly times: number;
    }
  | {
      readonly kind: 'worker';
      readonly at: Millis;
      readonly change: 'online' | 'offline' | 'heartbeat';
      readonly host: Hostname;
      readonly pid: number | undefined;
      readonly heartbeatMs: Millis;
      /** Runs it is at, and runs since its start; undefined when it did not say. */
      readonly active: number | undefined;
      readonly processed: number | undefined;
    }
  /** Messages waiting in the broker. */
  | { readonly kind: 'depth'; readonly at: Millis; readonly queue: string; readonly length: number }
  /** We were deaf, for a reason we know. */
  | { readonly kind: 'gap'; readonly at: Millis; readonly from: Millis; readonly to: Millis };
