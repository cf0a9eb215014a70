import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildConfig, configuration } from './config.ts';
import { placedOptions } from './option.ts';

function configOf(values: Record<string, unknown>, machine?: string) {
  return buildConfig(configuration.schema.parse({ broker: { url: 'redis://a' }, ...values }), {}, machine);
}

test('an empty configuration has the documented defaults', () => {
  const { mode, source, store, sentry, slack, limits, workers, ops, ui, log, shutdownTimeoutMs } = configOf({});
  assert.partialDeepStrictEqual(
    { mode, source, store, sentry, slack, limits, workers, ops, ui, log, shutdownTimeoutMs },
    {
      mode: 'standalone',
      source: { control: 'off' },
      store: { url: undefined, namespace: 'default' },
      sentry: undefined,
      slack: undefined,
      limits: {
        openTasks: 100_000,
        settleMs: 1_500,
        rememberMs: 600_000,
        workers: 10_000,
        vanishedAfterMs: 900_000,
        overdueAfterMs: 1_800_000,
      },
      workers: { silentAfterMs: 30_000 },
      ops: { listen: { host: undefined, port: 9_464 } },
      ui: { listen: { host: '127.0.0.1', port: 8_080 } },
      log: { level: 'info', format: 'json' },
      shutdownTimeoutMs: 8_000,
    },
  );
});

const names: readonly (readonly [
  title: string,
  values: Record<string, unknown>,
  machine: string | undefined,
  want: readonly string[],
])[] = [
  ['nothing is known', {}, undefined, ['taskvigil', '']],
  ['the machine has a name', {}, 'pod-1', ['pod-1', 'pod-1']],
  ['the file has a host name', { hostname: 'worker-0' }, 'pod-1', ['worker-0', 'worker-0']],
  ['the file has an instance id', { instance_id: 'one' }, 'pod-1', ['one', 'pod-1']],
];
for (const [title, values, machine, want] of names) {
  test(`instance id and host name when ${title}`, () => {
    const { instanceId, hostname } = configOf(values, machine);
    assert.deepEqual([instanceId, hostname], want);
  });
}

test('the status page can be switched off', () => {
  assert.deepEqual(configOf({ ui: { listen: 'off' } }).ui, { listen: undefined });
});

test('Slack links to the issues of Sentry', () => {
  const { slack } = configOf({
    sentry: { dsn: 'https://k@s/1', issues_url: 'https://s/issues/' },
    slack: { token: 'xoxb-1', channel: '#a' },
  });
  assert.deepEqual(
    slack?.links.map(({ label }) => label),
    ['Sentry issue'],
  );
});

const placed = placedOptions(configuration.options).filter(({ path }) => !path.includes('*'));

for (const { path, option } of placed) {
  const name = path.join('.');
  test(`the declaration of ${name} is complete`, () => {
    const isShown = option.isHidden === true || 'default' in option || option.sample !== undefined;
    assert.ok(isShown || option.shown !== undefined, 'expected a default or a sample for the sample file');
    if (option.isSecret === true || option.hasFileKey)
      assert.notEqual(option.placeholder, undefined, 'expected a placeholder for check --without-secrets');
    if (option.variable !== undefined) assert.match(option.variable, /^TASKVIGIL_[A-Z_]+$/);
    assert.match(option.about ?? '.', /[.\])}]$/, 'expected whole sentences as the description');
  });
  if (option.placeholder !== undefined && option.isMapping !== true) {
    test(`the placeholder of ${name} is a valid value`, () => {
      assert.equal(option.schema.safeParse(option.placeholder).success, true);
    });
  }
}

test('no two options have the same variable', () => {
  const variables = placed.flatMap(({ option }) => [option.variable ?? [], option.conventional ?? []].flat());
  assert.deepEqual(variables, [...new Set(variables)]);
});
