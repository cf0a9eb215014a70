/** Declaration of a signal. Everything else that knows about a signal derives from it. */
import type { Severity } from '../policy.ts';
import type { CauseContext } from './cause-context.ts';
import type { Evaluation, Finding } from './condition.ts';
import type { JoinRule } from './joins.ts';
import type { ThresholdSet } from './thresholds.ts';
import type { SignalWords } from './words.ts';

interface SignalFacts {
  readonly name: string;
  /** Unless the policy of a task sets another one. */
  readonly severity: Severity;
  readonly thresholds: ThresholdSet | undefined;
  /** Subjects that "Silence" covers. `signal`: only the signal itself. */
  readonly silences: 'task' | 'pool' | 'queue' | 'signal';
  readonly joins: readonly JoinRule[];
  readonly words: SignalWords;
  /** Condition in one sentence, in Markdown, for docs/noise.md. */
  readonly firesWhen: string;
}

/** Judges causes of failures one by one. The first signal of the registry that applies to a cause judges it. */
export interface CauseSignal extends SignalFacts {
  readonly per: 'cause';
  /**
   * True if a baseline is needed, so that the signal is suppressed while learning. No other signal needs one: a death, a
   * lost attempt or a poison loop is trouble without any history.
   */
  readonly needsHistory: boolean;
  readonly appliesTo: (context: CauseContext) => boolean;
  /** Window of the count that accompanies a suppression. */
  readonly windowMs: (context: CauseContext) => number;
  readonly judge: (context: CauseContext) => Finding;
}

/** Judges everything else. */
export interface FleetSignal extends SignalFacts {
  readonly per: 'fleet';
  /** Updates the evidence before any signal is evaluated, for a measure that only this signal needs. */
  readonly update?: (evaluation: Evaluation) => void;
  /** Must not change the evidence. */
  readonly detect: (evaluation: Evaluation) => readonly Finding[];
}

export type SignalDefinition = CauseSignal | FleetSignal;

export function defineSignal<const Definition extends FleetSignal>(definition: Definition): Definition {
  return definition;
}

export function defineCauseSignal<const Definition extends Omit<CauseSignal, 'per'>>(
  definition: Definition,
): Definition & { readonly per: 'cause' } {
  return { ...definition, per: 'cause' };
}
