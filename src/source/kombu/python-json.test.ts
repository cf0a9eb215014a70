import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePythonJson } from './python-json.ts';

const cases = [
  { text: '{"a": 1}', want: { a: 1 } },
  { text: '{"a": NaN}', want: { a: null } },
  { text: '[Infinity, -Infinity, 1]', want: [null, null, 1] },
  { text: '{"a": "NaN and Infinity", "b": NaN}', want: { a: 'NaN and Infinity', b: null } },
  { text: '{"a": "\\"NaN", "b": NaN}', want: { a: '"NaN', b: null } },
  { text: 'NaN', want: null },
];
for (const { text, want } of cases) test(`${text} is read`, () => assert.deepEqual(parsePythonJson(text), want));

for (const text of ['', '{', '{NaN: 1}', 'NaNa', "{'a': 1}", '[1e]'])
  test(`${JSON.stringify(text)} is no JSON`, () => assert.throws(() => parsePythonJson(text), SyntaxError));
