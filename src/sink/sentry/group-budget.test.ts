import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { failureOf } from '../../../test/fakes/failure.ts';
import { FailureTally } from '../../failure/tally.ts';
import { type BudgetOptions, GroupBudget, type Occurrence } from './group-budget.ts';

const hourMs = 60 * 60_000;
const options: BudgetOptions = { eventsMax: 2, windowMs: hourMs, groupsMax: 3 };

function createBench(changed: Partial<BudgetOptions> = {}) {
  const tally = new FailureTally();
  const budget = new GroupBudget({ ...options, ...changed });
  let ids = 0;
  return {
    budget,
    fail(now: number, fingerprint = 'one') {
      ids += 1;
      const failure = failureOf({ id: `failure-${ids}`, fingerprint, at: now });
      const group = tally.count(failure, now);
      assert(group);
      return told(budget.admit(failure, group, now));
    },
    due: (now: number) => told(budget.takeDue(now)),
  };
}

/** `failure-3 x2 of 4`: the failure, the number it accounts for, and the size of its group. */
function told(occurrences: readonly Occurrence[]): string[] {
  return occurrences.map(({ failure, occurrences: count, group }) => `${failure.id} x${count} of ${group.count}`);
}

test('the budget of a window, and then nothing', () => {
  const { fail } = createBench();
  assert.deepEqual(
    [fail(0), fail(1), fail(2), fail(hourMs - 1)],
    [['failure-1 x1 of 1'], ['failure-2 x1 of 2'], [], []],
  );
});

test('groups do not spend from one another', () => {
  const { fail } = createBench({ eventsMax: 1 });
  assert.deepEqual(
    [fail(0, 'one'), fail(1, 'two'), fail(2, 'one')],
    [['failure-1 x1 of 1'], ['failure-2 x1 of 1'], []],
  );
});

test('the next event of the group carries what was withheld', () => {
  const { fail } = createBench({ eventsMax: 1 });
  assert.deepEqual([fail(0), fail(1), fail(2), fail(hourMs)].at(-1), ['failure-4 x3 of 4']);
});

test('without another failure the newest suppressed one is reported at the end of the window, from the next budget', () => {
  const { fail, due } = createBench({ eventsMax: 1 });
  fail(0);
  fail(1);
  fail(2);
  assert.deepEqual(due(hourMs - 1), []);
  assert.deepEqual(due(hourMs), ['failure-3 x2 of 3']);
  assert.deepEqual(fail(hourMs + 1), []);
  assert.deepEqual(due(2 * hourMs), ['failure-4 x1 of 4']);
  assert.deepEqual(due(3 * hourMs), []);
});

test('a group without anything withheld is forgotten with its window', () => {
  const { fail, due, budget } = createBench();
  fail(0);
  assert.deepEqual(due(hourMs), []);
  assert.deepEqual(told(budget.takeAll()), []);
});

test('a group too many closes the one that was quiet for longest', () => {
  const { fail } = createBench({ eventsMax: 1, groupsMax: 2 });
  fail(0, 'one');
  fail(1, 'one');
  fail(2, 'two');
  assert.deepEqual(fail(3, 'three'), ['failure-2 x1 of 2', 'failure-4 x1 of 1']);
});

test('a later event of the group accounts for an undelivered one', () => {
  const { fail, due, budget } = createBench({ eventsMax: 1 });
  fail(0);
  const failure = failureOf({ id: 'failure-1', fingerprint: 'one' });
  const group = { fingerprint: failure.fingerprint, count: 1, firstAt: 0, lastAt: 0 };
  budget.putBack({ failure, group, occurrences: 1 }, 10);
  assert.deepEqual(fail(20), []);
  budget.putBack({ failure, group, occurrences: 3 }, 30);
  assert.deepEqual(due(hourMs), ['failure-2 x5 of 2']);
  due(2 * hourMs);
  budget.putBack({ failure, group, occurrences: 5 }, 2 * hourMs);
  assert.deepEqual(fail(2 * hourMs + 1), []);
  assert.deepEqual(fail(3 * hourMs), ['failure-4 x7 of 4']);
});

test('what others have spent is spent here too, until their window ends', () => {
  const { fail, due, budget } = createBench({ eventsMax: 2 });
  fail(0);
  const failure = failureOf({ id: 'failure-1', fingerprint: 'one' });
  budget.spentByOthers(
    { failure, group: { fingerprint: failure.fingerprint, count: 1, firstAt: 0, lastAt: 0 }, occurrences: 1 },
    1_000,
  );
  assert.deepEqual(fail(10), []);
  assert.deepEqual(due(999), []);
  assert.deepEqual(due(1_000), ['failure-2 x2 of 2']);
});

test('the end reports every suppressed occurrence', () => {
  const { fail, budget } = createBench({ eventsMax: 1 });
  fail(0, 'one');
  fail(1, 'one');
  fail(2, 'two');
  fail(3, 'one');
  assert.deepEqual(told(budget.takeAll()), ['failure-4 x2 of 3']);
  assert.deepEqual(budget.takeAll(), []);
});

test('whatever comes when: events add up to failures, each at most once, and no window has more than its budget', () => {
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: hourMs }), group: fc.constantFrom('a', 'b', 'c', 'd') });
  const runs = fc.array(step, { maxLength: 60 });
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 4 }), fc.boolean(), (steps, eventsMax, isSwept) => {
      const budget = new GroupBudget({ ...options, eventsMax, groupsMax: 10 });
      const tally = new FailureTally();
      const events: { readonly at: number; readonly occurrence: Occurrence }[] = [];
      let now = 0;
      for (const [index, { waitMs, group }] of steps.entries()) {
        now += waitMs;
        if (isSwept) events.push(...budget.takeDue(now).map((occurrence) => ({ at: now, occurrence })));
        const failure = failureOf({ id: String(index), fingerprint: group });
        const count = tally.count(failure, now);
        assert(count);
        events.push(...budget.admit(failure, count, now).map((occurrence) => ({ at: now, occurrence })));
      }
      const all = [...events.map(({ occurrence }) => occurrence), ...budget.takeAll()];
      assert.equal(
        all.reduce((sum, { occurrences }) => sum + occurrences, 0),
        steps.length,
      );
      assert.equal(new Set(all.map(({ failure }) => failure.id)).size, all.length);
      for (const { at, occurrence } of events) {
        const window = events.filter(
          (one) =>
            one.occurrence.failure.fingerprint === occurrence.failure.fingerprint &&
            one.at >= at &&
            one.at < at + hourMs,
        );
        // A window begins with an event, so any hour touches at most two.
        assert(window.length <= 2 * eventsMax);
      }
    }),
  );
});
