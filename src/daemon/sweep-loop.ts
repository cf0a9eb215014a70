/** The timers of a daemon: pipelines are swept several times a second; alerts and the page are updated every second. */
import type { Millis } from '../event/ids.ts';
import type { WorkerView } from '../lifecycle/tables/worker-table.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Service } from '../runtime/service.ts';
import type { Board } from '../status/board.ts';
import type { BrokerWatch } from './broker.ts';

export interface SweepLoopOptions {
  readonly clock: Clock;
  readonly brokers: readonly Pick<BrokerWatch, 'name' | 'lifecycle' | 'pipeline'>[];
  readonly exports: { sweep(now: Millis): void; queuedCount(): number };
  /** Evaluates the noise policy. */
  readonly tickAlerts: () => Promise<void>;
  readonly board: Pick<Board, 'recordWorkers'>;
  readonly report: Report;
  /** Silence after which a worker counts as lost. */
  readonly silentAfterMs: Millis;
}

export interface SweepLoop extends Service {
  lastSweepAt(): Millis;
  /** Every span and record up to this time was delivered. */
  deliveredUntil(): Millis;
  /** Records that everything up to now was delivered. */
  markDelivered(): void;
}

/** Short while there are tasks, so that one sweep is short too. Without tasks only the wake-up costs anything. */
const sweepEveryMs = { busy: 100, idle: 250 };
const tickEveryMs = 1_000;
/** A clock that differs by more is reported once for each worker. */
const clockWrongMs = 2_000;
const wrongClocksMax = 10_000;

export function createSweepLoop(options: SweepLoopOptions): SweepLoop {
  const { clock, brokers, exports, report } = options;
  const wrongClocks = new Set<string>();
  let timers: Disposable[] = [];
  let nextSweep: Disposable | undefined;
  let lastSweepAt = clock.now();
  let deliveredUntil = clock.now();

  function sweep(): void {
    const now = clock.now();
    // After a pause of the process all messages arrive at once: the workers were not silent, this process slept.
    if (now - lastSweepAt >= options.silentAfterMs) {
      for (const { name, pipeline } of brokers)
        pipeline.gap({ source: name, from: lastSweepAt, to: now, cause: 'overload' });
    }
    lastSweepAt = now;
    if (exports.queuedCount() === 0) deliveredUntil = now;
    for (const { pipeline } of brokers) pipeline.sweep(now);
    exports.sweep(now);
  }

  function scheduleSweep(): void {
    const isBusy = brokers.some(({ lifecycle }) => lifecycle.trackedCount() > 0);
    nextSweep = clock.after(isBusy ? sweepEveryMs.busy : sweepEveryMs.idle, () => {
      scheduleSweep();
      sweep();
    });
  }

  function tickAlerts(): void {
    options.tickAlerts().catch((error: unknown) => report({ kind: 'bug', where: 'alerts.tick', error }));
  }

  function reportClocks(workers: readonly WorkerView[]): void {
    let largest: WorkerView | undefined;
    for (const worker of workers) {
      const { hostname, clockOffsetMs } = worker;
      if (Math.abs(clockOffsetMs) >= Math.abs(largest?.clockOffsetMs ?? 0)) largest = worker;
      if (Math.abs(clockOffsetMs) < clockWrongMs || wrongClocks.has(hostname)) continue;
      if (wrongClocks.size >= wrongClocksMax) wrongClocks.clear();
      wrongClocks.add(hostname);
      report({ kind: 'clock-wrong', hostname, offsetMs: clockOffsetMs });
    }
    if (largest !== undefined)
      report({ kind: 'clock-offset', hostname: largest.hostname, offsetMs: largest.clockOffsetMs });
  }

  function updateBoard(): void {
    const count = sumOf(brokers, ({ lifecycle }) => lifecycle.trackedCount());
    report({
      kind: 'tracked-tasks',
      count,
      unsure: sumOf(brokers, ({ lifecycle }) => lifecycle.uncertainCount()),
    });
    const workers = brokers.flatMap(({ lifecycle }) => lifecycle.workers());
    options.board.recordWorkers(workers, count);
    reportClocks(workers);
  }

  return {
    name: 'sweeps',
    lastSweepAt: () => lastSweepAt,
    deliveredUntil: () => deliveredUntil,
    markDelivered() {
      deliveredUntil = clock.now();
    },
    async start() {
      scheduleSweep();
      timers = [clock.every(tickEveryMs, tickAlerts), clock.every(tickEveryMs, updateBoard)];
    },
    /** Derives every outcome that the events so far allow, for a last export. */
    async stop() {
      for (const timer of timers.splice(0)) timer[Symbol.dispose]();
      nextSweep?.[Symbol.dispose]();
      for (const { pipeline } of brokers) pipeline.settleAll(clock.now());
    },
  };
}

function sumOf<Item>(items: readonly Item[], pick: (item: Item) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}
