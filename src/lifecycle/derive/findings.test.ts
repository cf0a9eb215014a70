import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyOf } from '../../../test/fakes/task-story.ts';
import type { Note } from '../transition.ts';
import { findingsOf } from './findings.ts';
import { derivePublications } from './publications.ts';

const cases: readonly { readonly name: string; readonly story: string; readonly want: readonly Note[] }[] = [
  { name: 'one attempt', story: 'sent, received, started, succeeded', want: [] },
  {
    name: 'two successes of one message',
    story: 'sent, received, started, succeeded, received on b, started on b, succeeded on b',
    want: [{ what: 'run-twice', runs: 2 }],
  },
  {
    name: 'two successes of two messages with one id',
    story: 'sent, sent, received, received, started, started, succeeded, succeeded',
    want: [],
  },
  {
    name: 'two successes without send events',
    story: 'received, started, received on b, started on b, succeeded on b, succeeded on a',
    want: [{ what: 'run-twice', runs: 2 }],
  },
  {
    name: 'a success and its retry without an exception',
    story: 'sent, received, started, sent retry 1, succeeded, received retry 1, started, succeeded',
    want: [],
  },
  {
    name: 'two attempts that took their workers down',
    story: 'received, started, received on b, started on b, received on c',
    want: [],
  },
  {
    name: 'three attempts that took their workers down',
    story: 'received, started, received on b, started on b, received on c, started on c, received on d',
    want: [{ what: 'poison-loop', starts: 3 }],
  },
  {
    name: 'three requeued attempts',
    story: 'received, started, requeued, received, started, requeued, received, started, requeued',
    want: [{ what: 'poison-loop', starts: 3 }],
  },
  {
    name: 'three attempts that replaced themselves',
    story: 'sent, received, started, sent, received, started, sent, received, started, sent, received, started',
    want: [],
  },
  {
    name: 'three failed retries',
    story:
      'received, started, retried, received retry 1, started, retried, received retry 2, started, retried, received retry 3, started',
    want: [],
  },
  {
    name: 'requeues without start events',
    story: 'received, requeued, received, requeued, received, requeued',
    want: [],
  },
];
for (const { name, story, want } of cases) {
  test(`${name}: ${want.map(({ what }) => what).join(', ') || 'no finding'}`, () => {
    assert.deepEqual(
      derivePublications(storyOf(story)).flatMap((each) => findingsOf(each, () => true)),
      want,
    );
  });
}

test('deliveries to workers that still execute the earlier ones are no loop', () => {
  const story = 'received, started, received on b, started on b, received on c, started on c, received on d';
  const publications = derivePublications(storyOf(story));
  assert.deepEqual(
    publications.flatMap((each) => findingsOf(each, ({ hostname }) => hostname !== 'w@b')),
    [],
  );
  assert.deepEqual(
    publications.flatMap((each) => findingsOf(each, () => true)),
    [{ what: 'poison-loop', starts: 3 }],
  );
});
