/**
 * Our plain spans and records as the objects that OpenTelemetry's exporters read. Made by hand: everything about them is known
 * when they are made, and the SDK's tracer, which is built for spans that grow, would cost as much as all of our own work.
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

/** What all of them share. */
export interface Origin {
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
}

const kinds = { internal: SpanKind.INTERNAL, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;

const unset = { code: SpanStatusCode.UNSET } as const;

export function readableSpan(span: Span, origin: Origin): ReadableSpan {
  return new SpanView(span, origin);
}

/** Computes what the exporter asks for when it asks, once, so that a span in the queue is no more than the plain one. */
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
    // The type wants the property to be left out, which a getter cannot be.
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
    hrTimeObserved: hrTime,
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

/** The exporters' type wants its lists to be writable; they do not write them. */
function writable(attributes: Attributes): Record<string, string | number | boolean | string[]> {
  return attributes as Record<string, string | number | boolean | string[]>;
}

function hrTimeOf(at: number): HrTime {
  const seconds = Math.floor(at / 1_000);
  const nanos = Math.round((at - seconds * 1_000) * 1e6);
  return nanos < 1e9 ? [seconds, nanos] : [seconds + 1, 0];
}
