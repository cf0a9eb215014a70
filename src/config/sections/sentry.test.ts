import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentry, sentryConfig } from './sentry.ts';

const dsn = 'https://key@sentry.example/1';

test('a DSN is enough', () => {
  const { dsn: secret, ...rest } = sentryConfig(sentry.schema.parse({ dsn }));
  assert.equal(secret.expose(), dsn);
  assert.partialDeepStrictEqual(rest, {
    environment: 'production',
    release: undefined,
    grouping: 'taskvigil',
    workers: 'silent',
    issuesUrl: undefined,
    eventsPerGroupMax: 10,
  });
});

const addresses: readonly (readonly [dsn: string, isAccepted: boolean])[] = [
  ['https://key@host/1', true],
  ['http://key:secret@host:9000/base/path/7', true],
  ['https://key@[::1]:9000/7', true],
  ['https://key@host/main', false],
  ['https://host/1', false],
  ['ftp://key@host/1', false],
  ['https://key@host/', false],
];
for (const [address, isAccepted] of addresses) {
  test(`the DSN ${address} is ${isAccepted ? 'accepted' : 'refused'}`, () =>
    assert.equal(sentry.schema.safeParse({ dsn: address }).success, isAccepted));
}

const bounds: readonly (readonly [key: string, value: unknown, isAccepted: boolean])[] = [
  ['environment', 'e'.repeat(64), true],
  ['environment', 'e'.repeat(65), false],
  ['release', 'r'.repeat(200), true],
  ['release', 'r'.repeat(201), false],
  ['release', 'a\nb', false],
  ['max_events_per_group', 1, true],
  ['max_events_per_group', 0, false],
  ['max_events_per_group', 1_000_000, true],
  ['max_events_per_group', 1_000_001, false],
];
for (const [key, value, isAccepted] of bounds) {
  test(`${key} ${String(value).slice(0, 10)} (${String(value).length}) is ${isAccepted ? 'accepted' : 'refused'}`, () =>
    assert.equal(sentry.schema.safeParse({ dsn, [key]: value }).success, isAccepted));
}
