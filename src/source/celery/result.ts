/**
 * Decodes a record of Celery's result backend. Pure. Never reads the returned value or the raw arguments that
 * `result_extended` adds. Source: celery/backends/base.py, `_get_result_meta` and `prepare_exception`.
 */
import { type Millis, parseHostname, parseTaskId } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import { Untrusted } from '../../event/untrusted.ts';
import { isRecord } from '../is-record.ts';
import { noIdReason, type RejectReason } from '../source.ts';

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

/** The result in a parsed record, or the reason why it is none. */
export function decodeResult(fields: unknown, receivedAt: Millis): DecodedResult {
  if (!isRecord(fields)) return { ok: false, reason: 'not-an-object' };
  const id = parseTaskId(fields['task_id']);
  if (id === undefined) return { ok: false, reason: noIdReason(fields['task_id']) };
  const status = typeof fields['status'] === 'string' ? statuses[fields['status']] : undefined;
  // Applications store custom states, for example PROGRESS.
  if (status === undefined) return { ok: false, reason: 'not-a-lifecycle-event' };
  const { worker, retries } = fields;
  return {
    ok: true,
    event: {
      type: 'task-result',
      id,
      status,
      at: storedAt(fields['date_done'], receivedAt),
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

/** Limits of a plausible time: a worker's clock may be ahead, but not by an hour. */
const skewMsMax = 3_600_000;
/** Longer than any backend keeps its records. */
const keptMsMax = 400 * 86_400_000;

/** The time in ISO 8601, in UTC if it has no offset; the time of receipt if it is missing or not plausible. */
function storedAt(value: unknown, receivedAt: Millis): Millis {
  if (typeof value !== 'string') return receivedAt;
  // Date drops microseconds, without which an end may precede its own start.
  const micros = Number(/\.\d{3}(\d{3})/.exec(value)?.[1] ?? 0);
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`) + micros / 1_000;
  return at > receivedAt - keptMsMax && at < receivedAt + skewMsMax ? at : receivedAt;
}

/** `ClassName('message')` as events contain it; undefined if the record has no exception. */
function exceptionText(result: unknown): string | undefined {
  if (!isRecord(result) || typeof result['exc_type'] !== 'string') return undefined;
  const { exc_type: type, exc_message: message } = result;
  // A wrapper replaces an exception that cannot be pickled. Its arguments are module, class, arguments and text.
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

/** Python's repr of a plain value. Nested values are JSON, because no later stage reads them. */
function pythonText(value: unknown): string {
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
