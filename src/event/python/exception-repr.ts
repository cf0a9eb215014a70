/**
 * Reads an exception's class and message from its repr, which every class can define. A call (`Taken('room 12')`) and
 * Python's own form (`Taken: room 12`) certainly name the class. Angle brackets (`<HttpError 503 when …>`) do so by habit.
 */
import { partOf, type Redacted } from '../untrusted.ts';

export interface NamedException {
  readonly type: Redacted;
  readonly message: Redacted;
}

/** A longer text is no class name. */
const typeCharsMax = 500;

// A class made from others has them in its name: `NotFound[Order]`, `RayTaskError(ValueError)`.
const classStart = String.raw`^([\p{L}_][\p{L}\p{N}\p{M}_.]*(?:\[[^[\]]{1,200}\]|\([\w.]{1,200}\)(?=\())?)\(`;
const callPattern = new RegExp(String.raw`${classStart}(.*?),?\)$`, 'su');
/** The end was removed together with the quote that closes the argument. */
const cutCallPattern = new RegExp(String.raw`${classStart}['"](.*)\.\.\.$`, 'su');
/** A shorter text that ends in "..." may be a sentence; a limit that cuts an exception is several times longer. */
const cutCharsMin = 8_192;

/**
 * `ValueError('no such row')`: the class, with its only text argument as the message, or all arguments. Also if the text is
 * so long that its end was cut.
 */
export function readCall(text: Redacted): NamedException | undefined {
  const call = named(text, callPattern.exec(text), unquoted);
  return call !== undefined || text.length < cutCharsMin ? call : named(text, cutCallPattern.exec(text));
}

/** `AMQPConnectionError: (...)`. */
export function readPrinted(text: Redacted): NamedException | undefined {
  return named(text, /^([\p{L}_][\p{L}\p{N}\p{M}_.]*): (.*)$/su.exec(text));
}

const anglePattern = /^<([\p{L}_][\p{L}\p{N}\p{M}_.]{0,500})(?:(?=[\s([>,])|: (.*?)>?$)/su;
const classPattern = /^(?:[\p{L}\p{N}_]+\.)*_*\p{Lu}[\p{L}\p{N}_]*\p{Ll}[\p{L}\p{N}_]*$/u;

/**
 * `<MaybeEncodingError: not picklable>`, `<HttpError 503 when requesting …>`, `<Closed object at 0x7f20>`. Without a colon the
 * message is the whole text, because such classes print the same as their message.
 */
export function readAngled(text: Redacted): NamedException | undefined {
  const match = anglePattern.exec(text);
  const type = match?.[1];
  if (type === undefined) return undefined;
  if (match?.[2] !== undefined) return { type: partOf(text, type), message: partOf(text, match[2]) };
  if (!classPattern.test(type)) return undefined;
  const isDefault = text.startsWith(' object at ', type.length + 1);
  return { type: partOf(text, type), message: isDefault ? partOf(text, '') : text };
}

function named(
  text: Redacted,
  match: RegExpExecArray | null,
  messageOf: (part: Redacted) => Redacted = (part) => part,
): NamedException | undefined {
  const [, type = '', message = ''] = match ?? [];
  if (match === null || type.length > typeCharsMax) return undefined;
  return { type: partOf(text, type), message: messageOf(partOf(text, message)) };
}

const literalPattern = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/s;

function unquoted(args: Redacted): Redacted {
  const match = literalPattern.exec(args);
  const inner = match?.[1] ?? match?.[2];
  if (inner === undefined) return args;
  return partOf(
    args,
    inner.replace(/\\(['"\\nt])/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? ' ' : char)),
  );
}
