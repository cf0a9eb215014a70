/** Converts an AMQP delivery into a message in one of kombu's formats, and reads its sender. Pure. */
import type { Millis } from '../../event/ids.ts';
import type { Message } from '../source.ts';

/** The part of a delivery that is read here. */
export interface AmqpMessage {
  readonly content: Buffer;
  readonly properties: {
    readonly contentType: unknown;
    readonly contentEncoding: unknown;
    readonly headers?: Readonly<Record<string, unknown>> | undefined;
  };
}

/**
 * A JSON body in UTF-8 stays as it is. Any other body is put into the envelope that kombu uses on Redis, so that one decoder
 * covers every serializer and compression.
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

/** Node name of the worker or producer that sent it, from the header that kombu's event dispatcher always sets. */
export function headerSenderOf({ properties }: AmqpMessage): string | undefined {
  const hostname = properties.headers?.['hostname'];
  return typeof hostname === 'string' ? hostname : undefined;
}
