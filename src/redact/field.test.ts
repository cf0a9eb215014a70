import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCharsMax, defaultModes, stricterTreatment } from './field.ts';

const pairs = [
  ['raw', 'redact', 'redact'],
  ['redact', 'allow', 'allow'],
  ['allow', 'shape', 'shape'],
  ['shape', 'drop', 'drop'],
  ['raw', 'drop', 'drop'],
  ['shape', 'shape', 'shape'],
] as const;
for (const [one, other, stricter] of pairs)
  test(`of ${one} and ${other}, ${stricter} shows less`, () => {
    assert.equal(stricterTreatment(one, other), stricter);
    assert.equal(stricterTreatment(other, one), stricter);
  });

test('every field has a default treatment and a limit', () => {
  assert.deepEqual(Object.keys(defaultModes).sort(), Object.keys(defaultCharsMax).sort());
  for (const limit of Object.values(defaultCharsMax)) assert.ok(limit >= 1_024);
});
