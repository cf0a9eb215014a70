import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aTask } from '../../../test/fakes/transition.ts';
import type { Hostname } from '../../event/ids.ts';
import type { Note } from '../../lifecycle/transition.ts';
import { type TaskFacts, TaskHistory } from './task-history.ts';
import { taskLines } from './task-lines.ts';

function factsOf(changes: Partial<TaskFacts> = {}): TaskFacts {
  const history = new TaskHistory();
  history.recordTransition({ kind: 'task-queued', at: 0, task: aTask({ state: 'sent' }) });
  return { ...[...history.tasks()][0]!, ...changes };
}
const text = (changes: Partial<TaskFacts>) => taskLines(factsOf(changes)).join('\n');
const attempt: TaskFacts['attempts'][number] = {
  key: '0.0.1',
  number: 2,
  hostname: 'w@a' as Hostname,
  startedAt: 1_000,
  endedAt: undefined,
  outcome: undefined,
  cause: undefined,
  signal: undefined,
  spanId: 's',
};

test('an open task has its state, an ended one its outcome, cause and time', () => {
  assert.match(text({}), /: open, waits in its queue\./);
  assert.match(
    text({ outcome: 'lost', cause: 'worker-lost', at: 2_000 }),
    /: lost \(worker-lost\) at 1970-01-01T00:00:02/,
  );
});

test('an attempt has its worker, times, outcome and signal', () => {
  assert.match(text({ attempts: [attempt] }), /attempt 2 on w@a: not ended, started 1970-01-01T00:00:01\.000Z\./);
  const ended = { ...attempt, endedAt: 2_000, outcome: 'lost', signal: 'SIGKILL' } as const;
  assert.match(text({ attempts: [ended] }), /lost \(SIGKILL\), started \S+, ended 1970-01-01T00:00:02\.000Z\./);
  assert.match(text({ attempts: [{ ...attempt, startedAt: undefined }] }), /not ended\.$/m);
});

const notes: readonly (readonly [note: Note, want: RegExp])[] = [
  [{ what: 'suspected', of: 'lost' }, /Suspected to be lost/],
  [{ what: 'cleared', of: 'lost', by: 'events' }, /suspicion of lost was cleared by events/],
  [{ what: 'overdue', runningMs: 3_000 }, /longer than ever: 3 s/],
  [{ what: 'comes-back', because: 'unacknowledged', at: 1_000 }, /runs again: unacknowledged from 1970/],
  [{ what: 'comes-back', because: 'unacknowledged', at: undefined }, /runs again: unacknowledged\./],
  [{ what: 'run-twice', runs: 2 }, /to its end 2 times/],
  [{ what: 'poison-loop', starts: 3 }, /Started 3 times without an end/],
];
for (const [note, want] of notes)
  test(`the note ${JSON.stringify(note)} is a sentence`, () => assert.match(text({ note }), want));
