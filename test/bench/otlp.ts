/**
 * CPU per span of two ways into the OTLP exporter: node test/bench/otlp.ts
 *
 *   direct  spans as plain objects, viewed as ReadableSpan, written by sink/otlp/json.ts, gzip level 1
 *   sdk     spans through a TracerProvider with its own ids, written by JsonTraceSerializer, gzip level 6
 *
 * Nothing is sent. The figures behind docs/decisions/0011-otlp-beside-the-tracer.md.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { traceRequest } from '../../src/sink/otlp/json.ts';
import { readableSpan } from '../../src/sink/otlp/readable.ts';
import type { Span } from '../../src/sink/otlp/spans.ts';

const batchSize = 1_024;
const batches = 60;
const warmUpBatches = 20;
const rounds = 5;
const kinds = { internal: SpanKind.INTERNAL, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;
const resource = resourceFromAttributes({ 'service.name': 'bench' });
const scope = { name: 'taskvigil', version: 'bench' };

/** An attempt's span as the daemon makes it: nine attributes, one link, ids that do not compress. */
function spanOf(index: number): Span {
  const hash = createHash('sha256').update(String(index)).digest('hex');
  const [traceId, spanId, parentSpanId] = [hash.slice(0, 32), hash.slice(32, 48), hash.slice(48)];
  const startAt = 1.7e12 + index * 3 + Number.parseInt(hash.slice(0, 4), 16) / 1_000;
  return {
    traceId,
    spanId,
    parentSpanId,
    name: `process shop.tasks.${taskNames[index % taskNames.length]}`,
    kind: 'consumer',
    startAt,
    endAt: startAt + Number.parseInt(hash.slice(4, 7), 16),
    isError: index % 50 === 0,
    statusMessage: undefined,
    attributes: {
      'messaging.system': 'celery',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'payments',
      'messaging.message.id': hash.slice(0, 36),
      'celery.task_name': `shop.tasks.${taskNames[index % taskNames.length]}`,
      'celery.hostname': `celery@pay-${index % 20}`,
      'celery.retries': 0,
      'celery.outcome': 'succeeded',
      'process.pid': 4_711 + (index % 160),
    },
    events: [],
    links: [{ traceId, spanId: parentSpanId, attributes: { 'link.type': 'send' } }],
  };
}

const taskNames = ['charge', 'refund', 'ship', 'mail', 'render', 'index', 'thumbnail'];

type Way = (spans: readonly Span[]) => Uint8Array;

const direct: Way = (spans) =>
  gzipSync(traceRequest(spans.map((span) => readableSpan(span, { resource, scope }))), {
    level: 1,
    memLevel: 9,
    chunkSize: 256 * 1024,
  });

/** Plain spans with the serializer and the compression of OTLPTraceExporter. */
const stock: Way = (spans) => {
  const views = spans.map((span) => readableSpan(span, { resource, scope }));
  return gzipSync(JsonTraceSerializer.serializeRequest(views) ?? new Uint8Array(), { level: 6 });
};

function createSdkWay(isSerialized: boolean): Way {
  let ids: { readonly traceId: string; readonly spanId: string } = { traceId: '', spanId: '' };
  let ended: ReadableSpan[] = [];
  const collect: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => void ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const tracer = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    spanProcessors: [collect],
  }).getTracer(scope.name, scope.version);
  return (spans) => {
    ended = [];
    for (const one of spans) {
      ids = one;
      const parent = {
        traceId: one.traceId,
        spanId: one.parentSpanId ?? '',
        traceFlags: TraceFlags.SAMPLED,
        isRemote: true,
      };
      const options = {
        kind: kinds[one.kind],
        startTime: one.startAt,
        attributes: one.attributes as Record<string, string | number>,
        links: one.links.map((link) => ({
          context: { traceId: link.traceId, spanId: link.spanId, traceFlags: TraceFlags.SAMPLED },
          attributes: link.attributes as Record<string, string>,
        })),
      };
      const span = tracer.startSpan(one.name, options, trace.setSpanContext(ROOT_CONTEXT, parent));
      if (one.isError) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(one.endAt);
    }
    if (!isSerialized) return gzipSync(traceRequest(ended), { level: 1, memLevel: 9, chunkSize: 256 * 1024 });
    return gzipSync(JsonTraceSerializer.serializeRequest(ended) ?? new Uint8Array(), { level: 6 });
  };
}

/** Microseconds of CPU per span, and bytes per span. */
function measure(way: Way): { readonly micros: number; readonly bytes: number } {
  const all = Array.from({ length: batches + warmUpBatches }, (_, batch) =>
    Array.from({ length: batchSize }, (_, index) => spanOf(batch * batchSize + index)),
  );
  for (const spans of all.slice(0, warmUpBatches)) way(spans);
  let bytes = 0;
  const before = process.cpuUsage();
  for (const spans of all.slice(warmUpBatches)) bytes += way(spans).length;
  const { user, system } = process.cpuUsage(before);
  const count = batches * batchSize;
  return { micros: (user + system) / count, bytes: bytes / count };
}

context.disable();
const ways = [
  ['direct', direct],
  ['direct, serializer of the SDK', stock],
  ['tracer, our JSON', createSdkWay(false)],
  ['tracer and serializer of the SDK', createSdkWay(true)],
] as const;
for (const [name, way] of ways) {
  // The least of several rounds: the machine can only add to a figure.
  const figures = Array.from({ length: rounds }, () => measure(way));
  const micros = Math.min(...figures.map((figure) => figure.micros));
  const bytes = figures[0]?.bytes ?? 0;
  process.stdout.write(
    `${name.padEnd(34)} ${micros.toFixed(1).padStart(6)} µs CPU per span, ${bytes.toFixed(0)} bytes\n`,
  );
}
