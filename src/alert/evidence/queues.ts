/**
 * How long tasks wait. A message whose begin was lost would seem to wait for ever, so one that many later ones have
 * overtaken is no witness; and where nobody tells of publications, the broker's count and the pace of the workers are.
 */
import type { Millis, TaskId } from '../../event/ids.ts';
import { forgetFirst } from './causes.ts';
import { Window } from './sliding-window.ts';

interface Waiting {
  readonly taskId: TaskId;
  readonly task: string | undefined;
  readonly queue: string;
  /** When it could have begun: its publication, or its eta. */
  readonly since: Millis;
}

export interface QueueEvidence {
  readonly name: string;
  /** Insertion order is about the order of publication. */
  readonly waiting: Map<TaskId, Waiting>;
  readonly taken: Window;
  /** `since` of the messages begun last. */
  readonly lastTaken: Millis[];
  readonly tasks: Set<string>;
  depth: { readonly length: number; readonly at: Millis } | undefined;
  /** The broker has had messages, and nobody began any, since then. */
  idleSince: Millis | undefined;
}

const queuesMax = 1_000;
const waitingMax = 20_000;
const takenTellMax = 15;
/** Workers reserve several at once, so one or two overtake now and then. */
const overtakenBy = 3;
const takenMax = 10_000;
const overtakenMs = 10_000;
const spanMs = 10 * 60_000;
const paceMs = 5 * 60_000;
/** What the broker said is old after so long. */
const depthFreshMs = 120_000;

export class Queues {
  readonly #queues = new Map<string, QueueEvidence>();
  readonly #queueOf = new Map<TaskId, string>();
  readonly #taken = new Taken();
  #waitingCount = 0;

  wait(seen: { taskId: TaskId; retries: number; task: string | undefined; queue: string; since: Millis }): void {
    const { taskId, retries, task, queue: name, since } = seen;
    const queue = this.#of(name);
    if (task !== undefined && queue.tasks.size < 50) queue.tasks.add(task);
    if (this.#taken.has(taskId, retries)) return;
    const known = queue.waiting.get(taskId);
    // Received after it was sent, or delivered again: it has waited since the first time.
    if (known !== undefined && known.since <= since && since - known.since < spanMs) return;
    this.#remove(taskId);
    queue.waiting.set(taskId, { taskId, task, queue: name, since });
    this.#queueOf.set(taskId, name);
    this.#waitingCount += 1;
    if (this.#waitingCount > waitingMax) this.#forgetOldest();
  }

  /** Begun or ended at `at`; `queue` when it is known only now. */
  take(taskId: TaskId, retries: number, at: Millis, queueName?: string): void {
    this.#taken.add(taskId, retries);
    const name = this.#queueOf.get(taskId) ?? queueName;
    if (name === undefined) return;
    const queue = this.#of(name);
    const waiting = queue.waiting.get(taskId);
    queue.taken.add(at);
    queue.idleSince = undefined;
    if (waiting === undefined) return;
    this.#remove(taskId);
    queue.lastTaken.push(waiting.since);
    if (queue.lastTaken.length > takenTellMax) queue.lastTaken.shift();
  }

  /** It will not be begun: revoked, expired. */
  drop(taskId: TaskId): void {
    this.#remove(taskId);
  }

  noteDepth(name: string, length: number, at: Millis): void {
    const queue = this.#of(name);
    queue.depth = { length, at };
    if (length === 0) queue.idleSince = undefined;
    else queue.idleSince ??= at;
  }

  /** Nobody was heard since `from`: what waited then may have begun. */
  noteGap(from: Millis): void {
    for (const queue of this.#queues.values()) {
      for (const waiting of [...queue.waiting.values()]) if (waiting.since <= from) this.#remove(waiting.taskId);
    }
  }

  all(): Iterable<QueueEvidence> {
    return this.#queues.values();
  }

  #of(name: string): QueueEvidence {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = {
        name,
        waiting: new Map(),
        taken: new Window(spanMs),
        lastTaken: [],
        tasks: new Set(),
        depth: undefined,
        idleSince: undefined,
      };
      this.#queues.set(name, queue);
      if (this.#queues.size > queuesMax) forgetFirst(this.#queues);
    }
    return queue;
  }

  #remove(taskId: TaskId): void {
    const name = this.#queueOf.get(taskId);
    if (name === undefined) return;
    this.#queueOf.delete(taskId);
    if (this.#queues.get(name)?.waiting.delete(taskId)) this.#waitingCount -= 1;
  }

  #forgetOldest(): void {
    const oldest = this.#queueOf.keys().next();
    if (!oldest.done) this.#remove(oldest.value);
  }
}

/**
 * What was begun lately: a publication that is heard after its task began is no message that waits. Two generations, because
 * this is asked for every event, and to forget one by one costs more than all else here.
 */
class Taken {
  #recent = new Map<TaskId, number>();
  #older: ReadonlyMap<TaskId, number> = new Map();

  add(taskId: TaskId, retries: number): void {
    this.#recent.set(taskId, retries);
    if (this.#recent.size < takenMax) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  has(taskId: TaskId, retries: number): boolean {
    return (this.#recent.get(taskId) ?? this.#older.get(taskId) ?? -1) >= retries;
  }
}

/** How long the longest waiting message has waited, as far as anything tells; 0 when nothing waits. */
export function waitOf(queue: QueueEvidence, now: Millis): Millis {
  return Math.max(longestWaiting(queue, now), waitByDepth(queue, now));
}

function longestWaiting(queue: QueueEvidence, now: Millis): Millis {
  const frontier = overtakenBefore(queue);
  let oldest = now;
  for (const { since } of queue.waiting.values()) if (since >= frontier && since < oldest) oldest = since;
  return now - oldest;
}

/** Several messages that came later have begun, so one from before that has not is a ghost. */
function overtakenBefore({ lastTaken }: QueueEvidence): Millis {
  const newest = [...lastTaken].sort((a, b) => b - a)[overtakenBy - 1];
  return newest === undefined ? 0 : newest - overtakenMs;
}

function waitByDepth({ depth, taken, idleSince }: QueueEvidence, now: Millis): Millis {
  if (depth === undefined || depth.length === 0 || now - depth.at > depthFreshMs) return 0;
  const begun = taken.count(now, paceMs);
  if (begun === 0) return idleSince === undefined ? 0 : now - idleSince;
  return (depth.length * paceMs) / begun;
}
