/** A password, token or header of the configuration. It prints as a placeholder wherever it is logged or serialised. */
import { inspect } from 'node:util';

const placeholder = '<secret>';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value itself, only for the client that sends it. */
  expose(): string {
    return this.#text;
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
