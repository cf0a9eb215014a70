/** When we were deaf. What was open then may have ended unheard. */
import type { Millis } from '../event/ids.ts';

/** The latest ones; an older run than all of these is taken as if there had been one. */
const gapsMax = 100;

export class Gaps {
  #ends: Millis[] = [];
  #forgottenUntil = 0;

  add(_from: Millis, to: Millis): void {
    this.#ends.push(to);
    if (this.#ends.length <= gapsMax) return;
    this.#forgottenUntil = Math.max(this.#forgottenUntil, this.#ends.shift() ?? 0);
  }

  /** Whether we were deaf at any time after `at`. */
  hasOneAfter(at: Millis): boolean {
    return this.#forgottenUntil > at || this.#ends.some((to) => to > at);
  }
}
