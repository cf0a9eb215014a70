/** Applies a treatment to one text: finds its secrets, replaces them, or shows less. Any failure drops the text. */
import type { TaskId } from '../event/ids.ts';
import { type Redacted, redactedText } from '../event/untrusted.ts';
import { defaultCharsMax, type Field, type Treatment } from './field.ts';
import type { KeyNames } from './names/key-names.ts';
import type { OperatorDetector } from './operator-rules.ts';
import type { RedactOptions } from './options.ts';
import { placeOf, reasonOf } from './render/explain.ts';
import { createMark, type MarkRenderer } from './render/marks.ts';
import { cut, printable } from './render/printable.ts';
import { distinctMatches, replaceMatches } from './render/replace.ts';
import { shapeOf, shapeWithLeaves } from './render/shape.ts';
import { isOnPath, leavesOf, type PathGlob, pathGlobOf } from './render/value-paths.ts';
import { distinctiveValues, findEchoes, type Taint } from './taint.ts';
import { isHarmless } from './text/harmless.ts';
import { type Match, matchesMax } from './text/match.ts';
import { normalizeCharacters } from './text/normalize.ts';

const failed = redactedText`[dropped: redaction failed]`;

export interface TextRedactorParts {
  readonly options: RedactOptions;
  readonly names: KeyNames;
  readonly taint: Taint;
  /** The built-in detectors: adds the places of secrets to `found`. Throws RangeError over a budget. */
  readonly detect: (field: Field, text: string, found: Match[]) => void;
  /** The operator's own rules, which apply after the built-in ones. */
  readonly operator: OperatorDetector;
}

/** A text with its field, and the task that it belongs to, if any. */
export interface FieldText {
  readonly field: Field;
  readonly text: string;
  readonly id: TaskId | undefined;
}

export class TextRedactor {
  readonly #options: RedactOptions;
  readonly #names: KeyNames;
  readonly #taint: Taint;
  readonly #detectBuiltIn: TextRedactorParts['detect'];
  readonly #operator: OperatorDetector;
  readonly #mark: MarkRenderer;
  readonly #allowedPaths: readonly PathGlob[];

  constructor({ options, names, taint, detect, operator }: TextRedactorParts) {
    this.#options = options;
    this.#names = names;
    this.#taint = taint;
    this.#detectBuiltIn = detect;
    this.#operator = operator;
    this.#mark = createMark({ actions: options.actions ?? {}, hashKey: options.hashKey });
    this.#allowedPaths = (options.allowedPaths ?? []).map(pathGlobOf);
  }

  /** The text as it may be shown, also without the known secrets of its task. Undefined if the treatment drops it. */
  redact(fieldText: FieldText, treatment: Treatment): Redacted | undefined {
    const { field, text, id } = fieldText;
    if (treatment === 'drop') {
      // Secrets of a dropped field must not appear in the fields that are shown. A result comes last and is not learned from.
      if (field !== 'result') this.learn(fieldText);
      return undefined;
    }
    const isShownInFull = treatment === 'redact' || treatment === 'raw';
    if (isShownInFull && !this.#operator.hasRules && isHarmless(text)) return text as Redacted;
    try {
      const shown = this.#readable(field, text);
      const found = this.#detect(field, shown);
      const values = distinctiveValues(shown, found);
      if (id !== undefined && values.length > 0) this.#taint.add(id, values);
      if (treatment === 'shape') return shapeOf(shown) as Redacted;
      if (treatment === 'raw') return shown as Redacted;
      const known = id === undefined ? values : [...values, ...this.#taint.valuesOf(id)];
      if (known.length > 0) findEchoes(shown, known, found);
      if (found.length > matchesMax) throw new RangeError('matches');
      this.#explain(field, shown, found);
      return treatment === 'allow' ? this.#showAllowed(field, shown, found) : this.#hide(field, shown, found);
    } catch (error) {
      this.#options.onFailed?.(field, error instanceof RangeError ? 'budget' : 'error');
      return failed;
    }
  }

  /** Remembers the secrets of a text that is not shown. */
  learn({ field, text, id }: FieldText): void {
    if (id === undefined || isHarmless(text)) return;
    try {
      const shown = this.#readable(field, text);
      const values = distinctiveValues(shown, this.#detect(field, shown));
      if (values.length > 0) this.#taint.add(id, values);
    } catch {
      // The text is not shown here. Where it is shown, the same failure drops and reports it.
    }
  }

  #readable(field: Field, text: string): string {
    const charsMax = (this.#options.charsMax ?? defaultCharsMax)[field];
    return printable(cut(text, Math.min(charsMax, this.#operator.charsMax), field === 'traceback'));
  }

  #detect(field: Field, text: string): Match[] {
    const found: Match[] = [];
    const normalized = normalizeCharacters(text);
    this.#detectBuiltIn(field, normalized, found);
    if (this.#operator.hasRules) this.#operator.detect(field, normalized, found);
    return found;
  }

  #explain(field: Field, text: string, found: readonly Match[]): void {
    const { onExplained } = this.#options;
    if (onExplained === undefined) return;
    for (const match of distinctMatches(found)) {
      const reason = reasonOf(text, match, this.#names);
      onExplained(field, `${placeOf(text, match.from)}: ${match.kind}, ${match.to - match.from} characters, ${reason}`);
    }
  }

  #hide(field: Field, text: string, found: readonly Match[]): Redacted {
    if (found.length === 0) return text as Redacted;
    const { text: marked, counts } = replaceMatches(text, found, this.#mark);
    for (const [kind, count] of counts) this.#options.onRedacted?.(field, kind, count);
    return marked as Redacted;
  }

  /** Hides secrets at allowed paths too. */
  #showAllowed(field: Field, text: string, found: readonly Match[]): Redacted {
    const leaves = leavesOf(field, text).filter(({ path }) => this.#allowedPaths.some((glob) => isOnPath(path, glob)));
    const show = (from: number, to: number): string => {
      const inside = found
        .filter((match) => match.to > from && match.from < to)
        .map((match) => ({ ...match, from: Math.max(0, match.from - from), to: Math.min(to, match.to) - from }));
      return this.#hide(field, text.slice(from, to), inside);
    };
    return shapeWithLeaves(text, leaves, show) as Redacted;
  }
}
