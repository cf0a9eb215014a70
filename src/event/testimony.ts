/** What a second witness says of a task when it is asked. Types only; who asks and how is source/'s affair. */
import type { Hostname, Millis } from './ids.ts';
import type { TaskResult } from './task-event.ts';

export type WitnessKind = 'result-backend' | 'broker' | 'workers';

/** Where a task was found that has not ended. */
export type Whereabouts =
  /** A worker says that it executes it now. `isAcknowledged`: the broker will not deliver it again. */
  | {
      readonly kind: 'executing';
      readonly hostname: Hostname;
      readonly startedAt: Millis | undefined;
      readonly isAcknowledged: boolean | undefined;
    }
  /** A worker holds it and has not begun: reserved, or waiting for its eta. */
  | { readonly kind: 'reserved'; readonly hostname: Hostname }
  /** Its message waits in a queue of the broker. */
  | { readonly kind: 'waiting'; readonly queue: string }
  /** Its message was delivered and not acknowledged: the broker delivers it again, from `returnsAt` on if that is known. */
  | {
      readonly kind: 'unacknowledged';
      readonly deliveredAt: Millis | undefined;
      readonly returnsAt: Millis | undefined;
    };

/** `result`: the result backend keeps its end, or that it is under way. */
export type Testimony<Text> = Whereabouts | { readonly kind: 'result'; readonly result: TaskResult<Text> };
