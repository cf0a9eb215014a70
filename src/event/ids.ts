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

/** Callers do pass whole sentences as `task_id`; a longer id is an attack or an accident. */
const idCharsMax = 1_024;
const nameCharsMax = 256;

/** The task id in `value`, or undefined if it is no text of a usable length. */
export function parseTaskId(value: unknown): TaskId | undefined {
  if (typeof value !== 'string' || value.length === 0 || value.length > idCharsMax) return undefined;
  return value.toWellFormed() as TaskId;
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
