/** The tables of one lifecycle, shared by the functions that settle, suspect and hand over tasks. */

import type { LifecycleOptions } from './lifecycle-options.ts';
import { Evictions } from './tables/evictions.ts';
import { Gaps } from './tables/gaps.ts';
import { HostClocks } from './tables/host-clocks.ts';
import { RunningAttempts } from './tables/running-attempts.ts';
import { TaskNameBaseline } from './tables/task-name-baseline.ts';
import type { TaskRecord } from './tables/task-record.ts';
import { TaskTable } from './tables/task-table.ts';
import { WorkerTable } from './tables/worker-table.ts';

export interface LifecycleState {
  readonly options: LifecycleOptions;
  readonly tasks: TaskTable;
  readonly workers: WorkerTable;
  readonly clocks: HostClocks;
  readonly running: RunningAttempts;
  readonly baseline: TaskNameBaseline;
  readonly gaps: Gaps;
  /** Open tasks whose end event may have been missed in a gap. */
  readonly uncertain: Set<TaskRecord>;
  readonly evictions: Evictions;
}

export function createLifecycleState(options: LifecycleOptions): LifecycleState {
  const { openTasksMax: openMax, rememberMs } = options;
  const running = new RunningAttempts();
  const uncertain = new Set<TaskRecord>();
  const evictions = new Evictions();
  const tasks = new TaskTable({ openMax, rememberMs }, (record) => {
    running.remove(record);
    uncertain.delete(record);
    evictions.add(record);
  });
  return {
    options,
    tasks,
    workers: new WorkerTable(options),
    clocks: new HostClocks(),
    running,
    baseline: new TaskNameBaseline(),
    gaps: new Gaps(),
    uncertain,
    evictions,
  };
}
