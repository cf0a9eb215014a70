/**
 * What silence makes us suspect, and what second witnesses make of it. Pure.
 *
 *                        ┌─ a witness has it ────────────▶ cleared, or comes back
 *   suspected ──ask──────┼─ its end is told ─────────────▶ cleared
 *                        ├─ all looked, none has it ─────▶ confirmed
 *                        └─ some could not look ─────────▶ ask again, and at last what silence alone allows
 */
import type { Millis } from '../event/ids.ts';
import type { Whereabouts, WitnessKind } from '../event/testimony.ts';
import type { NextAttempt } from './transition.ts';

/**
 * lost: its worker is gone. vanished: sent, and nobody received it. overdue: it runs far longer than it ever did.
 * ended-unseen: its worker says it executes nothing. missed: it was open while we were deaf, or its worker is at
 * fewer than are open. returned: it was put back or cancelled, and nobody took it again.
 */
export type SuspicionKind = 'lost' | 'vanished' | 'overdue' | 'ended-unseen' | 'missed' | 'returned';

/**
 * `ended`: its result is stored, and is taken as evidence by itself. `begun`: the backend keeps that it began, so it would
 * keep its end too. `unanswered`: the witness could not look.
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
  /** When the run began that it is about; undefined when none is open. */
  readonly attemptStartedAt: Millis | undefined;
  /** We were deaf since it began, so its end may have been told to nobody. */
  readonly hasGap: boolean;
  /** It may have ended without a word, as an ignored task does, or be under way unseen. */
  readonly isUncertain: boolean;
  readonly answers: ReadonlyMap<WitnessKind, WitnessAnswer>;
  /** How often the witnesses were asked. */
  readonly asked: number;
}

export type SuspicionResult =
  | { readonly is: 'waiting' }
  | { readonly is: 'cleared'; readonly by: WitnessKind }
  | ({ readonly is: 'comes-back'; readonly by: WitnessKind } & NextAttempt)
  | { readonly is: 'confirmed' }
  /** It is at an end, and nobody will say at which. */
  | { readonly is: 'ended-unseen' }
  /** Nothing can be said; it stays open as it is. */
  | { readonly is: 'undecided' };

/** A witness that could not look is asked again; after so many times silence has to do. */
export const askMax = 3;

/** What the answers so far mean, `witnesses` being all that there are. */
export function judge(suspicion: Suspicion, witnesses: readonly WitnessKind[]): SuspicionResult {
  const { answers } = suspicion;
  for (const by of witnesses) {
    const answer = answers.get(by);
    const found = answer === undefined ? undefined : meaningOf(suspicion, by, answer);
    if (found !== undefined) return found;
  }
  const isAbsent = (by: WitnessKind): boolean => answers.get(by)?.kind === 'absent';
  const missing = witnesses.filter((by) => !answers.has(by) || answers.get(by)?.kind === 'unanswered');
  if (missing.length > 0 && suspicion.asked < askMax) return { is: 'waiting' };
  const hasNotEnded = answers.get('result-backend')?.kind === 'begun';
  return silenceMeans(suspicion, { broker: isAbsent('broker'), workers: isAbsent('workers'), hasNotEnded });
}

/** What one answer settles by itself, or undefined when it settles nothing. */
function meaningOf({ kind }: Suspicion, by: WitnessKind, answer: WitnessAnswer): SuspicionResult | undefined {
  const isAway = kind === 'lost' || kind === 'returned';
  switch (answer.kind) {
    case 'ended':
      return { is: 'cleared', by };
    case 'executing':
      return kind === 'overdue' ? { is: 'confirmed' } : { is: 'cleared', by };
    case 'reserved':
      return isAway ? { is: 'comes-back', by, because: 'reserved', at: undefined } : { is: 'cleared', by };
    case 'waiting':
      return isAway ? { is: 'comes-back', by, because: 'in-queue', at: undefined } : { is: 'cleared', by };
    case 'unacknowledged':
      if (isAway) return { is: 'comes-back', by, because: 'unacknowledged', at: answer.returnsAt };
      // A task with acks_late is unacknowledged for as long as it runs, so this tells nothing of one that runs.
      return kind === 'vanished' ? { is: 'cleared', by } : undefined;
    case 'begun':
    case 'absent':
    case 'unanswered':
      return undefined;
    default:
      return answer satisfies never;
  }
}

/** What it means that nobody has it, given who has looked and not found it. */
function silenceMeans(
  { kind, hasGap, isUncertain }: Suspicion,
  lookedFor: { broker: boolean; workers: boolean; hasNotEnded: boolean },
): SuspicionResult {
  switch (kind) {
    case 'lost':
      if (isUncertain) return { is: 'ended-unseen' };
      return hasGap && !lookedFor.hasNotEnded ? { is: 'ended-unseen' } : { is: 'confirmed' };
    case 'vanished':
    case 'returned':
      return lookedFor.broker ? { is: 'confirmed' } : { is: 'undecided' };
    case 'ended-unseen':
      return { is: 'ended-unseen' };
    case 'overdue':
    case 'missed':
      return lookedFor.workers ? { is: 'ended-unseen' } : { is: 'undecided' };
    default:
      return kind satisfies never;
  }
}
