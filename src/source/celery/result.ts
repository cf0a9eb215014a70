/**
 * What Celery stores in its result backend → a typed result, or the reason why it is none. Pure. The returned value, and the
 * raw arguments that `result_extended` puts beside it, are never read. Source: celery/backends/base.py, `_get_result_meta`
 * and `prepare_exception`.
 */
import { type Millis, parseHostname, parseTaskId } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import { Untrusted } from '../../event/untrusted.ts';
import type { RejectReason } from '../../report.ts';
import { isRecord, readBody } from '../kombu/envelope.ts';

export type DecodedResult =
  | { readonly ok: true; readonly event: TaskResult<Untrusted> }
  | { readonly ok: false; readonly reason: RejectReason };

const statuses: Readonly<Record<string, TaskResult<never>['status']>> = {
  STARTED: 'started',
  SUCCESS: 'success',
  FAILURE: 'failure',
  RETRY: 'retry',
  REVOKED: 'revoked',
};

export function decodeResult(payload: string, receivedAt: Millis): DecodedResult {
  const body = readBody(payload);
  if (!body.ok) return body;
  if (!isRecord(body.value)) return { ok: false, reason: 'not-an-object' };
  const fields = body.value;
  const id = parseTaskId(fields['task_id']);
  if (id === undefined) return { ok: false, reason: 'no-task-id' };
  const status = typeof fields['status'] === 'string' ? statuses[fields['status']] : undefined;
  // Applications store states of their own, PROGRESS for one.
  if (status === undefined) return { ok: false, reason: 'not-a-lifecycle-event' };
  const { worker, retries } = fields;
  return {
    ok: true,
    event: {
      type: 'task-result',
      id,
      status,
      at: doneAt(fields['date_done'], receivedAt),
      receivedAt,
      hostname: typeof worker === 'string' ? parseHostname(worker) : undefined,
      retries: typeof retries === 'number' && Number.isSafeInteger(retries) && retries >= 0 ? retries : undefined,
      name: boxed(fields['name']),
      groupId: parseTaskId(fields['group_id']),
      parentId: parseTaskId(fields['parent_id']),
      exception: status === 'success' ? undefined : boxed(exceptionText(fields['result'])),
      traceback: boxed(fields['traceback']),
    },
  };
}

function boxed(value: unknown): Untrusted | undefined {
  return typeof value === 'string' && value !== '' ? new Untrusted(value) : undefined;
}

/** Times that a clock can show: a worker's clock may be off, but not by an hour from when we heard of it. */
const skewMsMax = 3_600_000;
const keptMsMax = 400 * 86_400_000;

/** ISO 8601; without an offset it is UTC. The time of receipt where it is missing or cannot be. */
function doneAt(value: unknown, receivedAt: Millis): Millis {
  if (typeof value !== 'string') return receivedAt;
  // Date knows no microseconds, by which an end comes after its own begin.
  const micros = Number(/\.\d{3}(\d{3})/.exec(value)?.[1] ?? 0);
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`) + micros / 1_000;
  return at > receivedAt - keptMsMax && at < receivedAt + skewMsMax ? at : receivedAt;
}

/** `ClassName('message')`, as the events write it; undefined where the backend stores no exception. */
function exceptionText(result: unknown): string | undefined {
  if (!isRecord(result) || typeof result['exc_type'] !== 'string') return undefined;
  const { exc_type: type, exc_message: message } = result;
  // An exception that does not pickle is stored inside a wrapper: its module, its class, its arguments, its text.
  if (type === 'UnpickleableExceptionWrapper' && Array.isArray(message) && typeof message[1] === 'string') {
    return `${message[1]}(${argumentsText(message[2])})`;
  }
  return `${type}(${argumentsText(message)})`;
}

function argumentsText(message: unknown): string {
  const values: unknown[] = Array.isArray(message) ? message : [message];
  return values
    .filter((value) => value !== undefined)
    .map(pythonText)
    .join(', ');
}

/** As Python's repr would print a plain value; deeper ones as JSON, which no later stage reads. */
function pythonText(value: unknown): string {
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
