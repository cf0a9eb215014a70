/**
 * Celery's remote control, as messages. Only commands that look, and the one that switches events on, are here. Pure.
 * Source: kombu/pidbox.py and celery/worker/control.py.
 */
import { type Hostname, parseHostname, type TaskId } from '../../event/ids.ts';
import type { Whereabouts } from '../../event/testimony.ts';
import { isRecord } from './envelope.ts';

export interface ControlCommand {
  readonly method: 'enable_events' | 'query_task';
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Where the answers go; undefined when none is wanted. */
export interface ReplyTo {
  readonly ticket: string;
  readonly exchange: string;
  readonly routingKey: string;
}

export function commandBody({ method, arguments: given }: ControlCommand, replyTo: ReplyTo | undefined): string {
  const body = { method, arguments: given, destination: null, pattern: null, matcher: null };
  if (replyTo === undefined) return JSON.stringify(body);
  const { ticket, exchange, routingKey } = replyTo;
  return JSON.stringify({ ...body, ticket, reply_to: { exchange, routing_key: routingKey } });
}

/** What one worker answered, and nothing of the arguments that its answer is full of. */
export interface ControlReply {
  readonly hostname: Hostname;
  readonly tasks: ReadonlyMap<TaskId, Whereabouts>;
}

/** The answers to `query_task` in one body: `{"w1@host": {"<id>": ["active", {…}]}}`. Anything else is no answer. */
export function readReplies(body: unknown): ControlReply[] {
  if (!isRecord(body)) return [];
  return Object.entries(body).flatMap(([name, answer]): ControlReply[] => {
    if (!isRecord(answer) || 'error' in answer) return [];
    const hostname = parseHostname(name);
    const tasks = new Map<TaskId, Whereabouts>();
    for (const [id, found] of Object.entries(answer)) {
      const whereabouts = Array.isArray(found) ? whereaboutsOf(hostname, found[0], found[1]) : undefined;
      if (whereabouts !== undefined) tasks.set(id as TaskId, whereabouts);
    }
    return [{ hostname, tasks }];
  });
}

function whereaboutsOf(hostname: Hostname, state: unknown, info: unknown): Whereabouts | undefined {
  if (state === 'reserved') return { kind: 'reserved', hostname };
  // A task that it knows and neither executes nor holds back is on its way from one to the other.
  if (state !== 'active') return { kind: 'reserved', hostname };
  const acknowledged = isRecord(info) ? info['acknowledged'] : undefined;
  // `time_start` is the worker's monotonic clock, which tells nobody else anything.
  return {
    kind: 'executing',
    hostname,
    startedAt: undefined,
    isAcknowledged: typeof acknowledged === 'boolean' ? acknowledged : undefined,
  };
}
