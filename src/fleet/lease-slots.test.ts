import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '../runtime/clock.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createLeaseSlots, type LeaseSlots } from './lease-slots.ts';

/** Five instances that request one of two slots every second. */
function createFleet() {
  const clock = createVirtualClock(1_000_000);
  const store = createMemoryFleet(clock);
  const instances = new Map<string, LeaseSlots>(
    ['a', 'b', 'c', 'd', 'e'].map((instance) => [
      instance,
      createLeaseSlots({ store, name: 'slack', count: 2, instance, clock }),
    ]),
  );
  const holders = () => [...instances].filter(([, slots]) => slots.isHeld()).map(([instance]) => instance);
  let most = 0;
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      for (const slots of instances.values()) await slots.acquire();
      most = Math.max(most, holders().length);
      clock.advanceTo(clock.now() + 1_000);
    }
  }
  return { instances, holders, pass, most: () => most };
}

test('as many instances as there are slots hold one, and keep it', async () => {
  const { holders, pass, most } = createFleet();
  await pass(5);
  const first = holders();
  assert.equal(first.length, 2);
  await pass(120);
  assert.deepEqual([holders(), most()], [first, 2]);
});

test('a slot is free at once after a release, and after the lease time if its holder dies', async () => {
  const { instances, holders, pass, most } = createFleet();
  await pass(5);
  const [leaving = '', dying = ''] = holders();
  await instances.get(leaving)?.release();
  instances.delete(leaving);
  instances.delete(dying);
  await pass(5);
  assert.equal(holders().length, 1, 'the released slot is held again');
  await pass(15);
  assert.equal(holders().length, 2, 'the expired slot is held again');
  assert.equal(most(), 2);
});
