import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis, whyNoRedis } from '../../test/fakes/redis.ts';
import type { Notice } from '../report.ts';
import { forgetMs, noteCharsMax, openBytesMax, ownersMax } from './fleet.ts';
import { createRedisFleet } from './fleet-redis.ts';

const started: { server?: RedisServer } = {};
after(() => started.server?.stop());

const minuteMs = 60_000;
const unreadable: Notice = { kind: 'items-dropped', queue: 'store', reason: 'unreadable-record', count: 1 };

/** A fleet in a namespace of its own, and a second connection that reads and damages its keys. */
async function openFleet(t: TestContext) {
  started.server ??= await startRedis();
  const { url } = started.server;
  const namespace = randomUUID();
  const notices: Notice[] = [];
  const report = (notice: Notice): void => void notices.push(notice);
  const fleet = createRedisFleet({ url, namespace, report, random: () => 0, sleep });
  const redis = new Redis(url);
  t.after(async () => {
    await fleet.stop();
    redis.disconnect();
  });
  const prefix = `tv:{${namespace}}:`;
  return {
    fleet,
    redis,
    prefix,
    namespace,
    notices,
    hold: (instance: string, note = '') => fleet.hold('export', { instance, ttlMs: minuteMs, note }),
    announce: (instance: string, open: string, ttlMs = 0) =>
      fleet.announce({ instance, host: `pod-${instance}` }, open, ttlMs),
    keys: async () => (await redis.keys(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort(),
    serverNow: async () => Number((await redis.time())[0]) * 1_000,
  };
}

/** True for a rest of life of a day, less the time of the test. */
const isDay = (ms: number): boolean => ms > forgetMs - minuteMs && ms <= forgetMs;

describe('fleet in Redis', { skip: whyNoRedis() }, () => {
  test('every key is under the prefix of its namespace and expires within a day', async (t) => {
    const { hold, announce, keys, redis, prefix } = await openFleet(t);
    await hold('a');
    await announce('a', 'open work');
    const names = await keys();
    assert.deepEqual(
      names.map((name) => name.replace(/:\d+$/, ':<micros>')),
      ['duty:export', 'open:a:<micros>', 'owner:a', 'owners'],
    );
    for (const name of names) {
      const leftMs = await redis.pttl(`${prefix}${name}`);
      assert.ok(isDay(leftMs), `${name} expires in ${leftMs} ms`);
    }
  });

  test('its connection has a name in the client list', async (t) => {
    const { hold, redis, namespace } = await openFleet(t);
    await hold('a');
    assert.match(String(await redis.client('LIST')), new RegExp(`name=taskvigil-fleet-${namespace} `));
  });

  test('two namespaces on one server share nothing', async (t) => {
    const [one, other] = [await openFleet(t), await openFleet(t)];
    await one.hold('a');
    await one.announce('a', '');
    assert.equal((await other.hold('b')).isMine, true);
    assert.deepEqual(await other.fleet.owners(), []);
  });

  test('a refused request and a release of a free duty write nothing', async (t) => {
    const { fleet, hold, redis, prefix, keys } = await openFleet(t);
    await fleet.release('export', { instance: 'a', note: 'never held' });
    assert.deepEqual(await keys(), []);
    await hold('a');
    const before = await redis.hgetall(`${prefix}duty:export`);
    await hold('b', 'note of b');
    await fleet.release('export', { instance: 'b', note: 'note of b' });
    assert.deepEqual(await redis.hgetall(`${prefix}duty:export`), before);
  });

  for (const { name, state } of [
    { name: 'that is not JSON', state: '{' },
    { name: 'of another release', state: '{"holder":7,"since":1}' },
  ]) {
    test(`a lease record ${name} counts as missing, is reported and is replaced`, async (t) => {
      const { hold, redis, prefix, notices } = await openFleet(t);
      await redis.hset(`${prefix}duty:export`, { version: '5', state });
      assert.equal((await hold('a')).isMine, true);
      assert.deepEqual(notices, [unreadable]);
      assert.equal((await hold('b')).holder, 'a');
      assert.deepEqual(notices, [unreadable], 'the new record is readable');
    });

    test(`an owner's record ${name} is not listed, has no work and makes its instance new`, async (t) => {
      const { fleet, announce, redis, prefix, notices } = await openFleet(t);
      await announce('a', 'lost with its record');
      await announce('b', 'work of b');
      await redis.hset(`${prefix}owner:a`, { state });
      assert.deepEqual(
        (await fleet.owners()).map(({ instance }) => instance),
        ['b'],
      );
      assert.equal(await fleet.takeOver('a', { force: true }), undefined);
      assert.equal(await fleet.renew('a', minuteMs), false);
      assert.deepEqual(notices, [unreadable, unreadable]);
      assert.deepEqual(await announce('a', 'new work'), { isNew: true });
      assert.equal(await fleet.takeOver('a'), 'new work');
    });
  }

  test('an announcement replaces the open work of the previous one', async (t) => {
    const { announce, redis, prefix, keys } = await openFleet(t);
    await announce('a', 'first');
    await announce('a', 'second');
    const open = (await keys()).filter((name) => name.startsWith('open:'));
    assert.equal(open.length, 1);
    assert.equal(await redis.get(`${prefix}${open[0]}`), 'second');
  });

  test('a renewal keeps the open work and the index for another day', async (t) => {
    const { fleet, announce, redis, prefix, keys } = await openFleet(t);
    await announce('a', 'open work');
    const names = await keys();
    for (const name of names) await redis.pexpire(`${prefix}${name}`, minuteMs);
    assert.equal(await fleet.renew('a', minuteMs), true);
    assert.deepEqual(await keys(), names);
    for (const name of names) assert.ok(isDay(await redis.pttl(`${prefix}${name}`)), name);
  });

  test('a takeover leaves no key of the owner', async (t) => {
    const { fleet, announce, keys } = await openFleet(t);
    await announce('a', 'open work');
    assert.equal(await fleet.takeOver('a'), 'open work');
    assert.deepEqual(await keys(), []);
  });

  test('an owner whose open work was evicted from the server hands over an empty text', async (t) => {
    const { fleet, announce, redis, prefix, keys } = await openFleet(t);
    await announce('a', 'open work');
    for (const name of await keys()) if (name.startsWith('open:')) await redis.del(`${prefix}${name}`);
    assert.equal(await fleet.takeOver('a'), '');
    assert.equal(await fleet.takeOver('a'), undefined);
  });

  test('an owner that is a day old leaves the index, and one without a record is not listed', async (t) => {
    const { fleet, announce, redis, prefix, serverNow } = await openFleet(t);
    await announce('a', '');
    const now = await serverNow();
    await redis.zadd(`${prefix}owners`, String(now - 1_000), 'expired', String(now + minuteMs), 'without a record');
    assert.deepEqual(
      (await fleet.owners()).map(({ instance }) => instance),
      ['a'],
    );
    assert.deepEqual(await redis.zrange(`${prefix}owners`, 0, '-1'), ['without a record', 'a']);
  });

  test('beyond the limit the owners that were silent for longest are left out', async (t) => {
    const { fleet, redis, prefix, serverNow } = await openFleet(t);
    const now = await serverNow();
    const writes = redis.pipeline();
    for (let index = 0; index <= ownersMax; index += 1) {
      const state = JSON.stringify({ host: 'pod', seenAt: now, until: now + minuteMs, open: '1' });
      writes.hset(`${prefix}owner:${index}`, { version: '1', state });
      writes.zadd(`${prefix}owners`, now + minuteMs + index, String(index));
    }
    await writes.exec();
    const instances = (await fleet.owners()).map(({ instance }) => instance);
    assert.equal(instances.length, ownersMax);
    assert.deepEqual([instances[0], instances.at(-1)], [String(ownersMax), '1'], 'only 0 is left out');
  });
});

describe('fleet at an unreachable server', () => {
  function openUnreachable(t: TestContext) {
    const notices: Notice[] = [];
    const fleet = createRedisFleet({
      url: 'redis://127.0.0.1:1',
      namespace: 'ns',
      report: (notice) => notices.push(notice),
      random: () => 0,
      sleep,
    });
    t.after(() => fleet.stop());
    return { fleet, notices };
  }

  test('every call rejects, and none reports the outage, which its caller reports once', async (t) => {
    const { fleet, notices } = openUnreachable(t);
    await assert.rejects(fleet.hold('export', { instance: 'a', ttlMs: minuteMs, note: '' }));
    await assert.rejects(fleet.release('export', { instance: 'a', note: '' }));
    await assert.rejects(fleet.announce({ instance: 'a', host: 'pod' }, '', minuteMs));
    await assert.rejects(fleet.renew('a', minuteMs));
    await assert.rejects(fleet.owners());
    await assert.rejects(fleet.takeOver('a'));
    assert.deepEqual(notices, []);
  });

  test('a note or open work over its limit is refused before a request is sent', async (t) => {
    const { fleet } = openUnreachable(t);
    const note = 'n'.repeat(noteCharsMax + 1);
    const open = 'o'.repeat(openBytesMax + 1);
    await assert.rejects(fleet.hold('export', { instance: 'a', ttlMs: 1, note }), RangeError);
    await assert.rejects(fleet.release('export', { instance: 'a', note }), RangeError);
    await assert.rejects(fleet.announce({ instance: 'a', host: 'pod' }, open, 1), RangeError);
  });

  test('it stops twice', async (t) => {
    const { fleet } = openUnreachable(t);
    await fleet.stop();
    await fleet.stop();
  });
});
