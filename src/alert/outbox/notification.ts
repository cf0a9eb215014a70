/**
 * The content of one delivery, without any layout. It carries the incident or bulletin as it is at the time of sending, so an
 * outage of the receiver collapses into one message that shows the present state.
 */
import type { Millis } from '../../event/ids.ts';
import type { Bulletin, Incident, ThreadLine } from '../incident.ts';
import type { DeliveryRef } from '../receipts.ts';
import type { NextAction } from './ledger.ts';

export interface Notification {
  /** Unique for each message. Every attempt to deliver the same message carries the same id. */
  readonly id: string;
  readonly action: NextAction;
  /** The route by the policy: a Slack channel's id or `#name`. */
  readonly channel: string;
  /** The root message; undefined for `post`. */
  readonly ref: DeliveryRef | undefined;
  /** An earlier attempt may have delivered this message since then, so the receiver reconciles before it delivers again. */
  readonly mayBeThereSince: Millis | undefined;
  /** The time against which durations are shown. */
  readonly at: Millis;
  readonly about:
    | {
        readonly kind: 'incident';
        readonly incident: Incident;
        /** The text of a `line`. */
        readonly line: ThreadLine | undefined;
      }
    | { readonly kind: 'bulletin'; readonly bulletin: Bulletin };
}
