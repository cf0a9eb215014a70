import { inspect } from 'node:util';

declare const redacted: unique symbol;

/** Text that went through redact/: the only kind of worker text that a state table, a store or a sink may hold. */
export type Redacted = string & { readonly [redacted]: true };

const placeholder = '[untrusted]';

/**
 * Text as a worker sent it, in a closed box. It prints as a placeholder wherever it is logged, joined or serialised by
 * mistake; only redact/ opens it, which `test/tidy.test.ts` checks.
 */
export class Untrusted {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  /** Characters inside: safe to know, so that limits can be applied before the box is opened. */
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

/** A constant text of this program, never worker text, as `Redacted`. `test/tidy.test.ts` allows only literals here. */
export function ownText(literal: string): Redacted {
  return literal as Redacted;
}
