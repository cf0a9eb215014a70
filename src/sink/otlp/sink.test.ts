import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type FakeOtlp, startFakeOtlp } from '../../../test/fakes/otlp.ts';
import type { Notice } from '../../report.ts';
import { createSystemClock } from '../../runtime/clock.ts';
import type { LogRecord } from './log-records.ts';
import { createOtlpSink, type OtlpOptions, type TelemetrySink } from './sink.ts';
import type { Span } from './spans.ts';

const span: Span = {
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  parentSpanId: undefined,
  name: 'process shop.pay',
  kind: 'consumer',
  startAt: 1_000,
  endAt: 2_000,
  isError: false,
  statusMessage: undefined,
  attributes: { 'celery.retries': 1 },
  events: [],
  links: [],
};
const record: LogRecord = {
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  at: 1_000,
  severity: 'ERROR',
  body: 'shop.pay failed',
  attributes: {},
};

interface Open {
  readonly otlp: FakeOtlp;
  readonly sink: TelemetrySink;
  readonly notices: Notice[];
}

/** One sink at a time: the SDK registers its providers globally, and `stop` removes them. */
async function open(t: TestContext, changes: Partial<OtlpOptions> = {}): Promise<Open> {
  const otlp = await startFakeOtlp();
  t.after(() => otlp.stop());
  const notices: Notice[] = [];
  const clock = createSystemClock();
  const sink = createOtlpSink({
    endpoint: otlp.endpoint,
    headers: {},
    compression: 'none',
    traces: true,
    logs: true,
    serviceName: 'taskvigil',
    version: '1.2.3',
    resource: {},
    after: clock.after,
    report: (notice) => notices.push(notice),
    ...changes,
  });
  return { otlp, sink, notices };
}

test('a stop delivers the queued spans and records', async (t) => {
  const { otlp, sink, notices } = await open(t);
  sink.offer({ spans: [span, { ...span, spanId: '3'.repeat(16) }], record });
  assert.equal(sink.queuedCount(), 3);
  await sink.stop();
  assert.equal(sink.queuedCount(), 0);
  assert.deepEqual(
    otlp.spans().map(({ spanId }) => spanId),
    ['2'.repeat(16), '3'.repeat(16)],
  );
  assert.equal(otlp.logRecords()[0]?.body, 'shop.pay failed');
  assert.deepEqual(
    notices.filter(({ kind }) => kind === 'delivered'),
    [
      { kind: 'delivered', sink: 'traces', count: 2 },
      { kind: 'delivered', sink: 'logs', count: 1 },
    ],
  );
});

for (const { off, kept } of [
  { off: 'traces', kept: '/v1/logs 200' },
  { off: 'logs', kept: '/v1/traces 200' },
] as const) {
  test(`without ${off} only the other signal is exported`, async (t) => {
    const { otlp, sink } = await open(t, { [off]: false });
    sink.offer({ spans: [span], record });
    await sink.stop();
    assert.deepEqual(otlp.log, [kept]);
  });
}

test('the resource is that of the options, whatever the sampler of the environment is', async (t) => {
  process.env['OTEL_TRACES_SAMPLER'] = 'always_off';
  t.after(() => {
    delete process.env['OTEL_TRACES_SAMPLER'];
  });
  const { otlp, sink } = await open(t, { serviceName: 'orders', resource: { 'host.name': 'pod-7' } });
  sink.offer({ spans: [span], record: undefined });
  await sink.stop();
  assert.equal(otlp.spans().length, 1);
  assert.match(otlp.bytes(), /"service\.name","value":\{"stringValue":"orders"\}/);
  assert.match(otlp.bytes(), /"host\.name","value":\{"stringValue":"pod-7"\}/);
});

test('a base URL with a slash at its end gives the same paths', async (t) => {
  const otlp = await startFakeOtlp();
  t.after(() => otlp.stop());
  const { sink } = await open(t, { endpoint: `${otlp.endpoint}/` });
  sink.offer({ spans: [span], record: undefined });
  await sink.stop();
  assert.deepEqual(otlp.log, ['/v1/traces 200']);
});

test('a refused batch is reported as lost', async (t) => {
  const { otlp, sink, notices } = await open(t);
  otlp.failNext(400);
  sink.offer({ spans: [span], record: undefined });
  await sink.stop();
  const [failed] = notices.filter((notice) => notice.kind === 'delivery-failed');
  assert.deepEqual([failed?.sink, failed?.count, failed?.willRetry], ['traces', 1, false]);
});
