/**
 * The conformance suite of fleet stores. Runs against memory and against a real redis-server on a free port. Without an
 * installed redis-server the Redis part is skipped with a message, except in CI. Loss of data, restarts and hangs of a real
 * server are in test/e2e/fleet.test.ts.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createVirtualClock } from '../../src/runtime/clock.ts';
import { type FleetStore, forgetMs, noteCharsMax, openBytesMax } from '../../src/store/fleet.ts';
import { createMemoryFleet } from '../../src/store/fleet-memory.ts';
import { createRedisFleet } from '../../src/store/fleet-redis.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../fakes/redis.ts';

interface Opened {
  readonly store: FleetStore;
  /** The same data, as a second instance accesses it. */
  readonly other: FleetStore;
  /** Resolves when this much time has passed on the store's clock. */
  pass(ms: number): Promise<void>;
  readonly close: () => Promise<void>;
}

const server: { current?: RedisServer } = {};
after(() => server.current?.stop());

const subjects: readonly { readonly name: string; readonly skip: string | false; open(): Promise<Opened> }[] = [
  {
    name: 'memory fleet',
    skip: false,
    async open() {
      const clock = createVirtualClock(1.8e12);
      const store = createMemoryFleet(clock);
      return { store, other: store, pass: async (ms) => clock.advanceTo(clock.now() + ms), close: store.stop };
    },
  },
  {
    name: 'redis fleet',
    skip: whyNoRedis(),
    async open() {
      server.current ??= await startRedis();
      const { url } = server.current;
      const namespace = randomUUID();
      const create = () => createRedisFleet({ url, namespace, report: () => {}, random: Math.random, sleep });
      const [store, other, raw] = [create(), create(), new Redis(url)];
      const serverNow = async () => Number((await raw.time())[0]) * 1_000 + Number((await raw.time())[1]) / 1_000;
      return {
        store,
        other,
        async pass(ms) {
          for (const end = (await serverNow()) + ms; (await serverNow()) < end; ) await sleep(ms / 4);
        },
        async close() {
          await Promise.all([store.stop(), other.stop()]);
          raw.disconnect();
        },
      };
    },
  },
];

/** Short enough to wait for, long enough for a few requests. */
const shortMs = 150;
const longMs = 60_000;

for (const subject of subjects) {
  describe(subject.name, { skip: subject.skip }, () => {
    const opened: Opened[] = [];
    after(() => Promise.all(opened.map(({ close }) => close())));
    async function open(): Promise<Opened> {
      const one = await subject.open();
      opened.push(one);
      return one;
    }
    const ask = (store: FleetStore, instance: string, { ttlMs = longMs, note = '' } = {}) =>
      store.hold('duty', { instance, ttlMs, note });

    test('gives a free lease to the first instance that asks, and returns its holder to the second', async () => {
      const { store, other } = await open();
      const first = await ask(store, 'a', { note: 'not written: there was nothing of ours to write about' });
      const second = await ask(other, 'b');
      assert.deepEqual([first.isMine, first.holder, first.note], [true, 'a', '']);
      assert.deepEqual(second, { isMine: false, holder: 'a', term: first.term, note: '' });
    });

    test('keeps leases apart', async () => {
      const { store, other } = await open();
      assert.equal((await store.hold('one', { instance: 'a', ttlMs: longMs, note: '' })).isMine, true);
      assert.equal((await other.hold('two', { instance: 'b', ttlMs: longMs, note: '' })).isMine, true);
    });

    test('a saved text is read by every instance, under its name, until the next one replaces it', async () => {
      const { store, other } = await open();
      assert.equal(await other.load('work'), undefined);
      for (const text of ['first', 'a "second" \u{1f41b}\nline']) {
        await store.save('work', text);
        assert.equal(await other.load('work'), text);
      }
      assert.equal(await other.load('listening'), undefined);
      await assert.rejects(store.save('work', 'x'.repeat(openBytesMax + 1)), RangeError);
    });

    test('a renewal keeps the term and writes the note', async () => {
      const { store, other } = await open();
      const { term } = await ask(store, 'a');
      const renewed = await ask(store, 'a', { note: 'up to here' });
      assert.deepEqual(renewed, { isMine: true, holder: 'a', term, note: 'up to here' });
      assert.deepEqual(await ask(other, 'b'), { isMine: false, holder: 'a', term, note: 'up to here' });
    });

    test('a renewal extends the lease', async () => {
      const { store, other, pass } = await open();
      await ask(store, 'a', { ttlMs: shortMs });
      await ask(store, 'a', { ttlMs: longMs });
      await pass(shortMs);
      assert.equal((await ask(other, 'b')).isMine, false);
    });

    test('an expired lease goes to the next instance that asks, with a greater term and the previous note', async () => {
      const { store, other, pass } = await open();
      const first = await ask(store, 'a', { ttlMs: longMs });
      assert.equal((await ask(other, 'b')).isMine, false);
      await ask(store, 'a', { ttlMs: shortMs, note: 'last words' });
      await pass(shortMs);
      const next = await ask(other, 'b', { note: 'not mine yet' });
      assert.deepEqual([next.isMine, next.holder, next.note], [true, 'b', 'last words']);
      assert.ok(next.term > first.term, `${next.term} > ${first.term}`);
    });

    test('a holder that continues after its lease expired loses it, and cannot release the lease of another', async () => {
      const { store, other, pass } = await open();
      const old = await ask(store, 'a', { ttlMs: shortMs });
      await pass(shortMs);
      const { term } = await ask(other, 'b');
      assert.deepEqual(await ask(store, 'a', { note: 'still me?' }), { isMine: false, holder: 'b', term, note: '' });
      await store.release('duty', { instance: 'a', note: 'still me!' });
      assert.deepEqual(await ask(store, 'a'), { isMine: false, holder: 'b', term, note: '' });
      assert.notEqual(old.term, term);
    });

    test('a holder that was paused and not replaced continues its term', async () => {
      const { store, pass } = await open();
      const { term } = await ask(store, 'a', { ttlMs: shortMs });
      await pass(shortMs);
      assert.deepEqual(await ask(store, 'a'), { isMine: true, holder: 'a', term, note: '' });
    });

    test('a released lease is free at once, also for its last holder, in a new term', async () => {
      const { store, other } = await open();
      const first = await ask(store, 'a');
      await store.release('duty', { instance: 'a', note: 'done up to 7' });
      const second = await ask(other, 'b');
      assert.deepEqual([second.isMine, second.note], [true, 'done up to 7']);
      await other.release('duty', { instance: 'b', note: 'done up to 8' });
      const third = await ask(other, 'b');
      assert.ok(first.term < second.term && second.term < third.term);
    });

    test('one of sixteen simultaneous requests gets the lease, and all return the same holder', async () => {
      const { store, other } = await open();
      const leases = await Promise.all(
        Array.from({ length: 16 }, (_, index) => ask(index % 2 === 0 ? store : other, `instance-${index}`)),
      );
      const winners = leases.filter(({ isMine }) => isMine);
      assert.equal(winners.length, 1);
      assert.deepEqual(new Set(leases.map(({ holder, term }) => `${holder} ${term}`)).size, 1);
    });

    test('knows the owner of each host, the time of its announcement, and whether it is alive', async () => {
      const { store, other, pass } = await open();
      assert.deepEqual(await store.announce({ instance: 'a', host: 'pod-a' }, 'open a', longMs), { isNew: true });
      await other.announce({ instance: 'b', host: 'pod-b' }, '', longMs);
      const before = byInstance(await other.owners());
      assert.deepEqual(
        before.map(({ instance, host, isAlive }) => [instance, host, isAlive]),
        [
          ['a', 'pod-a', true],
          ['b', 'pod-b', true],
        ],
      );
      await store.renew('a', shortMs);
      await pass(shortMs);
      const later = byInstance(await store.owners());
      assert.deepEqual(
        later.map(({ instance, isAlive }) => [instance, isAlive]),
        [
          ['a', false],
          ['b', true],
        ],
      );
      assert.ok(later[0]!.seenAt >= before[0]!.seenAt);
      assert.equal(later[1]!.seenAt, before[1]!.seenAt);
    });

    test('a renewal keeps an owner alive with its last announcement', async () => {
      const { store, other, pass } = await open();
      await store.announce({ instance: 'a', host: 'pod-a' }, 'open', shortMs);
      const [{ seenAt } = { seenAt: 0 }] = await store.owners();
      await pass(shortMs);
      assert.equal(await store.renew('a', longMs), true);
      const [owner] = await other.owners();
      assert.equal(owner?.isAlive, true);
      assert.ok(owner.seenAt > seenAt);
      assert.equal(await other.takeOver('a', { force: true }), 'open');
    });

    test('reports an owner as new: at its first announcement, and after it was taken over', async () => {
      const { store, other } = await open();
      assert.equal(await store.renew('a', longMs), false);
      assert.deepEqual(await store.announce({ instance: 'a', host: 'pod-a' }, 'one', longMs), { isNew: true });
      assert.deepEqual(await store.announce({ instance: 'a', host: 'pod-a' }, 'two', 0), { isNew: false });
      assert.equal(await other.takeOver('a'), 'two');
      assert.equal(await store.renew('a', longMs), false);
      assert.deepEqual(await store.owners(), []);
      assert.deepEqual(await store.announce({ instance: 'a', host: 'pod-a' }, 'three', longMs), { isNew: true });
      assert.equal(await other.takeOver('a', { force: true }), 'three');
    });

    test('hands over no work of a living, an unknown or a taken-over owner', async () => {
      const { store, other, pass } = await open();
      await store.announce({ instance: 'a', host: 'pod-a' }, 'open', longMs);
      assert.equal(await other.takeOver('a'), undefined);
      assert.equal(await other.takeOver('nobody'), undefined);
      assert.equal(await other.takeOver('nobody', { force: true }), undefined);
      await store.renew('a', shortMs);
      await pass(shortMs);
      assert.equal(await other.takeOver('a'), 'open');
      assert.equal(await store.takeOver('a'), undefined);
    });

    test('hands over a living owner if forced, and one that stopped at once', async () => {
      const { store, other } = await open();
      await store.announce({ instance: 'a', host: 'pod-a' }, 'of a', longMs);
      await store.announce({ instance: 'b', host: 'pod-b' }, 'of b', 0);
      assert.equal(await other.takeOver('a', { force: true }), 'of a');
      assert.equal(await other.takeOver('b'), 'of b');
    });

    test('hands the work of an owner to one of sixteen simultaneous requests', async () => {
      const { store, other } = await open();
      await store.announce({ instance: 'a', host: 'pod-a' }, '', 0);
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? store : other).takeOver('a')),
      );
      assert.deepEqual(
        answers.filter((answer) => answer !== undefined),
        [''],
      );
    });

    test('an owner that announces during its takeover is taken over or new, and no announced work is lost', async () => {
      const { store, other } = await open();
      await store.announce({ instance: 'a', host: 'pod-a' }, '0', 0);
      const words = Array.from({ length: 10 }, (_, index) => String(index + 1));
      const taken: string[] = [];
      const talk = async () => {
        for (const word of words) await store.announce({ instance: 'a', host: 'pod-a' }, word, 0);
      };
      const take = async () => {
        for (const _ of words) taken.push((await other.takeOver('a', { force: true })) ?? 'nothing');
      };
      await Promise.all([talk(), take()]);
      const last = await other.takeOver('a', { force: true });
      const handed = [...taken, last ?? 'nothing'].filter((word) => word !== 'nothing');
      assert.equal(handed.at(-1), '10', 'the last word is not lost');
      assert.equal(new Set(handed).size, handed.length, 'no word is handed over twice');
      assert.ok(!handed.includes(''), 'no record without its words');
    });

    test('keeps any text unchanged', async () => {
      const { store, other } = await open();
      const text = '{"a": "\\u0000 \n ä 🥕"}\n\u0000';
      await store.announce({ instance: 'pod/a b:{c}', host: 'pod a\n' }, text, 0);
      assert.equal((await other.owners())[0]?.host, 'pod a\n');
      assert.equal(await other.takeOver('pod/a b:{c}'), text);
    });

    test('accepts open work up to its limit in bytes, and refuses more without a change', async () => {
      const { store, other } = await open();
      const most = 'ä'.repeat(openBytesMax / 2);
      await store.announce({ instance: 'a', host: 'pod-a' }, most, 0);
      await assert.rejects(store.announce({ instance: 'a', host: 'pod-a' }, `${most}.`, 0), RangeError);
      assert.equal(await other.takeOver('a'), most);
    });

    test('accepts notes up to their limit, and refuses more', async () => {
      const { store } = await open();
      await ask(store, 'a');
      const note = 'n'.repeat(noteCharsMax);
      assert.equal((await ask(store, 'a', { note })).note, note);
      await assert.rejects(ask(store, 'a', { note: `${note}.` }), RangeError);
      await assert.rejects(store.release('duty', { instance: 'a', note: `${note}.` }), RangeError);
    });

    test('stops twice', async () => {
      const { store } = await open();
      await store.stop();
      await store.stop();
    });
  });
}

describe('memory fleet alone', () => {
  test('forgets an owner a day after its last announcement', async () => {
    const clock = createVirtualClock(1.8e12);
    const store = createMemoryFleet(clock);
    await store.announce({ instance: 'a', host: 'pod-a' }, 'open', 1_000);
    clock.advanceTo(1.8e12 + forgetMs - 1);
    assert.equal((await store.owners()).length, 1);
    clock.advanceTo(1.8e12 + forgetMs);
    assert.equal((await store.owners()).length, 0);
    assert.equal(await store.takeOver('a'), undefined);
  });

  test('forgets the owner with the oldest announcement beyond its limit', async () => {
    const store = createMemoryFleet(createVirtualClock(1.8e12));
    const announce = (instance: string) => store.announce({ instance, host: instance }, '', longMs);
    for (let index = 0; index < 2_000; index += 1) await announce(`${index}`);
    await store.renew('0', longMs);
    await announce('one more');
    const owners = await store.owners();
    assert.equal(owners.length, 2_000);
    assert.ok(owners.some(({ instance }) => instance === '0'));
    assert.ok(!owners.some(({ instance }) => instance === '1'));
  });
});

function byInstance<Owner extends { readonly instance: string }>(owners: readonly Owner[]): Owner[] {
  return owners.toSorted((a, b) => (a.instance < b.instance ? -1 : 1));
}
