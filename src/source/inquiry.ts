/** Carries questions about tasks to every witness, a batch at a time, and their answers back. Never rejects, always answers. */
import type { TaskId } from '../event/ids.ts';
import type { TaskResult } from '../event/task-event.ts';
import type { Untrusted } from '../event/untrusted.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Testimony, Witness, WitnessKind } from './witness.ts';

/** `ended`: its end is stored, as of `at`. `unanswered`: the witness could not look. */
export type InquiryResult =
  | Exclude<Testimony, { kind: 'result' }>
  | { readonly kind: 'ended'; readonly at: number }
  | { readonly kind: 'begun' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unanswered' };

export interface InquiryOptions {
  readonly witnesses: readonly Witness[];
  /** Called before `answer`, with what the result backend keeps. */
  result(result: TaskResult<Untrusted>): void;
  answer(witness: WitnessKind, id: TaskId, answered: InquiryResult): void;
  failed(witness: Witness, error: unknown): void;
  readonly timeoutSignal: Clock['timeoutSignal'];
}

export interface Inquiry {
  ask(ids: readonly TaskId[]): void;
  stop(): Promise<void>;
}

/** One round trip of the slowest witness, a worker's control, which has two seconds and some reserve. */
const askWithinMs = 10_000;
const batchMax = 500;
/** After an outage everything open is asked about; beyond this the oldest questions stay unanswered and are asked again. */
const waitingMax = 200_000;

export function createInquiry(options: InquiryOptions): Inquiry {
  const lines = options.witnesses.map((witness) => createLine(witness, options));
  return {
    ask(ids) {
      for (const line of lines) line.ask(ids);
    },
    async stop() {
      await Promise.all(lines.map((line) => line.stop()));
    },
  };
}

function createLine(witness: Witness, { result, answer, failed, timeoutSignal }: InquiryOptions): Inquiry {
  const waiting = new Set<TaskId>();
  let isStopped = false;
  let isAsking = false;

  async function askAll(): Promise<void> {
    isAsking = true;
    while (waiting.size > 0 && !isStopped) {
      const ids = [...waiting].slice(0, batchMax);
      for (const id of ids) waiting.delete(id);
      await askBatch(ids);
    }
    isAsking = false;
  }

  async function askBatch(ids: readonly TaskId[]): Promise<void> {
    try {
      const found = await witness.ask(ids, timeoutSignal(askWithinMs));
      for (const id of ids) tell(id, found.get(id));
    } catch (error) {
      if (isStopped) return;
      failed(witness, error);
      for (const id of ids) answer(witness.kind, id, { kind: 'unanswered' });
    }
  }

  function tell(id: TaskId, testimony: Testimony | undefined): void {
    if (testimony?.kind === 'result') {
      result(testimony.result);
      const { status, at } = testimony.result;
      const isEnd = status === 'success' || status === 'failure' || status === 'revoked';
      answer(witness.kind, id, isEnd ? { kind: 'ended', at } : { kind: status === 'started' ? 'begun' : 'absent' });
    } else {
      answer(witness.kind, id, testimony ?? { kind: 'absent' });
    }
  }

  return {
    ask(ids) {
      for (const id of ids) {
        if (waiting.size < waitingMax) waiting.add(id);
        else answer(witness.kind, id, { kind: 'unanswered' });
      }
      if (!isAsking) void askAll();
    },
    async stop() {
      isStopped = true;
      waiting.clear();
      await witness.stop();
    },
  };
}
