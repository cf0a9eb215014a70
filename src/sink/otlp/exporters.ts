/**
 * OpenTelemetry's OTLP/HTTP exporters with their options, `OTEL_*` environment, retries and time limits, and our own way to
 * write the body: JSON straight as text, packed once at gzip's fastest level. The exporters pack at level 6, which makes the
 * bodies a fifth smaller and costs four times as much; on a stream of spans that is more than everything else we do.
 */
import { gzipSync } from 'node:zlib';
import type { ExportResult } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { IOtlpExportDelegate } from '@opentelemetry/otlp-exporter-base';
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
  type OTLPExporterNodeConfigBase,
} from '@opentelemetry/otlp-exporter-base/node-http';
import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  LogsExporterMetricsHelper,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { logsRequest, traceRequest } from './json.ts';

export class DirectTraceExporter extends OTLPTraceExporter {
  readonly #delegate: IOtlpExportDelegate<ReadableSpan[]>;

  constructor(config: OTLPExporterNodeConfigBase) {
    super(config);
    const { options, pack } = transportOf(config, 'TRACES', 'v1/traces');
    const serializer = {
      serializeRequest: (spans: ReadableSpan[]) => pack(traceRequest(spans)),
      deserializeResponse: JsonTraceSerializer.deserializeResponse,
    };
    const kind = 'otlp_http_span_exporter';
    this.#delegate = createOtlpHttpExportDelegate(options, serializer, kind, TraceExporterMetricsHelper, undefined);
  }

  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#delegate.export(spans, done);
  }

  override forceFlush(): Promise<void> {
    return this.#delegate.forceFlush();
  }

  override async shutdown(): Promise<void> {
    await this.#delegate.shutdown();
    await super.shutdown();
  }
}

export class DirectLogExporter extends OTLPLogExporter {
  readonly #delegate: IOtlpExportDelegate<ReadableLogRecord[]>;

  constructor(config: OTLPExporterNodeConfigBase) {
    super(config);
    const { options, pack } = transportOf(config, 'LOGS', 'v1/logs');
    const serializer = {
      serializeRequest: (records: ReadableLogRecord[]) => pack(logsRequest(records)),
      deserializeResponse: JsonLogsSerializer.deserializeResponse,
    };
    const kind = 'otlp_http_log_exporter';
    this.#delegate = createOtlpHttpExportDelegate(options, serializer, kind, LogsExporterMetricsHelper, undefined);
  }

  override export(records: ReadableLogRecord[], done: (result: ExportResult) => void): void {
    this.#delegate.export(records, done);
  }

  override forceFlush(): Promise<void> {
    return this.#delegate.forceFlush();
  }

  override async shutdown(): Promise<void> {
    await this.#delegate.shutdown();
    await super.shutdown();
  }
}

/** A body is some hundred kilobytes: room for all of it at once is a third of the time, for 256 KB more while it is packed. */
const fastest = { level: 1, memLevel: 9, chunkSize: 256 * 1024 };

/** The transport is told not to compress: a body is packed once, and sent again as it is. */
function transportOf(config: OTLPExporterNodeConfigBase, signal: 'TRACES' | 'LOGS', path: string) {
  const options = convertLegacyHttpOptions(config, signal, path, { 'Content-Type': 'application/json' });
  if (options.compression !== 'gzip') return { options, pack: (text: string): Uint8Array => Buffer.from(text) };
  return {
    options: {
      ...options,
      compression: 'none' as const,
      headers: async () => ({ ...(await options.headers()), 'Content-Encoding': 'gzip' }),
    },
    pack: (text: string): Uint8Array => gzipSync(text, fastest),
  };
}
