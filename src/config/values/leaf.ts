/**
 * Kinds of values in the configuration file. A refusal names the expected and the received value in one sentence, and
 * never repeats a text that could be a secret.
 */
import { z } from 'zod';

/** Stands for a value that could not be fetched. The failed fetch is already a problem, so no leaf reports another one. */
export const unresolved = Symbol('unresolved');

export type LeafResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** JSON Schema keywords for editors. They may accept more than the leaf does, and never less. */
export type EditorHint = Readonly<Record<string, unknown>>;

export const textHint: EditorHint = { type: 'string' };
/** A single text may be written without a list. */
export const textsHint: EditorHint = { anyOf: [textHint, { type: 'array', items: textHint }] };

/** A value that `read` accepts or refuses with a whole sentence. */
export function leaf<T>(read: (raw: unknown) => LeafResult<T>, hint: EditorHint = textHint) {
  return z
    .unknown()
    .transform((raw, context): T => {
      if (raw === unresolved) return z.NEVER;
      const result = read(raw);
      if (result.ok) return result.value;
      context.addIssue({ code: 'custom', message: result.reason });
      return z.NEVER;
    })
    .meta(hint);
}

/** A value that `read` accepts, or undefined: then the message is `expected …, got …`. */
export function leafOf<T>(expected: string, read: (raw: unknown) => T | undefined, hint: EditorHint = textHint) {
  return leaf<T>(
    (raw) => {
      const value = read(raw);
      return value === undefined
        ? { ok: false, reason: `expected ${expected}, got ${gotOf(raw)}` }
        : { ok: true, value };
    },
    { description: `Expected: ${expected}`, ...hint },
  );
}

export function oneOf<const T extends string>(choices: readonly T[]) {
  return leafOf(listed(choices), (raw) => choices.find((choice) => choice === raw), { enum: choices });
}

/** A single number, such as the version of a format. */
export function oneOfNumber<const Known extends number>(known: Known) {
  return z.literal(known, { error: (issue) => `expected ${known}, got ${JSON.stringify(issue.input)}` });
}

export function flag() {
  return leafOf(
    'true or false',
    (raw) => {
      if (raw === 'true' || raw === 'false') return raw === 'true';
      return typeof raw === 'boolean' ? raw : undefined;
    },
    { type: ['boolean', 'string'] },
  );
}

export function count(least: number, most: number) {
  return leafOf(
    `a whole number between ${least} and ${most}`,
    (raw) =>
      Number.isInteger(raw) && (raw as number) >= least && (raw as number) <= most ? (raw as number) : undefined,
    { type: 'integer', minimum: least, maximum: most },
  );
}

/** 0 is none, 1 is all. */
export function ratio() {
  return leafOf(
    'a number between 0 and 1',
    (raw) => (typeof raw === 'number' && raw >= 0 && raw <= 1 ? raw : undefined),
    { type: 'number', minimum: 0, maximum: 1 },
  );
}

export function text(expected = 'a text', pattern = /^[^\u0000-\u001f]{1,512}$/) {
  const hint = pattern.flags === '' ? { ...textHint, pattern: pattern.source } : textHint;
  return leafOf(expected, (raw) => (typeof raw === 'string' && pattern.test(raw) ? raw : undefined), hint);
}

/** A list of texts; a single text may be written without a list. */
export function texts(expected: string, pattern = /^[^\u0000-\u001f]{1,512}$/) {
  return leafOf(
    `${expected} or a list of them`,
    (raw) => {
      const list = Array.isArray(raw) ? (raw as unknown[]) : [raw];
      return list.every((item): item is string => typeof item === 'string' && pattern.test(item)) ? list : undefined;
    },
    textsHint,
  );
}

/** Some words of a closed list; the message names the one that is not in it. */
export function someOf<const T extends string>(choices: readonly T[], least: 0 | 1 = 1) {
  return leaf<readonly T[]>(
    (raw) => {
      const list: unknown[] = Array.isArray(raw) ? raw : [raw];
      const odd = list.find((item) => !choices.includes(item as T));
      if (odd === undefined && list.length >= least) return { ok: true, value: list as T[] };
      return { ok: false, reason: `expected some of ${listed(choices)}, got ${gotOf(odd)}` };
    },
    { anyOf: [{ enum: choices }, { type: 'array', items: { enum: choices } }] },
  );
}

/** `"a", "b" or "c"` */
export function listed(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** The received value, for a message. A text is repeated only if it cannot be a URL with a login, a token or a sentence. */
export function gotOf(raw: unknown): string {
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw);
  if (typeof raw === 'string' && /^[\w .:*#%+,/?-]{0,40}$/.test(raw) && !raw.includes('//') && !/^xox/i.test(raw)) {
    return JSON.stringify(raw);
  }
  if (Array.isArray(raw) && raw.length > 0)
    return `a list with ${gotOf(raw.find((item) => typeof item !== 'string') ?? raw[0])}`;
  return kindOf(raw);
}

/** The kind of the received value, for a message that must not repeat it. */
export function kindOf(raw: unknown): string {
  if (raw === undefined || raw === null || raw === '') return 'nothing';
  if (Array.isArray(raw)) return raw.length === 0 ? 'an empty list' : 'a list';
  if (typeof raw === 'object') return 'a mapping';
  return typeof raw === 'string' ? 'another text' : `a ${typeof raw}`;
}
