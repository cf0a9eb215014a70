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
