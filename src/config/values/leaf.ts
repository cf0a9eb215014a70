/**
 * The kinds of values an operator writes. Each says what it expected and what it got, in one sentence; what could be a
 * secret is never repeated.
 */
import { z } from 'zod';
import type { Listen } from '../config.ts';
import { parseBrokerUrl } from './broker-url.ts';
import { type CompiledPattern, compilePattern } from './pattern.ts';
import { Secret } from './secret.ts';

/** Stands for a value that could not be fetched; the reason was told where it was tried, so no leaf complains again. */
export const unresolved = Symbol('unresolved');

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** What an editor is told of a value, in JSON Schema's words. It may let more through than we do, and never less. */
export type EditorHint = Readonly<Record<string, unknown>>;

export const textHint: EditorHint = { type: 'string' };
/** One text may stand without its list. */
export const textsHint: EditorHint = { anyOf: [textHint, { type: 'array', items: textHint }] };

export function leaf<T>(read: (raw: unknown) => Read<T>, hint: EditorHint = textHint) {
  return z
    .unknown()
    .transform((raw, context): T => {
      if (raw === unresolved) return z.NEVER;
      const answer = read(raw);
      if (answer.ok) return answer.value;
      context.addIssue({ code: 'custom', message: answer.reason });
      return z.NEVER;
    })
    .meta(hint);
}

/** `none` from `read` means that the value is not what was expected. */
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

export function fanoutPrefix() {
  return leafOf(
    'true, false or a text like "/{db}."',
    (raw) => (typeof raw === 'boolean' || (typeof raw === 'string' && /^[^\s]{1,128}$/.test(raw)) ? raw : undefined),
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

/** From 0, none, to 1, all. */
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

/** A list of texts; one alone may stand without its list. */
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

/** Texts of the operator's own, and `{names}` out of a closed list. */
export function parts(names: readonly string[]) {
  const expected = `expected texts and some of ${listed(names.map((name) => `{${name}}`))}`;
  return leaf<readonly string[]>((raw) => {
    const list: unknown[] = Array.isArray(raw) ? raw : [raw];
    const odd = list.find((item) => !isPart(item, names));
    if (odd === undefined && list.length > 0 && list.length <= 16) return { ok: true, value: list as string[] };
    return {
      ok: false,
      reason: `${expected}, got ${typeof odd === 'string' ? JSON.stringify(odd.slice(0, 40)) : gotOf(odd)}`,
    };
  }, textsHint);
}

function isPart(item: unknown, names: readonly string[]): item is string {
  if (typeof item !== 'string' || !/^[^\u0000-\u001f]{1,256}$/.test(item)) return false;
  return !/[{}]/.test(item) || names.some((name) => item === `{${name}}`);
}

/** The same, of a closed list of words; the message names the one that is not in it. */
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

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const durationPattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** Milliseconds. A bare number is refused, since nobody can see whether it means seconds. */
export function duration(leastMs: number, mostMs: number) {
  const expected = `a duration like "30s", "5m" or "1h" between ${durationText(leastMs)} and ${durationText(mostMs)}`;
  return leafOf(
    expected,
    (raw) => {
      const match = typeof raw === 'string' ? durationPattern.exec(raw) : null;
      if (match === null) return undefined;
      const ms = Number(match[1]) * unitMs[match[2]!]!;
      return ms >= leastMs && ms <= mostMs ? Math.round(ms) : undefined;
    },
    { ...textHint, pattern: durationPattern.source },
  );
}

/** `90s`, `1.5s`: as an operator would write it. */
export function durationText(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = unitMs[unit]!;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return ms >= 1_000 ? `${ms / 1_000}s` : ms === 0 ? '0s' : `${ms}ms`;
}

export function brokerUrl() {
  return leaf((raw) => {
    if (typeof raw !== 'string') return { ok: false, reason: `expected a broker URL, got ${kindOf(raw)}` };
    const parsed = parseBrokerUrl(raw);
    return parsed.ok ? { ok: true, value: parsed.broker } : parsed;
  });
}

/** The store's client takes the URL itself, so only what that client understands is let through. */
export function storeUrl() {
  const expected = 'expected redis://host:6379/1 or rediss://host:6379/1';
  return leaf<Secret>((raw) => {
    if (typeof raw !== 'string') return { ok: false, reason: `${expected}, got ${kindOf(raw)}` };
    const parsed = parseBrokerUrl(raw);
    if (!parsed.ok) return parsed;
    if (parsed.broker.kind !== 'redis') return { ok: false, reason: `${expected}, got another kind of broker` };
    return { ok: true, value: new Secret(raw.trim()) };
  });
}

export function secret(expected: string, pattern: RegExp) {
  return leaf<Secret>((raw) => {
    if (typeof raw === 'string' && pattern.test(raw)) return { ok: true, value: new Secret(raw) };
    return { ok: false, reason: `expected ${expected}, got ${kindOf(raw)}` };
  });
}

/** RE2's syntax: no look-around, no back-references. */
export function pattern() {
  return leaf<CompiledPattern>((raw) => {
    if (typeof raw !== 'string' || raw === '' || raw.length > 1_024)
      return { ok: false, reason: `expected a regular expression of at most 1024 characters, got ${kindOf(raw)}` };
    try {
      return { ok: true, value: compilePattern(raw) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'not readable';
      return { ok: false, reason: `expected a regular expression in the syntax of RE2: ${reason}` };
    }
  });
}

/** A plain http(s) address; a login in it would end up in logs of the other side, headers do not. */
export function httpUrl(expected: string) {
  return leaf<string>((raw) => {
    const url = typeof raw === 'string' ? URL.parse(raw) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) {
      return { ok: false, reason: `expected ${expected}, got ${kindOf(raw)}` };
    }
    if (url.username !== '' || url.password !== '')
      return { ok: false, reason: `expected ${expected} without a login` };
    return { ok: true, value: raw as string };
  });
}

export function listen() {
  return leafOf('an address like ":9464" or "127.0.0.1:9464"', parseListen);
}

/** The page has no login, so only this machine may reach it. */
export function loopbackListen() {
  return leaf<Listen | 'off'>(
    (raw) => {
      if (raw === 'off' || raw === false) return { ok: true, value: 'off' };
      const address = parseListen(raw);
      if (address?.host !== undefined && /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(address.host)) {
        return { ok: true, value: address };
      }
      const why = 'the page has no login, so it listens on this machine only';
      return {
        ok: false,
        reason: `expected "off" or a loopback address like "127.0.0.1:8080" (${why}), got ${gotOf(raw)}`,
      };
    },
    { type: ['string', 'boolean'] },
  );
}

function parseListen(raw: unknown): Listen | undefined {
  const match = typeof raw === 'string' ? /^(\[[0-9a-f:.]+\]|[\w.-]*):(\d{1,5})$/i.exec(raw) : null;
  if (match === null) return undefined;
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  const port = Number(match[2]);
  return port <= 65_535 ? { host: host === '' ? undefined : host, port } : undefined;
}

function listed(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** What came, for people. A text is repeated only when it cannot be a URL with a login, a token or a whole sentence. */
export function gotOf(raw: unknown): string {
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw);
  if (typeof raw === 'string' && /^[\w .:*#%+,/?-]{0,40}$/.test(raw) && !raw.includes('//') && !/^xox/i.test(raw)) {
    return JSON.stringify(raw);
  }
  if (Array.isArray(raw) && raw.length > 0)
    return `a list with ${gotOf(raw.find((item) => typeof item !== 'string') ?? raw[0])}`;
  return kindOf(raw);
}

export function kindOf(raw: unknown): string {
  if (raw === undefined || raw === null || raw === '') return 'nothing';
  if (Array.isArray(raw)) return raw.length === 0 ? 'an empty list' : 'a list';
  if (typeof raw === 'object') return 'a mapping';
  return typeof raw === 'string' ? 'another text' : `a ${typeof raw}`;
}
