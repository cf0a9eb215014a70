/**
 * A task's events → its publications with their attempts. Pure: the same set of events gives the same result in any order
 * of arrival and with any duplicates. For that reason the lifecycle stores events and derives state from them.
 *
 *   sent ──▶ received ──▶ started ──▶ succeeded | failed | revoked | rejected(requeue=false)      publication over
 *              │  ▲          ├──────▶ retried, and sent with retries + 1                          next attempt follows
 *              │  │          ├──────▶ rejected(requeue=true), cancelled                           may be delivered again
 *              │  └──────────┴─ delivered again: the open attempt is superseded
 *              └──▶ revoked, expired                                                              over without an attempt
 *
 * A task id can be used again: after the end of a publication, the next send with no retries starts another one.
 */
import { concludeRetriedAttempts, endAttempt, receiveDelivery, startAttempt } from './attempts.ts';
import { isOver, newPublication, type Publication } from './publication.ts';
import type { TaskRecordEvent } from './record-event.ts';

/** A `task-sent` may arrive this much later than the end of the publication that it began. */
const lateSendMs = 5_000;

/** The publications in `events`, which are sorted by `compareRecordEvents`. At least one, also for no events. */
export function derivePublications(events: readonly TaskRecordEvent[]): readonly Publication[] {
  let publication = newPublication(0, events[0]?.at ?? 0);
  const publications = [publication];
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index] as TaskRecordEvent;
    if (startsNextPublication(publication, events, index)) {
      publication = newPublication(publications.length, event.at);
      publications.push(publication);
    }
    addEvent(publication, event);
    publication.firstAt = Math.min(publication.firstAt, event.at);
    publication.lastAt = Math.max(publication.lastAt, event.at);
  }
  for (const each of publications) if (each.attempts.length > 1) concludeRetriedAttempts(each);
  return publications;
}

/** True if `publication` is over and the event at `index` belongs to the next use of the id. */
function startsNextPublication(publication: Publication, events: readonly TaskRecordEvent[], index: number): boolean {
  const event = events[index] as TaskRecordEvent;
  if (event.type !== 'task-sent' && event.type !== 'task-received') return false;
  if (event.retries !== 0 || !isOver(publication)) return false;
  // A short task can end before the producer's `task-sent` arrives: a late first send belongs to the publication it began.
  if (event.type === 'task-sent') return publication.sends.length > 0 || event.at > publication.lastAt + lateSendMs;
  if (publication.receivedCount === 0) return false;
  // If producers send events, a delivery without a send of its own, even a late one, is a redelivery of the old message.
  const hasSendEvents = publication.sends.some(({ retries }) => retries === 0);
  const isSend = (other: TaskRecordEvent): boolean =>
    other.type === 'task-sent' && other.retries === 0 && other.at <= event.at + lateSendMs;
  return !hasSendEvents || events.slice(index + 1).some(isSend);
}

function addEvent(publication: Publication, event: TaskRecordEvent): void {
  switch (event.type) {
    case 'task-sent': {
      const { at, hostname, retries, queue, exchange, routingKey, eta } = event;
      publication.sends.push({ at, hostname, retries, queue, exchange, routingKey, eta });
      return;
    }
    case 'task-received':
      receiveDelivery(publication, event);
      return;
    case 'task-started':
      startAttempt(publication, event).startedAt = event.at;
      return;
    default:
      endAttempt(publication, event);
  }
}
