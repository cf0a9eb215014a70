import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatAt, storyOf, storyStart } from '../../test/fakes/task-story.ts';
import type { AttemptRecord, Publication } from './derive/publication.ts';
import { derivePublications } from './derive/publications.ts';
import { fateOf, hasDied, isUnfinished } from './fate.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState, type LifecycleState } from './lifecycle-state.ts';

const publicationOf = (story: string): Publication => derivePublications(storyOf(story)).at(-1) as Publication;
const attempt = publicationOf('received, started').attempts[0] as AttemptRecord;

function stateWith(type: 'worker-heartbeat' | 'worker-offline' | undefined): LifecycleState {
  const state = createLifecycleState(defaultLifecycleOptions);
  if (type !== undefined) state.workers.apply(heartbeatAt(storyStart, { type }));
  return state;
}

const cases = [
  { worker: 'worker-offline', silentMs: 0, want: 'lost' },
  { worker: 'worker-heartbeat', silentMs: 299_999, want: undefined },
  { worker: 'worker-heartbeat', silentMs: 300_000, want: 'unknown' },
  { worker: undefined, silentMs: 0, want: undefined },
] as const;
for (const { worker, silentMs, want } of cases) {
  test(`with ${worker ?? 'no event of its worker'} and ${silentMs} ms of silence the fate is ${want}`, () => {
    assert.equal(fateOf(stateWith(worker), attempt, silentMs), want);
    assert.equal(hasDied(stateWith(worker), attempt), want === 'lost');
  });
}

const unfinished = [
  { story: 'received, started, received on b, started on b, succeeded on b', afterMs: 0, want: true },
  { story: 'received, started, received on b, started on b, succeeded on b', afterMs: 319_999, want: true },
  { story: 'received, started, received on b, started on b, succeeded on b', afterMs: 320_000, want: false },
  { story: 'received, started, succeeded', afterMs: 0, want: false },
  { story: 'received, started', afterMs: 0, want: false },
  { story: 'sent, received, started, sent, received, started, succeeded', afterMs: 0, want: false },
];
for (const { story, afterMs, want } of unfinished) {
  test(`"${story}" is ${want ? 'un' : ''}finished after ${afterMs} ms`, () => {
    const publication = publicationOf(story);
    assert.equal(isUnfinished(publication, publication.lastAt + afterMs), want);
  });
}
