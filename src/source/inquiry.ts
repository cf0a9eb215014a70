/** Asks every witness about tasks, in batches, and passes the answers on. Never rejects, and answers every question. */
import { isShortenedId, type Millis, type TaskId } from '../event/ids.ts';
import type { TaskResult } from '../event/task-event.ts';
import type { Testimony, WitnessKind } from '../event/testimony.ts';
import type { Untrusted } from '../event/untrusted.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Witness, WitnessTestimony } from './witness.ts';

/** `ended`: the backend stores the end, as of `at`. `unanswered`: the witness could not search. */
export type InquiryResult =
  | Exclude<Testimony<Untrusted>, { kind: 'result' }>
  | { readonly kind: 'ended'; readonly at: Millis }
  | { readonly kind: 'begun' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unanswered' };

export interface InquiryOptions {
  readonly witnesses: readonly Witness[];
  readonly clock: Pick<Clock, 'timeoutSignal'>;
  /** Receives what the result backend stores; called before `answer`. */
  result(result: TaskResult<Untrusted>): void;
  answer(witness: WitnessKind, id: TaskId, result: InquiryResult): void;
  failed(witness: Witness, error: unknown): void;
}

export interface Inquiry {
  ask(ids: readonly TaskId[]): void;
  stop(): Promise<void>;
}

/** One round trip of the slowest witness: the workers, which have two seconds to answer. The rest is reserve. */
const askWithinMs = 10_000;
const batchMax = 500;
/** After an outage the lifecycle asks about every open task. A question beyond this limit is unanswered and asked again. */
const waitingMax = 200_000;

export function createInquiry(options: InquiryOptions): Inquiry {
  const lines = options.witnesses.map((witness) => new WitnessLine(witness, options));
  return {
    ask(ids) {
      for (const line of lines) line.ask(ids);
    },
    async stop() {
      await Promise.all(lines.map((line) => line.stop()));
    },
  };
}

/** The questions to one witness. A task that is asked about twice before its batch starts is asked once. */
class WitnessLine {
  readonly #witness: Witness;
  readonly #options: InquiryOptions;
  readonly #waiting = new Set<TaskId>();
  #isAsking = false;
  #isStopped = false;

  constructor(witness: Witness, options: InquiryOptions) {
    this.#witness = witness;
    this.#options = options;
  }

  ask(ids: readonly TaskId[]): void {
    for (const id of ids) {
      if (this.#waiting.size < waitingMax) this.#waiting.add(id);
      else this.#options.answer(this.#witness.kind, id, { kind: 'unanswered' });
    }
    if (!this.#isAsking) void this.#askAll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    await this.#witness.stop();
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.size > 0 && !this.#isStopped) await this.#askBatch(this.#takeBatch());
    this.#isAsking = false;
  }

  #takeBatch(): TaskId[] {
    const batch: TaskId[] = [];
    for (const id of this.#waiting) {
      if (batch.length === batchMax) break;
      batch.push(id);
      this.#waiting.delete(id);
    }
    return batch;
  }

  async #askBatch(ids: readonly TaskId[]): Promise<void> {
    const { clock, answer, failed } = this.#options;
    try {
      const found = await this.#witness.ask(ids, clock.timeoutSignal(askWithinMs));
      for (const id of ids) this.#answer(id, found.get(id));
    } catch (error) {
      if (this.#isStopped) return;
      failed(this.#witness, error);
      for (const id of ids) answer(this.#witness.kind, id, { kind: 'unanswered' });
    }
  }

  #answer(id: TaskId, testimony: WitnessTestimony | undefined): void {
    const { result, answer } = this.#options;
    if (testimony?.kind === 'result') {
      result(testimony.result);
      answer(this.#witness.kind, id, stateOf(testimony.result));
    } else {
      // Only the broker is searched; the others look the full id up, which is not known here.
      const isSearched = this.#witness.kind === 'broker' || !isShortenedId(id);
      answer(this.#witness.kind, id, testimony ?? { kind: isSearched ? 'absent' : 'unanswered' });
    }
  }
}

/** A retry is not an end: the task is between two attempts, so the record does not show where it is. */
function stateOf({ status, at }: TaskResult<Untrusted>): InquiryResult {
  switch (status) {
    case 'success':
    case 'failure':
    case 'revoked':
      return { kind: 'ended', at };
    case 'started':
      return { kind: 'begun' };
    case 'retry':
      return { kind: 'absent' };
    default:
      return status satisfies never;
  }
}
