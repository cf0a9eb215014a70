import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { createFleet, createProcess, startAt } from '../../test/fakes/fleet.ts';
import { openBytesMax } from '../store/fleet.ts';

const second = 1_000;

test('a crashed sidecar is taken over: its work, its host, and the gap since its last announcement', async () => {
  const fleet = createFleet();
  const dead = await fleet.join('a/1', { host: 'pod-a' });
  const survivor = await fleet.join('b/1', { host: 'pod-b' });
  dead.open = 'task 1';
  await fleet.pass(20 * second);
  dead.open = 'task 2';
  await fleet.pass(second);
  dead.process.pause();
  const diedAt = fleet.clock.now();

  await fleet.pass(13 * second);
  assert.deepEqual([survivor.restored, survivor.gaps, survivor.ownership.accepts('w@pod-a')], [[], [], false]);
  await fleet.pass(5 * second);
  assert.deepEqual(survivor.restored, [{ open: 'task 2', host: 'pod-a' }]);
  assert.equal(survivor.ownership.accepts('w@pod-a'), true);
  const [gap] = survivor.gaps;
  assert.equal(survivor.gaps.length, 1);
  assert.deepEqual([gap?.host, gap?.cause], ['pod-a', 'hand-over']);
  assert.ok(gap!.from <= diedAt && gap!.from > diedAt - 5 * second, 'from its last announcement');
  assert.ok(gap!.to > diedAt + 13 * second && gap!.to <= fleet.clock.now(), 'until the takeover');
  assert.deepEqual(survivor.notices, []);
});

test('a living sidecar is not taken over, with and without changes of its work', async () => {
  const fleet = createFleet();
  const quiet = await fleet.join('a/1', { host: 'pod-a' });
  const busy = await fleet.join('b/1', { host: 'pod-b' });
  quiet.open = 'always the same';
  for (let count = 0; count < 120; count += 1) {
    busy.open = `task ${count}`;
    await fleet.pass(second);
  }
  assert.deepEqual([...quiet.restored, ...busy.restored, ...quiet.gaps, ...busy.gaps], []);
  assert.equal((await fleet.store.owners()).filter(({ isAlive }) => isAlive).length, 2);
});

test('one of many survivors adopts the host', async () => {
  const fleet = createFleet();
  const dead = await fleet.join('dead/1', { host: 'pod-dead' });
  dead.open = 'work';
  const survivors = await Promise.all(
    Array.from({ length: 5 }, (_, index) => fleet.join(`s${index}/1`, { host: `pod-${index}` })),
  );
  await fleet.pass(20 * second);
  dead.process.pause();
  await fleet.pass(30 * second);
  assert.equal(survivors.flatMap(({ restored }) => restored).length, 1);
  assert.equal(survivors.filter(({ ownership }) => ownership.accepts('w@pod-dead')).length, 1);
});

test('when the instance that took over dies too, another one takes over from both', async () => {
  const fleet = createFleet();
  const first = await fleet.join('a/1', { host: 'pod-a' });
  const holder = await fleet.join('b/1', { host: 'pod-b' });
  first.open = 'of a';
  await fleet.pass(20 * second);
  first.process.pause();
  await fleet.pass(20 * second);
  const last = await fleet.join('c/1', { host: 'pod-c' });
  assert.equal(holder.ownership.accepts('w@pod-a'), true);
  holder.open = 'of a and b';
  await fleet.pass(20 * second);
  holder.process.pause();
  await fleet.pass(30 * second);
  assert.deepEqual(last.restored, [{ open: 'of a and b', host: 'pod-b' }]);
  assert.deepEqual(last.ownership.adopted(), ['pod-b', 'pod-a'], 'adopted hosts come along');
});

test('a restarted pod takes over from itself at once, before its first event', async () => {
  const fleet = createFleet();
  const other = await fleet.join('other/1', { host: 'pod-o' });
  const before = await fleet.join('a/1', { host: 'pod-a' });
  before.open = 'half done';
  await fleet.pass(20 * second);
  before.process.pause();
  await fleet.pass(second);
  const after = await fleet.join('a/2', { host: 'pod-a' });
  assert.deepEqual(after.restored, [{ open: 'half done', host: 'pod-a' }]);
  assert.deepEqual(
    after.gaps.map(({ cause }) => cause),
    ['restart'],
  );
  await fleet.pass(60 * second);
  assert.deepEqual([other.restored, other.ownership.adopted(), after.ownership.adopted()], [[], [], []]);
});

test('an earlier sidecar of the same host with another id is taken over when it is dead, not before', async () => {
  const fleet = createFleet();
  const before = await fleet.join('x/1', { host: 'pod-a' });
  before.open = 'half done';
  await fleet.pass(2 * second);
  before.process.pause();
  const after = await fleet.join('y/1', { host: 'pod-a' });
  assert.deepEqual(after.restored, []);
  await fleet.pass(20 * second);
  assert.deepEqual(after.restored, [{ open: 'half done', host: 'pod-a' }]);
});

test('work of a host that has a sidecar is reserved for that sidecar for half a minute, then any instance takes it, without the host', async () => {
  const fleet = createFleet();
  const other = await fleet.join('b/1', { host: 'pod-b' });
  const own = await fleet.join('a/1', { host: 'pod-a' });
  await fleet.pass(90 * second);
  await fleet.store.announce({ instance: 'old', host: 'pod-a' }, '{"adopted":[]}\nlate work', 0);
  await fleet.pass(29 * second);
  assert.deepEqual([...own.restored, ...other.restored], []);
  await fleet.pass(4 * second, () => assert.deepEqual(other.ownership.adopted(), []));
  assert.deepEqual([...own.restored, ...other.restored], [{ open: 'late work', host: 'pod-a' }]);
});

test('an instance that continues beside its successor does not compete with it', async () => {
  const fleet = createFleet();
  const ghost = await fleet.join('a/1', { host: 'pod-a' });
  ghost.open = 'of the ghost';
  await fleet.pass(5 * second);
  ghost.process.pause();
  const next = await fleet.join('a/2', { host: 'pod-a' });
  next.open = 'of the next';
  await fleet.pass(5 * second);
  ghost.process.wake();
  await fleet.pass(120 * second);
  assert.deepEqual(next.restored, [{ open: 'of the ghost', host: 'pod-a' }]);
  assert.deepEqual(ghost.restored, []);
});

test('an instance that stops with open work is taken over within seconds', async () => {
  const fleet = createFleet();
  const leaving = await fleet.join('a/1', { host: 'pod-a' });
  const survivor = await fleet.join('b/1', { host: 'pod-b' });
  await fleet.pass(20 * second);
  leaving.open = 'still running';
  await leaving.membership.stop();
  await fleet.pass(15 * second);
  assert.deepEqual(survivor.restored, [{ open: 'still running', host: 'pod-a' }]);
  assert.equal(survivor.ownership.accepts('w@pod-a'), true);
});

test('the instance that takes over dead owners releases that lease when it stops', async () => {
  const fleet = createFleet();
  const leaving = await fleet.join('a/1', { host: 'pod-a' });
  const survivor = await fleet.join('b/1', { host: 'pod-b' });
  await fleet.pass(20 * second);
  leaving.open = 'still running';
  await leaving.membership.stop();
  await fleet.pass(3 * second);
  assert.deepEqual(survivor.restored, [{ open: 'still running', host: 'pod-a' }]);
});

test('an instance that stops without open work is removed', async () => {
  const fleet = createFleet();
  const leaving = await fleet.join('a/1', { host: 'pod-a' });
  const survivor = await fleet.join('b/1', { host: 'pod-b' });
  await fleet.pass(20 * second);
  await leaving.membership.stop();
  await leaving.membership.stop();
  assert.deepEqual(
    (await fleet.store.owners()).map(({ instance }) => instance),
    ['b/1'],
  );
  await fleet.pass(60 * second);
  assert.deepEqual([survivor.restored, survivor.gaps, survivor.ownership.adopted()], [[], [], []]);
});

test('an adopted host returns to its own sidecar, with its work and without a gap', async () => {
  const fleet = createFleet();
  const before = await fleet.join('a/1', { host: 'pod-a' });
  const adopter = await fleet.join('b/1', { host: 'pod-b', handBack: (host) => `work of ${host}` });
  before.open = 'work';
  await fleet.pass(20 * second);
  before.process.pause();
  await fleet.pass(25 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), true);
  const after = await fleet.join('a/2', { host: 'pod-a' });
  assert.deepEqual(after.restored, [], 'another instance has it');
  await fleet.pass(8 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), false);
  assert.deepEqual(after.restored, [{ open: 'work of pod-a', host: 'pod-a' }]);
  assert.deepEqual(after.gaps, []);
  await fleet.pass(60 * second);
  assert.deepEqual([adopter.restored.length, after.restored.length], [1, 1], 'and no further work');
  assert.equal((await fleet.store.owners()).length, 2);
});

test('a sidecar that was taken over during a pause gets its host back', async () => {
  const fleet = createFleet();
  const sleeper = await fleet.join('a/1', { host: 'pod-a' });
  const adopter = await fleet.join('b/1', { host: 'pod-b', handBack: () => 'work' });
  sleeper.open = 'work';
  await fleet.pass(20 * second);
  sleeper.process.pause();
  await fleet.pass(25 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), true);
  sleeper.process.wake();
  await fleet.pass(8 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), false);
  assert.deepEqual(sleeper.restored, [{ open: 'work', host: 'pod-a' }]);
});

test('work that cannot be handed back stays with its host', async () => {
  const fleet = createFleet();
  const before = await fleet.join('a/1', { host: 'pod-a' });
  const adopter = await fleet.join('b/1', {
    host: 'pod-b',
    handBack: () => {
      adopter.process.setDisconnected(true);
      return 'work';
    },
  });
  await fleet.pass(20 * second);
  before.process.pause();
  await fleet.pass(25 * second);
  await fleet.join('a/2', { host: 'pod-a' });
  await fleet.pass(3 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), true);
  assert.deepEqual(adopter.restored, [{ open: 'work', host: 'pod-a' }]);
});

test('a host without events for an hour is released', async () => {
  const fleet = createFleet();
  const dead = await fleet.join('a/1', { host: 'pod-a' });
  const adopter = await fleet.join('b/1', { host: 'pod-b' });
  await fleet.pass(20 * second);
  dead.process.pause();
  await fleet.pass(30 * second);
  assert.deepEqual(adopter.ownership.adopted(), ['pod-a']);
  fleet.clock.advanceTo(startAt + 3_600 * second + second);
  await settle();
  assert.deepEqual(adopter.ownership.adopted(), ['pod-a'], 'adopted within this hour');
  fleet.clock.advanceTo(startAt + 7_200 * second + 2 * second);
  await settle();
  await fleet.pass(3 * second);
  assert.deepEqual(adopter.ownership.adopted(), []);
});

test('during an outage of the store a sidecar keeps its host, no host is adopted, and the outage is reported once', async () => {
  const fleet = createFleet();
  const all = [await fleet.join('a/1', { host: 'pod-a' }), await fleet.join('b/1', { host: 'pod-b' })];
  for (const one of all) one.open = 'work';
  await fleet.pass(20 * second);
  for (const { process } of all) process.setDisconnected(true);
  await fleet.pass(60 * second);
  for (const { process } of all) {
    // By the store's clock the instances that return later have been silent for too long.
    process.setDisconnected(false);
    await fleet.pass(6 * second);
  }
  await fleet.pass(60 * second);
  for (const { restored, gaps, notices } of all) {
    const outage = { kind: 'delivery-failed', sink: 'store', reason: 'TypeError', count: 0, willRetry: true };
    assert.deepEqual([restored, gaps, notices], [[], [], [outage]]);
  }
  assert.ok(all[0]!.ownership.accepts('w@pod-a') && !all[0]!.ownership.accepts('w@pod-b'));
  assert.equal(all[0]!.membership.isExporting(), true);
  assert.ok((await fleet.store.owners()).every(({ isAlive }) => isAlive));
});

test('a store that fails repeatedly is one outage until it answers for ten seconds, and no owner is declared dead', async () => {
  const fleet = createFleet();
  const all = [await fleet.join('a/1', { host: 'pod-a' }), await fleet.join('b/1', { host: 'pod-b' })];
  await fleet.pass(20 * second);
  for (let round = 0; round < 5; round += 1) {
    for (const { process } of all) process.setDisconnected(true);
    await fleet.pass((3 + 4 * round) * second);
    for (const { process } of all) process.setDisconnected(false);
    await fleet.pass(2 * second);
  }
  await fleet.pass(30 * second);
  for (const { notices } of all) assert.equal(notices.length, 1);
  for (const { process } of all) process.setDisconnected(true);
  await fleet.pass(5 * second);
  for (const { gaps, notices, ownership } of all) {
    assert.equal(notices.length, 2);
    assert.deepEqual([gaps, ownership.adopted()], [[], []]);
  }
});

test('a sidecar starts and stops without a store', async () => {
  const fleet = createFleet();
  const one = await fleet.join('a/1', { host: 'pod-a' });
  one.process.setDisconnected(true);
  await fleet.pass(5 * second);
  await one.membership.stop();
  assert.equal(one.notices.length, 1);
  assert.equal(fleet.clock.pendingCount(), 0);
});

test('a sidecar stops without a start', async () => {
  const fleet = createFleet();
  const process = createProcess(fleet.clock, fleet.store);
  const one = await fleet.join('a/1', { host: 'pod-a', store: process.store, clock: process.clock });
  await one.membership.stop();
  await createFleet().pass(second);
  assert.deepEqual(await fleet.store.owners(), []);
});

test('open work over the limit is left out, reported once, and announced again when it fits', async () => {
  const fleet = createFleet();
  const one = await fleet.join('a/1', { host: 'pod-a' });
  one.open = 'ä'.repeat(openBytesMax / 2);
  await fleet.pass(10 * second);
  assert.deepEqual(one.notices, [{ kind: 'items-dropped', queue: 'store', reason: 'too-large', count: 1 }]);
  assert.match((await fleet.store.takeOver('a/1', { force: true })) ?? '', /^\{.*\}\n$/);
  one.open = 'small';
  await fleet.pass(10 * second);
  assert.match((await fleet.store.takeOver('a/1', { force: true })) ?? '', /\nsmall$/);
});

test('a dead owner whose state cannot be read has no open work, and its host is adopted', async () => {
  const fleet = createFleet();
  await fleet.store.announce({ instance: 'old/1', host: 'pod-old' }, 'not one of ours', 0);
  const one = await fleet.join('a/1', { host: 'pod-a' });
  await fleet.pass(30 * second);
  assert.deepEqual([one.restored, one.ownership.adopted()], [[], ['pod-old']]);
});

test('a bug in restoring is reported and affects nothing else', async () => {
  const fleet = createFleet();
  await fleet.store.announce({ instance: 'a/1', host: 'pod-a' }, '{"adopted":[]}\nwork', 0);
  const one = await fleet.join('a/2', {
    host: 'pod-a',
    restore: () => {
      throw new RangeError('a bug');
    },
  });
  await fleet.pass(10 * second);
  assert.deepEqual(
    one.notices.map((notice) => notice.kind === 'bug' && notice.where),
    ['membership restore'],
  );
  assert.equal(one.gaps.length, 1);
});
