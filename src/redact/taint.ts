/**
 * Values that stood under a secret's name in a task's arguments, kept while the task lives, so that they go from its
 * exception too: the password that a driver echoes. In memory only, in a private field that nothing prints.
 */
import type { TaskId } from '../event/ids.ts';
import type { Match } from './text/match.ts';

/** Shorter values are too likely to be part of ordinary words. */
const valueCharsMin = 6;
/** Longer ones are keys and documents, which their own shape gives away. */
const valueCharsMax = 512;
const valuesPerTaskMax = 64;
/** The live tasks that carry secrets in a large fleet, at some hundred bytes each; the one heard of least recently goes. */
const tasksMax = 20_000;

export class Taint {
  readonly #byTask = new Map<TaskId, readonly string[]>();

  note(id: TaskId, values: Iterable<string>): void {
    const known = this.#byTask.get(id) ?? none;
    const all = [...new Set([...known, ...values])].slice(0, valuesPerTaskMax);
    if (all.length === known.length) return;
    this.#byTask.set(id, all.map(copied));
    if (this.#byTask.size > tasksMax) this.#forgetOldest();
  }

  /** What is known of the task, which is from now on the one heard of last. */
  of(id: TaskId): readonly string[] {
    const known = this.#byTask.get(id);
    if (known === undefined) return none;
    this.#byTask.delete(id);
    this.#byTask.set(id, known);
    return known;
  }

  sizeOf(id: TaskId): number {
    return this.#byTask.get(id)?.length ?? 0;
  }

  forget(id: TaskId): void {
    this.#byTask.delete(id);
  }

  #forgetOldest(): void {
    const oldest = this.#byTask.keys().next();
    if (!oldest.done) this.#byTask.delete(oldest.value);
  }
}

const none: readonly string[] = [];

/** A slice would hold on to the whole text that it was cut from. */
function copied(value: string): string {
  return Array.from(value).join('');
}

/** The values among `found` worth looking for elsewhere: no plain words, no small numbers. */
export function telling(text: string, found: readonly Match[]): string[] {
  const values: string[] = [];
  for (const { from, to } of found) {
    if (to - from < valueCharsMin || to - from > valueCharsMax || values.length >= valuesPerTaskMax) continue;
    const value = text
      .slice(from, to)
      .trim()
      .replace(/\.{3}$/, '');
    if (value.length < valueCharsMin || (value.length < 10 && /^(?:\p{Ll}+|\p{Lu}?\p{Ll}+|\d{1,5})$/u.test(value)))
      continue;
    // Names of variables and this very machine are said everywhere.
    if (/^[a-z]+(?:[._][a-z]+)+$|^(?:127\.|0\.0\.0\.0|::1)/.test(value)) continue;
    if (
      /^(?:password|passphrase|credentials?|access_?token|authorization|localhost|production|development)$/i.test(value)
    )
      continue;
    values.push(value);
  }
  return values;
}

/** Each value, and what escaping makes of it, as far as `text` holds what escaping leaves behind. */
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

/** Where `values` stand in `text`, as they are or escaped, with what a cut took from their ends. */
export function echoes(text: string, values: Iterable<string>, found: Match[]): void {
  const forms = formsOf(text, values);
  for (const form of forms) {
    if (form.length < valueCharsMin) continue;
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      let to = at + form.length;
      // A short value must stand alone; the rest of a longer word goes with it, for the argument may have been cut.
      if (form.length < 10 && at > 0 && /[\p{L}\d]/u.test(text[at - 1] as string)) continue;
      while (to < text.length && to - at < 8_192 && /[\p{L}\d_-]/u.test(text[to] as string)) to += 1;
      if (form.length < 10 && to > at + form.length) continue;
      found.push({ from: at, to, kind: 'secret' });
    }
  }
}
