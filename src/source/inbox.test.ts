import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Inbox, type MessagePriority } from './inbox.ts';
import type { Message } from './source.ts';

/** A message of a hundred characters. */
function message(text: string, receivedAt = 1): Message {
  return { source: 's', receivedAt, payload: text.padEnd(100), form: 'test' };
}

function stage(charsMax: number, priority: MessagePriority = 'other') {
  const handled: string[] = [];
  const dropped: (readonly [count: number, firstAt: number, lastAt: number])[] = [];
  let priorityCalls = 0;
  const inbox = new Inbox({
    charsMax,
    priorityOf() {
      priorityCalls += 1;
      return priority;
    },
    handle: ({ payload }) => handled.push(payload.trim()),
    dropped: (...drop) => dropped.push(drop),
  });
  return { inbox, handled, dropped, priorityCalls: () => priorityCalls };
}

/** Until every slice that is due has run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => resolve()));

test('messages are handled in order, and none is dropped while there is room', () => {
  const { inbox, handled, dropped } = stage(1_000);
  inbox.put(message('first'));
  inbox.put(message('second'));
  assert.equal(inbox.size, 2);
  inbox.drain();
  assert.deepEqual(handled, ['first', 'second']);
  assert.deepEqual(dropped, []);
  assert.equal(inbox.size, 0);
});

test('put returns before the message is handled', async () => {
  const { inbox, handled } = stage(1_000);
  inbox.put(message('one'));
  assert.deepEqual(handled, []);
  await turn();
  assert.deepEqual(handled, ['one']);
});

test('a turn handles a slice of 256 messages', async () => {
  const { inbox, handled } = stage(100_000);
  for (let count = 0; count < 300; count += 1) inbox.put(message(String(count)));
  await turn();
  assert.equal(handled.length, 256);
  await turn();
  assert.equal(handled.length, 300);
});

test('a message put while a slice runs is handled after it', async () => {
  const handled: string[] = [];
  const inbox: Inbox = new Inbox({
    charsMax: 1_000,
    priorityOf: () => 'other',
    handle({ payload }) {
      handled.push(payload.trim());
      if (payload.startsWith('first')) inbox.put(message('second'));
    },
    dropped: () => assert.fail('there is room'),
  });
  inbox.put(message('first'));
  await turn();
  await turn();
  assert.deepEqual(handled, ['first', 'second']);
});

describe('a full inbox', () => {
  const cases: readonly { readonly priority: MessagePriority; readonly kept: number }[] = [
    { priority: 'other', kept: 10 },
    { priority: 'name', kept: 12 },
    { priority: 'failure', kept: 15 },
  ];
  for (const { priority, kept } of cases) {
    test(`keeps ${kept} of 20 messages of priority "${priority}" where ten have room`, () => {
      const { inbox, handled, dropped } = stage(1_000, priority);
      for (let at = 1; at <= 20; at += 1) inbox.put(message('x', at));
      inbox.drain();
      assert.equal(handled.length, kept);
      assert.deepEqual(dropped, [[20 - kept, kept + 1, 20]]);
    });
  }

  test('reads no message for its priority below 99 percent', () => {
    const { inbox, priorityCalls } = stage(10_000);
    for (let count = 0; count < 99; count += 1) inbox.put(message('x'));
    assert.equal(priorityCalls(), 0);
    inbox.put(message('x'));
    assert.equal(priorityCalls(), 1);
  });

  test('has room again as soon as a message is handled', async () => {
    const { inbox, handled, dropped } = stage(100);
    inbox.put(message('kept'));
    inbox.put(message('dropped'));
    await turn();
    inbox.put(message('kept too'));
    inbox.drain();
    assert.deepEqual(handled, ['kept', 'kept too']);
    assert.equal(dropped.length, 1);
  });

  test('reports each drop once', () => {
    const { inbox, dropped } = stage(100);
    for (let at = 1; at <= 3; at += 1) inbox.put(message('x', at));
    inbox.drain();
    inbox.drain();
    assert.deepEqual(dropped, [[2, 2, 3]]);
  });
});
