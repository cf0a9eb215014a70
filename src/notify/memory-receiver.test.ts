import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, notificationOf } from '../../test/fakes/incident.ts';
import { createMemoryReceiver } from './memory-receiver.ts';

const limits = { startBy: 0 };

function open() {
  let now = 1_000;
  const shown: string[] = [];
  const receiver = createMemoryReceiver({
    clock: { now: () => now },
    onDelivered: ({ id, action }, at) => shown.push(`${at} ${action} ${id}`),
  });
  return { receiver, shown, advance: (ms: number) => (now += ms) };
}

test('accepts a message, and keeps it as the last edit left it', async () => {
  const { receiver, shown, advance } = open();
  const posted = await receiver.deliver(notificationOf(), limits);
  assert.deepEqual(posted, { outcome: 'delivered', ref: '7d3f9a1c2b:root' });
  advance(500);
  const edit = notificationOf(incidentOf({ count: 9 }), { action: 'edit' });
  await receiver.edit(edit, '7d3f9a1c2b:root', limits);
  const [message, ...others] = receiver.messages();
  assert.deepEqual(others, []);
  assert.deepEqual([message!.postedAt, message!.editedAt, message!.notification], [1_000, 1_500, edit]);
  assert.deepEqual(shown, ['1000 post 7d3f9a1c2b:root', '1500 edit 7d3f9a1c2b:root']);
});

test('reconciles with the messages that it has', async () => {
  const { receiver } = open();
  assert.deepEqual(await receiver.reconcile(notificationOf(), limits), { kind: 'absent' });
  await receiver.deliver(notificationOf(), limits);
  assert.deepEqual(await receiver.reconcile(notificationOf(), limits), { kind: 'found', ref: '7d3f9a1c2b:root' });
});

test('keeps the latest 10,000 messages', async () => {
  const { receiver } = open();
  for (let index = 0; index <= 10_000; index += 1)
    await receiver.deliver(notificationOf(undefined, { id: `${index}` }), limits);
  assert.equal(receiver.messages().length, 10_000);
  assert.equal(receiver.messages()[0]!.ref, '1');
});
