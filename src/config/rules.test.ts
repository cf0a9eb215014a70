import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../alert/rule.ts';
import { loadConfig } from './load.ts';
import { rulesOf } from './rules.ts';

function rulesIn(text: string): Rule[] {
  const loaded = loadConfig({ text: `broker: redis://a\n${text}`, file: 'tv.yaml', env: {}, readFile: () => '' });
  assert.equal(loaded.ok, true);
  return loaded.ok ? rulesOf(loaded.config) : [];
}

const slack = 'slack: { token: xoxb-1, channel: "#alerts", mention: U0ONCALL }\n';

test('without rules everything is told under the terms of alerts', () => {
  const [rule, ...others] = rulesIn(
    `${slack}alerts: { threshold: 5, window: 1m, wait: 0s, repeat_interval: 1h, resolve_after: 2m }`,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(rule, {
    name: 'default',
    match: { tasks: [], queues: [], causes: ['bug', 'transient', 'resource'] },
    threshold: 5,
    windowMs: 60_000,
    waitMs: 0,
    repeatIntervalMs: 3_600_000,
    resolveAfterMs: 120_000,
    channel: '#alerts',
    severity: 'normal',
    mentions: [],
  });
});

test('critical tasks come first and at once, then the rules as they stand, then the rest', () => {
  const rules = rulesIn(
    `${slack}critical: pay.*\nalerts: { threshold: 5, window: 1m, rules: [{ name: b, match: {} }, { name: a, match: {} }] }`,
  );
  assert.deepEqual(
    rules.map(({ name, threshold, windowMs, waitMs, mentions }) => [name, threshold, windowMs, waitMs, mentions]),
    [
      ['critical', 1, 60_000, 0, ['U0ONCALL']],
      ['b', 5, 60_000, 20_000, []],
      ['a', 5, 60_000, 20_000, []],
      ['default', 5, 60_000, 20_000, []],
    ],
  );
});

test('a rule says what differs, and one text may stand without its list', () => {
  const [rule] = rulesIn(
    `${slack}alerts:
  rules:
    - name: hooks
      match: { task: "hooks.*", queue: [web, api], cause: worker-lost }
      threshold: 10
      repeat_interval: 1d
      channel: C0123456
      severity: high
      mention: [S0TEAM1, U0PERSON]`,
  );
  assert.deepEqual(rule, {
    name: 'hooks',
    match: { tasks: ['hooks.*'], queues: ['web', 'api'], causes: ['worker-lost'] },
    threshold: 10,
    windowMs: 600_000,
    waitMs: 20_000,
    repeatIntervalMs: 86_400_000,
    resolveAfterMs: 600_000,
    channel: 'C0123456',
    severity: 'high',
    mentions: ['S0TEAM1', 'U0PERSON'],
  });
});

test('without Slack there is no channel', () => {
  assert.deepEqual(
    rulesIn('').map(({ channel }) => channel),
    [''],
  );
});
