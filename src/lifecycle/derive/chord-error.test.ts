import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultAt } from '../../../test/fakes/task-story.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { chordErrorOf } from './chord-error.ts';

const cases = [
  { text: `ChordError("Dependency a-b raised ValueError('x')")`, want: { dependency: 'a-b' } },
  { text: "ChordError('Dependency my own id raised KeyError(1)')", want: { dependency: 'my own id' } },
  { text: "ChordError('Join error: timed out')", want: { dependency: undefined } },
  { text: "ValueError('Dependency a-b raised KeyError(1)')", want: undefined },
  { text: undefined, want: undefined },
];
for (const { text, want } of cases) {
  test(`${text} is ${want === undefined ? 'no error of a chord' : `an error of a chord by ${want.dependency}`}`, () => {
    const exception = text as Redacted | undefined;
    assert.deepEqual(chordErrorOf(resultAt(0, { status: 'failure', exception })), want);
    assert.equal(chordErrorOf(resultAt(0, { status: 'success', exception })), undefined);
  });
}
