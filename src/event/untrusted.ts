import { inspect } from 'node:util';
import type { Hostname, Name } from './ids.ts';

declare const redacted: unique symbol;

/** Redacted text: the only kind of worker text that a table, a store or a sink may keep. */
export type Redacted = string & { readonly [redacted]: true };

const placeholder = '[untrusted]';

/**
 * Text as a worker sent it. It prints as a placeholder if it is logged, joined or serialized by mistake. Only redact/ may
 * call `reveal`, which `test/tidy.test.ts` checks.
 */
export class Untrusted {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** Number of characters, so that limits apply before redaction. */
  get length(): number {
    return this.#text.length;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  [inspect.custom](): string {
    return placeholder;
  }
}

/**
 * Builds redacted text from literals and parts that are safe to show: redacted text, cleaned names, numbers, and strings
 * that the compiler knows letter by letter. It refuses a plain `string`, which may come from a worker.
 *
 *   redactedText`${count} of ${total} workers in ${queue}`
 */
export function redactedText<const Parts extends readonly (string | number)[]>(
  literals: TemplateStringsArray,
  ...parts: { readonly [Index in keyof Parts]: SafePart<Parts[Index]> }
): Redacted {
  return String.raw({ raw: literals }, ...parts) as Redacted;
}

type SafePart<Part> = Part extends Redacted | Name | Hostname | number ? Part : Literal<Part>;

/** `Part` if it is a literal type such as `'failed'`; never for `string` and for branded strings. */
type Literal<Part> = Part extends string ? (Record<never, never> extends Record<Part, true> ? never : Part) : never;

/**
 * `part` with the brand of `whole`. The caller vouches that each character of `part` comes from `whole`: it is a slice, or
 * the text with escapes resolved, white space joined or the end cut.
 */
export function partOf<Text extends string>(_whole: Text, part: string): Text {
  return part as Text;
}
