/**
 * An OpenTelemetry Collector that writes what it is sent to a file, as OTLP's JSON, through its own redaction processor:
 * what that still finds, ours has missed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, start, temporaryFolder, tools, waitFor } from './process.ts';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number; readonly message?: string };
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface CollectedRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** `blocked` are patterns of what must not arrive. */
export async function startCollector(blocked: readonly string[]) {
  const port = await freePort();
  const dir = temporaryFolder();
  const [traces, logs] = [join(dir, 'traces.json'), join(dir, 'logs.json')];
  const config = join(dir, 'config.yaml');
  writeFileSync(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
processors: { redaction: { allow_all_keys: true, blocked_values: ${JSON.stringify(blocked)}, summary: debug } }
exporters: { file/traces: { path: "${traces}" }, file/logs: { path: "${logs}" } }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [redaction], exporters: [file/traces] }
    logs: { receivers: [otlp], processors: [redaction], exporters: [file/logs] }
  telemetry: { metrics: { level: none }, logs: { level: info, encoding: json } }
`,
  );
  const server = start(join(tools, 'bin/otelcol'), ['--config', config]);
  await waitFor(
    () => `the collector listens: ${server.output()}`,
    20_000,
    () => server.output().includes('Everything is ready'),
  );
  return {
    ...server,
    endpoint: `http://127.0.0.1:${port}`,
    spans: (): CollectedSpan[] =>
      linesOf(traces).flatMap(({ resourceSpans = [] }) =>
        resourceSpans.flatMap(({ resource, scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(span, attributesOf(resource.attributes)))),
        ),
      ),
    records: (): CollectedRecord[] =>
      linesOf(logs).flatMap(({ resourceLogs = [] }) =>
        resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords.map(recordOf))),
      ),
    /** All that arrived, as text. */
    text: (): string => [traces, logs].map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join(''),
  };
}

interface Line {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes?: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly RawRecord[] }[];
  }[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

type RawSpan = Omit<CollectedSpan, 'attributes' | 'links' | 'events' | 'resource'> & {
  readonly attributes?: readonly Attribute[];
  readonly links?: readonly {
    readonly traceId: string;
    readonly spanId: string;
    readonly attributes?: readonly Attribute[];
  }[];
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly Attribute[] }[];
};
type RawRecord = Omit<CollectedRecord, 'attributes' | 'body'> & {
  readonly attributes?: readonly Attribute[];
  readonly body: { readonly stringValue: string };
};

/** The collector may be in the middle of its last line. */
function linesOf(file: string): Line[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

function spanOf(span: RawSpan, resource: Readonly<Record<string, unknown>>): CollectedSpan {
  return {
    ...span,
    parentSpanId: span.parentSpanId ?? '',
    resource,
    attributes: attributesOf(span.attributes),
    links: (span.links ?? []).map((link) => ({ ...link, attributes: attributesOf(link.attributes) })),
    events: (span.events ?? []).map((event) => ({ ...event, attributes: attributesOf(event.attributes) })),
  };
}

function recordOf(record: RawRecord): CollectedRecord {
  return { ...record, body: record.body.stringValue, attributes: attributesOf(record.attributes) };
}

function attributesOf(attributes: readonly Attribute[] = []): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
