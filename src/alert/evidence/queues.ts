/**
 * Waiting times of queues. A message whose start event was lost would seem to wait for ever, so a message that several later
 * ones have overtaken is ignored. Without publication events the waiting time derives from the number of messages in the
 * broker and the pace of the workers.
 */
import type { Millis, TaskId } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { loadFields, type SavedFields, saveFields } from '../../runtime/saved-fields.ts';
import { Window } from './sliding-window.ts';
import { StartedTasks } from './started-tasks.ts';

interface WaitingMessage {
  readonly taskId: TaskId;
  readonly queue: string;
  /** Earliest time of a start: the publication or the eta. */
  readonly since: Millis;
}

export interface QueueEvidence {
  readonly name: string;
  /** In the order of publication, approximately. */
  readonly waiting: Map<TaskId, WaitingMessage>;
  readonly taken: Window;
  /** `since` of the messages that were started last. */
  readonly lastTaken: Millis[];
  readonly tasks: Set<string>;
  depth: { readonly length: number; readonly at: Millis } | undefined;
  /** Since this time the broker has had messages and no worker has started one. */
  idleSince: Millis | undefined;
  /** Since this time the queue has waited longer than its limit. Kept by the signal that has the limit. */
  overLimitSince: Millis | undefined;
}

export interface QueuedPublication {
  readonly taskId: TaskId;
  readonly retries: number;
  readonly task: string | undefined;
  readonly queue: string;
  readonly since: Millis;
}

const queuesMax = 1_000;
const waitingMax = 20_000;
const tasksPerQueueMax = 50;
const lastTakenMax = 15;
/** Workers reserve several messages at once, so one or two overtake now and then. */
const overtakenBy = 3;
const overtakenMs = 10_000;
const spanMs = 10 * 60_000;
const paceMs = 5 * 60_000;
/** The number of messages in the broker is stale after this time. */
const depthFreshMs = 120_000;

export class Queues {
  readonly #queues = new BoundedMap<string, QueueEvidence>({ itemsMax: queuesMax });
  /** Queue of each waiting message; the oldest message is evicted from both. */
  readonly #queueOf = new BoundedMap<TaskId, string>({
    itemsMax: waitingMax,
    onEvict: (taskId, queue) => this.#queues.get(queue)?.waiting.delete(taskId),
  });
  readonly #started = new StartedTasks();

  wait({ taskId, retries, task, queue: name, since }: QueuedPublication): void {
    const queue = this.#of(name);
    if (task !== undefined && queue.tasks.size < tasksPerQueueMax) queue.tasks.add(task);
    if (this.#started.has(taskId, retries)) return;
    const known = queue.waiting.get(taskId);
    // A message that was received after it was sent, or redelivered, has waited since the first time.
    if (known !== undefined && known.since <= since && since - known.since < spanMs) return;
    this.drop(taskId);
    queue.waiting.set(taskId, { taskId, queue: name, since });
    this.#queueOf.set(taskId, name);
  }

  /** Records a start, or an end whose start was lost. `queueName` for messages whose publication was not observed. */
  take(taskId: TaskId, retries: number, at: Millis, queueName?: string): void {
    this.#started.add(taskId, retries);
    const name = this.#queueOf.get(taskId) ?? queueName;
    if (name === undefined) return;
    const queue = this.#of(name);
    const waiting = queue.waiting.get(taskId);
    queue.taken.add(at);
    queue.idleSince = undefined;
    if (waiting === undefined) return;
    this.drop(taskId);
    queue.lastTaken.push(waiting.since);
    if (queue.lastTaken.length > lastTakenMax) queue.lastTaken.shift();
  }

  /** Removes a message that no worker will start: revoked or expired. */
  drop(taskId: TaskId): void {
    const name = this.#queueOf.get(taskId);
    if (name === undefined) return;
    this.#queueOf.delete(taskId);
    this.#queues.get(name)?.waiting.delete(taskId);
  }

  noteDepth(name: string, length: number, at: Millis): void {
    const queue = this.#of(name);
    queue.depth = { length, at };
    if (length === 0) queue.idleSince = undefined;
    else queue.idleSince ??= at;
  }

  /** Messages that waited before the end of a gap may have started during it. */
  noteGap(until: Millis): void {
    for (const queue of this.#queues.values()) {
      for (const { taskId, since } of [...queue.waiting.values()]) if (since <= until) this.drop(taskId);
    }
  }

  all(): Iterable<QueueEvidence> {
    return this.#queues.values();
  }

  /** For `load`, without the waiting messages: another process cannot know which of them were started meanwhile. */
  *save(): Iterable<SavedFields> {
    for (const queue of this.#queues.values()) yield saveFields({ ...queue, waiting: undefined });
  }

  load(saved: SavedFields): void {
    loadFields(this.#of(String(saved['name'])), saved);
  }

  #of(name: string): QueueEvidence {
    return this.#queues.getOrAdd(name, () => ({
      name,
      waiting: new Map(),
      taken: new Window(spanMs),
      lastTaken: [],
      tasks: new Set(),
      depth: undefined,
      idleSince: undefined,
      overLimitSince: undefined,
    }));
  }
}

/** Waiting time of the oldest message, as far as the evidence shows; 0 for an empty queue. */
export function waitOf(queue: QueueEvidence, now: Millis): Millis {
  return Math.max(longestWait(queue, now), waitByDepth(queue, now));
}

/** True if messages wait and no worker has started one for some minutes. */
export function isIdle({ depth, taken, waiting }: QueueEvidence, now: Millis): boolean {
  const hasDepth = depth !== undefined && depth.length > 0 && now - depth.at <= depthFreshMs;
  return (hasDepth || waiting.size > 0) && taken.count(now, paceMs) === 0;
}

function longestWait(queue: QueueEvidence, now: Millis): Millis {
  const frontier = overtakenBefore(queue);
  let oldest = now;
  for (const { since } of queue.waiting.values()) if (since >= frontier && since < oldest) oldest = since;
  return now - oldest;
}

/** Several later messages have started, so the start event of a message from before this time was lost. */
function overtakenBefore({ lastTaken }: QueueEvidence): Millis {
  const newest = lastTaken.toSorted((a, b) => b - a)[overtakenBy - 1];
  return newest === undefined ? 0 : newest - overtakenMs;
}

function waitByDepth({ depth, taken, idleSince }: QueueEvidence, now: Millis): Millis {
  if (depth === undefined || depth.length === 0 || now - depth.at > depthFreshMs) return 0;
  const started = taken.count(now, paceMs);
  if (started === 0) return idleSince === undefined ? 0 : now - idleSince;
  return (depth.length * paceMs) / started;
}
