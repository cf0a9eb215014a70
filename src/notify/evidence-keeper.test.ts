import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Observation } from '../alert/evidence/observation.ts';
import type { Notice } from '../report.ts';
import { createMemoryStore } from '../store/memory.ts';
import { EvidenceKeeper, type EvidenceKeeperOptions } from './evidence-keeper.ts';

const second = 1_000;
const beat: Observation = { kind: 'event', at: 0 };
const failed = { kind: 'failed', at: 0 } as Observation;

/** A keeper over a memory store that counts its writes. */
function keeperOf(
  options: Partial<EvidenceKeeperOptions> & { readonly chars?: number; readonly isCut?: boolean } = {},
) {
  const memory = createMemoryStore({ now: () => 0 });
  const observed: Observation[] = [];
  const loaded: string[] = [];
  const notices: Notice[] = [];
  const state = { isSaving: true, isAway: false, writes: 0, isCut: options.isCut ?? false };
  const keeper = new EvidenceKeeper({
    store: {
      isShared: true,
      awaySince: () => (state.isAway ? 0 : undefined),
      async saveEvidence(text) {
        if (state.isAway) throw new TypeError('away');
        state.writes += 1;
        await memory.saveEvidence(text);
      },
      loadEvidence: () => memory.loadEvidence(),
    },
    report: (notice) => notices.push(notice),
    isSaving: () => state.isSaving,
    save: () => ({ text: 'x'.repeat(options.chars ?? 10), isCut: state.isCut }),
    load(text) {
      loaded.push(text);
      return 5 * second;
    },
    observe: (observation) => observed.push(observation),
    ...options,
  });
  return { keeper, state, memory, observed, loaded, notices };
}

describe('evidence is saved', () => {
  const cases = [
    { title: 'a second after a failure', change: failed, chars: 10, dueMs: second },
    { title: 'five seconds after any other change', change: beat, chars: 10, dueMs: 5 * second },
    { title: 'less often if it is large', change: failed, chars: 1_000_000, dueMs: 5 * second },
  ];
  for (const { title, change, chars, dueMs } of cases) {
    test(title, async () => {
      const { keeper, state } = keeperOf({ chars });
      await keeper.save(0);
      keeper.noteChange(change);
      await keeper.saveIfDue(dueMs - 1);
      assert.equal(state.writes, 1);
      await keeper.saveIfDue(dueMs);
      assert.equal(state.writes, 2);
      await keeper.saveIfDue(10 * dueMs);
      assert.equal(state.writes, 2, 'without a change nothing is written');
    });
  }

  test('not by a standby, and not while the store is unreachable', async () => {
    const { keeper, state } = keeperOf();
    keeper.noteChange(failed);
    state.isSaving = false;
    await keeper.saveIfDue(second);
    assert.equal(state.writes, 0);
    state.isSaving = true;
    state.isAway = true;
    await keeper.saveIfDue(2 * second);
    state.isAway = false;
    await keeper.saveIfDue(3 * second);
    assert.equal(state.writes, 1, 'the change is not forgotten');
  });

  test('and a cut text is reported once until it fits again', async () => {
    const { keeper, state, notices } = keeperOf({ isCut: true });
    await keeper.save(0);
    await keeper.save(1);
    state.isCut = false;
    await keeper.save(2);
    state.isCut = true;
    await keeper.save(3);
    assert.equal(notices.filter(({ kind }) => kind === 'items-dropped').length, 2);
  });

  test('a failure of the store is reported', async () => {
    const { keeper, state, notices } = keeperOf();
    state.isAway = true;
    await keeper.save(0);
    assert.deepEqual(
      notices.map((notice) => notice.kind === 'delivery-failed' && notice.reason),
      ['TypeError'],
    );
  });
});

describe('evidence is loaded', () => {
  test('if there is any', async () => {
    const { keeper, memory, loaded } = keeperOf();
    await keeper.load();
    await memory.saveEvidence('saved');
    await keeper.load();
    assert.deepEqual(loaded, ['saved']);
  });

  test('and a text of another release is reported', async () => {
    const { keeper, memory, notices } = keeperOf({ load: () => undefined });
    await memory.saveEvidence('foreign');
    await keeper.load();
    assert.deepEqual(notices, [{ kind: 'items-dropped', queue: 'evidence', reason: 'unreadable-record', count: 1 }]);
  });

  test('by a standby that begins to save, with what it observed since', async () => {
    const { keeper, memory, state, loaded, observed } = keeperOf();
    state.isSaving = false;
    await keeper.followSaver();
    const late: Observation = { kind: 'event', at: 6 * second };
    for (const observation of [{ ...late, at: 5 * second }, late]) keeper.noteChange(observation);
    await memory.saveEvidence('of the leader');
    await keeper.followSaver();
    assert.deepEqual(loaded, [], 'the leader goes on');
    state.isSaving = true;
    await keeper.followSaver();
    assert.deepEqual([loaded, observed], [['of the leader'], [late]]);
    await keeper.followSaver();
    assert.equal(loaded.length, 1);
  });

  test('not by an instance that saved all the time', async () => {
    const { keeper, memory, loaded } = keeperOf();
    await memory.saveEvidence('own');
    for (let tick = 0; tick < 3; tick += 1) await keeper.followSaver();
    assert.deepEqual(loaded, []);
  });
});
