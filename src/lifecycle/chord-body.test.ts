import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resultAt, storyOf, storyStart, storyTaskId } from '../../test/fakes/task-story.ts';
import type { TaskId } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import { failureOf } from '../failure/failure.ts';
import { Lifecycle } from './lifecycle.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import type { Transition } from './transition.ts';

const body = 'body' as TaskId;

/** Transitions of a task of the header, which failed, and of the chord's body, whose result names `dependency`. */
function play(dependency: string): readonly Transition[] {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of storyOf('sent, received, started, failed')) lifecycle.apply(event);
  const exception = `ChordError("Dependency ${dependency} raised ValueError('x')")` as Redacted;
  lifecycle.apply(resultAt(storyStart + 1_000, { id: body, status: 'failure', exception }));
  return lifecycle.settleAll(storyStart + 60_000).concat(lifecycle.settleAll(storyStart + 90_000));
}

describe('the body of a chord whose header failed', () => {
  const ofBody = (transitions: readonly Transition[]) => transitions.filter(({ task }) => task.id === body);

  test('is cancelled once, in the trace of the failed task, without a second failure', () => {
    const transitions = play(storyTaskId);
    const [ended, ...more] = ofBody(transitions);
    assert.ok(ended?.kind === 'task-ended');
    assert.deepEqual([ended.outcome, ended.cause, ended.task.rootId], ['cancelled', 'chord-failed', storyTaskId]);
    assert.deepEqual(more, []);
    assert.equal(transitions.filter((transition) => failureOf(transition) !== undefined).length, 1);
  });

  test('is noted at the failed task', () => {
    const notes = play(storyTaskId).filter(({ kind }) => kind === 'task-noted');
    assert.deepEqual(
      notes.map((note) => note.kind === 'task-noted' && [note.task.id, note.note]),
      [[storyTaskId, { what: 'chord-failed', body }]],
    );
  });

  test('is of another broker if the failed task is not known here', () => {
    const transitions = play('elsewhere');
    assert.deepEqual(ofBody(transitions), []);
    assert.ok(transitions.every(({ kind }) => kind !== 'task-noted'));
  });
});
