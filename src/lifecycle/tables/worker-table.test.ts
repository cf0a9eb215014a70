import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { heartbeatAt } from '../../../test/fakes/task-story.ts';
import type { Hostname } from '../../event/ids.ts';
import type { WorkerEvent } from '../../event/task-event.ts';
import { WorkerTable } from './worker-table.ts';
import type { GoneWorker, WorkerTransition } from './worker-transition.ts';

const options = { silentAfterMs: 30_000, graceMs: 30_000, workersMax: 100 };
const host = 'w@a' as Hostname;
const kinds = (transitions: readonly WorkerTransition[]): string[] => transitions.map(({ kind }) => kind);
const lostAt = (table: WorkerTable, now: number): string[] => kinds(table.sweep(now).lost);
const goneAt = (table: WorkerTable, now: number): readonly GoneWorker[] => table.sweep(now).gone;
const online = (at: number, fields: Partial<WorkerEvent> = {}): WorkerEvent =>
  heartbeatAt(at, { type: 'worker-online', active: undefined, ...fields });
const offline = (at: number, fields: Partial<WorkerEvent> = {}): WorkerEvent =>
  heartbeatAt(at, { type: 'worker-offline', active: undefined, ...fields });

function tableAfter(...events: readonly WorkerEvent[]): WorkerTable {
  const table = new WorkerTable(options);
  for (const event of events) table.apply(event);
  return table;
}

const changes: readonly {
  readonly name: string;
  readonly before: readonly WorkerEvent[];
  readonly event: WorkerEvent;
  readonly want: readonly string[];
}[] = [
  { name: 'the first heartbeat', before: [], event: heartbeatAt(1), want: ['worker-online'] },
  { name: 'the first event, if that is offline', before: [], event: offline(1), want: [] },
  { name: 'a second heartbeat', before: [heartbeatAt(1)], event: heartbeatAt(2), want: [] },
  { name: 'offline', before: [heartbeatAt(1)], event: offline(2), want: ['worker-offline'] },
  { name: 'offline again', before: [offline(1), offline(2)], event: offline(3), want: [] },
  { name: 'a heartbeat after offline', before: [offline(1)], event: heartbeatAt(2), want: ['worker-online'] },
  {
    name: 'another process with the name',
    before: [heartbeatAt(1)],
    event: online(2, { pid: 2 }),
    want: ['worker-restarted'],
  },
  {
    name: 'an event without a process',
    before: [heartbeatAt(1)],
    event: heartbeatAt(2, { pid: undefined }),
    want: [],
  },
  {
    name: 'the first process again, when two share a name',
    before: [heartbeatAt(1), heartbeatAt(2, { pid: 2 })],
    event: heartbeatAt(3),
    want: [],
  },
];
for (const { name, before, event, want } of changes) {
  test(`${name} gives ${want.join(', ') || 'no transition'}`, () => {
    assert.deepEqual(kinds(tableAfter(...before).apply(event)), want);
  });
}

test('a transition states the latest active count, its time and the silence before', () => {
  const [transition] = tableAfter(heartbeatAt(1_000, { active: 3 })).apply(offline(5_000));
  assert.deepEqual(transition, {
    kind: 'worker-offline',
    at: 5_000,
    hostname: host,
    pid: 1,
    active: 3,
    activeAt: 1_000,
    hasReportedActive: true,
    silentMs: 4_000,
  });
});

const losses: readonly {
  readonly name: string;
  readonly events: readonly WorkerEvent[];
  readonly lostAfterMs: number;
}[] = [
  { name: 'a silent worker', events: [heartbeatAt(0)], lostAfterMs: 30_000 },
  {
    name: 'a worker with slow heartbeats needs three missing ones',
    events: [heartbeatAt(0, { heartbeatMs: 20_000 })],
    lostAfterMs: 60_000,
  },
  {
    name: 'a worker that survived a silence gets twice that time',
    events: [heartbeatAt(-50_000), heartbeatAt(0)],
    lostAfterMs: 100_000,
  },
  {
    name: 'a learned silence is limited to ten minutes',
    events: [heartbeatAt(-9_000_000), heartbeatAt(0)],
    lostAfterMs: 1_200_000,
  },
];
for (const { name, events, lostAfterMs } of losses) {
  test(`${name}: lost after ${lostAfterMs} ms`, () => {
    const table = tableAfter(...events);
    assert.deepEqual(lostAt(table, lostAfterMs - 1), []);
    assert.deepEqual(lostAt(table, lostAfterMs), ['worker-lost']);
    assert.deepEqual(lostAt(table, lostAfterMs + 1), [], 'a worker is lost once');
  });
}

describe('a worker with steady heartbeats while it executed tasks', () => {
  const beats = Array.from({ length: 10 }, (_, n) => heartbeatAt(2_000 * (n - 9)));
  const other = 'w@b' as Hostname;
  const arrivals = (table: WorkerTable, from: number, until: number): void => {
    for (let at = from; at <= until; at += 2_000) table.apply(heartbeatAt(at, { hostname: other }));
  };

  test('is lost after 12 s in which events of another worker arrived', () => {
    const table = tableAfter(heartbeatAt(-20_000, { hostname: other }), ...beats);
    arrivals(table, 1_000, 12_000);
    assert.deepEqual(lostAt(table, 11_999), []);
    assert.deepEqual(lostAt(table, 12_000), ['worker-lost']);
  });

  test('is not lost so soon if nothing else arrives', () => {
    assert.deepEqual(lostAt(tableAfter(...beats), 29_999), []);
    assert.deepEqual(lostAt(tableAfter(...beats), 30_000), ['worker-lost']);
  });

  test('is not lost so soon if other events arrive after a pause, because its own may follow', () => {
    const table = tableAfter(...beats);
    arrivals(table, 14_000, 25_000);
    assert.deepEqual(lostAt(table, 25_000), []);
    arrivals(table, 26_000, 26_000);
    assert.deepEqual(lostAt(table, 26_000), ['worker-lost']);
  });

  test('is not lost so soon after a gap, when workers reconnect', () => {
    const table = tableAfter(...beats);
    table.skipGap(5_000);
    arrivals(table, 5_000, 34_000);
    assert.deepEqual(lostAt(table, 34_999), []);
    assert.deepEqual(lostAt(table, 35_000), ['worker-lost']);
  });
});

test('a delayed heartbeat proves life and changes no counter', () => {
  const table = tableAfter(heartbeatAt(0), heartbeatAt(4_000, { active: 2, processed: 12 }));
  table.apply(heartbeatAt(2_000, { receivedAt: 9_000, active: 1, processed: 10 }));
  const [view] = table.views();
  assert.deepEqual([view?.active, view?.processed, view?.lastSeenAt], [2, 12, 9_000]);
});

test('a clock that was set back does not freeze the counters', () => {
  const table = tableAfter(heartbeatAt(3_600_000, { receivedAt: 0 }), heartbeatAt(2_000), heartbeatAt(4_000));
  table.apply(heartbeatAt(6_000, { active: 3 }));
  assert.equal(table.views()[0]?.active, 3);
});

test('the active count of two live processes with one name and pid is their sum', () => {
  const events = [heartbeatAt(0), heartbeatAt(1_000, { active: 2, processed: 3 }), heartbeatAt(2_000)];
  const table = tableAfter(...events, heartbeatAt(3_000, { active: 2, processed: 4 }));
  assert.equal(table.activeWith(heartbeatAt(3_000, { active: 2, processed: 4 })), 3);
  assert.equal(table.activeWith(heartbeatAt(3_000, { active: undefined })), undefined);
});

test('a worker that went offline is not lost, and is gone', () => {
  const table = tableAfter(heartbeatAt(0), offline(1_000));
  assert.deepEqual(lostAt(table, 99_000), []);
  assert.equal(table.isGone(host, 1, 0), true);
});

test('a lost worker that returns is online again', () => {
  const table = tableAfter(heartbeatAt(0));
  table.sweep(30_000);
  assert.deepEqual(kinds(table.apply(heartbeatAt(40_000))), ['worker-online']);
  assert.equal(table.isGone(host, 1, 0), false);
});

test('a task event postpones the loss, but does not revive a lost worker', () => {
  const table = tableAfter(heartbeatAt(0));
  table.noteTaskEvent(host, 1, 20_000);
  assert.deepEqual(lostAt(table, 49_999), []);
  assert.deepEqual(lostAt(table, 50_000), ['worker-lost']);
  table.noteTaskEvent(host, 1, 55_000);
  assert.equal(table.isGone(host, 1, 0), true);
});

test('a task event of an unknown worker adds none', () => {
  const table = new WorkerTable(options);
  table.noteTaskEvent(host, 1, 0);
  assert.deepEqual([table.views(), table.isGone(host, 1, 0)], [[], false]);
});

test('silence counts from the end of a gap, and an old gap moves no time back', () => {
  const table = tableAfter(heartbeatAt(10_000));
  table.skipGap(25_000);
  table.skipGap(5_000);
  assert.deepEqual(lostAt(table, 54_999), []);
  assert.deepEqual(lostAt(table, 55_000), ['worker-lost']);
});

test('a restart under the same pid is reported once it is confirmed', () => {
  const table = tableAfter(heartbeatAt(0), online(6_000, { processed: 0 }), heartbeatAt(8_000, { processed: 1 }));
  assert.deepEqual(lostAt(table, 8_000), ['worker-restarted']);
  assert.deepEqual(lostAt(table, 8_001), []);
});

test('a replaced process is lost after three missing heartbeats, once', () => {
  const table = tableAfter(heartbeatAt(0), online(1_000, { pid: 2 }));
  assert.deepEqual(goneAt(table, 5_999), []);
  const [lost] = goneAt(table, 6_000);
  assert.deepEqual([lost?.kind, lost?.pid, lost?.silentMs], ['worker-restarted', 1, 6_000]);
  assert.deepEqual(goneAt(table, 6_001), []);
});

test('a replaced process that still sends task events is not lost', () => {
  const table = tableAfter(heartbeatAt(0), online(1_000, { pid: 2 }));
  table.noteTaskEvent(host, 1, 5_000);
  assert.deepEqual(goneAt(table, 6_000), []);
  assert.equal(table.isGone(host, 1, 0), false);
});

test('silence of a replaced process counts from the end of a gap', () => {
  const table = tableAfter(heartbeatAt(0), online(1_000, { pid: 2 }));
  table.skipGap(5_000);
  assert.deepEqual(goneAt(table, 10_999), []);
  assert.equal(goneAt(table, 11_000).length, 1);
});

test('a process that went offline before its successor is gone at the end of its grace period', () => {
  const table = tableAfter(heartbeatAt(0), offline(500), online(1_000, { pid: 2 }));
  assert.deepEqual(goneAt(table, 35_499), []);
  assert.deepEqual(
    goneAt(table, 35_500).map(({ pid }) => pid),
    [1],
  );
  assert.equal(table.isGone(host, 1, 0), true);
});

const idle: readonly {
  readonly name: string;
  readonly events: readonly WorkerEvent[];
  readonly want: number | undefined;
}[] = [
  { name: 'an unknown worker', events: [], want: undefined },
  { name: 'a busy worker', events: [heartbeatAt(1, { active: 1 })], want: undefined },
  { name: 'an idle worker', events: [heartbeatAt(1, { active: 0 })], want: 1 },
  {
    name: 'a worker that is idle for two heartbeats',
    events: [heartbeatAt(1, { active: 0 }), heartbeatAt(2, { active: 0 })],
    want: 1,
  },
  {
    name: 'a worker that was busy in between',
    events: [heartbeatAt(1, { active: 0 }), heartbeatAt(2, { active: 1 }), heartbeatAt(3, { active: 0 })],
    want: 3,
  },
  { name: 'an event without a count', events: [heartbeatAt(1, { active: 0 }), online(2)], want: 1 },
];
for (const { name, events, want } of idle) {
  test(`${name} is idle since ${want ?? 'no time'}`, () => assert.equal(tableAfter(...events).idleSince(host), want));
}

test('a worker that only ever reported zero active tasks has not reported an active one', () => {
  const [lost] = tableAfter(heartbeatAt(0, { active: 0 })).sweep(45_000).lost;
  assert.equal(lost?.hasReportedActive, false);
});

test('views show the state of each worker', () => {
  const table = tableAfter(
    heartbeatAt(0, { hostname: 'w@lost' as Hostname, software: 'py-celery 5.6.3' }),
    offline(40_000, { hostname: 'w@offline' as Hostname }),
    heartbeatAt(40_000, { hostname: 'w@online' as Hostname }),
  );
  table.sweep(40_000);
  assert.deepEqual(
    table.views().map(({ hostname, state, software }) => [hostname, state, software]),
    [
      ['w@lost', 'lost', 'py-celery 5.6.3'],
      ['w@offline', 'offline', undefined],
      ['w@online', 'online', undefined],
    ],
  );
});

test('the last events restore the states in another table', () => {
  const table = tableAfter(heartbeatAt(40_000, { active: 2 }), offline(41_000, { hostname: 'w@offline' as Hostname }));
  assert.deepEqual(tableAfter(...table.lastEvents()).views(), table.views());
});

test('a removed worker is unknown', () => {
  const table = tableAfter(heartbeatAt(0));
  table.remove(host);
  assert.deepEqual([[...table.names()], table.isGone(host, 1, 0)], [[], false]);
});

test('beyond the limit the worker with the oldest event is evicted', () => {
  const table = new WorkerTable({ ...options, workersMax: 2 });
  for (const [index, name] of ['w@a', 'w@b', 'w@a', 'w@c'].entries()) {
    table.apply(heartbeatAt(index, { hostname: name as Hostname }));
  }
  assert.deepEqual([...table.names()], ['w@a', 'w@c']);
});
