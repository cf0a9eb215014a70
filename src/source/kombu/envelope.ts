/**
 * The envelope that kombu puts around a message on Redis: a JSON object with the body as base64 (or, by option, as plain
 * text). Source: kombu's virtual transport, `Channel.prepare_message` and `Message.__init__`.
 */

import { gunzipSync, inflateSync } from 'node:zlib';
import { decode as decodeMsgpack } from '@msgpack/msgpack';
import { parse as parseYaml } from 'yaml';
import type { RejectReason } from '../../report.ts';
import { parsePythonJson } from './python-json.ts';

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: RejectReason };

/** A failure carries its message and its traceback without any limit of Celery's; beyond this it is an accident. */
const payloadCharsMax = 8 * 1024 * 1024;

/** The decoded body of one enveloped message: an event, or an array of events. Never throws. */
export function readEnvelope(payload: string): Body {
  if (payload.length > payloadCharsMax) return { ok: false, reason: 'too-large' };
  const plain = readPlainEnvelope(payload);
  if (plain !== undefined) return { ok: true, value: plain };
  try {
    return readAnyEnvelope(parsePythonJson(payload));
  } catch {
    return { ok: false, reason: 'not-json' };
  }
}

/** The decoded body of a message without an envelope (AMQP), whose content type is JSON. Never throws. */
export function readBody(payload: string): Body {
  if (payload.length > payloadCharsMax) return { ok: false, reason: 'too-large' };
  try {
    return { ok: true, value: parsePythonJson(payload) };
  } catch {
    return { ok: false, reason: 'not-json' };
  }
}

const bodyStart = '{"body": "';
const jsonInUtf8 = '", "content-encoding": "utf-8", "content-type": "application/json", ';

/**
 * The common case without parsing the envelope: a base64 body of JSON comes first, as kombu writes it. Anything that is
 * not exactly that takes the slow way, so this can be wrong about nothing.
 */
function readPlainEnvelope(payload: string): unknown {
  if (!payload.startsWith(bodyStart)) return undefined;
  const end = payload.indexOf('"', bodyStart.length);
  if (end < 0 || !payload.startsWith(jsonInUtf8, end)) return undefined;
  if (!payload.includes('"body_encoding": "base64"', end) || payload.includes('"compression"', end)) return undefined;
  try {
    return parsePythonJson(Buffer.from(payload.slice(bodyStart.length, end), 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function readAnyEnvelope(envelope: unknown): Body {
  if (!isRecord(envelope)) return { ok: false, reason: 'not-an-object' };
  const properties = isRecord(envelope['properties']) ? envelope['properties'] : {};
  const headers = isRecord(envelope['headers']) ? envelope['headers'] : {};
  const body = envelope['body'];
  // Some transports leave a JSON body as it is, without making it text again.
  if (typeof body === 'object' && body !== null) return { ok: true, value: body };
  if (typeof body !== 'string') return { ok: false, reason: 'not-an-object' };
  const isBase64 = properties['body_encoding'] === 'base64';
  const bytes = decompress(Buffer.from(body, isBase64 ? 'base64' : 'utf8'), headers['compression']);
  if (bytes === undefined) return { ok: false, reason: 'unknown-encoding' };
  return deserialise(bytes, envelope['content-type']);
}

function deserialise(bytes: Buffer, contentType: unknown): Body {
  try {
    switch (contentType) {
      case 'application/json':
      case undefined:
      case null:
        return { ok: true, value: parsePythonJson(bytes.toString('utf8')) };
      case 'application/x-msgpack':
        return { ok: true, value: decodeMsgpack(bytes, { useBigInt64: false }) };
      case 'application/x-yaml':
        return { ok: true, value: parseYaml(bytes.toString('utf8'), { maxAliasCount: 0, schema: 'core' }) };
      case 'application/x-python-serialize':
        // Reading a pickle means running it. It is counted, so that somebody can be told, and never read.
        return { ok: false, reason: 'pickle' };
      default:
        return { ok: false, reason: 'unknown-content-type' };
    }
  } catch {
    return { ok: false, reason: 'not-decodable' };
  }
}

function decompress(bytes: Buffer, compression: unknown): Buffer | undefined {
  const limits = { maxOutputLength: payloadCharsMax };
  try {
    if (compression === undefined || compression === null) return bytes;
    // kombu's "gzip" is zlib's format, in spite of its name.
    if (compression === 'application/x-gzip')
      return bytes[0] === 0x1f ? gunzipSync(bytes, limits) : inflateSync(bytes, limits);
    return undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
