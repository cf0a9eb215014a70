/** The end of an attempt as the alert evidence observes it: complete, and different only in the fields that a test sets. */
import type { Observation } from '../../src/alert/evidence/observation.ts';
import type { Hostname, TaskId } from '../../src/event/ids.ts';

export type AttemptEnded = Extract<Observation, { kind: 'attempt-ended' }>;

/** An end of `mail.send` at `at`, a success. */
export function observedEnd(at: number, fields: Partial<AttemptEnded> = {}): AttemptEnded {
  return {
    kind: 'attempt-ended',
    at,
    attempt: 'a',
    taskId: 'task-1' as TaskId,
    retries: 0,
    task: 'mail.send',
    queue: 'mail',
    host: 'celery@mail-1' as Hostname,
    outcome: 'succeeded',
    runtimeMs: undefined,
    retry: undefined,
    ...fields,
  };
}
