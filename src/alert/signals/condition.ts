/**
 * What a look at the evidence says of one key now; and the memory of which keys have held, so that a signal has a beginning
 * and lingers between the level that opens and the one that clears.
 */

import { matchesSome } from '../../event/glob.ts';
import type { Millis } from '../../event/ids.ts';
import { forgetFirst } from '../evidence/causes.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CauseMark } from '../incident.ts';
import { type KeyKind, type KeyText, parseKey, type SignalKey } from '../key.ts';
import { matches } from '../matcher.ts';
import type { Policy } from '../policy.ts';
import type {
  DeployMark,
  Figures,
  Signal,
  SignalName,
  Subject,
  SuppressedSignal,
  SuppressedSignalReason,
} from '../signal.ts';

export interface Condition extends Omit<Signal, 'state' | 'firstAt' | 'lastAt' | 'total'> {
  readonly level: 'holds' | 'lingers' | 'clear';
  /** When what it is about began, should it begin to hold now. */
  readonly firstAt: Millis;
  /** What it counts: now, and at `firstAt`. undefined for a level. */
  readonly counter: { readonly now: number; readonly atFirst: number } | undefined;
  /** The last time it was above the level that clears; `now` for a level. */
  readonly lastAt: Millis;
}

/** What detectors look at. */
export interface Evaluation {
  readonly evidence: Evidence;
  readonly policy: Policy;
  readonly now: Millis;
  readonly marks: readonly CauseMark[];
  readonly deploys: readonly DeployMark[];
  /** Keys of signals that hold or linger. */
  readonly episodes: Episodes;
}

export interface Detections {
  readonly conditions: readonly Condition[];
  readonly held: readonly SuppressedSignal[];
}

export const noDetections: Detections = { conditions: [], held: [] };

interface Episode {
  readonly name: SignalName;
  readonly firstAt: Millis;
  readonly base: number;
  lastAt: Millis;
  clearMs: Millis;
}

const episodesMax = 10_000;

export class Episodes {
  readonly #episodes = new Map<KeyText, Episode>();
  #cleared: KeyText[] = [];

  has(key: KeyText): boolean {
    return this.#episodes.has(key);
  }

  /** Keys of one kind that have not cleared; `condition` as in the key. */
  open<Kind extends KeyKind>(kind: Kind, condition?: string): Extract<SignalKey, { readonly kind: Kind }>[] {
    return [...this.#episodes.keys()].flatMap((text) => {
      const key = parseKey(text);
      const isWanted = key?.kind === kind && key.condition === condition;
      return isWanted ? [key as Extract<SignalKey, { readonly kind: Kind }>] : [];
    });
  }

  all(): Iterable<KeyText> {
    return this.#episodes.keys();
  }

  /** Keys that held and are seen to be over, since the last call: knowledge, where mere silence is none. */
  takeCleared(): KeyText[] {
    const cleared = this.#cleared;
    this.#cleared = [];
    return cleared;
  }

  /** The signal that a condition makes, or undefined when it neither holds nor has held. */
  signalOf(condition: Condition, now: Millis): Signal | undefined {
    const { level, firstAt, counter, lastAt, ...rest } = condition;
    const known = this.#episodes.get(condition.key);
    if (known === undefined && level !== 'holds') return undefined;
    const episode = known ?? { name: rest.name, firstAt, base: counter?.atFirst ?? 0, lastAt, clearMs: rest.clearMs };
    episode.lastAt = Math.max(episode.lastAt, level === 'clear' ? 0 : lastAt);
    episode.clearMs = rest.clearMs;
    if (level === 'clear' && now - episode.lastAt >= rest.clearMs) {
      this.#episodes.delete(condition.key);
      this.#cleared.push(condition.key);
      return undefined;
    }
    this.#episodes.set(condition.key, episode);
    if (this.#episodes.size > episodesMax) forgetFirst(this.#episodes);
    return {
      ...rest,
      name: episode.name,
      state: level === 'holds' ? 'holds' : 'lingers',
      firstAt: episode.firstAt,
      lastAt: episode.lastAt,
      total: counter === undefined ? undefined : Math.max(0, counter.now - episode.base),
    };
  }
}

/** The newest deploy of one of these pools in the last `withinMs`. */
export function deployBefore(
  { deploys }: Pick<Evaluation, 'deploys'>,
  pools: readonly string[],
  at: Millis,
  withinMs: Millis,
): DeployMark | undefined {
  return deploys.findLast(
    (deploy) =>
      deploy.at <= at &&
      at - deploy.at <= withinMs &&
      (deploy.pools.length === 0 || pools.some((pool) => matchesSome(deploy.pools, pool))),
  );
}

/** What a human last said of such a cause. */
export function markOf(
  { marks }: Pick<Evaluation, 'marks'>,
  subject: Subject,
  signal: SignalName,
): CauseMark | undefined {
  return marks.findLast(({ match }) => matches(match, subject, signal));
}

export function heldBack(
  key: KeyText,
  signal: SignalName,
  reason: SuppressedSignalReason,
  figures: Figures,
  subject: Pick<Subject, 'tasks' | 'exceptions'>,
  failures: number,
): SuppressedSignal {
  return { key, signal, reason, figures, task: subject.tasks[0], exception: subject.exceptions[0], failures };
}
