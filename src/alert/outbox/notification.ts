/**
 * What a receiver is to be shown. It says what to show, never how it looks: the incident or bulletin itself as it stands at
 * the time of sending, so an outage of the receiver collapses into one message that tells the present.
 */
import type { Millis } from '../../event/ids.ts';
import type { Bulletin, Incident, MessageRef, ThreadLine } from '../incident.ts';

export interface Notification {
  /** Unique for each message to be in the channel; a second attempt to post the same one carries the same id. */
  readonly id: string;
  /**
   * `post` makes the root message and `edit` rewrites it. `line` adds to its thread, seen by those who follow it;
   * `reminder` adds to its thread and shows in the channel as well. `link` posts a link to it in another channel.
   */
  readonly action: 'post' | 'edit' | 'line' | 'reminder' | 'link';
  /** An id or a `#name`. */
  readonly channel: string;
  /** The root message, for everything but `post`. */
  readonly root: MessageRef | undefined;
  /** An earlier try may have left this message in the channel since then: look before posting it again. */
  readonly mayBeThereSince: Millis | undefined;
  /** The time that durations are told against. */
  readonly at: Millis;
  readonly about:
    | {
        readonly kind: 'incident';
        readonly incident: Incident;
        /** What a `line` says. */
        readonly line: ThreadLine | undefined;
      }
    | { readonly kind: 'bulletin'; readonly bulletin: Bulletin };
}
