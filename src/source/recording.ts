/**
 * Reads recorded events: recordings by taskvigil (redacted), and raw captures of a broker in the format of a broker system.
 * Each line is a JSON object; a file may be compressed with gzip. Several files become one stream in the order of receipt.
 *
 *   {"taskvigil": 1, "at": ms, "recording": {…}}              first line of `taskvigil record`
 *   {"taskvigil": 1, "at": ms, "event": {…}}                  one event; "at" may be missing
 *   {"taskvigil": 1, "at": ms, "input": {"kind": "…", …}}     another input of the daemon's decisions
 *   {"at": s, "queues": {"celery": 12}}                       number of messages waiting in the broker
 *   any other line                                            a capture, see `MessageFormat.readCapture`
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import { Untrusted } from '../event/untrusted.ts';
import { isRecord } from './is-record.ts';
import type { Decoded, Message } from './source.ts';
import type { MessageFormat } from './system.ts';

export type Recorded =
  | { readonly kind: 'message'; readonly at: Millis; readonly message: Message }
  | { readonly kind: 'event'; readonly at: Millis; readonly decoded: Decoded }
  | { readonly kind: 'depths'; readonly at: Millis; readonly queues: Readonly<Record<string, number>> }
  /** The first line, and other inputs, of the daemon that recorded. `place` is `file:line`, for error messages. */
  | { readonly kind: 'begin'; readonly at: Millis; readonly value: Fields; readonly place: string }
  | { readonly kind: 'input'; readonly at: Millis; readonly value: Fields; readonly place: string };

type Fields = Readonly<Record<string, unknown>>;

/** The message is `file:line: ` and the problem. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

export interface ReadOptions {
  /** Reads the captures. */
  readonly format: Pick<MessageFormat, 'readCapture'>;
  /** Receives the number of bytes read since the last call. */
  readonly onProgress?: Progress | undefined;
}

export type Progress = (bytes: number) => void;

/** All lines of `files` by time of receipt. Throws RecordingError at a line in none of the formats. */
export async function* readRecordings(files: readonly string[], options: ReadOptions): AsyncGenerator<Recorded> {
  const streams = files.map((file) => readRecording(file, options));
  const heads = await Promise.all(streams.map((stream) => stream.next()));
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      if (head.done) continue;
      const best = first < 0 ? undefined : heads[first];
      if (best === undefined || best.done || head.value.at < best.value.at) first = index;
    }
    const head = heads[first];
    if (head === undefined || head.done) return;
    yield head.value;
    heads[first] = await (streams[first] as AsyncGenerator<Recorded>).next();
  }
}

async function* readRecording(file: string, { format, onProgress }: ReadOptions): AsyncGenerator<Recorded> {
  const bytes = createReadStream(file);
  if (onProgress !== undefined) bytes.on('data', (chunk) => onProgress(chunk.length));
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => input.destroy(error));
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === '') continue;
    yield readLine(line, `${file}:${number}`, format);
  }
}

function readLine(line: string, place: string, format: ReadOptions['format']): Recorded {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RecordingError(`${place}: expected one JSON object a line`);
  }
  if (!isRecord(value)) throw new RecordingError(`${place}: expected a JSON object`);
  if (value['taskvigil'] === 1) return readOwnLine(value, place);
  const message = format.readCapture(value, line);
  if (message !== undefined) return { kind: 'message', at: message.receivedAt, message };
  const { at, queues } = value;
  if (typeof at === 'number' && isRecord(queues)) return readDepths(at, queues, place);
  throw new RecordingError(`${place}: expected "at" in seconds and "payload" as text`);
}

function readDepths(seconds: number, queues: Fields, place: string): Recorded {
  if (!Object.values(queues).every((length) => typeof length === 'number'))
    throw new RecordingError(`${place}: expected "queues" as numbers by name`);
  return { kind: 'depths', at: seconds * 1_000, queues: queues as Readonly<Record<string, number>> };
}

function readOwnLine({ at, event, input, recording }: Fields, place: string): Recorded {
  const value = input ?? recording;
  if (value === undefined) return readEvent(event, at, place);
  if (typeof at !== 'number' || !isRecord(value)) throw new RecordingError(`${place}: expected "at" in milliseconds`);
  return input === undefined ? { kind: 'begin', at, value, place } : { kind: 'input', at, value, place };
}

/** A file can be written by anyone, so its texts are untrusted and redacted again. */
function readEvent(event: unknown, at: unknown, place: string): Recorded {
  if (!isRecord(event) || typeof event['type'] !== 'string' || typeof event['receivedAt'] !== 'number') {
    throw new RecordingError(`${place}: expected an event with "type" and "receivedAt"`);
  }
  const boxed: Record<string, unknown> = { ...event };
  for (const field of textFields) {
    const text = event[field];
    boxed[field] = typeof text === 'string' ? new Untrusted(text) : undefined;
  }
  return {
    kind: 'event',
    at: typeof at === 'number' ? at : event['receivedAt'],
    decoded: { ok: true, event: boxed as unknown as Event<Untrusted> },
  };
}

const textFields = ['name', 'args', 'kwargs', 'result', 'exception', 'traceback'] as const;
