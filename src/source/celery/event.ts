/** Decodes the body of one Celery event. Pure. */
import { cleanName, type Millis, parseHostname, parseTaskId } from '../../event/ids.ts';
import type { AboutTask, Event, WorkerEvent } from '../../event/task-event.ts';
import { Untrusted } from '../../event/untrusted.ts';
import { isRecord } from '../is-record.ts';
import { type Decoded, noIdReason } from '../source.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The event in a parsed body, or the reason why it is none. Only the type and the task id are required: any other field that
 * cannot be read is undefined, and a number may be written as text.
 */
export function decodeEvent(fields: unknown, receivedAt: Millis): Decoded {
  if (!isRecord(fields)) return { ok: false, reason: 'not-an-object' };
  const type = fields['type'];
  if (typeof type !== 'string') return { ok: false, reason: 'no-event-type' };
  // An event without a plausible time of its sender was sent shortly before its receipt.
  const at = millisOf(fields['timestamp']) ?? receivedAt;
  if (type.startsWith('worker-')) return decodeWorkerEvent(fields, at, receivedAt);
  if (!type.startsWith('task-')) return { ok: false, reason: 'not-a-lifecycle-event' };
  return decodeTaskEvent(fields, at, receivedAt);
}

function decodeTaskEvent(fields: Fields, at: Millis, receivedAt: Millis): Decoded {
  const id = parseTaskId(fields['uuid']);
  if (id === undefined) return { ok: false, reason: noIdReason(fields['uuid']) };
  const about: AboutTask = {
    id,
    hostname: parseHostname(fields['hostname']),
    pid: integerOf(fields['pid']),
    at,
    receivedAt,
  };
  // The types are literals, so that stored events share one text each instead of keeping the parsed ones. The spread comes
  // first, where V8 copies it as a whole; after other properties it costs as much as reading the event.
  const type = fields['type'];
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
      // Applications send custom events in this group, for example `task-progress`.
      return { ok: false, reason: 'not-a-lifecycle-event' };
  }
}

function decodeWorkerEvent(fields: Fields, at: Millis, receivedAt: Millis): Decoded {
  const type = fields['type'];
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
    heartbeatMs: secondsToMs(fields['freq']) ?? heartbeatMsDefault,
    active: integerOf(fields['active']),
    processed: integerOf(fields['processed']),
    clock: integerOf(fields['clock']),
    software: version === undefined ? undefined : `${cleanName(fields['sw_ident']) ?? 'unknown'} ${version}`,
  };
  return accepted(event);
}

/** Celery's default, which a worker does not state in the reply to a remote `heartbeat` command. */
const heartbeatMsDefault = 2_000;

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

// Limits of a plausible clock, 2001 to 2286. A forged year must not move windows and timers.
const earliest = 1e12;
const latest = 1e13;

function millisOf(value: unknown): Millis | undefined {
  const at = (numberOf(value) ?? Number.NaN) * 1_000;
  return at >= earliest && at < latest ? at : undefined;
}

function secondsToMs(value: unknown): number | undefined {
  const seconds = numberOf(value);
  return seconds !== undefined && seconds >= 0 ? seconds * 1_000 : undefined;
}

function integerOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** Some serializers of producers write numbers as text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && decimal.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const decimal = /^\d{1,15}(?:\.\d{1,15})?$/;

/** ISO 8601 with an offset. Without one (`task-sent` may omit it) the value is the producer's local time, which is unknown. */
function instantOf(value: unknown): Millis | undefined {
  if (typeof value !== 'string' || !/(?:Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  const at = Date.parse(value);
  return at >= earliest && at < latest ? at : undefined;
}

function signalOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : cleanName(value);
}
