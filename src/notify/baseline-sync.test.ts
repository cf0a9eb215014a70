import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Notice } from '../report.ts';
import { createMemoryStore } from '../store/memory.ts';
import { BaselineSync } from './baseline-sync.ts';

const since = (at: number): BaselineSnapshot => ({ since: at, causes: [], tasks: [] });

function open(own: BaselineSnapshot | undefined) {
  let now = 0;
  const clock = { now: () => now };
  const store = createMemoryStore(clock);
  const notices: Notice[] = [];
  const restored: BaselineSnapshot[] = [];
  let isUnreachable = false;
  let updates = 0;
  const sync = new BaselineSync({
    clock,
    store: {
      updateBaselines: async (change) => {
        updates += 1;
        if (isUnreachable) throw new RangeError('unreachable');
        return store.updateBaselines(change);
      },
    },
    report: (notice) => notices.push(notice),
    snapshot: () => own,
    restore: (baselines) => restored.push(baselines),
  });
  const stored = () => store.updateBaselines((found) => ({ next: undefined, answer: found }));
  const put = (baselines: BaselineSnapshot) => store.updateBaselines(() => ({ next: baselines, answer: undefined }));
  return {
    sync,
    notices,
    restored,
    stored,
    put,
    updatesCount: () => updates,
    advance: (ms: number) => (now += ms),
    unreachable: (is: boolean) => (isUnreachable = is),
  };
}

test('runs at the start and once a minute', async () => {
  const { sync, advance, updatesCount } = open(since(5));
  await sync.runIfDue();
  advance(59_999);
  await sync.runIfDue();
  assert.equal(updatesCount(), 1);
  advance(1);
  await sync.runIfDue();
  assert.equal(updatesCount(), 2);
});

test('runs when it is asked to, as on a stop', async () => {
  const { sync, updatesCount } = open(since(5));
  await sync.run();
  await sync.run();
  assert.equal(updatesCount(), 2);
});

test('joins the own baselines with the stored ones, in both places', async () => {
  const { sync, stored, put, restored } = open(since(5));
  await put(since(3));
  await sync.run();
  assert.equal((await stored())?.since, 3);
  assert.deepEqual(
    restored.map((one) => one.since),
    [3],
  );
});

test('restores the stored baselines before the first event, and writes none', async () => {
  const { sync, stored, put, restored } = open(undefined);
  await sync.run();
  assert.deepEqual([await stored(), restored], [undefined, []]);
  await put(since(3));
  await sync.run();
  assert.deepEqual(
    restored.map((one) => one.since),
    [3],
  );
});

test('reports an unreachable store and tries again a minute later', async () => {
  const { sync, notices, unreachable, advance, stored } = open(since(5));
  unreachable(true);
  await sync.runIfDue();
  assert.deepEqual(notices, [
    { kind: 'delivery-failed', sink: 'store', reason: 'RangeError', count: 1, willRetry: true },
  ]);
  unreachable(false);
  advance(60_000);
  await sync.runIfDue();
  assert.equal((await stored())?.since, 5);
});
