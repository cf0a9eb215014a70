import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf } from '../../../test/fakes/incident.ts';
import { aTask } from '../../../test/fakes/transition.ts';
import { emptyBook } from '../../alert/incident.ts';
import { keyText, type SignalKey } from '../../alert/key.ts';
import { createDecisionLog } from '../decision-log.ts';
import { subjectLines } from './subject-lines.ts';
import { type AnswerFacts, type SubjectKind, subjectsOf } from './subjects.ts';
import { TaskHistory } from './task-history.ts';
import { WorkerHistory } from './worker-history.ts';

function factsWith(key: SignalKey): AnswerFacts {
  const tasks = new TaskHistory();
  tasks.recordTransition({ kind: 'task-queued', at: 0, task: aTask({ queue: 'mail' }) });
  const incident = incidentOf({ id: 'abcdef0123', keys: [keyOf({ key: keyText(key) })] });
  return {
    tasks,
    workers: new WorkerHistory(),
    decisions: createDecisionLog(),
    book: { ...emptyBook, incidents: [incident] },
    policy: { schedules: [], silences: [] },
    views: [],
    now: 0,
  };
}

const cases: readonly (readonly [kind: SubjectKind, id: string, key: SignalKey])[] = [
  ['cause', 'f00d', { kind: 'cause', fingerprint: 'f00d' }],
  ['pool', 'pay', { kind: 'pool', pool: 'pay', condition: 'lost' }],
  ['queue', 'mail', { kind: 'queue', queue: 'mail' }],
  ['schedule', 'nightly', { kind: 'schedule', schedule: 'nightly' }],
  ['worker', 'w@host', { kind: 'host', host: 'w@host' }],
];
for (const [kind, id, key] of cases) {
  test(`the answer about a ${kind} names its incident`, () => {
    const facts = factsWith(key);
    assert.match(subjectLines({ kind, text: id, id }, facts).join('\n'), /Incident abcdef0123 \(open\)/);
    assert.ok([...subjectsOf(facts, id)].some((subject) => subject.kind === kind && subject.id === id));
    const other = subjectLines({ kind, text: 'x', id: 'x@other' }, facts).join('\n');
    assert.match(other, /No incident and no decision about it\./);
  });
}

test('the answer about a task that ran twice names the incident of its task', () => {
  const task = aTask();
  const facts = factsWith({ kind: 'task', task: String(task.name), condition: 'run-twice' });
  const lines = () => subjectLines({ kind: 'task', text: task.id, id: task.id }, facts).join('\n');
  assert.doesNotMatch(lines(), /Incident/);
  facts.tasks.recordTransition({ kind: 'task-noted', at: 1, task, note: { what: 'run-twice', runs: 2 } });
  assert.match(lines(), /Incident abcdef0123 \(open\)/);
});
