/**
 * Reads the envelope of a message on Redis: a JSON object whose body is base64 or, by option, plain text. Source: kombu's
 * virtual transport, `Channel.prepare_message` and `Message.__init__`.
 */
import { gunzipSync, inflateSync } from 'node:zlib';
import { decode as decodeMsgpack } from '@msgpack/msgpack';
import { parse as parseYaml } from 'yaml';
import { isRecord } from '../is-record.ts';
import type { RejectReason } from '../source.ts';
import { parsePythonJson } from './python-json.ts';
import { shortenJson } from './shorten-json.ts';

export type Body =
  /** `isShortened`: the body was too large to be parsed whole, and lacks parts of its long values. */
  | { readonly ok: true; readonly value: unknown; readonly isShortened?: true }
  | { readonly ok: false; readonly reason: RejectReason };

/** Celery does not limit the message and traceback of a failure. A larger JSON body is shortened before it is parsed. */
const bodyBytesMax = 8 * 1024 * 1024;
/** A longer payload is rejected unread. */
const payloadCharsMax = 64 * 1024 * 1024;

/** The decoded body of an enveloped message. Never throws. */
export function readEnvelope(payload: string): Body {
  if (payload.length > payloadCharsMax) return { ok: false, reason: 'too-large' };
  const plain = readPlainEnvelope(payload);
  if (plain !== undefined) return plain;
  try {
    return readAnyEnvelope(parsePythonJson(payload));
  } catch {
    return { ok: false, reason: 'not-json' };
  }
}

/** The decoded body of a message without an envelope whose content type is JSON (AMQP). Never throws. */
export function readBody(payload: string): Body {
  if (payload.length > payloadCharsMax) return { ok: false, reason: 'too-large' };
  try {
    if (payload.length > bodyBytesMax) return parseJson(Buffer.from(payload));
    return { ok: true, value: parsePythonJson(payload) };
  } catch {
    return { ok: false, reason: 'not-json' };
  }
}

/** The value of a body that must be complete: a shortened list of a worker's tasks would state that the others are gone. */
export function wholeValueOf(body: Body): unknown {
  return body.ok && !body.isShortened ? body.value : undefined;
}

const bodyStart = '{"body": "';
const jsonInUtf8 = '", "content-encoding": "utf-8", "content-type": "application/json", ';

/**
 * The common case, without parsing the envelope: kombu writes a base64 body of JSON first. Returns undefined for any other
 * text, which `readAnyEnvelope` then parses.
 */
function readPlainEnvelope(payload: string): Body | undefined {
  if (!payload.startsWith(bodyStart)) return undefined;
  const end = payload.indexOf('"', bodyStart.length);
  if (end < 0 || !payload.startsWith(jsonInUtf8, end)) return undefined;
  if (!payload.includes('"body_encoding": "base64"', end) || payload.includes('"compression"', end)) return undefined;
  try {
    return parseJson(Buffer.from(payload.slice(bodyStart.length, end), 'base64'));
  } catch {
    return undefined;
  }
}

/** The value of JSON in UTF-8. Throws what JSON.parse throws. */
function parseJson(bytes: Buffer): Body {
  if (bytes.length <= bodyBytesMax) return { ok: true, value: parsePythonJson(bytes.toString('utf8')) };
  return { ok: true, value: parsePythonJson(shortenJson(bytes)), isShortened: true };
}

function readAnyEnvelope(envelope: unknown): Body {
  if (!isRecord(envelope)) return { ok: false, reason: 'not-an-object' };
  const properties = isRecord(envelope['properties']) ? envelope['properties'] : {};
  const headers = isRecord(envelope['headers']) ? envelope['headers'] : {};
  const body = envelope['body'];
  // Some transports keep a JSON body as an object instead of text.
  if (typeof body === 'object' && body !== null) return { ok: true, value: body };
  if (typeof body !== 'string') return { ok: false, reason: 'not-an-object' };
  const isBase64 = properties['body_encoding'] === 'base64';
  const bytes = decompress(Buffer.from(body, isBase64 ? 'base64' : 'utf8'), headers['compression']);
  if (bytes === undefined) return { ok: false, reason: 'unknown-encoding' };
  return deserialize(bytes, envelope['content-type']);
}

function deserialize(bytes: Buffer, contentType: unknown): Body {
  try {
    switch (contentType) {
      case 'application/json':
      case undefined:
      case null:
        return parseJson(bytes);
      case 'application/x-msgpack':
        if (bytes.length > bodyBytesMax) return { ok: false, reason: 'too-large' };
        return { ok: true, value: decodeMsgpack(bytes, { useBigInt64: false }) };
      case 'application/x-yaml':
        if (bytes.length > bodyBytesMax) return { ok: false, reason: 'too-large' };
        return { ok: true, value: parseYaml(bytes.toString('utf8'), { maxAliasCount: 0, schema: 'core' }) };
      case 'application/x-python-serialize':
        // Reading a pickle means running it, so it is only counted.
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
    // kombu's "gzip" is the zlib format, in spite of its name.
    if (compression === 'application/x-gzip')
      return bytes[0] === 0x1f ? gunzipSync(bytes, limits) : inflateSync(bytes, limits);
    return undefined;
  } catch {
    return undefined;
  }
}
