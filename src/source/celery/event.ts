/** A Celery event body → a typed event, or the reason why it is none. Pure. */
import { cleanName, type Millis, parseHostname, parseTaskId } from '../../event/ids.ts';
import type { AboutTask, Event, WorkerEvent } from '../../event/task-event.ts';
import { Untrusted } from '../../event/untrusted.ts';
import type { RejectReason } from '../../report.ts';
import { isRecord, readBody, readEnvelope } from '../kombu/envelope.ts';
import type { Message } from '../source.ts';
import { decodeResult } from './result.ts';

export type Decoded =
  | { readonly ok: true; readonly event: Event<Untrusted> }
  | { readonly ok: false; readonly reason: RejectReason };

/** A worker flushes at most 24 events at once; a longer array did not come from one. */
const eventsPerMessageMax = 10_000;

/**
 * The events in one message, in the order in which the worker wrote them. An empty array of events is nothing at all, as
 * some releases publish it after a failed flush. Never throws; one unreadable event costs no other.
 */
export function decode(message: Message): readonly Decoded[] {
  if (message.form === 'result-meta') return [decodeResult(message.payload, message.receivedAt)];
  const body = message.form === 'event-body' ? readBody(message.payload) : readEnvelope(message.payload);
  if (!body.ok) return [body];
  if (!Array.isArray(body.value)) return [decodeEvent(body.value, message.receivedAt)];
  if (body.value.length > eventsPerMessageMax) return [{ ok: false, reason: 'too-large' }];
  return body.value.map((event) => decodeEvent(event, message.receivedAt));
}

type Fields = Readonly<Record<string, unknown>>;

function decodeEvent(fields: unknown, receivedAt: Millis): Decoded {
  if (!isRecord(fields)) return { ok: false, reason: 'not-an-object' };
  const type = fields['type'];
  if (typeof type !== 'string') return { ok: false, reason: 'not-a-lifecycle-event' };
  const at = millisOf(fields['timestamp']);
  if (at === undefined) return { ok: false, reason: 'no-timestamp' };
  if (type.startsWith('worker-')) return decodeWorkerEvent(type, fields, at, receivedAt);
  if (!type.startsWith('task-')) return { ok: false, reason: 'not-a-lifecycle-event' };
  return decodeTaskEvent(type, fields, at, receivedAt);
}

function decodeTaskEvent(type: string, fields: Fields, at: Millis, receivedAt: Millis): Decoded {
  const id = parseTaskId(fields['uuid']);
  if (id === undefined) return { ok: false, reason: 'no-task-id' };
  const about: AboutTask = {
    id,
    hostname: parseHostname(fields['hostname']),
    pid: integerOf(fields['pid']),
    at,
    receivedAt,
  };
  // The types are written out below, so that what is held shares their text instead of what was parsed. What is spread comes
  // first, where it is copied as a whole; further behind it costs as much as reading the event.
  switch (type) {
    case 'task-sent':
      return accepted({
        ...publicationOf(fields, about),
        type: 'task-sent',
        queue: cleanName(fields['queue']),
        exchange: cleanName(fields['exchange']),
        routingKey: cleanName(fields['routing_key']),
      });
    case 'task-received':
      return accepted({ ...publicationOf(fields, about), type: 'task-received' });
    case 'task-started':
      return accepted({ ...about, type: 'task-started' });
    case 'task-succeeded':
      return accepted({
        ...about,
        type: 'task-succeeded',
        result: untrusted(fields['result']),
        runtimeMs: secondsToMs(fields['runtime']),
      });
    case 'task-failed':
    case 'task-retried':
      return accepted({
        ...about,
        type: type === 'task-failed' ? 'task-failed' : 'task-retried',
        exception: untrusted(fields['exception']),
        traceback: untrusted(fields['traceback']),
      });
    case 'task-rejected':
      return accepted({ ...about, type: 'task-rejected', requeue: fields['requeue'] === true });
    case 'task-revoked':
      return accepted({
        ...about,
        type: 'task-revoked',
        terminated: fields['terminated'] === true,
        expired: fields['expired'] === true,
        signal: signalOf(fields['signum']),
      });
    case 'task-cancelled':
      return accepted({ ...about, type: 'task-cancelled' });
    default:
      // Applications send events of their own in this group, `task-progress` for one.
      return { ok: false, reason: 'not-a-lifecycle-event' };
  }
}

function decodeWorkerEvent(type: string, fields: Fields, at: Millis, receivedAt: Millis): Decoded {
  if (type !== 'worker-online' && type !== 'worker-heartbeat' && type !== 'worker-offline') {
    return { ok: false, reason: 'not-a-lifecycle-event' };
  }
  const version = cleanName(fields['sw_ver']);
  const event: WorkerEvent = {
    type,
    hostname: parseHostname(fields['hostname']),
    pid: integerOf(fields['pid']),
    at,
    receivedAt,
    heartbeatMs: secondsToMs(fields['freq']) ?? 2_000,
    active: integerOf(fields['active']),
    processed: integerOf(fields['processed']),
    software: version === undefined ? undefined : `${cleanName(fields['sw_ident']) ?? 'unknown'} ${version}`,
  };
  return accepted(event);
}

function publicationOf(fields: Fields, about: AboutTask) {
  return {
    ...about,
    name: untrusted(fields['name']),
    args: untrusted(fields['args']),
    kwargs: untrusted(fields['kwargs']),
    retries: integerOf(fields['retries']) ?? 0,
    rootId: parseTaskId(fields['root_id']),
    parentId: parseTaskId(fields['parent_id']),
    eta: instantOf(fields['eta']),
    expires: instantOf(fields['expires']),
  };
}

function accepted(event: Event<Untrusted>): Decoded {
  return { ok: true, event };
}

function untrusted(value: unknown): Untrusted | undefined {
  return typeof value === 'string' && value !== '' ? new Untrusted(value) : undefined;
}

// Bounds of a plausible clock: 2001 to 2286. They keep a forged year from moving windows and timers.
const earliest = 1e12;
const latest = 1e13;

function millisOf(seconds: unknown): Millis | undefined {
  if (typeof seconds !== 'number') return undefined;
  const at = seconds * 1_000;
  return at >= earliest && at < latest ? at : undefined;
}

function secondsToMs(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value * 1_000 : undefined;
}

function integerOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** ISO 8601 with an offset; without one (task-sent may leave it out) it is the producer's unknown local time: not known. */
function instantOf(value: unknown): Millis | undefined {
  if (typeof value !== 'string' || !/(?:Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  const at = Date.parse(value);
  return at >= earliest && at < latest ? at : undefined;
}

function signalOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : cleanName(value);
}
