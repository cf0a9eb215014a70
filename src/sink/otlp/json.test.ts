import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonLogsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import fc from 'fast-check';
import { logsRequest, traceRequest } from './json.ts';
import type { LogRecord, LogSeverity } from './log-records.ts';
import { type Origin, readableRecord, readableSpan } from './readable.ts';
import type { Span } from './spans.ts';

const origin: Origin = {
  resource: resourceFromAttributes({ 'service.name': 'celery "prod"', 'process.pid': 7 }),
  scope: { name: 'taskvigil', version: '1.2.3' },
};

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const text = fc.string({ unit: 'binary', maxLength: 20 });
const value = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.array(text, { maxLength: 3 }),
);
const attributes = fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), value, {
  maxKeys: 6,
  noNullPrototype: true,
});
const at = fc.double({ min: 0, max: 2e12, noNaN: true });

const span: fc.Arbitrary<Span> = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: fc.option(hex(16), { nil: undefined }),
  name: text,
  kind: fc.constantFrom('internal', 'producer', 'consumer'),
  startAt: at,
  endAt: at,
  isError: fc.boolean(),
  statusMessage: fc.option(text, { nil: undefined }),
  attributes,
  events: fc.array(fc.record({ name: text, at, attributes }), { maxLength: 2 }),
  links: fc.array(fc.record({ traceId: hex(32), spanId: hex(16), attributes }), { maxLength: 2 }),
});

const record: fc.Arbitrary<LogRecord> = fc.record({
  at,
  severity: fc.constantFrom<LogSeverity>('DEBUG', 'INFO', 'WARN', 'ERROR'),
  body: text,
  traceId: hex(32),
  spanId: hex(16),
  attributes,
});

/** The proto3 view of a request: without zero counts, empty lists and the flags of links. */
function meaning(value: unknown, inLink = false): unknown {
  if (Array.isArray(value)) return value.map((each) => meaning(each, inLink));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .filter(([key]) => !(key.startsWith('dropped') || (inLink && key === 'flags')))
    .map(([key, of]) => [key, meaning(of, key === 'links')] as const)
    .filter(([key, of]) => !(key !== 'values' && Array.isArray(of) && of.length === 0))
    .filter(([key, of]) => !(key === 'status' && (of as { code: number }).code === 0));
  return Object.fromEntries(kept);
}

const parsed = (bytes: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(bytes ?? []).toString());

test('spans are written as the exporter of OpenTelemetry would write them', () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), (spans) => {
      const items = spans.map((each) => readableSpan(each, origin));
      const theirs = parsed(JsonTraceSerializer.serializeRequest(items));
      assert.deepEqual(meaning(JSON.parse(traceRequest(items))), meaning(theirs));
    }),
  );
});

test('log records are written as the exporter of OpenTelemetry would write them', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const items = records.map((each) => readableRecord(each, origin));
      const theirs = parsed(JsonLogsSerializer.serializeRequest(items));
      assert.deepEqual(meaning(JSON.parse(logsRequest(items))), meaning(theirs));
    }),
  );
});

test('items are grouped by resource', () => {
  const other: Origin = { ...origin, resource: resourceFromAttributes({ 'service.name': 'other' }) };
  const plain: Span = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    parentSpanId: undefined,
    name: 'shop.checkout',
    kind: 'consumer',
    startAt: 1,
    endAt: 2,
    isError: false,
    statusMessage: undefined,
    attributes: {},
    events: [],
    links: [],
  };
  const written = JSON.parse(traceRequest([readableSpan(plain, origin), readableSpan(plain, other)])) as {
    resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
  };
  assert.deepEqual(
    written.resourceSpans.map(({ scopeSpans }) => scopeSpans.map(({ spans }) => spans.length)),
    [[1], [1]],
  );
});
