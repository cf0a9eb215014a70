import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';
import { isSame, withoutRestart } from './restart.ts';
import { Secret } from './values/secret.ts';

function configOf(text: string): Config {
  const loaded = loadConfig({ text, file: 'tv.yaml', env: { HOSTNAME: 'pod' }, readFile: () => '' });
  if (!loaded.ok) assert.fail(JSON.stringify(loaded.problems));
  return loaded.config;
}

const base = 'broker: redis://a\nslack: { token: xoxb-1, channel: "#a", actions: socket, app_token: xapp-1 }\n';
const plain = 'broker: redis://a\n';

const cases: readonly {
  readonly title: string;
  readonly running?: string;
  readonly read: string;
  readonly waiting: readonly string[];
}[] = [
  { title: 'an equal configuration', read: base, waiting: [] },
  { title: 'the noise policy', read: `${base}critical: [a.*]\nalerts: { wait: 1s }\nschedules: []\n`, waiting: [] },
  { title: 'the redaction', read: `${base}redact: { args: drop }\n`, waiting: [] },
  { title: 'the mode', read: `${base}mode: sidecar\n`, waiting: ['mode'] },
  { title: 'the address of the broker', running: plain, read: 'broker: redis://b', waiting: ['broker'] },
  { title: 'the password of the broker', running: plain, read: 'broker: redis://:x@a', waiting: ['broker'] },
  { title: 'the result backend', running: plain, read: `${plain}result_backend: redis://b`, waiting: ['broker'] },
  { title: 'the store', running: plain, read: `${plain}store: redis://b/1\nstore_namespace: x`, waiting: ['store'] },
  { title: 'the groups', running: plain, read: `${plain}classes: { "a.*": bug }`, waiting: ['grouping, classes'] },
  { title: 'the exports', running: plain, read: `${plain}otlp: { sample: 0.5 }`, waiting: ['otlp'] },
  { title: 'Sentry switched on', running: plain, read: `${plain}sentry: { dsn: https://k@s/1 }`, waiting: ['sentry'] },
  {
    title: 'options of the process',
    running: plain,
    read: `${plain}limits: { workers: 20 }\nlog: { level: warn }\nshutdown_timeout: 9s\ninstance_id: x\nhostname: y`,
    waiting: ['limits', 'log', 'shutdown_timeout', 'instance_id', 'hostname'],
  },
  { title: 'Slack switched on', running: plain, read: base, waiting: ['slack'] },
  { title: 'Slack switched off', read: plain, waiting: ['slack'] },
  {
    title: 'the token, channel, mentions, links and users of Slack',
    read: `${plain}slack: { token: xoxb-2, channel: "#b", mention: U0ANNA12, trace_url: "https://j/{trace_id}", page_url: https://p, allow: U0ANNA12, actions: socket, app_token: xapp-2 }`,
    waiting: [],
  },
  {
    title: 'the API of Slack',
    read: base.replace('}', ', api_url: https://proxy }'),
    waiting: ['slack.api_url'],
  },
  {
    title: 'the way of the buttons',
    read: base.replace('actions: socket, app_token: xapp-1', `actions: http, signing_secret: ${'c0ffee'.repeat(4)}`),
    waiting: ['slack.actions'],
  },
];
for (const { title, running = base, read, waiting } of cases) {
  test(`${title}: ${waiting.length === 0 ? 'takes effect at once' : `waits for a restart as ${waiting.join('; ')}`}`, () =>
    assert.deepEqual(withoutRestart(configOf(running), configOf(read)).waiting, waiting));
}

test('reloadable options take their new values, all others keep the running ones', () => {
  const running = configOf(`${plain}critical: [a]\nlimits: { workers: 20 }`);
  const { config } = withoutRestart(running, configOf(`${plain}critical: [b]\nlimits: { workers: 30 }`));
  assert.deepEqual([config.critical, config.limits.workers], [['b'], 20]);
});

test('a section that is switched on or off keeps its running value', () => {
  assert.equal(withoutRestart(configOf(plain), configOf(base)).config.slack, undefined);
  assert.equal(withoutRestart(configOf(base), configOf(plain)).config.slack?.channel, '#a');
});

test('an option that needs a restart does not hold back its section', () => {
  const read = base.replace('"#a"', '"#b"').replace('}', ', api_url: https://proxy }');
  const { slack } = withoutRestart(configOf(base), configOf(read)).config;
  assert.deepEqual([slack?.channel, slack?.apiUrl], ['#b', undefined]);
});

test('a secret of the buttons rotates, another way of the buttons does not take effect', () => {
  const rotated = withoutRestart(configOf(base), configOf(base.replace('xapp-1', 'xapp-2'))).config.slack?.actions;
  assert.equal(rotated?.over === 'socket' ? rotated.appToken.expose() : undefined, 'xapp-2');
  const other = base.replace(
    'actions: socket, app_token: xapp-1',
    `actions: http, signing_secret: ${'c0ffee'.repeat(4)}`,
  );
  const kept = withoutRestart(configOf(base), configOf(other)).config.slack?.actions;
  assert.equal(kept?.over === 'socket' ? kept.appToken.expose() : undefined, 'xapp-1');
});

const comparisons: readonly (readonly [a: unknown, b: unknown, want: boolean])[] = [
  [1, 1, true],
  [1, 2, false],
  [1, '1', false],
  [null, undefined, false],
  [null, {}, false],
  [{ a: 1 }, { a: 1 }, true],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: undefined }, { b: undefined }, false],
  [[1, { a: 2 }], [1, { a: 2 }], true],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [new Secret('a'), new Secret('a'), true],
  [new Secret('a'), new Secret('b'), false],
  [new Secret('a'), 'a', false],
  [{ a: new Secret('a') }, { a: new Secret('b') }, false],
];
for (const [index, [a, b, want]] of comparisons.entries()) {
  test(`comparison ${index + 1}: ${JSON.stringify(a)} and ${JSON.stringify(b)} are ${want ? 'equal' : 'different'}`, () => {
    assert.equal(isSame(a, b), want);
    assert.equal(isSame(b, a), want);
  });
}
