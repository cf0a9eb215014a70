/**
 * Log lines: one line a record whatever is in it, the same error only now and then. What goes in is our own words and
 * redacted text; a worker can still choose a node name, so nothing here may forge a line or move a terminal's cursor.
 */
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'json' | 'text';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = (level: LogLevel, msg: string, fields?: LogFields) => void;

export interface SwitchableLog extends Log {
  /** From now on nothing below `level` is written. */
  setLevel(level: LogLevel): void;
}

export interface LogOptions {
  /** Gets one line at a time, newline included. */
  readonly write: (line: string) => void;
  /** The least level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Pick<Clock, 'now'>;
}

const levels: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The same warning or error this often at most; in between it is counted. */
const repeatMs = 30_000;
/** More kinds than a broken day has; beyond them the oldest is forgotten and may be written again. */
const recentMax = 256;
const charsMax = 2_000;

interface Recent {
  readonly writtenAt: number;
  suppressed: number;
}

/**
 * Two warnings or errors are the same when level, message and every text in their fields are; numbers may differ. The
 * one that is written after a while says in `suppressed` how many were not.
 */
export function createLog({ write, level, format, clock }: LogOptions): SwitchableLog {
  let least = level;
  const recent = new Map<string, Recent>();

  /** How many were held back since the last one was written, or undefined when this one is held back too. */
  function suppressedBefore(level: LogLevel, msg: string, fields: LogFields, now: number): number | undefined {
    const key = keyOf(level, msg, fields);
    const before = recent.get(key);
    if (before !== undefined && now - before.writtenAt < repeatMs) {
      before.suppressed += 1;
      return undefined;
    }
    recent.delete(key);
    if (recent.size >= recentMax) recent.delete(recent.keys().next().value as string);
    recent.set(key, { writtenAt: now, suppressed: 0 });
    return before?.suppressed ?? 0;
  }

  const log: Log = (level, msg, fields = {}) => {
    if (levels[level] < levels[least]) return;
    const now = clock.now();
    const suppressed = levels[level] >= levels.warn ? suppressedBefore(level, msg, fields, now) : 0;
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
  return Object.assign(log, {
    setLevel(next: LogLevel): void {
      least = next;
    },
  });
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

// C0 and C1 controls begin lines and terminal commands; the others reorder or hide what is read.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

function cleaned(text: string): string {
  const clean = text.slice(0, charsMax).toWellFormed().replace(unprintable, ' ').trim();
  return text.length > charsMax ? `${clean}…` : clean;
}
