import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox } from './inbox.ts';
import type { Message } from './source.ts';

/** A message of a hundred characters about so many events of these types. */
function message(...types: readonly string[]): Message {
  const payload = JSON.stringify(types.map((type) => ({ type }))).padEnd(100);
  return { source: 's', receivedAt: 1, payload, form: 'event-body' };
}

function stage(charsMax: number) {
  const handled: string[] = [];
  const dropped: number[] = [];
  const inbox = new Inbox({
    charsMax,
    handle: ({ payload }) => handled.push(payload.trim()),
    dropped: (count) => dropped.push(count),
  });
  return { inbox, handled, dropped };
}

test('what arrives is handed on in order, and nothing is dropped while there is room', () => {
  const { inbox, handled, dropped } = stage(1_000);
  inbox.put(message('task-started'));
  inbox.put(message('task-failed'));
  inbox.drain();
  assert.deepEqual(handled, ['[{"type":"task-started"}]', '[{"type":"task-failed"}]']);
  assert.deepEqual(dropped, []);
});

const full: readonly { types: readonly string[]; kept: number }[] = [
  { types: ['task-succeeded'], kept: 10 },
  { types: ['task-started', 'task-succeeded'], kept: 10 },
  { types: ['task-received'], kept: 12 },
  { types: ['task-failed'], kept: 15 },
  { types: ['task-succeeded', 'task-rejected'], kept: 15 },
  { types: ['worker-heartbeat'], kept: 15 },
];
for (const { types, kept } of full) {
  test(`of twenty messages with ${types.join(' and ')}, ${kept} find room where ten would fit`, () => {
    const { inbox, handled, dropped } = stage(1_000);
    for (let count = 0; count < 10; count += 1) inbox.put(message('task-succeeded'));
    for (let count = 0; count < 10; count += 1) inbox.put(message(...types));
    inbox.drain();
    assert.deepEqual([handled.length, dropped], [kept, [20 - kept]]);
  });
}
