/** A bad outcome of a task that is reported, with the identity of its cause. */
import { createHash } from 'node:crypto';
import type { Fingerprint, Millis } from '../event/ids.ts';
import type { ParsedException } from '../event/python/parsed-exception.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Attempt, Cause, Outcome, Task, Transition } from '../lifecycle/transition.ts';
import { classOf } from './class.ts';
import { type FailureClass, factsOf } from './facts.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { type FailurePolicy, noPolicy, ruleFor } from './grouping-policy.ts';
import { titleOf } from './title.ts';

export interface Failure {
  /** 32 hex digits, computed from the task and its attempt: the same on every instance that receives the events. */
  readonly id: string;
  readonly at: Millis;
  readonly task: Task;
  readonly attempt: Attempt | undefined;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly class: FailureClass;
  readonly fingerprint: Fingerprint;
  /** Fingerprints that earlier releases gave to the same failure; absent unless such a release is still supported. */
  readonly aliases?: readonly Fingerprint[];
  /** One line: `PaymentDeclined: card was declined`. */
  readonly title: Redacted;
  /** The parsed traceback; undefined when the worker sent none. */
  readonly exception: ParsedException | undefined;
}

/**
 * The outcomes that are failures, with the cause to assume if the events name none. A revoked or cancelled task did what an
 * operator asked, a recovered one needs no person, and an unknown outcome proves nothing: those are not failures. An expired
 * task is one, because its work was not done.
 */
const assumedCauses: Readonly<Partial<Record<Outcome, Cause>>> = {
  failed: 'app-error',
  exhausted: 'app-error',
  lost: 'worker-lost',
  vanished: 'vanished',
  rejected: 'rejected',
  expired: 'expired',
};

/** Causes that an operator requested, whatever outcome the worker then reported. */
const requestedCauses: ReadonlySet<Cause> = new Set<Cause>(['revoked', 'terminated', 'cancelled']);

/** The failure in a transition; undefined if it is none, `'ignored'` if a rule of the operator ignores it. */
export function failureOf(transition: Transition, policy: FailurePolicy = noPolicy): Failure | 'ignored' | undefined {
  if (transition.kind === 'task-noted' && transition.note.what === 'poison-loop') {
    const { at, task } = transition;
    return failureFrom({ at, task, attempt: task.attempts.at(-1), outcome: 'failed', cause: 'poison-loop' }, policy);
  }
  if (transition.kind !== 'task-ended') return undefined;
  const { at, task, outcome, attempt } = transition;
  const assumed = assumedCauses[outcome];
  if (assumed === undefined) return undefined;
  const cause = transition.cause ?? assumed;
  return requestedCauses.has(cause) ? undefined : failureFrom({ at, task, attempt, outcome, cause }, policy);
}

type FailedEnd = Pick<Failure, 'at' | 'task' | 'attempt' | 'outcome' | 'cause'>;

function failureFrom({ at, task, attempt, outcome, cause }: FailedEnd, policy: FailurePolicy): Failure | 'ignored' {
  const facts = factsOf({ task, attempt, cause });
  if (policy.rules.length > 0 && ruleFor(facts, policy.rules)?.isIgnored === true) return 'ignored';
  const [fingerprint, ...aliases] = fingerprintsOf(facts, policy.rules);
  return {
    id: idOf(task, attempt, cause === 'poison-loop' ? cause : outcome),
    at,
    task,
    attempt,
    outcome,
    cause,
    class: classOf(facts, policy).class,
    fingerprint,
    ...(aliases.length > 0 && { aliases }),
    title: titleOf({ task, attempt, cause }),
    exception: facts.exception,
  };
}

/** The outcome is not part of the id: an attempt that was reported lost and then failed is one failure. */
function idOf(task: Task, attempt: Attempt | undefined, outcome: Outcome | 'poison-loop'): string {
  const part = attempt === undefined || outcome === 'poison-loop' ? outcome : attempt.key;
  const parts = JSON.stringify([task.id, task.publication, part]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}
