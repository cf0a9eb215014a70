import type { Millis } from '../event/ids.ts';
import type { WitnessKind } from '../event/testimony.ts';
import type { WorkerOptions } from './tables/worker-table.ts';

export interface LifecycleOptions extends WorkerOptions {
  /** The settle window: events of a task may arrive in any order for this long before they become transitions. */
  readonly settleMs: Millis;
  /** Tasks tracked at once; the oldest is evicted first and counted. */
  readonly openTasksMax: number;
  /** Time for which an ended task is kept for late events. */
  readonly rememberMs: Millis;
  /** A task that was sent this long ago and not received is suspected to have vanished. */
  readonly vanishedAfterMs: Millis;
  /** A task that runs for at least this long, and three times as long as it ever did, is suspected to be overdue. */
  readonly overdueAfterMs: Millis;
  /** Sources of testimony about suspected tasks. Without any, silence alone decides. */
  readonly witnesses: readonly WitnessKind[];
  /** False for a sidecar: other instances own some workers, and report what happens there. */
  readonly ownsAllWorkers: boolean;
}

export const defaultLifecycleOptions: LifecycleOptions = {
  settleMs: 1_500,
  openTasksMax: 100_000,
  rememberMs: 600_000,
  silentAfterMs: 30_000,
  graceMs: 30_000,
  workersMax: 10_000,
  vanishedAfterMs: 900_000,
  overdueAfterMs: 1_800_000,
  witnesses: [],
  ownsAllWorkers: true,
};
