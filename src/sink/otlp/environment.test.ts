import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ignoredVariables } from './environment.ts';

const ignored: readonly (readonly [name: string, value: string, instead: RegExp])[] = [
  ['OTEL_TRACES_SAMPLER', 'always_off', /set otlp\.sample$/],
  ['OTEL_TRACES_SAMPLER_ARG', '0.1', /set otlp\.sample$/],
  ['OTEL_BSP_SCHEDULE_DELAY', '100', /batches have a fixed size/],
  ['OTEL_BLRP_MAX_QUEUE_SIZE', '10', /batches have a fixed size/],
  ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '3', /length limits of redact/],
  ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '80', /length limits of redact/],
  ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', '3', /length limits of redact/],
  ['OTEL_SPAN_LINK_COUNT_LIMIT', '1', /these limits are fixed/],
  ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', '1', /these limits are fixed/],
  ['OTEL_TRACES_EXPORTER', 'console', /set otlp\.traces$/],
  ['OTEL_LOGS_EXPORTER', 'none', /set otlp\.logs$/],
  ['OTEL_METRICS_EXPORTER', 'otlp', /Prometheus/],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', /JSON over HTTP/],
  ['OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', 'http/protobuf', /JSON over HTTP/],
  ['OTEL_PROPAGATORS', 'b3', /no context is propagated/],
];

for (const [name, value, instead] of ignored) {
  test(`${name}=${value} has no effect and is reported`, () => {
    const [warning, ...others] = ignoredVariables({ [name]: value });
    assert.ok(warning?.startsWith(`${name}: has no effect; `));
    assert.match(warning ?? '', instead);
    assert.deepEqual(others, []);
  });
}

const silent: Readonly<Record<string, string>> = {
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  OTEL_TRACES_SAMPLER: '',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
  OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
  OTEL_RESOURCE_ATTRIBUTES: 'a=b',
  OTEL_SERVICE_NAME: 'fleet',
  OTEL_LOG_LEVEL: 'debug',
  MY_OTEL_TRACES_SAMPLER: 'x',
};

test('variables that have an effect, agree with taskvigil or are empty are not reported', () => {
  assert.deepEqual(ignoredVariables(silent), []);
});
