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
import { endAttempt } from './attempt-ending.ts';
import { beginAttempt, receiveDelivery } from './attempts.ts';
import { finishAttempts, relateAttempts } from './finish-attempts.ts';
import { isOtherMessage } from './message.ts';
import {
  type AttemptRecord,
  type Delivery,
  decidingAttempt,
  isOver,
  newPublication,
  type Publication,
  type SendRecord,
} from './publication.ts';
import type { ReceivedRecordEvent, TaskRecordEvent } from './record-event.ts';

/** A `task-sent` may follow the receipt of its message by this much. */
const lateSendMs = 5_000;

/** The publications in `events`, which are sorted by `compareRecordEvents`. At least one, also for no events. */
export function derivePublications(events: readonly TaskRecordEvent[]): readonly Publication[] {
  let publication = newPublication(0, events[0]?.at ?? 0);
  const publications = [publication];
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index] as TaskRecordEvent;
    if (startsNextPublication(publication, events, index)) {
      const sends = event.type === 'task-received' ? takeSpareSend(publication) : [];
      publication = newPublication(publications.length, event.at);
      publication.sends.push(...sends);
      publications.push(publication);
    }
    addEvent(publication, event);
    publication.firstAt = Math.min(publication.firstAt, event.at);
    publication.lastAt = Math.max(publication.lastAt, event.at);
  }
  for (const each of publications) finishAttempts(each);
  return publications;
}

/**
 * True if `publication` is over and the event at `index` belongs to the next use of the id. A producer sends `task-sent`
 * after the message, so it may follow the end of a short task: only one that no message accounts for proves another use.
 */
function startsNextPublication(publication: Publication, events: readonly TaskRecordEvent[], index: number): boolean {
  const event = events[index] as TaskRecordEvent;
  if (publication.attempts.length === 0 && publication.end === undefined) return false;
  if (!canBegin(publication, event)) return false;
  // Later than the end by two clocks, or by the one that both have: a clock that is ahead has events that come early.
  const { lastEnd } = publication;
  if (lastEnd !== undefined && lastEnd.hostname !== event.hostname && event.receivedAt < lastEnd.receivedAt)
    return false;
  relateAttempts(publication);
  if (!isOver(publication)) return false;
  if (event.type === 'task-started') return true;
  const sendCount = publication.sends.filter(isFirst).length;
  if (event.type === 'task-sent') return sendCount > 0 && sendCount >= messageCount(publication);
  // Its own receipt, by another clock.
  const isHere = publication.attempts.some(({ hostname }) => hostname === event.hostname);
  if (publication.receivedCount === 0 && !isHere) return false;
  // If producers send events, a delivery without a send of its own, even a late one, is a redelivery of the old message.
  const isLateSend = (other: TaskRecordEvent): boolean =>
    other.type === 'task-sent' && isFirst(other) && other.at <= event.at + lateSendMs;
  return (
    sendCount === 0 ||
    spareSend(publication) !== undefined ||
    isAnotherMessage(publication, event) ||
    events.slice(index + 1).some(isLateSend)
  );
}

/** A send that no message of `publication` accounts for, or that came long after its end: it is of the next use of the id. */
function spareSend(publication: Publication): SendRecord | undefined {
  const sends = publication.sends.filter(isFirst);
  const last = sends.at(-1);
  if (sends.length > messageCount(publication)) return last;
  const endedAt = publication.end?.at ?? decidingAttempt(publication)?.endedAt ?? 0;
  return last !== undefined && last.at > endedAt + lateSendMs ? last : undefined;
}

function takeSpareSend(publication: Publication): SendRecord[] {
  const spare = spareSend(publication);
  return spare === undefined ? [] : publication.sends.splice(publication.sends.indexOf(spare), 1);
}

type FirstEvent = Extract<TaskRecordEvent, { type: 'task-sent' | 'task-received' | 'task-started' }>;

/** True if `event` can be the first one of a use of the id. */
function canBegin(publication: Publication, event: TaskRecordEvent): event is FirstEvent {
  if (event.type === 'task-started') return isUnexpectedStart(publication, event);
  return (event.type === 'task-sent' || event.type === 'task-received') && isFirst(event);
}

const isFirst = ({ retries }: { readonly retries: number }): boolean => retries === 0;

function firstDeliveries({ attempts, waiting }: Publication): Pick<Delivery, 'digest'>[] {
  return [...attempts, ...waiting].filter(isFirst);
}

/** Messages without retries that were delivered or executed; one that was delivered again counts once. */
function messageCount(publication: Publication): number {
  const deliveries = firstDeliveries(publication);
  return deliveries.filter(({ digest }, at) => digest === undefined || digest !== deliveries[at - 1]?.digest).length;
}

function isAnotherMessage(publication: Publication, event: ReceivedRecordEvent): boolean {
  const last = firstDeliveries(publication).at(-1);
  return last !== undefined && isOtherMessage(last, event);
}

/** A start that no delivery, and no attempt whose end came before its start event, accounts for. */
function isUnexpectedStart({ attempts, waiting, sends }: Publication, { hostname }: TaskRecordEvent): boolean {
  const isHere = (one: { readonly hostname: string }): boolean => one.hostname === hostname;
  const isUnstarted = (attempt: AttemptRecord): boolean => isHere(attempt) && attempt.startedAt === undefined;
  return sends.length === 0 && !waiting.some(isHere) && !attempts.some(isUnstarted);
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
      beginAttempt(publication, event);
      return;
    default:
      if (event.receivedAt >= (publication.lastEnd?.receivedAt ?? 0)) publication.lastEnd = event;
      endAttempt(publication, event);
  }
}
