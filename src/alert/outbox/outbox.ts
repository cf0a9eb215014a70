/**
 * Who may send what: claims with a lease, and the books about what was sent. Pure; the sink runs these inside one atomic
 * update of the ledger.
 *
 *   claimDelivery ──▶ the sink posts or edits ──▶ settleDelivery
 *
 * A claim that runs out says nothing about the message: it may be in the channel. `firstTryAt` remembers since when, over all
 * later claims, until somebody has found the message or posted it.
 */
import type { Millis } from '../../event/ids.ts';
import type { MessageRef } from '../incident.ts';
import { dueAt, idOf, type Ledger, type NextAction, nextActionOf, type Postable, phaseOf, revOf } from './ledger.ts';
import type { Notification } from './notification.ts';

/** How an attempt to show a notification ended. */
export type DeliveryResult =
  /** It is in the channel and tells what the notification says. */
  | { readonly outcome: 'delivered'; readonly ref: MessageRef }
  /** It is in the channel from an earlier try, and tells what was true then. */
  | { readonly outcome: 'found'; readonly ref: MessageRef }
  /** It certainly is not in the channel. `retryInMs` when the receiver said how long to wait. */
  | { readonly outcome: 'not-delivered'; readonly reason: string; readonly retryInMs: Millis | undefined }
  /** Nobody knows: the request left and no answer came that can be believed. */
  | { readonly outcome: 'unknown'; readonly reason: string; readonly retryInMs: Millis | undefined }
  /** The message that should have been edited was removed by somebody. */
  | { readonly outcome: 'gone'; readonly reason: string };

/** A claimed delivery, to be handed back to `settleDelivery` with its outcome. */
export interface ClaimedDelivery {
  readonly by: string;
  readonly notification: Notification;
  readonly rev: number;
  readonly phase: string;
  readonly isFirstTry: boolean;
  /** Failed deliveries before this one, for the back-off. */
  readonly failures: number;
}

/** Three times the client's timeout of 4 s: time to look into the channel's history and to post. */
export const leaseMs = 12_000;

/** Claims the next delivery for `by`, a name unique to this one claim; undefined when there is nothing to send now. */
export function claimDelivery(
  about: Postable,
  ledger: Ledger,
  by: string,
  now: Millis,
): { readonly next: Ledger; readonly sending: ClaimedDelivery } | undefined {
  if (dueAt(about, ledger) > now) return undefined;
  const wanted = nextActionOf(about, ledger);
  if (wanted === undefined) return undefined;
  const sending: ClaimedDelivery = {
    by,
    notification: notificationOf(about, ledger, wanted, now),
    rev: revOf(about),
    phase: phaseOf(about),
    isFirstTry: ledger.firstTryAt === undefined,
    failures: ledger.failures,
  };
  // An edit can be repeated without harm, so nobody has to look for it.
  const firstTryAt = wanted === 'edit' ? undefined : (ledger.firstTryAt ?? now);
  return { next: { ...ledger, claim: { by, until: now + leaseMs }, firstTryAt }, sending };
}

function notificationOf(about: Postable, ledger: Ledger, wanted: NextAction, at: Millis): Notification {
  const id = idOf(about);
  const mayBeThereSince = ledger.firstTryAt;
  if (about.kind === 'bulletin') {
    const { channel } = about.bulletin;
    return { id: `${id}:root`, action: wanted, channel, root: ledger.root, mayBeThereSince, at, about };
  }
  const { incident } = about;
  const line = wanted === 'line' ? incident.lines[ledger.lines] : undefined;
  const channel = wanted === 'link' ? (incident.also[ledger.links] as string) : incident.channel;
  const number = {
    post: 'root',
    edit: 'root',
    line: `line:${ledger.lines}`,
    reminder: `reminder:${incident.reminders}`,
    link: `link:${ledger.links}`,
  }[wanted];
  return {
    id: `${id}:${number}`,
    action: wanted,
    channel,
    root: ledger.root,
    mayBeThereSince,
    at,
    about: { kind: 'incident', incident, line },
  };
}

export type SettleResult = 'recorded' | 'duplicate' | 'stale';

/**
 * Books the outcome. `retryInMs` is when to try again if it failed.
 *
 *   recorded    the books are right
 *   duplicate   the message was posted although another one is the root: remove it
 *   stale       the claim is gone and nothing had to be booked
 */
export function settleDelivery(
  ledger: Ledger | undefined,
  sending: ClaimedDelivery,
  delivery: DeliveryResult,
  { now, retryInMs }: { readonly now: Millis; readonly retryInMs: Millis },
): { readonly next: Ledger | undefined; readonly verdict: SettleResult } {
  if (ledger === undefined) return { next: undefined, verdict: 'stale' };
  if (isThere(delivery) && sending.notification.action === 'post') {
    const { root } = ledger;
    if (root !== undefined && root.ts !== delivery.ref.ts) return { next: ledger, verdict: 'duplicate' };
    // Even without its claim: a message that is there is better known than posted again.
    return { next: posted(ledger, sending, delivery, now), verdict: 'recorded' };
  }
  if (ledger.claim?.by !== sending.by) return { next: ledger, verdict: 'stale' };
  switch (delivery.outcome) {
    case 'delivered':
    case 'found':
      return { next: withSent(released(ledger), sending, now), verdict: 'recorded' };
    case 'gone':
      // Whoever removed the message does not want it back; nothing more is told of it.
      return { next: gaveUp(ledger, sending), verdict: 'recorded' };
    case 'unknown':
      return { next: failed(ledger, now + retryInMs), verdict: 'recorded' };
    case 'not-delivered': {
      const tried = failed(ledger, now + retryInMs);
      return { next: { ...tried, firstTryAt: sending.isFirstTry ? undefined : tried.firstTryAt }, verdict: 'recorded' };
    }
    default:
      return delivery satisfies never;
  }
}

function isThere(delivery: DeliveryResult): delivery is DeliveryResult & { readonly ref: MessageRef } {
  return delivery.outcome === 'delivered' || delivery.outcome === 'found';
}

function posted(
  ledger: Ledger,
  sending: ClaimedDelivery,
  delivery: DeliveryResult & { readonly ref: MessageRef },
  now: Millis,
): Ledger {
  const { about } = sending.notification;
  // The root tells all that came before it: its first lines need no thread.
  const lines = about.kind === 'incident' ? about.incident.lines.length : 0;
  const rooted: Ledger = {
    ...released(ledger),
    root: delivery.ref,
    lines: Math.max(ledger.lines, lines),
    reminders: remindersIn(sending),
  };
  // Nobody knows what a found message tells, so an edit has to follow at once.
  return delivery.outcome === 'found' ? { ...rooted, shown: 0, shownPhase: '' } : shownNow(rooted, sending, now);
}

function withSent(ledger: Ledger, sending: ClaimedDelivery, now: Millis): Ledger {
  const { action } = sending.notification;
  switch (action) {
    case 'post':
    case 'edit':
      return shownNow(ledger, sending, now);
    case 'line':
      return { ...ledger, lines: ledger.lines + 1 };
    case 'reminder':
      return { ...ledger, reminders: remindersIn(sending) };
    case 'link':
      return { ...ledger, links: ledger.links + 1 };
    default:
      return action satisfies never;
  }
}

function shownNow(ledger: Ledger, { rev, phase }: ClaimedDelivery, now: Millis): Ledger {
  return { ...ledger, shown: rev, shownAt: now, shownPhase: phase };
}

function gaveUp(ledger: Ledger, { notification, rev }: ClaimedDelivery): Ledger {
  const { about } = notification;
  const all = about.kind === 'incident' ? about.incident : undefined;
  return {
    ...released(ledger),
    shown: rev,
    lines: all?.lines.length ?? 0,
    reminders: remindersIn({ notification }),
    links: all?.also.length ?? 0,
  };
}

function remindersIn({ notification: { about } }: Pick<ClaimedDelivery, 'notification'>): number {
  return about.kind === 'incident' ? about.incident.reminders : 0;
}

function failed(ledger: Ledger, notBefore: Millis): Ledger {
  return { ...ledger, claim: undefined, failures: ledger.failures + 1, notBefore };
}

function released(ledger: Ledger): Ledger {
  return { ...ledger, claim: undefined, firstTryAt: undefined, failures: 0, notBefore: 0 };
}
