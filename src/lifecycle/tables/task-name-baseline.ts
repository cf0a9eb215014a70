/** The baseline of each task name: whether workers report receiving it, and its longest runtime. Bounded. */
import type { Transition } from '../transition.ts';

/** Names come from code and are few; a caller that invents names must not grow the memory. */
const namesMax = 10_000;

export class TaskNameBaseline {
  readonly #received = new Set<string>();
  readonly #longestMs = new Map<string, number>();

  noteReceived(name: string | undefined): void {
    if (name !== undefined && this.#received.size < namesMax) this.#received.add(name);
  }

  /** True if a worker ever reported the receipt of such a task. */
  isReceived(name: string | undefined): boolean {
    return name !== undefined && this.#received.has(name);
  }

  /** Learns the runtime of a succeeded attempt. */
  noteTransition(transition: Transition): void {
    if (transition.kind !== 'attempt-ended' || transition.attempt.outcome !== 'succeeded') return;
    const { name } = transition.task;
    const { runtimeMs } = transition.attempt;
    if (name === undefined || runtimeMs === undefined) return;
    const longest = this.#longestMs.get(name);
    if (longest === undefined && this.#longestMs.size >= namesMax) return;
    if (longest === undefined || runtimeMs > longest) this.#longestMs.set(name, runtimeMs);
  }

  /** The longest runtime of a succeeded attempt; 0 before the first one. */
  longestMs(name: string | undefined): number {
    return name === undefined ? 0 : (this.#longestMs.get(name) ?? 0);
  }
}
