import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gaps } from './gaps.ts';

test('without a gap there is none after any time', () => {
  assert.equal(new Gaps().hasOneAfter(1), false);
});

for (const { at, want } of [
  { at: 999, want: true },
  { at: 1_000, want: false },
  { at: 1_001, want: false },
]) {
  test(`a gap that ended at 1000 is ${want ? '' : 'not '}after ${at}`, () => {
    const gaps = new Gaps();
    gaps.add(1_000);
    assert.equal(gaps.hasOneAfter(at), want);
  });
}

test('the latest of several gaps counts, in any order of arrival', () => {
  const gaps = new Gaps();
  gaps.add(5_000);
  gaps.add(1_000);
  assert.equal(gaps.hasOneAfter(4_999), true);
  assert.equal(gaps.hasOneAfter(5_000), false);
});

test('of more than a hundred gaps the dropped ones count by their latest end', () => {
  const gaps = new Gaps();
  gaps.add(9_000);
  for (let index = 1; index <= 150; index += 1) gaps.add(index);
  assert.equal(gaps.hasOneAfter(8_999), true);
  assert.equal(gaps.hasOneAfter(9_000), false);
});
