/** Runs every signal of the registry over the evidence. Reads the evidence and changes nothing. */
import { detectCauses } from '../detection/cause-detection.ts';
import type { Evaluation, Finding } from '../detection/condition.ts';
import type { CauseSignal, FleetSignal, SignalDefinition } from '../detection/definition.ts';
import { signals } from '../signals/registry.ts';

export interface SignalFinding {
  readonly definition: SignalDefinition;
  readonly finding: Finding;
}

const causeSignals = signals.filter((signal): signal is CauseSignal => signal.per === 'cause');
const fleetSignals = signals.filter((signal): signal is FleetSignal => signal.per === 'fleet');

/** Measures that single signals keep in the evidence; to be called before `evaluate`. */
export function updateMeasures(evaluation: Evaluation): void {
  for (const { update } of fleetSignals) update?.(evaluation);
}

export function evaluate(evaluation: Evaluation): SignalFinding[] {
  return [
    ...detectCauses(evaluation, causeSignals),
    ...fleetSignals.flatMap((definition) => definition.detect(evaluation).map((finding) => ({ definition, finding }))),
  ];
}
