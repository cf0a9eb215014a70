/** Runs that died with their process, by pool. */
import type { Hostname, Millis } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import type { Subject } from '../signal.ts';
import { forgetFirst } from './causes.ts';
import type { ObservedFailure } from './observation.ts';
import { Window } from './sliding-window.ts';
import { poolOf } from './worker-pool.ts';

const poolsMax = 5_000;
const remembered = 50;

export class LostEvidence {
  readonly pool: string;
  readonly window = new Window(30 * 60_000);
  readonly firstAt: Millis;
  lastAt: Millis;
  total = 0;
  unreported = 0;
  /** The latest last. */
  readonly #lost: { readonly failure: ObservedFailure; readonly at: Millis }[] = [];

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
    this.#lost.push({ failure, at });
    if (this.#lost.length > remembered) this.#lost.shift();
  }

  recentTasks(now: Millis, withinMs: Millis): string[] {
    const tasks = this.#lost.filter(({ at }) => now - at <= withinMs).flatMap(({ failure }) => failure.task ?? []);
    return [...new Set<string>(tasks)];
  }

  subject(now: Millis, withinMs: Millis): Subject {
    const last = this.#lost.at(-1)?.failure;
    const recent = this.#lost.filter(({ at }) => now - at <= withinMs).map(({ failure }) => failure);
    return {
      tasks: this.recentTasks(now, withinMs).slice(0, 20),
      exceptions: [...new Set(recent.flatMap(({ exception }) => exception ?? 'WorkerLostError'))].slice(0, 5),
      hosts: [...new Set(recent.flatMap(({ host }): Hostname[] => (host === undefined ? [] : [host])))].slice(0, 20),
      pools: [this.pool],
      queues: [...new Set(recent.flatMap(({ queue }) => queue ?? []))].slice(0, 20),
      title: last?.title ?? redactedText`runs died with their worker`,
      fingerprint: last?.fingerprint,
      class: 'resource',
      cause: last?.cause ?? 'worker-lost',
      example: last === undefined ? undefined : { taskId: last.taskId, traceId: last.traceId },
    };
  }
}

export class Lost {
  readonly #pools = new Map<string, LostEvidence>();

  add(failure: ObservedFailure, at: Millis): void {
    if (failure.host === undefined) return;
    const { pool } = poolOf(failure.host);
    const evidence = this.#pools.get(pool) ?? new LostEvidence(pool, at);
    this.#pools.set(pool, evidence);
    if (this.#pools.size > poolsMax) forgetFirst(this.#pools);
    evidence.add(failure, at);
  }

  all(): Iterable<LostEvidence> {
    return this.#pools.values();
  }
}
