/**
 * Recordings as an endless stream: lines `{"channel", "payload"}` and, if they have it, `"at"` in epoch seconds, gzip or
 * not. Each round over the files is made of new tasks at a later time, or the second round would be duplicates.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { envelopeOf, pythonJson } from './envelope.ts';
import type { Published } from './stream.ts';

export interface RecordedOptions {
  /** Read one behind the other. */
  readonly files: readonly string[];
  /** The stream ends with the message in which so many events are reached. */
  readonly events: number;
  /** Epoch milliseconds of the first message. */
  readonly from: number;
  /** Two streams of one process have no task in common when their rounds differ. */
  readonly firstRound?: number;
}

type Fields = Readonly<Record<string, unknown>>;

interface Line {
  /** Milliseconds since the first line; never less than that of the line before. */
  readonly after: number;
  readonly hostname: string;
  readonly key: string;
  readonly isList: boolean;
  readonly events: readonly Fields[];
}

const folder = fileURLToPath(new URL('../data/recordings', import.meta.url));

/** The committed recordings of Celery over Redis. */
export function committedRecordings(): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson.gz') && !name.includes('rabbitmq') && !name.includes('dialect'))
    .map((name) => join(folder, name));
}

export function* recordedStream({ files, events, from, firstRound = 0 }: RecordedOptions): Generator<Published> {
  const lines: Line[] = [];
  for (const file of files) {
    const endMs = lines.at(-1)?.after ?? 0;
    for (const line of linesOf(file)) lines.push({ ...line, after: line.after + endMs });
  }
  if (lines.length === 0) throw new Error(`no message of Celery's over Redis in ${files.join(', ')}`);
  const lengthMs = (lines.at(-1)?.after ?? 0) + 1_000;
  let told = 0;
  for (let round = 0; ; round += 1) {
    for (const line of lines) {
      const at = from + round * lengthMs + line.after;
      yield messageOf(line, firstRound + round, at);
      told += line.events.length;
      if (told >= events) return;
    }
  }
}

function linesOf(file: string): Line[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const recorded = text.split('\n').flatMap((line): (Omit<Line, 'after'> & { at: number })[] => {
    if (line === '') return [];
    const { channel, payload, at } = JSON.parse(line) as { channel?: string; payload: string; at?: number };
    const read = channel === undefined ? undefined : readEvents(payload);
    if (read === undefined) return [];
    return [{ ...read, at: at ?? 0, key: channel?.split('/').at(-1) ?? 'task.multi' }];
  });
  const first = recorded[0]?.at ?? 0;
  let latest = 0;
  return recorded.map(({ at, ...line }) => {
    latest = Math.max(latest, (at - first) * 1_000);
    return { ...line, after: latest };
  });
}

/** The events of a message in kombu's default form; undefined for any other, and for JSON that only Python reads. */
function readEvents(payload: string): { isList: boolean; events: Fields[]; hostname: string } | undefined {
  try {
    const { body } = JSON.parse(payload) as { body: string };
    const value: unknown = JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
    const events = (Array.isArray(value) ? value : [value]) as Fields[];
    if (events.some((event) => typeof event?.['timestamp'] !== 'number')) return undefined;
    return { isList: Array.isArray(value), events, hostname: String(events[0]?.['hostname'] ?? 'unknown') };
  } catch {
    return undefined;
  }
}

const ids = ['uuid', 'root_id', 'parent_id'] as const;

function messageOf({ key, hostname, isList, events, after }: Line, round: number, at: number): Published {
  const first = (events[0]?.['timestamp'] as number | undefined) ?? 0;
  const renewed = events.map((event) => {
    const fields: Record<string, unknown> = { ...event };
    for (const name of ids) if (typeof fields[name] === 'string') fields[name] = renewedId(fields[name], round);
    fields['timestamp'] = at / 1_000 + ((event['timestamp'] as number) - first);
    return fields;
  });
  const body = pythonJson(isList ? renewed : renewed[0]);
  const tag = renewedId('b5a2f0c4-0000-4000-8000-000000000000', (round << 20) ^ Math.floor(after));
  return { at, channel: `/0.celeryev/${key}`, payload: envelopeOf(key, hostname, body, tag), events: events.length };
}

/** Another id of the same form: a UUID stays one. */
function renewedId(id: string, round: number): string {
  if (!/^[0-9a-f]{8}-/.test(id)) return `${id}-${round}`;
  const head = (Number.parseInt(id.slice(0, 8), 16) ^ Math.imul(round, 0x9e3779b1)) >>> 0;
  return head.toString(16).padStart(8, '0') + id.slice(8);
}
