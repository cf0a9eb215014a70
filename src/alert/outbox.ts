/**
 * Who may send what for an incident: claims with a lease, and the books about what was sent. Pure; the sink runs these
 * inside one atomic update of the store.
 *
 *   claimDelivery ──▶ the sink posts or edits ──▶ settleDelivery
 *
 * A claim that runs out says nothing about the message: it may be in the channel. `firstTryAt` remembers since when,
 * over all later claims, until somebody has found the message or posted it.
 *
 * Exports: claimDelivery, settleDelivery, Sending, Delivery, Verdict, leaseMs.
 */
import type { Millis } from '../event/ids.ts';
import type { AlertState, Incident, MessageRef, Showing } from './alert-state.ts';
import { type Notification, notificationOf } from './notification.ts';
import { deliveryDueAt, scheduled, wantedDelivery } from './showing.ts';

/** How an attempt to show a notification ended. */
export type Delivery =
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
export interface Sending {
  readonly by: string;
  readonly notification: Notification;
  readonly rev: number;
  readonly repeats: number;
  readonly isFirstTry: boolean;
  /** Failed deliveries before this one, for the back-off. */
  readonly failures: number;
}

/** Three times the client's timeout of 4 s: time to look into the channel's history and to post. */
export const leaseMs = 12_000;

/** Claims the next delivery for `by`, a name unique to this one claim; undefined when there is nothing to send now. */
export function claimDelivery(
  state: AlertState,
  by: string,
  now: Millis,
): { readonly next: AlertState; readonly sending: Sending } | undefined {
  const { incident } = state;
  if (incident === undefined || deliveryDueAt(incident) > now) return undefined;
  const action = wantedDelivery(incident);
  if (action === undefined) return undefined;
  const { showing } = incident;
  const notification = notificationOf(state, incident, action, now);
  const sending: Sending = {
    by,
    notification,
    rev: showing.rev,
    repeats: showing.repeats,
    isFirstTry: showing.firstTryAt === undefined,
    failures: showing.failures,
  };
  // An edit can be repeated without harm, so nobody has to look for it.
  const firstTryAt = action === 'edit' ? undefined : (showing.firstTryAt ?? now);
  const claimed: Showing = { ...showing, claim: { by, until: now + leaseMs }, firstTryAt };
  return { next: withShowing(state, incident, claimed), sending };
}

export type Verdict = 'recorded' | 'duplicate' | 'stale';

/**
 * Books the outcome. `retryInMs` is when to try again if it failed.
 *
 *   recorded    the books are right
 *   duplicate   the message was posted although another one is the incident's root: remove it
 *   stale       the incident, or the claim, is gone and nothing had to be booked
 */
export function settleDelivery(
  state: AlertState | undefined,
  sending: Sending,
  delivery: Delivery,
  { now, retryInMs }: { readonly now: Millis; readonly retryInMs: Millis },
): { readonly next: AlertState | undefined; readonly verdict: Verdict } {
  const incident = state?.incident;
  if (state === undefined || incident?.id !== sending.notification.incident) return { next: state, verdict: 'stale' };
  const { showing } = incident;
  if (isThere(delivery) && sending.notification.action === 'post') {
    const { root } = showing;
    if (root !== undefined && root.ts !== delivery.ref.ts) return { next: state, verdict: 'duplicate' };
    // Even without its claim: a message that is there is better known than posted again.
    return {
      next: withShowing(state, told(incident, now), posted(showing, sending, delivery, now)),
      verdict: 'recorded',
    };
  }
  if (showing.claim?.by !== sending.by) return { next: state, verdict: 'stale' };
  switch (delivery.outcome) {
    case 'delivered':
    case 'found': {
      if (sending.notification.action === 'edit') {
        return { next: withShowing(state, incident, edited(showing, sending, now)), verdict: 'recorded' };
      }
      const repeated = Math.max(sending.repeats, showing.repeated);
      return { next: withShowing(state, told(incident, now), { ...released(showing), repeated }), verdict: 'recorded' };
    }
    case 'gone':
      // Whoever removed the message does not want it back; nothing more is told of this incident.
      return {
        next: withShowing(state, incident, { ...released(showing), shown: showing.rev, repeated: showing.repeats }),
        verdict: 'recorded',
      };
    case 'unknown':
      return { next: withShowing(state, incident, failed(showing, now + retryInMs)), verdict: 'recorded' };
    case 'not-delivered': {
      const tried = failed(showing, now + retryInMs);
      const firstTryAt = sending.isFirstTry ? undefined : tried.firstTryAt;
      return { next: withShowing(state, incident, { ...tried, firstTryAt }), verdict: 'recorded' };
    }
    default:
      return delivery satisfies never;
  }
}

function isThere(delivery: Delivery): delivery is Delivery & { readonly ref: MessageRef } {
  return delivery.outcome === 'delivered' || delivery.outcome === 'found';
}

function posted(
  showing: Showing,
  sending: Sending,
  delivery: Delivery & { readonly ref: MessageRef },
  now: Millis,
): Showing {
  const root = { ...showing, root: delivery.ref };
  // Nobody knows what a found message tells, so an edit has to follow at once.
  if (delivery.outcome === 'found') return { ...released(root), shown: 0, shownPhase: undefined };
  return edited(root, sending, now);
}

function edited(showing: Showing, sending: Sending, now: Millis): Showing {
  return { ...released(showing), shown: sending.rev, shownAt: now, shownPhase: sending.notification.state };
}

function failed(showing: Showing, notBefore: Millis): Showing {
  return { ...showing, claim: undefined, failures: showing.failures + 1, notBefore };
}

function released(showing: Showing): Showing {
  return { ...showing, claim: undefined, firstTryAt: undefined, failures: 0, notBefore: 0 };
}

// The repeat interval runs from what people saw, not from what we decided.
function told(incident: Incident, now: Millis): Incident {
  return { ...incident, toldAt: Math.max(incident.toldAt ?? now, now) };
}

function withShowing(state: AlertState, incident: Incident, showing: Showing): AlertState {
  return scheduled({ ...state, incident: { ...incident, showing } });
}
