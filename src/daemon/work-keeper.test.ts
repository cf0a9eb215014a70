import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Notice } from '../report.ts';
import type { Gap } from '../source/source.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createWorkKeeper, type WorkKeeper } from './work-keeper.ts';

const second = 1_000;
const startAt = 1.8e12;

interface Process {
  readonly keeper: WorkKeeper;
  open: string;
  isLeading: boolean;
  keptMs: number;
  readonly restored: string[];
  readonly gaps: Gap[];
  readonly listening: boolean[];
  readonly notices: Notice[];
}

/** Instances over one store, one after the other or at the same time. */
function createInstances() {
  let now = startAt;
  let isUnreachable = false;
  let writes = 0;
  const memory = createMemoryFleet({ now: () => now });
  const reached = () => {
    if (isUnreachable) throw new TypeError('unreachable');
    return memory;
  };
  function create(instance: string): Process {
    const one: Process = {
      open: '',
      isLeading: true,
      keptMs: 0,
      restored: [],
      gaps: [],
      listening: [],
      notices: [],
      keeper: createWorkKeeper({
        store: {
          async save(name, text) {
            writes += 1;
            await reached().save(name, text);
          },
          load: async (name) => reached().load(name),
        },
        clock: { now: () => now },
        report: (notice) => one.notices.push(notice),
        instance,
        isLeading: () => one.isLeading,
        handover: {
          snapshot: () => one.open,
          restore(open) {
            if (open === 'damaged') throw new SyntaxError('damaged');
            one.restored.push(open);
          },
        },
        sources: [
          {
            name: 'celery',
            keptMs: () => one.keptMs,
            pipeline: { gap: (gap) => one.gaps.push(gap), listening: (is) => one.listening.push(is) },
          },
        ],
      }),
    };
    return one;
  }
  const lead = async (one: Process): Promise<void> => {
    await one.keeper.start();
    await one.keeper.lead();
    one.keeper.connected('celery', true, now);
  };
  return {
    create,
    lead,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    tick: (one: Process) => one.keeper.saveAround(async () => {}),
    setUnreachable: (is: boolean) => {
      isUnreachable = is;
    },
    writes: () => writes,
  };
}

/** A leader that saved its work at the start and ended without a shutdown. */
async function killed(open = 'work') {
  const instances = createInstances();
  const first = instances.create('a');
  first.open = open;
  await instances.lead(first);
  await instances.tick(first);
  return { ...instances, first };
}

describe('the next leader', () => {
  for (const downS of [3, 60]) {
    test(`after ${downS} s continues with the work, and records the time without reception`, async () => {
      const { create, lead, pass, now } = await killed();
      pass(downS * second);
      const next = create('b');
      await lead(next);
      assert.deepEqual(next.restored, ['work']);
      assert.deepEqual(next.gaps, [{ source: 'celery', from: startAt, to: now(), cause: 'restart' }]);
      assert.deepEqual(next.listening, [false], 'silence before the connection proves nothing');
    });
  }

  test('records the gap also if it connects before it leads', async () => {
    const { create, pass, now } = await killed();
    pass(5 * second);
    const next = create('b');
    await next.keeper.start();
    next.keeper.connected('celery', true, now());
    assert.deepEqual(next.gaps, []);
    pass(10 * second);
    await next.keeper.lead();
    assert.deepEqual(next.gaps, [{ source: 'celery', from: startAt, to: startAt + 5 * second, cause: 'restart' }]);
  });

  test('has no gap if it received events before the end of the leader, and takes the latest work', async () => {
    const { create, pass, now, tick, first } = await killed();
    const next = create('b');
    await next.keeper.start();
    next.keeper.connected('celery', true, now());
    pass(5 * second);
    first.open = 'later work';
    await tick(first);
    await next.keeper.lead();
    assert.deepEqual([next.restored, next.gaps], [['work', 'later work'], []]);
  });

  test('has no gap if the broker kept the events, and only the rest of a longer time', async () => {
    for (const [downS, gaps] of [
      [60, []],
      [90, [{ source: 'celery', from: startAt, to: startAt + 30 * second, cause: 'restart' }]],
    ] as const) {
      const { create, lead, pass } = await killed();
      pass(downS * second);
      const next = create('b');
      next.keptMs = 60 * second;
      await lead(next);
      assert.deepEqual(next.gaps, gaps);
    }
  });

  test('counts from the loss of the connection if the leader was not connected at its end', async () => {
    const { create, lead, pass, tick, first, now } = await killed();
    first.keeper.connected('celery', false, startAt + second);
    pass(10 * second);
    await tick(first);
    const next = create('b');
    await lead(next);
    assert.deepEqual(next.gaps, [{ source: 'celery', from: startAt + second, to: now(), cause: 'restart' }]);
  });

  test('starts without a gap if no instance was there before', async () => {
    const { create, lead } = createInstances();
    const only = create('a');
    await lead(only);
    assert.deepEqual([only.gaps, only.restored, only.listening], [[], [], []]);
  });

  test('does not restore its own work when it leads again', async () => {
    const { first, pass } = await killed();
    pass(20 * second);
    await first.keeper.lead();
    assert.deepEqual([first.gaps, first.restored], [[], []]);
  });

  test('reports work that it cannot read, and records the gap', async () => {
    const { create, lead, pass } = await killed('damaged');
    pass(second);
    const next = create('b');
    await lead(next);
    assert.equal(next.gaps.length, 1);
    assert.deepEqual(
      next.notices.map((notice) => notice.kind === 'items-dropped' && notice.reason),
      ['unreadable-record'],
    );
  });
});

describe('the leader', () => {
  test('saves every two seconds, and unchanged work only once', async () => {
    const { first, pass, tick, writes } = await killed();
    assert.equal(writes(), 2);
    pass(1_999);
    await tick(first);
    assert.equal(writes(), 2);
    pass(1);
    await tick(first);
    assert.equal(writes(), 3);
  });

  test('saves the work as it was before the tick', async () => {
    const { create, lead, first, pass } = await killed();
    pass(2 * second);
    first.open = 'before';
    await first.keeper.saveAround(async () => {
      first.open = 'after';
    });
    const next = create('b');
    await lead(next);
    assert.deepEqual(next.restored, ['before']);
  });

  test('saves a last time at its end', async () => {
    const { create, lead, first, pass } = await killed();
    pass(second);
    first.open = 'last';
    await first.keeper.stop();
    const next = create('b');
    await lead(next);
    assert.deepEqual(next.restored, ['last']);
  });

  test('saves nothing after it lost the lease, and runs the tick', async () => {
    const { first, pass, writes } = await killed();
    first.isLeading = false;
    pass(5 * second);
    let ticks = 0;
    await first.keeper.saveAround(async () => {
      ticks += 1;
    });
    await first.keeper.stop();
    assert.deepEqual([writes(), ticks], [2, 1]);
  });

  test('goes on while the store is unreachable, and reports it', async () => {
    const { create, lead, setUnreachable, tick } = createInstances();
    setUnreachable(true);
    const only = create('a');
    await lead(only);
    await tick(only);
    assert.ok(only.notices.every(({ kind }) => kind === 'delivery-failed'));
    setUnreachable(false);
    assert.deepEqual([only.gaps, only.restored], [[], []]);
  });
});
