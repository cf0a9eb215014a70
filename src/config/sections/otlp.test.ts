import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from '../draft/environment.ts';
import { otlp, otlpConfig } from './otlp.ts';

const endpoint = 'http://collector:4318';

const signals: readonly (readonly [title: string, values: Record<string, unknown>, env: Environment, want: string])[] =
  [
    ['no address', {}, {}, ''],
    ['an address in the file', { endpoint }, {}, 'traces logs'],
    ['an address in the environment', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, 'traces logs'],
    ['an address for traces', {}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }, 'traces'],
    ['an address for logs', {}, { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: endpoint }, 'logs'],
    ['an address for logs, and logs off', { logs: false }, { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: endpoint }, ''],
    ['traces off', { endpoint, traces: false }, {}, 'logs'],
    ['both off', { endpoint, traces: false, logs: false }, {}, ''],
    ['an empty variable', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, ''],
    ['the SDK disabled', { endpoint }, { OTEL_SDK_DISABLED: 'TRUE' }, ''],
    ['the SDK not disabled', { endpoint }, { OTEL_SDK_DISABLED: 'false' }, 'traces logs'],
  ];
for (const [title, values, env, want] of signals) {
  test(`signals with ${title}: ${want || 'none'}`, () => {
    const { isOn, traces, logs } = otlpConfig(otlp.schema.parse(values), env);
    const names = [traces ? 'traces' : '', logs ? 'logs' : ''].filter((name) => name !== '').join(' ');
    assert.deepEqual([names, isOn], [want, want !== '']);
  });
}

test('the defaults export everything', () => {
  assert.partialDeepStrictEqual(otlpConfig(otlp.schema.parse({ endpoint }), {}), {
    isOn: true,
    endpoint,
    headers: {},
    compression: undefined,
    traces: true,
    logs: true,
    serviceName: 'taskvigil',
    sample: 1,
    sampleSlowMs: 10_000,
    sampleLogs: 1,
  });
});

const bad: readonly (readonly [values: Record<string, unknown>, want: string])[] = [
  [{ sample: 1.01 }, 'expected a number between 0 and 1, got 1.01'],
  [{ sample: -0.01 }, 'expected a number between 0 and 1, got -0.01'],
  [{ compression: 'zstd' }, 'expected "gzip" or "none", got "zstd"'],
  [{ headers: { authorization: 'a\ncanary' } }, 'expected a text, got another text'],
  [
    { endpoint: 'collector:4318' },
    'expected the base URL of a collector like "http://collector:4318", got another text',
  ],
];
for (const [values, want] of bad) {
  test(`refuses ${JSON.stringify(values)} of the exports`, () =>
    assert.equal(otlp.schema.safeParse(values).error?.issues[0]?.message, want));
}

test('a share of 0 and a share of 1 are accepted', () => {
  const { sample, sampleLogs } = otlpConfig(otlp.schema.parse({ sample: 0, sample_logs: 1 }), {});
  assert.deepEqual([sample, sampleLogs], [0, 1]);
});
