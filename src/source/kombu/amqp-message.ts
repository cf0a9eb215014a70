/** One AMQP delivery → a Message that `decode` understands, and when it was said. Pure. */
import type { Millis } from '../../event/ids.ts';
import type { Message } from '../source.ts';

/** As much of a delivery as matters here. */
export interface AmqpMessage {
  readonly content: Buffer;
  readonly properties: {
    readonly contentType: unknown;
    readonly contentEncoding: unknown;
    readonly headers: Readonly<Record<string, unknown>> | undefined;
  };
}

/**
 * A JSON body in UTF-8 passes as it is. Anything else is put into the envelope that kombu uses on Redis, so that one
 * decoder knows every serializer and compression.
 */
export function messageOf({ content, properties }: AmqpMessage, source: string, receivedAt: Millis): Message {
  if (isPlainJson(properties)) {
    return { source, receivedAt, payload: content.toString('utf8'), form: 'event-body' };
  }
  const envelope = {
    body: content.toString('base64'),
    'content-type': properties.contentType,
    'content-encoding': properties.contentEncoding,
    headers: { compression: properties.headers?.['compression'] },
    properties: { body_encoding: 'base64' },
  };
  return { source, receivedAt, payload: JSON.stringify(envelope), form: 'kombu-envelope' };
}

const utf8Names: readonly unknown[] = [undefined, 'utf-8', 'utf8', 'us-ascii', 'ascii'];

function isPlainJson({ contentType, contentEncoding, headers }: AmqpMessage['properties']): boolean {
  if (contentType !== 'application/json' && contentType !== undefined) return false;
  const encoding = typeof contentEncoding === 'string' ? contentEncoding.toLowerCase() : contentEncoding;
  return utf8Names.includes(encoding) && (headers?.['compression'] ?? undefined) === undefined;
}

/** The worker or producer that sent it, as its header says; kombu's event dispatcher always sets it. */
export function senderOf({ properties }: AmqpMessage): string | undefined {
  const hostname = properties.headers?.['hostname'];
  return typeof hostname === 'string' ? hostname : undefined;
}

/**
 * When the last event in a JSON body was sent, found without parsing it. A quote inside a text is escaped, so what looks
 * like the key is one.
 */
export function saidAt(payload: string): Millis | undefined {
  const seconds = lastNumber(payload, '"timestamp"');
  // The bounds of a plausible clock, 2001 to 2286, as for the event itself.
  return seconds !== undefined && seconds >= 1e9 && seconds < 1e10 ? seconds * 1_000 : undefined;
}

/** How often the sender of a heartbeat says that it sends one. */
export function heartbeatMsOf(payload: string): number | undefined {
  const seconds = lastNumber(payload, '"freq"');
  return seconds !== undefined && seconds > 0 && seconds < 86_400 ? seconds * 1_000 : undefined;
}

function lastNumber(payload: string, key: string): number | undefined {
  const at = payload.lastIndexOf(key);
  if (at < 0) return undefined;
  const value = /^\s*:\s*(\d{1,12}(?:\.\d{1,12})?)/.exec(payload.slice(at + key.length, at + key.length + 40))?.[1];
  return value === undefined ? undefined : Number(value);
}
