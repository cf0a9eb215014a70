/** Secrets by the rules of the operator: paths and patterns, after the built-in detectors. */
import type { Field } from './field.ts';
import { isOnPath, leavesOf, type PathGlob, pathGlobOf } from './render/value-paths.ts';
import { type Match, matchesMax } from './text/match.ts';

/** Patterns run on an engine that is linear but slow, so longer texts are cut first. */
const patternCharsMax = 65_536;

/** A pattern of the operator, compiled elsewhere. */
export interface Pattern {
  /** Kind of the secrets that it finds. */
  readonly name: string;
  /** Places in a text, `to` excluded, in time linear in its length. */
  readonly find: (text: string) => Iterable<readonly [from: number, to: number]>;
}

export interface OperatorRules {
  /** Paths whose values are always secret: `kwargs.user.*.zip`. */
  readonly sensitivePaths?: readonly string[];
  readonly patterns?: readonly Pattern[];
}

export class OperatorDetector {
  readonly #paths: readonly PathGlob[];
  readonly #patterns: readonly Pattern[];

  constructor({ sensitivePaths = [], patterns = [] }: OperatorRules) {
    this.#paths = sensitivePaths.map(pathGlobOf);
    this.#patterns = patterns;
  }

  get hasRules(): boolean {
    return this.#paths.length > 0 || this.#patterns.length > 0;
  }

  /** Longest text to read; no limit of its own without patterns. */
  get charsMax(): number {
    return this.#patterns.length > 0 ? patternCharsMax : Number.POSITIVE_INFINITY;
  }

  /** Adds the places of secrets to `found`. Throws RangeError over a budget. */
  detect(field: Field, text: string, found: Match[]): void {
    if (this.#paths.length > 0 && (field === 'args' || field === 'kwargs' || field === 'result')) {
      for (const { path, from, to } of leavesOf(field, text)) {
        if (this.#paths.some((glob) => isOnPath(path, glob))) found.push({ from, to, kind: 'secret' });
      }
    }
    for (const { name: kind, find } of this.#patterns) {
      for (const [from, to] of find(text)) {
        found.push({ from, to, kind });
        if (found.length > matchesMax) throw new RangeError('matches');
      }
    }
  }
}
