import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest } from './closest.ts';

const known = ['critical', 'alerts', 'mode', 'store', 'source'];
const cases = [
  { word: 'crtical', want: 'critical' },
  { word: 'alert', want: 'alerts' },
  { word: 'alrets', want: 'alerts' },
  { word: 'MODE', want: 'mode' },
  { word: 'stor', want: 'store' },
  { word: 'zebra', want: undefined },
  { word: '', want: undefined },
  { word: 'x'.repeat(10_000), want: undefined },
];
for (const { word, want } of cases) {
  test(`${JSON.stringify(word.slice(0, 20))} was probably meant to be ${want ?? 'nothing here'}`, () => {
    assert.equal(closest(word, known), want);
  });
}
