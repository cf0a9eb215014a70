import type { TaskId } from '../event/ids.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { TaskTable } from './tables/task-table.ts';
import { spanIdOf, taskPart } from './trace-id.ts';

/** Ancestors checked for a cycle; the parent in a deeper call chain is kept without the check. */
const ancestorsMax = 100;

/**
 * The span id of the parent task. Undefined if the parent is not tracked here, or if the task is among its own ancestors:
 * `replace()` runs the last step of a chain under the id of the first one.
 */
export function parentSpanIdOf(tasks: TaskTable, record: TaskRecord): string | undefined {
  const { parentId, id } = record;
  const parent = parentId === undefined ? undefined : tasks.find(parentId);
  if (parent === undefined) return undefined;
  // A parent whose root is not known yet may be in another trace.
  if ((parent.rootId ?? parent.id) !== (record.rootId ?? id)) return undefined;
  let ancestor: TaskId | undefined = parentId;
  for (let steps = 0; ancestor !== undefined && steps < ancestorsMax; steps += 1) {
    if (ancestor === id) return undefined;
    ancestor = tasks.find(ancestor)?.parentId;
  }
  return spanIdOf(parent.id, taskPart(Math.max(0, parent.endedPublications - 1)));
}
