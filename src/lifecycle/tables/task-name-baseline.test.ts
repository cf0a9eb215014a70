import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import { redactedText } from '../../event/untrusted.ts';
import type { Attempt, Transition } from '../transition.ts';
import { TaskNameBaseline } from './task-name-baseline.ts';

const { task } = failureOf();
const attempt = failureOf().attempt as Attempt;

function ended(fields: Partial<Attempt>, name = redactedText`a.b`): Transition {
  return { kind: 'attempt-ended', at: 1, task: { ...task, name }, attempt: { ...attempt, ...fields }, wait: undefined };
}

test('a name is received after its first receive event only', () => {
  const baseline = new TaskNameBaseline();
  assert.equal(baseline.isReceived('a.b'), false);
  baseline.noteReceived('a.b');
  assert.deepEqual([baseline.isReceived('a.b'), baseline.isReceived('a.c')], [true, false]);
});

test('a task without a name is never received', () => {
  const baseline = new TaskNameBaseline();
  baseline.noteReceived(undefined);
  assert.equal(baseline.isReceived(undefined), false);
});

test('the longest runtime of succeeded attempts counts', () => {
  const baseline = new TaskNameBaseline();
  for (const runtimeMs of [300, 900, 500]) baseline.noteTransition(ended({ outcome: 'succeeded', runtimeMs }));
  assert.equal(baseline.longestMs('a.b'), 900);
});

const ignored: readonly { readonly name: string; readonly transition: Transition }[] = [
  { name: 'a failed attempt', transition: ended({ outcome: 'failed', runtimeMs: 900 }) },
  { name: 'an attempt without a runtime', transition: ended({ outcome: 'succeeded', runtimeMs: undefined }) },
  { name: 'a start', transition: { kind: 'attempt-started', at: 1, task, attempt: { ...attempt, runtimeMs: 900 } } },
  {
    name: 'an attempt without a task name',
    transition: {
      ...(ended({ outcome: 'succeeded', runtimeMs: 900 }) as Extract<Transition, { kind: 'attempt-ended' }>),
      task: { ...task, name: undefined },
    },
  },
];
for (const { name, transition } of ignored) {
  test(`${name} sets no runtime`, () => {
    const baseline = new TaskNameBaseline();
    baseline.noteTransition(transition);
    assert.deepEqual([baseline.longestMs('a.b'), baseline.longestMs(undefined)], [0, 0]);
  });
}

test('beyond 10,000 names new names are ignored, and known ones still learn', () => {
  const baseline = new TaskNameBaseline();
  for (let index = 0; index < 10_000; index += 1) {
    baseline.noteReceived(`task-${index}`);
    baseline.noteTransition(ended({ outcome: 'succeeded', runtimeMs: 1 }, redactedText`task-${index}`));
  }
  baseline.noteReceived('one more');
  baseline.noteTransition(ended({ outcome: 'succeeded', runtimeMs: 7 }, redactedText`one more`));
  baseline.noteTransition(ended({ outcome: 'succeeded', runtimeMs: 9 }, redactedText`task-0`));
  assert.deepEqual(
    [baseline.isReceived('one more'), baseline.longestMs('one more'), baseline.longestMs('task-0')],
    [false, 0, 9],
  );
});
