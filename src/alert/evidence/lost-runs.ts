/** Evidence about attempts that died with their process, by pool. */
import type { Hostname, Millis } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { loadFields, type SavedFields, saveFields } from '../../runtime/saved-fields.ts';
import { namesMax, type Subject, type Tally } from '../signal.ts';
import type { ObservedFailure } from './observation.ts';
import { bucketMs, Window } from './sliding-window.ts';
import { poolOf } from './worker-pool.ts';

const poolsMax = 5_000;
/** Lost attempts of a pool whose tasks and hosts are kept. */
const keptMax = 50;
/** Ways to die that are counted apart. The others are counted together. */
const kindsMax = 12;
/** Counts by bucket and kind, for half an hour with several kinds in each bucket. */
const talliesMax = 400;
/** Pool of the attempts whose worker is unknown. */
const unknownPool = 'unknown';
const exceptionsMax = 5;

export class LostEvidence {
  readonly pool: string;
  readonly window = new Window(30 * 60_000);
  readonly firstAt: Millis;
  lastAt: Millis;
  /** Count since the start of this process. */
  total = 0;
  /** Failures that no signal and no suppression has reported yet. */
  unreported = 0;
  /** `total` by the way in which the processes died. */
  readonly parts: Record<string, number> = {};
  /** The same by bucket of the window, the newest last. */
  readonly tallies: { readonly bucket: number; readonly kind: string; count: number }[] = [];
  /** The newest last. */
  readonly lost: { readonly failure: ObservedFailure; readonly at: Millis }[] = [];

  constructor(pool: string, at: Millis) {
    this.pool = pool;
    this.firstAt = at;
    this.lastAt = at;
  }

  add(failure: ObservedFailure, at: Millis): void {
    this.window.add(at);
    this.lastAt = Math.max(this.lastAt, at);
    this.total += 1;
    this.unreported += 1;
    this.#tally(this.#kindOf(failure), Math.floor(at / bucketMs));
    this.lost.push({ failure, at });
    if (this.lost.length > keptMax) this.lost.shift();
  }

  /** `parts` before the bucket of `from`. */
  partsBefore(from: Millis): Tally {
    const parts = { ...this.parts };
    for (const { bucket, kind, count } of this.tallies)
      if (bucket >= Math.floor(from / bucketMs)) parts[kind] = (parts[kind] ?? 0) - count;
    return parts;
  }

  #tally(kind: string, bucket: number): void {
    this.parts[kind] = (this.parts[kind] ?? 0) + 1;
    const known = this.tallies.findLast((one) => one.bucket === bucket && one.kind === kind);
    if (known !== undefined) known.count += 1;
    else this.tallies.push({ bucket, kind, count: 1 });
    if (this.tallies.length > talliesMax) this.tallies.shift();
  }

  #kindOf({ death }: ObservedFailure): string {
    const kind = death ?? 'worker gone';
    return kind in this.parts || Object.keys(this.parts).length < kindsMax ? kind : 'other';
  }

  recentTasks(now: Millis, withinMs: Millis): string[] {
    const tasks = this.lost.filter(({ at }) => now - at <= withinMs).flatMap(({ failure }) => failure.task ?? []);
    return [...new Set<string>(tasks)];
  }

  subject(now: Millis, withinMs: Millis): Subject {
    const last = this.lost.at(-1)?.failure;
    const recent = this.lost.filter(({ at }) => now - at <= withinMs).map(({ failure }) => failure);
    return {
      tasks: this.recentTasks(now, withinMs).slice(0, namesMax),
      exceptions: [...new Set(recent.flatMap(({ exception }) => exception ?? 'WorkerLostError'))].slice(
        0,
        exceptionsMax,
      ),
      hosts: [...new Set(recent.flatMap(({ host }): Hostname[] => (host === undefined ? [] : [host])))].slice(
        0,
        namesMax,
      ),
      pools: [this.pool],
      queues: [...new Set(recent.flatMap(({ queue }) => queue ?? []))].slice(0, namesMax),
      title: last?.title ?? redactedText`attempts died with their worker`,
      fingerprint: last?.fingerprint,
      class: last?.class ?? 'resource',
      cause: last?.cause ?? 'worker-lost',
      example: last === undefined ? undefined : { taskId: last.taskId, traceId: last.traceId },
    };
  }
}

export class Lost {
  readonly #pools = new BoundedMap<string, LostEvidence>({ itemsMax: poolsMax });

  add(failure: ObservedFailure, at: Millis): void {
    const pool = failure.host === undefined ? unknownPool : poolOf(failure.host).pool;
    this.#pools.getOrAdd(pool, () => new LostEvidence(pool, at)).add(failure, at);
  }

  get(pool: string): LostEvidence | undefined {
    return this.#pools.get(pool);
  }

  all(): Iterable<LostEvidence> {
    return this.#pools.values();
  }
  /** For `load`. */
  *save(since: Millis): Iterable<SavedFields> {
    for (const pool of this.#pools.values()) if (pool.lastAt >= since) yield saveFields(pool);
  }

  load(saved: SavedFields): void {
    const { pool, firstAt } = saved as unknown as LostEvidence;
    this.#pools.set(pool, loadFields(new LostEvidence(pool, firstAt), saved));
  }
}
