import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Notice } from '../report.ts';
import { createVirtualClock } from '../runtime/clock.ts';
import { openBytesMax } from '../store/fleet.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createOwnerAnnouncer, decodeOwnerState, type OwnerState } from './owner-announcer.ts';

const idle: OwnerState = { adopted: [], isHandBack: false, open: '' };

describe('the state of an owner', () => {
  const states: readonly OwnerState[] = [
    idle,
    { adopted: ['pod-2', 'pod-3'], isHandBack: false, open: 'one\ntwo\n' },
    { adopted: [], isHandBack: true, open: '{"a": 1}' },
  ];
  for (const state of states) {
    test(`is read as it was announced: ${JSON.stringify(state)}`, async () => {
      const { announcer, store, set } = stage();
      set(state);
      await announcer.announce();
      assert.deepEqual(decodeOwnerState((await store.takeOver('a/1', { force: true })) ?? ''), state);
    });
  }

  const unreadable = ['', 'text', 'text\nwork', '{"adopted": ["a"]}', 'null\nwork'];
  for (const text of unreadable) {
    test(`is empty in ${JSON.stringify(text)}`, () => assert.deepEqual(decodeOwnerState(text), idle));
  }

  test('has defaults for fields of another type', () => {
    const text = '{"adopted": ["pod-2", 3, null], "isHandBack": "yes"}\nwork';
    assert.deepEqual(decodeOwnerState(text), { adopted: ['pod-2'], isHandBack: false, open: 'work' });
  });
});

function stage() {
  const clock = createVirtualClock(1_000_000);
  const store = createMemoryFleet(clock);
  const calls: string[] = [];
  const notices: Notice[] = [];
  let state = idle;
  const announcer = createOwnerAnnouncer({
    store: {
      ...store,
      announce(...args) {
        calls.push('announce');
        return store.announce(...args);
      },
      renew(...args) {
        calls.push('renew');
        return store.renew(...args);
      },
    },
    instance: 'a/1',
    host: 'pod-a',
    clock,
    report: (notice) => notices.push(notice),
    state: () => state,
  });
  return {
    announcer,
    store,
    calls,
    notices,
    advance: (ms: number) => clock.advanceTo(clock.now() + ms),
    set(next: Partial<OwnerState>) {
      state = { ...state, ...next };
    },
  };
}

test('the first announcement is new, an unchanged state is renewed after four seconds and not before', async () => {
  const { announcer, calls, advance } = stage();
  assert.deepEqual(await announcer.announce(), { isNew: true });
  advance(3_999);
  assert.deepEqual(await announcer.announce(), { isNew: false });
  assert.deepEqual(calls, ['announce']);
  advance(1);
  assert.deepEqual(await announcer.announce(), { isNew: false });
  assert.deepEqual(calls, ['announce', 'renew']);
});

test('a changed state is announced at once', async () => {
  const { announcer, calls, set } = stage();
  await announcer.announce();
  set({ open: 'task 1' });
  assert.deepEqual(await announcer.announce(), { isNew: false });
  assert.deepEqual(calls, ['announce', 'announce']);
});

test('an owner that was taken over is new again', async () => {
  const { announcer, calls, store, advance } = stage();
  await announcer.announce();
  await store.takeOver('a/1', { force: true });
  advance(4_000);
  assert.deepEqual(await announcer.announce(), { isNew: true });
  assert.deepEqual(calls, ['announce', 'renew', 'announce']);
});

describe('the end of an owner', () => {
  test('without open work removes it', async () => {
    const { announcer, store } = stage();
    await announcer.announce();
    await announcer.announceEnd();
    assert.deepEqual(await store.owners(), []);
  });

  for (const left of [{ open: 'task 1' }, { adopted: ['pod-b'] }]) {
    test(`with ${JSON.stringify(left)} leaves a dead owner that any instance takes over`, async () => {
      const { announcer, store, set } = stage();
      set(left);
      await announcer.announceEnd();
      assert.deepEqual(
        (await store.owners()).map(({ isAlive }) => isAlive),
        [false],
      );
      assert.deepEqual(decodeOwnerState((await store.takeOver('a/1')) ?? ''), { ...idle, ...left });
    });
  }
});

test('a host is handed back under a name of its own, without a gap', async () => {
  const { announcer, store } = stage();
  await announcer.handBack('pod-b', 'task 2');
  const [owner] = await store.owners();
  assert.deepEqual([owner?.instance, owner?.host, owner?.isAlive], ['a/1~pod-b', 'pod-b', false]);
  assert.deepEqual(decodeOwnerState((await store.takeOver('a/1~pod-b')) ?? ''), {
    adopted: [],
    isHandBack: true,
    open: 'task 2',
  });
});

test('work over the limit is left out, reported once, and announced when it fits again', async () => {
  const { announcer, store, notices, set } = stage();
  const frame = '{"adopted":[],"isHandBack":false}\n'.length;
  const openOf = async () => decodeOwnerState((await store.takeOver('a/1', { force: true })) ?? '').open.length;
  set({ open: 'x'.repeat(openBytesMax - frame) });
  await announcer.announce();
  assert.deepEqual([await openOf(), notices.length], [openBytesMax - frame, 0]);
  set({ open: 'x'.repeat(openBytesMax - frame + 1) });
  await announcer.announce();
  await announcer.announce();
  assert.equal(await openOf(), 0);
  assert.deepEqual(notices, [{ kind: 'items-dropped', queue: 'store', reason: 'too-large', count: 1 }]);
});
