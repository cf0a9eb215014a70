import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restMsOf } from './rate-limits.ts';

const now = Date.parse('2026-03-01T10:00:00Z');
const dayMs = 24 * 60 * 60_000;
const limits = 'x-sentry-rate-limits';

const cases: readonly {
  readonly name: string;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly want: number;
}[] = [
  { name: 'an event that was taken', statusCode: 200, headers: {}, want: 0 },
  { name: 'a server error', statusCode: 503, headers: { 'retry-after': '9' }, want: 0 },
  { name: 'seconds', statusCode: 429, headers: { 'retry-after': '7' }, want: 7_000 },
  { name: 'a fraction', statusCode: 429, headers: { 'retry-after': '1.5' }, want: 1_500 },
  { name: 'a date', statusCode: 429, headers: { 'retry-after': 'Sun, 01 Mar 2026 10:02:00 GMT' }, want: 120_000 },
  {
    name: 'a date that is over',
    statusCode: 429,
    headers: { 'retry-after': 'Sun, 01 Mar 2026 09:00:00 GMT' },
    want: 1_000,
  },
  { name: 'no time at all', statusCode: 429, headers: { 'retry-after': '0' }, want: 1_000 },
  { name: 'nothing said', statusCode: 429, headers: { 'retry-after': null, [limits]: null }, want: 60_000 },
  { name: 'nonsense', statusCode: 429, headers: { 'retry-after': 'soon' }, want: 60_000 },
  { name: 'a month', statusCode: 429, headers: { 'retry-after': '2592000' }, want: dayMs },
  { name: 'errors', statusCode: 429, headers: { [limits]: '30:error:organization' }, want: 30_000 },
  { name: 'errors, with the event taken', statusCode: 200, headers: { [limits]: '30:error:key' }, want: 30_000 },
  { name: 'everything', statusCode: 200, headers: { [limits]: '2700::organization:quota' }, want: 2_700_000 },
  { name: 'others only', statusCode: 200, headers: { [limits]: '60:transaction;span:key' }, want: 0 },
  {
    name: 'the longest of several that are about us',
    statusCode: 200,
    headers: { [limits]: '60:transaction;error:key, 5::organization, 900:session:organization' },
    want: 60_000,
  },
  { name: 'a limit without its time', statusCode: 200, headers: { [limits]: ':error:key' }, want: 60_000 },
  { name: 'an empty header', statusCode: 200, headers: { [limits]: '' }, want: 0 },
  {
    name: 'limits before Retry-After',
    statusCode: 429,
    headers: { [limits]: '10:error:key', 'retry-after': '99' },
    want: 10_000,
  },
  {
    name: 'refused, and the limits are about others',
    statusCode: 429,
    headers: { [limits]: '10:session:key', 'retry-after': '99' },
    want: 99_000,
  },
];
for (const { name, statusCode, headers, want } of cases) {
  test(`${statusCode}, ${name}: ${want} ms`, () => assert.equal(restMsOf({ statusCode, headers }, now), want));
}
