/** What is kept of one task: its events, sorted, and what has been told of it. */

import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import { readException, unregisteredName } from '../../event/python/exception.ts';
import type { TaskEvent, TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { compareRecordEvents, type TaskRecordEvent } from '../derive/attempts.ts';
import type { TaskAttributes } from '../derive/task-view.ts';
import type { Suspicion } from '../suspicion.ts';
import type { NextAttempt, Outcome } from '../transition.ts';
import { noAttributes, pack, type RecordContents, type StoredAttributes, unpack } from './packed-events.ts';
import { ReportedSet } from './reported-set.ts';

/** A task can be redelivered for ever; beyond this many events the middle ones are let go, and counts become minimums. */
const eventsPerTaskMax = 512;
/** The result backend says how each attempt ended; only the last ones can still matter. */
const resultsPerTaskMax = 4;

/** A run that has begun and has not ended. */
export interface OpenAttempt {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly startedAt: Millis;
}

/**
 * Hundreds of thousands of these are held: what can be derived has no place here, and there are no private methods, since each
 * object of a class that has some carries a mark of it.
 */
export class TaskRecord {
  readonly id: TaskId;
  rootId: TaskId | undefined = undefined;
  parentId: TaskId | undefined = undefined;
  /**
   * What the task says of itself, and its events: sorted by `compareSaid`, without duplicates and without the texts that the
   * words hold. As one text while it rests.
   */
  #kept: RecordContents | string = emptyContents;
  results: readonly TaskResult<Redacted>[] = nothing;
  endedAt: Millis | undefined = undefined;
  dueAt: Millis | undefined = undefined;
  /** Those of the open run, which as an object would take half as much again as all of this. */
  #runHost: Hostname | undefined = undefined;
  #runPid: number | undefined = undefined;
  #runStartedAt: Millis = 0;
  suspicion: Suspicion | undefined = undefined;
  /** A witness said that the broker will deliver it again. */
  nextAttempt: NextAttempt | undefined = undefined;
  /** Not worth a look before. */
  nextCheckAt: Millis = 0;
  /** The outcome told for each life, by its number. */
  #outcomes: readonly (Outcome | undefined)[] = nothing;
  #told = ReportedSet.nothing;

  constructor(id: TaskId) {
    this.id = id;
  }

  get contents(): RecordContents {
    return typeof this.#kept === 'string' ? unpack(this.#kept, this.id) : this.#kept;
  }

  get attributes(): TaskAttributes {
    const { id, rootId, parentId } = this;
    const { name, args, kwargs, groupId, queue, eta, expires } = this.contents.attributes;
    return { id, rootId, parentId, name, args, kwargs, groupId, queue, eta, expires };
  }

  get events(): readonly TaskRecordEvent[] {
    return this.contents.events;
  }

  get openAttempt(): OpenAttempt | undefined {
    const hostname = this.#runHost;
    return hostname === undefined ? undefined : { hostname, pid: this.#runPid, startedAt: this.#runStartedAt };
  }

  set openAttempt(run: OpenAttempt | undefined) {
    this.#runHost = run?.hostname;
    this.#runPid = run?.pid;
    this.#runStartedAt = run?.startedAt ?? 0;
  }

  /** Nothing has been said of it. */
  get isEmpty(): boolean {
    return typeof this.#kept !== 'string' && this.#kept.events.length === 0;
  }

  /** No event is expected soon: what is held takes less room until the next one. */
  pack(): void {
    if (typeof this.#kept !== 'string' && !this.isEmpty) this.#kept = pack(this.#kept) ?? this.#kept;
  }

  /** Anything has been told of it. */
  get isReported(): boolean {
    return this.#told !== ReportedSet.nothing;
  }

  /** True once for each thing to tell. */
  reportOnce(what: string): boolean {
    if (this.#told.includes(what)) return false;
    this.#told = this.#told.with(what);
    return true;
  }

  outcomeOf(life: number): Outcome | undefined {
    return this.#outcomes[life];
  }

  setOutcome(life: number, outcome: Outcome): void {
    const earlier = Array.from({ length: life }, (_, index) => this.#outcomes[index]);
    this.#outcomes = [...earlier, outcome, ...this.#outcomes.slice(life + 1)];
  }

  /** Lives of which an end was told. */
  get endedPublications(): number {
    return this.#outcomes.filter((outcome) => outcome !== undefined).length;
  }

  /** False when this very event is known already. */
  add(event: TaskEvent<Redacted>): boolean {
    const said = recordEventOf(event, this.id);
    const { attributes, events } = this.contents;
    let index = events.length;
    while (index > 0) {
      const order = compareRecordEvents(events[index - 1] as TaskRecordEvent, said);
      if (order === 0) return false;
      if (order < 0) break;
      index -= 1;
    }
    const added = events.toSpliced(index, 0, said);
    this.#kept = {
      attributes: mergeAttributes(this, event, attributes, index === 0),
      // A list that is pushed to has room for sixteen more, and most tasks have four; so each event makes a new one.
      events: added.length > eventsPerTaskMax ? added.toSpliced(eventsPerTaskMax / 2, 1) : added,
    };
    return true;
  }

  addResult(result: TaskResult<Redacted>): void {
    const { attributes, events } = this.contents;
    const { name, groupId, parentId } = result;
    if (
      (attributes.name === undefined && name !== undefined) ||
      (attributes.groupId === undefined && groupId !== undefined)
    ) {
      this.#kept = {
        attributes: { ...attributes, name: attributes.name ?? name, groupId: attributes.groupId ?? groupId },
        events,
      };
    }
    if (events.length === 0 && parentId !== this.id) this.parentId ??= parentId;
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
    return {
      attributes: this.attributes,
      events: this.events,
      results: this.results,
      outcomes,
      reported: this.#told.list(),
    };
  }

  restore(saved: SavedRecord): void {
    const { id: _, rootId, parentId, ...attributes } = saved.attributes;
    this.rootId = rootId;
    this.parentId = parentId;
    const { events } = this.contents;
    const unknown = saved.events.filter((event) => events.every((known) => compareRecordEvents(known, event) !== 0));
    this.#kept = { attributes, events: [...events, ...unknown].sort(compareRecordEvents) };
    this.results = saved.results;
    for (const [life, outcome] of saved.outcomes) this.setOutcome(life, outcome);
    for (const what of saved.reported) this.reportOnce(what);
  }
}

export interface SavedRecord {
  readonly attributes: TaskAttributes;
  readonly events: readonly TaskRecordEvent[];
  readonly results: readonly TaskResult<Redacted>[];
  readonly outcomes: readonly (readonly [life: number, outcome: Outcome])[];
  readonly reported: readonly string[];
}

const nothing: readonly never[] = [];

const emptyContents: RecordContents = { attributes: noAttributes, events: nothing };

/**
 * What a task says of itself, once `event` has been heard. The first word counts, by its own time: a retry repeats it, calls the
 * task its own parent, and a replaced task comes under another name. What the first word left out, a later one fills in.
 */
function mergeAttributes(
  record: TaskRecord,
  event: TaskEvent<Redacted>,
  words: StoredAttributes,
  isFirst: boolean,
): StoredAttributes {
  if (event.type === 'task-failed' && words.name === undefined) {
    // A worker that does not know a task names it only in the exception, `NotRegistered('billing.charge')`.
    const name = unregisteredName(readException(event.exception, event.traceback));
    return name === undefined ? words : { ...words, name };
  }
  if (event.type !== 'task-sent' && event.type !== 'task-received') return words;
  const { name, args, kwargs, eta, expires } = event;
  const queue = event.type === 'task-sent' ? event.queue : undefined;
  const said: StoredAttributes = { name, args, kwargs, groupId: undefined, queue, eta, expires };
  const rootId = rootOf(record, event);
  const parent = parentOf(event);
  // Where they are one, one text is held.
  const parentId = parent === rootId ? rootId : parent;
  record.rootId = isFirst ? (rootId ?? record.rootId) : (record.rootId ?? rootId);
  record.parentId = isFirst ? (parentId ?? record.parentId) : (record.parentId ?? parentId);
  return isFirst ? fillIn(said, words) : fillIn(words, said);
}

/** The root decides the trace, so once something was told it stays: a task's spans must not part. */
function rootOf(record: TaskRecord, { rootId }: { readonly rootId: TaskId | undefined }): TaskId | undefined {
  if (record.isReported) return record.rootId ?? record.id;
  return rootId === record.id ? record.id : rootId;
}

function fillIn(first: StoredAttributes, second: StoredAttributes): StoredAttributes {
  return {
    name: first.name ?? second.name,
    args: first.args ?? second.args,
    kwargs: first.kwargs ?? second.kwargs,
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

/** Only what the derivation needs, and one copy of the id. */
function recordEventOf(event: TaskEvent<Redacted>, id: TaskId): TaskRecordEvent {
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
