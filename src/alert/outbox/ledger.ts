/**
 * What of an incident or a bulletin is in the channel: the books of the outbox. One record each, changed by one instance at a
 * time; what ought to be there is in the book of incidents.
 */
import type { Millis } from '../../event/ids.ts';
import type { Bulletin, Incident, MessageRef } from '../incident.ts';

export interface Ledger {
  readonly root: MessageRef | undefined;
  /** The `rev` that the root message tells, when it was told, and in which phase. */
  readonly shown: number;
  readonly shownAt: Millis;
  readonly shownPhase: string;
  /** Thread lines, reminders and links that were posted. */
  readonly lines: number;
  readonly reminders: number;
  readonly links: number;
  readonly claim: Claim | undefined;
  /** When the first try whose outcome nobody knows began; the message may be in the channel since then. */
  readonly firstTryAt: Millis | undefined;
  /** Deliveries that failed since the last one that did not. */
  readonly failures: number;
  readonly notBefore: Millis;
}

/** Somebody is delivering. After `until` (the store's clock) the claim is void, and its outcome unknown. */
export interface Claim {
  readonly by: string;
  readonly until: Millis;
}

export const emptyLedger: Ledger = {
  root: undefined,
  shown: 0,
  shownAt: 0,
  shownPhase: '',
  lines: 0,
  reminders: 0,
  links: 0,
  claim: undefined,
  firstTryAt: undefined,
  failures: 0,
  notBefore: 0,
};

/** What messages are about. */
export type Postable =
  | { readonly kind: 'incident'; readonly incident: Incident }
  | { readonly kind: 'bulletin'; readonly bulletin: Bulletin };

export type NextAction = 'post' | 'edit' | 'line' | 'reminder' | 'link';

/** A message that counts up need not do so every second; 40 incidents at once stay within Slack's 50 edits a minute. */
const editEveryMinMs = 30_000;
const editEveryMaxMs = 10 * 60_000;

export function idOf(about: Postable): string {
  return about.kind === 'incident' ? about.incident.id : about.bulletin.id;
}

export function revOf(about: Postable): number {
  return about.kind === 'incident' ? about.incident.rev : about.bulletin.rev;
}

/** Whatever is not in the book any more, or not yet for the channel, has `rev` 0 or is pending. */
export function phaseOf(about: Postable): string {
  return about.kind === 'bulletin' ? 'bulletin' : about.incident.phase.name;
}

/** The one thing to send next: without a root nothing else makes sense, and news go before figures. */
export function nextActionOf(about: Postable, ledger: Ledger): NextAction | undefined {
  if (revOf(about) === 0 || phaseOf(about) === 'pending') return undefined;
  const isHidden = about.kind === 'incident' && about.incident.hidden !== undefined;
  if (ledger.root === undefined) return isHidden ? undefined : 'post';
  if (about.kind === 'incident') {
    const { incident } = about;
    if (incident.lines.length > ledger.lines) return 'line';
    if (incident.reminders > ledger.reminders && incident.phase.name === 'open') return 'reminder';
    if (incident.also.length > ledger.links) return 'link';
  }
  return ledger.shown < revOf(about) ? 'edit' : undefined;
}

/** When the wanted delivery may be claimed; infinite when nothing is wanted. */
export function dueAt(about: Postable, ledger: Ledger): Millis {
  const wanted = nextActionOf(about, ledger);
  if (wanted === undefined) return Number.POSITIVE_INFINITY;
  const free = Math.max(ledger.notBefore, ledger.claim?.until ?? 0);
  if (wanted !== 'edit' || ledger.shownPhase !== phaseOf(about)) return free;
  return Math.max(free, ledger.shownAt + editEveryMs(about));
}

// The longer it has been going on, the less one more failure is news.
function editEveryMs(about: Postable): Millis {
  if (about.kind === 'bulletin') return editEveryMinMs;
  const { firstAt, lastAt } = about.incident;
  return Math.min(editEveryMaxMs, Math.max(editEveryMinMs, (lastAt - firstAt) / 20));
}
