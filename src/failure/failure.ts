/** A bad outcome of a task that is reported, with the identity of its cause. */
import { createHash } from 'node:crypto';
import type { Fingerprint, Millis } from '../event/ids.ts';
import type { ParsedException } from '../event/python/parsed-exception.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Attempt, Cause, Outcome, Task, Transition } from '../lifecycle/transition.ts';
import { classOf } from './classify/class.ts';
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

/** The outcomes that are failures, with the cause to assume if the events name none. An expired task's work was not done. */
const assumedCauses: Readonly<Partial<Record<Outcome, Cause>>> = {
  failed: 'app-error',
  exhausted: 'app-error',
  lost: 'worker-lost',
  vanished: 'vanished',
  rejected: 'rejected',
  expired: 'expired',
};

/** The outcomes that an operator or the application requested. */
const requestedOutcomes: Readonly<Partial<Record<Outcome, Cause>>> = { revoked: 'revoked', cancelled: 'cancelled' };

/** Causes that an operator requested, whatever outcome the worker then reported. */
const requestedCauses: ReadonlySet<Cause> = new Set<Cause>(['revoked', 'terminated', 'cancelled']);

/**
 * The failure in a transition; undefined if it is none, `'ignored'` if a rule of the operator ignores it. A requested end, a
 * recovered task and an unknown outcome are no failures.
 */
export function failureOf(transition: Transition, policy: FailurePolicy = noPolicy): Failure | 'ignored' | undefined {
  const end = failedEndOf(transition);
  return end === undefined || requestedCauses.has(end.cause) ? undefined : failureFrom(end, policy);
}

/** As `failureOf`, and also the requested end of a task or of an attempt, whose class is `cancelled`. */
export function unsuccessfulEndOf(transition: Transition, policy: FailurePolicy): Failure | 'ignored' | undefined {
  const end = failedEndOf(transition) ?? requestedEndOf(transition);
  return end === undefined ? undefined : failureFrom(end, policy);
}

function failedEndOf(transition: Transition): FailedEnd | undefined {
  if (transition.kind === 'task-noted' && transition.note.what === 'poison-loop') {
    const { at, task } = transition;
    return { at, task, attempt: task.attempts.at(-1), outcome: 'failed', cause: 'poison-loop' };
  }
  return transition.kind === 'task-ended' ? endFrom(transition, assumedCauses) : undefined;
}

function requestedEndOf(transition: Transition): FailedEnd | undefined {
  if (transition.kind === 'attempt-ended' && transition.attempt.outcome === 'cancelled') {
    const { at, task, attempt } = transition;
    return { at, task, attempt, outcome: 'cancelled', cause: 'cancelled' };
  }
  return transition.kind === 'task-ended' ? endFrom(transition, requestedOutcomes) : undefined;
}

function endFrom(
  { at, task, outcome, attempt, cause }: Extract<Transition, { kind: 'task-ended' }>,
  causes: Readonly<Partial<Record<Outcome, Cause>>>,
): FailedEnd | undefined {
  const assumed = causes[outcome];
  return assumed === undefined ? undefined : { at, task, attempt, outcome, cause: cause ?? assumed };
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
