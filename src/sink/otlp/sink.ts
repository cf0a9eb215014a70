/**
 * Spans and log records → OTLP/HTTP, through the OpenTelemetry SDK. The SDK brings the resource, out of our options and the
 * `OTEL_*` environment, and the exporters; ids come from lifecycle/, and the queue is ours, because it counts its losses.
 */
import { logs, SeverityNumber, SpanStatusCode, trace } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Report } from '../../report.ts';
import { Batches } from './batches.ts';
import { DirectLogExporter, DirectTraceExporter } from './exporters.ts';
import type { LogRecord } from './log-records.ts';
import { type Origin, readableRecord, readableSpan } from './readable.ts';
import type { Span } from './spans.ts';

export interface OtlpOptions {
  /** Base URL, `http://collector:4318`; undefined leaves it to `OTEL_EXPORTER_OTLP_ENDPOINT` and its kin. */
  readonly endpoint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined leaves it to `OTEL_EXPORTER_OTLP_COMPRESSION`. */
  readonly compression: 'gzip' | 'none' | undefined;
  readonly traces: boolean;
  readonly logs: boolean;
  readonly serviceName: string;
  /** Ours. */
  readonly version: string;
  /** Attributes of the resource, for instance the pod in sidecar mode. */
  readonly resource: Readonly<Record<string, string>>;
  readonly after: (ms: number, run: () => void) => Disposable;
  readonly report: Report;
}

/** What one transition lets leave. */
export interface Leaving {
  readonly spans: readonly Span[];
  readonly record: LogRecord | undefined;
}

export interface TelemetrySink {
  offer(leaving: Leaving): void;
  /** Spans and records that have not been delivered. */
  held(): number;
  stop(): Promise<void>;
}

// About ten seconds of a busy fleet (a thousand tasks a second, three spans each), some 30 MB at worst.
const itemsMax = 32_768;
const batchMax = 1_024;
const waitMs = 1_000;

/** Starts the SDK. One of these per process: the SDK registers its providers globally. */
export function createOtlpSink(options: OtlpOptions): TelemetrySink {
  const spanQueue = options.traces
    ? queueOf<ReadableSpan>('traces', traceExporter(options), isError, options)
    : undefined;
  const recordQueue = options.logs
    ? queueOf<ReadableLogRecord>('logs', logExporter(options), isWarning, options)
    : undefined;
  const { serviceName, version } = options;
  const resource = resourceFromAttributes({
    'service.name': serviceName,
    'service.version': version,
    ...options.resource,
  });
  const sdk = new NodeSDK({
    resource,
    spanProcessors: spanQueue === undefined ? [] : [spanProcessor(spanQueue)],
    logRecordProcessors: recordQueue === undefined ? [] : [recordProcessor(recordQueue)],
    metricReaders: [],
    textMapPropagator: null,
    instrumentations: [],
  });
  sdk.start();
  const origin = originOf(resource, version);
  return {
    offer({ spans, record }) {
      if (spanQueue !== undefined) for (const span of spans) spanQueue.batches.offer(readableSpan(span, origin));
      if (recordQueue !== undefined && record !== undefined) recordQueue.batches.offer(readableRecord(record, origin));
    },
    held: () => (spanQueue?.batches.size ?? 0) + (recordQueue?.batches.size ?? 0),
    async stop() {
      await sdk.shutdown();
      trace.disable();
      logs.disable();
    },
  };
}

/** The resource as the SDK found it, from our options and the `OTEL_*` environment: a span of its own tells, and never ends. */
function originOf(resource: Resource, version: string): Origin {
  const probe = trace
    .getTracer('taskvigil', version)
    .startSpan('probe', { root: true }) as unknown as Partial<ReadableSpan>;
  const scope = probe.instrumentationScope ?? { name: 'taskvigil', version };
  return { resource: probe.resource ?? resource, scope };
}

interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

interface Queue<Item> {
  readonly batches: Batches<Item>;
  readonly exporter: Exporter<Item>;
}

function isError({ status }: ReadableSpan): boolean {
  return status.code === SpanStatusCode.ERROR;
}

function isWarning({ severityNumber }: ReadableLogRecord): boolean {
  return (severityNumber ?? 0) >= SeverityNumber.WARN;
}

function queueOf<Item>(
  sink: 'traces' | 'logs',
  exporter: Exporter<Item>,
  matters: (item: Item) => boolean,
  { after, report }: OtlpOptions,
): Queue<Item> {
  const deliver = (batch: Item[]): Promise<void> =>
    new Promise((resolve, reject) => {
      exporter.export(batch, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) resolve();
        else reject(error ?? new Error('the collector did not take the batch'));
      });
    });
  return {
    exporter,
    batches: new Batches<Item>({ sink, itemsMax, matters, batchMax, waitMs, deliver, after, report }),
  };
}

function spanProcessor({ batches, exporter }: Queue<ReadableSpan>): SpanProcessor {
  return {
    onStart: () => {},
    onEnd: (span) => batches.offer(span),
    forceFlush: () => batches.drain(),
    shutdown: () => batches.drain().then(() => exporter.shutdown()),
  };
}

function recordProcessor({ batches, exporter }: Queue<ReadableLogRecord>): LogRecordProcessor {
  return {
    onEmit: (record) => batches.offer(record),
    forceFlush: () => batches.drain(),
    shutdown: () => batches.drain().then(() => exporter.shutdown()),
  };
}

function traceExporter(options: OtlpOptions): Exporter<ReadableSpan> {
  return new DirectTraceExporter(exporterOptions(options, 'traces'));
}

function logExporter(options: OtlpOptions): Exporter<ReadableLogRecord> {
  return new DirectLogExporter(exporterOptions(options, 'logs'));
}

function exporterOptions(options: OtlpOptions, signal: 'traces' | 'logs') {
  const url = options.endpoint === undefined ? {} : { url: `${options.endpoint.replace(/\/$/, '')}/v1/${signal}` };
  // The exporter's own type is an enum with these two values, which it does not export.
  const compression = options.compression === undefined ? {} : { compression: options.compression as never };
  return {
    ...url,
    ...compression,
    ...(Object.keys(options.headers).length > 0 ? { headers: { ...options.headers } } : {}),
  };
}
