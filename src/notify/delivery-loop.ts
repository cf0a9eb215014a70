/**
 * Delivers to one receiver what the book of incidents asks for: claims each message in the shared ledger, hands it to the
 * receiver, and collects what the book has to record.
 *
 *   book ─▶ pending messages ─▶ store.updateLedger(claim) ─▶ receiver ─▶ store.updateLedger(settle) ─▶ receipts for the book
 */
import type { Book } from '../alert/incident.ts';
import { type ClaimedDelivery, claimDelivery, leaseMs } from '../alert/outbox/claims.ts';
import { canDeliverDegraded } from '../alert/outbox/degraded-mode.ts';
import {
  dueAt,
  emptyLedger,
  idOf,
  type Ledger,
  type NextAction,
  nextActionOf,
  type Postable,
} from '../alert/outbox/ledger.ts';
import { doubtful, isDelivered, ledgerOf, postables, stateOf, undeliveredOf } from '../alert/outbox/pending.ts';
import { createRetryPriority } from '../alert/outbox/retry-priority.ts';
import type { Policy } from '../alert/policy.ts';
import type { Delivered } from '../alert/receipts.ts';
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import type { FallbackStore } from '../store/fallback-store.ts';
import type { Change } from '../store/store.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import type { Receiver } from './receiver.ts';

export interface DeliveryLoopOptions {
  readonly receiver: Receiver;
  readonly store: FallbackStore;
  readonly clock: { readonly now: () => Millis };
  readonly policy: () => Policy;
  readonly instance: string;
  /** 0 .. 1, for the jitter of the back-off. */
  readonly random: () => number;
  readonly report: Report;
}

/** When a message was last claimed or found complete, so that its ledger is not read again before something changes. */
interface Check {
  /** `stateOf` the message at that time. */
  readonly state: string;
  /** By the store's clock: the next time that a claim can succeed. */
  readonly dueAt: Millis;
  /** The root message could not be delivered so far. */
  readonly isFailing: boolean;
}

interface ClaimAnswer {
  readonly claimed: ClaimedDelivery | undefined;
  readonly dueAt: Millis;
  readonly ledger: Ledger;
}

const checksMax = 10_000;

export class DeliveryLoop {
  readonly #options: DeliveryLoopOptions;
  readonly #deliveries: Deliveries;
  readonly #checks = new BoundedMap<string, Check>({ itemsMax: checksMax });
  #unrecorded: Delivered[] = [];
  #claimsCount = 0;
  #isStopped = false;

  constructor(options: DeliveryLoopOptions) {
    this.#options = options;
    const { receiver, random, report } = options;
    this.#deliveries = createDeliveries({
      receiver,
      random,
      report,
      update: (id, change, onBug) => this.#updateLedger(id, change, onBug),
      onSettled: (id, ledger) => {
        if (ledger.ref !== undefined || ledger.rev > 0) this.#record(id, ledger);
        this.#checks.delete(id);
      },
    });
  }

  /** Starts all deliveries that are due and have room. `now` is the store's time. Rejects if the store fails. */
  async deliverDue(book: Book, now: () => Millis): Promise<void> {
    const { receiver } = this.#options;
    const priority = createRetryPriority();
    for (const about of postables(book, receiver.name)) {
      if (this.#isStopped || !this.#deliveries.hasRoom()) return;
      const check = this.#checks.get(idOf(about));
      if (check === undefined ? isDelivered(about, receiver.name, receiver.supports) : isEarly(about, check, now())) {
        if (check?.isFailing === true) priority.wait(about);
        continue;
      }
      if (check?.isFailing === true && priority.mustWait(about, now() - check.dueAt)) continue;
      if (this.#canDeliver(about, { book, action: undefined })) await this.#claim(about, book, now());
    }
  }

  /** Deliveries that the book does not record yet, the oldest first. */
  unrecorded(): readonly Delivered[] {
    return this.#unrecorded;
  }

  /** The first `count` of `unrecorded` are in the book now. */
  recorded(count: number): void {
    this.#unrecorded = this.#unrecorded.slice(count);
  }

  /** Number of incidents and bulletins with changes that the receiver does not have. */
  undeliveredCount(book: Book): number {
    const { name } = this.#options.receiver;
    const delivered = new Map(this.#unrecorded.map(({ id, rev }) => [id, rev]));
    return postables(book, name).filter((about) => undeliveredOf(about, name, delivered) > 0).length;
  }

  /** Resolves when no delivery is in progress. */
  idle(): Promise<void> {
    return this.#deliveries.idle();
  }

  /** Starts no further delivery, and resolves when those in progress have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.idle();
  }

  /** Asked again inside the claim, because the store may fail in between. */
  #canDeliver(
    about: Postable,
    { book, action }: { readonly book: Book; readonly action: NextAction | undefined },
  ): boolean {
    const { store, instance, policy, clock, receiver } = this.#options;
    const awaySince = store.awaySince();
    return canDeliverDegraded(about, {
      receiver: receiver.name,
      action,
      book,
      unrecordedCount: awaySince === undefined ? 0 : this.#unrecorded.length + this.#deliveries.count(),
      instance,
      policy: policy(),
      awaySince,
      now: clock.now(),
    });
  }

  async #claim(about: Postable, book: Book, now: Millis): Promise<void> {
    const { clock } = this.#options;
    const id = idOf(about);
    const state = stateOf(about);
    const startedAt = clock.now();
    const onBug: ClaimAnswer = { claimed: undefined, dueAt: now + leaseMs, ledger: emptyLedger };
    const { claimed, dueAt, ledger } = await this.#updateLedger(id, this.#claimChange(about, book), onBug);
    this.#checks.touch(id);
    this.#checks.set(id, { state, dueAt, isFailing: ledger.ref === undefined && ledger.failures > 0 });
    if (claimed !== undefined) this.#deliveries.begin(id, claimed, startedAt);
    else if (ledger.rev > 0) this.#record(id, ledger);
  }

  #claimChange(about: Postable, book: Book): Change<Ledger, ClaimAnswer> {
    const { store, instance, receiver } = this.#options;
    const supported = receiver.supports;
    this.#claimsCount += 1;
    const by = `${instance}/${this.#claimsCount}`;
    return (stored, now) => {
      const known = ledgerOf(about, stored, { book, receiver: receiver.name });
      if (!this.#canDeliver(about, { book, action: nextActionOf(about, known, supported) }))
        return { next: undefined, answer: { claimed: undefined, dueAt: now, ledger: known } };
      const isDegraded = store.awaySince() !== undefined;
      const claim = claimDelivery(about, isDegraded ? doubtful(known, about) : known, { by, now, supported });
      const nextDueAt = dueAt(about, claim?.next ?? known, supported);
      return { next: claim?.next, answer: { claimed: claim?.claimed, dueAt: nextDueAt, ledger: known } };
    };
  }

  /** An error in `change` costs only this message. It is reported as a bug, so that it does not look like a store outage. */
  async #updateLedger<Answer>(id: string, change: Change<Ledger, Answer>, onBug: Answer): Promise<Answer> {
    const { store, receiver, report } = this.#options;
    let bug: { readonly error: unknown } | undefined;
    const answer = await store.updateLedger({ id, receiver: receiver.name }, (ledger, now) => {
      try {
        return change(ledger, now);
      } catch (error) {
        bug = { error };
        return { next: undefined, answer: onBug };
      }
    });
    if (bug !== undefined) report({ kind: 'bug', where: 'alerts', error: bug.error });
    return answer;
  }

  #record(id: string, { rev, ref }: Ledger): void {
    this.#unrecorded.push({ receiver: this.#options.receiver.name, id, rev, ref });
  }
}

function isEarly(about: Postable, check: Check, now: Millis): boolean {
  return check.state === stateOf(about) && now < check.dueAt;
}
