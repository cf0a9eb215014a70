/**
 * The record of deliveries of one incident or bulletin to one receiver, and the next action. Each ledger is a record of its own,
 * changed by one instance at a time. The book of incidents contains the state that should be delivered.
 */
import type { Millis } from '../../event/ids.ts';
import type { Bulletin, Incident } from '../incident.ts';
import { gravityOf } from '../incidents/heading.ts';
import type { DeliveryRef, ReceiverName } from '../receipts.ts';

/** The key contains the receiver, so that an outage of one receiver does not delay another. */
export interface LedgerKey {
  readonly id: string;
  readonly receiver: ReceiverName;
}

export interface Ledger {
  /** The root message; undefined: nothing was delivered. */
  readonly ref: DeliveryRef | undefined;
  /** The revision that the root message shows, when it was delivered, and the incident's meaning in it (`meaningOf`). */
  readonly rev: number;
  readonly deliveredAt: Millis;
  readonly phase: string;
  /** Numbers of delivered thread lines, reminders and links. */
  readonly lines: number;
  readonly reminders: number;
  readonly links: number;
  readonly claim: Claim | undefined;
  /** Start of the first attempt with an unknown outcome. The message may have been delivered since then. */
  readonly firstTryAt: Millis | undefined;
  /** Failed deliveries since the last successful one. */
  readonly failures: number;
  readonly notBefore: Millis;
}

/** An instance is delivering. After `until` (the store's clock) the claim is void, and its outcome unknown. */
export interface Claim {
  readonly by: string;
  readonly until: Millis;
}

export const emptyLedger: Ledger = {
  ref: undefined,
  rev: 0,
  deliveredAt: 0,
  phase: '',
  lines: 0,
  reminders: 0,
  links: 0,
  claim: undefined,
  firstTryAt: undefined,
  failures: 0,
  notBefore: 0,
};

/** The subject of a message. */
export type Postable =
  | { readonly kind: 'incident'; readonly incident: Incident }
  | { readonly kind: 'bulletin'; readonly bulletin: Bulletin };

/**
 * `post` makes the root message and `edit` rewrites it. `line` adds to its thread; `reminder` adds to its thread and shows in
 * the channel as well. `link` posts a link to it in another channel.
 */
export type NextAction = 'post' | 'edit' | 'line' | 'reminder' | 'link';

/** The actions that a receiver supports. All support `post` and `edit`. */
export type SupportedActions = ReadonlySet<NextAction>;

/** A growing count is not edited every second: 40 incidents at once stay within Slack's 50 edits a minute. */
const editEveryMinMs = 30_000;
const editEveryMaxMs = 10 * 60_000;

export function idOf(about: Postable): string {
  return about.kind === 'incident' ? about.incident.id : about.bulletin.id;
}

export function revOf(about: Postable): number {
  return about.kind === 'incident' ? about.incident.rev : about.bulletin.rev;
}

/** Phase and meaning of an incident: a message that shows another one is edited without delay. */
export function meaningOf(about: Postable): string {
  if (about.kind === 'bulletin') return 'bulletin';
  const { phase, keys } = about.incident;
  const firing = keys.filter(({ total, state }) => total === undefined && state === 'holds').length;
  const gravity = gravityOf(about.incident);
  return firing === 0 && gravity === 0 ? phase.name : `${phase.name} ${gravity} ${firing}`;
}

/**
 * The one action to take next; undefined: none. The root message comes first, then lines and reminders, then links, then edits,
 * so that news is delivered before changed figures. An incident with `rev` 0, or still pending, has nothing to deliver.
 */
export function nextActionOf(about: Postable, ledger: Ledger, supported: SupportedActions): NextAction | undefined {
  const isPending = about.kind === 'incident' && about.incident.phase.name === 'pending';
  if (revOf(about) === 0 || isPending) return undefined;
  const isHidden = about.kind === 'incident' && about.incident.hidden !== undefined;
  if (ledger.ref === undefined) return isHidden ? undefined : 'post';
  const added = about.kind === 'incident' ? nextAdditionOf(about.incident, ledger, supported) : undefined;
  return added ?? (ledger.rev < revOf(about) ? 'edit' : undefined);
}

function nextAdditionOf(incident: Incident, ledger: Ledger, supported: SupportedActions): NextAction | undefined {
  const { lines, reminders, also, phase } = incident;
  if (supported.has('line') && lines.length > ledger.lines) return 'line';
  if (supported.has('reminder') && reminders > ledger.reminders && phase.name === 'open') return 'reminder';
  if (supported.has('link') && also.length > ledger.links) return 'link';
  return undefined;
}

/** When the next delivery may be claimed; infinite if there is none. */
export function dueAt(about: Postable, ledger: Ledger, supported: SupportedActions): Millis {
  const action = nextActionOf(about, ledger, supported);
  if (action === undefined) return Number.POSITIVE_INFINITY;
  const freeAt = Math.max(ledger.notBefore, ledger.claim?.until ?? 0);
  if (action !== 'edit' || ledger.phase !== meaningOf(about)) return freeAt;
  return Math.max(freeAt, ledger.deliveredAt + editEveryMs(about));
}

// The longer an incident lasts, the less one more failure is news.
function editEveryMs(about: Postable): Millis {
  if (about.kind === 'bulletin') return editEveryMinMs;
  const { firstAt, lastAt } = about.incident;
  return Math.min(editEveryMaxMs, Math.max(editEveryMinMs, (lastAt - firstAt) / 20));
}
