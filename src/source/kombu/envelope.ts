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

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: RejectReason };

/** Celery does not limit the message and traceback of a failure; a longer payload is an accident. */
const payloadCharsMax = 8 * 1024 * 1024;

/** The decoded body of an enveloped message. Never throws. */
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

/** The decoded body of a message without an envelope whose content type is JSON (AMQP). Never throws. */
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
 * The common case, without parsing the envelope: kombu writes a base64 body of JSON first. Returns undefined for any other
 * text, which `readAnyEnvelope` then parses.
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
        return { ok: true, value: parsePythonJson(bytes.toString('utf8')) };
      case 'application/x-msgpack':
        return { ok: true, value: decodeMsgpack(bytes, { useBigInt64: false }) };
      case 'application/x-yaml':
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
