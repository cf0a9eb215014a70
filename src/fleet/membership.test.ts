import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { Notice } from '../report.ts';
import { type Clock, createVirtualClock, type VirtualClock } from '../runtime/clock.ts';
import { type FleetStore, type Lease, openBytesMax } from '../store/fleet.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import {
  createMembership,
  type HandOver,
  type Membership,
  type MembershipHandlers,
  type MembershipOptions,
} from './membership.ts';
import { createOwnership, type Ownership } from './ownership.ts';

const startAt = 1.8e12;
const second = 1_000;

interface Member {
  readonly process: ReturnType<typeof createProcess>;
  readonly ownership: Ownership;
  readonly membership: Membership;
  /** What is open here, and up to where it delivered; a test writes them. */
  open: string;
  watermark: string;
  readonly restored: { readonly open: string; readonly host: string }[];
  readonly gaps: HandOver[];
  readonly told: Lease[];
  readonly notices: Notice[];
}

/** A fleet in one process: a shared store, one time, and instances that crash, sleep and lose the store. */
function createWorld() {
  const clock = createVirtualClock(startAt);
  const store = createMemoryFleet(clock);

  async function pass(ms: number, each: () => void = () => {}): Promise<void> {
    for (const end = clock.now() + ms; clock.now() < end; ) {
      clock.advanceTo(Math.min(end, clock.now() + 100));
      await settle();
      each();
    }
  }

  async function join(
    instance: string,
    options: Partial<MembershipOptions & MembershipHandlers> & { readonly host?: string } = {},
  ) {
    const host = options.host;
    const role = host === undefined ? ({ mode: 'standalone' } as const) : ({ mode: 'sidecar', host } as const);
    const process = createProcess(clock, store);
    const ownership = createOwnership(role);
    const one: Member = {
      process,
      ownership,
      open: '',
      watermark: '',
      restored: [],
      gaps: [],
      told: [],
      notices: [],
      membership: createMembership({
        store: process.store,
        isAlone: false,
        instance,
        role,
        ownership,
        clock: process.clock,
        report: (notice) => one.notices.push(notice),
        ...options,
      }),
    };
    const handlers: MembershipHandlers = {
      snapshot: () => one.open,
      restore: (open, from) => one.restored.push({ open, host: from }),
      handBack: () => '',
      onHandOver: (gap) => one.gaps.push(gap),
      watermark: () => one.watermark,
      onTelling: (lease) => one.told.push(lease),
      ...options,
    };
    void one.membership.start(handlers);
    await settle();
    return one;
  }

  return { clock, store, pass, join };
}

/** A process that can be paused (it never goes on: it crashed) and cut off from the store. */
function createProcess(clock: VirtualClock, shared: FleetStore, latencyMs: () => number = () => 0) {
  let isPaused = false;
  let isCutOff = false;
  let wake = Promise.withResolvers<void>();
  const awake = async (): Promise<void> => {
    while (isPaused) await wake.promise;
  };
  async function way<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    await awake();
    const [there, back] = [latencyMs(), latencyMs()];
    if (there > 0) await clock.sleep(there);
    if (isCutOff) throw new TypeError('away');
    const answer = await call();
    if (back > 0) await clock.sleep(back);
    await awake();
    if (isCutOff) throw new TypeError('away');
    return answer;
  }
  const ownClock: Clock = {
    ...clock,
    every(ms, run) {
      // A timer that came due in a pause runs once when it is over.
      let isOwed = false;
      const runAwake = async (): Promise<void> => {
        if (isOwed) return;
        isOwed = true;
        await awake();
        isOwed = false;
        run();
      };
      return clock.every(ms, () => (isPaused ? void runAwake() : run()));
    },
  };
  const store: FleetStore = {
    hold: (...args) => way(() => shared.hold(...args)),
    release: (...args) => way(() => shared.release(...args)),
    announce: (...args) => way(() => shared.announce(...args)),
    renew: (...args) => way(() => shared.renew(...args)),
    owners: () => way(() => shared.owners()),
    takeOver: (...args) => way(() => shared.takeOver(...args)),
    stop: () => shared.stop(),
  };
  return {
    store,
    clock: ownClock,
    isPaused: () => isPaused,
    pause() {
      isPaused = true;
    },
    wake() {
      isPaused = false;
      wake.resolve();
      wake = Promise.withResolvers();
    },
    cutOff(value: boolean) {
      isCutOff = value;
    },
  };
}

test('a sidecar that crashed is taken over: its work, its host, and the gap since its last word', async () => {
  const world = createWorld();
  const dead = await world.join('a/1', { host: 'pod-a' });
  const survivor = await world.join('b/1', { host: 'pod-b' });
  dead.open = 'task 1';
  await world.pass(20 * second);
  dead.open = 'task 2';
  await world.pass(second);
  dead.process.pause();
  const diedAt = world.clock.now();

  await world.pass(13 * second);
  assert.deepEqual([survivor.restored, survivor.gaps, survivor.ownership.accepts('w@pod-a')], [[], [], false]);
  await world.pass(5 * second);
  assert.deepEqual(survivor.restored, [{ open: 'task 2', host: 'pod-a' }]);
  assert.equal(survivor.ownership.accepts('w@pod-a'), true);
  const [gap] = survivor.gaps;
  assert.equal(survivor.gaps.length, 1);
  assert.deepEqual([gap?.host, gap?.cause], ['pod-a', 'hand-over']);
  assert.ok(gap!.from <= diedAt && gap!.from > diedAt - 5 * second, 'from its last word');
  assert.ok(gap!.to > diedAt + 13 * second && gap!.to <= world.clock.now(), 'until now');
  assert.deepEqual(survivor.notices, []);
});

test('a sidecar that lives is not taken over, whether its work changes or not', async () => {
  const world = createWorld();
  const quiet = await world.join('a/1', { host: 'pod-a' });
  const busy = await world.join('b/1', { host: 'pod-b' });
  quiet.open = 'always the same';
  for (let count = 0; count < 120; count += 1) {
    busy.open = `task ${count}`;
    await world.pass(second);
  }
  assert.deepEqual([...quiet.restored, ...busy.restored, ...quiet.gaps, ...busy.gaps], []);
  assert.equal((await world.store.owners()).filter(({ isAlive }) => isAlive).length, 2);
});

test('of many survivors one adopts', async () => {
  const world = createWorld();
  const dead = await world.join('dead/1', { host: 'pod-dead' });
  dead.open = 'work';
  const survivors = await Promise.all(
    Array.from({ length: 5 }, (_, index) => world.join(`s${index}/1`, { host: `pod-${index}` })),
  );
  await world.pass(20 * second);
  dead.process.pause();
  await world.pass(30 * second);
  assert.equal(survivors.flatMap(({ restored }) => restored).length, 1);
  assert.equal(survivors.filter(({ ownership }) => ownership.accepts('w@pod-dead')).length, 1);
});

test('when the one who looks after the fleet dies too, another one takes over from both', async () => {
  const world = createWorld();
  const first = await world.join('a/1', { host: 'pod-a' });
  const holder = await world.join('b/1', { host: 'pod-b' });
  first.open = 'of a';
  await world.pass(20 * second);
  first.process.pause();
  await world.pass(20 * second);
  const last = await world.join('c/1', { host: 'pod-c' });
  assert.equal(holder.ownership.accepts('w@pod-a'), true);
  holder.open = 'of a and b';
  await world.pass(20 * second);
  holder.process.pause();
  await world.pass(30 * second);
  assert.deepEqual(last.restored, [{ open: 'of a and b', host: 'pod-b' }]);
  assert.deepEqual(last.ownership.adopted(), ['pod-b', 'pod-a'], 'what was adopted comes along');
});

test('a pod that was restarted takes over from itself at once, before its first event', async () => {
  const world = createWorld();
  const other = await world.join('other/1', { host: 'pod-o' });
  const before = await world.join('a/1', { host: 'pod-a' });
  before.open = 'half done';
  await world.pass(20 * second);
  before.process.pause();
  await world.pass(second);
  const after = await world.join('a/2', { host: 'pod-a' });
  assert.deepEqual(after.restored, [{ open: 'half done', host: 'pod-a' }]);
  assert.equal(after.gaps.length, 1);
  await world.pass(60 * second);
  assert.deepEqual([other.restored, other.ownership.adopted(), after.ownership.adopted()], [[], [], []]);
});

test('an earlier sidecar of our host that nobody knows us by is left until it is dead', async () => {
  const world = createWorld();
  const before = await world.join('x/1', { host: 'pod-a' });
  before.open = 'half done';
  await world.pass(2 * second);
  before.process.pause();
  const after = await world.join('y/1', { host: 'pod-a' });
  assert.deepEqual(after.restored, []);
  await world.pass(20 * second);
  assert.deepEqual(after.restored, [{ open: 'half done', host: 'pod-a' }]);
});

test('what is left of a host that has a sidecar is its own for half a minute, then anybody takes it, without the host', async () => {
  const world = createWorld();
  const other = await world.join('b/1', { host: 'pod-b' });
  const own = await world.join('a/1', { host: 'pod-a' });
  await world.pass(90 * second);
  await world.store.announce({ instance: 'old', host: 'pod-a' }, '{"adopted":[]}\nlate work', 0);
  await world.pass(29 * second);
  assert.deepEqual([...own.restored, ...other.restored], []);
  await world.pass(4 * second, () => assert.deepEqual(other.ownership.adopted(), []));
  assert.deepEqual([...own.restored, ...other.restored], [{ open: 'late work', host: 'pod-a' }]);
});

test('a ghost that wakes up beside its successor does not fight with it', async () => {
  const world = createWorld();
  const ghost = await world.join('a/1', { host: 'pod-a' });
  ghost.open = 'of the ghost';
  await world.pass(5 * second);
  ghost.process.pause();
  const next = await world.join('a/2', { host: 'pod-a' });
  next.open = 'of the next';
  await world.pass(5 * second);
  ghost.process.wake();
  await world.pass(120 * second);
  assert.deepEqual(next.restored, [{ open: 'of the ghost', host: 'pod-a' }]);
  assert.deepEqual(ghost.restored, []);
});

test('who says goodbye with open work is taken over within seconds', async () => {
  const world = createWorld();
  const leaving = await world.join('a/1', { host: 'pod-a' });
  const survivor = await world.join('b/1', { host: 'pod-b' });
  await world.pass(20 * second);
  leaving.open = 'still running';
  await leaving.membership.stop();
  await world.pass(15 * second);
  assert.deepEqual(survivor.restored, [{ open: 'still running', host: 'pod-a' }]);
  assert.equal(survivor.ownership.accepts('w@pod-a'), true);
});

test('the one who looks after the fleet hands that over when it leaves', async () => {
  const world = createWorld();
  const leaving = await world.join('a/1', { host: 'pod-a' });
  const survivor = await world.join('b/1', { host: 'pod-b' });
  await world.pass(20 * second);
  leaving.open = 'still running';
  await leaving.membership.stop();
  await world.pass(3 * second);
  assert.deepEqual(survivor.restored, [{ open: 'still running', host: 'pod-a' }]);
});

test('who leaves with nothing open is not there any more', async () => {
  const world = createWorld();
  const leaving = await world.join('a/1', { host: 'pod-a' });
  const survivor = await world.join('b/1', { host: 'pod-b' });
  await world.pass(20 * second);
  await leaving.membership.stop();
  await leaving.membership.stop();
  assert.deepEqual(
    (await world.store.owners()).map(({ instance }) => instance),
    ['b/1'],
  );
  await world.pass(60 * second);
  assert.deepEqual([survivor.restored, survivor.gaps, survivor.ownership.adopted()], [[], [], []]);
});

test('an adopted host goes back to its own sidecar, with its work and without a gap', async () => {
  const world = createWorld();
  const before = await world.join('a/1', { host: 'pod-a' });
  const adopter = await world.join('b/1', { host: 'pod-b', handBack: (host) => `work of ${host}` });
  before.open = 'work';
  await world.pass(20 * second);
  before.process.pause();
  await world.pass(25 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), true);
  const after = await world.join('a/2', { host: 'pod-a' });
  assert.deepEqual(after.restored, [], 'another one has it');
  await world.pass(8 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), false);
  assert.deepEqual(after.restored, [{ open: 'work of pod-a', host: 'pod-a' }]);
  assert.deepEqual(after.gaps, []);
  await world.pass(60 * second);
  assert.deepEqual([adopter.restored.length, after.restored.length], [1, 1], 'and that is all');
  assert.equal((await world.store.owners()).length, 2);
});

test('a sidecar that was taken over while it slept gets its host back', async () => {
  const world = createWorld();
  const sleeper = await world.join('a/1', { host: 'pod-a' });
  const adopter = await world.join('b/1', { host: 'pod-b', handBack: () => 'work' });
  sleeper.open = 'work';
  await world.pass(20 * second);
  sleeper.process.pause();
  await world.pass(25 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), true);
  sleeper.process.wake();
  await world.pass(8 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), false);
  assert.deepEqual(sleeper.restored, [{ open: 'work', host: 'pod-a' }]);
});

test('work that cannot be handed back now stays, and its host with it', async () => {
  const world = createWorld();
  const before = await world.join('a/1', { host: 'pod-a' });
  const adopter = await world.join('b/1', {
    host: 'pod-b',
    handBack: () => {
      adopter.process.cutOff(true);
      return 'work';
    },
  });
  await world.pass(20 * second);
  before.process.pause();
  await world.pass(25 * second);
  await world.join('a/2', { host: 'pod-a' });
  await world.pass(3 * second);
  assert.equal(adopter.ownership.accepts('w@pod-a'), true);
  assert.deepEqual(adopter.restored, [{ open: 'work', host: 'pod-a' }]);
});

test('a host that nothing is heard of for hours is let go', async () => {
  const world = createWorld();
  const dead = await world.join('a/1', { host: 'pod-a' });
  const adopter = await world.join('b/1', { host: 'pod-b' });
  await world.pass(20 * second);
  dead.process.pause();
  await world.pass(30 * second);
  assert.deepEqual(adopter.ownership.adopted(), ['pod-a']);
  world.clock.advanceTo(startAt + 3_600 * second + second);
  await settle();
  assert.deepEqual(adopter.ownership.adopted(), ['pod-a'], 'adopted within this hour');
  world.clock.advanceTo(startAt + 7_200 * second + 2 * second);
  await settle();
  await world.pass(3 * second);
  assert.deepEqual(adopter.ownership.adopted(), []);
});

test('while the store is away a sidecar keeps its host, nobody adopts, and it is said once', async () => {
  const world = createWorld();
  const all = [await world.join('a/1', { host: 'pod-a' }), await world.join('b/1', { host: 'pod-b' })];
  for (const one of all) one.open = 'work';
  await world.pass(20 * second);
  for (const { process } of all) process.cutOff(true);
  await world.pass(60 * second);
  for (const { process } of all) {
    // By the store's clock the ones that come back later have been silent for too long.
    process.cutOff(false);
    await world.pass(6 * second);
  }
  await world.pass(60 * second);
  for (const { restored, gaps, notices } of all) {
    const away = { kind: 'delivery-failed', sink: 'store', reason: 'TypeError', count: 0, willRetry: true };
    assert.deepEqual([restored, gaps, notices], [[], [], [away]]);
  }
  assert.ok(all[0]!.ownership.accepts('w@pod-a') && !all[0]!.ownership.accepts('w@pod-b'));
  assert.equal(all[0]!.membership.isTelling(), true);
  assert.ok((await world.store.owners()).every(({ isAlive }) => isAlive));
});

test('a store that comes and goes is one outage until it stays, and nobody is taken for dead', async () => {
  const world = createWorld();
  const all = [await world.join('a/1', { host: 'pod-a' }), await world.join('b/1', { host: 'pod-b' })];
  await world.pass(20 * second);
  for (let round = 0; round < 5; round += 1) {
    for (const { process } of all) process.cutOff(true);
    await world.pass((3 + 4 * round) * second);
    for (const { process } of all) process.cutOff(false);
    await world.pass(2 * second);
  }
  await world.pass(30 * second);
  for (const { notices } of all) assert.equal(notices.length, 1);
  for (const { process } of all) process.cutOff(true);
  await world.pass(5 * second);
  for (const { gaps, notices, ownership } of all) {
    assert.equal(notices.length, 2);
    assert.deepEqual([gaps, ownership.adopted()], [[], []]);
  }
});

test('a sidecar starts and stops without a store', async () => {
  const world = createWorld();
  const one = await world.join('a/1', { host: 'pod-a' });
  one.process.cutOff(true);
  await world.pass(5 * second);
  await one.membership.stop();
  assert.equal(one.notices.length, 1);
  assert.equal(world.clock.pendingCount(), 0);
});

test('may be stopped without a start', async () => {
  const world = createWorld();
  const process = createProcess(world.clock, world.store);
  const one = await world.join('a/1', { host: 'pod-a', store: process.store, clock: process.clock });
  await one.membership.stop();
  await createWorld().pass(second);
  assert.deepEqual(await world.store.owners(), []);
});

test('open work that is too large is left out, said once, and written again when it fits', async () => {
  const world = createWorld();
  const one = await world.join('a/1', { host: 'pod-a' });
  one.open = 'ä'.repeat(openBytesMax / 2);
  await world.pass(10 * second);
  assert.deepEqual(one.notices, [{ kind: 'items-dropped', queue: 'store', reason: 'too-large', count: 1 }]);
  assert.match((await world.store.takeOver('a/1', { force: true })) ?? '', /^\{.*\}\n$/);
  one.open = 'small';
  await world.pass(10 * second);
  assert.match((await world.store.takeOver('a/1', { force: true })) ?? '', /\nsmall$/);
});

test('what cannot be read of a dead owner is an empty legacy: its host is adopted all the same', async () => {
  const world = createWorld();
  await world.store.announce({ instance: 'old/1', host: 'pod-old' }, 'not one of ours', 0);
  const one = await world.join('a/1', { host: 'pod-a' });
  await world.pass(30 * second);
  assert.deepEqual([one.restored, one.ownership.adopted()], [[], ['pod-old']]);
});

test('a bug in restoring is said and costs nothing else', async () => {
  const world = createWorld();
  await world.store.announce({ instance: 'a/1', host: 'pod-a' }, '{"adopted":[]}\nwork', 0);
  const one = await world.join('a/2', {
    host: 'pod-a',
    restore: () => {
      throw new RangeError('a bug');
    },
  });
  await world.pass(10 * second);
  assert.deepEqual(
    one.notices.map((notice) => notice.kind === 'bug' && notice.where),
    ['membership restore'],
  );
  assert.equal(one.gaps.length, 1);
});

test('of two that stand alone one tells, from the first moment', async () => {
  const world = createWorld();
  const [a, b] = [await world.join('a/1'), await world.join('b/1')];
  assert.deepEqual([a.membership.isTelling(), b.membership.isTelling()], [true, false]);
  assert.deepEqual([a.told.map(({ note }) => note), b.told], [[''], []]);
  await world.pass(60 * second, () => assert.ok(a.membership.isTelling() && !b.membership.isTelling()));
  assert.equal(a.told.length, 1);
});

test('the second tells within eleven seconds of a crash, from where the first had delivered', async () => {
  const world = createWorld();
  const [a, b] = [await world.join('a/1'), await world.join('b/1')];
  for (let count = 0; count < 30; count += 1) {
    a.watermark = `delivered ${count}`;
    await world.pass(second);
  }
  b.watermark = 'not delivered by me';
  const lastNote = (await world.store.hold('tell', { instance: 'probe', ttlMs: 1, note: '' })).note;
  a.process.pause();
  const diedAt = world.clock.now();
  for (; !b.membership.isTelling(); await world.pass(100)) assert.ok(world.clock.now() <= diedAt + 11 * second);
  assert.deepEqual(
    b.told.map(({ note }) => note),
    [lastNote],
  );
  assert.match(lastNote, /^delivered 2[89]$/);
});

test('the second tells within a second or so of an orderly end, from the last note', async () => {
  const world = createWorld();
  const [a, b] = [await world.join('a/1'), await world.join('b/1')];
  await world.pass(5_500);
  a.watermark = 'the very last';
  await a.membership.stop();
  assert.equal(a.membership.isTelling(), false);
  await world.pass(1_500);
  assert.equal(b.membership.isTelling(), true);
  assert.equal(b.told[0]?.note, 'the very last');
});

test('who tells and cannot reach the store stops before another one begins, and goes on when it is back first', async () => {
  const world = createWorld();
  const a = await world.join('a/1');
  await world.pass(5 * second);
  a.watermark = 'mine';
  await world.pass(3 * second);
  a.process.cutOff(true);
  await world.pass(6 * second);
  assert.equal(a.membership.isTelling(), true, 'a short outage changes nothing');
  await world.pass(4 * second);
  assert.equal(a.membership.isTelling(), false);
  a.process.cutOff(false);
  await world.pass(2 * second);
  assert.equal(a.membership.isTelling(), true);
  assert.deepEqual(
    a.told.map(({ note }) => note),
    ['', 'mine'],
  );
  assert.equal(a.told[0]?.term, a.told[1]?.term);
});

test('without a shared store it tells from the start, and asks nobody', async () => {
  const world = createWorld();
  const one = await world.join('a/1', { isAlone: true });
  one.process.cutOff(true);
  assert.equal(one.told.length, 1);
  await world.pass(60 * second, () => assert.equal(one.membership.isTelling(), true));
  assert.deepEqual([one.notices, world.clock.pendingCount()], [[], 0]);
  await one.membership.stop();
  assert.equal(one.membership.isTelling(), true, 'what is left is still delivered');
});

test('never do two tell at once, whoever sleeps, is cut off or waits for the store', async () => {
  const instances = ['a/1', 'b/1', 'c/1'] as const;
  const step = fc.record({
    /** Whoever tells just then, or one of the three. */
    who: fc.constantFrom<'teller' | number>('teller', 'teller', 0, 1, 2),
    what: fc.constantFrom('pause', 'wake', 'cut-off', 'connect', 'wait'),
    ms: fc.integer({ min: 0, max: 14_000 }),
  });
  const latencies = fc.infiniteStream(
    fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ max: 2_000, min: 1 })),
  );
  let handOvers = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), latencies, async (steps, latency) => {
      const world = createWorld();
      const members = await Promise.all(
        instances.map((instance) => {
          const process = createProcess(world.clock, world.store, () => latency.next().value ?? 0);
          const options = { store: process.store, clock: process.clock };
          return world.join(instance, options).then((one) => ({ ...one, process }));
        }),
      );
      // A process that is paused does nothing; one that wakes up is asked before anything of it has run.
      const check = (): void => {
        const telling = members.filter(({ process, membership }) => !process.isPaused() && membership.isTelling());
        assert.ok(telling.length <= 1, `${telling.length} tell at once`);
      };
      for (const { who, what, ms } of steps) {
        const teller = members.find(({ membership }) => membership.isTelling());
        const { process } = who === 'teller' ? (teller ?? members[0]!) : members[who]!;
        if (what === 'pause') process.pause();
        if (what === 'wake') process.wake();
        check();
        if (what === 'cut-off') process.cutOff(true);
        if (what === 'connect') process.cutOff(false);
        await world.pass(ms, check);
      }
      const told = members.flatMap((one) => one.told.map(({ term }) => ({ term, one })));
      for (const { term, one } of told) {
        assert.ok(
          told.every((other) => other.one === one || other.term !== term),
          'two never share a term',
        );
      }
      handOvers += told.length - 1;
    }),
    { numRuns: 100 },
  );
  assert.ok(handOvers >= 50, 'the schedules do make it change hands');
});
