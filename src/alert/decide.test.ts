import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evidenceFor } from '../../test/fakes/evidence.ts';
import type { AlertState } from './alert-state.ts';
import { advance, type Decision, hostnamesMax, observe, sightingsMax } from './decide.ts';
import { claimDelivery, settleDelivery } from './outbox.ts';
import { defaultRules, type GroupKey, type Rule } from './rule.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const key = 'test:group' as GroupKey;
const rule: Rule = {
  ...defaultRules({ channel: '#alerts' })[0]!,
  threshold: 3,
  windowMs: minuteMs,
  waitMs: 0,
  resolveAfterMs: 5 * minuteMs,
  repeatIntervalMs: 30 * minuteMs,
};

const thresholds: readonly { name: string; rule?: Partial<Rule>; at: readonly number[]; want: readonly string[] }[] = [
  { name: 'stays silent below the threshold', at: [0, 1], want: ['below-threshold', 'below-threshold'] },
  { name: 'fires at the threshold', at: [0, 1, 2], want: ['below-threshold', 'below-threshold', 'threshold-crossed'] },
  {
    name: 'does not fire twice',
    at: [0, 1, 2, 3],
    want: ['below-threshold', 'below-threshold', 'threshold-crossed', 'already-notified'],
  },
  {
    name: 'fires when the first failure is just still in the window',
    at: [0, 1, 59.999],
    want: ['below-threshold', 'below-threshold', 'threshold-crossed'],
  },
  {
    name: 'does not fire when the first failure has just left the window',
    at: [0, 1, 60],
    want: ['below-threshold', 'below-threshold', 'below-threshold'],
  },
  {
    name: 'fires at the first failure when the threshold is one',
    rule: { threshold: 1 },
    at: [0],
    want: ['threshold-crossed'],
  },
  {
    name: 'collects when there is a wait',
    rule: { waitMs: 20 * secondMs },
    at: [0, 1, 2, 21.999, 22],
    want: ['below-threshold', 'below-threshold', 'collecting', 'collecting', 'threshold-crossed', 'already-notified'],
  },
  {
    name: 'counts failures at one moment one by one',
    at: [0, 0, 0],
    want: ['below-threshold', 'below-threshold', 'threshold-crossed'],
  },
  {
    name: 'ends and begins again in the same message',
    at: [0, 1, 2, 302, 303, 304],
    want: [
      'below-threshold',
      'below-threshold',
      'threshold-crossed',
      'resolved',
      'below-threshold',
      'below-threshold',
      'reopened',
    ],
  },
  {
    name: 'does not end a moment too early',
    at: [0, 1, 2, 301.999],
    want: ['below-threshold', 'below-threshold', 'threshold-crossed', 'already-notified'],
  },
];
for (const { name, rule: terms, at, want } of thresholds) {
  test(name, () => {
    const { decisions } = observeEach({ ...rule, ...terms }, at);
    assert.deepEqual(
      decisions.map(({ reason }) => reason),
      want,
    );
  });
}

test('tells the numbers behind each decision', () => {
  const { decisions } = observeEach(rule, [0, 1, 2]);
  const { at, inWindow, threshold, notify, failureId } = decisions[2]!;
  assert.deepEqual(
    { at, inWindow, threshold, notify, failureId },
    {
      at: 2_000,
      inWindow: 3,
      threshold: 3,
      notify: true,
      failureId: 'failure-2',
    },
  );
});

test('counts a failure once, whoever reports it, and however late', () => {
  const { next } = observeEach(rule, [0, 1, 2]);
  const again = observe(rule, key, next, [evidenceFor('failure-1', 59 * minuteMs, 'celery@other')]);
  assert.deepEqual(again.decisions.at(-1)!.reason, 'already-counted');
  assert.equal(again.next!.incident!.count, 3);
});

test('gives one answer for any order of what came in one batch', () => {
  const evidence = [0, 30, 50, 70].map((at, index) => evidenceFor(`failure-${index}`, at * secondMs));
  const inOrder = observe(rule, key, undefined, evidence);
  assert.equal(inOrder.next!.incident!.count, 4);
  assert.deepEqual(observe(rule, key, undefined, evidence.toReversed()), inOrder);
});

test('counts what was held back as it would have counted then, and ends it when it ended', () => {
  const { next } = observeEach(rule, [0, 1, 2]);
  const { next: later, decisions } = advance(next!, 3 * 3_600_000);
  assert.deepEqual(
    decisions.map(({ reason, at }) => ({ reason, at })),
    [{ reason: 'resolved', at: 2_000 + 5 * minuteMs }],
  );
  assert.equal(later!.incident!.phase.name, 'resolved');
});

test('takes an end back when a failure from before the end is told late', () => {
  const { next } = observeEach(rule, [0, 1, 2]);
  const over = advance(next!, 2_000 + 5 * minuteMs).next!;
  assert.equal(over.incident!.phase.name, 'resolved');
  const { next: open } = observe(rule, key, over, [evidenceFor('late', 4 * minuteMs)]);
  assert.equal(open!.incident!.phase.name, 'open');
  assert.equal(open!.incident!.reopens, 0);
  assert.equal(open!.incident!.lastAt, 4 * minuteMs);
});

test('wakes a resolved incident by new failures only', () => {
  const quick = { ...rule, resolveAfterMs: 10 * secondMs };
  const { decisions } = observeEach(quick, [0, 1, 2, 13, 14]);
  assert.deepEqual(
    decisions.slice(3).map(({ reason }) => reason),
    ['resolved', 'below-threshold', 'below-threshold'],
  );
});

test('forgets a group that stayed below its threshold', () => {
  const { next } = observeEach(rule, [0]);
  assert.equal(advance(next!, 60 * minuteMs - 1).next, next);
  assert.equal(advance(next!, 60 * minuteMs).next, undefined);
});

test('closes an incident an hour after its end once the end is shown, and a day after when nobody could be told', () => {
  const shown = shownUntil(2_000 + 5 * minuteMs);
  const endedAt = 2_000 + 5 * minuteMs;
  assert.notEqual(advance(shown, endedAt + 60 * minuteMs - 1).next, undefined);
  assert.deepEqual(advance(shown, endedAt + 60 * minuteMs), { next: undefined, decisions: [] });

  const { next } = observeEach(rule, [0, 1, 2]);
  const unshown = advance(next!, endedAt).next!;
  assert.notEqual(advance(unshown, endedAt + 24 * 60 * minuteMs - 1).next, undefined);
  const given = advance(unshown, endedAt + 24 * 60 * minuteMs);
  assert.equal(given.next, undefined);
  assert.deepEqual(
    given.decisions.map(({ reason }) => reason),
    ['undeliverable'],
  );
});

test('reminds once per repeat interval while it goes on, counted from what people saw', () => {
  const posted = deliver(observeEach({ ...rule, resolveAfterMs: 3_600_000 }, [0, 1, 2]).next!, 10 * minuteMs);
  assert.deepEqual(advance(posted, 40 * minuteMs - 1).decisions, []);
  const { next, decisions } = advance(posted, 40 * minuteMs);
  assert.deepEqual(
    decisions.map(({ reason, notify }) => ({ reason, notify })),
    [{ reason: 'repeat-interval-elapsed', notify: true }],
  );
  assert.deepEqual(advance(next!, 59 * minuteMs).decisions, [], 'one reminder waits, a second would say the same');
});

test('reminds nobody of what is over', () => {
  const posted = deliver(observeEach(rule, [0, 1, 2]).next!, 3_000);
  const { next, decisions } = advance(posted, 24 * 3_600_000 - 1);
  assert.deepEqual(
    decisions.map(({ reason }) => reason),
    ['resolved'],
  );
  assert.equal(next!.incident!.showing.repeats, next!.incident!.showing.repeated);
});

test('keeps the terms of the rule as it is now', () => {
  const { next } = observeEach(rule, [0, 1]);
  const stricter = { ...rule, threshold: 5 };
  const { decisions } = observe(stricter, key, next, [evidenceFor('more', 3_000)]);
  assert.equal(decisions[0]!.reason, 'below-threshold');
});

test('remembers a bounded number of failures and workers, and still counts all', () => {
  const many = Array.from({ length: sightingsMax + 200 }, (_, index) =>
    evidenceFor(`failure-${index}`, index, `celery@${index}`),
  );
  const { next } = observe(rule, key, undefined, many);
  assert.equal(next!.sightings.length, sightingsMax);
  assert.equal(next!.hostnames.length, hostnamesMax);
  assert.equal(next!.incident!.count, sightingsMax + 200);
});

test('changes nothing, not even the object, when time has nothing to say', () => {
  const { next } = observeEach(rule, [0, 1, 2]);
  assert.equal(advance(next!, 3_000).next, next);
});

test('is due exactly when time has something to say', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20 * 60), { minLength: 1, maxLength: 12 }), fc.boolean(), (gaps, isShown) => {
      let at = 0;
      const times = gaps.map((gap) => {
        at += gap;
        return at;
      });
      const { next } = observeEach(rule, times);
      const state = isShown && next?.incident?.phase.name === 'open' ? deliver(next, at * secondMs) : next!;
      if (!isShown) return;
      assert.equal(advance(state, state.dueAt - 1).next, state);
      if (claimDelivery(state, 'me', state.dueAt) === undefined)
        assert.notEqual(advance(state, state.dueAt).next, state);
    }),
  );
});

/** One failure at each time, in seconds, each reported by itself. */
function observeEach(terms: Rule, at: readonly number[]): { next: AlertState | undefined; decisions: Decision[] } {
  const decisions: Decision[] = [];
  let next: AlertState | undefined;
  for (const [index, seconds] of at.entries()) {
    const step = observe(terms, key, next, [evidenceFor(`failure-${index}`, seconds * secondMs)]);
    decisions.push(...step.decisions);
    next = step.next;
  }
  return { next, decisions };
}

/** The state after what it wants shown was shown at `now`. */
function deliver(state: AlertState, now: number): AlertState {
  const claimed = claimDelivery(state, 'me', now);
  assert.ok(claimed !== undefined);
  const ref = { channel: 'C1', ts: '1.1' };
  const settled = settleDelivery(claimed.next, claimed.sending, { outcome: 'delivered', ref }, { now, retryInMs: 0 });
  assert.equal(settled.verdict, 'recorded');
  return settled.next!;
}

function shownUntil(end: number): AlertState {
  const posted = deliver(observeEach(rule, [0, 1, 2]).next!, 3_000);
  return deliver(advance(posted, end).next!, end);
}
