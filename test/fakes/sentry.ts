/** A Sentry server as far as a client can tell: takes envelopes over HTTP, keeps everything, refuses when told to. */
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface FakeEnvelope {
  readonly headers: Record<string, unknown>;
  readonly items: readonly { readonly headers: Record<string, unknown>; readonly payload: unknown }[];
}

export interface FakeSentry {
  readonly dsn: string;
  readonly url: string;
  /** Bodies as they were sent, after un-gzip, also those that were refused. */
  readonly bytes: readonly Buffer[];
  /** One word per request, in order: `200`, `429`, `hang up`. */
  readonly log: readonly string[];
  /** Envelopes that were taken. */
  envelopes(): readonly FakeEnvelope[];
  /** Events in the envelopes that were taken. */
  events(): readonly Record<string, unknown>[];
  /** The next request is answered with `status`; 0 hangs up without an answer. */
  failNext(status: number, retryAfter?: string): void;
  stop(): Promise<void>;
}

export async function startFakeSentry(): Promise<FakeSentry> {
  const bytes: Buffer[] = [];
  const taken: FakeEnvelope[] = [];
  const log: string[] = [];
  const failures: { readonly status: number; readonly retryAfter: string | undefined }[] = [];

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    bytes.push(body);
    const failure = failures.shift();
    if (failure?.status === 0) {
      log.push('hang up');
      request.socket.destroy();
      return;
    }
    const status = failure?.status ?? 200;
    log.push(String(status));
    if (failure?.retryAfter !== undefined) response.setHeader('Retry-After', failure.retryAfter);
    response.writeHead(status, { 'content-type': 'application/json' });
    if (status !== 200) {
      response.end(JSON.stringify({ detail: `told to answer ${status}` }));
      return;
    }
    const envelope = parseEnvelope(body);
    taken.push(envelope);
    response.end(JSON.stringify({ id: envelope.headers['event_id'] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');

  return {
    dsn: `http://public@127.0.0.1:${address.port}/42`,
    url: `http://127.0.0.1:${address.port}`,
    bytes,
    log,
    envelopes: () => taken,
    events: () =>
      taken.flatMap(({ items }) => items.filter(isEvent).map((item) => item.payload as Record<string, unknown>)),
    failNext(status, retryAfter) {
      failures.push({ status, retryAfter });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isEvent(item: FakeEnvelope['items'][number]): boolean {
  return item.headers['type'] === 'event';
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

/** Header line, then per item a header line and a payload: `length` bytes, or up to the end of the line. */
function parseEnvelope(body: Buffer): FakeEnvelope {
  let at = 0;
  const line = (): Buffer => {
    const end = body.indexOf(10, at);
    const text = body.subarray(at, end < 0 ? body.length : end);
    at = end < 0 ? body.length : end + 1;
    return text;
  };
  const headers = JSON.parse(line().toString());
  const items: FakeEnvelope['items'][number][] = [];
  while (at < body.length) {
    const text = line().toString();
    if (text === '') continue;
    const itemHeaders = JSON.parse(text);
    const { length } = itemHeaders;
    const payload = typeof length === 'number' ? body.subarray(at, at + length) : line();
    if (typeof length === 'number') at += length + 1;
    items.push({ headers: itemHeaders, payload: JSON.parse(payload.toString()) });
  }
  return { headers, items };
}
