/**
 * Spans and log records → the JSON of an OTLP/HTTP request, written straight as text. The exporters' own serializer builds
 * an object for every attribute and a BigInt for every time first; by itself it would cost as much as all we do with an event.
 * What is empty or zero is left out, which OTLP's JSON (proto3) reads as the same.
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
      const said = JSON.stringify({ name, version });
      return `{"scope":${said},"${list}":[${ofScope.map(write).join()}]${schemaOf(schemaUrl)}}`;
    });
    const { attributes, schemaUrl } = resource;
    return `{"resource":{${attributesJson(attributes)}},"scope${what}":[${scopes.join()}]${schemaOf(schemaUrl)}}`;
  });
  return `{"resource${what}":[${resources.join()}]}`;
}

function schemaOf(url: string | undefined): string {
  return url === undefined || url === '' ? '' : `,"schemaUrl":${JSON.stringify(url)}`;
}

// How OTLP says in a span's flags that it is known whether the parent is in another process, and that it is.
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
  const said = attributesJson(attributes ?? {});
  return `{"timeUnixNano":"${nanosOf(time)}","name":${JSON.stringify(name)}${said === '' ? '' : `,${said}`}}`;
}

function linkJson({ context, attributes }: ReadableSpan['links'][number]): string {
  const said = attributesJson(attributes ?? {});
  return `{"traceId":"${context.traceId}","spanId":"${context.spanId}"${said === '' ? '' : `,${said}`}}`;
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

/** `"attributes":[…]`, or nothing for none. */
function attributesJson(attributes: Readonly<Record<string, unknown>>): string {
  let list = '';
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined || value === null) continue;
    list += `${list === '' ? '' : ','}${keyJson(key)}${valueJson(value)}}}`;
  }
  return list === '' ? '' : `"attributes":[${list}]`;
}

/** Attribute names are a short closed list; were they not, this is where it ends. */
const keysMax = 1_000;
const keys = new Map<string, string>();

function keyJson(key: string): string {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const text = `{"key":${JSON.stringify(key)},"value":{`;
  if (keys.size < keysMax) keys.set(key, text);
  return text;
}

/** The inside of an `AnyValue`. We write no maps and no bytes. */
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
