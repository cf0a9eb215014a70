import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import type { Channel, ConsumeMessage } from 'amqplib';
import { Consumer } from './consumer.ts';

/** A channel that logs acknowledgements and lets the test send messages. */
class FakeChannel extends EventEmitter {
  readonly log: string[] = [];
  onMessage: (message: ConsumeMessage | null) => void = () => {};
  isClosed = false;

  async prefetch(count: number): Promise<void> {
    this.log.push(`prefetch ${count}`);
  }
  async consume(queue: string, onMessage: (message: ConsumeMessage | null) => void) {
    this.log.push(`consume ${queue}`);
    this.onMessage = onMessage;
    return { consumerTag: 'tag' };
  }
  ack({ fields }: ConsumeMessage, isMultiple: boolean): void {
    if (this.isClosed) throw new Error('Channel closed');
    this.log.push(`ack ${fields.deliveryTag} ${isMultiple}`);
  }
  async cancel(tag: string): Promise<void> {
    this.log.push(`cancel ${tag}`);
  }
  async bindQueue(...given: readonly string[]): Promise<void> {
    this.log.push(`bind ${given.join(' ')}`);
  }
  async close(): Promise<void> {
    this.log.push('close');
  }

  send(...tags: readonly number[]): void {
    for (const deliveryTag of tags) this.onMessage({ fields: { deliveryTag } } as ConsumeMessage);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => resolve()));
const tagsTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function stage() {
  const channel = new FakeChannel();
  const slices: number[][] = [];
  const consumer = await Consumer.start({
    channel: channel as unknown as Channel,
    queue: 'events',
    clock: { now: () => 1_000 },
    deliver(slice) {
      assert.ok(slice.every(({ receivedAt }) => receivedAt === 1_000));
      slices.push(slice.map(({ message }) => message.fields.deliveryTag));
    },
  });
  return { channel, consumer, slices };
}

test('the prefetch is set before messages arrive', async () => {
  const { channel } = await stage();
  assert.deepEqual(channel.log, ['prefetch 1024', 'consume events']);
});

test('messages are delivered in slices of 256, each acknowledged by its last message', async () => {
  const { channel, slices } = await stage();
  channel.send(...tagsTo(600));
  assert.deepEqual(slices, []);
  for (let count = 0; count < 3; count += 1) await turn();
  assert.deepEqual(
    slices.map(({ length }) => length),
    [256, 256, 88],
  );
  assert.deepEqual(slices.flat(), tagsTo(600));
  assert.deepEqual(channel.log.slice(2), ['ack 256 true', 'ack 512 true', 'ack 600 true']);
});

test('a finish cancels, delivers the rest, acknowledges it and closes the channel', async () => {
  const { channel, consumer, slices } = await stage();
  channel.send(1, 2);
  await consumer.finish();
  assert.deepEqual(slices, [[1, 2]]);
  assert.deepEqual(channel.log.slice(2), ['cancel tag', 'ack 2 true', 'close']);
  channel.send(3);
  await turn();
  assert.equal(slices.length, 1);
});

test('abandoned messages are neither delivered nor acknowledged', async () => {
  const { channel, consumer, slices } = await stage();
  channel.send(1, 2);
  consumer.abandon();
  await turn();
  await consumer.finish();
  assert.deepEqual(slices, []);
  assert.deepEqual(channel.log.slice(2), ['cancel tag', 'close']);
});

test('a channel that closed before the acknowledgement costs nothing else', async () => {
  const { channel, slices } = await stage();
  channel.isClosed = true;
  channel.send(1);
  await turn();
  assert.deepEqual(slices, [[1]]);
});

test('a new binding names queue and exchange', async () => {
  const { channel, consumer } = await stage();
  consumer.bind('celeryev');
  assert.equal(channel.log.at(-1), 'bind events celeryev #');
});

describe('the consumer closes', () => {
  const cases: readonly {
    readonly name: string;
    readonly cause: (channel: FakeChannel) => void;
    readonly want: string;
  }[] = [
    { name: 'when the queue is deleted', cause: (channel) => channel.onMessage(null), want: 'the queue was deleted' },
    { name: 'when the channel closes', cause: (channel) => channel.emit('close'), want: 'the channel was closed' },
    {
      name: 'when the channel fails, and the first reason counts',
      cause(channel) {
        channel.emit('error', new Error('Channel closed by server: 404 (NOT-FOUND) with message "x"'));
        channel.emit('close');
      },
      want: 'closed by the broker (404 NOT-FOUND)',
    },
  ];
  for (const { name, cause, want } of cases) {
    test(name, async () => {
      const { channel, consumer } = await stage();
      cause(channel);
      assert.equal(await consumer.closed, want);
    });
  }
});
