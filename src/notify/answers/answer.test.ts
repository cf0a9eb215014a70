import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import { incidentOf } from '../../../test/fakes/incident.ts';
import { aTask } from '../../../test/fakes/transition.ts';
import { emptyBook } from '../../alert/incident.ts';
import type { Hostname, TaskId } from '../../event/ids.ts';
import type { Task, Transition } from '../../lifecycle/transition.ts';
import { createDecisionLog } from '../decision-log.ts';
import { answerOf } from './answer.ts';
import type { AnswerFacts } from './subjects.ts';
import { TaskHistory } from './task-history.ts';
import { WorkerHistory } from './worker-history.ts';

const endOf = (task: Task, outcome: 'succeeded' | 'lost' | 'failed', at = 5_000): Transition =>
  ({
    kind: 'task-ended',
    at,
    task,
    outcome,
    cause: undefined,
    attempt: undefined,
    unbegun: [],
    corrects: undefined,
  }) as Transition;
const taskWith = (id: string, traceId: string) => aTask({ id: id as TaskId, rootId: id as TaskId, traceId });

function factsOf(changes: Partial<AnswerFacts> = {}): AnswerFacts {
  const tasks = new TaskHistory();
  tasks.recordTransition(endOf(taskWith('aaaa-1', 'ffff1'), 'succeeded'));
  tasks.recordTransition(endOf(taskWith('aaaa-2', 'ffff2'), 'lost'));
  const workers = new WorkerHistory();
  for (const kind of ['worker-online', 'worker-restarted', 'worker-lost'] as const)
    workers.recordWorker({
      kind,
      at: 1_000,
      hostname: 'celery@pay-7d9f-x2' as Hostname,
      pid: 1,
      active: 0,
      activeAt: undefined,
      hasReportedActive: false,
      silentMs: 0,
    });
  return {
    tasks,
    workers,
    decisions: createDecisionLog(),
    book: { ...emptyBook, incidents: [incidentOf()] },
    policy: {
      schedules: [{ name: 'nightly', task: 'reports.send', periodMs: 60_000, dueAfter: (at) => at + 60_000 }],
      silences: [],
    },
    views: [],
    now: 0,
    ...changes,
  };
}

for (const { question, want } of [
  { question: 'aaaa-1', want: /^Task aaaa-1 .*: succeeded at 1970-01-01T00:00:05\.000Z\./ },
  { question: 'ffff2', want: /^Task aaaa-2 .*: lost/ },
  { question: 'aaaa-2…', want: /^Task aaaa-2 / },
  { question: 'aaaa', want: /^2 ids begin with aaaa:\n {2}task aaaa-\d\n {2}task aaaa-\d$/ },
  { question: '7d3f9a', want: /^Incident 7d3f9a1c2b \(open\)/ },
  { question: 'celery@pay-7d9f-x2', want: /: lost\.\nRestarts: 1, losses: 1/ },
  { question: 'nightly', want: /^Schedule nightly of reports\.send: no run known, next due 1970-01-01T00:01/ },
  { question: 'failures.new', want: /^Signal failures\.new\./ },
]) {
  test(`"${question}" is answered`, () => {
    const { isKnown, lines } = answerOf(question, factsOf());
    assert.equal(isKnown, true);
    assert.match(lines.join('\n'), want);
  });
}

test('an unknown id is not found, with similar ids', () => {
  const { isKnown, lines } = answerOf('aaaa-9', factsOf());
  assert.equal(isKnown, false);
  assert.match(lines[0] ?? '', /^aaaa-9: not found/);
  assert.ok(lines.includes('  task aaaa-1'), lines.join('\n'));
});

test('too short a beginning and an empty question are no ids', () => {
  for (const question of ['aaa', '', '…']) assert.equal(answerOf(question, factsOf()).isKnown, false, question);
});

test('successes evict no failed task, and the answer names the limit', () => {
  const facts = factsOf();
  const failed = taskWith('failed-1', 'eeee');
  facts.tasks.recordTransition(endOf(failed, 'failed', 1_000));
  facts.tasks.recordFailure({ ...failureOf(), task: failed });
  for (let index = 0; index < 60_000; index += 1)
    facts.tasks.recordTransition(endOf(taskWith(`success ${index}`, 'dddd'), 'succeeded', 10_000));
  assert.ok(facts.tasks.bytes <= 32 * 1_048_576, `${facts.tasks.bytes}`);
  assert.equal(answerOf('failed-1', facts).isKnown, true);
  assert.equal(answerOf('success 59999', facts).isKnown, true);
  const { isKnown, lines } = answerOf('success 0', facts);
  assert.equal(isKnown, false);
  assert.match(lines[1] ?? '', /older than 1970-01-01T00:00:10\.000Z may be missing/);
});
