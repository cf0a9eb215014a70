/**
 * Exceptions and frames of a Sentry event, in the form that a Python SDK in the worker sends: the root cause first, the raised
 * exception last, ids counted down from that one. Pure. Field names are Sentry's.
 */
import type { Frame, ParsedException } from '../../event/python/parsed-exception.ts';
import type { Failure } from '../../failure/failure.ts';
import { isInApp, moduleOf, relativeFile } from '../../failure/frames.ts';
import { head, oneLine, tail } from './text.ts';

export interface SentryFrame {
  readonly filename: string;
  readonly abs_path: string;
  readonly module: string;
  readonly function: string;
  readonly lineno?: number;
  readonly context_line?: string;
  readonly in_app: boolean;
}

export interface SentryMechanism {
  /** `celery` for the exception that left the task, `chained` for its causes. */
  readonly type: string;
  readonly handled: boolean;
  readonly synthetic?: boolean;
  /** `__cause__`, `__context__` or `exceptions[2]`. */
  readonly source?: string;
  readonly exception_id: number;
  readonly parent_id?: number;
  readonly is_exception_group?: boolean;
  readonly meta?: { readonly errno: { readonly number: number } };
}

export interface SentryException {
  readonly type: string;
  readonly module?: string;
  readonly value: string;
  readonly stacktrace?: { readonly frames: SentryFrame[] };
  readonly mechanism: SentryMechanism;
}

/** Limits of one exception. Sentry keeps no more than `sentryRoom`; smaller limits shorten an event that is too large. */
export interface ExceptionRoom {
  readonly frames: number;
  readonly valueChars: number;
}

export const sentryRoom: ExceptionRoom = { frames: 250, valueChars: 8_192 };
const exceptionsMax = 50;
const lineCharsMax = 1_024;
/** A path is cut at its start, a name at its end. */
const pathCharsMax = 256;
const typeCharsMax = 128;

export function exceptionsOf(failure: Failure, room: ExceptionRoom): SentryException[] {
  const { exception, task, attempt } = failure;
  if (exception !== undefined && exception.type !== '') return treeOf(exception, task.name, room);
  const mechanism = { type: 'celery', handled: false, exception_id: 0 };
  const reported = attempt?.exception ?? task.exception;
  if (reported !== undefined)
    return [{ ...classOf(reported.type), value: head(reported.message, room.valueChars), mechanism }];
  // No exception was reported, so the title of the failure takes its place.
  const [type = '', ...rest] = failure.title.split(': ');
  return [
    {
      type: oneLine(type, typeCharsMax) || 'Failure',
      value: head(rest.join(': '), room.valueChars),
      mechanism: { ...mechanism, synthetic: true },
    },
  ];
}

/** Depth first: an exception, its cause, then its members. The limit removes the deepest and the last ones. */
function treeOf(exception: ParsedException, taskName: string | undefined, room: ExceptionRoom): SentryException[] {
  const values: SentryException[] = [];
  const add = (one: ParsedException, place: Pick<SentryMechanism, 'source' | 'parent_id'> | undefined): void => {
    if (values.length >= exceptionsMax) return;
    const id = values.length;
    values.push(exceptionOf(one, { id, place, taskName, room }));
    if (one.cause !== undefined) add(one.cause, { source: '__cause__', parent_id: id });
    else if (one.context !== undefined) add(one.context, { source: '__context__', parent_id: id });
    for (const [index, member] of (one.exceptions ?? []).entries()) {
      add(member, { source: `exceptions[${index}]`, parent_id: id });
    }
  };
  add(exception, undefined);
  return values.reverse();
}

interface Place {
  readonly id: number;
  readonly place: Pick<SentryMechanism, 'source' | 'parent_id'> | undefined;
  readonly taskName: string | undefined;
  readonly room: ExceptionRoom;
}

function exceptionOf(one: ParsedException, { id, place, taskName, room }: Place): SentryException {
  const frames = framesOf(one.frames, taskName, room.frames);
  const errno = /^\[Errno (\d{1,5})\]/.exec(one.value)?.[1];
  return {
    ...classOf(one.type),
    value: head(messageOf(one, room.valueChars), room.valueChars),
    ...(frames.length > 0 && { stacktrace: { frames } }),
    mechanism: {
      type: place === undefined ? 'celery' : 'chained',
      handled: false,
      ...place,
      exception_id: id,
      ...(one.exceptions !== undefined && { is_exception_group: true }),
      ...(errno !== undefined && { meta: { errno: { number: Number(errno) } } }),
    },
  };
}

/** The message as the SDK sends it: with the place of a SyntaxError, and without the size of an exception group. */
function messageOf({ value, syntax, exceptions }: ParsedException, charsMax: number): string {
  const text = head(value, charsMax);
  if (exceptions !== undefined) return text.replace(/ \(\d+ sub-exceptions?\)(?=\n|$)/, '');
  if (syntax?.line === undefined || text.endsWith(`line ${syntax.line})`)) return text;
  return `${text} (${syntax.file.split(/[\\/]/).at(-1)}, line ${syntax.line})`;
}

/** `shop.models.Order.DoesNotExist` is the class `Order.DoesNotExist` of the module `shop.models`. */
function classOf(printed: string): Pick<SentryException, 'type' | 'module'> {
  const parts = printed.slice(0, printedCharsMax).split('.');
  const locals = parts.indexOf('<locals>');
  let start = locals > 0 ? locals - 1 : parts.length - 1;
  while (start > 1 && looksLikeClass.test(parts[start - 1] ?? '')) start -= 1;
  // A text that was cut may not contain the class.
  const type = oneLine(parts.slice(start).join('.'), typeCharsMax) || 'Exception';
  const module = tail(parts.slice(0, start).join('.'), typeCharsMax);
  return module === '' ? { type } : { type, module };
}

/** Modules are lower case, or all capitals like `OpenSSL.SSL`. */
const looksLikeClass = /^_*\p{Lu}\w*\p{Ll}/u;
const printedCharsMax = 1_024;

/** A stack that is too long keeps a fifth of its limit from the start and the rest from the end. */
function framesOf(frames: readonly Frame[], taskName: string | undefined, most: number): SentryFrame[] {
  const first = Math.floor(most / 5);
  const kept = frames.length <= most ? frames : [...frames.slice(0, first), ...frames.slice(first - most)];
  return kept.map((frame) => ({
    filename: tail(relativeFile(frame, taskName), pathCharsMax),
    abs_path: tail(frame.file, pathCharsMax),
    module: head(moduleOf(frame, taskName), pathCharsMax),
    function: head(frame.function, pathCharsMax),
    ...(frame.line !== undefined && frame.line >= 0 && { lineno: frame.line }),
    ...(frame.source !== undefined && { context_line: head(frame.source, lineCharsMax) }),
    in_app: isInApp(frame, taskName),
  }));
}
