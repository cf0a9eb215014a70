/** The title of a failure: one line for a Slack message, a Sentry issue and the status page. */
import { cleanName } from '../event/ids.ts';
import { shortName } from '../event/python/class-name.ts';
import { partOf, type Redacted, redactedText } from '../event/untrusted.ts';
import type { Cause } from '../lifecycle/transition.ts';
import type { FailedTask } from './facts.ts';

/** One line of a Slack message on a phone. */
const titleCharsMax = 200;

export function titleOf({ task, attempt, cause }: FailedTask): Redacted {
  const { type, message = '' } = attempt?.exception ?? task.exception ?? {};
  const full = textOf({ cause, type, message, signal: attempt?.signal, taskName: task.name });
  const line = full.replace(/\s+/g, ' ').trim();
  const isCut = line.length > titleCharsMax;
  const short = isCut ? line.slice(0, titleCharsMax - 1).trimEnd() : line;
  return redactedText`${partOf(full, short.toWellFormed())}${isCut ? '…' : ''}`;
}

interface TitleParts {
  readonly cause: Cause;
  readonly type: Redacted | undefined;
  readonly message: Redacted | '';
  readonly signal: string | undefined;
  readonly taskName: Redacted | undefined;
}

function textOf({ cause, type, message, signal, taskName }: TitleParts): Redacted {
  switch (cause) {
    case 'soft-time-limit':
      return redactedText`SoftTimeLimitExceeded: ran longer than its soft time limit`;
    case 'hard-time-limit': {
      const seconds = /\((\d+(?:\.\d+)?)/.exec(message)?.[1];
      const limit = seconds === undefined ? '' : redactedText` of ${partOf(message, seconds)} s`;
      return redactedText`TimeLimitExceeded: killed at its hard time limit${limit}`;
    }
    case 'worker-lost':
      return redactedText`WorkerLost: ${lossOf(signal, message)}`;
    case 'unregistered':
      return redactedText`NotRegistered: the worker does not know ${message === '' ? (taskName ?? 'this task') : message}`;
    case 'expired':
      return redactedText`Expired: no worker started it before it expired`;
    case 'vanished':
      return redactedText`Vanished: it was sent, and neither the broker nor a worker has it`;
    case 'poison-loop':
      return redactedText`PoisonLoop: it is delivered again and again and never ends`;
    case 'rejected':
      return redactedText`Rejected: ${message === '' ? 'the task rejected its message, which is gone' : message}`;
    case 'revoked':
      return redactedText`Revoked: an operator or the application revoked it`;
    case 'terminated':
      return signal === undefined
        ? redactedText`Terminated: its process was stopped on request`
        : redactedText`Terminated: its process was stopped on request by ${cleanName(signal) ?? 'a signal'}`;
    case 'cancelled':
      return redactedText`Cancelled: its worker cancelled it`;
    default:
      if (type === undefined) return redactedText`${cause}: the worker reported no exception`;
      return message === '' ? shortName(type) : redactedText`${shortName(type)}: ${message}`;
  }
}

function lossOf(signal: string | undefined, message: Redacted | ''): Redacted {
  if (signal !== undefined) return redactedText`its process was killed by ${cleanName(signal) ?? 'a signal'}`;
  const code = /exitcode (-?\d+)/.exec(message)?.[1];
  return code === undefined
    ? redactedText`its worker died while the task ran`
    : redactedText`its process exited with code ${partOf(message, code)}`;
}
