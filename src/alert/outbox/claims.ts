/**
 * Claims with a lease, so that one instance delivers a message, and the record of their outcome in the ledger. Pure; the
 * delivery loop runs these functions inside one atomic update of the ledger.
 *
 *   claimDelivery ──▶ the receiver delivers or edits ──▶ settleDelivery
 *
 * After a claim expires, its message may have been delivered or not. `firstTryAt` keeps the time since when, over all
 * later claims, until the message is found or delivered.
 */
import type { Millis } from '../../event/ids.ts';
import type { DeliveryRef } from '../receipts.ts';
import {
  dueAt,
  idOf,
  type Ledger,
  meaningOf,
  type NextAction,
  nextActionOf,
  type Postable,
  revOf,
  type SupportedActions,
} from './ledger.ts';
import type { Notification } from './notification.ts';

/** How an attempt to deliver a notification ended. */
export type DeliveryResult =
  /** Delivered, and it shows the content of the notification. */
  | { readonly outcome: 'delivered'; readonly ref: DeliveryRef }
  /** Delivered by an earlier attempt, and it shows the state of that time. */
  | { readonly outcome: 'found'; readonly ref: DeliveryRef }
  /** Certainly not delivered. `retryInMs` if the receiver asked for a certain wait. */
  | { readonly outcome: 'not-delivered'; readonly reason: string; readonly retryInMs: Millis | undefined }
  /** The request was sent and no trustworthy response came. */
  | { readonly outcome: 'unknown'; readonly reason: string; readonly retryInMs: Millis | undefined }
  /** The message that should have been edited was removed. */
  | { readonly outcome: 'gone'; readonly reason: string }
  /** Refused for good. Later revisions are delivered as edits of `ref`. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly ref: DeliveryRef };

/** A claimed delivery, to be passed to `settleDelivery` with its outcome. */
export interface ClaimedDelivery {
  readonly by: string;
  readonly notification: Notification;
  readonly rev: number;
  readonly phase: string;
  readonly isFirstTry: boolean;
  /** Failed deliveries before this one, for the back-off. */
  readonly failures: number;
}

/** Three times a receiver's timeout of 4 s: time to look for an earlier delivery, and to deliver. */
export const leaseMs = 12_000;

export interface ClaimRequest {
  /** Unique for this one claim. */
  readonly by: string;
  /** By the store's clock. */
  readonly now: Millis;
  readonly supported: SupportedActions;
}

/** Claims the next delivery; undefined if there is nothing to deliver now. */
export function claimDelivery(
  about: Postable,
  ledger: Ledger,
  { by, now, supported }: ClaimRequest,
): { readonly next: Ledger; readonly claimed: ClaimedDelivery } | undefined {
  const action = nextActionOf(about, ledger, supported);
  if (action === undefined || dueAt(about, ledger, supported) > now) return undefined;
  const claimed: ClaimedDelivery = {
    by,
    notification: notificationOf(about, { ledger, action, at: now }),
    rev: revOf(about),
    phase: meaningOf(about),
    isFirstTry: ledger.firstTryAt === undefined,
    failures: ledger.failures,
  };
  // An edit can be repeated without harm, so it needs no search for an earlier attempt.
  const firstTryAt = action === 'edit' ? undefined : (ledger.firstTryAt ?? now);
  return { next: { ...ledger, claim: { by, until: now + leaseMs }, firstTryAt }, claimed };
}

function notificationOf(
  about: Postable,
  { ledger, action, at }: { readonly ledger: Ledger; readonly action: NextAction; readonly at: Millis },
): Notification {
  const common = { action, ref: ledger.ref, mayBeThereSince: ledger.firstTryAt, at };
  const id = idOf(about);
  if (about.kind === 'bulletin') return { ...common, id: `${id}:root`, channel: about.bulletin.channel, about };
  const { incident } = about;
  const line = action === 'line' ? incident.lines[ledger.lines] : undefined;
  const channel = action === 'link' ? (incident.also[ledger.links] ?? incident.channel) : incident.channel;
  const part = {
    post: 'root',
    edit: 'root',
    line: `line:${ledger.lines}`,
    reminder: `reminder:${incident.reminders}`,
    link: `link:${ledger.links}`,
  }[action];
  return { ...common, id: `${id}:${part}`, channel, about: { kind: 'incident', incident, line } };
}

/**
 *   recorded    the ledger is right
 *   duplicate   the message was delivered although another one is the root: retract it
 *   stale       the claim is gone, and there is nothing to record
 */
export type SettleResult = 'recorded' | 'duplicate' | 'stale';

interface Settled {
  readonly next: Ledger | undefined;
  readonly verdict: SettleResult;
}

/** Records the outcome of a claimed delivery. `retryInMs`: when to try again if it failed. */
export function settleDelivery(
  ledger: Ledger | undefined,
  claimed: ClaimedDelivery,
  { result, now, retryInMs }: { readonly result: DeliveryResult; readonly now: Millis; readonly retryInMs: Millis },
): Settled {
  if (ledger === undefined) return { next: undefined, verdict: 'stale' };
  if (isThere(result) && claimed.notification.action === 'post') {
    const { ref } = ledger;
    if (ref !== undefined && ref !== result.ref) return { next: ledger, verdict: 'duplicate' };
    // Also after its claim has expired: a delivered message is recorded rather than delivered again.
    return { next: withPost(ledger, { claimed, result, now }), verdict: 'recorded' };
  }
  if (ledger.claim?.by !== claimed.by) return { next: ledger, verdict: 'stale' };
  return { next: withOutcome(ledger, { claimed, result, now, retryAt: now + retryInMs }), verdict: 'recorded' };
}

function withOutcome(
  ledger: Ledger,
  {
    claimed,
    result,
    now,
    retryAt,
  }: {
    readonly claimed: ClaimedDelivery;
    readonly result: DeliveryResult;
    readonly now: Millis;
    readonly retryAt: Millis;
  },
): Ledger {
  switch (result.outcome) {
    case 'delivered':
    case 'found':
      return withAction(released(ledger), claimed, now);
    case 'gone':
      return abandoned(ledger, claimed);
    case 'refused':
      return { ...abandoned(ledger, claimed), ref: ledger.ref ?? result.ref };
    case 'unknown':
      return failed(ledger, retryAt);
    case 'not-delivered': {
      const next = failed(ledger, retryAt);
      return claimed.isFirstTry ? { ...next, firstTryAt: undefined } : next;
    }
    default:
      return result satisfies never;
  }
}

type Present = Extract<DeliveryResult, { readonly outcome: 'delivered' | 'found' }>;

function isThere(result: DeliveryResult): result is Present {
  return result.outcome === 'delivered' || result.outcome === 'found';
}

function withPost(
  ledger: Ledger,
  { claimed, result, now }: { readonly claimed: ClaimedDelivery; readonly result: Present; readonly now: Millis },
): Ledger {
  const { about } = claimed.notification;
  // The root message shows all earlier changes, so the lines before it are not posted to the thread.
  const lines = about.kind === 'incident' ? about.incident.lines.length : 0;
  const rooted: Ledger = {
    ...released(ledger),
    ref: result.ref,
    lines: Math.max(ledger.lines, lines),
    reminders: remindersIn(claimed.notification),
  };
  // The state that a found message shows is unknown, so an edit follows at once.
  return result.outcome === 'found' ? { ...rooted, rev: 0, phase: '' } : withRoot(rooted, claimed, now);
}

function withAction(ledger: Ledger, claimed: ClaimedDelivery, now: Millis): Ledger {
  const { action } = claimed.notification;
  switch (action) {
    case 'post':
    case 'edit':
      return withRoot(ledger, claimed, now);
    case 'line':
      return { ...ledger, lines: ledger.lines + 1 };
    case 'reminder':
      return { ...ledger, reminders: remindersIn(claimed.notification) };
    case 'link':
      return { ...ledger, links: ledger.links + 1 };
    default:
      return action satisfies never;
  }
}

function withRoot(ledger: Ledger, { rev, phase }: ClaimedDelivery, now: Millis): Ledger {
  return { ...ledger, rev, deliveredAt: now, phase };
}

/** The ledger as if all had been delivered. */
function abandoned(ledger: Ledger, { notification, rev }: ClaimedDelivery): Ledger {
  const { about } = notification;
  const incident = about.kind === 'incident' ? about.incident : undefined;
  return {
    ...released(ledger),
    rev,
    lines: incident?.lines.length ?? 0,
    reminders: remindersIn(notification),
    links: incident?.also.length ?? 0,
  };
}

/** Due reminders count as one, because a receiver that was unreachable for hours reminds once. */
function remindersIn({ about }: Notification): number {
  return about.kind === 'incident' ? about.incident.reminders : 0;
}

function failed(ledger: Ledger, notBefore: Millis): Ledger {
  return { ...ledger, claim: undefined, failures: ledger.failures + 1, notBefore };
}

function released(ledger: Ledger): Ledger {
  return { ...ledger, claim: undefined, firstTryAt: undefined, failures: 0, notBefore: 0 };
}
