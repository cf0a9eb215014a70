/**
 * Secret values from a task's arguments, kept while the task is open, so that its exception can be searched for them: a
 * driver may echo the password. In memory only, in a private field that nothing prints.
 */
import type { TaskId } from '../event/ids.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import type { Match } from './text/match.ts';

/** A shorter value is likely to be part of an ordinary word. */
const valueCharsMin = 6;
/** A longer value is a key or a document, which its own shape shows. */
const valueCharsMax = 512;
const valuesPerTaskMax = 64;
/** Open tasks with secrets in a large fleet, at some hundred bytes each. */
const tasksMax = 20_000;
/** A value of fewer characters is an echo only where it is a whole word. */
const distinctiveCharsMin = 10;

export class Taint {
  readonly #values = new BoundedMap<TaskId, readonly string[]>({ itemsMax: tasksMax });

  add(id: TaskId, values: Iterable<string>): void {
    const known = this.#values.get(id) ?? none;
    const all = [...new Set([...known, ...values])].slice(0, valuesPerTaskMax);
    if (all.length > known.length) this.#values.set(id, all.map(copied));
  }

  /** The known values of the task, which becomes the most recently used one. */
  valuesOf(id: TaskId): readonly string[] {
    return this.#values.touch(id) ?? none;
  }

  countOf(id: TaskId): number {
    return this.#values.get(id)?.length ?? 0;
  }

  forget(id: TaskId): void {
    this.#values.delete(id);
  }
}

const none: readonly string[] = [];

/** A slice would keep the whole text alive that it was cut from. */
function copied(value: string): string {
  return Array.from(value).join('');
}

const ordinaryWord = /^(?:\p{Ll}+|\p{Lu}?\p{Ll}+|\d{1,5})$/u;
/** Names of variables, and the addresses of the local host. */
const commonName = /^[a-z]+(?:[._][a-z]+)+$|^(?:127\.|0\.0\.0\.0|::1)/;
const commonWord =
  /^(?:password|passphrase|credentials?|access_?token|authorization|localhost|production|development)$/i;

/** The values at `found` that are distinctive enough to search other texts for. */
export function distinctiveValues(text: string, found: readonly Match[]): string[] {
  const values: string[] = [];
  for (const { from, to } of found) {
    if (to - from < valueCharsMin || to - from > valueCharsMax || values.length >= valuesPerTaskMax) continue;
    const value = text
      .slice(from, to)
      .trim()
      .replace(/\.{3}$/, '');
    if (isDistinctive(value)) values.push(value);
  }
  return values;
}

function isDistinctive(value: string): boolean {
  if (value.length < valueCharsMin) return false;
  if (value.length < distinctiveCharsMin && ordinaryWord.test(value)) return false;
  return !commonName.test(value) && !commonWord.test(value);
}

/** Each value and its escaped forms, as far as `text` contains escapes. */
function formsOf(text: string, values: Iterable<string>): Set<string> {
  const forms = new Set<string>();
  const hasPercent = text.includes('%');
  const hasBackslash = text.includes('\\');
  for (const value of values) {
    if (forms.size >= valuesPerTaskMax * 4) break;
    forms.add(value);
    if (/^[\w.-]*$/.test(value)) continue;
    if (hasPercent) forms.add(encodeURIComponent(value.toWellFormed()));
    if (hasBackslash) {
      forms.add(JSON.stringify(value).slice(1, -1));
      forms.add(value.replaceAll("'", "\\'"));
    }
    if (value.includes('\\')) {
      forms.add(value.replaceAll('\\\\', '\\').replaceAll("\\'", "'").replaceAll('\\"', '"'));
    }
  }
  return forms;
}

const wordCharsMax = 8_192;

/** Adds the places of `values` in `text`, as they are or escaped, to `found`. */
export function findEchoes(text: string, values: Iterable<string>, found: Match[]): void {
  for (const form of formsOf(text, values)) {
    if (form.length < valueCharsMin) continue;
    const isShort = form.length < distinctiveCharsMin;
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      if (isShort && at > 0 && /[\p{L}\d]/u.test(text[at - 1] as string)) continue;
      // The rest of a longer word is hidden too, because the argument may have been cut.
      let to = at + form.length;
      while (to < text.length && to - at < wordCharsMax && /[\p{L}\d_-]/u.test(text[to] as string)) to += 1;
      if (isShort && to > at + form.length) continue;
      found.push({ from: at, to, kind: 'secret' });
    }
  }
}
