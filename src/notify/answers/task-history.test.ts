import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import { anAttempt, aTask } from '../../../test/fakes/transition.ts';
import type { Transition } from '../../lifecycle/transition.ts';
import { TaskHistory } from './task-history.ts';

const task = aTask();
const started = (key: string): Transition => ({ kind: 'attempt-started', at: 1, task, attempt: anAttempt({ key }) });
const ended = (facts: object = {}): Transition =>
  ({
    kind: 'task-ended',
    at: 2,
    task,
    outcome: 'lost',
    cause: 'worker-lost',
    attempt: undefined,
    unbegun: [],
    corrects: undefined,
    ...facts,
  }) as Transition;

function after(...transitions: readonly Transition[]) {
  const history = new TaskHistory();
  for (const transition of transitions) history.recordTransition(transition);
  const all = [...history.tasks()];
  assert.equal(all.length, 1, 'one entry per id');
  return all[0]!;
}

test('an attempt that is reported again replaces the first report', () => {
  const end: Transition = {
    kind: 'attempt-ended',
    at: 2,
    task,
    attempt: anAttempt({ key: 'a', outcome: 'lost' }),
    wait: undefined,
  };
  assert.deepEqual(
    after(started('a'), end, started('b')).attempts.map(({ key, outcome }) => [key, outcome]),
    [
      ['a', 'lost'],
      ['b', anAttempt().outcome],
    ],
  );
});

test('a note and a late end of an attempt leave the outcome; a new start opens the task', () => {
  const note: Transition = { kind: 'task-noted', at: 3, task, note: { what: 'run-twice', runs: 2 } };
  assert.equal(after(ended(), note).outcome, 'lost');
  assert.equal(after(ended(), started('b')).outcome, undefined);
  assert.equal(after(ended(), ended({ outcome: 'recovered' })).outcome, 'recovered');
});

test('the latest twenty attempts are kept', () => {
  const attempts = after(...Array.from({ length: 25 }, (_, index) => started(`${index}`))).attempts;
  assert.deepEqual([attempts.length, attempts[0]?.key], [20, '5']);
});

test('a failure is counted per cause and kept with its task', () => {
  const history = new TaskHistory();
  history.recordTransition(ended());
  for (const at of [5, 3]) history.recordFailure({ ...failureOf(), task, at });
  const [cause] = history.causes();
  assert.deepEqual([cause?.count, cause?.firstAt, cause?.lastAt], [2, 3, 5]);
  assert.equal([...history.tasks()][0]?.failure?.fingerprint, cause?.fingerprint);
});
