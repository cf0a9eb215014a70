/** Restarts and losses of each worker, for `taskvigil why`. */
import type { Hostname, Millis } from '../../event/ids.ts';
import type { WorkerTransition } from '../../lifecycle/tables/worker-transition.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

export interface WorkerFacts {
  readonly hostname: Hostname;
  readonly restarts: number;
  readonly losses: number;
  readonly last: WorkerTransition['kind'];
  readonly lastAt: Millis;
}

const workersMax = 5_000;

export class WorkerHistory {
  readonly #workers = new BoundedMap<Hostname, WorkerFacts>({ itemsMax: workersMax });

  recordWorker({ kind, hostname, at }: WorkerTransition): void {
    const before = this.#workers.touch(hostname);
    this.#workers.set(hostname, {
      hostname,
      restarts: (before?.restarts ?? 0) + (kind === 'worker-restarted' ? 1 : 0),
      losses: (before?.losses ?? 0) + (kind === 'worker-lost' ? 1 : 0),
      last: kind,
      lastAt: at,
    });
  }

  all(): Iterable<WorkerFacts> {
    return this.#workers.values();
  }
}
