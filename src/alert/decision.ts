/** Decisions with their reasons: label of the metric, line on the status page, answer of `taskvigil why`. */
import type { Millis } from '../event/ids.ts';
import type { HiddenReason } from './incident.ts';
import type { KeyText } from './key.ts';
import type { Figures, SignalName, SuppressedSignalReason } from './signal.ts';

export type NotifyReason =
  | 'opened'
  | 'reopened'
  | 'resolved'
  | 'joined'
  | 'grew'
  | 'worse'
  | 'reminder'
  | 'shown-after'
  | 'commanded'
  | 'storm'
  | 'digest'
  | 'summary';
export type SuppressReason =
  | SuppressedSignalReason
  | HiddenReason
  /** The message of the incident covers it. */
  | 'already-told'
  /** The collection time has not passed. */
  | 'collecting'
  | 'absorbed'
  | 'acked'
  | 'snoozed'
  /** An operator has just resolved the incident. */
  | 'resolved-by-human'
  | 'undeliverable';

export interface Decision {
  readonly at: Millis;
  readonly signal: SignalName | undefined;
  readonly key: KeyText | undefined;
  readonly incident: string | undefined;
  readonly task: string | undefined;
  readonly exception: string | undefined;
  readonly figures: Figures | undefined;
  /** Failures that the decision accounts for. The sum over all decisions is the number of failures. */
  readonly failures: number;
  readonly verdict:
    | { readonly notify: true; readonly reason: NotifyReason; readonly action: 'post' | 'edit' | 'line' | 'reminder' }
    | { readonly notify: false; readonly reason: SuppressReason; readonly by: string | undefined };
}
