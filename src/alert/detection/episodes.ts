/**
 * Memory of the keys that fire, so that a signal has a start time and lingers between the level that opens and the lower one
 * that clears.
 */
import type { Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { type KeyKind, type KeyText, keyText, type SignalKey } from '../key.ts';
import type { Severity } from '../policy.ts';
import type { Signal } from '../signal.ts';
import type { Condition, OpenKeys } from './condition.ts';

export interface Episode {
  readonly key: SignalKey;
  readonly name: string;
  readonly firstAt: Millis;
  /** The counter at `firstAt`. */
  readonly base: number;
  readonly lastAt: Millis;
}

/** More firing keys than any fleet has; the oldest is evicted. */
const episodesMax = 10_000;

export class Episodes implements OpenKeys {
  readonly #episodes = new BoundedMap<KeyText, Episode>({ itemsMax: episodesMax });
  #cleared: KeyText[] = [];

  has(key: SignalKey): boolean {
    return this.#episodes.has(keyText(key));
  }

  of<Kind extends KeyKind>(kind: Kind, condition?: string): Extract<SignalKey, { readonly kind: Kind }>[] {
    return [...this.#episodes.values()].flatMap(({ key }) =>
      key.kind === kind && key.condition === condition ? [key as Extract<SignalKey, { readonly kind: Kind }>] : [],
    );
  }

  keys(): Iterable<KeyText> {
    return this.#episodes.keys();
  }

  /** Keys that stopped firing since the last call: evidence of an end, unlike keys that were merely not evaluated. */
  takeCleared(): KeyText[] {
    const cleared = this.#cleared;
    this.#cleared = [];
    return cleared;
  }

  /** For `load`. */
  save(): Iterable<Episode> {
    return this.#episodes.values();
  }

  load(episode: Episode): void {
    this.#episodes.set(keyText(episode.key), episode);
  }

  /** Records a condition. Returns its signal, or undefined if the condition neither holds nor lingers. */
  apply(
    condition: Condition,
    { name, severity }: { readonly name: string; readonly severity: Severity },
    now: Millis,
  ): Signal | undefined {
    const { key, level, firstAt, counter, lastAt, severity: ownSeverity, ...rest } = condition;
    const text = keyText(key);
    const known = this.#episodes.get(text);
    if (known === undefined && level !== 'holds') return undefined;
    const start = known ?? { key, name, firstAt, base: counter?.atFirst ?? 0, lastAt };
    const episode = { ...start, lastAt: Math.max(start.lastAt, level === 'clear' ? 0 : lastAt) };
    if (level === 'clear' && now - episode.lastAt >= rest.clearMs) {
      this.#episodes.delete(text);
      this.#cleared.push(text);
      return undefined;
    }
    this.#episodes.set(text, episode);
    return {
      ...rest,
      key: text,
      severity: ownSeverity ?? severity,
      name: episode.name,
      state: level === 'holds' ? 'holds' : 'lingers',
      firstAt: episode.firstAt,
      lastAt: episode.lastAt,
      total: counter === undefined ? undefined : Math.max(0, counter.now - episode.base),
    };
  }
}
