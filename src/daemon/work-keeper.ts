/**
 * Keeps the open work of the leading standalone instance in the store, with the time until which it received events. The next
 * leader continues with both, and records the interval in which no instance received events.
 */
import type { Millis } from '../event/ids.ts';
import { errorName, type Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Service } from '../runtime/service.ts';
import type { Gap } from '../source/source.ts';
import type { FleetStore } from '../store/fleet.ts';

export interface WorkKeeperOptions {
  readonly store: Pick<FleetStore, 'save' | 'load'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly report: Report;
  /** Unique among all instances and their restarts. */
  readonly instance: string;
  /** True while this instance may write. */
  readonly isLeading: () => boolean;
  readonly handover: { snapshot(): string; restore(open: string): void };
  readonly sources: readonly ListeningSource[];
}

/** A source of events, and the pipeline of its broker. */
export interface ListeningSource {
  readonly name: string;
  /** Time before the first connection whose events the broker kept for this process. */
  readonly keptMs?: () => Millis;
  readonly pipeline: { gap(gap: Gap): void; listening(isListening: boolean): void };
}

export interface WorkKeeper extends Service {
  /** This instance leads from now on. Never rejects. */
  lead(): Promise<void>;
  connected(source: string, isConnected: boolean, at: Millis): void;
  /**
   * Runs a tick of the alerts, and saves the work as it was before it. So saved work is never newer than the saved evidence:
   * a failure that is missing in both would be lost, and one that is in both counts once.
   */
  saveAround(tick: () => Promise<void>): Promise<void>;
}

const saveMs = 2_000;
/** A text of 400 kB is written every four seconds. */
const charsPerMs = 100;

export function createWorkKeeper(options: WorkKeeperOptions): WorkKeeper {
  return new StandaloneWork(options);
}

/** Until when an instance received events, by source. */
interface Listening {
  readonly instance: string;
  readonly until: Readonly<Record<string, Millis>>;
}

class StandaloneWork implements WorkKeeper {
  readonly name = 'open-work';
  readonly #options: WorkKeeperOptions;
  /** Events were received until this time, as far as the predecessor saved it. Removed when the gap is recorded. */
  readonly #receivedUntil = new Map<string, Millis>();
  readonly #firstConnectedAt = new Map<string, Millis>();
  readonly #disconnectedAt = new Map<string, Millis>();
  #isLeader = false;
  #work = '';
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor(options: WorkKeeperOptions) {
    this.#options = options;
  }

  /** Before the first event. While another instance leads, its work is not complete here until this instance leads. */
  async start(): Promise<void> {
    await this.#attempt(() => this.#load());
  }

  async lead(): Promise<void> {
    await this.#attempt(() => this.#load());
    this.#isLeader = true;
    for (const { name } of this.#options.sources) this.#recordGap(name);
  }

  connected(source: string, isConnected: boolean, at: Millis): void {
    if (!isConnected) {
      this.#disconnectedAt.set(source, at);
      return;
    }
    this.#disconnectedAt.delete(source);
    if (this.#firstConnectedAt.has(source)) return;
    this.#firstConnectedAt.set(source, at);
    this.#recordGap(source);
  }

  async saveAround(tick: () => Promise<void>): Promise<void> {
    const now = this.#options.clock.now();
    const isDue = now - this.#savedAt >= Math.max(saveMs, this.#work.length / charsPerMs);
    const save = isDue && this.#isWriting() ? this.#prepare(now) : undefined;
    await tick();
    if (save !== undefined) await this.#attempt(save);
  }

  async stop(): Promise<void> {
    if (this.#isWriting()) await this.#attempt(this.#prepare(this.#options.clock.now()));
  }

  #isWriting(): boolean {
    return this.#isLeader && this.#options.isLeading();
  }

  /** Takes the state now, and returns the function that writes it. */
  #prepare(now: Millis): () => Promise<void> {
    const { store, handover, instance, sources } = this.#options;
    const work = handover.snapshot();
    const connected = sources.filter(({ name }) => this.#firstConnectedAt.has(name));
    const until = Object.fromEntries(connected.map(({ name }) => [name, this.#disconnectedAt.get(name) ?? now]));
    this.#savedAt = now;
    return async () => {
      if (work !== this.#work) await store.save('work', work);
      this.#work = work;
      await store.save('listening', JSON.stringify({ instance, until } satisfies Listening));
    };
  }

  /** Continues with the work of another instance. */
  async #load(): Promise<void> {
    const { store, handover, instance, sources, report } = this.#options;
    const [work, listening] = [await store.load('work'), listeningOf(await store.load('listening'))];
    if (listening === undefined || listening.instance === instance) return;
    for (const [source, until] of Object.entries(listening.until)) this.#receivedUntil.set(source, until);
    if (work === undefined || work === '' || work === this.#work) return;
    // Silence before the first connection proves nothing.
    for (const { name, pipeline } of sources) if (!this.#firstConnectedAt.has(name)) pipeline.listening(false);
    this.#work = work;
    try {
      handover.restore(work);
    } catch {
      report({ kind: 'items-dropped', queue: 'saved-tasks', reason: 'unreadable-record', count: 1 });
    }
  }

  /** A standby that received events before the leader's end has no gap. */
  #recordGap(name: string): void {
    const source = this.#options.sources.find((one) => one.name === name);
    const [from, connectedAt] = [this.#receivedUntil.get(name), this.#firstConnectedAt.get(name)];
    if (!this.#isLeader || source === undefined || from === undefined || connectedAt === undefined) return;
    this.#receivedUntil.delete(name);
    const to = connectedAt - (source.keptMs?.() ?? 0);
    if (from < to) source.pipeline.gap({ source: name, from, to, cause: 'restart' });
  }

  async #attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const reason = errorName(error);
      this.#options.report({ kind: 'delivery-failed', sink: 'store', reason, count: 0, willRetry: true });
    }
  }
}

/** undefined for a damaged record or one of another release. */
function listeningOf(text: string | undefined): Listening | undefined {
  try {
    const { instance, until } = JSON.parse(text ?? '') as Partial<Record<keyof Listening, unknown>>;
    if (typeof instance !== 'string' || typeof until !== 'object' || until === null) return undefined;
    return { instance, until: until as Listening['until'] };
  } catch {
    return undefined;
  }
}
