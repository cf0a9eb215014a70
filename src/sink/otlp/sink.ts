/**
 * Exports spans and log records over OTLP/HTTP. NodeSDK provides diagnostics, flush and shutdown; the exporters provide the
 * transport. Items reach the exporters without the SDK's tracer and logger, because their ids and times are known when they
 * are created (docs/decisions/0011-otlp-beside-the-tracer.md). The queue is this project's own, because it counts losses.
 */
import { logs, SeverityNumber, SpanStatusCode, trace } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Report } from '../../report.ts';
import { Batches } from './batches.ts';
import { FastLogExporter, FastTraceExporter } from './exporters.ts';
import type { LogRecord } from './log-records.ts';
import { readableRecord, readableSpan } from './readable.ts';
import { createResource } from './resource.ts';
import type { Span } from './spans.ts';

export interface OtlpOptions {
  /** Base URL, `http://collector:4318`; undefined leaves it to `OTEL_EXPORTER_OTLP_ENDPOINT` and its variants. */
  readonly endpoint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined leaves it to `OTEL_EXPORTER_OTLP_COMPRESSION`. */
  readonly compression: 'gzip' | 'none' | undefined;
  readonly traces: boolean;
  readonly logs: boolean;
  readonly serviceName: string;
  /** Version of taskvigil. */
  readonly version: string;
  /** Further attributes of the resource: the pod in sidecar mode. */
  readonly resource: Readonly<Record<string, string>>;
  readonly after: (ms: number, run: () => void) => Disposable;
  readonly report: Report;
}

/** Spans and the log record of one transition, after sampling. */
export interface TelemetryItems {
  readonly spans: readonly Span[];
  readonly record: LogRecord | undefined;
}

export interface TelemetrySink {
  offer(items: TelemetryItems): void;
  /** Spans and records that have not been delivered. */
  queuedCount(): number;
  /** Delivers what is queued, then shuts the exporters down. */
  stop(): Promise<void>;
}

/** About ten seconds of a busy fleet (a thousand tasks per second, three spans each), some 30 MB at most. */
const itemsMax = 32_768;
const batchMax = 1_024;
const waitMs = 1_000;

/** Starts the SDK. At most one per process: the SDK registers its providers globally. */
export function createOtlpSink(options: OtlpOptions): TelemetrySink {
  const spanQueue = options.traces ? createSpanQueue(options) : undefined;
  const recordQueue = options.logs ? createRecordQueue(options) : undefined;
  const { serviceName, version } = options;
  const resource = createResource({ serviceName, version, attributes: options.resource });
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    spanProcessors: spanQueue === undefined ? [] : [spanProcessorOf(spanQueue)],
    logRecordProcessors: recordQueue === undefined ? [] : [recordProcessorOf(recordQueue)],
    metricReaders: [],
    textMapPropagator: null,
    instrumentations: [],
  });
  sdk.start();
  const origin = { resource, scope: { name: 'taskvigil', version } };
  return {
    offer({ spans, record }) {
      if (spanQueue !== undefined) for (const span of spans) spanQueue.batches.offer(readableSpan(span, origin));
      if (recordQueue !== undefined && record !== undefined) recordQueue.batches.offer(readableRecord(record, origin));
    },
    queuedCount: () => (spanQueue?.batches.size ?? 0) + (recordQueue?.batches.size ?? 0),
    async stop() {
      await sdk.shutdown();
      trace.disable();
      logs.disable();
    },
  };
}

interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

interface ExportQueue<Item> {
  readonly batches: Batches<Item>;
  readonly exporter: Exporter<Item>;
}

function createSpanQueue(options: OtlpOptions): ExportQueue<ReadableSpan> {
  const isImportant = ({ status }: ReadableSpan): boolean => status.code === SpanStatusCode.ERROR;
  return createQueue(
    { sink: 'traces', exporter: new FastTraceExporter(exporterOptions(options, 'traces')), isImportant },
    options,
  );
}

function createRecordQueue(options: OtlpOptions): ExportQueue<ReadableLogRecord> {
  const isImportant = ({ severityNumber = 0 }: ReadableLogRecord): boolean => severityNumber >= SeverityNumber.WARN;
  return createQueue(
    { sink: 'logs', exporter: new FastLogExporter(exporterOptions(options, 'logs')), isImportant },
    options,
  );
}

interface QueueParts<Item> {
  readonly sink: 'traces' | 'logs';
  readonly exporter: Exporter<Item>;
  readonly isImportant: (item: Item) => boolean;
}

function createQueue<Item>(
  { exporter, ...parts }: QueueParts<Item>,
  { after, report }: OtlpOptions,
): ExportQueue<Item> {
  const deliver = (batch: Item[]): Promise<void> =>
    new Promise((resolve, reject) => {
      exporter.export(batch, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) resolve();
        else reject(error ?? new Error('the collector refused the batch'));
      });
    });
  return { exporter, batches: new Batches<Item>({ ...parts, itemsMax, batchMax, waitMs, deliver, after, report }) };
}

function spanProcessorOf({ batches, exporter }: ExportQueue<ReadableSpan>): SpanProcessor {
  return {
    onStart: () => {},
    onEnd: (span) => batches.offer(span),
    forceFlush: () => batches.drain(),
    shutdown: () => batches.drain().then(() => exporter.shutdown()),
  };
}

function recordProcessorOf({ batches, exporter }: ExportQueue<ReadableLogRecord>): LogRecordProcessor {
  return {
    onEmit: (record) => batches.offer(record),
    forceFlush: () => batches.drain(),
    shutdown: () => batches.drain().then(() => exporter.shutdown()),
  };
}

function exporterOptions(options: OtlpOptions, signal: 'traces' | 'logs') {
  const url = options.endpoint === undefined ? {} : { url: `${options.endpoint.replace(/\/$/, '')}/v1/${signal}` };
  // The exporter's type is an enum with these two values, which the package does not export.
  const compression = options.compression === undefined ? {} : { compression: options.compression as never };
  return {
    ...url,
    ...compression,
    ...(Object.keys(options.headers).length > 0 ? { headers: { ...options.headers } } : {}),
  };
}
