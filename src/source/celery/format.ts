/** Celery's message formats: events in a kombu envelope or as a plain body, and records of the result backend. Pure. */
import type { Millis } from '../../event/ids.ts';
import { readBody, readEnvelope } from '../kombu/envelope.ts';
import type { Decoded, Message } from '../source.ts';
import type { MessageFormat } from '../system.ts';
import { decodeEvent } from './event.ts';
import { decodeResult } from './result.ts';

/** `Message.form` of this system. */
export type CeleryForm = 'kombu-envelope' | 'event-body' | 'result-meta';

/** A worker sends at most 24 events in one message; a longer array comes from no worker. */
const eventsPerMessageMax = 10_000;

/** Some Celery releases send an empty array after a failed flush; it contains no event and is no rejection. */
export function decode(message: Message): readonly Decoded[] {
  const { form, payload, receivedAt } = message;
  const body = form === 'kombu-envelope' ? readEnvelope(payload) : readBody(payload);
  if (!body.ok) return [body];
  const decoded = decodeBody(body.value, form, receivedAt);
  return body.isShortened ? decoded.map((one) => (one.ok ? { ...one, isShortened: true } : one)) : decoded;
}

function decodeBody(body: unknown, form: string, receivedAt: Millis): readonly Decoded[] {
  if (form === 'result-meta') return [decodeResult(body, receivedAt)];
  if (!Array.isArray(body)) return [decodeEvent(body, receivedAt)];
  if (body.length > eventsPerMessageMax) return [{ ok: false, reason: 'too-large' }];
  return body.map((event) => decodeEvent(event, receivedAt));
}

/**
 * Captured lines, with times in seconds:
 *
 *   {"type": "task-sent", "uuid": "…", …, "_at": s}                   a Celery event with its time of receipt
 *   {"at": s, "channel": "…", "payload": "<kombu envelope>"}          from Redis pub/sub
 *   {"at": s, "exchange": "…", "routing_key": "…", "payload": "…"}    from RabbitMQ
 *   {"at": s, "channel": "…celery-task-meta-<id>", "payload": "…"}    from the result backend
 */
function readCapture(fields: Readonly<Record<string, unknown>>, line: string): Message | undefined {
  const { at, channel, payload, type, _at: receivedAt } = fields;
  if (typeof type === 'string' && typeof receivedAt === 'number') return captured(receivedAt, line, 'event-body');
  if (typeof at !== 'number' || typeof payload !== 'string') return undefined;
  if (typeof channel !== 'string') return captured(at, payload, 'event-body');
  return captured(at, payload, channel.includes(resultKeyPart) ? 'result-meta' : 'kombu-envelope');
}

/** Celery's `task_keyprefix`, part of each key and channel of the result backend. */
export const resultKeyPart = 'celery-task-meta-';

function captured(seconds: number, payload: string, form: CeleryForm): Message {
  return { source: 'recording', receivedAt: seconds * 1_000, payload, form };
}

export const celeryFormat: MessageFormat = { decode, readCapture };
