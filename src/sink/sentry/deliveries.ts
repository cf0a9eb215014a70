/**
 * The events that wait for Sentry: several are sent at once, failed ones are retried with back-off, and rate limits pause all
 * of them. An occurrence that is given up goes back to the group budget, so that a later event of its group accounts for it.
 */
import type { Millis } from '../../event/ids.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Report } from '../../report.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { SentryClient, SentryResponse } from './client.ts';
import type { SentryEvent } from './event.ts';
import type { Occurrence } from './group-budget.ts';

export interface SentryDeliveriesOptions {
  readonly client: Promise<SentryClient>;
  /** Requests at the same time. */
  readonly lanes: number;
  /** Occurrences waiting or being sent; further ones are dropped and counted. */
  readonly itemsMax: number;
  readonly eventOf: (occurrence: Occurrence) => SentryEvent;
  /** True if other replicas have used up the budget of the group. Asked just before the first attempt. */
  readonly isSpent: (occurrence: Occurrence) => Promise<boolean>;
  /** Receives each occurrence that was not delivered and may be counted by a later event. */
  readonly onUndelivered: (occurrence: Occurrence) => void;
  /** Called for an event of a spent group. */
  readonly onSpent: () => void;
  readonly report: Report;
  readonly clock: Clock;
  /** 0 .. 1, for the jitter of the back-off. */
  readonly random: () => number;
}

/** With the waits between them about a minute, the length of an outage that a deploy of Sentry causes. */
const attemptsMax = 6;
const firstWaitMs = 2_000;
const waitMsMax = 60_000;
/** An event delayed longer than this by rate limits is dropped, so that a newer event of its group finds room. */
const holdMsMax = 60 * 60_000;

interface Item {
  readonly occurrence: Occurrence;
  readonly since: Millis;
}

export class SentryDeliveries {
  readonly #options: SentryDeliveriesOptions;
  readonly #waiting: Item[] = [];
  /** Failures waiting or being sent. A failure that is reported twice is sent once. */
  readonly #failures = new Set<Failure['id']>();
  readonly #sleeping = new AbortController();
  #sendingCount = 0;
  /** Sentry asked for no requests before this time. */
  #restUntil: Millis = 0;
  #state: 'running' | 'draining' | 'stopped' = 'running';
  #onIdle: (() => void) | undefined;

  constructor(options: SentryDeliveriesOptions) {
    this.#options = options;
  }

  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  has(failure: Failure): boolean {
    return this.#failures.has(failure.id);
  }

  enqueue(occurrence: Occurrence): void {
    const now = this.#options.clock.now();
    if (this.#failures.size >= this.#options.itemsMax) {
      this.#drop(occurrence, now < this.#restUntil ? 'rate-limited' : 'full');
      return;
    }
    this.#failures.add(occurrence.failure.id);
    this.#waiting.push({ occurrence, since: now });
    this.#sendNext();
  }

  /** Sends what waits, for at most `withinMs`. The remaining occurrences and `rest()` are dropped and counted. */
  async stop(withinMs: Millis, rest: () => readonly Occurrence[]): Promise<void> {
    const { client, clock } = this.#options;
    this.#state = 'draining';
    for (const occurrence of rest()) this.enqueue(occurrence);
    if (this.#sendingCount > 0 && withinMs > 0)
      await Promise.race([this.#idle(), clock.sleep(withinMs, this.#sleeping.signal)]);
    this.#state = 'stopped';
    const left = [...this.#waiting.splice(0).map(({ occurrence }) => occurrence), ...rest()];
    for (const occurrence of left) this.#drop(occurrence, 'stopping');
    this.#sleeping.abort();
    const loaded = await client;
    loaded.abort();
    if (this.#sendingCount > 0) await this.#idle();
    await loaded.close();
  }

  #sendNext(): void {
    const { lanes, report } = this.#options;
    while (this.#sendingCount < lanes) {
      const item = this.#waiting.shift();
      if (item === undefined) break;
      this.#sendingCount += 1;
      this.#deliver(item)
        .catch((error: unknown) => report({ kind: 'bug', where: 'sentry sink', error }))
        .finally(() => {
          this.#sendingCount -= 1;
          this.#failures.delete(item.occurrence.failure.id);
          this.#sendNext();
        });
    }
    if (this.#sendingCount === 0) this.#onIdle?.();
  }

  async #deliver({ occurrence, since }: Item): Promise<void> {
    const { clock, report, eventOf, isSpent, onSpent, random } = this.#options;
    const client = await this.#options.client;
    // During the stop there is no later event that could account for this one, so the shared budget is not asked.
    if (this.#state === 'running' && (await isSpent(occurrence))) return onSpent();
    const event = eventOf(occurrence);
    for (let failures = 0; ; ) {
      while (clock.now() < this.#restUntil && !this.isStopped) await this.#sleep(this.#restUntil - clock.now());
      if (this.isStopped) return this.#drop(occurrence, 'stopping');
      if (clock.now() - since > holdMsMax) return this.#drop(occurrence, 'rate-limited');
      const response = await client.send(event);
      this.#restUntil = Math.max(this.#restUntil, clock.now() + response.restMs);
      if (response.outcome === 'delivered') return report({ kind: 'delivered', sink: 'sentry', count: 1 });
      // A rate limit is not a failed attempt.
      if (response.outcome === 'failed') failures += 1;
      const willRetry = response.outcome !== 'refused' && failures < attemptsMax && !this.isStopped;
      report({ kind: 'delivery-failed', sink: 'sentry', reason: response.reason, count: 1, willRetry });
      if (!willRetry) return this.#giveUp(occurrence, response);
      if (response.outcome === 'failed')
        await this.#sleep(backoffMs(failures, { firstMs: firstWaitMs, mostMs: waitMsMax, random }));
    }
  }

  #drop(occurrence: Occurrence, reason: string): void {
    this.#options.report({ kind: 'items-dropped', queue: 'sentry', reason, count: 1 });
    if (!this.isStopped) this.#options.onUndelivered(occurrence);
  }

  /** Sentry would refuse a refused event again, so a later event does not account for it. */
  #giveUp(occurrence: Occurrence, { outcome }: SentryResponse): void {
    if (outcome !== 'refused' && !this.isStopped) this.#options.onUndelivered(occurrence);
  }

  #sleep(ms: Millis): Promise<void> {
    return this.#options.clock.sleep(ms, this.#sleeping.signal);
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }
}
