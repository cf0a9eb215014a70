/**
 * The class of a failure. The raised exception is classified first, then the exceptions it was raised from. An error that
 * occurred by itself while a network error was being handled is a bug of the handler.
 */
import { shortName } from '../../event/python/class-name.ts';
import type { ParsedException } from '../../event/python/parsed-exception.ts';
import type { Cause } from '../../lifecycle/transition.ts';
import { chainOf } from '../chain.ts';
import type { FailureClass, FailureFacts } from '../facts.ts';
import { classGiven, type FailurePolicy, noPolicy, ruleFor } from '../grouping-policy.ts';
import { classOfCodes } from './class-codes.ts';
import { rulesAfterCodes, rulesBeforeCodes } from './class-rules.ts';
import { classByRules } from './rule.ts';

/** A longer message is data; its subject stands at the beginning. */
const messageCharsMax = 2_000;

/** The class and its reason. */
export interface ClassResult {
  readonly class: FailureClass;
  readonly by: 'rule' | 'classes' | 'cause' | 'name' | 'code' | 'nothing';
  /** The exception of the chain that decided; absent if no exception did. */
  readonly type?: string;
}

/** A failure that no rule explains is a `bug`, because it needs a person. */
export function classOf(facts: FailureFacts, policy: FailurePolicy = noPolicy): ClassResult {
  const { cause, signal, type, message, exception } = facts;
  const given = policy.rules.length === 0 ? undefined : ruleFor(facts, policy.rules)?.class;
  if (given !== undefined) return { class: given, by: 'rule' };
  const chain = exception === undefined || exception.type === '' ? undefined : exception;
  const raised = chain?.type ?? type;
  const configured = raised === undefined ? undefined : classGiven(raised, policy.classes);
  if (configured !== undefined)
    return { class: configured, by: 'classes', ...(raised !== undefined && { type: raised }) };
  const fixed = cause === 'worker-lost' ? classOfLostWorker(signal, message) : classOfCause[cause];
  if (fixed !== undefined) return { class: fixed, by: 'cause' };
  const result =
    chain === undefined ? type && classOfException({ type, message, source: '' }, policy) : classOfChain(chain, policy);
  return result || (isExhaustedWait(facts) ? { class: 'transient', by: 'name' } : { class: 'bug', by: 'nothing' });
}

const classOfCause: Readonly<Partial<Record<Cause, FailureClass>>> = {
  'soft-time-limit': 'resource',
  'hard-time-limit': 'resource',
  // No worker started it in time: more workers are needed, or fewer tasks.
  expired: 'resource',
  unregistered: 'bug',
  unencodable: 'bug',
  rejected: 'bug',
  revoked: 'cancelled',
  terminated: 'cancelled',
  cancelled: 'cancelled',
};

/** SIGKILL usually comes from a kernel without memory. So does, most of the time, a worker that stops without a signal. */
function classOfLostWorker(signal: string | undefined, message: string): FailureClass {
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGQUIT') return 'cancelled';
  if (signal === 'SIGKILL') return 'resource';
  return signal === undefined && !message.includes('exitcode') ? 'resource' : 'bug';
}

function classOfChain(exception: ParsedException, policy: FailurePolicy): ClassResult | undefined {
  for (const link of chainOf(exception)) {
    const source = link.frames.at(-1)?.source ?? '';
    const result =
      classOfException({ type: link.type, message: link.value, source }, policy) ?? classOfMembers(link, policy);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** Retries without an exception: the task polled for something that did not appear. */
function isExhaustedWait({ type, exception }: FailureFacts): boolean {
  const isLast = shortName(exception?.type ?? type ?? '') === 'MaxRetriesExceededError';
  return isLast && exception?.cause === undefined && exception?.context === undefined;
}

/** The class of the worst member of an exception group: one bug among timeouts is a bug. */
function classOfMembers({ exceptions }: ParsedException, policy: FailurePolicy): ClassResult | undefined {
  const members = (exceptions ?? []).map((member) => classOfChain(member, policy) ?? unexplained(member.type));
  return worstFirst.flatMap((one) => members.find((member) => member.class === one) ?? []).at(0);
}

const worstFirst = ['bug', 'resource', 'transient', 'cancelled'] as const;

function unexplained(type: string): ClassResult {
  return { class: 'bug', by: 'nothing', type };
}

/** Wrappers that name the class of the wrapped exception: `RetryError[<Future … raised ConnectionError>]`. */
const wrappers = /(?:^|\.)(?:RetryError|ChordError)$/;

interface RaisedException {
  readonly type: string;
  readonly message: string;
  /** The line that raised it, empty if unknown. */
  readonly source: string;
}

function classOfException({ type, message, source }: RaisedException, policy: FailurePolicy): ClassResult | undefined {
  const configured = classGiven(type, policy.classes);
  if (configured !== undefined) return { class: configured, by: 'classes', type };
  const text = message.slice(0, messageCharsMax);
  const wrapped = wrappers.test(type) ? /\braised (\w+)\b/.exec(text)?.[1] : undefined;
  if (wrapped !== undefined) return classOfException({ type: wrapped, message: '', source: '' }, policy);
  const before = classByRules(rulesBeforeCodes, type, text);
  if (before !== undefined) return { class: before, by: 'name', type };
  const coded = classOfCodes(type, text, source);
  if (coded !== undefined) return { class: coded, by: 'code', type };
  const after = classByRules(rulesAfterCodes, type, text);
  if (after !== undefined) return { class: after, by: 'name', type };
  const [, inner, rest = ''] = wrappedText.exec(text) ?? /[([]([\w.]+)[)\]]$()/.exec(type) ?? [];
  return inner === undefined ? undefined : classOfException({ type: inner, message: rest || text, source }, policy);
}

/** SQLAlchemy quotes the exception of the driver: `(pymysql.err.InterfaceError) (0, '')`. */
const wrappedText = /^\(([\w]+(?:\.\w+)+)\) ?(.*)$/s;
