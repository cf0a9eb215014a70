/**
 * Memory of the keys that fire, so that a signal has a start time and lingers between the level that opens and the lower one
 * that clears.
 */
import type { Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { type KeyKind, type KeyText, keyText, type SignalKey } from '../key.ts';
import type { Signal, Tally } from '../signal.ts';
import type { Condition, Counter, OpenKeys } from './condition.ts';
import type { SignalDefinition } from './definition.ts';

export interface Episode {
  readonly key: SignalKey;
  readonly name: string;
  readonly firstAt: Millis;
  /** The counter at `firstAt`, and its parts. */
  readonly base: number;
  readonly baseParts: Tally;
  /** The counter at the latest condition. */
  readonly counted: number;
  readonly countedParts: Tally;
  readonly lastAt: Millis;
}

/** More firing keys than any fleet has; the oldest is evicted. */
const episodesMax = 10_000;

export class Episodes implements OpenKeys {
  readonly #episodes = new BoundedMap<KeyText, Episode>({ itemsMax: episodesMax });
  #cleared: KeyText[] = [];
  #forgotten: KeyText[] = [];

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
    this.#forgotten = [];
    return cleared;
  }

  /** Those of `takeCleared` whose evidence was dropped for its age. To be called before it. */
  forgotten(): readonly KeyText[] {
    return this.#forgotten;
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
    { name, severity, words }: Pick<SignalDefinition, 'name' | 'severity' | 'words'>,
    now: Millis,
  ): Signal | undefined {
    const { key, level, firstAt, counter, lastAt, isForgotten, severity: ownSeverity, ...rest } = condition;
    const text = keyText(key);
    const known = this.#episodes.get(text);
    if (known === undefined && level !== 'holds') return undefined;
    const start = known ?? { key, name, firstAt, ...basesOf(counter), lastAt };
    const counted = { counted: counter?.now ?? 0, countedParts: counter?.parts?.now ?? {} };
    const episode = { ...start, ...counted, lastAt: Math.max(start.lastAt, level === 'clear' ? 0 : lastAt) };
    if (level === 'clear' && now - episode.lastAt >= rest.clearMs) {
      this.#episodes.delete(text);
      this.#cleared.push(text);
      if (isForgotten === true) this.#forgotten.push(text);
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
      ...(counter !== undefined && { noun: words.counts?.[1] }),
      total: counter === undefined ? undefined : Math.max(0, counter.now - episode.base),
      ...(counter?.parts !== undefined && { parts: difference(counter.parts.now, episode.baseParts) }),
    };
  }
}

function basesOf(counter: Counter | undefined): Pick<Episode, 'base' | 'baseParts'> {
  return { base: counter?.atFirst ?? 0, baseParts: counter?.parts?.atFirst ?? {} };
}

function difference(tally: Tally, base: Tally): Tally {
  return Object.fromEntries(Object.entries(tally).map(([kind, count]) => [kind, count - (base[kind] ?? 0)]));
}
