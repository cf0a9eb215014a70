import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createVirtualClock } from '../runtime/clock.ts';
import { forgetMs, ownersMax } from './fleet.ts';
import { createMemoryFleet } from './fleet-memory.ts';

const startAt = 1_800_000_000_000;
const minuteMs = 60_000;

function openFleet() {
  const clock = createVirtualClock(startAt);
  const fleet = createMemoryFleet(clock);
  return {
    fleet,
    pass: (ms: number) => clock.advanceTo(clock.now() + ms),
    hold: (duty: string, instance: string) => fleet.hold(duty, { instance, ttlMs: minuteMs, note: '' }),
    announce: (instance: string, open = '') => fleet.announce({ instance, host: `pod-${instance}` }, open, minuteMs),
    instances: async () => (await fleet.owners()).map(({ instance }) => instance),
  };
}

describe('with 100 duties', () => {
  async function openFull() {
    const opened = openFleet();
    for (let index = 0; index < 100; index += 1) await opened.hold(`duty-${index}`, 'a');
    return opened;
  }

  test('one more duty is refused', async () => {
    const { hold } = await openFull();
    await assert.rejects(hold('duty-100', 'a'), new RangeError('expected at most 100 duties'));
  });

  test('the holder of a known duty can still renew its lease', async () => {
    const { hold } = await openFull();
    assert.equal((await hold('duty-99', 'a')).isMine, true);
  });

  test('another instance still learns the holder, and takes a duty whose lease has expired', async () => {
    const { hold, pass } = await openFull();
    assert.deepEqual(await hold('duty-0', 'b'), { isMine: false, holder: 'a', term: startAt * 1_000, note: '' });
    pass(minuteMs);
    const { isMine, holder } = await hold('duty-0', 'b');
    assert.deepEqual({ isMine, holder }, { isMine: true, holder: 'b' });
  });

  test('a release makes no room, because the record keeps its term', async () => {
    const { fleet, hold } = await openFull();
    await fleet.release('duty-0', { instance: 'a', note: '' });
    await assert.rejects(hold('duty-100', 'a'), RangeError);
  });
});

test('a lease is valid before its end and free at its end', async () => {
  const { hold, pass } = openFleet();
  await hold('export', 'a');
  pass(minuteMs - 1);
  assert.equal((await hold('export', 'b')).isMine, false);
  pass(1);
  assert.equal((await hold('export', 'b')).isMine, true);
});

test('a release of a duty that no instance holds creates no record', async () => {
  const { fleet, hold } = openFleet();
  await fleet.release('export', { instance: 'a', note: 'never held' });
  assert.equal((await hold('export', 'b')).note, '');
});

describe('an owner', () => {
  test('is alive before the end of its announcement, and can be taken over at its end', async () => {
    const { fleet, announce, pass } = openFleet();
    await announce('a', 'open work');
    pass(minuteMs - 1);
    assert.deepEqual(await fleet.owners(), [{ instance: 'a', host: 'pod-a', seenAt: startAt, isAlive: true }]);
    assert.equal(await fleet.takeOver('a'), undefined);
    pass(1);
    assert.deepEqual(await fleet.owners(), [{ instance: 'a', host: 'pod-a', seenAt: startAt, isAlive: false }]);
    assert.equal(await fleet.takeOver('a'), 'open work');
  });

  test('that renews within a day is kept for another day, with its open work', async () => {
    const { fleet, announce, pass, instances } = openFleet();
    await announce('a', 'open work');
    pass(forgetMs - 1);
    assert.equal(await fleet.renew('a', 0), true);
    pass(forgetMs - 1);
    assert.deepEqual(await instances(), ['a']);
    assert.equal(await fleet.takeOver('a'), 'open work');
  });

  test('that was silent for a day can neither renew nor be taken over, and is new again', async () => {
    const { fleet, announce, pass } = openFleet();
    await announce('a', 'old work');
    pass(forgetMs);
    assert.equal(await fleet.renew('a', minuteMs), false);
    assert.equal(await fleet.takeOver('a', { force: true }), undefined);
    assert.deepEqual(await announce('a', 'new work'), { isNew: true });
  });

  test('that announces too much open work keeps its previous announcement', async () => {
    const { fleet, announce, pass } = openFleet();
    await announce('a', 'small');
    pass(1_000);
    await assert.rejects(announce('a', 'x'.repeat(1024 * 1024 + 1)), {
      name: 'RangeError',
      message: 'open: expected at most 1048576 bytes, got 1048577',
    });
    assert.equal((await fleet.owners())[0]?.seenAt, startAt);
    assert.equal(await fleet.takeOver('a', { force: true }), 'small');
  });

  test('is evicted beyond the limit only, and only the one that was silent for longest', async () => {
    const { fleet, announce, instances } = openFleet();
    for (let index = 0; index < ownersMax; index += 1) await announce(String(index));
    await announce('0');
    assert.equal((await instances()).length, ownersMax, 'a second announcement takes no second place');
    await announce('one more');
    const left = await instances();
    assert.equal(left.length, ownersMax);
    assert.deepEqual([left[0], left.at(-2), left.at(-1)], ['2', '0', 'one more']);
    assert.equal(await fleet.renew('1', minuteMs), false);
  });
});

test('two fleets share nothing', async () => {
  const [one, other] = [openFleet(), openFleet()];
  await one.hold('export', 'a');
  await one.announce('a');
  assert.equal((await other.hold('export', 'b')).isMine, true);
  assert.deepEqual(await other.instances(), []);
});
