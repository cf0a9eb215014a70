/**
 * The events of a task of which nothing is expected soon, as one short text: that is a third of the memory that the objects
 * take, and one thing in place of a dozen for the garbage collector to look at. Pure.
 */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { Said } from './lives.ts';

type Head = [hostname: Hostname, pid: number | null, at: Millis, receivedAt: Millis];
/** By the number in front; texts of an end (result, exception) are held as they are, so their events are not packed. */
type Row =
  | [0, ...Head, retries: number, eta: Millis | null, ...where: (string | null)[]]
  | [1, ...Head, retries: number, eta: Millis | null]
  | [2, ...Head]
  | [3, ...Head, runtimeMs: number | null];

/** undefined when there is an event among them that carries a text. */
export function pack(events: readonly Said[]): string | undefined {
  const rows: Row[] = [];
  for (const event of events) {
    const head: Head = [event.hostname, event.pid ?? null, event.at, event.receivedAt];
    switch (event.type) {
      case 'task-sent': {
        const { retries, eta = null, queue = null, exchange = null, routingKey = null } = event;
        rows.push([0, ...head, retries, eta, queue, exchange, routingKey]);
        break;
      }
      case 'task-received':
        rows.push([1, ...head, event.retries, event.eta ?? null]);
        break;
      case 'task-started':
        rows.push([2, ...head]);
        break;
      case 'task-succeeded':
        if (event.result !== undefined) return undefined;
        rows.push([3, ...head, event.runtimeMs ?? null]);
        break;
      default:
        return undefined;
    }
  }
  return JSON.stringify(rows);
}

export function unpack(packed: string, id: TaskId): readonly Said[] {
  return (JSON.parse(packed) as Row[]).map((row) => {
    const [, hostname, pid, at, receivedAt] = row;
    const about = { id, hostname, pid: pid ?? undefined, at, receivedAt };
    switch (row[0]) {
      case 0: {
        const [, , , , , retries, eta, queue, exchange, routingKey] = row;
        const where = {
          queue: queue ?? undefined,
          exchange: exchange ?? undefined,
          routingKey: routingKey ?? undefined,
        };
        return { type: 'task-sent', ...about, retries, eta: eta ?? undefined, ...where };
      }
      case 1:
        return { type: 'task-received', ...about, retries: row[5], eta: row[6] ?? undefined };
      case 2:
        return { type: 'task-started', ...about };
      default:
        return { type: 'task-succeeded', ...about, result: undefined, runtimeMs: row[5] ?? undefined };
    }
  });
}
