/** The tasks that are tracked, bounded. Open ones are kept until they end; ended ones for a while, for late words. */
import { causeOf, readException } from '../event/exception.ts';
import type { Millis, TaskId } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import { compareSaid, type Said } from './lives.ts';
import type { Outcome } from './transition.ts';
import type { About } from './view.ts';

/** A task can be redelivered for ever; beyond this many events the middle ones are let go, and counts become minimums. */
const eventsPerTaskMax = 512;

export class TaskRecord {
  about: About;
  /** Sorted by `compareSaid`, without duplicates and without the texts that `about` holds. */
  readonly events: Said[] = [];
  /** The outcome told for each life. */
  readonly outcomes = new Map<number, Outcome>();
  endedAt: Millis | undefined;
  dueAt: Millis | undefined;
  readonly #told: string[] = [];

  constructor(id: TaskId) {
    this.about = {
      id,
      name: undefined,
      args: undefined,
      kwargs: undefined,
      rootId: undefined,
      parentId: undefined,
      queue: undefined,
      eta: undefined,
      expires: undefined,
    };
  }

  /** True once for each thing to tell. */
  tell(what: string): boolean {
    if (this.#told.includes(what)) return false;
    this.#told.push(what);
    return true;
  }

  /** False when this very event is known already. */
  add(event: Said): boolean {
    let index = this.events.length;
    while (index > 0) {
      const order = compareSaid(this.events[index - 1] as Said, event);
      if (order === 0) return false;
      if (order < 0) break;
      index -= 1;
    }
    this.about = learn(this.about, event, index === 0);
    this.events.splice(index, 0, slim(event));
    if (this.events.length > eventsPerTaskMax) this.events.splice(eventsPerTaskMax / 2, 1);
    return true;
  }
}

/**
 * The first word counts, by its own time: a retry repeats it, calls the task its own parent, and a replaced task comes under
 * another name. What the first word left out, a later one fills in.
 */
function learn(about: About, event: Said, isFirst: boolean): About {
  if (event.type === 'task-failed' && about.name === undefined) {
    const name = unregisteredName(event);
    return name === undefined ? about : { ...about, name };
  }
  if (event.type !== 'task-sent' && event.type !== 'task-received') return about;
  const said: About = {
    id: about.id,
    name: event.name,
    args: event.args,
    kwargs: event.kwargs,
    rootId: event.rootId,
    parentId: parentOf(event),
    queue: event.type === 'task-sent' ? event.queue : undefined,
    eta: event.eta,
    expires: event.expires,
  };
  const [first, second] = isFirst ? [said, about] : [about, said];
  return {
    id: about.id,
    name: first.name ?? second.name,
    args: first.args ?? second.args,
    kwargs: first.kwargs ?? second.kwargs,
    rootId: first.rootId ?? second.rootId,
    parentId: first.parentId ?? second.parentId,
    queue: first.queue ?? second.queue,
    eta: first.eta ?? second.eta,
    expires: first.expires ?? second.expires,
  };
}

/** A task that is its own root has no parent: a retry names the task itself, `replace()` a step that the task began. */
function parentOf(event: Extract<Said, { parentId: unknown }>): TaskId | undefined {
  return event.rootId === event.id || event.parentId === event.id ? undefined : event.parentId;
}

/** A worker that does not know a task names it only in the exception, `NotRegistered('billing.charge')`. */
function unregisteredName(event: Extract<Said, { type: 'task-failed' }>): Redacted | undefined {
  const exception = readException(event.exception, event.traceback);
  if (exception === undefined || causeOf(exception) !== 'unregistered') return undefined;
  // A part of redacted text is redacted.
  return exception.message.replace(/^['"]|['"]$/g, '') as Redacted;
}

function slim(event: Said): Said {
  if (event.type !== 'task-sent' && event.type !== 'task-received') return event;
  return { ...event, name: undefined, args: undefined, kwargs: undefined };
}

export interface TableLimits {
  readonly openMax: number;
  readonly rememberMs: number;
}

export class TaskTable {
  readonly #limits: TableLimits;
  /** Both in the order of arrival, so that the first is the oldest. */
  readonly #open = new Map<TaskId, TaskRecord>();
  readonly #ended = new Map<TaskId, TaskRecord>();
  /** Records whose new events wait to settle, by due time: the window is constant, so arrival order is that order. */
  #unsettled: TaskRecord[] = [];
  #evicted = 0;

  constructor(limits: TableLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  find(id: TaskId): TaskRecord | undefined {
    return this.#open.get(id) ?? this.#ended.get(id);
  }

  open(): Iterable<TaskRecord> {
    return this.#open.values();
  }

  *all(): Iterable<TaskRecord> {
    yield* this.#ended.values();
    yield* this.#open.values();
  }

  recordOf(event: { readonly id: TaskId }): TaskRecord {
    const known = this.find(event.id);
    if (known !== undefined) return known;
    const record = new TaskRecord(event.id);
    this.#open.set(event.id, record);
    if (this.#open.size + this.#ended.size > this.#limits.openMax) this.#evict();
    return record;
  }

  settleAt(record: TaskRecord, at: Millis): void {
    if (record.dueAt !== undefined) return;
    record.dueAt = at;
    this.#unsettled.push(record);
  }

  takeSettled(now: Millis): TaskRecord[] {
    const count = this.#unsettled.findIndex((record) => (record.dueAt ?? 0) > now);
    const settled = this.#unsettled.splice(0, count < 0 ? this.#unsettled.length : count);
    for (const record of settled) record.dueAt = undefined;
    return settled;
  }

  ended(record: TaskRecord): void {
    record.endedAt = record.events.at(-1)?.receivedAt ?? 0;
    this.#open.delete(record.about.id);
    this.#ended.delete(record.about.id);
    this.#ended.set(record.about.id, record);
  }

  /** Lets go of tasks that ended long enough ago. */
  forget(now: Millis): void {
    for (const [id, record] of this.#ended) {
      if ((record.endedAt ?? 0) + this.#limits.rememberMs > now) return;
      if (record.dueAt === undefined) this.#ended.delete(id);
    }
  }

  takeEvicted(): number {
    const evicted = this.#evicted;
    this.#evicted = 0;
    return evicted;
  }

  /** Room for one more: an ended task costs only late words, an open one costs its truth and is counted. */
  #evict(): void {
    const ended = this.#ended.keys().next();
    if (!ended.done) {
      this.#ended.delete(ended.value);
      return;
    }
    const oldest = this.#open.keys().next();
    if (oldest.done) return;
    this.#open.delete(oldest.value);
    this.#evicted += 1;
  }
}
