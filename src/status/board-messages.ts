/** The messages of the receiver as they stand now, with the replies in their threads. */
import type { Notification } from '../alert/outbox/notification.ts';
import type { Millis } from '../event/ids.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';

export interface BoardMessage {
  /** Id of the incident or bulletin. */
  readonly incident: string;
  readonly channel: string;
  readonly postedAt: Millis;
  readonly edits: number;
  /** The last post or edit of the root message. */
  readonly notification: Notification;
  readonly message: unknown;
  readonly replies: readonly { readonly at: Millis; readonly message: unknown }[];
}

const messagesMax = 50;
const repliesMax = 20;

export class BoardMessages {
  readonly #messages = new BoundedMap<string, BoardMessage>({ itemsMax: messagesMax });

  /** Adds a delivered notification. A link is no message of its own: it points to one that is listed already. */
  add(notification: Notification, message: unknown, at: Millis): void {
    const { about, action, channel } = notification;
    if (action === 'link') return;
    const incident = about.kind === 'incident' ? about.incident.id : about.bulletin.id;
    const previous = this.#messages.get(incident);
    const { replies = [], edits = 0, postedAt = at } = previous ?? {};
    if (action === 'post' || action === 'edit') {
      const isEdit = action === 'edit' ? 1 : 0;
      const next = { incident, channel, postedAt, edits: edits + isEdit, notification, message, replies };
      this.#messages.set(incident, next);
      return;
    }
    const root = previous ?? { incident, postedAt, edits, notification, message };
    this.#messages.set(incident, { ...root, channel, replies: [...replies, { at, message }].slice(-repliesMax) });
  }

  /** The newest first. */
  all(): BoardMessage[] {
    return [...this.#messages.values()].reverse();
  }
}
