/** One line with the content of an exception's message, for titles, spans and alerts. */
import { partOf, type Redacted, redactedText } from '../untrusted.ts';
import { shortName } from './class-name.ts';
import type { ParsedException } from './parsed-exception.ts';

/** Titles, span attributes and alerts show less. */
const summaryCharsMax = 2_000;
/** A content line stands near the top; a longer message is data. */
const linesMax = 30;

/**
 * The first line of `message`, and the lines below it that it announces: `1 validation error for Login: email: Field
 * required`, `(403): Reason: Forbidden`. Empty for a message without content.
 */
export function summaryOf(message: Redacted): Redacted {
  const text = message.trimStart();
  const [head = '', ...rest] = text.split('\n', linesMax).map((line) => line.trimEnd());
  const line = [withoutLabel(head), ...announcedBy(head, rest)].filter((part) => part !== '').join(': ');
  return partOf(message, line.slice(0, summaryCharsMax).trimEnd().toWellFormed());
}

/** As `summaryOf`; for an exception group also its first member, with the number of the others. */
export function summaryOfException({ value, cause, exceptions = [] }: ParsedException): Redacted {
  // Ray's own message only names the remote function.
  const own = summaryOf(cause !== undefined && value.startsWith('ray::') ? cause.value : value);
  const first = firstMember(exceptions);
  if (first === undefined || first.type === '') return own;
  const more = memberCount(exceptions) - 1;
  const head = partOf(own, own.replace(/^unhandled errors in a TaskGroup\b| \(\d+ sub-exceptions?\)$/g, ''));
  const reason = summaryOf(first.value);
  const member = reason === '' ? shortName(first.type) : redactedText`${shortName(first.type)}: ${reason}`;
  const group = head === '' ? member : redactedText`${head}: ${member}`;
  return more === 0 ? group : redactedText`${group} (+ ${more} more)`;
}

function firstMember([first]: readonly ParsedException[]): ParsedException | undefined {
  return first?.exceptions === undefined ? first : (firstMember(first.exceptions) ?? first);
}

function memberCount(members: readonly ParsedException[]): number {
  return members.reduce((sum, { exceptions }) => sum + (exceptions === undefined ? 1 : memberCount(exceptions)), 0);
}

const fieldErrors = /^\d+ validation errors? for \S/;
/** A line that needs the next one: it ends in a colon, consists of a number, or only states that there was an error. */
const isAnnouncement = /:$|^[^\p{L}]*$|^[\p{L} -]{0,40}\b(?:errors?|failed|failure|exception)[.!]?$/iu;
/** The parsers of YAML print where they were first, and the problem below. */
const parserState = /^while (?:scanning|parsing|constructing|composing) /;

/** The lines that complete `head`. */
function announcedBy(head: string, rest: readonly string[]): readonly string[] {
  if (fieldErrors.test(head)) return fieldError(rest);
  if (parserState.test(head)) return rest.filter((line) => /^\p{Ll}/u.test(line)).slice(0, 1);
  if (!isAnnouncement.test(head)) return [];
  const lines = rest.map((line) => line.replace(/^[\s*•>|-]+/, '')).filter((line) => /[\p{L}\p{N}]/u.test(line));
  const [first = '', second = ''] = lines;
  if (machineText.test(first)) return [];
  // A list of fields, `status = …` and `details = …`.
  return isField.test(first) && isField.test(second) ? [`${first}, ${second}`] : [withoutLabel(first)];
}

const isField = /^\w+ = \S/;
/** Stacks of other runtimes, which a client appends to its message. */
const machineText = /^(?:Stacktrace|Backtrace|Traceback|Call log|#\d+ 0x)/i;

/** The first field of a validator that lists its errors by field, and the reason without the rejected value. */
function fieldError([field = '', reason = '']: readonly string[]): readonly string[] {
  const isOfModel = /^\s/.test(field) || !/^\s/.test(reason);
  return (isOfModel ? [field] : [field, reason]).map((line) => line.trim().replace(/ [[(]type=.*$/s, ''));
}

/** The line without labels that repeat the class. */
function withoutLabel(line: string): string {
  return line.replace(/^Message:\s*|^<\w+ of RPC that terminated with:$/, '').replace(/:$/, '');
}
