import type { KeyMeaning } from '../names/key-meaning.ts';
import type { KeyNames } from '../names/key-names.ts';
import type { Match, ScanContext } from '../text/match.ts';
import {
  closingOf,
  isSpace,
  isWordCharacter,
  type KeyPlace,
  keyBefore,
  type Opening,
  openingAt,
} from '../text/text-cursor.ts';
import { isPlainCookie, isSecretValue } from './is-secret-value.ts';

export interface TextScanOptions {
  readonly text: string;
  readonly names: KeyNames;
  readonly context: ScanContext;
  /** Receives the places of secrets; places may overlap. */
  readonly found: Match[];
  /** Part of the text to scan; the whole text by default. */
  readonly start?: number;
  readonly to?: number;
}

/** One scan of a text or of a part of it. Detectors read from it, and record the secrets they find with `hide`. */
export class TextScan {
  readonly text: string;
  readonly names: KeyNames;
  readonly context: ScanContext;
  readonly found: Match[];
  readonly start: number;
  readonly to: number;
  /** End of the last container that was read as a whole; its parts are not read again. */
  containerEnd: number;
  /** The same for tables and SQL statements. */
  recordEnd: number;
  /** Characters spent on reading URLs, against a budget. */
  urlChars = 0;

  constructor({ text, names, context, found, start = 0, to = text.length }: TextScanOptions) {
    this.text = text;
    this.names = names;
    this.context = context;
    this.found = found;
    this.start = start;
    this.to = to;
    this.containerEnd = start;
    this.recordEnd = start;
  }

  /** Records a secret, cut at the end of the scan. Returns its end; a detector that found nothing passes -1 for `to`. */
  hide(from: number, to: number, kind: string): number {
    const end = Math.min(to, this.to);
    if (end > from) this.found.push({ from, to: end, kind });
    return end;
  }

  /** Records the value if it looks like a secret of that meaning. Returns its end, or -1. */
  hideIfSecret(from: number, to: number, meaning: KeyMeaning): number {
    return isSecretValue(this.text.slice(from, to), meaning) ? this.hide(from, to, meaning.kind) : -1;
  }

  meaningOf(key: string): KeyMeaning | undefined {
    return this.names.meaningOf(key);
  }

  isSecret(value: string, meaning: KeyMeaning): boolean {
    return isSecretValue(value, meaning);
  }

  /** True for a cookie that is safe to show, such as `lang=de-CH`. */
  isPlainCookie(name: string, value: string): boolean {
    return isPlainCookie(name, value, this.names.meaningOf(name));
  }

  isSpaceAt(at: number): boolean {
    return isSpace(this.text.charCodeAt(at));
  }

  /** True for a letter, a digit or an underscore, in any script. */
  isWordAt(at: number): boolean {
    return isWordCharacter(this.text.charCodeAt(at));
  }

  keyBefore(separator: number): KeyPlace | undefined {
    return keyBefore(this.text, separator);
  }

  openingAt(at: number): Opening | undefined {
    return openingAt(this.text, at);
  }

  closingOf(opening: Opening, isEntry = false): number {
    return closingOf(this.text, opening, { to: this.to, isEntry });
  }
}
