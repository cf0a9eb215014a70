import type { Field, Modes } from './field.ts';
import type { KeyVocabulary } from './names/key-meaning.ts';
import type { OperatorRules } from './operator-rules.ts';
import type { RedactionProfile } from './profiles.ts';
import type { Action } from './render/marks.ts';

export interface RedactOptions extends KeyVocabulary, OperatorRules {
  readonly modes: Modes;
  /** Other treatments by task name; the first profile that matches applies. */
  readonly profiles?: readonly RedactionProfile[];
  /** Paths whose values `allow` shows: `kwargs.user.*.zip`. */
  readonly allowedPaths?: readonly string[];
  /** The mark of a secret by its kind; `[redacted:kind]` by default. */
  readonly actions?: Readonly<Record<string, Action>>;
  readonly hashKey?: { expose(): string } | undefined;
  /** Longest text to read, in characters. The rest is never shown. */
  readonly charsMax?: Readonly<Record<Field, number>>;
  /** Reports the number of hidden values by kind, never a value. */
  readonly onRedacted?: (field: Field, kind: string, count: number) => void;
  /** Reports place, kind and rule of each hidden value, never the value: `3:14: password, 9 characters, by its name "pw"`. */
  readonly onExplained?: (field: Field, line: string) => void;
  /** Reports a field that was dropped because its text needs too much work (`budget`) or because of a bug (`error`). */
  readonly onFailed?: (field: Field, reason: string) => void;
}
