import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createVirtualClock } from '../runtime/clock.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createLeaseHolder } from './lease-holder.ts';

function createPair() {
  const clock = createVirtualClock(1_000_000);
  const store = createMemoryFleet(clock);
  let requests = 0;
  const counted = {
    ...store,
    hold: (...args: Parameters<typeof store.hold>) => {
      requests += 1;
      return store.hold(...args);
    },
  };
  const holderOf = (instance: string, note = '') =>
    createLeaseHolder({ store: counted, name: 'lead', instance, clock, note: () => note });
  const advance = (ms: number) => clock.advanceTo(clock.now() + ms);
  return { holderOf, advance, requests: () => requests };
}

test('the first instance acquires the lease, the second does not', async () => {
  const { holderOf } = createPair();
  const [a, b] = [holderOf('a'), holderOf('b')];
  assert.equal((await a.acquire())?.isResumed, true);
  assert.equal((await b.acquire())?.isResumed, false);
  assert.deepEqual([a.isHeld(), b.isHeld()], [true, false]);
});

test('a renewal is no resumption', async () => {
  const { holderOf, advance } = createPair();
  const a = holderOf('a');
  await a.acquire();
  advance(2_000);
  assert.equal((await a.acquire())?.isResumed, false);
});

describe('a request is due', () => {
  const cases = [
    { instance: 'a', name: 'two seconds after the last one for the holder', notYetMs: 1_999, dueMs: 1 },
    { instance: 'b', name: 'one second after the last one for a standby', notYetMs: 999, dueMs: 1 },
  ] as const;
  for (const { instance, name, notYetMs, dueMs } of cases) {
    test(name, async () => {
      const { holderOf, advance, requests } = createPair();
      const holders = { a: holderOf('a'), b: holderOf('b') };
      await holders.a.acquire();
      await holders.b.acquire();
      advance(notYetMs);
      assert.equal(await holders[instance].acquire(), undefined);
      assert.equal(requests(), 2);
      advance(dueMs);
      assert.notEqual(await holders[instance].acquire(), undefined);
      assert.equal(requests(), 3);
    });
  }
});

test('the holder stops one second before the lease of ten seconds expires, and a standby acquires it after that', async () => {
  const { holderOf, advance } = createPair();
  const [a, b] = [holderOf('a'), holderOf('b')];
  await a.acquire();
  advance(8_999);
  assert.equal(a.isHeld(), true);
  advance(1);
  assert.equal(a.isHeld(), false);
  await b.acquire();
  assert.equal(b.isHeld(), false);
  advance(1_000);
  await b.acquire();
  assert.deepEqual([a.isHeld(), b.isHeld()], [false, true]);
});

test('a released lease is free at once and carries the note of its holder', async () => {
  const { holderOf } = createPair();
  const [a, b] = [holderOf('a', 'up to here'), holderOf('b')];
  await a.acquire();
  await a.release();
  assert.equal(a.isHeld(), false);
  const acquired = await b.acquire();
  assert.deepEqual([acquired?.isResumed, acquired?.lease.note], [true, 'up to here']);
});

test('the release of a lease that was never held changes nothing', async () => {
  const { holderOf } = createPair();
  const [a, b] = [holderOf('a'), holderOf('b')];
  await a.acquire();
  await b.acquire();
  await b.release();
  assert.equal(a.isHeld(), true);
});
