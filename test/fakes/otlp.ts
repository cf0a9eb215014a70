/**
 * A fake collector: accepts OTLP/HTTP traces and logs as JSON, plain or gzip, on a real server, keeps every request, and
 * refuses or stalls on demand.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';

export type FakeAttributes = Readonly<Record<string, unknown>>;

export interface FakeSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly isError: boolean;
  readonly attributes: FakeAttributes;
  readonly events: readonly { readonly name: string; readonly attributes: FakeAttributes }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: FakeAttributes }[];
}

export interface FakeLogRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly severity: string;
  readonly body: unknown;
  readonly attributes: FakeAttributes;
}

export interface FakeOtlp {
  /** Base URL: `/v1/traces` and `/v1/logs` are below it. */
  readonly endpoint: string;
  /** One entry per request, in order: path and answer, `/v1/traces 200`, `/v1/logs held`. */
  readonly log: readonly string[];
  /** Of the requests that were taken. */
  spans(): readonly FakeSpan[];
  logRecords(): readonly FakeLogRecord[];
  /** All bodies that arrived, after un-gzip, also those that were refused. */
  bytes(): string;
  /** The next request is answered with `status`; 0 hangs up without an answer. */
  failNext(status: number): void;
  /** From now on requests arrive and are never answered. */
  hold(): void;
  stop(): Promise<void>;
}

export async function startFakeOtlp(): Promise<FakeOtlp> {
  const bodies: string[] = [];
  const log: string[] = [];
  const failures: number[] = [];
  const spans: FakeSpan[] = [];
  const logRecords: FakeLogRecord[] = [];
  let isHolding = false;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const body = await bodyOf(request);
    bodies.push(body);
    if (isHolding) {
      log.push(`${path} held`);
      return;
    }
    const status = failures.shift() ?? statusOf(request);
    log.push(`${path} ${status}`);
    if (status === 0) {
      request.socket.destroy();
      return;
    }
    if (status === 200) take(path, JSON.parse(body));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('{}');
  }

  function take(path: string, body: Json): void {
    if (path === '/v1/traces') spans.push(...under(body, 'resourceSpans', 'scopeSpans', 'spans').map(spanOf));
    else logRecords.push(...under(body, 'resourceLogs', 'scopeLogs', 'logRecords').map(recordOf));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    log,
    spans: () => spans,
    logRecords: () => logRecords,
    bytes: () => bodies.join('\n'),
    failNext(status) {
      failures.push(status);
    },
    hold() {
      isHolding = true;
    },
    async stop() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The response of a collector without a protobuf receiver. */
function statusOf({ url, headers }: IncomingMessage): number {
  if (url !== '/v1/traces' && url !== '/v1/logs') return 404;
  return headers['content-type']?.startsWith('application/json') ? 200 : 415;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
}

/** JSON from outside; tests read few fields of it. */
type Json = Readonly<Record<string, unknown>>;

/** The leaves of the three lists in one another that both signals have. */
function under(body: Json, resources: string, scopes: string, leaves: string): Json[] {
  return listOf(body, resources)
    .flatMap((resource) => listOf(resource, scopes))
    .flatMap((scope) => listOf(scope, leaves));
}

function spanOf(span: Json): FakeSpan {
  const errorStatus = 2;
  return {
    traceId: textOf(span, 'traceId'),
    spanId: textOf(span, 'spanId'),
    parentSpanId: textOf(span, 'parentSpanId'),
    name: textOf(span, 'name'),
    isError: (span['status'] as Json | undefined)?.['code'] === errorStatus,
    attributes: attributesOf(span),
    events: listOf(span, 'events').map((event) => ({ name: textOf(event, 'name'), attributes: attributesOf(event) })),
    links: listOf(span, 'links').map((link) => ({
      traceId: textOf(link, 'traceId'),
      spanId: textOf(link, 'spanId'),
      attributes: attributesOf(link),
    })),
  };
}

function recordOf(record: Json): FakeLogRecord {
  return {
    traceId: textOf(record, 'traceId'),
    spanId: textOf(record, 'spanId'),
    severity: textOf(record, 'severityText'),
    body: plainOf(record['body']),
    attributes: attributesOf(record),
  };
}

function attributesOf(owner: Json): FakeAttributes {
  return Object.fromEntries(listOf(owner, 'attributes').map((one) => [textOf(one, 'key'), plainOf(one['value'])]));
}

/** `{"stringValue": "x"}` → `x`; lists likewise. 64-bit integers may arrive as text. */
function plainOf(value: unknown): unknown {
  const [kind, content] = Object.entries((value ?? {}) as Json)[0] ?? [];
  if (kind === 'intValue') return Number(content);
  return kind === 'arrayValue' ? listOf(content as Json, 'values').map(plainOf) : content;
}

function listOf(owner: Json, name: string): Json[] {
  return (owner[name] as Json[] | undefined) ?? [];
}

function textOf(owner: Json, name: string): string {
  const value = owner[name];
  return typeof value === 'string' ? value : '';
}
