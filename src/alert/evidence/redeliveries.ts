/**
 * Messages that were delivered several times, by task: poison loops, and messages that were executed twice. What one broken
 * task does to a hundred messages is one trouble.
 */
import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { loadFields, type SavedFields, saveFields } from '../../runtime/saved-fields.ts';
import { addName } from '../signal.ts';
import type { Observation } from './observation.ts';

type Noted = Extract<Observation, { kind: 'noted' }>;

interface RepeatedMessage {
  readonly taskId: TaskId;
  readonly traceId: string;
  /** Starts of a poison loop, or executions. */
  readonly times: number;
  readonly at: Millis;
  /** Time between two deliveries of a message that was executed twice at once. */
  readonly redeliveredAfterMs: Millis | undefined;
}

const tasksMax = 500;
/** Messages of one task that are kept one by one; all are counted. */
const messagesMax = 500;
/** Messages whose further starts count. */
const idsMax = 5_000;
/** Over when no message was delivered again for this long. */
export const quietMs = 15 * 60_000;

/** The repeated messages of one task, since the first after a quiet time. */
export class RepeatedDeliveries {
  readonly what: Noted['what'];
  readonly task: Redacted | undefined;
  readonly messages = new Map<TaskId, RepeatedMessage>();
  readonly hosts = new Set<Hostname>();
  readonly queues = new Set<string>();
  /** Messages before those of this group, and with them: counts since the start of this process. */
  readonly before: number;
  total: number;
  /** Starts or executions of the messages of this group. */
  times = 0;
  /** Failures that no signal and no suppression has reported yet: each poison message is one. */
  unreported: number;
  readonly firstAt: Millis;
  lastAt: Millis;

  constructor({ what, task, at }: Pick<Noted, 'what' | 'task' | 'at'>, previous: RepeatedDeliveries | undefined) {
    this.what = what;
    this.task = task;
    this.before = previous?.total ?? 0;
    this.total = this.before;
    this.unreported = previous?.unreported ?? 0;
    this.firstAt = at;
    this.lastAt = at;
  }

  note({ taskId, traceId, queue, host, times, at, redeliveredAfterMs }: Noted): void {
    const known = this.messages.get(taskId);
    if (known === undefined) {
      this.total += 1;
      if (this.what === 'poison-loop') this.unreported += 1;
    }
    const most = Math.max(known?.times ?? 0, times);
    this.times += most - (known?.times ?? 0);
    this.lastAt = at;
    this.messages.set(taskId, { taskId, traceId, times: most, at, redeliveredAfterMs });
    const [oldest] = this.messages.keys();
    if (this.messages.size > messagesMax && oldest !== undefined) this.messages.delete(oldest);
    addName(this.hosts, host);
    addName(this.queues, queue);
  }

  noteStart(taskId: TaskId, at: Millis, host: Hostname): void {
    const known = this.messages.get(taskId);
    if (known === undefined) return;
    this.messages.set(taskId, { ...known, at, times: known.times + 1 });
    this.times += 1;
    this.lastAt = at;
    addName(this.hosts, host);
  }
}

export class Redeliveries {
  readonly #groups = new BoundedMap<string, RepeatedDeliveries>({ itemsMax: tasksMax });
  readonly #loops = new BoundedMap<TaskId, RepeatedDeliveries>({ itemsMax: idsMax });

  /** lifecycle/ found that a message was delivered again. */
  note(noted: Noted): void {
    const { what, task, taskId, at } = noted;
    const known = this.of(what, task);
    const isOver = known !== undefined && at - known.lastAt >= quietMs;
    const group = known === undefined || isOver ? new RepeatedDeliveries(noted, known) : known;
    if (group !== known) this.#groups.set(groupOf(what, task), group);
    group.note(noted);
    if (what === 'poison-loop') this.#loops.set(taskId, group);
  }

  /** A further start of a message in a poison loop; lifecycle/ reports the loop once. */
  noteStart(taskId: TaskId, at: Millis, host: Hostname): void {
    this.#loops.get(taskId)?.noteStart(taskId, at, host);
  }

  /** For `load`. */
  *save(): Iterable<SavedFields> {
    for (const group of this.#groups.values()) yield saveFields(group);
  }

  load(saved: SavedFields): void {
    const { what, task, firstAt: at } = saved as unknown as RepeatedDeliveries;
    const group = loadFields(new RepeatedDeliveries({ what, task, at }, undefined), saved);
    this.#groups.set(groupOf(what, task), group);
    if (what === 'poison-loop') for (const id of group.messages.keys()) this.#loops.set(id, group);
  }

  of(what: Noted['what'], task: string | undefined): RepeatedDeliveries | undefined {
    return this.#groups.get(groupOf(what, task));
  }

  all(what: Noted['what']): RepeatedDeliveries[] {
    return [...this.#groups.values()].filter((group) => group.what === what);
  }
}

function groupOf(what: Noted['what'], task: string | undefined): string {
  return `${what} ${task ?? ''}`;
}
