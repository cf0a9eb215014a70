import type { Judge } from '../names/key-names.ts';
import type { Match } from './match.ts';

/** Source lines are code: a bare name behind `password=` is a variable there, and only literals are secret. */
export type ScanContext = 'text' | 'source';

/** One reading of a text, or of a part of it, and what it has found so far. */
export interface ScanState {
  readonly text: string;
  readonly start: number;
  readonly to: number;
  readonly judge: Judge;
  readonly reading: ScanContext;
  readonly found: Match[];
  /** Containers before this place have been read as a whole. */
  containerEnd: number;
  /** Records, tables and statements, before this place have been read as a whole. */
  recordEnd: number;
  /** What the looks at URLs have cost. */
  urlChars: number;
}

/** Notes a place; answers where to read on. */
export function note(pass: ScanState, from: number, to: number, kind: string): number {
  const end = Math.min(to, pass.to);
  if (end > from) pass.found.push({ from, to: end, kind });
  return end;
}
