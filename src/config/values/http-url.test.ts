import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpUrl } from './http-url.ts';

const cases: readonly (readonly [raw: unknown, want: string | undefined])[] = [
  ['http://collector:4318', undefined],
  ['https://a.example/path?x={trace_id}', undefined],
  ['ftp://a', 'expected a URL, got another text'],
  ['collector:4318', 'expected a URL, got another text'],
  ['', 'expected a URL, got nothing'],
  [5, 'expected a URL, got a number'],
  ['http://user:canary@a', 'expected a URL without a login'],
  ['http://canary@a', 'expected a URL without a login'],
];
for (const [raw, want] of cases) {
  test(`the URL ${JSON.stringify(raw)} is ${want === undefined ? 'accepted as it is' : 'refused'}`, () => {
    const { data, error } = httpUrl('a URL').safeParse(raw);
    assert.equal(error?.issues[0]?.message, want);
    if (want === undefined) assert.equal(data, raw);
  });
}
