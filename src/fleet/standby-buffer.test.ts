import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStandbyBuffer } from './standby-buffer.ts';

function stage({ isLeader }: { readonly isLeader: boolean }) {
  const exported: number[] = [];
  let isExporting = isLeader;
  const buffer = createStandbyBuffer(() => isExporting);
  return {
    exported,
    pass: (at: number) => buffer.pass(() => exported.push(at), at),
    takeOver(since: number) {
      isExporting = true;
      buffer.flush(since);
    },
    lose() {
      isExporting = false;
    },
  };
}

test('the leader exports at once', () => {
  const { exported, pass } = stage({ isLeader: true });
  pass(1);
  assert.deepEqual(exported, [1]);
});

test('a standby that takes over exports everything after the position of the leader, in order and once', () => {
  const { exported, pass, takeOver } = stage({ isLeader: false });
  for (const at of [10, 20, 30]) pass(at);
  assert.deepEqual(exported, []);
  takeOver(10);
  takeOver(0);
  pass(40);
  assert.deepEqual(exported, [20, 30, 40]);
});

test('a leader that becomes a standby keeps its exports again', () => {
  const { exported, pass, lose, takeOver } = stage({ isLeader: true });
  lose();
  pass(5);
  assert.deepEqual(exported, []);
  takeOver(0);
  assert.deepEqual(exported, [5]);
});

test('exports older than 30 s are dropped when the oldest is older than 60 s', () => {
  const { exported, pass, takeOver } = stage({ isLeader: false });
  pass(1);
  pass(30_002);
  pass(60_001);
  takeOver(0);
  assert.deepEqual(exported, [1, 30_002, 60_001]);
  const late = stage({ isLeader: false });
  for (const at of [1, 30_001, 30_002, 60_002]) late.pass(at);
  late.takeOver(0);
  assert.deepEqual(late.exported, [30_002, 60_002]);
});

test('of more than 50,000 exports the newest 25,000 stay', () => {
  const { exported, pass, takeOver } = stage({ isLeader: false });
  for (let count = 1; count <= 50_001; count += 1) pass(1);
  takeOver(0);
  assert.equal(exported.length, 25_000);
});
