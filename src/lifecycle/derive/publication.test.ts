import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyOf } from '../../../test/fakes/task-story.ts';
import { isOver, newPublication } from './publication.ts';
import { derivePublications } from './publications.ts';

const cases: readonly { readonly story: string; readonly want: boolean }[] = [
  { story: 'sent', want: false },
  { story: 'sent, received', want: false },
  { story: 'sent, received, started', want: false },
  { story: 'sent, received, started, succeeded', want: true },
  { story: 'sent, received, started, failed', want: true },
  { story: 'sent, received, started, terminated', want: true },
  { story: 'sent, received, expired', want: true },
  { story: 'sent, unregistered', want: true },
  { story: 'sent, received, started, rejected', want: true },
  { story: 'sent, received, started, requeued', want: false },
  { story: 'sent, received, started, cancelled', want: false },
  { story: 'sent, received, started, retried', want: false },
  { story: 'sent, received, started, sent retry 1, retried', want: false },
  { story: 'sent, received, started, sent retry 1, retried, received retry 1, started, succeeded', want: true },
  { story: 'sent, received, started, sent retry 1, succeeded', want: false },
  { story: 'sent, received, started, succeeded, received retry 1', want: false },
  { story: 'sent, received, started, received on b, started on b, succeeded on b', want: true },
  { story: 'sent, received, started, received on b, started on b', want: false },
  { story: 'sent, sent, received, received, started, succeeded', want: false },
  { story: 'sent, received, received, started, succeeded', want: true },
];
for (const { story, want } of cases) {
  test(`a publication after "${story}" is ${want ? 'over' : 'open'}`, () => {
    const publications = derivePublications(storyOf(story));
    assert.equal(publications.length, 1);
    assert.equal(isOver(publications[0] ?? newPublication(0, 0)), want);
  });
}

test('a new publication is open and empty', () => {
  const publication = newPublication(2, 7);
  assert.equal(isOver(publication), false);
  assert.deepEqual(publication, {
    number: 2,
    sends: [],
    attempts: [],
    waiting: [],
    firstAt: 7,
    lastAt: 7,
    lastEnd: undefined,
    end: undefined,
    receivedCount: 0,
  });
});
