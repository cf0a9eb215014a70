/** Trace and span ids, computed: any number of sidecars give the same task the same ids. */
import { hash } from 'node:crypto';
import type { TaskId } from '../event/ids.ts';

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const zeros = '0'.repeat(32);

/** 32 hex digits: the root id itself when it is a UUID, so that people can search for it, else a hash of it. */
export function traceIdOf(rootId: TaskId): string {
  if (uuid.test(rootId)) {
    const digits = rootId.replaceAll('-', '').toLowerCase();
    // All zeros means "no trace" on the wire.
    if (digits !== zeros) return digits;
  }
  return hash('sha256', `trace\0${rootId}`).slice(0, 32);
}

/** 16 hex digits for one part of a task: the task itself, one attempt, one send, one wait. */
export function spanIdOf(taskId: TaskId, part: string): string {
  return hash('sha256', `span\0${taskId}\0${part}`).slice(0, 16);
}

/** The part name of a task's own span. An id can be published again after its task ended: each life has its span. */
export function taskPart(life: number): string {
  return `task.${life}`;
}
