/**
 * Writes down what a daemon is told, redacted and in order, so that a replay decides the same: each event, what else decisions
 * depend on (gaps, witnesses, queue lengths, commands), and when the daemon looked. One JSON object a line:
 *
 *   {"taskvigil": 1, "at": ms, "recording": {"version": "…", "policy": "<hash>", "witnesses": [...]}}     the first line
 *   {"taskvigil": 1, "at": ms, "event": {…}}
 *   {"taskvigil": 1, "at": ms, "input": {"kind": "look" | "sweep" | "gap" | "depth" | "command" | …}}
 */
import type { Decision } from '../alert/decision.ts';
import type { Millis } from '../event/ids.ts';
import type { WitnessKind } from '../event/testimony.ts';
import type { AlertInput } from '../notify/alert-input.ts';
import type { PipelineInput } from '../pipeline.ts';

export interface Recorder {
  /** The time of the last input: what decides goes by it, so that it is the time in the recording to the millisecond. */
  readonly now: () => Millis;
  /** Who can be asked about tasks. */
  watches(witnesses: readonly WitnessKind[]): void;
  readonly input: (input: PipelineInput | AlertInput) => void;
  decision(decision: Decision): void;
}

export interface RecorderOptions {
  readonly clock: { readonly now: () => Millis };
  readonly version: string;
  /** Hash of the policy in force. */
  readonly policy: string;
  /** Lines come without their line end. */
  readonly write: (line: string) => void;
  readonly writeDecision: (line: string) => void;
}

export function createRecorder({ clock, version, policy, write, writeDecision }: RecorderOptions): Recorder {
  let at = clock.now();
  let isBegun = false;
  return {
    now: () => at,
    watches(witnesses) {
      if (!isBegun) write(JSON.stringify({ taskvigil: 1, at, recording: { version, policy, witnesses } }));
      isBegun = true;
    },
    input(input) {
      at = clock.now();
      if (input.kind === 'event') write(JSON.stringify({ taskvigil: 1, at, event: input.event }));
      else write(JSON.stringify({ taskvigil: 1, at, input }));
    },
    decision: (decision) => writeDecision(JSON.stringify(decision)),
  };
}
