import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs, duration, durationText, hourMs, minuteMs, secondMs } from './duration.ts';

const any = duration(0, 365 * dayMs);
const refusal = 'expected a duration like "30s", "5m" or "1h" between 1s and 10m, got';

const good: readonly (readonly [text: string, ms: number])[] = [
  ['500ms', 500],
  ['0s', 0],
  ['30s', 30 * secondMs],
  ['1.5s', 1_500],
  ['0.001s', 1],
  ['5m', 5 * minuteMs],
  ['1h', hourMs],
  ['1.5h', 90 * minuteMs],
  ['7d', 7 * dayMs],
];
for (const [text, ms] of good) test(`${text} is ${ms} ms`, () => assert.equal(any.parse(text), ms));

for (const raw of [600, '600', '5 m', '5min', '-1s', '1h30m', '1.0001s', '', null, '5M']) {
  test(`${JSON.stringify(raw)} is no duration`, () => assert.equal(any.safeParse(raw).success, false));
}

const bounds: readonly (readonly [text: string, want: string | undefined])[] = [
  ['1s', undefined],
  ['999ms', `${refusal} "999ms"`],
  ['10m', undefined],
  ['601s', `${refusal} "601s"`],
];
for (const [text, want] of bounds) {
  test(`${text} is ${want === undefined ? 'within' : 'outside'} 1s to 10m`, () =>
    assert.equal(duration(secondMs, 10 * minuteMs).safeParse(text).error?.issues[0]?.message, want));
}

test('a duration has milliseconds as its unit', () => assert.equal(any.unit, 'Ms'));

const texts: readonly (readonly [ms: number, want: string])[] = [
  [0, '0s'],
  [1, '1ms'],
  [999, '999ms'],
  [1_000, '1s'],
  [1_500, '1.5s'],
  [90 * secondMs, '90s'],
  [2 * minuteMs, '2m'],
  [90 * minuteMs, '90m'],
  [2 * hourMs, '2h'],
  [25 * hourMs, '25h'],
  [2 * dayMs, '2d'],
];
for (const [ms, want] of texts) {
  test(`${ms} ms is written as ${want}, which reads the same`, () => {
    assert.equal(durationText(ms), want);
    assert.equal(any.parse(want), ms);
  });
}
