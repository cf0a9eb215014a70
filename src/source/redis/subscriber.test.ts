import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../../test/fakes/redis.ts';
import type { Notice } from '../../report.ts';
import { createSystemClock } from '../../runtime/clock.ts';
import type { Gap, Message } from '../source.ts';
import { createSubscriber, type SubscriberOptions } from './subscriber.ts';

describe('a subscription to Redis', { skip: whyNoRedis() }, () => {
  let server: RedisServer;
  let redis: Redis;

  before(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  after(async () => {
    redis.disconnect();
    await server.stop();
  });

  function stage(options: Partial<SubscriberOptions> = {}) {
    const messages: Message[] = [];
    const gaps: Gap[] = [];
    const states: boolean[] = [];
    const notices: Notice[] = [];
    const changes = new EventTarget();
    const source = createSubscriber({
      name: 'events',
      address: {
        target: { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(server.url).port) },
        db: 0,
        username: undefined,
        password: undefined,
        tls: undefined,
      },
      patterns: ['events/*'],
      channels: ['events'],
      form: 'test',
      priorityOf: () => 'other',
      isChannelWanted: false,
      clock: createSystemClock(),
      random: () => 0.2,
      report: (notice) => notices.push(notice),
      ...options,
    });
    const outlet = {
      message(message: Message) {
        messages.push(message);
        changes.dispatchEvent(new Event('message'));
      },
      decoded: () => assert.fail('a subscription decodes nothing'),
      gap: (gap: Gap) => gaps.push(gap),
      connected(isConnected: boolean) {
        states.push(isConnected);
        changes.dispatchEvent(new Event(isConnected ? 'connected' : 'disconnected'));
      },
    };
    const next = (type: 'message' | 'connected' | 'disconnected') => once(changes, type);
    async function start(): Promise<void> {
      const connected = next('connected');
      await source.start(outlet);
      await connected;
    }
    return { source, start, next, messages, gaps, states, notices };
  }

  test('delivers the messages of its channels and patterns, with its name and form', async () => {
    const { source, start, next, messages } = stage();
    await start();
    const first = next('message');
    await redis.publish('events', 'one');
    await first;
    const second = next('message');
    await redis.publish('other', 'another channel');
    await redis.publish('events/task.sent', 'two');
    await second;
    await source.stop();
    assert.deepEqual(
      messages.map(({ source: name, form, payload }) => [name, form, payload]),
      [
        ['events', 'test', 'one'],
        ['events', 'test', 'two'],
      ],
    );
  });

  test('drops and counts refused messages, by their bytes, their text and their channel', async () => {
    const channels: string[] = [];
    const { source, start, next, messages, notices } = stage({
      isChannelWanted: true,
      acceptsBytes: (bytes, from, to) => bytes.toString('latin1', from, to) !== 'by bytes',
      accepts(payload, channel) {
        channels.push(channel);
        return payload !== 'by text' && channel !== 'events/foreign';
      },
    });
    await start();
    const message = next('message');
    for (const payload of ['by bytes', 'by text', 'kept']) await redis.publish('events/own', payload);
    await message;
    await redis.publish('events/foreign', 'foreign');
    while (channels.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await source.stop();
    assert.deepEqual(
      messages.map(({ payload }) => payload),
      ['kept'],
    );
    assert.deepEqual(channels, ['events/own', 'events/own', 'events/foreign']);
    const foreign = notices.flatMap((notice) => (notice.kind === 'foreign-messages' ? [notice.count] : []));
    assert.equal(
      foreign.reduce((sum, count) => sum + count, 0),
      3,
    );
  });

  test('reports a broken connection and the gap since the last message', async () => {
    const { source, start, next, gaps, states, notices } = stage();
    await start();
    const again = next('connected');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await again;
    await source.stop();
    assert.deepEqual(states.slice(0, 3), [true, false, true]);
    const [gap, ...more] = gaps;
    assert.deepEqual(more, []);
    assert.equal(gap?.cause, 'connection-lost');
    assert.ok(gap.to >= gap.from);
    const kinds = notices.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['source-connected', 'source-disconnected', 'source-connected']);
  });

  test('retries if a user may subscribe to neither form, and reports the reason', async () => {
    await redis.call('ACL', 'SETUSER', 'nobody', 'on', '>secret', '+@all', 'resetchannels');
    const { source, notices } = stage({
      address: {
        target: { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(server.url).port) },
        db: 0,
        username: 'nobody',
        password: 'secret',
        tls: undefined,
      },
    });
    await source.start({ message() {}, decoded() {}, gap() {}, connected() {} });
    while (!notices.some(({ kind }) => kind === 'source-disconnected'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    await source.stop();
    const notice = notices.find(({ kind }) => kind === 'source-disconnected');
    assert.match(notice?.kind === 'source-disconnected' ? notice.reason : '', /^NOPERM/);
    assert.doesNotMatch(JSON.stringify(notices), /secret/);
  });

  test('stops without a start and twice', async () => {
    const { source, states } = stage();
    await source.stop();
    await source.stop();
    assert.deepEqual(states, []);
  });
});
