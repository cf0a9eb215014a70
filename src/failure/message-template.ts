/**
 * The constant part of an exception's message: its words without values.
 */

import { unify } from './rewordings.ts';

/** A longer first line is data. */
const messageCharsMax = 500;

/**
 * The first line of `message` without its values. A quoted word stays if it occurs in `sources`, the failing lines of the
 * project: `KeyError: 'floor'` at `room["floor"]` names the defect, `KeyError: 'B12'` at `rooms[number]` names data.
 */
export function templateOf(message: string, sources: string): string {
  const worded = unify(firstWords(message).slice(0, messageCharsMax));
  // In a loop over rows, the data decides which of the two errors occurs first.
  const unified = unpacksOne.test(sources)
    ? worded
    : worded.replace(/^(?:too many|not enough) (?=values to unpack)/, '');
  const isAboutTypes = /\b(?:object|operand|instances?|argument|type)\b/.test(unified);
  const unquoted = unified.replace(quoted, (whole: string, ...inner: (string | number | undefined)[]) => {
    const word = String(inner.slice(0, quotedGroups).find((text) => text !== undefined) ?? '');
    const isName = /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(word) && !(isAboutTypes && builtInTypes.has(word));
    return isName && occursIn(word, sources) ? whole : value;
  });
  return variables
    .reduce((text, pattern) => text.replace(pattern, value), unquoted)
    .replace(records, value)
    .replace(/\s+/g, ' ')
    .replace(/[\s:;,.]+$/, '')
    .trim();
}

/** A failing line that unpacks a single value: `country, rest = text.split("-")`. */
const unpacksOne = /^\(?[\w.[\]'"*]+(?:, ?[\w.[\]'"*]+)+,?\)? = /;

/** The first line, and the first field of a validator that lists the errors by field. */
function firstWords(message: string): string {
  const [line = '', field = ''] = message.trimStart().split('\n', 2);
  const isList = /^\d+ validation errors? for /.test(line) && /^[\p{L}_][\w.[\]-]*$/u.test(field);
  return isList ? `${line}: ${field.replace(/\.\d+(?=\.|$)/g, '.*')}` : line;
}

/** Types of values, which are data: `unsupported operand type(s) for +: 'int' and 'NoneType'`. */
const builtInTypes: ReadonlySet<string> = new Set(
  'NoneType bool bytes complex dict float int list object range set str tuple type'.split(' '),
);

const quoted =
  /(?<![\p{L}\p{N}])b?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")|[„“]([^„“”]*)[“”]|[«‹]([^«»‹›]*)[»›]|[「『]([^」』]*)[」』]|‘([^‘’]*)’|`([^`]*)['`]/gu;

/** One mark for values of all kinds, because redaction may classify the same value differently after an update. */
const value = '<…>';

const variables: readonly RegExp[] = [
  // The marks of redaction, for a whole value or for all but its end.
  /\[redacted(?::[\w-]+)?\]|\[[a-z_-]+:[0-9a-f]{8,}\]|[*•]{2,}[\p{L}\p{N}]*/gu,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s'"<>]+/gi,
  /[\w.+-]+@[\w-]+\.[\w.-]+/g,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  /(?<![\p{L}\p{N}/<])\/[^\s'",;)/][^\s'",;)]*/gu,
  // Host and port.
  /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*:\d+\b/gu,
  // Words with digits: dates, hosts, hexadecimal ids, order numbers, stock codes.
  /(?<![\p{L}_-])[\p{L}_-]*\d[\p{L}\p{N}_.-]*/gu,
  // A list of values, whose length is data.
  /[-+]?<…>(?:[.,:/ +-]*<…>)+/g,
];
/** A list of records, whose length is data. */
const records = /\{[^{}]*\}(?:, ?\{[^{}]*\})+/g;

function occursIn(word: string, sources: string): boolean {
  const at = sources.indexOf(word);
  if (at < 0) return false;
  const around = (sources[at - 1] ?? ' ') + (sources[at + word.length] ?? ' ');
  return !/[\p{L}\p{N}_]/u.test(around);
}

/** Number of capture groups in `quoted`, one per quoting style. */
const quotedGroups = 7;
