/**
 * OpenTelemetry's OTLP/HTTP exporters, with their options, `OTEL_*` environment, retries and time limits. A batch is written
 * by json.ts and compressed once at gzip's fastest level, which costs half of the exporters' own serializer and level 6
 * (docs/decisions/0011-otlp-beside-the-tracer.md). A batch that json.ts cannot write is exported by the exporter itself, so
 * that one odd value does not cost the other items of its batch.
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
import { JsonLogsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { logsRequest, traceRequest } from './json.ts';

export class FastTraceExporter extends OTLPTraceExporter {
  readonly #bodies: IOtlpExportDelegate<Body>;

  constructor(config: OTLPExporterNodeConfigBase) {
    super(config);
    this.#bodies = createBodyDelegate(config, {
      signal: 'TRACES',
      path: 'v1/traces',
      item: 'span',
      deserializeResponse: JsonTraceSerializer.deserializeResponse,
    });
  }

  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const body = bodyOf(spans, traceRequest);
    if (body === undefined) super.export(spans, done);
    else this.#bodies.export(body, done);
  }

  override async forceFlush(): Promise<void> {
    await Promise.all([this.#bodies.forceFlush(), super.forceFlush()]);
  }

  override async shutdown(): Promise<void> {
    await Promise.all([this.#bodies.shutdown(), super.shutdown()]);
  }
}

export class FastLogExporter extends OTLPLogExporter {
  readonly #bodies: IOtlpExportDelegate<Body>;

  constructor(config: OTLPExporterNodeConfigBase) {
    super(config);
    this.#bodies = createBodyDelegate(config, {
      signal: 'LOGS',
      path: 'v1/logs',
      item: 'log',
      deserializeResponse: JsonLogsSerializer.deserializeResponse,
    });
  }

  override export(records: ReadableLogRecord[], done: (result: ExportResult) => void): void {
    const body = bodyOf(records, logsRequest);
    if (body === undefined) super.export(records, done);
    else this.#bodies.export(body, done);
  }

  override async forceFlush(): Promise<void> {
    await Promise.all([this.#bodies.forceFlush(), super.forceFlush()]);
  }

  override async shutdown(): Promise<void> {
    await Promise.all([this.#bodies.shutdown(), super.shutdown()]);
  }
}

/** The JSON of one request. */
interface Body {
  readonly json: string;
  readonly itemCount: number;
}

/** Returns undefined if an item holds a value that JSON cannot represent. */
function bodyOf<Item>(items: readonly Item[], write: (items: readonly Item[]) => string): Body | undefined {
  try {
    return { json: write(items), itemCount: items.length };
  } catch {
    return undefined;
  }
}

interface Signal<Response> {
  readonly signal: 'TRACES' | 'LOGS';
  readonly path: string;
  /** OpenTelemetry's name of one item in the exporter's own metrics. */
  readonly item: 'span' | 'log';
  readonly deserializeResponse: (data: Uint8Array) => Response;
}

/** One allocation for a body of some hundred kilobytes takes a third of the time, for 256 KB more during compression. */
const fastestGzip = { level: 1, memLevel: 9, chunkSize: 256 * 1024 };

/** The transport does not compress: a body is compressed once, and a retry sends the same bytes. */
function createBodyDelegate<Response>(
  config: OTLPExporterNodeConfigBase,
  { signal, path, item, deserializeResponse }: Signal<Response>,
): IOtlpExportDelegate<Body> {
  const options = convertLegacyHttpOptions(config, signal, path, { 'Content-Type': 'application/json' });
  const isGzip = options.compression === 'gzip';
  const transport = isGzip
    ? {
        ...options,
        compression: 'none' as const,
        headers: async () => ({ ...(await options.headers()), 'Content-Encoding': 'gzip' }),
      }
    : options;
  const serializer = {
    serializeRequest: ({ json }: Body): Uint8Array => (isGzip ? gzipSync(json, fastestGzip) : Buffer.from(json)),
    deserializeResponse,
  };
  const metrics = { name: item, countItems: ({ itemCount }: Body) => itemCount };
  return createOtlpHttpExportDelegate(transport, serializer, `otlp_http_${item}_exporter`, metrics, undefined);
}
