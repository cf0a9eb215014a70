import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../../test/fakes/redis.ts';
import { freePort } from '../../../test/live/process.ts';
import type { Notice } from '../../report.ts';
import { createSystemClock } from '../../runtime/clock.ts';
import type { Gap, Message } from '../source.ts';
import { createSubscriber, type SubscriberOptions } from './subscriber.ts';

/** Publishes 4 MB a second as one host, each message with its time of sending. */
const publishing = `
import { Redis } from 'ioredis';
const redis = new Redis(process.argv[1]);
const filler = 'x'.repeat(4_000);
setInterval(() => {
  const pipeline = redis.pipeline();
  for (let count = 0; count < 5; count += 1) pipeline.publish('events', 'w@a ' + Date.now() + ' ' + filler);
  pipeline.exec();
}, 5);
`;

function sendingOf(payload: string): { readonly hostname: string; readonly at: number } {
  const [hostname = '', at] = payload.split(' ');
  return { hostname, at: Number(at) };
}

/** Blocks this process, as a starved or stopped one is. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

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
    return { source, outlet, start, next, messages, gaps, states, notices };
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

  test('a subscriber that Redis dropped while this process was paused: the gap starts at the last message sent', async (t) => {
    await redis.call('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 300kb 0 0');
    const { source, start, next, messages, gaps, notices } = stage({ sendingOf });
    await start();
    const publisher = spawn(process.execPath, ['--input-type=module', '-e', publishing, server.url], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    t.after(() => publisher.kill());
    while (messages.length < 300) await next('message');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const [lost, again] = [next('disconnected'), next('connected')];
    const pausedAt = Date.now();
    pause(4_500);
    await lost;
    const lostAt = Date.now();
    await again;
    publisher.kill();
    await source.stop();
    const lastSentAt = messages
      .filter(({ receivedAt }) => receivedAt <= lostAt)
      .reduce((last, { payload }) => Math.max(last, sendingOf(payload).at), 0);
    const [gap, ...more] = gaps;
    assert.deepEqual(more, []);
    assert.equal(gap?.cause, 'too-slow');
    const truth = Math.max(pausedAt, lastSentAt);
    assert.ok(Math.abs(gap.from - truth) < 500, `the gap starts ${gap.from - truth} ms after the last message sent`);
    assert.ok(gap.to - gap.from > 1_500, `${gap.to - gap.from} ms`);
    assert.ok(notices.every(({ kind }) => kind !== 'bug'));
  });

  test('a connection that is lost while nothing is late is lost, not slow', async () => {
    const { source, start, next, gaps } = stage({ sendingOf });
    await start();
    const message = next('message');
    await redis.publish('events', `w@a ${Date.now() - 3_600_000} from a clock that is an hour behind`);
    await message;
    const again = next('connected');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await again;
    await source.stop();
    assert.deepEqual(
      gaps.map(({ cause, from, to }) => [cause, to - from < 2_000]),
      [['connection-lost', true]],
    );
  });

  test('an attempt to connect is made before its time once the server is known to be back', async () => {
    const port = await freePort();
    const target = { kind: 'tcp', host: '127.0.0.1', port } as const;
    const address = { target, db: 0, username: undefined, password: undefined, tls: undefined };
    const { source, outlet, next, notices } = stage({ random: () => 1, address });
    const connected = next('connected');
    await source.start(outlet);
    const waits = (): number[] => notices.flatMap((one) => (one.kind === 'source-disconnected' ? [one.retryInMs] : []));
    while (waits().length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(waits().at(-1), 2_000);
    const late = await startRedis(port);
    const from = Date.now();
    source.retryNow?.();
    await connected;
    assert.ok(Date.now() - from < 1_000, `${Date.now() - from} ms`);
    await source.stop();
    await late.stop();
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
