/** Messages that were delivered several times: poison loops, and tasks that were executed twice. */
import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { namesMax } from '../signal.ts';
import type { Observation } from './observation.ts';

type Noted = Extract<Observation, { kind: 'noted' }>;

export interface RepeatedDelivery {
  readonly what: 'poison-loop' | 'run-twice';
  readonly taskId: TaskId;
  readonly traceId: string;
  readonly task: Redacted | undefined;
  readonly queue: string | undefined;
  readonly hosts: readonly Hostname[];
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  /** Starts of a poison loop, or executions. */
  readonly times: number;
}

const deliveriesMax = 500;

export class Redeliveries {
  readonly #byTask = new BoundedMap<TaskId, RepeatedDelivery>({ itemsMax: deliveriesMax });

  /** lifecycle/ found that a message was delivered again. */
  note({ what, taskId, traceId, task, queue, host, times, at }: Noted): void {
    const known = this.#byTask.get(taskId);
    const hosts = host === undefined ? [] : [host];
    this.#byTask.set(
      taskId,
      known === undefined
        ? { what, taskId, traceId, task, queue, hosts, firstAt: at, lastAt: at, times }
        : { ...known, lastAt: at, times: Math.max(known.times, times) },
    );
  }

  /** A further start of a message in a poison loop; lifecycle/ reports the loop once. */
  noteStart(taskId: TaskId, at: Millis, host: Hostname): void {
    const known = this.#byTask.get(taskId);
    if (known === undefined || known.what !== 'poison-loop') return;
    const isNew = !known.hosts.includes(host) && known.hosts.length < namesMax;
    const hosts = isNew ? [...known.hosts, host] : known.hosts;
    this.#byTask.set(taskId, { ...known, hosts, lastAt: at, times: known.times + 1 });
  }

  /** Adds a value of `values` of another process. */
  load(delivery: RepeatedDelivery): void {
    const { traceId, task, queue } = delivery;
    this.#byTask.set(delivery.taskId, { ...delivery, traceId, task, queue });
  }

  values(): Iterable<RepeatedDelivery> {
    return this.#byTask.values();
  }
}
