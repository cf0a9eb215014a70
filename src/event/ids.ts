import { hash } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A Celery task id: free text chosen by the caller, usually a UUID, and not always unique over time. */
export type TaskId = Branded<'TaskId'>;
/** A Celery node name, `name@host`. Producers have one too, usually `gen<pid>@<host>`. */
export type Hostname = Branded<'Hostname'>;
/** A short identifier that a worker or the broker chose, without control characters: a queue, an exchange, a signal. */
export type Name = Branded<'Name'>;
/** Equal for failures with the same cause. Groups them here, in Slack and in Sentry. */
export type Fingerprint = Branded<'Fingerprint'>;

/** Epoch milliseconds; fractions carry a worker's microseconds. */
export type Millis = number;

/** Callers do pass whole sentences as `task_id`. A longer id is shortened, see `parseTaskId`. */
const idCharsMax = 1_024;
const idCharsKept = 200;
const nameCharsMax = 256;

/**
 * The task id in `value`; undefined for null, an object, a list and the empty text, which Celery itself replaces by a UUID.
 * A number is an id as Python writes it (`42`, `True`). Of an id with more than 1,024 characters, and of one that is no
 * valid Unicode, the start and a hash are kept, so that different ids stay different. `parseTaskId` of a result is equal.
 */
export function parseTaskId(value: unknown): TaskId | undefined {
  const text = typeof value === 'string' ? value : textOf(value);
  if (text === undefined || text.length === 0) return undefined;
  return (text.length > idCharsMax || !text.isWellFormed() ? shortened(text) : text) as TaskId;
}

/** UTF-16 is hashed, because UTF-8 has one replacement for every half of a surrogate pair. */
function shortened(text: string): string {
  const digits = hash('sha256', Buffer.from(text, 'utf16le')).slice(0, 32);
  return `${text.slice(0, idCharsKept).toWellFormed()}${hashMark}${digits}`;
}

const hashMark = '…#';
const shortenedEnd = new RegExp(`${hashMark}[0-9a-f]{32}$`);

/** True if only the start of the id is known, so that a source cannot be asked for it by its key. */
export function isShortenedId(id: TaskId): boolean {
  return id.length > hashMark.length + 32 && shortenedEnd.test(id);
}

/** A number or a boolean as Python's `str` writes it; undefined for any other value. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return undefined;
}

/** The node name in `value`; a name that cannot be read becomes `unknown`, so that one bad field loses no event. */
export function parseHostname(value: unknown): Hostname {
  return (cleanText(value) ?? 'unknown') as Hostname;
}

/**
 * A short identifier (node name, queue, exchange, routing key, signal) without control characters, or undefined. Equal
 * names share one text, because there are few of them and hundreds of thousands of stored events contain them.
 */
export function cleanName(value: unknown): Name | undefined {
  return cleanText(value) as Name | undefined;
}

function cleanText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length === 0) return undefined;
  const known = names.get(value);
  if (known !== undefined) return known;
  const name = isPlain(value) ? value : value.slice(0, nameCharsMax).toWellFormed().replace(unprintable, '\ufffd');
  if (value.length > nameCharsMax) return name;
  if (names.size >= namesMax) names.clear();
  names.set(value, name);
  return name;
}

/** Names of producers contain a process id, so their number is unlimited. */
const namesMax = 10_000;
const names = new Map<string, string>();

// Control, bidirectional, zero-width and line-separator characters, which forge log lines and hide text.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function isPlain(value: string): boolean {
  if (value.length > nameCharsMax) return false;
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
