/** The answer of a witness about a task. Types only; source/ asks the witnesses. */
import type { Hostname, Millis } from './ids.ts';
import type { TaskResult } from './task-event.ts';

export type WitnessKind = 'result-backend' | 'broker' | 'workers';

/** Location of a task that has not ended. */
export type Whereabouts =
  /** A worker executes it now. `isAcknowledged`: the broker will not deliver it again. */
  | {
      readonly kind: 'executing';
      readonly hostname: Hostname;
      readonly startedAt: Millis | undefined;
      readonly isAcknowledged: boolean | undefined;
    }
  /** A worker has received it and not started it: reserved, or waiting for its eta. */
  | { readonly kind: 'reserved'; readonly hostname: Hostname }
  /** Its message waits in a queue of the broker. */
  | { readonly kind: 'waiting'; readonly queue: string }
  /** Its message was delivered and not acknowledged. The broker delivers it again, not before `returnsAt` if that is known. */
  | {
      readonly kind: 'unacknowledged';
      readonly deliveredAt: Millis | undefined;
      readonly returnsAt: Millis | undefined;
    };

/** `result`: the result backend stores a state of it. */
export type Testimony<Text> = Whereabouts | { readonly kind: 'result'; readonly result: TaskResult<Text> };
