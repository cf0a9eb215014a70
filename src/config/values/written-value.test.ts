import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writtenValue } from './written-value.ts';

const values: readonly (readonly [unknown, string])[] = [
  [5, '5'],
  [true, 'true'],
  [[], '[]'],
  [{}, '{}'],
  ['taskvigil', 'taskvigil'],
  ['1500ms', '1500ms'],
  ['127.0.0.1:8080', '127.0.0.1:8080'],
  ['', '""'],
  ['off', '"off"'],
  ['Yes', '"Yes"'],
  [':9464', '":9464"'],
  ['#alerts', '"#alerts"'],
  ['true', '"true"'],
  ['12', '"12"'],
  ['two words', '"two words"'],
  ['09:00', '"09:00"'],
  ['a,b', '"a,b"'],
  [['4h', '24h'], '[4h, 24h]'],
  [{ burst: 5, list: ['a', 'off'] }, '{ burst: 5, list: [a, "off"] }'],
  [null, 'null'],
];
for (const [value, want] of values) {
  test(`the default ${JSON.stringify(value)} is written as ${want}`, () => assert.equal(writtenValue(value), want));
}
