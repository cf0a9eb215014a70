import type { Judge } from '../names/key-names.ts';
import type { Found } from './match.ts';

/** Source lines are code: a bare name behind `password=` is a variable there, and only literals are secret. */
export type Reading = 'text' | 'source';

/** One reading of a text, or of a part of it, and what it has found so far. */
export interface Pass {
  readonly text: string;
  readonly start: number;
  readonly to: number;
  readonly judge: Judge;
  readonly reading: Reading;
  readonly found: Found[];
  /** Containers before this place have been read as a whole. */
  containerEnd: number;
  /** Records, tables and statements, before this place have been read as a whole. */
  recordEnd: number;
  /** What the looks at URLs have cost. */
  urlChars: number;
}

/** Notes a place; answers where to read on. */
export function note(pass: Pass, from: number, to: number, kind: string): number {
  const end = Math.min(to, pass.to);
  if (end > from) pass.found.push({ from, to: end, kind });
  return end;
}
