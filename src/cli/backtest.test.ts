import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyText } from '../alert/key.ts';
import { type Backtest, backtestLines } from './backtest.ts';
import type { Difference } from './playback/compare.ts';

const from = Date.UTC(2026, 10, 24, 8);
const total = {
  name: 'a.yaml',
  messages: 6,
  incidents: 1,
  messagesPerDay: 2.5,
  learningFailures: 0,
  learningMs: 3_600_000,
};

const difference: Difference = {
  at: from + 60_000,
  what: 'root',
  channel: '#a',
  incident: 'i1',
  signal: 'failures.new',
  task: 'shop.pay',
  exception: 'Declined',
  title: 'Declined: no',
  count: 10,
  instead: 'below-threshold',
};

const resultOf = (facts: Partial<Backtest> = {}): Backtest => ({
  from,
  to: from + 3_600_000,
  failures: 120,
  openAtEnd: 0,
  bugs: 0,
  rejected: {},
  totals: [total],
  told: [],
  lost: [],
  gained: [],
  suggestions: [],
  near: [],
  ...facts,
});

test('one policy: its numbers and its messages', () => {
  assert.deepEqual(backtestLines(resultOf({ failures: 1, told: [difference] }), 1), [
    '2026-11-24 08:00 to 2026-11-24 09:00 UTC, 1 failure',
    'a.yaml: 6 messages about 1 incident, 2.5 a day',
    '',
    'Posted:',
    '  2026-11-24 08:01  shop.pay Declined (failures.new, 10 times)',
    '',
    'Thresholds for at most 1 message per task and week:',
    '  none',
    '',
    'Near their threshold, and not posted:',
    '  none',
  ]);
});

for (const { lastedMs, want } of [
  { lastedMs: 300_000, want: ', which is longer than the recording' },
  { lastedMs: 3_600_000, want: '' },
]) {
  test(`failures that the learning period suppressed are named for a recording of ${lastedMs / 60_000} min`, () => {
    const lines = backtestLines(resultOf({ to: from + lastedMs, totals: [{ ...total, learningFailures: 15 }] }), 1);
    assert.equal(
      lines[2],
      `a.yaml: 15 failures suppressed by alerts.learning (1h)${want}; "learning: 0s" starts without a baseline`,
    );
  });
}

test('tasks without an end are named as open, not as lost', () => {
  const [head] = backtestLines(resultOf({ openAtEnd: 2 }), 1);
  assert.equal(head, '2026-11-24 08:00 to 2026-11-24 09:00 UTC, 120 failures, 2 tasks open at the end of the capture');
});

test('two policies: the messages of each alone, with the reason of the other', () => {
  const lines = backtestLines(resultOf({ totals: [total, { ...total, name: 'b.yaml' }], lost: [difference] }), 1);
  assert.deepEqual(lines.slice(3, 9), [
    '',
    'Posted by a.yaml and not by b.yaml:',
    '  2026-11-24 08:01  shop.pay Declined (failures.new, 10 times): below-threshold',
    '',
    'Posted by b.yaml and not by a.yaml:',
    '  none',
  ]);
});

const texts: readonly { readonly title: string; readonly facts: Partial<Difference>; readonly want: string }[] = [
  { title: 'a reminder', facts: { what: 'reminder' }, want: 'shop.pay Declined (reminder, 10 times)' },
  { title: 'no exception', facts: { exception: undefined }, want: 'shop.pay (failures.new, 10 times)' },
  {
    title: 'neither task nor exception',
    facts: { task: undefined, exception: undefined },
    want: 'Declined: no (failures.new, 10 times)',
  },
  {
    title: 'a bulletin',
    facts: { what: 'digest', task: undefined, exception: undefined, title: undefined, signal: undefined, count: 0 },
    want: 'many incidents (digest)',
  },
];

for (const { title, facts, want } of texts) {
  test(`the line of a message with ${title}`, () => {
    const lines = backtestLines(resultOf({ told: [{ ...difference, ...facts }] }), 1);
    assert.equal(lines[4], `  2026-11-24 08:01  ${want}`);
  });
}

test('a suggestion is a line for the configuration, with at most eight peaks', () => {
  const suggestion = { task: 'shop.pay', told: 9, min: 8, kept: 1, peaks: [20, 7, 7, 6, 5, 4, 3, 3, 3] };
  const lines = backtestLines(resultOf({ suggestions: [suggestion] }), 2);
  assert.deepEqual(lines.slice(6, 8), [
    'Thresholds for at most 2 messages per task and week:',
    '  - { match: "shop.pay", new_failure: { min: 8 }, surge: { min: 8 } }  # posted 9 times (20, 7, 7, 6, 5, 4, 3, 3 in the window), then 1',
  ]);
});

test('a near miss shows its count and its threshold', () => {
  const peak = {
    key: keyText({ kind: 'cause', fingerprint: 'a' }),
    signal: 'failures.new' as const,
    task: 'shop.pay',
    exception: undefined,
    at: from,
    figures: { count: 9, limit: 10, withinMs: 600_000, baseline: undefined, of: undefined },
  };
  assert.equal(
    backtestLines(resultOf({ near: [{ peak, share: 0.9 }] }), 1).at(-1),
    '  2026-11-24 08:00  shop.pay (failures.new): 9 against 10 in 10 min',
  );
});
