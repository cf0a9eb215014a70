/**
 * The redacted arguments of recent publications. A task is sent and received with the same arguments, so the second event
 * needs no scan. Holds raw arguments: in memory only, in a private field that nothing prints.
 */
import type { TaskId } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';

/** Tasks between their sending and their receipt; most are received at once. */
const publicationsMax = 4_096;

export interface RawArguments {
  readonly args: string | undefined;
  readonly kwargs: string | undefined;
  /** Number of secrets known of the task. With more of them the arguments must be scanned again. */
  readonly secretCount: number;
}

export interface RedactedArguments {
  readonly args: Redacted | undefined;
  readonly kwargs: Redacted | undefined;
}

export class PublicationCache {
  readonly #entries = new BoundedMap<TaskId, { readonly raw: RawArguments; readonly redacted: RedactedArguments }>({
    itemsMax: publicationsMax,
  });

  add(id: TaskId, raw: RawArguments, redacted: RedactedArguments): void {
    this.#entries.set(id, { raw, redacted });
  }

  /** Removes the publication of the task. Returns it if it had the same arguments. */
  take(id: TaskId, { args, kwargs, secretCount }: RawArguments): RedactedArguments | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    const { raw, redacted } = entry;
    return raw.args === args && raw.kwargs === kwargs && raw.secretCount === secretCount ? redacted : undefined;
  }
}
