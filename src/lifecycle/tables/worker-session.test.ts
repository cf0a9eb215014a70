import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  disturb,
  disturbances,
  epoch,
  heartbeatMs,
  historyOf,
  type LivedProcess,
  type ProcessHistory,
  processPlans,
} from '../../../test/fakes/worker-processes.ts';
import type { WorkerEvent } from '../../event/task-event.ts';
import { WorkerTable } from './worker-table.ts';
import type { GoneWorker } from './worker-transition.ts';

const options = { silentAfterMs: 30_000, graceMs: 10_000, workersMax: 10 };
const runs = { numRuns: Number(process.env['TASKVIGIL_PROPERTY_RUNS'] ?? 300) };

/** All processes that a table calls gone, swept twice a second until 60 s after the last event. */
function goneDuring(events: readonly WorkerEvent[]): GoneWorker[] {
  const table = new WorkerTable(options);
  const gone: GoneWorker[] = [];
  const until = Math.max(...events.map(({ receivedAt }) => receivedAt)) + 60_000;
  let next = 0;
  for (let now = epoch; now <= until; now += 500) {
    for (; next < events.length && (events[next] as WorkerEvent).receivedAt <= now; next += 1)
      table.apply(events[next] as WorkerEvent);
    gone.push(...table.sweep(now).gone);
  }
  return gone;
}

/** True if an attempt that started at `at` is lost with the process. */
const covers = ({ from, until, isShared }: GoneWorker, at: number): boolean => !isShared && from <= at && at < until;

/** Start times of attempts that a process has: after its first heartbeat, in the middle, and shortly before its end. */
const startsOf = ({ startAt, endAt }: LivedProcess): number[] => [
  startAt + heartbeatMs + 1,
  (startAt + endAt) / 2,
  endAt - 600,
];

function assertNoFalseDeath({ processes }: ProcessHistory, gone: readonly GoneWorker[]): void {
  for (const process of processes) {
    for (const at of startsOf(process)) {
      const early = gone.find((one) => covers(one, at) && one.at >= at && one.at < process.endAt);
      assert.equal(early, undefined, `an attempt from ${at - epoch} ends at ${process.endAt - epoch}`);
    }
  }
}

test('no process is gone while it lives, whatever events are lost or delayed', () => {
  fc.assert(
    fc.property(processPlans, disturbances, (plans, changes) => {
      const history = historyOf(plans);
      assertNoFalseDeath(history, goneDuring(disturb(history.events, changes)));
    }),
    runs,
  );
});

/** True if an event of the successor has a counter or a clock that fell back behind the last event of the process. */
function isToldApart(received: readonly WorkerEvent[], process: LivedProcess, successor: LivedProcess): boolean {
  const sentIn = ({ startAt, endAt }: LivedProcess): WorkerEvent[] =>
    received.filter(({ at }) => at >= startAt && at < endAt);
  const last = sentIn(process).reduce((latest, event) => (event.at > latest.at ? event : latest));
  return sentIn(successor).some(
    ({ at, receivedAt, processed, clock }) =>
      at === receivedAt && ((processed ?? 0) < (last.processed ?? 0) || (clock ?? 0) < (last.clock ?? 0)),
  );
}

test('a process that another one replaced is gone within 20 s of two events of the new one', () => {
  fc.assert(
    fc.property(processPlans, disturbances, (plans, changes) => {
      const { events, processes } = historyOf(plans);
      const received = disturb(events, changes);
      const gone = goneDuring(received);
      for (const [index, process] of processes.entries()) {
        const successor = processes[index + 1];
        if (successor === undefined || !isToldApart(received, process, successor)) continue;
        const at = process.startAt + heartbeatMs + 1;
        const found = gone.find((one) => covers(one, at) && one.at >= process.endAt);
        assert.ok(found !== undefined, `process ${index} is not gone`);
        assert.ok(found.at <= successor.confirmedAt + 20_000, `process ${index} is gone at ${found.at - epoch}`);
      }
    }),
    runs,
  );
});

test('two live processes with one name and pid lose nothing, nor does one lose what both may execute', () => {
  fc.assert(
    fc.property(
      processPlans,
      fc.integer({ min: 1, max: 1_999 }),
      fc.integer({ min: 50, max: 900 }),
      (plans, phase, ahead) => {
        const killed = historyOf(plans);
        const end = Math.max(...killed.events.map(({ at }) => at)) + 60_000;
        const steady = historyOf(
          [
            {
              ...(plans[0] as (typeof plans)[number]),
              heartbeats: (end - epoch) / 2_000,
              pauseMs: 0,
              reconnects: [],
              end: 'killed',
            },
          ],
          epoch + phase,
        );
        const other = steady.events.map((event) => ({
          ...event,
          processed: (event.processed ?? 0) + ahead * 1_000,
          clock: (event.clock ?? 0) + ahead * 1_000,
        }));
        const gone = goneDuring([...killed.events, ...other].sort((a, b) => a.receivedAt - b.receivedAt));
        assertNoFalseDeath({ events: [], processes: steady.processes }, gone);
      },
    ),
    runs,
  );
});
