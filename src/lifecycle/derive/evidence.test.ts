import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hostname, TaskId } from '../../event/ids.ts';
import type { TaskResult } from '../../event/task-event.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { evidenceOf } from './evidence.ts';
import { endOfPublication } from './publication-end.ts';
import type { TaskRecordEvent } from './record-event.ts';

const start = 1_800_000_000_000;
const about = { id: 'a' as TaskId, hostname: 'w@a' as Hostname, pid: 1 };
const received: TaskRecordEvent = {
  type: 'task-received',
  ...about,
  at: start,
  receivedAt: start,
  retries: 0,
  eta: undefined,
};
const started: TaskRecordEvent = { type: 'task-started', ...about, at: start + 2, receivedAt: start + 2 };

function result(status: TaskResult<Redacted>['status'], at: number): TaskResult<Redacted> {
  const nothing = {
    hostname: undefined,
    retries: undefined,
    name: undefined,
    groupId: undefined,
    parentId: undefined,
    exception: undefined,
    traceback: undefined,
  };
  return { type: 'task-result', id: about.id, status, at, receivedAt: at, ...nothing };
}

const cases = [
  {
    name: 'a pool process that stored its result before its worker reported the start',
    events: [received, started],
    results: [result('success', start + 1)],
    want: 'succeeded',
  },
  {
    name: 'a result from before the receipt, which is that of an earlier life',
    events: [received, started],
    results: [result('success', start - 1)],
    want: undefined,
  },
  {
    name: 'a revoke command that came too late',
    events: [received],
    results: [result('revoked', start + 1), result('success', start + 9)],
    want: 'succeeded',
  },
  { name: 'a revoked task', events: [received], results: [result('revoked', start + 1)], want: 'revoked' },
];
for (const { name, events, results, want } of cases) {
  test(`${name}: ${want ?? 'nothing is told'}`, () => {
    const life = evidenceOf(events, results, start + 60_000).publications.at(-1);
    assert.equal(life && endOfPublication(life)?.outcome, want);
  });
}

test('a result counts once its grace period is over', () => {
  const at = start + 10;
  const end = (now: number): string | undefined => {
    const last = evidenceOf([received, started], [result('success', at)], now).publications.at(-1);
    return last && endOfPublication(last)?.outcome;
  };
  assert.deepEqual([end(at + 4_999), end(at + 5_000)], [undefined, 'succeeded']);
});

const late = start + 60_000;
const standIns: readonly {
  readonly name: string;
  readonly events: readonly TaskRecordEvent[];
  readonly results: readonly TaskResult<Redacted>[];
  readonly want: Partial<TaskRecordEvent> | undefined;
}[] = [
  {
    name: 'a success has the runtime since the start event',
    events: [received, started],
    results: [result('success', start + 12)],
    want: { type: 'task-succeeded', at: start + 12, runtimeMs: 10, hostname: about.hostname },
  },
  {
    name: 'a success without a start event has no runtime',
    events: [received],
    results: [result('success', start + 12)],
    want: { type: 'task-succeeded', at: start + 12, runtimeMs: undefined, pid: 1 },
  },
  {
    name: 'a result from before the start event ends at the start',
    events: [received, started],
    results: [result('failure', start + 1)],
    want: { type: 'task-failed', at: start + 2 },
  },
  {
    name: 'a retry ends an open attempt',
    events: [received, started],
    results: [result('retry', start + 12)],
    want: { type: 'task-retried', at: start + 12 },
  },
  {
    name: 'a retry ends no waiting delivery',
    events: [received],
    results: [result('retry', start + 12)],
    want: undefined,
  },
  {
    name: 'a retry with the count of another attempt is ignored',
    events: [received, started],
    results: [{ ...result('retry', start + 12), retries: 1 }],
    want: undefined,
  },
  {
    name: 'a revocation ends a waiting delivery',
    events: [received],
    results: [result('revoked', start + 12)],
    want: { type: 'task-revoked', at: start + 12, terminated: false, expired: false },
  },
  {
    name: 'a revocation does not end a started attempt',
    events: [received, started],
    results: [result('revoked', start + 12)],
    want: undefined,
  },
  {
    name: 'a stored start ends nothing',
    events: [received],
    results: [result('started', start + 12)],
    want: undefined,
  },
  {
    name: 'a task that ended by an event keeps that end',
    events: [
      received,
      {
        type: 'task-failed',
        ...about,
        at: start + 5,
        receivedAt: start + 5,
        exception: undefined,
        traceback: undefined,
      },
    ],
    results: [result('success', start + 12)],
    want: undefined,
  },
];
for (const { name, events, results, want } of standIns) {
  test(name, () => {
    const added = evidenceOf(events, results, late).events.filter((event) => !events.includes(event));
    assert.equal(added.length, want === undefined ? 0 : 1);
    assert.deepEqual({ ...added[0], ...want }, { ...added[0] });
  });
}

test('a task without events has no evidence from a result', () => {
  assert.deepEqual(evidenceOf([], [], late).events, []);
});
