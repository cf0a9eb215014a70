/** Failures as the alert evidence observes them: complete, and different only in the fields that a test sets. */
import type { ObservedFailure } from '../../src/alert/evidence/observation.ts';
import type { Fingerprint, Hostname, TaskId } from '../../src/event/ids.ts';
import type { Redacted } from '../../src/event/untrusted.ts';

export type ObservedFailureFields = Partial<
  Omit<ObservedFailure, 'fingerprint' | 'task' | 'queue' | 'host' | 'title' | 'exception' | 'taskId'>
> & {
  readonly fingerprint?: string;
  readonly task?: string | undefined;
  readonly queue?: string | undefined;
  readonly host?: string | undefined;
  readonly title?: string;
  readonly exception?: string | undefined;
  readonly taskId?: string;
};

export function observedFailure(fields: ObservedFailureFields = {}): ObservedFailure {
  const defaults = {
    id: 'failure-1',
    fingerprint: 'cause-1' as Fingerprint,
    task: 'mail.send' as Redacted,
    queue: 'mail',
    host: 'celery@mail-1' as Hostname,
    title: 'Timeout: no answer' as Redacted,
    exception: 'Timeout',
    class: 'transient',
    cause: 'app-error',
    isExhausted: false,
    taskId: 'task-1' as TaskId,
    traceId: 'trace-1',
  };
  return { ...defaults, ...fields } as ObservedFailure;
}
