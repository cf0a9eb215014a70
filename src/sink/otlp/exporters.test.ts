import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { startFakeOtlp } from '../../../test/fakes/otlp.ts';
import { FastLogExporter, FastTraceExporter } from './exporters.ts';
import type { LogRecord } from './log-records.ts';
import { readableRecord, readableSpan } from './readable.ts';
import type { Span } from './spans.ts';

const origin = { resource: resourceFromAttributes({ 'service.name': 'test' }), scope: { name: 'test', version: '1' } };

function spanWith(attributes: Span['attributes']) {
  const span: Span = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    parentSpanId: undefined,
    name: 'process shop.charge',
    kind: 'consumer',
    startAt: 1_000,
    endAt: 2_000,
    isError: false,
    statusMessage: undefined,
    attributes,
    events: [],
    links: [],
  };
  return readableSpan(span, origin);
}

function recordWith(attributes: LogRecord['attributes']) {
  const record: LogRecord = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    at: 1_000,
    severity: 'ERROR',
    body: 'shop.charge failed',
    attributes,
  };
  return readableRecord(record, origin);
}

async function open(t: TestContext) {
  const otlp = await startFakeOtlp();
  t.after(() => otlp.stop());
  return otlp;
}

const exported = (run: (done: (result: ExportResult) => void) => void): Promise<ExportResult> => new Promise(run);

for (const compression of ['none', 'gzip'] as const) {
  test(`spans and records arrive with compression ${compression}`, async (t) => {
    const otlp = await open(t);
    const options = { compression: compression as never };
    const traces = new FastTraceExporter({ ...options, url: `${otlp.endpoint}/v1/traces` });
    const logs = new FastLogExporter({ ...options, url: `${otlp.endpoint}/v1/logs` });
    const results = [
      await exported((done) => traces.export([spanWith({ 'celery.retries': 2 })], done)),
      await exported((done) => logs.export([recordWith({ 'celery.retries': 2 })], done)),
    ];
    await Promise.all([traces.shutdown(), logs.shutdown()]);
    assert.deepEqual(
      results.map(({ code }) => code),
      [ExportResultCode.SUCCESS, ExportResultCode.SUCCESS],
    );
    assert.deepEqual(otlp.spans()[0]?.attributes, { 'celery.retries': 2 });
    assert.deepEqual(otlp.logRecords()[0]?.attributes, { 'celery.retries': 2 });
  });
}

/** A value that JSON cannot represent, so that the fast writer throws. */
const odd = { 'celery.args': 'kept', 'celery.result': { toJSON: () => assert.fail('no JSON') } } as never;

test('a batch that the fast writer cannot write is exported by the exporter of OpenTelemetry', async (t) => {
  const otlp = await open(t);
  const traces = new FastTraceExporter({ url: `${otlp.endpoint}/v1/traces` });
  const logs = new FastLogExporter({ url: `${otlp.endpoint}/v1/logs` });
  const results = [
    await exported((done) => traces.export([spanWith({}), spanWith(odd)], done)),
    await exported((done) => logs.export([recordWith({}), recordWith(odd)], done)),
  ];
  await Promise.all([traces.shutdown(), logs.shutdown()]);
  assert.deepEqual(
    results.map(({ code }) => code),
    [ExportResultCode.SUCCESS, ExportResultCode.SUCCESS],
  );
  assert.equal(otlp.spans().length, 2);
  assert.equal(otlp.spans()[1]?.attributes['celery.args'], 'kept');
  assert.equal(otlp.logRecords().length, 2);
});

test('a batch that the collector refuses fails with its status', async (t) => {
  const otlp = await open(t);
  otlp.failNext(400);
  const traces = new FastTraceExporter({ url: `${otlp.endpoint}/v1/traces` });
  const { code, error } = await exported((done) => traces.export([spanWith({})], done));
  await traces.shutdown();
  assert.equal(code, ExportResultCode.FAILED);
  assert.match(error?.message ?? '', /400|Bad Request/);
});

test('a flush waits for the requests under way', async (t) => {
  const otlp = await open(t);
  const traces = new FastTraceExporter({ url: `${otlp.endpoint}/v1/traces` });
  traces.export([spanWith({})], () => {});
  await traces.forceFlush();
  assert.equal(otlp.spans().length, 1);
  await traces.shutdown();
});
