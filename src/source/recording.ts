/**
 * Recorded events: our own recordings (redacted, one JSON object a line), raw captures of a broker's messages and plain
 * Celery events, gzip or not. Several files are read as one stream in the order of receipt.
 *
 *   {"taskvigil": 1, "at": ms, "recording": {…}}                      ours, written by `taskvigil record`: the first line,
 *   {"taskvigil": 1, "at": ms, "event": {…}}                          each event ("at" may be missing),
 *   {"taskvigil": 1, "at": ms, "input": {"kind": "…", …}}             and what else its decisions depended on
 *   {"type": "task-sent", "uuid": "…", …, "_at": s}                   a Celery event as it is, with its time of receipt
 *   {"at": s, "queues": {"celery": 12}}                               how many messages waited in the broker
 *   {"at": s, "channel": "…", "payload": "<kombu envelope>"}          captured from Redis pub/sub
 *   {"at": s, "exchange": "…", "routing_key": "…", "payload": "…"}    captured from RabbitMQ
 *   {"at": s, "channel": "…celery-task-meta-<id>", "payload": "…"}    captured from the result backend
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import { Untrusted } from '../event/untrusted.ts';
import { type Decoded, decode } from './celery/event.ts';
import { isRecord } from './kombu/envelope.ts';
import type { Message, Outlet, Source } from './source.ts';

export type Recorded =
  | { readonly kind: 'message'; readonly at: Millis; readonly message: Message }
  | { readonly kind: 'event'; readonly at: Millis; readonly decoded: Decoded }
  | { readonly kind: 'depths'; readonly at: Millis; readonly queues: Readonly<Record<string, number>> }
  /** Something of the daemon that recorded; `place` is for whoever reads it. */
  | { readonly kind: 'begin'; readonly at: Millis; readonly value: Fields; readonly place: string }
  | { readonly kind: 'input'; readonly at: Millis; readonly value: Fields; readonly place: string };

type Fields = Readonly<Record<string, unknown>>;

/** `file:line` and what is wrong with it. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** Told how many bytes of the files have been read more. */
export type Progress = (bytes: number) => void;

/** All of `files` by time of receipt. Throws RecordingError at a line that is none of the forms above. */
export async function* readRecordings(files: readonly string[], progress?: Progress): AsyncGenerator<Recorded> {
  const streams = files.map((file) => readRecording(file, progress));
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

async function* readRecording(file: string, progress: Progress | undefined): AsyncGenerator<Recorded> {
  const bytes = createReadStream(file);
  if (progress !== undefined) bytes.on('data', (chunk) => progress(chunk.length));
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => input.destroy(error));
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === '') continue;
    yield readLine(line, `${file}:${number}`);
  }
}

function readLine(line: string, place: string): Recorded {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RecordingError(`${place}: expected one JSON object a line`);
  }
  if (!isRecord(value)) throw new RecordingError(`${place}: expected a JSON object`);
  if (value['taskvigil'] === 1) return readOwn(value, place);
  const { at, channel, payload, queues, type, _at: receivedAt } = value;
  if (typeof type === 'string' && typeof receivedAt === 'number') return messageOf(receivedAt, line, 'event-body');
  if (typeof at === 'number' && isRecord(queues)) return readDepths(at, queues, place);
  if (typeof at !== 'number' || typeof payload !== 'string') {
    throw new RecordingError(`${place}: expected "at" in seconds and "payload" as text`);
  }
  const form =
    typeof channel !== 'string'
      ? 'event-body'
      : channel.includes('celery-task-meta-')
        ? 'result-meta'
        : 'kombu-envelope';
  return messageOf(at, payload, form);
}

function messageOf(seconds: number, payload: string, form: Message['form']): Recorded {
  const receivedAt = seconds * 1_000;
  return { kind: 'message', at: receivedAt, message: { source: 'recording', receivedAt, payload, form } };
}

function readDepths(seconds: number, queues: Fields, place: string): Recorded {
  if (!Object.values(queues).every((length) => typeof length === 'number'))
    throw new RecordingError(`${place}: expected "queues" as numbers by name`);
  return { kind: 'depths', at: seconds * 1_000, queues: queues as Readonly<Record<string, number>> };
}

function readOwn({ at, event, input, recording }: Fields, place: string): Recorded {
  const value = input ?? recording;
  if (value === undefined) return readEvent(event, at, place);
  if (typeof at !== 'number' || !isRecord(value)) throw new RecordingError(`${place}: expected "at" in milliseconds`);
  return input === undefined ? { kind: 'begin', at, value, place } : { kind: 'input', at, value, place };
}

/** Texts of a file are anybody's texts, so they are boxed and redacted again, whoever wrote the file. */
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

export interface PacedRecordingOptions {
  readonly name: string;
  readonly files: readonly string[];
  readonly now: () => Millis;
  readonly sleep: (ms: Millis, signal: AbortSignal) => Promise<void>;
  /** Told when the recording is over, with its first and last time of receipt on our clock. */
  readonly ended: () => void;
}

/** A recording as a source: its first message comes now, the others at the distances at which they were received. */
export function createPacedRecording({ name, files, now, sleep, ended }: PacedRecordingOptions): Source {
  const stopped = new AbortController();

  async function play(outlet: Outlet): Promise<void> {
    let shiftMs: Millis | undefined;
    for await (const recorded of readRecordings(files)) {
      shiftMs ??= now() - recorded.at;
      const waitMs = recorded.at + shiftMs - now();
      if (waitMs > 0) await sleep(waitMs, stopped.signal);
      if (stopped.signal.aborted) return;
      const all = decodedOf(recorded);
      for (const decoded of all) outlet.decoded(shifted(decoded, shiftMs));
    }
    ended();
  }

  return {
    name,
    async start(outlet) {
      outlet.connected(true, now());
      void play(outlet);
    },
    async stop() {
      stopped.abort();
    },
  };
}

function decodedOf(recorded: Recorded): readonly Decoded[] {
  if (recorded.kind === 'event') return [recorded.decoded];
  return recorded.kind === 'message' ? decode(recorded.message) : [];
}

function shifted(decoded: Decoded, byMs: Millis): Decoded {
  if (!decoded.ok) return decoded;
  const { event } = decoded;
  const moved = { ...event, at: event.at + byMs, receivedAt: event.receivedAt + byMs };
  if (!('eta' in moved)) return { ok: true, event: moved };
  const eta = moved.eta === undefined ? undefined : moved.eta + byMs;
  const expires = moved.expires === undefined ? undefined : moved.expires + byMs;
  return { ok: true, event: { ...moved, eta, expires } };
}
