/** Receipts: the revision of an incident or bulletin that each receiver has, as far as the book knows. Pure. */

/**
 * All receivers. The name is the label of its metrics and log lines, and part of the key of its ledgers. `page` only shows
 * messages on the status page and in replays, where no other receiver for people is configured.
 */
const receiverNames = ['slack', 'webhook', 'page'] as const;
export type ReceiverName = (typeof receiverNames)[number];

/** A receiver's own reference to what it delivered, e.g. channel and timestamp of a Slack message. Opaque to all others. */
export type DeliveryRef = string;

export interface Receipt {
  /** The latest delivered revision. */
  readonly rev: number;
  /** undefined: nothing was delivered. */
  readonly ref: DeliveryRef | undefined;
}

export type Receipts = { readonly [Name in ReceiverName]?: Receipt };

/** A completed delivery, for the book. */
export interface Delivered extends Receipt {
  readonly receiver: ReceiverName;
  /** The id of an incident or a bulletin. */
  readonly id: string;
}

/** An incident or a bulletin. */
export interface Receivable {
  readonly rev: number;
  readonly receipts: Receipts;
}

export function receiptOf({ receipts }: Pick<Receivable, 'receipts'>, receiver: ReceiverName): Receipt {
  return receipts[receiver] ?? nothingDelivered;
}

const nothingDelivered: Receipt = { rev: 0, ref: undefined };

/** The same object if the receipts contain it already. Revisions only rise; a reference replaces the earlier one. */
export function withReceipt<Kind extends Receivable>(item: Kind, { receiver, rev, ref }: Delivered): Kind {
  const known = receiptOf(item, receiver);
  if (known.rev >= rev && (ref === undefined || ref === known.ref)) return item;
  const receipt: Receipt = { rev: Math.max(known.rev, rev), ref: ref ?? known.ref };
  return { ...item, receipts: { ...item.receipts, [receiver]: receipt } };
}

/** True if a receiver has a message of it, which people can have read. */
export function isAnnounced({ receipts }: Pick<Receivable, 'receipts'>): boolean {
  return Object.values(receipts).some(({ ref }) => ref !== undefined);
}

/** Receipts of two books of one namespace: the greater revision; of two references the first book's. */
export function mergeReceipts(first: Receipts, second: Receipts, revMax: number): Receipts {
  const merged: { [Name in ReceiverName]?: Receipt } = {};
  for (const name of receiverNames) {
    const [one, two] = [first[name], second[name]];
    if (one === undefined && two === undefined) continue;
    const rev = Math.min(revMax, Math.max(one?.rev ?? 0, two?.rev ?? 0));
    merged[name] = { rev, ref: one?.ref ?? two?.ref };
  }
  return merged;
}
