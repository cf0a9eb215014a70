/** A bad outcome worth telling, with the identity of its cause. */
import { createHash } from 'node:crypto';
import { cleanName, type Fingerprint, type Millis } from '../event/ids.ts';
import { shortName } from '../event/python/exception.ts';
import type { ParsedException } from '../event/python/traceback.ts';
import { partOf, type Redacted, redactedText } from '../event/untrusted.ts';
import type { Attempt, Cause, Outcome, Task, Transition } from '../lifecycle/transition.ts';
import { classOf } from './class.ts';
import { type FailureClass, factsOf } from './facts.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { type FailurePolicy, noPolicy, ruleFor } from './grouping-policy.ts';

export interface Failure {
  /** Computed from the task and its attempt, so that every observer of one failure gives it the same id: 32 hex digits. */
  readonly id: string;
  readonly at: Millis;
  readonly task: Task;
  readonly attempt: Attempt | undefined;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly class: FailureClass;
  readonly fingerprint: Fingerprint;
  /** The fingerprints that earlier releases gave to the same failure, while they are still looked for. */
  readonly aliases?: readonly Fingerprint[];
  /** One line for people: `PaymentDeclined: card was declined`. */
  readonly title: Redacted;
  /** The parsed traceback; undefined when the worker sent none. */
  readonly exception: ParsedException | undefined;
}

/**
 * The causes assumed when the events name none, for every outcome that is a failure. A task that somebody revoked or
 * cancelled did what was asked of it, one that recovered needs nobody, and where nobody can tell how it ended there is
 * nothing to tell: those outcomes are no failures. An expired task is one, for its work was not done.
 */
const causeOfOutcome: Readonly<Partial<Record<Outcome, Cause>>> = {
  failed: 'app-error',
  exhausted: 'app-error',
  lost: 'worker-lost',
  vanished: 'vanished',
  rejected: 'rejected',
  expired: 'expired',
};

/** Somebody asked for it, whatever the worker then reported. */
const asked: ReadonlySet<Cause> = new Set<Cause>(['revoked', 'terminated', 'cancelled']);

/**
 * The failure in a transition, or undefined when it is none: another kind of transition, or an outcome to live with.
 * `ignored` when a rule of the operator says that it is none.
 */
export function failureOf(transition: Transition, policy: FailurePolicy = noPolicy): Failure | 'ignored' | undefined {
  if (transition.kind === 'task-noted' && transition.note.what === 'poison-loop') {
    const { at, task } = transition;
    return failureFrom({ at, task, attempt: task.attempts.at(-1), outcome: 'failed', cause: 'poison-loop' }, policy);
  }
  if (transition.kind !== 'task-ended') return undefined;
  const { at, task, outcome, attempt } = transition;
  const assumed = causeOfOutcome[outcome];
  if (assumed === undefined) return undefined;
  const cause = transition.cause ?? assumed;
  return asked.has(cause) ? undefined : failureFrom({ at, task, attempt, outcome, cause }, policy);
}

type Core = Pick<Failure, 'at' | 'task' | 'attempt' | 'outcome' | 'cause'>;

function failureFrom({ at, task, attempt, outcome, cause }: Core, policy: FailurePolicy): Failure | 'ignored' {
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

/** An attempt that was told to be lost and then to have failed is one failure, so its outcome is not part of its id. */
function idOf(task: Task, attempt: Attempt | undefined, outcome: Outcome | 'poison-loop'): string {
  const part = attempt === undefined || outcome === 'poison-loop' ? outcome : attempt.key;
  const parts = JSON.stringify([task.id, task.publication, part]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}

/** One line in a chat, on a phone. */
const titleCharsMax = 200;

function titleOf({ task, attempt, cause }: Pick<Failure, 'task' | 'attempt' | 'cause'>): Redacted {
  const { type, message = '' } = attempt?.exception ?? task.exception ?? {};
  const words = wordsFor({ cause, type, message, signal: attempt?.signal, taskName: task.name });
  const line = words.replace(/\s+/g, ' ').trim();
  const isCut = line.length > titleCharsMax;
  const short = isCut ? line.slice(0, titleCharsMax - 1).trimEnd() : line;
  return redactedText`${partOf(words, short.toWellFormed())}${isCut ? '…' : ''}`;
}

interface TitleParts {
  readonly cause: Cause;
  readonly type: Redacted | undefined;
  readonly message: Redacted | '';
  readonly signal: string | undefined;
  readonly taskName: Redacted | undefined;
}

function wordsFor({ cause, type, message, signal, taskName }: TitleParts): Redacted {
  switch (cause) {
    case 'soft-time-limit':
      return redactedText`SoftTimeLimitExceeded: ran longer than its soft time limit`;
    case 'hard-time-limit': {
      const seconds = /\((\d+(?:\.\d+)?)/.exec(message)?.[1];
      const limit = seconds === undefined ? '' : redactedText` of ${partOf(message, seconds)} s`;
      return redactedText`TimeLimitExceeded: killed at its hard time limit${limit}`;
    }
    case 'worker-lost':
      return redactedText`WorkerLost: ${howLost(signal, message)}`;
    case 'unregistered':
      return redactedText`NotRegistered: the worker does not know ${message === '' ? (taskName ?? 'this task') : message}`;
    case 'expired':
      return redactedText`Expired: nobody ran it before its time was over`;
    case 'vanished':
      return redactedText`Vanished: it was sent, and neither the broker nor a worker has it`;
    case 'poison-loop':
      return redactedText`PoisonLoop: it is delivered again and again and never ends`;
    case 'rejected':
      return redactedText`Rejected: ${message === '' ? 'the task rejected its message, which is gone' : message}`;
    default:
      if (type === undefined) return redactedText`${cause}: the worker told no exception`;
      return message === '' ? shortName(type) : redactedText`${shortName(type)}: ${message}`;
  }
}

function howLost(signal: string | undefined, message: Redacted | ''): Redacted {
  if (signal !== undefined) return redactedText`its process was killed by ${cleanName(signal) ?? 'a signal'}`;
  const code = /exitcode (-?\d+)/.exec(message)?.[1];
  return code === undefined
    ? redactedText`its worker went away while it ran`
    : redactedText`its process exited with code ${partOf(message, code)}`;
}
