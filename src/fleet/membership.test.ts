import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createFleet, createProcess } from '../../test/fakes/fleet.ts';

const second = 1_000;

test('one of two standalone instances exports, from the first moment', async () => {
  const fleet = createFleet();
  const [a, b] = [await fleet.join('a/1'), await fleet.join('b/1')];
  assert.deepEqual([a.membership.isExporting(), b.membership.isExporting()], [true, false]);
  assert.deepEqual([a.led.map(({ note }) => note), b.led], [[''], []]);
  await fleet.pass(60 * second, () => assert.ok(a.membership.isExporting() && !b.membership.isExporting()));
  assert.equal(a.led.length, 1);
});

test('the standby exports within eleven seconds of a crash, from the position of the leader', async () => {
  const fleet = createFleet();
  const [a, b] = [await fleet.join('a/1'), await fleet.join('b/1')];
  for (let count = 0; count < 30; count += 1) {
    a.watermark = `delivered ${count}`;
    await fleet.pass(second);
  }
  b.watermark = 'not delivered by the standby';
  const lastNote = (await fleet.store.hold('tell', { instance: 'probe', ttlMs: 1, note: '' })).note;
  a.process.pause();
  const diedAt = fleet.clock.now();
  for (; !b.membership.isExporting(); await fleet.pass(100)) assert.ok(fleet.clock.now() <= diedAt + 11 * second);
  assert.deepEqual(
    b.led.map(({ note }) => note),
    [lastNote],
  );
  assert.match(lastNote, /^delivered 2[89]$/);
});

test('the standby exports within 1.5 seconds of an orderly stop, from the last position', async () => {
  const fleet = createFleet();
  const [a, b] = [await fleet.join('a/1'), await fleet.join('b/1')];
  await fleet.pass(5_500);
  a.watermark = 'the very last';
  await a.membership.stop();
  assert.equal(a.membership.isExporting(), false);
  await fleet.pass(1_500);
  assert.equal(b.membership.isExporting(), true);
  assert.equal(b.led[0]?.note, 'the very last');
});

test('a leader that cannot reach the store stops before its lease expires, and continues if it is the first to return', async () => {
  const fleet = createFleet();
  const a = await fleet.join('a/1');
  await fleet.pass(5 * second);
  a.watermark = 'mine';
  await fleet.pass(3 * second);
  a.process.setDisconnected(true);
  await fleet.pass(6 * second);
  assert.equal(a.membership.isExporting(), true, 'a short outage changes nothing');
  await fleet.pass(4 * second);
  assert.equal(a.membership.isExporting(), false);
  a.process.setDisconnected(false);
  await fleet.pass(2 * second);
  assert.equal(a.membership.isExporting(), true);
  assert.deepEqual(
    a.led.map(({ note }) => note),
    ['', 'mine'],
  );
  assert.equal(a.led[0]?.term, a.led[1]?.term);
});

test('without a shared store an instance exports from the start and makes no request', async () => {
  const fleet = createFleet();
  const one = await fleet.join('a/1', { isAlone: true });
  one.process.setDisconnected(true);
  assert.equal(one.led.length, 1);
  await fleet.pass(60 * second, () => assert.equal(one.membership.isExporting(), true));
  assert.deepEqual([one.notices, fleet.clock.pendingCount()], [[], 0]);
  await one.membership.stop();
  assert.equal(one.membership.isExporting(), true, 'undelivered exports are still delivered');
});

test('two instances never export at once, with any pauses, disconnects and delays of the store', async () => {
  const instances = ['a/1', 'b/1', 'c/1'] as const;
  const step = fc.record({
    /** The leader at that time, or one of the three. */
    who: fc.constantFrom<'leader' | number>('leader', 'leader', 0, 1, 2),
    what: fc.constantFrom('pause', 'wake', 'cut-off', 'connect', 'wait'),
    ms: fc.integer({ min: 0, max: 14_000 }),
  });
  const latencies = fc.infiniteStream(
    fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ max: 2_000, min: 1 })),
  );
  let handOvers = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), latencies, async (steps, latency) => {
      const fleet = createFleet();
      const members = await Promise.all(
        instances.map((instance) => {
          const process = createProcess(fleet.clock, fleet.store, () => latency.next().value ?? 0);
          const options = { store: process.store, clock: process.clock };
          return fleet.join(instance, options).then((one) => ({ ...one, process }));
        }),
      );
      // A paused process does nothing. A process that continues is checked before it runs anything.
      const check = (): void => {
        const exporting = members.filter(({ process, membership }) => !process.isPaused() && membership.isExporting());
        assert.ok(exporting.length <= 1, `${exporting.length} export at once`);
      };
      for (const { who, what, ms } of steps) {
        const leader = members.find(({ membership }) => membership.isExporting());
        const { process } = who === 'leader' ? (leader ?? members[0]!) : members[who]!;
        if (what === 'pause') process.pause();
        if (what === 'wake') process.wake();
        check();
        if (what === 'cut-off') process.setDisconnected(true);
        if (what === 'connect') process.setDisconnected(false);
        await fleet.pass(ms, check);
      }
      const led = members.flatMap((one) => one.led.map(({ term }) => ({ term, one })));
      for (const { term, one } of led) {
        assert.ok(
          led.every((other) => other.one === one || other.term !== term),
          'two never share a term',
        );
      }
      handOvers += led.length - 1;
    }),
    { numRuns: 100 },
  );
  assert.ok(handOvers >= 50, 'the schedules do change the leader');
});
