/** What is usual for tasks of one name: that workers tell of receiving them, and how long they run. Bounded. */
import type { Transition } from '../transition.ts';

/** Names are code, so they are few; a caller that invents them must not grow the memory. */
const namesMax = 10_000;

export class TaskBaseline {
  readonly #received = new Set<string>();
  readonly #longest = new Map<string, number>();

  noteReceived(name: string | undefined): void {
    if (name !== undefined && this.#received.size < namesMax) this.#received.add(name);
  }

  isReceived(name: string | undefined): boolean {
    return name !== undefined && this.#received.has(name);
  }

  noteTransition(transition: Transition): void {
    if (transition.kind !== 'attempt-ended' || transition.attempt.outcome !== 'succeeded') return;
    const { name } = transition.task;
    const { runtimeMs } = transition.attempt;
    if (name === undefined || runtimeMs === undefined) return;
    const longest = this.#longest.get(name);
    if (longest === undefined && this.#longest.size >= namesMax) return;
    if (longest === undefined || runtimeMs > longest) this.#longest.set(name, runtimeMs);
  }

  /** The longest time that such a task was seen to take; 0 when none was. */
  longestMs(name: string | undefined): number {
    return name === undefined ? 0 : (this.#longest.get(name) ?? 0);
  }
}
