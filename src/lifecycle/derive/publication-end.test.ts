import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storyOf, storyStart } from '../../../test/fakes/task-story.ts';
import type { Publication } from './publication.ts';
import { endOfPublication } from './publication-end.ts';
import { derivePublications } from './publications.ts';

const publicationOf = (story: string): Publication => derivePublications(storyOf(story)).at(-1) as Publication;

const cases: readonly { readonly story: string; readonly outcome: string; readonly cause: string | undefined }[] = [
  { story: 'received, started, succeeded', outcome: 'succeeded', cause: undefined },
  { story: 'received, started, failed', outcome: 'failed', cause: 'app-error' },
  { story: 'received, started, killed', outcome: 'failed', cause: 'worker-lost' },
  { story: 'sent, unregistered', outcome: 'failed', cause: 'unregistered' },
  { story: 'received, started, rejected', outcome: 'rejected', cause: 'rejected' },
  { story: 'received, started, terminated', outcome: 'revoked', cause: 'terminated' },
  { story: 'received, revoked', outcome: 'revoked', cause: 'revoked' },
  { story: 'received, expired', outcome: 'expired', cause: 'expired' },
  { story: 'received, started, retried, received retry 1, started, succeeded', outcome: 'recovered', cause: undefined },
  { story: 'received, started, requeued, received, started, succeeded', outcome: 'recovered', cause: undefined },
  { story: 'received, started, received on b, started on b, succeeded on b', outcome: 'recovered', cause: undefined },
  { story: 'received, started, retried, received retry 1, started, failed', outcome: 'exhausted', cause: 'app-error' },
  { story: 'received retry 2, started, failed', outcome: 'exhausted', cause: 'app-error' },
  { story: 'received retry 2, started, succeeded', outcome: 'recovered', cause: undefined },
  { story: 'sent, received, started, sent, received, started, succeeded', outcome: 'succeeded', cause: undefined },
  {
    story: 'sent, received, started, succeeded, received on b, started on b, succeeded on b',
    outcome: 'succeeded',
    cause: undefined,
  },
  { story: 'received, started, retried, received retry 1, expired', outcome: 'expired', cause: 'expired' },
];
for (const { story, outcome, cause } of cases) {
  test(`"${story}" ends as ${outcome} by ${cause ?? 'no cause'}`, () => {
    const end = endOfPublication(publicationOf(story));
    assert.deepEqual([end?.outcome, end?.cause], [outcome, cause]);
  });
}

for (const story of [
  'sent',
  'received',
  'received, started',
  'received, started, requeued',
  'received, started, retried',
]) {
  test(`"${story}" has no end`, () => assert.equal(endOfPublication(publicationOf(story)), undefined));
}

test('the end has the time and the attempt that ended last', () => {
  const end = endOfPublication(publicationOf('sent, sent, received, received, started, started, failed, succeeded'));
  assert.deepEqual([end?.attempt?.key, end?.outcome, end?.at], ['0.0.2', 'recovered', storyStart + 700]);
});

test('an end without an attempt has the time of its event', () => {
  const end = endOfPublication(publicationOf('received, expired'));
  assert.deepEqual([end?.attempt, end?.at], [undefined, storyStart + 100]);
});
