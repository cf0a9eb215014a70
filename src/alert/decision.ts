/** Every yes and every no, with its reason: the metric's label, the line on the page, the answer to `taskvigil why`. */
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
  /** The incident tells of it already. */
  | 'already-told'
  /** Collected until the first message. */
  | 'collecting'
  | 'absorbed'
  | 'acked'
  | 'snoozed'
  /** A human has just resolved it. */
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
  /** Failures that it speaks of; the sum over all decisions is what was counted. */
  readonly failures: number;
  readonly verdict:
    | { readonly notify: true; readonly reason: NotifyReason; readonly action: 'post' | 'edit' | 'line' | 'reminder' }
    | { readonly notify: false; readonly reason: SuppressReason; readonly by: string | undefined };
}
