/**
 * A container under a sensitive key: `'credentials': {'user': …, 'current': …}`, `tokens=['a', 'b']`. Its values are secret
 * unless their own keys make them harmless.
 */

import type { KeyMeaning } from '../names/key-meaning.ts';
import type { TextScan } from './text-scan.ts';

/** Deeper nesting exceeds the budget, and the whole text is dropped. */
const depthMax = 64;

/** A list of a user and a password, `['robot', 'x7-plum']`, not of two methods. */
const userAndPassword = /^\[\s?[bu]?(['"])[^'"\n]{1,128}\1,\s?[bu]?(['"])(?=[^'"\n]*[^a-z'"\n])[^'"\n]{3,256}\2\s?\]/;

/** Hides the secret values from the bracket at `at`. Returns the end of the container. Throws RangeError over a budget. */
export function hideContainerValues(scan: TextScan, at: number, meaning: KeyMeaning): number {
  return new ContainerReader(scan, at, meaning).read();
}

class ContainerReader {
  readonly #scan: TextScan;
  readonly #meaning: KeyMeaning;
  /** Meanings of the open containers, outermost first. */
  readonly #open: (KeyMeaning | undefined)[] = [];
  /** True between the brackets of a call, where an unquoted name is a variable. */
  readonly #isCall: boolean;
  /** True for a user and a password, of which only the second is secret. */
  readonly #isLogin: boolean;
  #at: number;
  /** Meaning of the next value. */
  #next: KeyMeaning | undefined;
  #commas = 0;
  #key = '';

  constructor(scan: TextScan, at: number, meaning: KeyMeaning) {
    const { text } = scan;
    this.#scan = scan;
    this.#meaning = meaning;
    this.#at = at;
    this.#next = meaning;
    this.#isCall = text[at] === '(' && scan.isWordAt(at - 1);
    this.#isLogin =
      meaning.isWeak && (text[at] === '(' || (text[at] === '[' && userAndPassword.test(text.slice(at, at + 600))));
  }

  read(): number {
    const { text, to } = this.#scan;
    while (this.#at < to) {
      switch (text[this.#at]) {
        case '{':
        case '[':
        case '(':
          if (this.#open.length >= depthMax) throw new RangeError('depth');
          this.#open.push(this.#next);
          this.#at += 1;
          break;
        case '}':
        case ']':
        case ')':
          this.#open.pop();
          this.#at += 1;
          if (this.#open.length === 0) return this.#at;
          this.#next = this.#open.at(-1);
          break;
        case ',':
          this.#next = this.#open.at(-1);
          this.#commas += 1;
          this.#at += 1;
          break;
        case '"':
        case "'":
        case '\\':
          this.#readString();
          break;
        default:
          this.#readWord();
      }
    }
    return to;
  }

  #readString(): void {
    const { text, to } = this.#scan;
    const opening = this.#scan.openingAt(this.#at);
    if (opening === undefined) {
      this.#at += 1;
      return;
    }
    const end = this.#scan.closingOf(opening);
    const after = Math.min(to, end + opening.mark.length);
    const colon = /\s{0,3}(?::|=>)/y;
    colon.lastIndex = after;
    if (colon.test(text)) {
      this.#key = text.slice(opening.from, end);
      this.#next = this.#scan.names.inheritedMeaning(this.#key, this.#open.at(-1));
      this.#at = colon.lastIndex;
      return;
    }
    if (end > opening.from) this.#hideString(opening.from, end);
    this.#at = after;
  }

  #hideString(from: number, end: number): void {
    const meaning = this.#isLogin && this.#next !== undefined ? { ...this.#next, isWeak: false } : this.#next;
    const isUser = this.#isLogin && this.#open.length === 1 && this.#commas === 0;
    const isCookieJar = this.#meaning.kind === 'cookie' && !this.#meaning.isWeak;
    if (isCookieJar && this.#scan.isPlainCookie(this.#key, this.#scan.text.slice(from, end))) return;
    if (meaning !== undefined && !isUser) this.#scan.hideIfSecret(from, end, meaning);
  }

  #readWord(): void {
    const { text, to } = this.#scan;
    const word = /[^\s'"()[\]{},:=\\]+/y;
    word.lastIndex = this.#at;
    if (!word.test(text)) {
      this.#at += 1;
      return;
    }
    const end = Math.min(word.lastIndex, to);
    const value = text.slice(this.#at, end);
    if (text[end] === '=' || text[end] === ':') {
      this.#next = this.#scan.names.inheritedMeaning(value, this.#open.at(-1));
      this.#at = end + 1;
      return;
    }
    const isCallOrPrefix = text[end] === '(' || /^[bBrRuUfF]{1,2}$/.test(value);
    const isVariable = this.#isCall && /^[A-Za-z_][A-Za-z_.]*$/.test(value);
    if (this.#next !== undefined && !isCallOrPrefix && !isVariable) this.#scan.hideIfSecret(this.#at, end, this.#next);
    this.#at = end;
  }
}
