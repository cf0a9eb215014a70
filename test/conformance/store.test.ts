/**
 * What every alert store must do. Runs against memory and against a real redis-server, which is started here on a free
 * port; where none is installed the Redis part is skipped, loudly, except in CI.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { AlertState } from '../../src/alert/alert-state.ts';
import { observe } from '../../src/alert/decide.ts';
import { defaultRules, type GroupKey, type Rule } from '../../src/alert/rule.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import type { AlertStore, Change } from '../../src/store/store.ts';
import { evidenceFor } from '../fakes/evidence.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../fakes/redis.ts';

const rule: Rule = { ...defaultRules({ channel: '#alerts' })[0]!, threshold: 2, waitMs: 0 };
const key = 'default:group-1' as GroupKey;
const otherKey = 'default:group-2' as GroupKey;

/** Two stores over one memory where the kind allows it, else twice the same. */
interface Subject {
  readonly name: string;
  readonly skip: string | false;
  open(): Promise<{ readonly stores: readonly [AlertStore, AlertStore]; readonly now: () => number }>;
}

const server: { current?: RedisServer } = {};
after(() => server.current?.stop());

const subjects: readonly Subject[] = [
  {
    name: 'memory store',
    skip: false,
    async open() {
      const store = createMemoryStore({ now: Date.now });
      return { stores: [store, store], now: Date.now };
    },
  },
  {
    name: 'redis store',
    skip: whyNoRedis(),
    async open() {
      server.current ??= await startRedis();
      const namespace = randomUUID();
      const { url } = server.current;
      const create = () => createRedisStore({ url, namespace, report: () => {}, random: Math.random, sleep });
      const stores = [create(), create()] as const;
      await Promise.all(stores.map(ready));
      return { stores, now: Date.now };
    },
  },
];

for (const subject of subjects) {
  describe(subject.name, { skip: subject.skip }, () => {
    const opened: AlertStore[] = [];
    async function open() {
      const { stores, now } = await subject.open();
      opened.push(...stores);
      return { store: stores[0], other: stores[1], now: now() };
    }
    after(() => Promise.all(opened.map((store) => store.stop())));

    test('gives a change nothing for a group that nobody wrote', async () => {
      const { store } = await open();
      assert.equal(await store.update(key, (state) => ({ next: undefined, answer: state })), undefined);
    });

    test('gives a change what another instance wrote, exactly', async () => {
      const { store, other, now } = await open();
      const state = stateAt(now);
      await store.update(key, () => ({ next: state, answer: undefined }));
      assert.deepEqual(await peek(other, key), state);
    });

    test('removes a record', async () => {
      const { store, other, now } = await open();
      await store.update(key, () => ({ next: stateAt(now, { dueAt: 1 }), answer: undefined }));
      await other.update(key, () => ({ next: undefined, answer: undefined }));
      assert.equal(await peek(store, key), undefined);
      assert.deepEqual(await store.due(10), []);
      assert.deepEqual(await store.incidents(10), []);
    });

    test('applies every one of many changes at once', async () => {
      const { store, other, now } = await open();
      const add: Change<undefined> = (state) => {
        const hostnames = [...(state?.hostnames ?? []), 'celery@one-more'];
        return { next: { ...(state ?? stateAt(now)), hostnames }, answer: undefined };
      };
      const updates = Array.from({ length: 24 }, (_, index) => (index % 2 === 0 ? store : other).update(key, add));
      await Promise.all(updates);
      assert.equal((await peek(store, key))?.hostnames.length, 24);
    });

    test('tells each of many contenders apart: one of them wins', async () => {
      const { store, other } = await open();
      const claim =
        (name: string): Change<boolean> =>
        (state, now) =>
          state === undefined
            ? { next: stateAt(now, { hostnames: [name] }), answer: true }
            : { next: state, answer: false };
      const answers = await Promise.all([
        store.update(key, claim('a')),
        other.update(key, claim('b')),
        store.update(key, claim('c')),
        other.update(key, claim('d')),
      ]);
      assert.deepEqual(answers.filter(Boolean), [true]);
    });

    test('names groups that are due, the longest waiting first, and no others', async () => {
      const { store, now } = await open();
      const keys = ['later', 'first', 'second'].map((name) => `default:${name}` as GroupKey);
      const dueAts = [now + 3_600_000, now - 2_000, now - 1_000];
      for (const [index, one] of keys.entries()) {
        await store.update(one, () => ({ next: { ...stateAt(now, { dueAt: dueAts[index]! }), key: one }, answer: 0 }));
      }
      assert.deepEqual(await store.due(10), [keys[1], keys[2]]);
      assert.deepEqual(await store.due(1), [keys[1]]);
    });

    test('forgets that a group was due when it no longer is', async () => {
      const { store, now } = await open();
      await store.update(key, () => ({ next: stateAt(now, { dueAt: now - 1 }), answer: 0 }));
      await store.update(key, (state) => ({ next: { ...state!, dueAt: now + 3_600_000 }, answer: 0 }));
      assert.deepEqual(await store.due(10), []);
    });

    test('lists groups with an incident, and only those', async () => {
      const { store, other, now } = await open();
      const open2 = stateAt(now, {}, 2);
      await store.update(key, () => ({ next: open2, answer: 0 }));
      await store.update(otherKey, () => ({ next: { ...stateAt(now), key: otherKey }, answer: 0 }));
      assert.deepEqual(await other.incidents(10), [open2]);
    });

    test('lets its clock move on between two updates', async () => {
      const { store } = await open();
      const clock: Change<number> = (_state, now) => ({ next: undefined, answer: now });
      const first = await store.update(key, clock);
      assert.ok((await store.update(key, clock)) >= first);
      assert.ok(Math.abs(first - Date.now()) < 60_000, 'milliseconds since 1970');
    });

    test('passes on what a change throws, and writes nothing', async () => {
      const { store } = await open();
      const broken = store.update(key, () => {
        throw new RangeError('a bug');
      });
      await assert.rejects(broken, RangeError);
      assert.equal(await peek(store, key), undefined);
    });

    test('may be stopped twice', async () => {
      const { store } = await open();
      await store.stop();
      await store.stop();
    });
  });
}

describe('redis store alone', { skip: whyNoRedis() }, () => {
  async function openRaw() {
    server.current ??= await startRedis();
    const namespace = randomUUID();
    const notices: unknown[] = [];
    const { url } = server.current;
    const store = createRedisStore({
      url,
      namespace,
      report: (notice) => notices.push(notice),
      random: Math.random,
      sleep,
    });
    await ready(store);
    const raw = new Redis(url);
    opened.push(async () => {
      await store.stop();
      raw.disconnect();
    });
    return { store, raw, notices, prefix: `tv:{${namespace}}:` };
  }
  const opened: (() => Promise<void>)[] = [];
  after(() => Promise.all(opened.map((close) => close())));

  test('goes on when the server has forgotten the script', async () => {
    const { store, raw } = await openRaw();
    await store.update(key, () => ({ next: stateAt(Date.now()), answer: 0 }));
    await raw.script('FLUSH');
    await store.update(key, (state) => ({ next: { ...state!, dueAt: 7 }, answer: 0 }));
    assert.equal((await peek(store, key))?.dueAt, 7);
  });

  test('keeps its keys under the prefix of the namespace and lets records expire', async () => {
    const { store, raw, prefix } = await openRaw();
    await store.update(key, (_state, now) => ({ next: stateAt(now), answer: 0 }));
    const keys = (await raw.keys('*')).filter((name) => name.startsWith(prefix)).sort();
    assert.deepEqual(keys, [`${prefix}due`, `${prefix}group:${key}`]);
    const lifeMs = await raw.pttl(`${prefix}group:${key}`);
    assert.ok(lifeMs > 6 * 86_400_000 && lifeMs < 9 * 86_400_000, `${lifeMs}`);
  });

  test('counts anew over a record of another release, says so, and does not remove it', async () => {
    const { store, raw, prefix, notices } = await openRaw();
    await raw.hset(`${prefix}group:${key}`, 'version', '1', 'state', '{"format":99}');
    assert.equal(await peek(store, key), undefined);
    assert.deepEqual(notices, [{ kind: 'items-dropped', queue: 'store', reason: 'unknown-format', count: 1 }]);
    assert.equal(await raw.hget(`${prefix}group:${key}`, 'state'), '{"format":99}');
    await store.update(key, (state, now) => ({ next: state ?? stateAt(now), answer: 0 }));
    assert.notEqual(await peek(store, key), undefined);
  });

  test('never gives a record that was removed and made again a version it had', async () => {
    const { store, raw, prefix } = await openRaw();
    const versions = new Set<string | null>();
    for (let round = 0; round < 50; round += 1) {
      await store.update(key, (_state, now) => ({ next: stateAt(now), answer: 0 }));
      versions.add(await raw.hget(`${prefix}group:${key}`, 'version'));
      await store.update(key, () => ({ next: undefined, answer: 0 }));
    }
    assert.equal(versions.size, 50);
  });

  test('rejects while the server cannot be reached, instead of waiting', async () => {
    const store = createRedisStore({
      url: 'redis://127.0.0.1:1',
      namespace: 'nobody',
      report: () => {},
      random: Math.random,
      sleep,
    });
    await assert.rejects(peek(store, key));
    await assert.rejects(store.due(1));
    await store.stop();
  });
});

function stateAt(now: number, facts: Partial<AlertState> = {}, failures = 1): AlertState {
  const evidence = Array.from({ length: failures }, (_, index) => evidenceFor(`failure-${index}`, now));
  return { ...observe(rule, key, undefined, evidence).next!, ...facts };
}

function peek(store: AlertStore, group: GroupKey): Promise<AlertState | undefined> {
  return store.update(group, (state) => ({ next: state, answer: state }));
}

async function ready(store: AlertStore): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const isReady = await store.due(1).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await sleep(10);
  }
  assert.fail('the store did not connect');
}
