/** The stored state of one task: its events, sorted, and what has been reported of it. */
import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { TaskEvent, TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { compareRecordEvents, isSameEvent, type TaskRecordEvent } from '../derive/record-event.ts';
import { mergeAttributes, noAttributes, parentIdOf, type TaskAttributes } from '../derive/task-attributes.ts';
import type { ReportableTask } from '../derive/transitions.ts';
import type { Suspicion } from '../suspicion.ts';
import type { NextAttempt, Outcome } from '../transition.ts';
import { pack, type RecordContents, unpack } from './packed-events.ts';
import { ReportedSet } from './reported-set.ts';

/** A task can be redelivered without end; beyond this count the middle events are dropped, and counts become minimums. */
const eventsPerTaskMax = 512;
/** The result backend stores the end of each attempt; only the last ones can still matter. */
const resultsPerTaskMax = 4;

/** An attempt that started and has not ended. */
export interface RunningAttempt {
  readonly hostname: Hostname;
  readonly pid: number | undefined;
  readonly startedAt: Millis;
}

/**
 * Hundreds of thousands of records are held, so a record holds nothing that can be derived, and has no private methods: each
 * object of a class with private methods carries a mark for them.
 */
export class TaskRecord implements ReportableTask {
  readonly id: TaskId;
  rootId: TaskId | undefined = undefined;
  parentId: TaskId | undefined = undefined;
  /** Attributes, and events sorted by `compareRecordEvents` without duplicates. Packed into one text by `pack`. */
  #contents: RecordContents | string = emptyContents;
  results: readonly TaskResult<Redacted>[] = none;
  endedAt: Millis | undefined = undefined;
  dueAt: Millis | undefined = undefined;
  /** The open attempt in three fields: an object for it would be half as large as the rest of the record. */
  #attemptHost: Hostname | undefined = undefined;
  #attemptPid: number | undefined = undefined;
  #attemptStartedAt: Millis = 0;
  suspicion: Suspicion | undefined = undefined;
  /** Set when a witness found that the broker delivers the task again. */
  nextAttempt: NextAttempt | undefined = undefined;
  /** The next check for silence takes place no earlier. */
  nextCheckAt: Millis = 0;
  /** Outcome reported for each publication, by its number. */
  #outcomes: readonly (Outcome | undefined)[] = none;
  #reported = ReportedSet.empty;

  constructor(id: TaskId) {
    this.id = id;
  }

  get contents(): RecordContents {
    return typeof this.#contents === 'string' ? unpack(this.#contents, this.id) : this.#contents;
  }

  get attributes(): TaskAttributes {
    const { id, rootId, parentId } = this;
    const { name, args, kwargs, groupId, queue, eta, expires } = this.contents.attributes;
    return { id, rootId, parentId, name, args, kwargs, groupId, queue, eta, expires };
  }

  get events(): readonly TaskRecordEvent[] {
    return this.contents.events;
  }

  get openAttempt(): RunningAttempt | undefined {
    const hostname = this.#attemptHost;
    return hostname === undefined ? undefined : { hostname, pid: this.#attemptPid, startedAt: this.#attemptStartedAt };
  }

  set openAttempt(attempt: RunningAttempt | undefined) {
    this.#attemptHost = attempt?.hostname;
    this.#attemptPid = attempt?.pid;
    this.#attemptStartedAt = attempt?.startedAt ?? 0;
  }

  /** True before the first event. */
  get isEmpty(): boolean {
    return typeof this.#contents !== 'string' && this.#contents.events.length === 0;
  }

  /** Packs the contents until the next event. Called when none is expected soon. */
  pack(): void {
    if (typeof this.#contents !== 'string' && !this.isEmpty) this.#contents = pack(this.#contents) ?? this.#contents;
  }

  /** True once any fact about the task was reported. */
  get isReported(): boolean {
    return this.#reported !== ReportedSet.empty;
  }

  reportOnce(key: string): boolean {
    if (this.#reported.includes(key)) return false;
    this.#reported = this.#reported.with(key);
    return true;
  }

  outcomeOf(publication: number): Outcome | undefined {
    return this.#outcomes[publication];
  }

  setOutcome(publication: number, outcome: Outcome): void {
    const earlier = Array.from({ length: publication }, (_, index) => this.#outcomes[index]);
    this.#outcomes = [...earlier, outcome, ...this.#outcomes.slice(publication + 1)];
  }

  /** Number of publications with a reported end. */
  get endedPublications(): number {
    return this.#outcomes.filter((outcome) => outcome !== undefined).length;
  }

  /** Adds an event in its place. `offsetMs`: what the sender's clock is ahead of ours. False for a duplicate. */
  add(event: TaskEvent<Redacted>, offsetMs: Millis = 0): boolean {
    const { attributes, events: stored } = this.contents;
    const { events, skewMs } = withOneClock(stored, event.hostname, offsetMs);
    const added = recordEventOf(event, this.id, skewMs);
    if (events.some((other) => isSameEvent(other, added))) return false;
    let index = events.length;
    while (index > 0 && compareRecordEvents(events[index - 1] as TaskRecordEvent, added) >= 0) index -= 1;
    const all = events.toSpliced(index, 0, added);
    if (event.type === 'task-sent' || event.type === 'task-received') setAncestors(this, event, index === 0);
    this.#contents = {
      attributes: mergeAttributes(attributes, event, index === 0),
      // A new array per event: `push` reserves room for sixteen more, and most tasks have four events.
      events: all.length > eventsPerTaskMax ? all.toSpliced(eventsPerTaskMax / 2, 1) : all,
    };
    return true;
  }

  addResult(result: TaskResult<Redacted>): void {
    const { attributes, events } = this.contents;
    const name = attributes.name ?? result.name;
    const groupId = attributes.groupId ?? result.groupId;
    if (attributes.name !== name || attributes.groupId !== groupId) {
      this.#contents = { attributes: { ...attributes, name, groupId }, events };
    }
    if (events.length === 0 && result.parentId !== this.id) this.parentId ??= result.parentId;
    if (result.status === 'started') return;
    const corrected = { ...result, at: timeOfResult(result, events) };
    this.results = [
      ...this.results.filter(({ at, status }) => at !== corrected.at || status !== result.status),
      corrected,
    ].slice(-resultsPerTaskMax);
  }

  /** The whole record as plain data for `restore` on another instance. */
  save(): SavedRecord {
    const outcomes = this.#outcomes.flatMap((outcome, publication) =>
      outcome === undefined ? [] : [[publication, outcome] as const],
    );
    const { attributes, events, results } = this;
    return { attributes, events, results, outcomes, reported: this.#reported.list() };
  }

  /** Adds what another instance saved to what this record holds. */
  restore(saved: SavedRecord): void {
    const { id: _, rootId, parentId, ...attributes } = saved.attributes;
    this.rootId = rootId;
    this.parentId = parentId;
    const { events } = this.contents;
    const added = saved.events.filter((event) => !events.some((known) => isSameEvent(known, event)));
    this.#contents = { attributes, events: [...events, ...added].sort(compareRecordEvents) };
    this.results = saved.results;
    for (const [publication, outcome] of saved.outcomes) this.setOutcome(publication, outcome);
    for (const key of saved.reported) this.reportOnce(key);
  }
}

export interface SavedRecord {
  readonly attributes: TaskAttributes;
  readonly events: readonly TaskRecordEvent[];
  readonly results: readonly TaskResult<Redacted>[];
  readonly outcomes: readonly (readonly [publication: number, outcome: Outcome])[];
  readonly reported: readonly string[];
}

const none: readonly never[] = [];

const emptyContents: RecordContents = { attributes: noAttributes, events: none };

/** The first event by the sender's time decides root and parent; later ones fill in what is missing. */
function setAncestors(
  record: TaskRecord,
  event: Extract<TaskEvent<Redacted>, { parentId: unknown }>,
  isFirst: boolean,
): void {
  const rootId = rootIdOf(record, event.rootId);
  const parent = parentIdOf(event);
  // Equal ids share one string.
  const parentId = parent === rootId ? rootId : parent;
  record.rootId = isFirst ? (rootId ?? record.rootId) : (record.rootId ?? rootId);
  record.parentId = isFirst ? (parentId ?? record.parentId) : (record.parentId ?? parentId);
}

/** The root decides the trace id, so it is fixed with the first report: the spans of a task must share a trace. */
function rootIdOf(record: TaskRecord, rootId: TaskId | undefined): TaskId | undefined {
  if (record.isReported) return record.rootId ?? record.id;
  return rootId === record.id ? record.id : rootId;
}

/** The time of a result by our clock: the worker that stored it sent events by the same clock. */
function timeOfResult({ at, receivedAt }: TaskResult<Redacted>, events: readonly TaskRecordEvent[]): Millis {
  // A result without a time has that of its receipt.
  if (at === receivedAt) return at;
  return at - (events.findLast(({ type }) => type !== 'task-sent')?.skewMs ?? 0);
}

interface CorrectedEvents {
  readonly events: readonly TaskRecordEvent[];
  readonly skewMs: Millis | undefined;
}

/** An offset that changed by less is the same clock: estimates differ by the delays of events. */
const clockStepMs = 100;

/** All events of a node are corrected by one offset, so that their order and the times between them stay as they were sent. */
function withOneClock(events: readonly TaskRecordEvent[], hostname: Hostname, offsetMs: Millis): CorrectedEvents {
  const known = events.find((event) => event.hostname === hostname);
  const skewMs = offsetMs === 0 ? undefined : offsetMs;
  if (known === undefined) return { events, skewMs };
  if (Math.abs((known.skewMs ?? 0) - offsetMs) < clockStepMs) return { events, skewMs: known.skewMs };
  const moved = events.map((event) =>
    event.hostname === hostname ? { ...event, at: event.at + (event.skewMs ?? 0) - offsetMs, skewMs } : event,
  );
  return { events: moved.sort(compareRecordEvents), skewMs };
}

/** Only the fields that the derivation needs, and the record's copy of the id. */
function recordEventOf(event: TaskEvent<Redacted>, id: TaskId, skewMs: Millis | undefined): TaskRecordEvent {
  const { hostname, pid, receivedAt } = event;
  const at = event.at - (skewMs ?? 0);
  switch (event.type) {
    case 'task-sent': {
      const { type, retries, eta, queue, exchange, routingKey } = event;
      return { type, id, hostname, pid, at, skewMs, receivedAt, retries, eta, queue, exchange, routingKey };
    }
    case 'task-received': {
      const { type, retries, eta, digest } = event;
      return { type, id, hostname, pid, at, skewMs, receivedAt, retries, eta, digest };
    }
    case 'task-started':
      return { type: event.type, id, hostname, pid, at, skewMs, receivedAt };
    default:
      return { ...event, id, at, skewMs };
  }
}
