/**
 * A suspicion that silence raises about a task, and what the answers of the witnesses make of it. Pure.
 *
 *                        ┌─ a witness has the task ──────────▶ cleared, or comes back
 *   suspected ──ask──────┼─ its end event or result arrives ─▶ cleared
 *                        ├─ no witness has the task ─────────▶ confirmed
 *                        └─ some did not answer ─────────────▶ asked again, at last decided by silence alone
 */
import type { Millis } from '../event/ids.ts';
import type { Whereabouts, WitnessKind } from '../event/testimony.ts';
import type { NextAttempt } from './transition.ts';

/**
 * - lost: the worker is gone.
 * - vanished: sent, and no worker received it.
 * - overdue: runs far longer than the task ever did.
 * - end-unreported: the worker reports that it executes nothing.
 * - end-uncertain: open during a gap, or the worker reports fewer active tasks than are open.
 * - not-redelivered: requeued or cancelled, and no worker received it again.
 */
export type SuspicionKind = 'lost' | 'vanished' | 'overdue' | 'end-unreported' | 'end-uncertain' | 'not-redelivered';

/** A suspicion that `task-noted` reports. */
export function isReportedKind(kind: SuspicionKind): kind is 'lost' | 'vanished' | 'overdue' {
  return kind === 'lost' || kind === 'vanished' || kind === 'overdue';
}

/**
 * `ended`: the backend has the result, which counts as evidence by itself. `begun`: the backend stored the start, so it would
 * store the end too. `unanswered`: the witness could not be queried.
 */
export type WitnessAnswer =
  | Whereabouts
  | { readonly kind: 'ended'; readonly at: Millis }
  | { readonly kind: 'begun' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unanswered' };

export interface Suspicion {
  readonly kind: SuspicionKind;
  readonly since: Millis;
  /** Start of the suspected attempt; undefined when none is open. */
  readonly attemptStartedAt: Millis | undefined;
  /** A gap lies after that start, so the end event may have been missed. */
  readonly hasGap: boolean;
  /** The task may have ended without an event, as an ignored task does, or run without a start event. */
  readonly isUncertain: boolean;
  readonly answers: ReadonlyMap<WitnessKind, WitnessAnswer>;
  /** How many times the witnesses were asked. */
  readonly asked: number;
}

export type SuspicionResult =
  | { readonly is: 'waiting' }
  | { readonly is: 'cleared'; readonly by: WitnessKind }
  | ({ readonly is: 'comes-back'; readonly by: WitnessKind } & NextAttempt)
  | { readonly is: 'confirmed' }
  /** The task ended, and no source has the outcome. */
  | { readonly is: 'end-unreported' }
  /** No conclusion is possible; the task stays open. */
  | { readonly is: 'undecided' };

/** Times that witnesses are asked; a witness without an answer by then is ignored. */
const askMax = 3;

/** The conclusion from the answers so far. `witnesses` are all that exist, the most trusted first. */
export function judge(suspicion: Suspicion, witnesses: readonly WitnessKind[]): SuspicionResult {
  const { answers } = suspicion;
  for (const by of witnesses) {
    const answer = answers.get(by);
    const result = answer === undefined ? undefined : resultOfAnswer(suspicion, by, answer);
    if (result !== undefined) return result;
  }
  const isAbsent = (by: WitnessKind): boolean => answers.get(by)?.kind === 'absent';
  const missing = witnesses.filter((by) => !answers.has(by) || answers.get(by)?.kind === 'unanswered');
  if (missing.length > 0 && suspicion.asked < askMax) return { is: 'waiting' };
  const isStartStored = answers.get('result-backend')?.kind === 'begun';
  return resultOfAbsence(suspicion, {
    isAbsentInBroker: isAbsent('broker'),
    isAbsentAtWorkers: isAbsent('workers'),
    isStartStored,
  });
}

/** The result that one answer decides alone; undefined if other answers are needed. */
function resultOfAnswer({ kind }: Suspicion, by: WitnessKind, answer: WitnessAnswer): SuspicionResult | undefined {
  const isGone = kind === 'lost' || kind === 'not-redelivered';
  switch (answer.kind) {
    case 'ended':
      return { is: 'cleared', by };
    case 'executing':
      return kind === 'overdue' ? { is: 'confirmed' } : { is: 'cleared', by };
    case 'reserved':
      return isGone ? { is: 'comes-back', by, because: 'reserved', at: undefined } : { is: 'cleared', by };
    case 'waiting':
      return isGone ? { is: 'comes-back', by, because: 'in-queue', at: undefined } : { is: 'cleared', by };
    case 'unacknowledged':
      if (isGone) return { is: 'comes-back', by, because: 'unacknowledged', at: answer.returnsAt };
      // With acks_late a task is unacknowledged while it runs, so the answer decides nothing about a running task.
      return kind === 'vanished' ? { is: 'cleared', by } : undefined;
    case 'begun':
    case 'absent':
    case 'unanswered':
      return undefined;
    default:
      return answer satisfies never;
  }
}

interface Absence {
  readonly isAbsentInBroker: boolean;
  readonly isAbsentAtWorkers: boolean;
  /** The result backend has the start of the task and no end. */
  readonly isStartStored: boolean;
}

/** The result when no witness has the task. */
function resultOfAbsence(
  { kind, hasGap, isUncertain }: Suspicion,
  { isAbsentInBroker, isAbsentAtWorkers, isStartStored }: Absence,
): SuspicionResult {
  switch (kind) {
    case 'lost':
      if (isUncertain) return { is: 'end-unreported' };
      return hasGap && !isStartStored ? { is: 'end-unreported' } : { is: 'confirmed' };
    case 'vanished':
    case 'not-redelivered':
      return isAbsentInBroker ? { is: 'confirmed' } : { is: 'undecided' };
    case 'end-unreported':
      return { is: 'end-unreported' };
    case 'overdue':
    case 'end-uncertain':
      return isAbsentAtWorkers ? { is: 'end-unreported' } : { is: 'undecided' };
    default:
      return kind satisfies never;
  }
}
