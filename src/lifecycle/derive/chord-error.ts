/** Reads the record of a chord's body that Celery stores when a task of the header failed. Pure. */
import { parseTaskId, type TaskId } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';

export interface ChordError {
  /** The task of the header that failed; undefined if the text does not name it. */
  readonly dependency: TaskId | undefined;
}

/** `ChordError('Dependency <id> raised …')`. Source: celery/backends/base.py, `chord_error_from_stack`. */
const dependencyIn = /^ChordError\(['"]Dependency (.{1,1024}?) raised /s;

/** Undefined for any other result. The body of such a chord is never published, so no event names it. */
export function chordErrorOf({ status, exception }: TaskResult<Redacted>): ChordError | undefined {
  if (status !== 'failure' || exception?.startsWith('ChordError(') !== true) return undefined;
  return { dependency: parseTaskId(dependencyIn.exec(exception)?.[1]) };
}
