/** The heartbeat interval of each worker that is online. */
import type { Hostname, Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';

const workersMax = 10_000;

export class Heartbeats {
  readonly #intervals = new Map<Hostname, Millis>();

  note(event: Event<Redacted>): void {
    if (event.type === 'worker-offline') this.#intervals.delete(event.hostname);
    else if ('heartbeatMs' in event) this.#intervals.set(event.hostname, event.heartbeatMs);
    if (this.#intervals.size > workersMax) this.#intervals.clear();
  }

  /** Number of workers that are online and send heartbeats. */
  get count(): number {
    return this.#intervals.size;
  }

  /** The interval of the slowest worker; undefined without a worker. */
  slowestMs(): Millis | undefined {
    return this.#intervals.size === 0 ? undefined : Math.max(...this.#intervals.values());
  }
}
