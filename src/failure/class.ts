/**
 * What kind of remedy a failure needs. The exception that came out is asked first, then what it was raised from; an
 * error that merely happened while a network error was being handled is a bug of the handler.
 */
import { shortName } from '../event/python/exception.ts';
import type { ParsedException } from '../event/python/traceback.ts';
import type { Cause } from '../lifecycle/transition.ts';
import { chainOf } from './chain.ts';
import { classOfCodes } from './class-codes.ts';
import { classIn, rulesAfterCodes as lastRules, rulesBeforeCodes } from './class-words.ts';
import type { FailureClass, FailureFacts } from './facts.ts';
import { classGiven, type FailurePolicy, noPolicy, ruleFor } from './grouping-policy.ts';

/** A longer message is data; what it is about stands at its beginning. */
const messageCharsMax = 2_000;

/** Why a failure has its class, and which exception of the chain says so. */
export interface ClassResult {
  readonly class: FailureClass;
  readonly by: 'rule' | 'classes' | 'cause' | 'name' | 'code' | 'nothing';
  /** undefined when no exception decided. */
  readonly type?: string;
}

/** The class of a failure; what nothing else explains needs a person: `bug`. */
export function classOf(facts: FailureFacts, policy: FailurePolicy = noPolicy): ClassResult {
  const { cause, signal, type, message, exception } = facts;
  const given = policy.rules.length === 0 ? undefined : ruleFor(facts, policy.rules)?.class;
  if (given !== undefined) return { class: given, by: 'rule' };
  const chain = exception === undefined || exception.type === '' ? undefined : exception;
  const own = chain?.type ?? type;
  const named = own === undefined ? undefined : classGiven(own, policy.classes);
  if (named !== undefined) return { class: named, by: 'classes', ...(own !== undefined && { type: own }) };
  const fixed = cause === 'worker-lost' ? classOfLost(signal, message) : classOfCause[cause];
  if (fixed !== undefined) return { class: fixed, by: 'cause' };
  const found = chain === undefined ? type && classOfOne(type, message, '', policy) : classOfChain(chain, policy);
  return found || (waitedInVain(facts) ? { class: 'transient', by: 'name' } : { class: 'bug', by: 'nothing' });
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

function classOfChain(exception: ParsedException, policy: FailurePolicy): ClassResult | undefined {
  for (const link of chainOf(exception)) {
    const source = link.frames.at(-1)?.source ?? '';
    const found = classOfOne(link.type, link.value, source, policy) ?? classOfMembers(link, policy);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Retries without an exception to retry for: the task waited for something, and it did not come. */
function waitedInVain({ type, exception }: FailureFacts): boolean {
  const isLast = shortName(exception?.type ?? type ?? '') === 'MaxRetriesExceededError';
  return isLast && exception?.cause === undefined && exception?.context === undefined;
}

/** A group is as bad as its worst member: one bug among timeouts is a bug. */
function classOfMembers({ exceptions }: ParsedException, policy: FailurePolicy): ClassResult | undefined {
  const members = (exceptions ?? []).map((member) => classOfChain(member, policy) ?? bugOf(member.type));
  return severities.flatMap((one) => members.find((member) => member.class === one) ?? []).at(0);
}

const severities = ['bug', 'resource', 'transient', 'cancelled'] as const;

function bugOf(type: string): ClassResult {
  return { class: 'bug', by: 'nothing', type };
}

/** Wrappers that name the class of what they wrap: `RetryError[<Future … raised ConnectionError>]`. */
const wrappers = /(?:^|\.)(?:RetryError|ChordError)$/;

function classOfOne(type: string, message: string, source: string, policy: FailurePolicy): ClassResult | undefined {
  const given = classGiven(type, policy.classes);
  if (given !== undefined) return { class: given, by: 'classes', type };
  const text = message.slice(0, messageCharsMax);
  const wrapped = wrappers.test(type) ? /\braised (\w+)\b/.exec(text)?.[1] : undefined;
  if (wrapped !== undefined) return classOfOne(wrapped, '', '', policy);
  const known = classIn(rulesBeforeCodes, type, text);
  if (known !== undefined) return { class: known, by: 'name', type };
  const coded = classOfCodes(type, text, source);
  if (coded !== undefined) return { class: coded, by: 'code', type };
  const last = classIn(lastRules, type, text);
  return last === undefined ? undefined : { class: last, by: 'name', type };
}
