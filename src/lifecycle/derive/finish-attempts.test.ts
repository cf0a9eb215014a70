import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventOf, type StoryEvent, storyOf, storyStart } from '../../../test/fakes/task-story.ts';
import type { AttemptRecord, Publication } from './publication.ts';
import { endOfPublication } from './publication-end.ts';
import { derivePublications } from './publications.ts';
import { compareRecordEvents } from './record-event.ts';

function publicationOf(events: readonly StoryEvent[]): Publication {
  return derivePublications(events.toSorted(compareRecordEvents)).at(-1) as Publication;
}

function attemptsOf(story: string): AttemptRecord[] {
  return publicationOf(storyOf(story)).attempts;
}

const retried: readonly { readonly name: string; readonly story: string; readonly endedAt: number }[] = [
  {
    name: 'the send of the retry',
    story: 'sent, received, started, sent retry 1, received retry 1 on b, started on b',
    endedAt: storyStart + 300,
  },
  {
    name: 'the receipt of the retry where no send event exists',
    story: 'received, started, received retry 1 on b, started on b',
    endedAt: storyStart + 200,
  },
];
for (const { name, story, endedAt } of retried) {
  test(`an attempt without a retry event ends with ${name}`, () => {
    const [first] = attemptsOf(story);
    assert.deepEqual([first?.outcome, first?.endedAt], ['retried', endedAt]);
  });
}

test('an attempt never ends before its start', () => {
  const events = storyOf('received, received retry 1');
  const late = eventOf('started', storyStart + 5_000);
  const [first] = publicationOf([...events, eventOf('started', storyStart + 150), late]).attempts;
  assert.ok((first?.endedAt ?? 0) >= (first?.startedAt ?? Number.POSITIVE_INFINITY));
});

test('an open attempt without a later retry stays open', () => {
  assert.equal(attemptsOf('received, started')[0]?.outcome, undefined);
});

const inferred: readonly { readonly name: string; readonly story: string; readonly want: readonly string[] }[] = [
  {
    name: 'an end on a worker whose receipt was missed has the retries that were sent',
    story: 'sent, received, started, sent retry 1, retried, started on b, failed on b',
    want: ['0.0.1 retried', '0.1.1 failed'],
  },
  {
    name: 'the same before any event of the first attempt',
    story: 'started on b, failed on b, sent, received, started, sent retry 1, retried',
    want: ['0.0.1 retried', '0.1.1 failed'],
  },
  {
    name: 'a retry on a worker whose receipt was missed is the first attempt',
    story: 'started, retried, received retry 1 on b, started on b, succeeded on b',
    want: ['0.0.1 retried', '0.1.1 succeeded'],
  },
  {
    name: 'two missed receipts: the attempt that ended the task has the most retries',
    story: 'sent, started, sent retry 1, started on b, failed on b',
    want: ['0.0.1 retried', '0.1.1 failed'],
  },
  {
    name: 'a missed receipt in the middle',
    story: 'received, started, retried, started on b, retried on b, received retry 2, started, failed',
    want: ['0.0.1 retried', '0.1.1 retried', '0.2.1 failed'],
  },
  {
    name: 'a start without a receipt or a retry repeats the message',
    story: 'received, started, started on b, succeeded on b',
    want: ['0.0.1 undefined', '0.0.2 succeeded'],
  },
];
for (const { name, story, want } of inferred) {
  test(name, () =>
    assert.deepEqual(
      attemptsOf(story).map(({ key, outcome }) => `${key} ${outcome}`),
      want,
    ),
  );
}

const numbers: readonly { readonly story: string; readonly want: readonly number[] }[] = [
  { story: 'received retry 1, started', want: [2] },
  { story: 'received, started, requeued, received, started, sent retry 1, received retry 1, started', want: [1, 2, 3] },
  { story: 'received, started, retried, received retry 2, started', want: [1, 3] },
];
for (const { story, want } of numbers) {
  test(`the attempts of "${story}" are the numbers ${want}`, () =>
    assert.deepEqual(
      attemptsOf(story).map(({ number }) => number),
      want,
    ));
}

const anotherMessage = (events: readonly StoryEvent[], digests: readonly number[]): StoryEvent[] => {
  let nth = 0;
  return events.map((event) => {
    if (event.type !== 'task-received') return event;
    nth += 1;
    return { ...event, digest: digests[nth - 1] };
  });
};

test('another message under the id replaces the attempt, on any worker and after any time', () => {
  fc.assert(
    fc.property(fc.constantFrom('a', 'b'), fc.nat({ max: 3_600_000 }), (host, laterMs) => {
      const first = storyOf('received, started');
      const at = storyStart + 200 + laterMs;
      const second = ['received', 'started', 'succeeded'].map((step, index) =>
        eventOf(`${step} on ${host}`, at + 10 * index),
      );
      const [attempt] = publicationOf(anotherMessage([...first, ...second], [1, 2])).attempts;
      assert.deepEqual([attempt?.isSuperseded, attempt?.cause], [true, 'replaced']);
    }),
  );
});

const sameMessage: readonly {
  readonly name: string;
  readonly laterMs: number;
  readonly host: string;
  readonly want: string | undefined;
}[] = [
  { name: 'the same message on another worker is a redelivery', laterMs: 500, host: 'b', want: undefined },
  {
    name: 'the same message in the same process after a timeout is a redelivery',
    laterMs: 30_000,
    host: 'a',
    want: undefined,
  },
  {
    name: 'no broker delivers a message again at once to a process that has it',
    laterMs: 500,
    host: 'a',
    want: 'replaced',
  },
];
for (const { name, laterMs, host, want } of sameMessage) {
  test(name, () => {
    const again = ['received', 'started'].map((step, index) =>
      eventOf(`${step} on ${host}`, storyStart + laterMs + index),
    );
    const [attempt] = publicationOf(anotherMessage([...storyOf('received, started'), ...again], [7, 7])).attempts;
    assert.equal(attempt?.cause, want);
  });
}

test('a retry that is stamped later than the end of the next attempt does not decide the task', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('a', 'b'),
      fc.constantFrom('succeeded', 'failed'),
      fc.nat({ max: 500 }),
      (host, end, lateMs) => {
        const story = storyOf(`received, started, received retry 1 on ${host}, started on ${host}, ${end} on ${host}`);
        const retried = eventOf('retried', storyStart + 400 + lateMs);
        const publication = publicationOf([...story, retried]);
        assert.equal(endOfPublication(publication)?.outcome, end === 'succeeded' ? 'recovered' : 'exhausted');
        assert.deepEqual(
          publication.attempts.map(({ outcome }) => outcome),
          ['retried', end],
        );
      },
    ),
  );
});
