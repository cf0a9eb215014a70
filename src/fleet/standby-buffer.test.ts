import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStandbyBuffer } from './standby-buffer.ts';

function stage() {
  let isTelling = false;
  const told: number[] = [];
  const gate = createStandbyBuffer(() => isTelling);
  return {
    told,
    saw: (at: number) => gate.pass(() => told.push(at), at),
    takesOver(since: number) {
      isTelling = true;
      gate.open(since);
    },
  };
}

test('the one that tells passes everything on at once', () => {
  const { told, saw, takesOver } = stage();
  takesOver(0);
  saw(1);
  assert.deepEqual(told, [1]);
});

test('the second one tells what the first had not delivered, in order, and once', () => {
  const { told, saw, takesOver } = stage();
  for (const at of [10, 20, 30]) saw(at);
  assert.deepEqual(told, []);
  takesOver(10);
  takesOver(0);
  saw(40);
  assert.deepEqual(told, [20, 30, 40]);
});

test('what is older than any lease is let go of', () => {
  const { told, saw, takesOver } = stage();
  saw(0);
  saw(100_000);
  saw(100_001);
  takesOver(0);
  assert.deepEqual(told, [100_000, 100_001]);
});
