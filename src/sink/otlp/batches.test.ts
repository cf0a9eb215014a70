import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../../report.ts';
import { Batches } from './batches.ts';

test('when nothing has room any more failures still have, half as much again, and every loss is counted', async () => {
  const notices: Notice[] = [];
  const delivered: string[] = [];
  const batches = new Batches<string>({
    sink: 'traces',
    itemsMax: 4,
    batchMax: 100,
    waitMs: 1_000,
    isImportant: (item) => item.startsWith('failed'),
    deliver: async (batch) => {
      delivered.push(...batch);
    },
    after: () => ({ [Symbol.dispose]: () => {} }),
    report: (notice) => notices.push(notice),
  });
  for (let index = 0; index < 5; index += 1) batches.offer(`went well ${index}`);
  for (let index = 0; index < 3; index += 1) batches.offer(`failed ${index}`);
  await batches.drain();
  const wentWell = ['went well 0', 'went well 1', 'went well 2', 'went well 3'];
  assert.deepEqual(delivered, [...wentWell, 'failed 0', 'failed 1']);
  assert.deepEqual(notices, [
    { kind: 'items-dropped', queue: 'traces', reason: 'full', count: 2 },
    { kind: 'delivered', sink: 'traces', count: 6 },
  ]);
});
