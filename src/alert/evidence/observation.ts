/**
 * Observations: the facts of a transition, a worker or the broker that evidence needs. Plain data, so that a sidecar can send
 * them to the leader of the fleet, and a recording of them results in the same decisions.
 */
import type { Fingerprint, Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { FailureClass } from '../../failure/facts.ts';
import type { AttemptOutcome, Cause } from '../../lifecycle/transition.ts';

/** A failure, reduced to the facts for counts and messages. */
export interface ObservedFailure {
  /** Equal on every replica that observes the failure. */
  readonly id: string;
  readonly fingerprint: Fingerprint;
  readonly task: Redacted | undefined;
  readonly queue: string | undefined;
  readonly host: Hostname | undefined;
  readonly title: Redacted;
  /** Short name of the exception's class; undefined without an exception. */
  readonly exception: string | undefined;
  readonly class: FailureClass;
  readonly cause: Cause;
  /** How its process died: `SIGKILL`, `exit code 137`. Undefined if unknown, and for other failures. */
  readonly death?: string | undefined;
  /** The task failed after all its retries. */
  readonly isExhausted: boolean;
  readonly taskId: TaskId;
  readonly traceId: string;
}

export type Observation =
  /** An event of any kind was received; one observation stands for many events. */
  | { readonly kind: 'event'; readonly at: Millis }
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
      /** Reason of the retry: class and redacted text of the exception. */
      readonly retry: { readonly exception: string; readonly title: Redacted; readonly traceId: string } | undefined;
    }
  /** An attempt waits in the broker or at a worker. */
  | {
      readonly kind: 'waiting';
      readonly at: Millis;
      readonly taskId: TaskId;
      readonly retries: number;
      readonly task: string | undefined;
      readonly queue: string | undefined;
      readonly eta: Millis | undefined;
    }
  /** The message will not start: revoked or expired. */
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
      /** Time between two deliveries that ran at the same time. Undefined for any other repetition. */
      readonly redeliveredAfterMs?: Millis | undefined;
    }
  | {
      readonly kind: 'worker';
      readonly at: Millis;
      readonly change: 'online' | 'offline' | 'heartbeat';
      readonly host: Hostname;
      readonly pid: number | undefined;
      readonly heartbeatMs: Millis;
      /** Running attempts, and attempts since the start of the worker; undefined if the event does not contain them. */
      readonly active: number | undefined;
      readonly processed: number | undefined;
    }
  /** Number of messages that wait in the broker. */
  | { readonly kind: 'depth'; readonly at: Millis; readonly queue: string; readonly length: number }
  /** Events could not be received. */
  | {
      readonly kind: 'gap';
      readonly at: Millis;
      readonly from: Millis;
      readonly to: Millis;
      /** True if a recording does not cover the interval: then its silence is no silence of the fleet. */
      readonly isUnrecorded?: boolean | undefined;
    };
