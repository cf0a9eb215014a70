/**
 * Spans and log records → OTLP/HTTP, through the OpenTelemetry SDK. The SDK brings the resource, the samplers and limits of
 * the `OTEL_*` environment and the exporters; ids come from lifecycle/, and the queue is ours, because it counts its losses.
 */
import {
  type Context,
  type HrTime,
  logs,
  ROOT_CONTEXT,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { IdGenerator, ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Transition } from '../lifecycle/transition.ts';
import type { Report } from '../report.ts';
import { Batches } from './batches.ts';
import { type LogRecord, recordOf, type Severity } from './records.ts';
import { type Span, type SpanLink, spansOf } from './spans.ts';

export interface OtlpOptions {
  /** Base URL, `http://collector:4318`; undefined leaves it to `OTEL_EXPORTER_OTLP_ENDPOINT` and its kin. */
  readonly endpoint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined leaves it to `OTEL_EXPORTER_OTLP_COMPRESSION`. */
  readonly compression: 'gzip' | 'none' | undefined;
  readonly traces: boolean;
  readonly logs: boolean;
  readonly serviceName: string;
  /** Attributes of the resource, for instance the pod in sidecar mode. */
  readonly resource: Readonly<Record<string, string>>;
  readonly after: (ms: number, run: () => void) => Disposable;
  readonly report: Report;
}

export interface TelemetrySink {
  offer(transition: Transition): void;
  /** Spans and records that have not been delivered. */
  held(): number;
  stop(): Promise<void>;
}

// About ten seconds of a busy fleet (a thousand tasks a second, three spans each), some 30 MB at worst.
const itemsMax = 32_768;
const batchMax = 512;
const waitMs = 1_000;

/** Starts the SDK. One of these per process: the SDK registers its providers globally. */
export function createOtlpSink(options: OtlpOptions): TelemetrySink {
  const ids = new GivenIds();
  const spanQueue = options.traces ? queueOf<ReadableSpan>('traces', traceExporter(options), options) : undefined;
  const recordQueue = options.logs ? queueOf<ReadableLogRecord>('logs', logExporter(options), options) : undefined;
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ 'service.name': options.serviceName, ...options.resource }),
    idGenerator: ids,
    spanProcessors: spanQueue === undefined ? [] : [spanProcessor(spanQueue)],
    logRecordProcessors: recordQueue === undefined ? [] : [recordProcessor(recordQueue)],
    metricReaders: [],
    textMapPropagator: null,
    instrumentations: [],
  });
  sdk.start();
  const tracer = trace.getTracer('taskvigil');
  const logger = logs.getLogger('taskvigil');
  return {
    offer(transition) {
      if (spanQueue !== undefined) {
        for (const span of spansOf(transition)) {
          ids.next(span.traceId, span.spanId);
          exportSpan(tracer, span);
        }
      }
      if (recordQueue === undefined) return;
      const record = recordOf(transition);
      logger.emit({
        timestamp: hrTimeOf(record.at),
        severityNumber: severityNumbers[record.severity],
        severityText: record.severity,
        body: record.body,
        attributes: attributesOf(record.attributes),
        context: contextOf(record.traceId, record.spanId),
      });
    },
    held: () => (spanQueue?.batches.size ?? 0) + (recordQueue?.batches.size ?? 0),
    async stop() {
      await sdk.shutdown();
      trace.disable();
      logs.disable();
    },
  };
}

/** Hands the SDK the ids that lifecycle/ computed, one pair per span. */
class GivenIds implements IdGenerator {
  #traceId = '';
  #spanId = '';

  next(traceId: string, spanId: string): void {
    this.#traceId = traceId;
    this.#spanId = spanId;
  }

  generateTraceId(): string {
    return this.#traceId;
  }

  generateSpanId(): string {
    return this.#spanId;
  }
}

const kinds = { internal: SpanKind.INTERNAL, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;

const severityNumbers: Record<Severity, SeverityNumber> = {
  DEBUG: SeverityNumber.DEBUG,
  INFO: SeverityNumber.INFO,
  WARN: SeverityNumber.WARN,
  ERROR: SeverityNumber.ERROR,
};

function exportSpan(tracer: ReturnType<typeof trace.getTracer>, span: Span): void {
  const parent = span.parentSpanId === undefined ? ROOT_CONTEXT : contextOf(span.traceId, span.parentSpanId);
  const made = tracer.startSpan(
    span.name,
    {
      kind: kinds[span.kind],
      startTime: hrTimeOf(span.startAt),
      attributes: attributesOf(span.attributes),
      links: span.links.map(linkOf),
    },
    parent,
  );
  for (const event of span.events) made.addEvent(event.name, attributesOf(event.attributes), hrTimeOf(event.at));
  if (span.isError) {
    made.setStatus({
      code: SpanStatusCode.ERROR,
      ...(span.statusMessage === undefined ? {} : { message: span.statusMessage }),
    });
  }
  made.end(hrTimeOf(span.endAt));
}

function linkOf(link: SpanLink) {
  return {
    context: { traceId: link.traceId, spanId: link.spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
    attributes: attributesOf(link.attributes),
  };
}

function contextOf(traceId: string, spanId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

/** The SDK's type wants its lists to be writable; it does not write them. */
function attributesOf(attributes: LogRecord['attributes']): Record<string, string | number | boolean | string[]> {
  return attributes as Record<string, string | number | boolean | string[]>;
}

function hrTimeOf(at: number): HrTime {
  const seconds = Math.floor(at / 1_000);
  return [seconds, Math.round((at - seconds * 1_000) * 1e6)];
}

interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

interface Queue<Item> {
  readonly batches: Batches<Item>;
  readonly exporter: Exporter<Item>;
}

function queueOf<Item>(sink: 'traces' | 'logs', exporter: Exporter<Item>, { after, report }: OtlpOptions): Queue<Item> {
  const deliver = (batch: Item[]): Promise<void> =>
    new Promise((resolve, reject) => {
      exporter.export(batch, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) resolve();
        else reject(error ?? new Error('the collector did not take the batch'));
      });
    });
  return { exporter, batches: new Batches<Item>({ sink, itemsMax, batchMax, waitMs, deliver, after, report }) };
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
  return new OTLPTraceExporter(exporterOptions(options, 'traces'));
}

function logExporter(options: OtlpOptions): Exporter<ReadableLogRecord> {
  return new OTLPLogExporter(exporterOptions(options, 'logs'));
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
