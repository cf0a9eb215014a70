/** The open tasks and the workers as text, so that another instance can take them over. One line of JSON per entry. */
import type { Hostname, Millis } from '../event/ids.ts';
import type { WorkerEvent } from '../event/task-event.ts';
import type { LifecycleState } from './lifecycle-state.ts';
import type { SavedRecord, TaskRecord } from './tables/task-record.ts';

export interface SavedWork {
  readonly text: string;
  /** True if not all open tasks found room. */
  readonly isCut: boolean;
}

/**
 * Workers and open tasks, at most `charsMax` characters. Executing tasks come first, because a death of their worker
 * destroys them. With `isIncluded`, only the workers it accepts and the tasks that execute on them.
 */
export function saveState(
  { tasks, workers }: LifecycleState,
  charsMax: number,
  isIncluded?: (hostname: Hostname) => boolean,
): SavedWork {
  const lines = workers
    .lastEvents()
    .filter(({ hostname }) => isIncluded?.(hostname) ?? true)
    .map((event) => JSON.stringify(event));
  const isRecordIncluded = ({ openAttempt }: TaskRecord): boolean =>
    openAttempt === undefined ? isIncluded === undefined : (isIncluded?.(openAttempt.hostname) ?? true);
  let chars = lines.reduce((sum, line) => sum + line.length + 1, 0);
  for (const isExecuting of [true, false]) {
    for (const record of tasks.open()) {
      if ((record.openAttempt !== undefined) !== isExecuting || !isRecordIncluded(record)) continue;
      const line = JSON.stringify(record.save());
      chars += line.length + 1;
      if (chars > charsMax) return { text: lines.join('\n'), isCut: true };
      lines.push(line);
    }
  }
  return { text: lines.join('\n'), isCut: false };
}

/**
 * Adds what `saveState` wrote on another instance. Of a worker the later event counts. Throws SyntaxError for a text that is
 * not from `saveState`.
 */
export function restoreState({ tasks, workers }: LifecycleState, saved: string, now: Millis): void {
  const known = new Map(workers.lastEvents().map(({ hostname, receivedAt }) => [hostname, receivedAt]));
  for (const line of saved.split('\n')) {
    if (line === '') continue;
    const entry = JSON.parse(line) as WorkerEvent | SavedRecord;
    if ('type' in entry) {
      if (entry.receivedAt > (known.get(entry.hostname) ?? Number.NEGATIVE_INFINITY)) workers.apply(entry);
      continue;
    }
    const record = tasks.recordOf(entry.attributes.id);
    record.restore(entry);
    tasks.settleAt(record, now);
  }
  // Events before now went to the other instance, so silence before now proves nothing here.
  workers.skipGap(now);
}

/** Removes the workers that `isReleased` accepts and the tasks that execute on them: another instance owns them now. */
export function releaseWorkers(
  { tasks, workers, running, uncertain }: LifecycleState,
  isReleased: (hostname: Hostname) => boolean,
): void {
  for (const hostname of [...workers.names()].filter(isReleased)) {
    for (const record of running.onWorker(hostname)) {
      running.remove(record);
      uncertain.delete(record);
      tasks.remove(record);
    }
    workers.remove(hostname);
  }
}
