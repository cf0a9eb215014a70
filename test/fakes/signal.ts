/** Signals and drafts for tests of the noise policy: complete, and different only in what the test is about. */
import type { Decision } from '../../src/alert/decision.ts';
import { defaultPolicy } from '../../src/alert/default-policy.ts';
import { type Book, emptyBook, type Incident } from '../../src/alert/incident.ts';
import { Draft, type DraftOptions } from '../../src/alert/incidents/draft.ts';
import type { KeyText } from '../../src/alert/key.ts';
import type { Policy } from '../../src/alert/policy.ts';
import type { ReceiverName } from '../../src/alert/receipts.ts';
import type { Signal } from '../../src/alert/signal.ts';
import { openedAt, type SubjectFacts, subjectOf } from './incident.ts';

export const minute = 60_000;
/** Seven minutes after `incidentOf()` was opened. */
export const now = openedAt + 7 * minute;
export const key = (text: string): KeyText => text as KeyText;
/** The key of `incidentOf()`. */
export const incidentKey = key('g|f00dfeedcafe');

export type SignalFacts = Partial<Omit<Signal, 'subject'>> & { readonly subject?: SubjectFacts };

/** A failure signal with the key of `incidentOf()`. */
export function signalOf({ subject = {}, ...facts }: SignalFacts = {}): Signal {
  return {
    name: 'failures.new',
    key: incidentKey,
    severity: 'normal',
    state: 'holds',
    firstAt: openedAt,
    lastAt: now,
    clearMs: 10 * minute,
    waitMs: 20_000,
    total: 7,
    noun: 'failures',
    failures: 1,
    figures: { count: 7, limit: 3, withinMs: 10 * minute, baseline: undefined, of: undefined },
    trend: 'steady',
    causeText: undefined,
    deploy: undefined,
    ...facts,
    subject: subjectOf(subject),
  };
}

export interface DraftFacts {
  readonly at?: number;
  readonly policy?: Partial<Policy>;
  readonly book?: Partial<Book>;
  readonly receivers?: readonly ReceiverName[];
  readonly findings?: DraftOptions['findings'];
}

export function draftOf(incidents: readonly Incident[] = [], facts: DraftFacts = {}): Draft {
  const { at = now, policy = {}, book = {}, receivers = ['slack'], findings } = facts;
  const options = {
    policy: { ...defaultPolicy('#alerts'), ...policy },
    now: at,
    receivers,
    ...(findings && { findings }),
  };
  // The digest of a book with this time is not due.
  const digest = { since: at, lines: [], counts: {} };
  return new Draft({ ...emptyBook, digest, ...book, incidents }, options);
}

/** `notify opened post`, `suppress silenced s1`. */
export function decisionsOf(draft: Draft): string[] {
  return draft.done().decisions.map(decisionText);
}

export function decisionText({ verdict }: Decision): string {
  if (verdict.notify) return `notify ${verdict.reason} ${verdict.action}`;
  return `suppress ${verdict.reason}${verdict.by === undefined ? '' : ` ${verdict.by}`}`;
}
