/**
 * All that is known about one group: what was counted, the incident if there is one, and how much of it has been shown.
 * Plain data; the store keeps it as one record, and whoever holds the record can go on where another one stopped.
 *
 * Exports: AlertState, Incident, Phase, Showing, Claim, MessageRef, Sighting, Subject.
 */
import type { Fingerprint, Millis } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Failure } from '../failure/failure.ts';
import type { GroupKey, RuleTerms } from './rule.ts';

/** A counted failure: the short form of its id, and when it was received on the store's clock. */
export type Sighting = readonly [id: string, at: Millis];

/** What the failures of the group have in common, as the latest one tells it. */
export interface Subject {
  readonly fingerprint: Fingerprint;
  readonly taskName: Redacted | undefined;
  readonly queue: string | undefined;
  readonly title: Redacted;
  readonly class: Failure['class'];
  readonly cause: Failure['cause'];
  readonly example: { readonly taskId: string; readonly traceId: string };
}

/** A Slack message: the conversation's id and the message's ts. */
export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}

export type Phase =
  | { readonly name: 'pending'; readonly until: Millis }
  | { readonly name: 'open' }
  | { readonly name: 'resolved'; readonly at: Millis };

/** Somebody is delivering. After `until` (the store's clock) the claim is void, and its outcome unknown. */
export interface Claim {
  readonly by: string;
  readonly until: Millis;
}

/** The outbox of an incident: what ought to be in the channel and what is there. Never a payload: what is sent is the
 * state at the time of sending. */
export interface Showing {
  /** Raised by each change that the root message should tell. 0: nothing to tell yet. */
  readonly rev: number;
  /** The `rev` that the root message tells. */
  readonly shown: number;
  readonly shownAt: Millis;
  readonly shownPhase: 'open' | 'resolved' | undefined;
  readonly root: MessageRef | undefined;
  /** Reminders wanted and reminders posted. */
  readonly repeats: number;
  readonly repeated: number;
  readonly claim: Claim | undefined;
  /** When the first try whose outcome nobody knows began; the message may be in the channel since then. */
  readonly firstTryAt: Millis | undefined;
  /** Deliveries that failed since the last one that did not. */
  readonly failures: number;
  readonly notBefore: Millis;
}

export interface Incident {
  /** Computed from the group and the minute it began in: two instances that open it apart give it one id. */
  readonly id: string;
  readonly phase: Phase;
  /** Failures counted since it began. */
  readonly count: number;
  /** Failures in the window when the threshold was crossed. */
  readonly crossedWith: number;
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  /** When the channel was last told of it, for the repeat interval; undefined until it is open. */
  readonly toldAt: Millis | undefined;
  readonly reopens: number;
  readonly showing: Showing;
}

export interface AlertState {
  readonly key: GroupKey;
  readonly rule: RuleTerms;
  readonly subject: Subject;
  /** Ordered by time, newest last, bounded by `sightingsMax`. */
  readonly sightings: readonly Sighting[];
  /** Workers seen failing, bounded by `hostnamesMax`. */
  readonly hostnames: readonly string[];
  /** undefined: counting, below the threshold. */
  readonly incident: Incident | undefined;
  /** When somebody has to look at this group again. */
  readonly dueAt: Millis;
}
