/**
 * The JSON of an OTLP/HTTP request, written directly as text. The exporters' own serializer first builds an object for every
 * attribute and a BigInt for every time, which costs more than the rest of an event's path. Empty and zero values are left
 * out; OTLP's JSON (proto3) treats them as equal to absent ones.
 */
import { type HrTime, SpanStatusCode } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** `ExportTraceServiceRequest`. */
export function traceRequest(spans: readonly ReadableSpan[]): string {
  return request('Spans', 'spans', spans, spanJson);
}

/** `ExportLogsServiceRequest`. */
export function logsRequest(records: readonly ReadableLogRecord[]): string {
  return request('Logs', 'logRecords', records, recordJson);
}

interface Item {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
}

function request<T extends Item>(what: string, list: string, items: readonly T[], write: (item: T) => string): string {
  const resources = [...Map.groupBy(items, (item) => item.resource)].map(([resource, ofResource]) => {
    const scopes = [...Map.groupBy(ofResource, (item) => item.instrumentationScope)].map(([scope, ofScope]) => {
      const { name, version, schemaUrl } = scope;
      const identity = JSON.stringify({ name, version });
      return `{"scope":${identity},"${list}":[${ofScope.map(write).join()}]${schemaOf(schemaUrl)}}`;
    });
    const { attributes, schemaUrl } = resource;
    return `{"resource":{${attributesJson(attributes)}},"scope${what}":[${scopes.join()}]${schemaOf(schemaUrl)}}`;
  });
  return `{"resource${what}":[${resources.join()}]}`;
}

function schemaOf(url: string | undefined): string {
  return url === undefined || url === '' ? '' : `,"schemaUrl":${JSON.stringify(url)}`;
}

// Bits of OTLP's span flags: the location of the parent is known, and it is another process.
const parentIsKnown = 0x100;
const parentIsRemote = 0x200;

function spanJson(span: ReadableSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const parent = span.parentSpanContext;
  const flags = (traceFlags & 0xff) | parentIsKnown | (parent?.isRemote === true ? parentIsRemote : 0);
  let text = `{"traceId":"${traceId}","spanId":"${spanId}",`;
  if (parent !== undefined) text += `"parentSpanId":"${parent.spanId}",`;
  text += `"name":${JSON.stringify(span.name)},"kind":${span.kind + 1},"startTimeUnixNano":"${nanosOf(span.startTime)}","endTimeUnixNano":"${nanosOf(span.endTime)}","flags":${flags}`;
  const attributes = attributesJson(span.attributes);
  if (attributes !== '') text += `,${attributes}`;
  if (span.events.length > 0) text += `,"events":[${span.events.map(eventJson).join()}]`;
  if (span.links.length > 0) text += `,"links":[${span.links.map(linkJson).join()}]`;
  const { code, message } = span.status;
  if (code !== SpanStatusCode.UNSET) text += `,"status":{"code":${code}${fieldOf('message', message)}}`;
  return `${text}}`;
}

function eventJson({ name, time, attributes }: ReadableSpan['events'][number]): string {
  const list = attributesJson(attributes ?? {});
  return `{"timeUnixNano":"${nanosOf(time)}","name":${JSON.stringify(name)}${list === '' ? '' : `,${list}`}}`;
}

function linkJson({ context, attributes }: ReadableSpan['links'][number]): string {
  const list = attributesJson(attributes ?? {});
  return `{"traceId":"${context.traceId}","spanId":"${context.spanId}"${list === '' ? '' : `,${list}`}}`;
}

function recordJson(record: ReadableLogRecord): string {
  const { spanContext, severityNumber, severityText, body } = record;
  let text = `{"timeUnixNano":"${nanosOf(record.hrTime)}","observedTimeUnixNano":"${nanosOf(record.hrTimeObserved)}"`;
  if (severityNumber !== undefined) text += `,"severityNumber":${severityNumber}`;
  text += fieldOf('severityText', severityText);
  if (body !== undefined) text += `,"body":{${valueJson(body)}}`;
  const attributes = attributesJson(record.attributes);
  if (attributes !== '') text += `,${attributes}`;
  if (spanContext !== undefined)
    text += `,"flags":${spanContext.traceFlags},"traceId":"${spanContext.traceId}","spanId":"${spanContext.spanId}"`;
  return `${text}}`;
}

function fieldOf(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

/** `"attributes":[…]`, or '' without attributes. */
function attributesJson(attributes: Readonly<Record<string, unknown>>): string {
  let list = '';
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined || value === null) continue;
    list += `${list === '' ? '' : ','}${keyJson(key)}${valueJson(value)}}}`;
  }
  return list === '' ? '' : `"attributes":[${list}]`;
}

/** Attribute names are a short closed list; the limit protects against a mistake. */
const keysMax = 1_000;
const keys = new Map<string, string>();

function keyJson(key: string): string {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const text = `{"key":${JSON.stringify(key)},"value":{`;
  if (keys.size < keysMax) keys.set(key, text);
  return text;
}

/** The content of an `AnyValue`. Spans and records contain no maps and no bytes. */
function valueJson(value: unknown): string {
  if (typeof value === 'string') return `"stringValue":${JSON.stringify(value)}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `"intValue":${value}` : doubleJson(value);
  if (typeof value === 'boolean') return `"boolValue":${value}`;
  if (Array.isArray(value)) return `"arrayValue":{"values":[${value.map((each) => `{${valueJson(each)}}`).join()}]}`;
  return `"stringValue":${JSON.stringify(JSON.stringify(value) ?? '')}`;
}

function doubleJson(value: number): string {
  return `"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}`;
}

function nanosOf([seconds, nanos]: HrTime): string {
  return seconds === 0 ? String(nanos) : `${seconds}${String(nanos).padStart(9, '0')}`;
}
