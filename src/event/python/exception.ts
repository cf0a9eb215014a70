/**
 * Reads the exception of an attempt from the texts in Celery's events. The field `exception` is a repr: often wrong
 * (`ExceptionWithTraceback()`), often missing (`None`), and without the module. A traceback names the exception better.
 */

import { partOf, type Redacted, redactedText } from '../untrusted.ts';
import { shortName } from './class-name.ts';
import { type NamedException, readAngled, readCall } from './exception-repr.ts';
import { isLibraryFrame } from './library-paths.ts';
import { summaryOf, summaryOfException } from './message-summary.ts';
import type { ParsedException } from './parsed-exception.ts';
import { parseRaised } from './raised-exception.ts';

/** `type` as Python prints it, dotted if the module is known; `message` is its first line, without the type. */
export interface ExceptionText {
  readonly type: Redacted;
  readonly message: Redacted;
  /** The traceback as received; undefined if there was none. */
  readonly traceback: Redacted | undefined;
}

/** The causes that an exception can show. */
export type ExceptionCause =
  | 'app-error'
  | 'soft-time-limit'
  | 'hard-time-limit'
  | 'worker-lost'
  | 'unregistered'
  | 'rejected'
  | 'requeued'
  | 'revoked'
  | 'terminated'
  | 'unencodable';

/**
 * Type and message of the exception that the task raised, or undefined if the texts name none: `retry()` without an
 * exception, or only a wrapper's name. If the worker replaced a class by a parent, because it could not pickle the class,
 * the texts contain the parent.
 */
export function readException(
  exception: Redacted | undefined,
  traceback: Redacted | undefined,
): ExceptionText | undefined {
  const fromRepr = exception === undefined ? undefined : readRepr(exception);
  const parsed = traceback === undefined ? undefined : parseRaised(traceback);
  const named = choose(fromRepr, parsed);
  return named === undefined ? undefined : { type: named.type, message: summaryOf(named.message), traceback };
}

function choose(fromRepr: ReprReading | undefined, parsed: ParsedException | undefined): NamedException | undefined {
  if (parsed === undefined || parsed.type === '') return fromRepr;
  if (fromRepr?.type === rejectType) return fromRepr;
  if (!isOwn(parsed.type, 'Retry')) return { type: parsed.type, message: summaryOfException(parsed) };
  return reasonOf(parsed, fromRepr) ?? fromRepr;
}

/**
 * The reason for a retry, from the chain, which names the module. The traceback of a retry ends in Retry itself. A class that
 * the chain lacks was given to `retry()`, if the repr certainly names it.
 */
function reasonOf(retry: ParsedException, fromRepr: ReprReading | undefined): NamedException | undefined {
  const chain: ParsedException[] = [];
  for (let link = retry.cause ?? retry.context; link !== undefined; link = link.cause ?? link.context) {
    if (link.type !== '') chain.push(link);
  }
  const named = fromRepr && chain.find(({ type }) => shortName(type) === shortName(fromRepr.type));
  const reason = named ?? (fromRepr === undefined || fromRepr.isGuess ? chain[0] : undefined);
  return reason && { type: reason.type, message: summaryOfException(reason) };
}

const rejectType = redactedText`celery.exceptions.Reject`;
const rejectPattern = /^reject (requeue=(?:True|False).*)$/s;

/** Texts in place of an exception: the wrapper of billiard, and the repr of no exception. */
const empty = new Set(['None', '', 'ExceptionWithTraceback()']);

interface ReprReading extends NamedException {
  /** True if the repr is no call, so that the traceback names the class better. */
  readonly isGuess: boolean;
}

function readRepr(text: Redacted): ReprReading | undefined {
  const repr = partOf(text, text.trim());
  if (empty.has(repr)) return undefined;
  const reject = rejectPattern.exec(repr);
  if (reject !== null) return { type: rejectType, message: partOf(repr, reject[1] ?? ''), isGuess: false };
  const retried = /^Retry\(Retry\(\.\.\.\), (.*), [^,]*\)$/s.exec(repr)?.[1];
  if (retried !== undefined) return readRepr(partOf(repr, retried));
  const call = readCall(repr);
  if (call !== undefined) return { ...call, isGuess: false };
  // If the repr itself raised, the text is the bare message, which may look like a name.
  return { ...(readAngled(repr) ?? { type: redactedText`Exception`, message: repr }), isGuess: true };
}

/** The cause of the end of an attempt. Without an exception the application is assumed to be the cause. */
export function causeOf(exception: ExceptionText | undefined): ExceptionCause {
  if (exception === undefined) return 'app-error';
  const { type, message, traceback } = exception;
  if (isOwn(type, 'SoftTimeLimitExceeded')) return 'soft-time-limit';
  if (isOwn(type, 'TimeLimitExceeded')) return 'hard-time-limit';
  if (isOwn(type, 'WorkerLostError')) return 'worker-lost';
  if (isOwn(type, 'Terminated') || (type === 'SystemExit' && signalOf(exception) !== undefined)) return 'terminated';
  if (isOwn(type, 'TaskRevokedError')) return 'revoked';
  if (isOwn(type, 'Reject')) return message.startsWith('requeue=True') ? 'requeued' : 'rejected';
  // The worker raises it, without a traceback, for a task name that it does not know. With one, the task's code raised it.
  if (isOwn(type, 'NotRegistered') && traceback === undefined) return 'unregistered';
  if (isOwn(type, 'MaybeEncodingError')) return 'unencodable';
  if (isOwn(type, 'EncodeError') && !hasTaskFrame(traceback)) return 'unencodable';
  return 'app-error';
}

/** The task name that the worker did not know, from `NotRegistered('depot.gone')`; undefined for any other exception. */
export function unregisteredName(exception: ExceptionText | undefined): Redacted | undefined {
  if (exception === undefined || causeOf(exception) !== 'unregistered') return undefined;
  const name = partOf(exception.message, exception.message.replace(/^['"]|['"]$/g, ''));
  return name === '' ? undefined : name;
}

/** Celery's own exception of that name, not another library's. */
function isOwn(type: string, name: string): boolean {
  return type.endsWith(name) && (type.length === name.length || /^(?:celery|billiard|kombu)\./.test(type));
}

/** True if the task's own code is on the stack: then the task sent an unencodable value, and its result is not the cause. */
function hasTaskFrame(traceback: Redacted | undefined): boolean {
  const frames = traceback === undefined ? undefined : parseRaised(traceback)?.frames;
  return frames?.some((frame) => !isLibraryFrame(frame)) ?? false;
}

const signalNames: Readonly<Record<string, string>> = {
  '1': 'SIGHUP',
  '2': 'SIGINT',
  '3': 'SIGQUIT',
  '4': 'SIGILL',
  '6': 'SIGABRT',
  '7': 'SIGBUS',
  '8': 'SIGFPE',
  '9': 'SIGKILL',
  '10': 'SIGUSR1',
  '11': 'SIGSEGV',
  '13': 'SIGPIPE',
  '14': 'SIGALRM',
  '15': 'SIGTERM',
};

/**
 * The signal that ended the process, for example `SIGKILL`; undefined if the process exited by itself or the exception is
 * another one. billiard names the signal. A shell's exit code is the signal plus 128, and a child's status of 241 or -241
 * stands for SIGTERM (256 - 15).
 */
export function signalOf(exception: ExceptionText | undefined): string | undefined {
  if (exception === undefined) return undefined;
  const { type, message } = exception;
  if (isOwn(type, 'WorkerLostError')) {
    const named = /signal (\d+)(?: \((SIG[A-Z0-9+]+)\))?/.exec(message);
    if (named !== null) return named[2] ?? signalNames[named[1] ?? ''];
    return signalOfStatus(/exitcode (-?\d+)/.exec(message)?.[1]);
  }
  if (isOwn(type, 'Terminated')) return signalNames[/^\d+$/.exec(message)?.[0] ?? ''];
  return type === 'SystemExit' ? signalOfStatus(/^-?\d+$/.exec(message)?.[0]) : undefined;
}

function signalOfStatus(status: string | undefined): string | undefined {
  if (status === undefined) return undefined;
  const code = Number(status);
  if (code < 0 && code >= -64) return signalNames[String(-code)];
  if (Math.abs(code) > 191 && Math.abs(code) < 256) return signalNames[String(256 - Math.abs(code))];
  return code > 128 ? signalNames[String(code - 128)] : undefined;
}
