/** A password, token or header of ours, in a closed box: it prints as a placeholder wherever it is logged or serialised. */
import { inspect } from 'node:util';

const placeholder = '<secret>';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value itself, to be handed to the client that needs it and to nothing else. */
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
