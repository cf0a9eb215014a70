import assert from 'node:assert/strict';
import { test } from 'node:test';
import { troublesAcross } from './cross-checks.ts';
import { ConfigDraft } from './draft/draft.ts';
import type { Environment } from './draft/environment.ts';

const broker = { url: 'redis://a' };

const cases: readonly {
  readonly title: string;
  readonly values: Record<string, unknown>;
  readonly env?: Environment;
  readonly hostname?: string;
  readonly want: readonly string[];
}[] = [
  { title: 'a standalone instance needs no host name', values: { broker }, want: [] },
  {
    title: 'a sidecar needs the host name of its worker',
    values: { broker, mode: 'sidecar' },
    want: ['hostname: expected the host name of the workers beside this sidecar, here or in HOSTNAME, got nothing'],
  },
  {
    title: 'an empty host name is none',
    values: { broker, mode: 'sidecar' },
    hostname: '',
    want: ['hostname: expected the host name of the workers beside this sidecar, here or in HOSTNAME, got nothing'],
  },
  {
    title: 'a sidecar takes the host name of the machine',
    values: { broker, mode: 'sidecar' },
    hostname: 'a',
    want: [],
  },
  { title: 'a sidecar takes a host name from the file', values: { broker, mode: 'sidecar', hostname: 'a' }, want: [] },
  {
    title: 'a second configuration file of OpenTelemetry is refused',
    values: { broker },
    env: { OTEL_CONFIG_FILE: '/otel.yaml' },
    want: [
      'OTEL_CONFIG_FILE: expected not to be set: two files that configure the same thing would contradict each other',
    ],
  },
  { title: 'an empty variable is not set', values: { broker }, env: { OTEL_CONFIG_FILE: '' }, want: [] },
];
for (const { title, values, env = {}, hostname, want } of cases) {
  test(title, () => {
    const troubles = troublesAcross(new ConfigDraft(values), env, hostname);
    assert.deepEqual(
      troubles.map(({ path, variable, message }) => `${variable ?? path.join('.')}: ${message}`),
      want,
    );
  });
}

test('problems of all sections are collected', () => {
  const values = {
    slack: { actions: 'http' },
    redact: { args: 'raw' },
    grouping: { rules: [{ name: 'a', match: {}, class: 'bug' }] },
  };
  const paths = troublesAcross(new ConfigDraft(values), {}, undefined).map(({ path }) => path.join('.'));
  assert.deepEqual(paths, ['broker', 'redact.args', 'slack.signing_secret', 'grouping.rules.0.match']);
});
