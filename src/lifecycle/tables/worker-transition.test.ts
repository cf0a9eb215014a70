import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatAt } from '../../../test/fakes/task-story.ts';
import { addEvent, startSession, type WorkerSession } from './worker-session.ts';
import { changeBetween, goneOf, transitionOf } from './worker-transition.ts';

/** A process with a heartbeat at each of the times, the first one with `active: 0`, so that it starts there. */
function processOf(number: number, times: readonly number[], previous?: WorkerSession): WorkerSession {
  const session = startSession(heartbeatAt(times[0] ?? 0, { active: 0 }), number, previous);
  for (const at of times) addEvent(session, heartbeatAt(at));
  return session;
}

const changes: readonly {
  readonly before: Parameters<typeof changeBetween>[0];
  readonly isOffline: boolean;
  readonly want: string | undefined;
}[] = [
  { before: { isNew: true, wasOffline: false, wasLost: false }, isOffline: false, want: 'worker-online' },
  { before: { isNew: true, wasOffline: false, wasLost: false }, isOffline: true, want: undefined },
  { before: { isNew: false, wasOffline: false, wasLost: false }, isOffline: false, want: undefined },
  { before: { isNew: false, wasOffline: false, wasLost: false }, isOffline: true, want: 'worker-offline' },
  { before: { isNew: false, wasOffline: true, wasLost: false }, isOffline: true, want: undefined },
  { before: { isNew: false, wasOffline: true, wasLost: false }, isOffline: false, want: 'worker-online' },
  { before: { isNew: false, wasOffline: false, wasLost: true }, isOffline: false, want: 'worker-online' },
];
for (const { before, isOffline, want } of changes) {
  test(`${JSON.stringify(before)} and ${isOffline ? 'offline' : 'online'} give ${want ?? 'no transition'}`, () => {
    assert.equal(changeBetween(before, { ...processOf(1, [0]), isOffline }), want);
  });
}

const first = processOf(1, [0, 2_000]);
const successor = processOf(2, [8_000, 10_000], first);
const replica = processOf(2, [1_000, 3_000], first);

const ends: readonly {
  readonly name: string;
  readonly sessions: readonly WorkerSession[];
  readonly session: WorkerSession;
  readonly want: readonly [from: number, until: number, isShared: boolean];
}[] = [
  { name: 'the only process', sessions: [first], session: first, want: [-Infinity, Infinity, false] },
  { name: 'a replaced process', sessions: [first, successor], session: first, want: [-Infinity, 8_000, false] },
  { name: 'the successor', sessions: [first, successor], session: successor, want: [8_000, Infinity, false] },
  {
    name: 'a process beside another one',
    sessions: [{ ...first, lastAt: 4_000 }, replica],
    session: replica,
    want: [1_000, Infinity, true],
  },
  {
    name: 'a process beside another one with another pid',
    sessions: [{ ...first, lastAt: 4_000, pid: 2 }, replica],
    session: replica,
    want: [1_000, Infinity, false],
  },
  {
    name: 'a process beside a lost one',
    sessions: [{ ...first, lastAt: 4_000, isLost: true }, replica],
    session: replica,
    want: [1_000, Infinity, false],
  },
];
for (const { name, sessions, session, want } of ends) {
  test(`${name} had the attempts from ${want[0]} until ${want[1]}${want[2] ? ', shared' : ''}`, () => {
    const transition = transitionOf({ kind: 'worker-lost', at: 20_000, session, silentMs: 10_000 });
    const { from, until, isShared } = goneOf(transition, sessions, session);
    assert.deepEqual([from, until, isShared], want);
  });
}
