import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventOf, storyOf, storyStart } from '../../../test/fakes/task-story.ts';
import { derivePublications } from './publications.ts';
import { compareRecordEvents, type TaskRecordEvent } from './record-event.ts';

/** One line per publication: attempts with key and outcome, and deliveries without an attempt. */
function summaryOf(events: readonly TaskRecordEvent[]): string[] {
  return derivePublications(events).map(({ attempts, waiting, end }) =>
    [
      ...attempts.map(
        ({ key, outcome, isSuperseded }) => `${key} ${outcome ?? (isSuperseded ? 'superseded' : 'open')}`,
      ),
      ...waiting.map(({ retries }) => `waiting ${retries}`),
      ...(end === undefined ? [] : [`end ${end.outcome}`]),
    ].join(', '),
  );
}

const cases: readonly { readonly name: string; readonly story: string; readonly want: readonly string[] }[] = [
  { name: 'one attempt', story: 'sent, received, started, succeeded', want: ['0.0.1 succeeded'] },
  { name: 'a delivery waits for its start', story: 'sent, received', want: ['waiting 0'] },
  {
    name: 'a retry is another attempt of the same publication',
    story: 'sent, received, started, sent retry 1, retried, received retry 1, started, succeeded',
    want: ['0.0.1 retried, 0.1.1 succeeded'],
  },
  {
    name: 'a send after the end starts the next publication',
    story: 'sent, received, started, succeeded, sent, received, started, failed',
    want: ['0.0.1 succeeded', '1.0.1 failed'],
  },
  {
    name: 'three uses of one id are three publications',
    story: 'sent, received, expired, sent, received, expired, sent',
    want: ['end revoked', 'end revoked', ''],
  },
  {
    name: 'without send events a receipt after the end starts the next publication',
    story: 'received, started, succeeded, received, started, succeeded',
    want: ['0.0.1 succeeded', '1.0.1 succeeded'],
  },
  {
    name: 'with send events a receipt after the end is a redelivery of the same message',
    story: 'sent, received, started, succeeded, received on b, started on b, succeeded on b',
    want: ['0.0.1 succeeded, 0.0.2 succeeded'],
  },
  {
    name: 'a receipt after the end whose own send follows starts the next publication',
    story: 'sent, received, started, succeeded, received, sent, started, succeeded',
    want: ['0.0.1 succeeded', '1.0.1 succeeded'],
  },
  {
    name: 'a receipt with retries after the end continues the publication',
    story: 'sent, received, started, succeeded, received retry 1, started, succeeded',
    want: ['0.0.1 succeeded, 0.1.1 succeeded'],
  },
  {
    name: 'a send while the task runs belongs to the same publication',
    story: 'sent, received, started, sent, received, started, succeeded',
    want: ['0.0.1 superseded, 0.0.2 succeeded'],
  },
  {
    name: 'a first send shortly after the end is the late send of that publication',
    story: 'received, started, succeeded, sent',
    want: ['0.0.1 succeeded'],
  },
];
for (const { name, story, want } of cases) test(name, () => assert.deepEqual(summaryOf(storyOf(story)), want));

test('a first send alone starts no publication, however late it is', () => {
  const events = storyOf('received, started, succeeded');
  assert.equal(derivePublications([...events, eventOf('sent', storyStart + 3_600_000)]).length, 1);
});

test('a late first send goes with the next receipt', () => {
  const events = storyOf('received, started, succeeded');
  const at = storyStart + 60_000;
  const later = [eventOf('sent', at), eventOf('received', at + 10), eventOf('started', at + 20)];
  const [first, second] = derivePublications([...events, ...later]);
  assert.deepEqual([first?.sends.length, second?.sends.length, second?.attempts.length], [0, 1, 1]);
});

test('a publication spans its earliest and its latest event', () => {
  const [publication] = derivePublications(storyOf('sent, received, started, succeeded'));
  assert.deepEqual([publication?.firstAt, publication?.lastAt], [storyStart, storyStart + 300]);
});

test('no events give one empty publication', () => {
  assert.deepEqual(summaryOf([]), ['']);
});

test('duplicates removed, any order of arrival gives the same publications', () => {
  const stories = cases.map(({ story }) => storyOf(story));
  fc.assert(
    fc.property(
      fc.constantFrom(...stories).chain((events) => fc.shuffledSubarray(events, { minLength: events.length })),
      (shuffled) => {
        const inOrder = shuffled.toSorted((a, b) => a.receivedAt - b.receivedAt);
        assert.deepEqual(
          derivePublications(shuffled.toSorted(compareRecordEvents)),
          derivePublications(inOrder.toSorted(compareRecordEvents)),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('derivation changes no event', () => {
  const events = storyOf('sent, received, started, sent retry 1, retried, received retry 1, started, succeeded');
  const copy = structuredClone(events);
  derivePublications(events);
  assert.deepEqual(events, copy);
});
