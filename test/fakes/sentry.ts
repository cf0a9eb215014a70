/**
 * A fake Sentry server: accepts envelopes over HTTP with the project's key, keeps everything, refuses on demand, and
 * recognizes an event that it has by its id.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { eventBytesMax, objectionsTo } from './sentry-content.ts';

export interface FakeEnvelope {
  readonly headers: Record<string, unknown>;
  readonly items: readonly { readonly headers: Record<string, unknown>; readonly payload: unknown }[];
}

type FakeEvent = Record<string, unknown>;

export interface FakeSentry {
  readonly dsn: string;
  readonly url: string;
  /** Bodies as they were sent, after un-gzip, also those that were refused. */
  readonly bytes: readonly Buffer[];
  /** One word per request, in order: `200`, `429`, `hang up`. */
  readonly log: readonly string[];
  /** Path, query and encoding of each request. */
  readonly requests: readonly { readonly url: URL; readonly encoding: string | undefined }[];
  /** Envelopes that were taken. */
  envelopes(): readonly FakeEnvelope[];
  /** Events in the envelopes that were taken, each id once. */
  events(): readonly FakeEvent[];
  /** Problems of the events for a strict server. */
  objections(): readonly string[];
  /** One for each fingerprint, with its events and the failures that they stand for. */
  issues(): readonly { readonly fingerprint: string; readonly events: number; readonly occurrences: number }[];
  /** The next request is answered with `status`; 0 hangs up without an answer. An event is taken with 200 only. */
  answerNext(status: number, headers?: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

const publicKey = '0123456789abcdef0123456789abcdef';

export async function startFakeSentry(): Promise<FakeSentry> {
  const bytes: Buffer[] = [];
  const taken: FakeEnvelope[] = [];
  const events = new Map<unknown, FakeEvent>();
  const objections: string[] = [];
  const log: string[] = [];
  const requests: FakeSentry['requests'][number][] = [];
  const answers: { readonly status: number; readonly headers: Readonly<Record<string, string>> }[] = [];

  function statusFor(envelope: FakeEnvelope, url: URL, request: IncomingMessage): number {
    if (url.pathname !== '/api/42/envelope/' || request.method !== 'POST') return 404;
    if (keyOf(url, request) !== publicKey) return 403;
    const sizes = envelope.items.map(({ payload }) => Buffer.byteLength(JSON.stringify(payload)));
    return sizes.some((size) => size > eventBytesMax) ? 413 : 200;
  }

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    bytes.push(body);
    const url = new URL(request.url ?? '', 'http://fake');
    requests.push({ url, encoding: request.headers['content-encoding'] });
    const envelope = parseEnvelope(body);
    const sent = envelope.items.filter(isEvent).map(({ payload }) => payload as FakeEvent);
    objections.push(...sent.flatMap(objectionsTo));
    const answer = answers.shift();
    if (answer?.status === 0) {
      log.push('hang up');
      request.socket.destroy();
      return;
    }
    const status = answer?.status ?? statusFor(envelope, url, request);
    log.push(String(status));
    response.writeHead(status, { ...answer?.headers, 'content-type': 'application/json' });
    if (status !== 200) {
      response.end(JSON.stringify({ detail: `answered ${status}` }));
      return;
    }
    taken.push(envelope);
    for (const event of sent) events.set(event['event_id'], events.get(event['event_id']) ?? event);
    response.end(JSON.stringify({ id: envelope.headers['event_id'] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');

  return {
    dsn: `http://${publicKey}@127.0.0.1:${address.port}/42`,
    url: `http://127.0.0.1:${address.port}`,
    bytes,
    log,
    requests,
    envelopes: () => taken,
    events: () => [...events.values()],
    objections: () => objections,
    issues() {
      const byFingerprint = Map.groupBy(events.values(), (event) => JSON.stringify(event['fingerprint']));
      return [...byFingerprint].map(([fingerprint, all]) => ({
        fingerprint,
        events: all.length,
        occurrences: all.reduce((sum, event) => sum + occurrencesOf(event), 0),
      }));
    },
    answerNext(status, headers = {}) {
      answers.push({ status, headers });
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function occurrencesOf(event: FakeEvent): number {
  return Number((event['tags'] as Record<string, string> | undefined)?.['taskvigil.occurrences']);
}

/** From the query, as browsers' SDKs send it, or from the header. */
function keyOf(url: URL, request: IncomingMessage): string | undefined {
  return (
    url.searchParams.get('sentry_key') ??
    /sentry_key=([^, ]+)/.exec(String(request.headers['x-sentry-auth'] ?? ''))?.[1]
  );
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
