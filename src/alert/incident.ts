/**
 * The book of incidents, which all instances share. Plain data; the store keeps it as one record that is changed by compare and
 * swap, so an incident is opened, joined and resolved once, also if several instances detect it.
 */
import type { Millis } from '../event/ids.ts';
import type { KeyText } from './key.ts';
import type { Matcher, Severity, Silence } from './policy.ts';
import type { Receipts } from './receipts.ts';
import type { DeployMark, Figures, Gravity, SignalName, Subject, Tally, Trend } from './signal.ts';

/**
 *   pending ──waited──▶ open ──quiet for the clear time──▶ resolved ──an hour──▶ (gone)
 *      │                 ▲                                    │
 *      └─▶ absorbed      └──────── again: quietly ────────────┘
 */
export type Phase =
  | { readonly name: 'pending'; readonly until: Millis }
  | { readonly name: 'open' }
  | {
      readonly name: 'resolved';
      readonly at: Millis;
      readonly by: string | undefined;
      /** True if no evidence shows that it is over: the evidence was dropped, or no instance has it. */
      readonly isForgotten?: true;
    };

/** Why an open incident is not shown: it will be when the reason is gone, if it is still open then. */
export type HiddenReason = 'silenced' | 'muted' | 'inhibited' | 'budget';

export interface Hidden {
  readonly reason: HiddenReason;
  /** The silence's id, the mute hours' name, the incident that inhibits, or the storm message. */
  readonly by: string;
  readonly since: Millis;
}

/** One condition that an incident is about. */
export interface IncidentCondition {
  readonly key: KeyText;
  readonly signal: SignalName;
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly clearMs: Millis;
  readonly total: number | undefined;
  /** `total` by kind; undefined where all occurrences are alike. */
  readonly parts?: Tally | undefined;
  /** As of `countedAt` of the incident. */
  readonly figures: Figures;
  // An older version, which may share the book, writes none of the following.
  /** The unit of `total`, such as `failures`. */
  readonly noun?: string | undefined;
  /** The figures that opened it. */
  readonly opening?: Figures;
  /** `over`: cleared. `forgotten`: cleared because its evidence was dropped. */
  readonly state?: 'holds' | 'lingers' | 'over' | 'forgotten';
  /** Weight of its meaning now, and the greatest so far. */
  readonly gravity?: Gravity;
  readonly peak?: Gravity;
  /** Redacted. */
  readonly title?: string;
  readonly task?: string | undefined;
}

/** Something for the thread, once. `at` orders them; the text is made when it is posted. */
export interface ThreadLine {
  readonly at: Millis;
  readonly what:
    | 'joined'
    | 'grew'
    | 'worse'
    | 'reopened'
    | 'resolved'
    | 'acked'
    | 'snoozed'
    | 'silenced'
    | 'archived'
    | 'woke';
  /** Who, which, how many: `KeyError on 2 more tasks`, `U0ABC`. Redacted. */
  readonly text: string;
  /** Also shown in the channel. */
  readonly isLoud?: boolean;
}

export interface Incident {
  /** Computed from the first key and the minute it began in: two instances that open it apart give it one id. */
  readonly id: string;
  readonly phase: Phase;
  readonly severity: Severity;
  /** The first is what it was opened for. Never empty. */
  readonly keys: readonly IncidentCondition[];
  readonly subject: Subject;
  readonly trend: Trend;
  readonly causeText: string | undefined;
  readonly deploy: DeployMark | undefined;
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  /** End of the collection time; undefined before. */
  readonly openedAt: Millis | undefined;
  /** Occurrences since the start; 0 for signals without a count. */
  readonly count: number;
  /** The count in the first message, or in the latest thread line about growth. */
  readonly toldCount: number;
  /** The greatest weight of meaning that the channel shows. */
  readonly toldGravity?: Gravity;
  /** When `count` and `lastAt` were last written: they may lag behind by `countEveryMs`. */
  readonly countedAt: Millis;
  readonly reopens: number;
  readonly ack: { readonly by: string; readonly at: Millis } | undefined;
  readonly snoozedUntil: Millis | undefined;
  readonly hidden: Hidden | undefined;
  /** The incident before it, when a human had resolved that one. */
  readonly regressionOf: string | undefined;
  readonly channel: string;
  readonly mentions: readonly string[];
  readonly also: readonly string[];
  /** Wanted in the thread, in this order; never more than `linesMax`. */
  readonly lines: readonly ThreadLine[];
  /** Number of reminders to send so far. */
  readonly reminders: number;
  /** Reminders due since the incident was posted or reopened, including those that an acknowledgement suppressed. */
  readonly remindersDue: number;
  /** Revision of the root message, raised by each change that it shows; 0: nothing to post. */
  readonly rev: number;
  /** Deliveries to each receiver, as far as an instance has recorded them in the book. */
  readonly receipts: Receipts;
}

/** A message that is about many incidents: what went over the budget, the day's digest, what mute hours held back. */
export interface Bulletin {
  readonly id: string;
  readonly kind: 'storm' | 'digest' | 'summary' | 'self';
  readonly channel: string;
  readonly at: Millis;
  /** No more lines after it. */
  readonly until: Millis;
  readonly title: string;
  readonly lines: readonly string[];
  /** Lines that found no room. */
  readonly more: number;
  readonly rev: number;
  readonly receipts: Receipts;
}

/** A person's decision about a cause. It outlives the incident. */
export interface CauseMark {
  readonly match: Matcher;
  readonly state: 'resolved' | 'archived';
  readonly at: Millis;
  readonly by: string;
  readonly incident: string | undefined;
}

export interface Book {
  /** By the store's clock. Another book than the one we know means that the store has lost its memory. */
  readonly begunAt: Millis;
  /** Time when an instance restored the book to a store that had lost it. Ledgers from before may be missing. */
  readonly lostAt: Millis | undefined;
  readonly incidents: readonly Incident[];
  readonly bulletins: readonly Bulletin[];
  readonly marks: readonly CauseMark[];
  readonly silences: readonly Silence[];
  readonly deploys: readonly DeployMark[];
  /** Token buckets by channel. */
  readonly budgets: Readonly<Record<string, { readonly tokens: number; readonly at: Millis }>>;
  /** For the next digest, oldest first. */
  readonly digest: {
    readonly since: Millis;
    readonly lines: readonly string[];
    readonly counts: Readonly<Record<string, number>>;
  };
  /** The instances that write in the book, each with the hash of its policy. */
  readonly replicas: readonly { readonly instance: string; readonly seenAt: Millis; readonly policy: string }[];
}

export const emptyBook: Book = {
  begunAt: 0,
  lostAt: undefined,
  incidents: [],
  bulletins: [],
  marks: [],
  silences: [],
  deploys: [],
  budgets: {},
  digest: { since: 0, lines: [], counts: {} },
  replicas: [],
};
