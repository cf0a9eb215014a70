/**
 * Records the inputs of a daemon, redacted and in order, so that a replay decides the same: events, the other inputs of
 * decisions (gaps, testimonies, queue lengths, commands), and the times of its evaluations. One JSON object per line:
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
  /** Time of the last input. Decisions use it, so that the time in the recording is exact. */
  readonly now: () => Millis;
  /** Writes the first line with the kinds of second witnesses; later calls have no effect. */
  watches(witnesses: readonly WitnessKind[]): void;
  readonly input: (input: PipelineInput | AlertInput) => void;
  decision(decision: Decision): void;
}

export interface RecorderOptions {
  readonly clock: { readonly now: () => Millis };
  readonly version: string;
  /** Hash of the policy in force. */
  readonly policy: string;
  /** Receives lines without their newline. */
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
