/**
 * What stays the same in the message of an exception from one failure to the next: its words without values.
 */

import { unify } from './rewordings.ts';

/** Longer first lines are data, not words. */
const messageCharsMax = 500;

/**
 * The first line of `message` with its values taken out. Quoted words stay when they stand in `sources`, the failing
 * lines of the project: `KeyError: 'floor'` at `room["floor"]` names the defect, `KeyError: 'B12'` at `rooms[number]` only
 * names the data.
 */
export function templateOf(message: string, sources: string): string {
  const worded = unify(firstWords(message).slice(0, messageCharsMax));
  // Where many rows are unpacked, which of the two is met first depends on the rows.
  const unified = unpacksOne.test(sources)
    ? worded
    : worded.replace(/^(?:too many|not enough) (?=values to unpack)/, '');
  const unquoted = unified.replace(quoted, (whole: string, ...inner: (string | number | undefined)[]) => {
    const word = String(inner.slice(0, quotedGroups).find((text) => text !== undefined) ?? '');
    return /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(word) && standsIn(word, sources) ? whole : value;
  });
  return variables
    .reduce((text, pattern) => text.replace(pattern, value), unquoted)
    .replace(records, value)
    .replace(/\s+/g, ' ')
    .replace(/[\s:;,.]+$/, '')
    .trim();
}

/** `country, rest = text.split("-")`, in the failing line. */
const unpacksOne = /^\(?[\w.[\]'"*]+(?:, ?[\w.[\]'"*]+)+,?\)? = /;

/** The first line; of a validator that lists what is wrong by field, the first field too. */
function firstWords(message: string): string {
  const [line = '', field = ''] = message.trimStart().split('\n', 2);
  const isList = /^\d+ validation errors? for /.test(line) && /^[\p{L}_][\w.[\]-]*$/u.test(field);
  return isList ? `${line}: ${field.replace(/\.\d+(?=\.|$)/g, '.*')}` : line;
}

const quoted =
  /(?<![\p{L}\p{N}])b?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")|[„“]([^„“”]*)[“”]|[«‹]([^«»‹›]*)[»›]|[「『]([^」』]*)[」』]|‘([^‘’]*)’|`([^`]*)['`]/gu;

/** One mark for values of all kinds: redaction may take for a card today what was a number yesterday. */
const value = '<…>';

const variables: readonly RegExp[] = [
  // What redaction put in the place of a value, whole or all but its end.
  /\[redacted(?::[\w-]+)?\]|\[[a-z_-]+:[0-9a-f]{8,}\]|[*•]{2,}[\p{L}\p{N}]*/gu,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s'"<>]+/gi,
  /[\w.+-]+@[\w-]+\.[\w.-]+/g,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  /(?<![\p{L}\p{N}/<])\/[^\s'",;)/][^\s'",;)]*/gu,
  // A host and its port.
  /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*:\d+\b/gu,
  // Also words with digits in them: dates, hosts, hexadecimal ids, order numbers, stock codes.
  /(?<![\p{L}_-])[\p{L}_-]*\d[\p{L}\p{N}_.-]*/gu,
  // A list of values is as long as the data.
  /[-+]?<…>(?:[.,:/ +-]*<…>)+/g,
];
/** A list of records, of which the data decides how many there are. */
const records = /\{[^{}]*\}(?:, ?\{[^{}]*\})+/g;

function standsIn(word: string, sources: string): boolean {
  const at = sources.indexOf(word);
  if (at < 0) return false;
  const around = (sources[at - 1] ?? ' ') + (sources[at + word.length] ?? ' ');
  return !/[\p{L}\p{N}_]/u.test(around);
}

/** How many ways of quoting the pattern knows. */
const quotedGroups = 7;

/**
 * Exceptions of decoders and parsers, and of whoever wraps them: their messages describe the place in the data where
 * reading stopped, which differs from one broken document to the next.
 */
export const describesData =
  /(?:Decode|Encode|JSON|Syntax|Parse|Parser|Parsing|Scanner|Lexer|Token|Expat|Unpickling|Pattern)Error$|^(?:re|binascii|zlib|csv)\.[eE]rror$|^binascii\.Incomplete$/;
