import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAttempt, aTask } from '../../../test/fakes/transition.ts';
import { emptyBook } from '../../alert/incident.ts';
import type { Hostname } from '../../event/ids.ts';
import { spanIdOf } from '../../lifecycle/trace-id.ts';
import { createDecisionLog } from '../decision-log.ts';
import { subjectsOf } from './subjects.ts';
import { TaskHistory } from './task-history.ts';
import { WorkerHistory } from './worker-history.ts';

const task = aTask({ queue: 'mail' });
const attempt = anAttempt({ hostname: 'celery@pay-7d9f8b6c5d-x2x4z' as Hostname });
const tasks = new TaskHistory();
tasks.recordTransition({ kind: 'attempt-started', at: 0, task, attempt });
const found = (asked: string) => [
  ...new Set(
    [
      ...subjectsOf(
        {
          tasks,
          workers: new WorkerHistory(),
          decisions: createDecisionLog(),
          book: emptyBook,
          policy: { schedules: [], silences: [] },
          views: [],
          now: 0,
        },
        asked,
      ),
    ].flatMap(({ text, kind }) => (text === asked ? [kind] : [])),
  ),
];

for (const { asked, want } of [
  { asked: task.id, want: 'task' },
  { asked: task.traceId, want: 'task' },
  { asked: spanIdOf(task.id, `wait.${attempt.key}`), want: 'task' },
  { asked: String(task.name), want: 'task name' },
  { asked: 'mail', want: 'queue' },
  { asked: attempt.hostname, want: 'worker' },
  { asked: 'pay-7d9f8b6c5d-x2x4z', want: 'worker' },
  { asked: 'failures', want: 'signal' },
])
  test(`${asked} is the id of a ${want}`, () => assert.ok(found(asked).includes(want as never), String(found(asked))));

test('a text that nothing has is the id of no subject', () => assert.deepEqual(found('nothing'), []));
