import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventOf, type StoryEvent, storyOf, storyStart } from '../../../test/fakes/task-story.ts';
import type { AttemptRecord } from './publication.ts';
import { derivePublications } from './publications.ts';

function attemptsOf(events: readonly StoryEvent[]): AttemptRecord[] {
  return derivePublications(events).at(-1)?.attempts ?? [];
}

const succeeded = (at: number, runtimeMs: number): StoryEvent =>
  ({ ...eventOf('succeeded', at), runtimeMs }) as StoryEvent;

test('of two runs on one worker the runtime names the one that ended, in either order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5_000, max: 600_000 }),
      fc.integer({ min: 1_000, max: 600_000 }),
      (timeoutMs, restMs) => {
        const [first, second] = [storyStart, storyStart + timeoutMs];
        const begun = [first, second].flatMap((at) => [eventOf('received', at), eventOf('started', at + 10)]);
        const runtimeMs = timeoutMs + restMs;
        const firstEnd = succeeded(first + 10 + runtimeMs, runtimeMs);
        const secondEnd = succeeded(second + 10 + runtimeMs, runtimeMs);
        const both = attemptsOf([...begun, firstEnd, secondEnd]);
        assert.deepEqual(
          both.map(({ startedAt, endedAt }) => (endedAt ?? 0) - (startedAt ?? 0)),
          [runtimeMs, runtimeMs],
        );
        const [one, other] = attemptsOf([...begun, secondEnd]);
        assert.deepEqual([one?.outcome, other?.outcome], [undefined, 'succeeded']);
      },
    ),
  );
});

test('a run that published its retry and went on to a success ends by its runtime', () => {
  const events = storyOf('sent, received, started, sent retry 1, received retry 1');
  const own = succeeded(storyStart + 450, 250);
  const next = [eventOf('started', storyStart + 500), succeeded(storyStart + 600, 100)];
  assert.deepEqual(
    attemptsOf([...events, own, ...next]).map(({ key, outcome, startedAt }) => [
      key,
      outcome,
      (startedAt ?? 0) - storyStart,
    ]),
    [
      ['0.0.1', 'succeeded', 200],
      ['0.1.1', 'succeeded', 500],
    ],
  );
});

const ends: readonly { readonly name: string; readonly story: string; readonly want: readonly unknown[] }[] = [
  {
    name: 'an end goes to the attempt with the most retries when the event of the retry was missed',
    story: 'received, started, received retry 1, started, failed',
    want: ['retried', 'failed'],
  },
  {
    name: 'the same with the start of the next attempt missed too',
    story: 'received, started, received retry 1, failed',
    want: ['retried', 'failed'],
  },
  {
    name: 'a retry goes to the attempt with the fewest',
    story: 'received, started, received retry 1, started, retried',
    want: ['retried', undefined],
  },
  {
    name: 'a retried attempt that seems to end otherwise was followed by another one',
    story: 'received, started, retried, failed',
    want: ['retried', 'failed'],
  },
  {
    name: 'a retry never reopens an attempt that ended the task',
    story: 'received, started, failed, retried',
    want: ['failed'],
  },
];
for (const { name, story, want } of ends) {
  test(name, () =>
    assert.deepEqual(
      attemptsOf(storyOf(story)).map(({ outcome }) => outcome),
      want,
    ),
  );
}
