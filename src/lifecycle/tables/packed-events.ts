/**
 * The contents of an idle task record as one short text: a third of the memory that the objects take, and one object
 * instead of a dozen for the garbage collector to visit. Pure.
 */
import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { TaskRecordEvent } from '../derive/record-event.ts';
import type { StoredAttributes } from '../derive/task-attributes.ts';

export interface RecordContents {
  readonly attributes: StoredAttributes;
  readonly events: readonly TaskRecordEvent[];
}

type Value = string | number | null | undefined;
/**
 * Host 0 repeats the host of the previous row. Times are in ticks: the first relative to the first event, the second
 * relative to the first time of the row.
 */
type Row = [kind: number, hostname: Hostname | 0, pid: Value, at: number, receivedAt: number, ...rest: Value[]];
type Packed = [from: Millis, rows: readonly Row[], ...attributes: Value[]];

/** Added to the kind of a row that has the skew of its sender's clock as its first value. */
const skewed = 8;
const kinds = ['task-sent', 'task-received', 'task-started', 'task-succeeded'] as const;
/** The step of a double that holds the epoch milliseconds of our time, so that ticks are whole numbers, and short. */
const ticksPerMs = 4_096;

/** Undefined if an event carries a text (a result, an exception) or a time that the ticks do not represent exactly. */
export function pack({ attributes, events }: RecordContents): string | undefined {
  // Checked first because only an end event, which comes last, can carry a text.
  const end = events.at(-1);
  if (end !== undefined && fieldsOf(end) === undefined) return undefined;
  const from = events[0]?.at ?? 0;
  const rows: Row[] = [];
  let previousHost: Hostname | undefined;
  for (const event of events) {
    const { type, hostname, pid, at, skewMs, receivedAt } = event;
    const fields = fieldsOf(event);
    const [ticks, later] = [(at - from) * ticksPerMs, (receivedAt - at) * ticksPerMs];
    const isExact = timeOf(from, ticks) === at && timeOf(at, later) === receivedAt;
    if (fields === undefined || !isExact) return undefined;
    const kind = kinds.indexOf(type as (typeof kinds)[number]);
    const host = hostname === previousHost ? 0 : hostname;
    const rest = withoutTrailing(fields);
    if (skewMs === undefined) rows.push([kind, host, pid, ticks, later, ...rest]);
    else rows.push([kind + skewed, host, pid, ticks, later, skewMs, ...rest]);
    previousHost = hostname;
  }
  const { name, args, kwargs, queue, groupId, eta, expires } = attributes;
  const stored = withoutTrailing([name, args, kwargs, queue, groupId, eta, expires]);
  return JSON.stringify([from, rows, ...stored] satisfies Packed);
}

/** The contents that `pack` was given. */
export function unpack(packed: string, id: TaskId): RecordContents {
  const [from, rows, ...stored] = JSON.parse(packed) as Packed;
  const [name, args, kwargs, queue, groupId, eta, expires] = stored.map(orUndefined);
  let previousHost: Hostname | 0 = 0;
  const events = rows.map(([kind, host, pid, ticks, later, ...fields]) => {
    const hostname: Hostname | 0 = host === 0 ? previousHost : host;
    previousHost = hostname;
    const at = timeOf(from, ticks);
    const values = fields.map(orUndefined);
    const skewMs = kind < skewed ? undefined : values.shift();
    const common = { id, hostname, pid: pid ?? undefined, at, skewMs, receivedAt: timeOf(at, later) };
    return eventOf(kinds[kind % skewed], common, values);
  });
  return { attributes: { name, args, kwargs, queue, groupId, eta, expires } as StoredAttributes, events };
}

/** The fields beside those that all events share; undefined for an event that is not packed, because it carries a text. */
function fieldsOf(event: TaskRecordEvent): Value[] | undefined {
  switch (event.type) {
    case 'task-sent':
      return [event.retries, event.queue, event.exchange, event.routingKey, event.eta];
    case 'task-received':
      return [event.retries, event.digest, event.eta];
    case 'task-started':
      return [];
    case 'task-succeeded':
      return event.result === undefined ? [event.runtimeMs] : undefined;
    default:
      return undefined;
  }
}

function eventOf(type: (typeof kinds)[number] | undefined, common: object, fields: Value[]): TaskRecordEvent {
  switch (type) {
    case 'task-sent': {
      const [retries, queue, exchange, routingKey, eta] = fields;
      return { ...common, type, retries, eta, queue, exchange, routingKey } as TaskRecordEvent;
    }
    case 'task-received':
      return { ...common, type, retries: fields[0], eta: fields[2], digest: fields[1] } as TaskRecordEvent;
    case 'task-succeeded':
      return { ...common, type, result: undefined, runtimeMs: fields[0] } as TaskRecordEvent;
    default:
      return { ...common, type } as TaskRecordEvent;
  }
}

/** Without the undefined values at the end. */
function withoutTrailing(values: readonly Value[]): readonly Value[] {
  return values.slice(0, values.findLastIndex((value) => value !== undefined) + 1);
}

function orUndefined(value: Value): string | number | undefined {
  return value ?? undefined;
}

function timeOf(from: Millis, ticks: number): Millis {
  return from + ticks / ticksPerMs;
}
