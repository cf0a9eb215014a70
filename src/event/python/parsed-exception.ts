/** An exception as parsed from the text of a traceback. Types only. */
import type { Redacted } from '../untrusted.ts';

/** One call on the stack, oldest first in `ParsedException.frames`. `Text` is the kind of text that was parsed. */
export interface Frame<Text extends string = Redacted> {
  readonly file: Text;
  /** Undefined if the interpreter did not know it. */
  readonly line: number | undefined;
  readonly function: Text;
  /** First line of the statement, without indent; undefined if the worker had no source. */
  readonly source: Text | undefined;
  /** How many more times the same frame followed: `[Previous line repeated 3 more times]`. */
  readonly repeat?: number;
  /** Offset of the module in the slashed path, where the traceback shows that the file belongs to a standard library. */
  readonly libraryAt?: number;
}

export interface ParsedException<Text extends string = Redacted> {
  /** As printed, `requests.exceptions.Timeout`; empty if the text ended before it. */
  readonly type: Text;
  /** Message and notes, which the text does not separate; may have many lines. */
  readonly value: Text;
  readonly frames: readonly Frame<Text>[];
  /** Raised `from` this one. */
  readonly cause?: ParsedException<Text>;
  /** Raised while this one was being handled. */
  readonly context?: ParsedException<Text>;
  /** Members of an exception group. */
  readonly exceptions?: readonly ParsedException<Text>[];
  /** Location in a SyntaxError, or in an exception that a parser prints like one. */
  readonly syntax?: { readonly file: Text; readonly line: number | undefined; readonly text: Text | undefined };
  /** The text was cut, or is longer than the parser reads. */
  readonly isTruncated: boolean;
}
