/** An end event → outcome, cause, exception and signal of the attempt that it ends. */
import { causeOf, type ExceptionText, readException, signalOf } from '../../event/python/exception.ts';
import type { AttemptOutcome, Cause } from '../transition.ts';
import type { TaskRecordEvent } from './record-event.ts';

export type EndEvent = Exclude<TaskRecordEvent, { type: 'task-sent' | 'task-received' | 'task-started' }>;

export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly cause: Cause | undefined;
  readonly exception: ExceptionText | undefined;
  readonly signal: string | undefined;
}

export function attemptEndOf(event: EndEvent): AttemptEnd {
  const noDetails = { exception: undefined, signal: undefined };
  switch (event.type) {
    case 'task-succeeded':
      return { outcome: 'succeeded', cause: undefined, ...noDetails };
    case 'task-failed': {
      const exception = readException(event.exception, event.traceback);
      const cause = causeOf(exception);
      // Later Celery releases report a rejection as a failure.
      return { outcome: cause === 'rejected' ? 'rejected' : 'failed', cause, exception, signal: signalOf(exception) };
    }
    case 'task-retried': {
      const exception = readException(event.exception, event.traceback);
      return { outcome: 'retried', cause: causeOf(exception), exception, signal: undefined };
    }
    case 'task-rejected':
      return { outcome: 'rejected', cause: event.requeue ? 'requeued' : 'rejected', ...noDetails };
    case 'task-revoked': {
      const cause = event.expired ? 'expired' : event.terminated ? 'terminated' : 'revoked';
      return { outcome: 'revoked', cause, exception: undefined, signal: signalName(event.signal) };
    }
    case 'task-cancelled':
      return { outcome: 'cancelled', cause: 'cancelled', ...noDetails };
    default:
      return event satisfies never;
  }
}

/** Numbers as on Linux; a worker on another system sends the name. */
const signalNames: Readonly<Record<string, string>> = {
  '1': 'SIGHUP',
  '2': 'SIGINT',
  '3': 'SIGQUIT',
  '6': 'SIGABRT',
  '9': 'SIGKILL',
  '10': 'SIGUSR1',
  '11': 'SIGSEGV',
  '15': 'SIGTERM',
};

function signalName(signal: string | undefined): string | undefined {
  return signal === undefined ? undefined : (signalNames[signal] ?? signal);
}
