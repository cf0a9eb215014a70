/**
 * Log lines: one line per record, whatever it contains, and the same warning at most once in a while. Records contain this
 * project's own words and redacted text. A worker can still choose its node name, so no character may start a new line or
 * control a terminal.
 */
import { BoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'json' | 'text';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = (level: LogLevel, msg: string, fields?: LogFields) => void;

export interface LogOptions {
  /** Receives one line at a time, with its newline. */
  readonly write: (line: string) => void;
  /** Lowest level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Pick<Clock, 'now'>;
}

const levels: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Interval in which repetitions of a warning or error are counted instead of written. */
const repeatMs = 30_000;
/** More kinds of errors than an outage causes. A kind that is evicted may be written again. */
const kindsMax = 256;
const charsMax = 2_000;

interface Recent {
  readonly writtenAt: number;
  suppressed: number;
}

/**
 * Two warnings or errors are the same if level, message and every text in their fields are equal; numbers may differ. The
 * first one after the interval has the number of suppressed ones in `suppressed`.
 */
export function createLog({ write, level: lowest, format, clock }: LogOptions): Log {
  const recent = new BoundedMap<string, Recent>({ itemsMax: kindsMax });

  /** Number of records suppressed since the last written one; undefined if this one is suppressed too. */
  function suppressedBefore(key: string, now: number): number | undefined {
    const before = recent.get(key);
    if (before !== undefined && now - before.writtenAt < repeatMs) {
      before.suppressed += 1;
      return undefined;
    }
    recent.delete(key);
    recent.set(key, { writtenAt: now, suppressed: 0 });
    return before?.suppressed ?? 0;
  }

  return (level, msg, fields = {}) => {
    if (levels[level] < levels[lowest]) return;
    const now = clock.now();
    const isLimited = levels[level] >= levels.warn;
    const suppressed = isLimited ? suppressedBefore(keyOf(level, msg, fields), now) : 0;
    if (suppressed === undefined) return;
    const record = {
      ts: new Date(now).toISOString(),
      level,
      msg: cleaned(msg),
      ...cleanedFields(fields),
      ...(suppressed > 0 ? { suppressed } : {}),
    };
    write(`${format === 'json' ? JSON.stringify(record) : textOf(record)}\n`);
  };
}

function keyOf(level: LogLevel, msg: string, fields: LogFields): string {
  const texts = Object.entries(fields).filter(([, value]) => typeof value === 'string');
  return JSON.stringify([level, msg, texts]);
}

function cleanedFields(fields: LogFields): Record<string, string | number | boolean> {
  const clean: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) clean[name] = typeof value === 'string' ? cleaned(value) : value;
  }
  return clean;
}

function textOf({ ts, level, msg, ...fields }: { ts: string; level: LogLevel; msg: string }): string {
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${quoted(value)}`);
  return [ts, level.toUpperCase().padEnd(5), msg, ...rest].join(' ');
}

function quoted(value: unknown): string {
  const text = String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

// C0 and C1 controls start lines and terminal commands; the others reorder or hide text.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

function cleaned(text: string): string {
  const clean = text.slice(0, charsMax).toWellFormed().replace(unprintable, ' ').trim();
  return text.length > charsMax ? `${clean}…` : clean;
}
