/**
 * What kind of remedy a failure needs. The exception that came out is asked first, then what it was raised from; an
 * error that merely happened while a network error was being handled is a bug of the handler.
 */
import type { ParsedException } from '../event/python-traceback.ts';
import type { Cause } from '../lifecycle/transition.ts';
import { classOfCodes } from './class-codes.ts';
import { classIn, first, last } from './class-words.ts';
import type { FailureClass } from './failure.ts';
import { chainOf, type FailureFacts } from './fingerprint.ts';

/** A longer message is data; what it is about stands at its beginning. */
const messageCharsMax = 2_000;

/** The class of a failure; what nothing else explains needs a person: `bug`. */
export function classOf(facts: FailureFacts): FailureClass {
  const { cause, signal, type, message, exception } = facts;
  if (cause === 'worker-lost') return classOfLost(signal, message);
  const fixed = classOfCause[cause];
  if (fixed !== undefined) return fixed;
  if (exception === undefined || exception.type === '') {
    return (type === undefined ? undefined : classOfOne(type, message)) ?? 'bug';
  }
  return classOfChain(exception) ?? 'bug';
}

const classOfCause: Readonly<Partial<Record<Cause, FailureClass>>> = {
  'soft-time-limit': 'resource',
  'hard-time-limit': 'resource',
  // Nobody took it in time: more workers, or fewer tasks.
  expired: 'resource',
  unregistered: 'bug',
  unencodable: 'bug',
  rejected: 'bug',
  revoked: 'cancelled',
  terminated: 'cancelled',
  cancelled: 'cancelled',
};

/** SIGKILL is the kernel short of memory, and so is, most of the time, a worker that fell silent. */
function classOfLost(signal: string | undefined, message: string): FailureClass {
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGQUIT') return 'cancelled';
  if (signal === 'SIGKILL') return 'resource';
  return signal === undefined && !message.includes('exitcode') ? 'resource' : 'bug';
}

function classOfChain(exception: ParsedException): FailureClass | undefined {
  for (const link of chainOf(exception)) {
    const found = classOfOne(link.type, link.value, link.frames.at(-1)?.source) ?? classOfMembers(link);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A group is as bad as its worst member: one bug among timeouts is a bug. */
function classOfMembers({ exceptions }: ParsedException): FailureClass | undefined {
  if (exceptions === undefined) return undefined;
  const classes = new Set(exceptions.map((member) => classOfChain(member) ?? 'bug'));
  return (['bug', 'resource', 'transient', 'cancelled'] as const).find((one) => classes.has(one));
}

/** Wrappers that name the class of what they wrap: `RetryError[<Future … raised ConnectionError>]`. */
const wrappers = /(?:^|\.)(?:RetryError|ChordError)$/;

function classOfOne(type: string, message: string, source = ''): FailureClass | undefined {
  const text = message.slice(0, messageCharsMax);
  const wrapped = wrappers.test(type) ? /\braised (\w+)\b/.exec(text)?.[1] : undefined;
  if (wrapped !== undefined) return classOfOne(wrapped, '');
  return classIn(first, type, text) ?? classOfCodes(type, text, source) ?? classIn(last, type, text);
}
