import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '../runtime/clock.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createPlaces, type Places } from './lease-slots.ts';

/** Five instances that ask every second for one of two places. */
function createWorld() {
  const clock = createVirtualClock(1_000_000);
  const store = createMemoryFleet(clock);
  const all = new Map<string, Places>(
    ['a', 'b', 'c', 'd', 'e'].map((instance) => [
      instance,
      createPlaces({ store, name: 'slack', count: 2, instance, clock }),
    ]),
  );
  const holders = () => [...all].filter(([, places]) => places.isHeld()).map(([instance]) => instance);
  let most = 0;
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      for (const places of all.values()) await places.ask();
      most = Math.max(most, holders().length);
      clock.advanceTo(clock.now() + 1_000);
    }
  }
  return { all, holders, pass, most: () => most };
}

test('as many as there are places have one, and keep it', async () => {
  const { holders, pass, most } = createWorld();
  await pass(5);
  const first = holders();
  assert.equal(first.length, 2);
  await pass(120);
  assert.deepEqual([holders(), most()], [first, 2]);
});

test('a place is taken when its holder leaves, or says nothing any more', async () => {
  const { all, holders, pass, most } = createWorld();
  await pass(5);
  const [leaving = '', dying = ''] = holders();
  await all.get(leaving)?.release();
  all.delete(leaving);
  all.delete(dying);
  await pass(5);
  assert.equal(holders().length, 1, 'one left in good order');
  await pass(15);
  assert.equal(holders().length, 2, 'and the other has not been heard of');
  assert.equal(most(), 2);
});
