import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, storyOf, storyStart } from '../../../test/fakes/task-story.ts';
import type { EndEvent } from './attempt-end.ts';
import { endAttempt } from './attempt-ending.ts';
import { receiveDelivery, startAttempt } from './attempts.ts';
import { type AttemptRecord, newPublication, type Publication } from './publication.ts';
import { derivePublications } from './publications.ts';
import type { ReceivedRecordEvent } from './record-event.ts';

const received = (step: string, at = storyStart): ReceivedRecordEvent => eventOf(step, at) as ReceivedRecordEvent;
const ended = (step: string, at = storyStart): EndEvent => eventOf(step, at) as EndEvent;

function publicationOf(story: string): Publication {
  return derivePublications(storyOf(story)).at(-1) as Publication;
}

function attemptsOf(story: string): AttemptRecord[] {
  return publicationOf(story).attempts;
}

test('an attempt starts from the first delivery on its worker', () => {
  const publication = newPublication(0, storyStart);
  receiveDelivery(publication, received('received on b', storyStart + 1));
  receiveDelivery(publication, received('received on a', storyStart + 2));
  const attempt = startAttempt(publication, eventOf('started on a', storyStart + 3));
  assert.deepEqual([attempt.hostname, attempt.receivedAt, attempt.retries], ['w@a', storyStart + 2, 0]);
  assert.deepEqual(
    publication.waiting.map(({ hostname }) => hostname),
    ['w@b'],
  );
});

test('a delivery has the process of its worker if the start event has none', () => {
  const publication = newPublication(0, storyStart);
  receiveDelivery(publication, received('received'));
  assert.equal(startAttempt(publication, { ...eventOf('started', storyStart), pid: undefined }).pid, 1);
});

const withoutDelivery: readonly { readonly story: string; readonly key: string }[] = [
  { story: 'started', key: '0.0.1' },
  { story: 'started, retried, started', key: '0.1.1' },
  { story: 'started, retried, started, retried, started', key: '0.2.1' },
  { story: 'started, requeued, started', key: '0.0.2' },
];
for (const { story, key } of withoutDelivery) {
  test(`without receipts the last attempt after "${story}" has the key ${key}`, () => {
    assert.equal(attemptsOf(story).at(-1)?.key, key);
  });
}

const redeliveries: readonly { readonly name: string; readonly story: string; readonly want: readonly boolean[] }[] = [
  {
    name: 'a delivery without a send of its own is a redelivery',
    story: 'sent, received, started, received on b, started on b',
    want: [false, true],
  },
  {
    name: 'a second delivery after a second send is none',
    story: 'sent, sent, received, started, received on b, started on b',
    want: [false, false],
  },
  {
    name: 'the delivery of a retry is none',
    story: 'sent, received, started, sent retry 1, retried, received retry 1, started',
    want: [false, false],
  },
];
for (const { name, story, want } of redeliveries) {
  test(name, () =>
    assert.deepEqual(
      attemptsOf(story).map(({ isRedelivery }) => isRedelivery),
      want,
    ),
  );
}

test('another delivery of the same message supersedes the open attempt', () => {
  const [first, second] = attemptsOf('sent, received, started, received on b, started on b');
  assert.deepEqual([first?.isSuperseded, first?.cause], [true, undefined]);
  assert.equal(second?.isSuperseded, false);
});

test('an attempt that sent its own id again is superseded as replaced', () => {
  const [first] = attemptsOf('sent, received, started, sent, received, started');
  assert.deepEqual([first?.isSuperseded, first?.cause], [true, 'replaced']);
});

test('an ended attempt is not superseded', () => {
  const [first] = attemptsOf('sent, received, started, requeued, received, started');
  assert.deepEqual([first?.isSuperseded, first?.outcome], [false, 'rejected']);
});

test('a received retry proves that a waiting delivery was executed', () => {
  const { attempts, waiting } = publicationOf('sent, received, sent retry 1, received retry 1');
  assert.deepEqual(
    attempts.map(({ key, outcome }) => [key, outcome]),
    [['0.0.1', undefined]],
  );
  assert.deepEqual(
    waiting.map(({ retries }) => retries),
    [1],
  );
});

test('the second delivery of two sends is not proven by a retry of the first', () => {
  const { attempts, waiting } = publicationOf('sent, sent, received, received on b, started, received retry 1');
  assert.equal(attempts.length, 1);
  assert.deepEqual(
    waiting.map(({ retries }) => retries),
    [0, 1],
  );
});

const ends: readonly { readonly name: string; readonly story: string; readonly want: readonly unknown[] }[] = [
  { name: 'an end closes the open attempt on its worker', story: 'received, started, failed', want: ['failed'] },
  {
    name: 'an end on another worker closes the attempt there',
    story: 'received, started, received on b, started on b, failed on b',
    want: [undefined, 'failed'],
  },
  {
    name: 'an end of the superseded attempt closes it too',
    story: 'received, started, received on b, started on b, failed on a',
    want: ['failed', undefined],
  },
  {
    name: 'an end without a start event starts and ends an attempt',
    story: 'received, succeeded',
    want: ['succeeded'],
  },
  {
    name: 'an end without any other event starts and ends an attempt',
    story: 'failed',
    want: ['failed'],
  },
  {
    name: 'a second end on the worker corrects the first',
    story: 'received, started, failed, succeeded',
    want: ['succeeded'],
  },
  {
    name: 'an attempt whose retry was received is ended by a retry event only',
    story: 'sent, received, sent retry 1, received retry 1, retried, started, failed',
    want: ['retried', 'failed'],
  },
  { name: 'a revoked delivery ends without an attempt', story: 'received, revoked', want: [] },
  { name: 'a terminated task was executing', story: 'received, terminated', want: ['revoked'] },
  { name: 'an unregistered task has no attempt', story: 'sent, unregistered', want: [] },
];
for (const { name, story, want } of ends) {
  test(name, () =>
    assert.deepEqual(
      attemptsOf(story).map(({ outcome }) => outcome),
      want,
    ),
  );
}

test('a task that ends without an attempt has its end on the publication, and the first end counts', () => {
  const publication = publicationOf('received, revoked');
  assert.deepEqual(
    [publication.end?.outcome, publication.end?.cause, publication.waiting.length],
    ['revoked', 'revoked', 0],
  );
  endAttempt(publication, ended('expired', storyStart + 900));
  assert.equal(publication.end?.cause, 'revoked');
});

test('a success without a runtime does not change a terminated attempt', () => {
  const [attempt] = attemptsOf('received, started, terminated, succeeded-without-runtime');
  assert.deepEqual([attempt?.outcome, attempt?.cause], ['revoked', 'terminated']);
});

test('a success with a runtime does', () => {
  const [attempt] = attemptsOf('received, started, terminated, succeeded');
  assert.deepEqual([attempt?.outcome, attempt?.cause, attempt?.runtimeMs], ['succeeded', undefined, 5]);
});

test('an attempt ends at its latest end event, and keeps the exception of an earlier one', () => {
  const publication = publicationOf('received, started, failed');
  endAttempt(publication, { ...ended('rejected', storyStart), at: storyStart });
  const [attempt] = publication.attempts;
  assert.equal(attempt?.endedAt, storyStart + 200);
  assert.equal(attempt?.exception?.type, 'ValueError');
});
