/** The lines of a traceback: regions of exception groups, headers, and the line that names an exception. Pure. */

export const header = 'Traceback (most recent call last):';
export const groupHeader = 'Exception Group Traceback (most recent call last):';

/** A longer type is no class name; every rule about classes reads it. */
const typeCharsMax = 500;

/** Position of the parser. Functions that read a construct move `at` behind it. */
export interface Reader {
  readonly lines: readonly string[];
  at: number;
}

/** A text with Windows line ends has them everywhere. In any other text a `\r` belongs to a message. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  const isWindows = lines.some((line) => line.endsWith(`${header}\r`));
  return isWindows ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines;
}

/** The line `at` without the margin of its group, or undefined if the region of this depth has ended. */
export function contentAt(reader: Reader, at: number, depth: number): string | undefined {
  const line = reader.lines[at];
  if (line === undefined || depth === 0) return line;
  const column = 2 * depth;
  if (line[column] !== '|' || line.length < column + 1 || line.slice(0, column).trim() !== '') return undefined;
  return line.slice(column + 2);
}

export function margin(depth: number): string {
  return ' '.repeat(2 * depth);
}

export interface FinalLine {
  readonly type: string;
  readonly value: string;
}

// A dotted name, also of a local class (`make.<locals>.Oops`), alone or before a colon. A module can have the name of a file
// that is no identifier (`migrations.0002_fill-in.Fault`). A message can contain other line ends, for example the `\r` of a
// progress bar, which a dot matches only with the flag `s`. A class made from others has them in its name:
// `NotFound[Order]`, `RayTaskError(ValueError)`.
const finalPattern =
  /^((?:[\p{L}_][\p{L}\p{N}\p{M}_-]*\.(?:(?:[\p{L}\p{N}_][\p{L}\p{N}\p{M}_-]*|<[a-z]+>)\.)*)?[\p{L}_][\p{L}\p{N}\p{M}_]*(?:\[[\w.,| []{1,200}\]{1,9}|\([\w.]{1,200}\))?)(?::(?: (.*))?)?$/su;

export function finalOf(line: string): FinalLine | undefined {
  const match = finalPattern.exec(line);
  const type = match?.[1] ?? '';
  return type === '' || type.length > typeCharsMax ? undefined : { type, value: match?.[2] ?? '' };
}

/** True if the line certainly names an exception: a dotted class, or a name in mixed case, as no other line starts. */
export function namesException(line: string): boolean {
  const type = finalOf(line)?.type;
  return type !== undefined && (type.includes('.') || /^\p{Lu}.*\p{Ll}/u.test(type));
}
