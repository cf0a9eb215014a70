/**
 * The channel during outages, over a real Redis and a fake Slack: a Redis that is killed, forgets and hangs, a
 * Slack that refuses every second call, instances that all restart, sidecars that each see a part. The long outages are played
 * on a virtual clock beside the sink (src/notify/coordinator.test.ts).
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type AlertCoordinator, createAlertCoordinator } from '../../src/notify/coordinator.ts';
import { createSlackReceiver } from '../../src/sink/slack/receiver.ts';
import { createFallbackStore } from '../../src/store/fallback-store.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import { opensAtOnce } from '../fakes/alert-fleet.ts';
import { failureOf } from '../fakes/failure.ts';
import { whyNoRedis } from '../fakes/redis.ts';
import { type FakeSlack, type FakeSlackOptions, startFakeSlack } from '../fakes/slack.ts';
import {
  freePort,
  missingTools,
  produce,
  startDaemon,
  startRedis,
  startWorker,
  stopEverything,
  waitFor,
} from '../live/process.ts';

const tickMs = 200;
/** The one whose turn it is without the store waits ten seconds. */
const turnWithinMs = 30_000;

interface Fleet {
  /** All instances see a failure of this cause. */
  fail(cause: string): void;
  /** How often each cause is in the channel. */
  seen(): Readonly<Record<string, number>>;
  /** Everything that was ever posted. */
  posted(): number;
  restart(): Promise<void>;
  readonly slack: FakeSlack;
}

describe('the channel, when things are away', { skip: whyNoRedis() }, () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  after(stopEverything);

  async function openFleet(url: string, instances: number, options: FakeSlackOptions = {}): Promise<Fleet> {
    const slack = await startFakeSlack({ channels: [{ id: 'C0ALERTS01', name: 'alerts' }], ...options });
    closing.push(() => slack.stop());
    const namespace = randomUUID();
    let failures = 0;
    let running = Array.from({ length: instances }, () => startSink(url, namespace, slack));
    closing.push(() => Promise.all(running.map(({ stop }) => stop())));
    await sleep(1_000);
    const posts = () => slack.messages('alerts').filter(({ threadTs }) => threadTs === undefined);
    return {
      slack,
      fail(cause) {
        failures += 1;
        const facts = { id: `failure-${failures}`, at: Date.now(), task: `task-${cause}`, fingerprint: cause };
        for (const { sink } of running) sink.failure(failureOf({ ...facts, title: `Oops: cause-${cause}.` }));
      },
      seen() {
        const counts: Record<string, number> = {};
        for (const { text } of posts()) {
          const cause = /cause-(\w+)\./.exec(text)?.[1] ?? text;
          counts[cause] = (counts[cause] ?? 0) + 1;
        }
        return counts;
      },
      posted: () =>
        slack.log.filter(({ method, args }) => method === 'chat.postMessage' && args['thread_ts'] === undefined).length,
      async restart() {
        await Promise.all(running.map(({ stop }) => stop()));
        running = Array.from({ length: instances }, () => startSink(url, namespace, slack));
        await sleep(1_000);
      },
    };
  }

  const isSeen = (fleet: Fleet, causes: readonly string[], withinMs = 10_000): Promise<unknown> =>
    waitFor(
      () => `${causes.join(', ')} in the channel: ${JSON.stringify(fleet.seen())}`,
      withinMs,
      () => causes.every((cause) => fleet.seen()[cause] !== undefined),
    );

  test('a Redis that is killed and comes back empty: nothing lost, nothing twice', async () => {
    const redis = await startRedis();
    const fleet = await openFleet(redis.url, 3);
    fleet.fail('before');
    await isSeen(fleet, ['before']);
    await redis.stop('SIGKILL');
    fleet.fail('meanwhile');
    await isSeen(fleet, ['meanwhile'], turnWithinMs);
    fleet.fail('before');
    await startRedis(redis.port);
    await sleep(3_000);
    fleet.fail('after');
    fleet.fail('meanwhile');
    await isSeen(fleet, ['after'], turnWithinMs);
    await sleep(3_000);
    assert.deepEqual(fleet.seen(), { before: 1, meanwhile: 1, after: 1 });
    assert.equal(fleet.posted(), 3, 'nothing had to be removed');
  });

  test('a Redis that is flushed: no root is repeated', async () => {
    const redis = await startRedis();
    const fleet = await openFleet(redis.url, 4);
    const causes = ['a', 'b', 'c', 'd'];
    for (const cause of causes) fleet.fail(cause);
    await isSeen(fleet, causes, 15_000);
    const raw = new Redis(redis.url);
    for (let round = 0; round < 3; round += 1) {
      await raw.flushall();
      await raw.script('FLUSH');
      for (const cause of causes) fleet.fail(cause);
      await sleep(1_000);
    }
    fleet.fail('e');
    await isSeen(fleet, ['e']);
    raw.disconnect();
    assert.deepEqual(fleet.seen(), { a: 1, b: 1, c: 1, d: 1, e: 1 });
    assert.equal(fleet.posted(), 5);
  });

  test('a Redis that hangs: who waits goes on when it wakes up', async () => {
    const redis = await startRedis();
    const fleet = await openFleet(redis.url, 3);
    fleet.fail('before');
    await isSeen(fleet, ['before']);
    redis.signal('SIGSTOP');
    fleet.fail('meanwhile');
    await sleep(6_000);
    redis.signal('SIGCONT');
    await isSeen(fleet, ['meanwhile'], turnWithinMs);
    await sleep(3_000);
    assert.deepEqual(fleet.seen(), { before: 1, meanwhile: 1 });
  });

  test('all instances restarted in the middle of it: no new root', async () => {
    const { url } = await startRedis();
    const fleet = await openFleet(url, 3);
    fleet.fail('a');
    await isSeen(fleet, ['a']);
    for (let round = 0; round < 3; round += 1) {
      await fleet.restart();
      fleet.fail('a');
    }
    fleet.fail('b');
    await isSeen(fleet, ['b']);
    assert.deepEqual(fleet.seen(), { a: 1, b: 1 });
    assert.equal(fleet.posted(), 2);
  });

  test('a Slack that refuses every second call: all arrive, once', async () => {
    const { url } = await startRedis();
    const calls = new Map<string, number>();
    const fleet = await openFleet(url, 2, {
      weather(method) {
        const count = (calls.get(method) ?? 0) + 1;
        calls.set(method, count);
        return count % 2 === 1 ? { kind: 'rate-limit', retryAfterS: 1, isAccepted: false } : { kind: 'none' };
      },
    });
    const causes = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const cause of causes) fleet.fail(cause);
    await isSeen(fleet, causes, 60_000);
    await sleep(3_000);
    assert.deepEqual(fleet.seen(), { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 });
    assert.equal(fleet.posted(), 6);
  });
});

const skip = missingTools();

describe('sidecars that share a store', { skip: skip ?? false }, () => {
  after(stopEverything);

  test('make one message of a cause that several pods show', async () => {
    const [redis, store] = [await startRedis(), await startRedis()];
    const slack = await startFakeSlack();
    const env = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const sidecars: Awaited<ReturnType<typeof startDaemon>>[] = [];
    for (const host of ['one', 'two']) {
      const ops = await freePort();
      const config = `mode: sidecar
hostname: ${host}
broker: ${redis.url}/0
store: ${store.url}/0
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "off" }
slack: { token: "${slack.token}", channel: "#alerts", api_url: "${slack.apiUrl}" }
alerts: { learning: 0s, wait: 5s }
`;
      const sidecar = await startDaemon(config, {}, ops);
      sidecars.push(sidecar);
      await sidecar.ready();
      await startWorker(env, `oven@${host}`, ['-c', '1']);
    }
    for (let round = 0; round < 4; round += 1) await produce(env, {}, ['failure']);
    const roots = () => slack.messages('alerts').filter(({ threadTs }) => threadTs === undefined);
    // Twenty failures, some in each pod: no instance received all of them itself.
    await waitFor(
      () => `one message that counts them all: ${JSON.stringify(roots().map(({ text }) => text))}`,
      90_000,
      () => roots().some(({ text }) => text.includes('(20)')),
    );
    assert.equal(roots().length, 1);
    const shown = JSON.stringify(roots()[0]!.blocks);
    for (const host of ['oven@one', 'oven@two']) assert.ok(shown.includes(host), `${host} in ${shown}`);
    for (const sidecar of sidecars) assert.equal(await sidecar.stop('SIGTERM'), 0);
    await slack.stop();
  });
});

/** One instance, as the daemon runs it. */
function startSink(url: string, namespace: string, slack: FakeSlack) {
  const clock = { now: Date.now };
  const shared = createRedisStore({ url, namespace, report: () => {}, random: Math.random, sleep });
  const channel = createSlackReceiver({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock,
    sleep: (ms) => sleep(ms),
    links: () => [],
    namespace,
  });
  const store = createFallbackStore({
    shared,
    isShared: true,
    clock,
    onAway() {},
    onBack() {},
    onDuplicate: ({ ref }) => void channel.retract(ref).catch(() => {}),
  });
  const sink: AlertCoordinator = createAlertCoordinator({
    policy: () => opensAtOnce,
    store,
    clock,
    random: Math.random,
    report: (notice) => assert.notEqual(notice.kind, 'bug', JSON.stringify(notice)),
    receivers: [channel],
    instance: randomUUID(),
  });
  const ticking = setInterval(() => void sink.tick(), tickMs);
  return {
    sink,
    async stop() {
      clearInterval(ticking);
      await sink.stop();
      await store.stop();
    },
  };
}
