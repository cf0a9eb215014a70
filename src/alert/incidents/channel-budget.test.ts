import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Book } from '../incident.ts';
import { takeBudgetToken } from './channel-budget.ts';

const hour = 3_600_000;
const limits = { budgets: { default: { burst: 2, perHour: 4 }, byChannel: { '#loud': { burst: 9, perHour: 9 } } } };

/** The messages requested at these times that are granted. */
function granted(channel: string, times: readonly number[]): boolean[] {
  let budgets: Book['budgets'] = {};
  return times.map((at) => {
    const taken = takeBudgetToken(budgets, limits, channel, at);
    budgets = taken.budgets;
    return taken.isGranted;
  });
}

const cases = [
  { name: 'a burst, and no more', times: [0, 0, 0], want: [true, true, false] },
  {
    name: 'one more a quarter of an hour later, not a moment sooner',
    times: [0, 0, hour / 4 - 1, hour / 4],
    want: [true, true, false, true],
  },
  {
    name: 'never more than a burst, however long it was quiet',
    times: [0, 100 * hour, 100 * hour, 100 * hour],
    want: [true, true, true, false],
  },
];
for (const { name, times, want } of cases) test(name, () => assert.deepEqual(granted('#alerts', times), want));

test('each channel has its own bucket and its own size', () => {
  assert.equal(granted('#loud', Array(10).fill(0)).filter(Boolean).length, 9);
  const { budgets } = takeBudgetToken({ '#alerts': { tokens: 0, at: 0 } }, limits, '#other', 0);
  assert.deepEqual(budgets, { '#alerts': { tokens: 0, at: 0 }, '#other': { tokens: 1, at: 0 } });
});
