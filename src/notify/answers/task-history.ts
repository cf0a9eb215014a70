/** Facts about recent tasks, for `taskvigil why` and the page. Bounded in bytes, so that the successes evict no failure. */
import type { Millis } from '../../event/ids.ts';
import type { Failure } from '../../failure/failure.ts';
import type { Attempt, Note, Outcome, Send, Task, Transition } from '../../lifecycle/transition.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';

export type AttemptFacts = Pick<
  Attempt,
  'key' | 'number' | 'hostname' | 'startedAt' | 'endedAt' | 'outcome' | 'cause' | 'signal' | 'spanId'
>;

export interface TaskFacts
  extends Pick<
    Task,
    | 'id'
    | 'publication'
    | 'name'
    | 'queue'
    | 'rootId'
    | 'parentId'
    | 'groupId'
    | 'traceId'
    | 'spanId'
    | 'state'
    | 'firstAt'
  > {
  /** Time of the latest transition. */
  readonly at: Millis;
  readonly outcome: Outcome | undefined;
  readonly cause: string | undefined;
  /** The latest ones, at most `attemptsMax`. */
  readonly attempts: readonly AttemptFacts[];
  readonly lastSend: Pick<Send, 'hostname' | 'spanId'> | undefined;
  readonly note: Note | undefined;
  readonly failure: Pick<Failure, 'id' | 'fingerprint' | 'title'> | undefined;
}

export interface CauseFacts extends Pick<Failure, 'fingerprint' | 'title' | 'class'> {
  readonly task: string | undefined;
  readonly exception: string | undefined;
  readonly count: number;
  readonly firstAt: Millis;
  readonly lastAt: Millis;
}

const mebibyte = 1_048_576;
/** Some 15,000 open tasks, 25,000 successes and 20,000 other ends. */
const bytesMax = { open: 8 * mebibyte, succeeded: 12 * mebibyte, other: 12 * mebibyte };
const itemsMax = 100_000;
const causesMax = 5_000;
const attemptsMax = 20;

type Shelf = keyof typeof bytesMax;

export class TaskHistory {
  readonly #shelves = {
    open: this.#createShelf('open'),
    succeeded: this.#createShelf('succeeded'),
    other: this.#createShelf('other'),
  };
  readonly #causes = new BoundedMap<string, CauseFacts>({ itemsMax: causesMax });
  /** Time of the newest evicted task. */
  #evictedUntil: Millis | undefined;

  recordTransition(transition: Transition): void {
    const { id } = transition.task;
    const before = this.#take(id);
    this.#put(factsAfter(before, transition));
  }

  recordFailure({ at, id, task, class: kind, fingerprint, title, exception }: Failure): void {
    const known = this.#take(task.id);
    if (known !== undefined) this.#put({ ...known, failure: { id, fingerprint, title } });
    const before = this.#causes.touch(fingerprint);
    this.#causes.set(fingerprint, {
      fingerprint,
      title,
      class: kind,
      task: task.name,
      exception: exception?.type,
      count: (before?.count ?? 0) + 1,
      firstAt: Math.min(before?.firstAt ?? at, at),
      lastAt: Math.max(before?.lastAt ?? at, at),
    });
  }

  /** Every known task: the open ones, then the failed ones, then the succeeded ones. */
  *tasks(): Iterable<TaskFacts> {
    yield* this.#shelves.open.values();
    yield* this.#shelves.other.values();
    yield* this.#shelves.succeeded.values();
  }

  causes(): Iterable<CauseFacts> {
    return this.#causes.values();
  }

  /** Tasks that ended at this time or before may be missing; undefined while none is. */
  evictedUntil(): Millis | undefined {
    return this.#evictedUntil;
  }

  get bytes(): number {
    const { open, succeeded, other } = this.#shelves;
    return open.bytes + succeeded.bytes + other.bytes;
  }

  #createShelf(shelf: Shelf): BoundedMap<string, TaskFacts> {
    return new BoundedMap({
      itemsMax,
      bytesMax: bytesMax[shelf],
      bytesOf: (_, facts) => bytesOf(facts),
      onEvict: (_, { at }) => {
        this.#evictedUntil = Math.max(this.#evictedUntil ?? at, at);
      },
    });
  }

  #take(id: string): TaskFacts | undefined {
    for (const shelf of [this.#shelves.open, this.#shelves.succeeded, this.#shelves.other]) {
      const facts = shelf.get(id);
      if (facts === undefined) continue;
      shelf.delete(id);
      return facts;
    }
    return undefined;
  }

  #put(facts: TaskFacts): void {
    this.#shelves[shelfOf(facts)].set(facts.id, facts);
  }
}

function shelfOf({ outcome, attempts, note, failure }: TaskFacts): Shelf {
  if (outcome === undefined) return 'open';
  const isPlain = outcome === 'succeeded' && attempts.length < 2 && note === undefined && failure === undefined;
  return isPlain ? 'succeeded' : 'other';
}

function factsAfter(before: TaskFacts | undefined, transition: Transition): TaskFacts {
  const { task, at, kind } = transition;
  const isEnd = kind === 'task-ended';
  // A note about a task that has ended leaves the end; a start or a new publication opens the task again.
  const keepsEnd = kind === 'task-noted' || kind === 'attempt-ended';
  return {
    id: task.id,
    publication: task.publication,
    name: task.name,
    queue: task.queue,
    rootId: task.rootId,
    parentId: task.parentId,
    groupId: task.groupId,
    traceId: task.traceId,
    spanId: task.spanId,
    state: task.state,
    firstAt: task.firstAt,
    at,
    outcome: isEnd ? transition.outcome : keepsEnd ? before?.outcome : undefined,
    cause: isEnd ? transition.cause : keepsEnd ? before?.cause : undefined,
    attempts: attemptsAfter(before, transition),
    lastSend: lastSendOf(task) ?? before?.lastSend,
    note: kind === 'task-noted' ? transition.note : before?.note,
    failure: before?.failure,
  };
}

function lastSendOf({ sends }: Task): TaskFacts['lastSend'] {
  const last = sends.at(-1);
  return last && { hostname: last.hostname, spanId: last.spanId };
}

function attemptsAfter(before: TaskFacts | undefined, transition: Transition): readonly AttemptFacts[] {
  const known = before?.attempts ?? noAttempts;
  if (transition.kind === 'task-queued') return known;
  const current = transition.kind === 'task-noted' ? transition.task.attempts.at(-1) : transition.attempt;
  if (current === undefined) return known;
  const { key, number, hostname, startedAt, endedAt, outcome, cause, signal, spanId } = current;
  const facts = { key, number, hostname, startedAt, endedAt, outcome, cause, signal, spanId };
  const index = known.findIndex((attempt) => attempt.key === key);
  return index < 0 ? [...known, facts].slice(-attemptsMax) : known.with(index, facts);
}

const noAttempts: readonly AttemptFacts[] = [];

/** Estimate of the heap of one entry: an object, the texts of its own, and its attempts. */
function bytesOf({ id, attempts, failure }: TaskFacts): number {
  return 320 + 2 * id.length + 180 * attempts.length + (failure === undefined ? 0 : 200 + failure.title.length);
}
