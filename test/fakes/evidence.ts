/** Evidence for tests of the policy, below the alert sink. */
import type { Evidence } from '../../src/alert/decide.ts';
import { failureOf } from './failure.ts';

/** A failure of the group, received at `receivedAt` on the clock of the state. */
export function evidenceFor(failureId: string, receivedAt: number, hostname = 'celery@worker-1'): Evidence {
  const { task, fingerprint, title, cause, class: failureClass } = failureOf({ id: failureId });
  return {
    failureId,
    receivedAt,
    hostname,
    subject: {
      fingerprint,
      taskName: task.name,
      queue: task.queue,
      title,
      class: failureClass,
      cause,
      example: { taskId: task.id, traceId: task.traceId },
    },
  };
}
