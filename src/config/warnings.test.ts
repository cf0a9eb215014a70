import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from './load.ts';

const base = 'broker: redis://a\nhostname: pod\n';
const now = Date.parse('2026-11-25T12:00:00Z');

const cases: readonly (readonly [title: string, text: string, want: readonly string[]])[] = [
  ['a plain configuration', '', []],
  [
    'a sidecar without a store',
    'mode: sidecar',
    ['store: without it every sidecar posts on its own, and no instance reports a pod that died with its sidecar'],
  ],
  ['a sidecar with a store', 'mode: sidecar\nstore: redis://b/1', []],
  ['a release that Sentry accepts', 'sentry: { dsn: https://k@s/1, release: app@1.0 }', []],
  [
    'a release with a slash',
    'sentry: { dsn: https://k@s/1, release: feature/x }',
    ['sentry.release: Sentry refuses names with "/" or "\\", and shows the events without it'],
  ],
  [
    'an environment with a backslash',
    "sentry: { dsn: https://k@s/1, environment: 'a\\b' }",
    ['sentry.environment: Sentry refuses names with "/" or "\\", and "none", and shows the events without it'],
  ],
  [
    'the environment "None"',
    'sentry: { dsn: https://k@s/1, environment: None }',
    ['sentry.environment: Sentry refuses names with "/" or "\\", and "none", and shows the events without it'],
  ],
  ['an environment that only contains "none"', 'sentry: { dsn: https://k@s/1, environment: nonesuch }', []],
  [
    'a budget of a channel without an owner',
    'alerts: { budget: { "#nobody": { burst: 1 } } }',
    ['alerts.budget: no owner has the channel #nobody'],
  ],
  [
    'a budget of a channel that only gets links',
    'alerts: { budget: { "#also": { burst: 1 } }, owners: [{ match: { task: a }, channel: "#a", also: "#also" }] }',
    [],
  ],
  [
    'mute hours that no entry uses, with several hours, once',
    'alerts: { timezone: UTC, mute: { nights: [{ from: "1:00", to: "2:00" }, { from: "3:00", to: "4:00" }] } }',
    ['alerts.mute.nights: no owner and no task has it'],
  ],
  [
    'mute hours of a task',
    'alerts: { timezone: UTC, mute: { nights: { from: "1:00", to: "2:00" } }, tasks: [{ match: a, mute: nights }] }',
    [],
  ],
];
for (const [title, text, want] of cases) {
  test(`warnings about ${title}`, () => {
    const loaded = loadConfig({ text: `${base}${text}`, file: 'tv.yaml', env: {}, readFile: () => '', now });
    assert.deepEqual([loaded.ok, loaded.warnings], [true, want]);
  });
}

const silence = (until: string): string =>
  `${base}alerts: { silences: [{ match: { task: a }, until: "${until}", reason: migration, by: jo }] }`;

const ends: readonly (readonly [until: string, now: number | undefined, hasEnded: boolean])[] = [
  ['2026-11-25T12:00:00Z', now, true],
  ['2026-11-25T12:00:01Z', now, false],
  ['2026-11-25T11:00:00Z', undefined, false],
];
for (const [until, at, hasEnded] of ends) {
  test(`a silence until ${until} has ${hasEnded ? '' : 'not '}ended at ${at}`, () => {
    const time = at === undefined ? {} : { now: at };
    const { warnings } = loadConfig({ text: silence(until), file: 'tv.yaml', env: {}, readFile: () => '', ...time });
    assert.deepEqual(warnings, hasEnded ? ['alerts.silences[0]: over since 2026-11-25T12:00:00.000Z (migration)'] : []);
  });
}
