/** Texts of a signal. Slack, the status page and the replies to commands use the same declaration. */
import type { Millis } from '../../event/ids.ts';
import type { Figures } from '../signal.ts';

/** Renders a number in the style of the receiver. */
export interface FigureFormat {
  /** `1,234`, `2.4`. */
  amount(count: number): string;
  /** `2 min`. */
  duration(ms: Millis): string;
  /** `3%`. */
  share(part: number, whole: number): string;
}

export interface SignalWords {
  /** Start of the headline. */
  readonly headline: string;
  /** Start of the headline while the pool or queue has no worker. Undefined if the signal cannot mean that. */
  readonly outage?: string;
  /** Name in a list and in the footer. */
  readonly short: string;
  /** Kind of the names in the headline. */
  readonly about: 'tasks' | 'pool' | 'queue' | 'schedule' | 'nothing';
  /** Explanation, where the headline does not suffice. */
  readonly meaning: string | undefined;
  /** Noun for the events that the signal counts, singular and plural. Undefined for a level. */
  readonly counts: readonly [one: string, many: string] | undefined;
  /** True if the incident's title is the text of an exception. Otherwise the figures describe the incident. */
  readonly isException: boolean;
  /** Sentence about the figures. Undefined: a count within its window. */
  readonly measure?: (figures: Figures, format: FigureFormat) => string;
  /** Unit of `figures.count` and `figures.limit`. */
  readonly unit?: 'count' | 'duration';
  /** False if the measure already contains the limit. */
  readonly showsLimit?: boolean;
  /** False if the window is the period of a schedule, which is unrelated to the count. */
  readonly showsWindow?: boolean;
}

const failures = ['failure', 'failures'] as const;

/** Common words of all signals about failures of tasks. */
export const failureWords = { about: 'tasks', counts: failures, isException: true } as const;
