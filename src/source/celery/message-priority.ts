/** Priority of a Celery message when an inbox is nearly full. Pure. */
import type { MessagePriority } from '../inbox.ts';
import type { Message } from '../source.ts';

const failure = /"task-(?:failed|retried|rejected|revoked|cancelled)"|"worker-|"FAILURE"/;
const name = /"task-(?:sent|received)"/;

/** Searches the text for event types without parsing it. The text of an event on Redis is base64. */
export function priorityOf({ payload, form }: Message): MessagePriority {
  const body = form === 'kombu-envelope' ? (/"body": "([A-Za-z0-9+/=]*)"/.exec(payload)?.[1] ?? '') : '';
  const text = body === '' ? payload : Buffer.from(body, 'base64').toString('latin1');
  if (failure.test(text)) return 'failure';
  return name.test(text) ? 'name' : 'other';
}
