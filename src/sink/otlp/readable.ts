/**
 * Views of plain spans and records as the objects that OpenTelemetry's exporters read, without the SDK's tracer
 * (docs/decisions/0011-otlp-beside-the-tracer.md).
 */
import {
  type HrTime,
  SeverityNumber,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Attributes } from './attributes.ts';
import type { LogRecord, LogSeverity } from './log-records.ts';
import type { Span, SpanEvent, SpanLink } from './spans.ts';

/** Resource and scope of every span and record. */
export interface Origin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
}

const kinds = { internal: SpanKind.INTERNAL, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;

const unset = { code: SpanStatusCode.UNSET } as const;

export function readableSpan(span: Span, origin: Origin): ReadableSpan {
  return new SpanView(span, origin);
}

/** Computes each property when the exporter reads it, so that a queued span takes no more memory than the plain one. */
class SpanView implements ReadableSpan {
  readonly #span: Span;
  readonly #origin: Origin;
  readonly ended = true;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;

  constructor(span: Span, origin: Origin) {
    this.#span = span;
    this.#origin = origin;
  }

  get name() {
    return this.#span.name;
  }

  get kind() {
    return kinds[this.#span.kind];
  }

  spanContext(): SpanContext {
    return contextOf(this.#span.traceId, this.#span.spanId, false);
  }

  get parentSpanContext() {
    const { traceId, parentSpanId } = this.#span;
    // The type requires the property to be absent, which a getter cannot be.
    return (parentSpanId === undefined ? undefined : contextOf(traceId, parentSpanId, true)) as SpanContext;
  }

  get startTime() {
    return hrTimeOf(this.#span.startAt);
  }

  get endTime() {
    return hrTimeOf(this.#span.endAt);
  }

  get duration() {
    return hrTimeOf(this.#span.endAt - this.#span.startAt);
  }

  get status() {
    const { isError, statusMessage } = this.#span;
    if (!isError) return unset;
    return { code: SpanStatusCode.ERROR, ...(statusMessage === undefined ? {} : { message: statusMessage }) };
  }

  get attributes() {
    return writable(this.#span.attributes);
  }

  get links() {
    return this.#span.links.map(linkOf);
  }

  get events() {
    return this.#span.events.map(eventOf);
  }

  get resource() {
    return this.#origin.resource;
  }

  get instrumentationScope() {
    return this.#origin.scope;
  }
}

const severityNumbers: Record<LogSeverity, SeverityNumber> = {
  DEBUG: SeverityNumber.DEBUG,
  INFO: SeverityNumber.INFO,
  WARN: SeverityNumber.WARN,
  ERROR: SeverityNumber.ERROR,
};

export function readableRecord(record: LogRecord, { resource, scope }: Origin): ReadableLogRecord {
  const hrTime = hrTimeOf(record.at);
  return {
    hrTime,
    hrTimeObserved: record.observedAt === undefined ? hrTime : hrTimeOf(record.observedAt),
    spanContext: contextOf(record.traceId, record.spanId, true),
    severityText: record.severity,
    severityNumber: severityNumbers[record.severity],
    body: record.body,
    attributes: writable(record.attributes),
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
  };
}

function contextOf(traceId: string, spanId: string, isRemote: boolean): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote };
}

function linkOf({ traceId, spanId, attributes }: SpanLink) {
  return { context: contextOf(traceId, spanId, true), attributes: writable(attributes) };
}

function eventOf({ name, at, attributes }: SpanEvent) {
  return { name, time: hrTimeOf(at), attributes: writable(attributes), droppedAttributesCount: 0 };
}

/** The exporters' type requires writable lists, although the exporters do not write to them. */
function writable(attributes: Attributes): Record<string, string | number | boolean | string[]> {
  return attributes as Record<string, string | number | boolean | string[]>;
}

function hrTimeOf(at: number): HrTime {
  const seconds = Math.floor(at / 1_000);
  const nanos = Math.round((at - seconds * 1_000) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, 0];
}
