import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventOf, storyOf } from '../../../test/fakes/task-story.ts';
import { compareRecordEvents, stateAfterLast, type TaskRecordEvent } from './record-event.ts';

const at = 1_000;

const orders: readonly { readonly name: string; readonly first: TaskRecordEvent; readonly second: TaskRecordEvent }[] =
  [
    { name: 'the earlier event, whatever its type', first: eventOf('failed', at), second: eventOf('sent', at + 0.001) },
    { name: 'the send before the receipt', first: eventOf('sent', at), second: eventOf('received', at) },
    { name: 'the receipt before the start', first: eventOf('received', at), second: eventOf('started', at) },
    { name: 'the start before the end', first: eventOf('started', at), second: eventOf('succeeded', at) },
    { name: 'an end before a rejection', first: eventOf('failed', at), second: eventOf('requeued', at) },
    { name: 'ends of one rank by name', first: eventOf('failed', at), second: eventOf('succeeded', at) },
    { name: 'equal events by host', first: eventOf('started on a', at), second: eventOf('started on b', at) },
    {
      name: 'equal events of one host by process',
      first: { ...eventOf('started', at), pid: 1 },
      second: { ...eventOf('started', at), pid: 2 },
    },
    {
      name: 'an event without a process before one with',
      first: { ...eventOf('started', at), pid: undefined },
      second: { ...eventOf('started', at), pid: 2 },
    },
  ];
for (const { name, first, second } of orders) {
  test(`order of events: ${name}`, () => {
    assert.ok(compareRecordEvents(first, second) < 0);
    assert.ok(compareRecordEvents(second, first) > 0);
  });
}

test('the same event, received again later, is a duplicate', () => {
  const event = eventOf('started', at);
  assert.equal(compareRecordEvents(event, { ...event, receivedAt: at + 9_000 }), 0);
});

test('the order is total: sorting does not depend on the initial order', () => {
  const events = storyOf(
    'sent, received, started, retried, sent retry 1, received retry 1 on b, started on b, failed on b',
  ).map((event, index) => ({ ...event, at: at + (index % 3) }));
  const sorted = events.toSorted(compareRecordEvents);
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      assert.deepEqual(shuffled.sort(compareRecordEvents), sorted);
    }),
  );
});

const states = [
  { story: 'sent', want: 'sent' },
  { story: 'sent, received', want: 'received' },
  { story: 'sent, received, started', want: 'started' },
  { story: 'sent, received, started, succeeded', want: 'success' },
  { story: 'sent, received, started, failed', want: 'failure' },
  { story: 'sent, received, started, retried', want: 'retry' },
  { story: 'sent, received, started, retried, sent retry 1', want: 'retry' },
  { story: 'sent, received, expired', want: 'revoked' },
  { story: 'sent, received, started, requeued', want: 'rejected' },
  { story: 'sent, received, started, cancelled', want: 'cancelled' },
] as const;
for (const { story, want } of states) {
  test(`the state after "${story}" is ${want}`, () => assert.equal(stateAfterLast(storyOf(story)), want));
}

test('the state without events is sent', () => assert.equal(stateAfterLast([]), 'sent'));
