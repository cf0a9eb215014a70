/**
 * What is kept of a task of which nothing is expected soon, as one short text: that is a third of the memory that the objects
 * take, and one thing in place of a dozen for the garbage collector to look at. Pure.
 */
import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { TaskRecordEvent } from '../derive/attempts.ts';
import type { TaskAttributes } from '../derive/task-view.ts';

/** What a task says of itself, but for the ids that tie it to others. */
export type StoredAttributes = Omit<TaskAttributes, 'id' | 'rootId' | 'parentId'>;

export const noAttributes: StoredAttributes = {
  name: undefined,
  args: undefined,
  kwargs: undefined,
  groupId: undefined,
  queue: undefined,
  eta: undefined,
  expires: undefined,
};

export interface RecordContents {
  readonly attributes: StoredAttributes;
  readonly events: readonly TaskRecordEvent[];
}

type Value = string | number | null | undefined;
/** A host of 0 is that of the row before; both times are in ticks, the first since `from`, the second since the first. */
type Row = [kind: number, hostname: Hostname | 0, pid: Value, at: number, receivedAt: number, ...rest: Value[]];
type Packed = [from: Millis, rows: readonly Row[], ...words: Value[]];

const kinds = ['task-sent', 'task-received', 'task-started', 'task-succeeded'] as const;
/** A double that holds milliseconds since 1970 has no finer step in our time, so these are whole numbers, and short. */
const ticksPerMs = 4_096;

/** undefined when there is an event among them that carries a text, or one that would not come out as it went in. */
export function pack({ attributes, events }: RecordContents): string | undefined {
  // An end comes last, and most have one.
  const end = events.at(-1);
  if (end !== undefined && restOf(end) === undefined) return undefined;
  const from = events[0]?.at ?? 0;
  const rows: Row[] = [];
  let before: Hostname | undefined;
  for (const event of events) {
    const { type, hostname, pid, at, receivedAt } = event;
    const rest = restOf(event);
    const [ticks, later] = [(at - from) * ticksPerMs, (receivedAt - at) * ticksPerMs];
    const isExact = timeIn(from, ticks) === at && timeIn(at, later) === receivedAt;
    if (rest === undefined || !isExact) return undefined;
    const kind = kinds.indexOf(type as (typeof kinds)[number]);
    rows.push([kind, hostname === before ? 0 : hostname, pid, ticks, later, ...trimmed(rest)]);
    before = hostname;
  }
  const { name, args, kwargs, queue, groupId, eta, expires } = attributes;
  return JSON.stringify([from, rows, ...trimmed([name, args, kwargs, queue, groupId, eta, expires])] satisfies Packed);
}

export function unpack(packed: string, id: TaskId): RecordContents {
  const [from, rows, ...words] = JSON.parse(packed) as Packed;
  const [name, args, kwargs, queue, groupId, eta, expires] = words.map(orUndefined);
  let before: Hostname | 0 = 0;
  const events = rows.map(([kind, host, pid, ticks, later, ...rest]) => {
    const hostname: Hostname | 0 = host === 0 ? before : host;
    before = hostname;
    const at = timeIn(from, ticks);
    const head = { id, hostname, pid: pid ?? undefined, at, receivedAt: timeIn(at, later) };
    return saidOf(kinds[kind], head, rest.map(orUndefined));
  });
  return { attributes: { name, args, kwargs, queue, groupId, eta, expires } as StoredAttributes, events };
}

/** What an event says beside who and when; undefined when that is a text. Texts of an end are held as they are. */
function restOf(event: TaskRecordEvent): Value[] | undefined {
  switch (event.type) {
    case 'task-sent':
      return [event.retries, event.queue, event.exchange, event.routingKey, event.eta];
    case 'task-received':
      return [event.retries, event.eta];
    case 'task-started':
      return [];
    case 'task-succeeded':
      return event.result === undefined ? [event.runtimeMs] : undefined;
    default:
      return undefined;
  }
}

function saidOf(type: (typeof kinds)[number] | undefined, head: object, rest: Value[]): TaskRecordEvent {
  switch (type) {
    case 'task-sent': {
      const [retries, queue, exchange, routingKey, eta] = rest;
      return { ...head, type, retries, eta, queue, exchange, routingKey } as TaskRecordEvent;
    }
    case 'task-received':
      return { ...head, type, retries: rest[0], eta: rest[1] } as TaskRecordEvent;
    case 'task-succeeded':
      return { ...head, type, result: undefined, runtimeMs: rest[0] } as TaskRecordEvent;
    default:
      return { ...head, type } as TaskRecordEvent;
  }
}

/** Without the empty ones at its end. */
function trimmed(values: readonly Value[]): readonly Value[] {
  return values.slice(0, values.findLastIndex((value) => value !== undefined) + 1);
}

function orUndefined(value: Value): string | number | undefined {
  return value ?? undefined;
}

function timeIn(from: Millis, ticks: number): Millis {
  return from + ticks / ticksPerMs;
}
