/** What is kept of one task: its events, sorted, and what has been told of it. */
import { readException, unregisteredName } from '../event/exception.ts';
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { TaskEvent, TaskResult } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';
import { compareSaid, type Said } from './lives.ts';
import { pack, unpack } from './packed.ts';
import type { Suspicion } from './suspicion.ts';
import { Told } from './told.ts';
import type { ComesBack, Outcome } from './transition.ts';
import type { About } from './view.ts';

/** A task can be redelivered for ever; beyond this many events the middle ones are let go, and counts become minimums. */
const eventsPerTaskMax = 512;
/** The result backend says how each attempt ended; only the last ones can still matter. */
const resultsPerTaskMax = 4;

/** A run that has begun and has not ended. */
export interface OpenRun {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  /** That of the start where nobody told of the receipt. */
  readonly receivedAt: Millis;
  readonly startedAt: Millis;
}

export class TaskRecord {
  about: About;
  /** Sorted by `compareSaid`, without duplicates and without the texts that `about` holds. A list that is pushed to has room
   * for sixteen more, and most tasks have four; so each event makes a new one. */
  #events: readonly Said[] | string = nothing;
  results: readonly TaskResult<Redacted>[] = nothing;
  endedAt: Millis | undefined = undefined;
  dueAt: Millis | undefined = undefined;
  openRun: OpenRun | undefined = undefined;
  suspicion: Suspicion | undefined = undefined;
  /** A witness said that the broker will deliver it again. */
  comesBack: ComesBack | undefined = undefined;
  /** Not worth a look before. */
  lookAgainAt: Millis = 0;
  /** The outcome told for each life, by its number. */
  #outcomes: readonly (Outcome | undefined)[] = nothing;
  #told = Told.nothing;

  constructor(id: TaskId) {
    this.about = {
      id,
      name: undefined,
      args: undefined,
      kwargs: undefined,
      rootId: undefined,
      parentId: undefined,
      groupId: undefined,
      queue: undefined,
      eta: undefined,
      expires: undefined,
    };
  }

  get events(): readonly Said[] {
    return typeof this.#events === 'string' ? unpack(this.#events, this.about.id) : this.#events;
  }

  /** Nothing has been said of it. */
  get isUnheard(): boolean {
    return this.#events.length === 0;
  }

  /** No event is expected soon: what is held takes less room until the next one. */
  rest(): void {
    if (typeof this.#events !== 'string') this.#events = pack(this.#events) ?? this.#events;
  }

  /** True once for each thing to tell. */
  tell(what: string): boolean {
    if (this.#told.includes(what)) return false;
    this.#told = this.#told.and(what);
    return true;
  }

  outcomeOf(life: number): Outcome | undefined {
    return this.#outcomes[life];
  }

  told(life: number, outcome: Outcome): void {
    const earlier = Array.from({ length: life }, (_, index) => this.#outcomes[index]);
    this.#outcomes = [...earlier, outcome, ...this.#outcomes.slice(life + 1)];
  }

  /** Lives of which an end was told. */
  get endedLives(): number {
    return this.#outcomes.filter((outcome) => outcome !== undefined).length;
  }

  /** False when this very event is known already. */
  add(event: TaskEvent<Redacted>): boolean {
    const said = saidOf(event, this.about.id);
    const { events } = this;
    let index = events.length;
    while (index > 0) {
      const order = compareSaid(events[index - 1] as Said, said);
      if (order === 0) return false;
      if (order < 0) break;
      index -= 1;
    }
    this.#learn(event, index === 0);
    const added = events.toSpliced(index, 0, said);
    this.#events = added.length > eventsPerTaskMax ? added.toSpliced(eventsPerTaskMax / 2, 1) : added;
    return true;
  }

  addResult(result: TaskResult<Redacted>): void {
    const { about } = this;
    const { name, groupId, parentId } = result;
    if ((about.name === undefined && name !== undefined) || (about.groupId === undefined && groupId !== undefined)) {
      this.about = { ...about, name: about.name ?? name, groupId: about.groupId ?? groupId };
    }
    if (this.isUnheard && about.parentId === undefined && parentId !== about.id && parentId !== undefined) {
      this.about = { ...this.about, parentId };
    }
    if (result.status === 'started') return;
    this.results = [
      ...this.results.filter(({ at, status }) => at !== result.at || status !== result.status),
      result,
    ].slice(-resultsPerTaskMax);
  }

  /** Everything, as plain data that `restore` takes back. */
  save(): SavedRecord {
    const outcomes = this.#outcomes.flatMap((outcome, life) =>
      outcome === undefined ? [] : [[life, outcome] as const],
    );
    return { about: this.about, events: this.events, results: this.results, outcomes, told: this.#told.list() };
  }

  restore(saved: SavedRecord): void {
    this.about = saved.about;
    for (const event of saved.events) this.#restoreEvent(event);
    this.results = saved.results;
    for (const [life, outcome] of saved.outcomes) this.told(life, outcome);
    for (const what of saved.told) this.tell(what);
  }

  #restoreEvent(event: Said): void {
    if (this.events.some((known) => compareSaid(known, event) === 0)) return;
    this.#events = [...this.events, event].sort(compareSaid);
  }

  /**
   * The first word counts, by its own time: a retry repeats it, calls the task its own parent, and a replaced task comes
   * under another name. What the first word left out, a later one fills in.
   */
  #learn(event: TaskEvent<Redacted>, isFirst: boolean): void {
    const { about } = this;
    if (event.type === 'task-failed' && about.name === undefined) {
      // A worker that does not know a task names it only in the exception, `NotRegistered('billing.charge')`.
      const name = unregisteredName(readException(event.exception, event.traceback));
      if (name !== undefined) this.about = { ...about, name };
      return;
    }
    if (event.type !== 'task-sent' && event.type !== 'task-received') return;
    const said: About = {
      id: about.id,
      name: event.name,
      args: event.args,
      kwargs: event.kwargs,
      rootId: this.#rootOf(event),
      parentId: parentOf(event),
      groupId: undefined,
      queue: event.type === 'task-sent' ? event.queue : undefined,
      eta: event.eta,
      expires: event.expires,
    };
    this.about = isFirst ? filledIn(said, about) : filledIn(about, said);
  }

  /** The root decides the trace, so once something was told it stays: a task's spans must not part. */
  #rootOf({ rootId }: { readonly rootId: TaskId | undefined }): TaskId | undefined {
    const { about } = this;
    if (this.#told !== Told.nothing) return about.rootId ?? about.id;
    return rootId === about.id ? about.id : rootId;
  }
}

export interface SavedRecord {
  readonly about: About;
  readonly events: readonly Said[];
  readonly results: readonly TaskResult<Redacted>[];
  readonly outcomes: readonly (readonly [life: number, outcome: Outcome])[];
  readonly told: readonly string[];
}

const nothing: readonly never[] = [];

function filledIn(first: About, second: About): About {
  return {
    id: first.id,
    name: first.name ?? second.name,
    args: first.args ?? second.args,
    kwargs: first.kwargs ?? second.kwargs,
    rootId: first.rootId ?? second.rootId,
    parentId: first.parentId ?? second.parentId,
    groupId: first.groupId ?? second.groupId,
    queue: first.queue ?? second.queue,
    eta: first.eta ?? second.eta,
    expires: first.expires ?? second.expires,
  };
}

/** A task that is its own root has no parent: a retry names the task itself, `replace()` a step that the task began. */
function parentOf(event: Extract<TaskEvent<Redacted>, { parentId: unknown }>): TaskId | undefined {
  return event.rootId === event.id || event.parentId === event.id ? undefined : event.parentId;
}

/** Only what the derivation needs, and one copy of the id: hundreds of thousands of these are held. */
function saidOf(event: TaskEvent<Redacted>, id: TaskId): Said {
  const { hostname, pid, at, receivedAt } = event;
  switch (event.type) {
    case 'task-sent': {
      const { type, retries, eta, queue, exchange, routingKey } = event;
      return { type, id, hostname, pid, at, receivedAt, retries, eta, queue, exchange, routingKey };
    }
    case 'task-received':
      return { type: event.type, id, hostname, pid, at, receivedAt, retries: event.retries, eta: event.eta };
    case 'task-started':
      return { type: event.type, id, hostname, pid, at, receivedAt };
    default:
      return { ...event, id };
  }
}
