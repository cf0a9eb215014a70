/**
 * Sends one Sentry event as one request, with the official client as the transport only. Its default integrations stay off:
 * they drop every second equal failure, read files of this machine at the worker's paths, and add this process's host,
 * packages, log lines and crashes to the user's project. The client is a separate instance without global state, so that
 * several can exist in one process. It takes 50 MB, so only a daemon with a DSN imports this file.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { type Event, makeNodeTransport, NodeClient } from '@sentry/node';
import type { Millis } from '../../event/ids.ts';
import type { SentryEvent } from './event.ts';
import { restMsOf } from './rate-limits.ts';

export interface SentryClientOptions {
  readonly dsn: string;
  /** Version of taskvigil, for the event's SDK. */
  readonly version: string;
  /** Requests at the same time. */
  readonly lanes: number;
  readonly clock: { now(): Millis; after(ms: Millis, run: () => void): Disposable };
}

export interface SentryResponse {
  /** `limited`: to be sent later; `failed`: may be retried; `refused`: would be refused again. */
  readonly outcome: 'delivered' | 'limited' | 'failed' | 'refused';
  /** `http-503`, or `no-answer`. */
  readonly reason: string;
  /** Milliseconds without further requests; 0 without a rate limit. */
  readonly restMs: Millis;
}

export interface SentryClient {
  /** Never rejects, and resolves within about ten seconds. */
  send(event: SentryEvent): Promise<SentryResponse>;
  /** Ends every request, including later ones, with `no-answer`. */
  abort(): void;
  close(): Promise<void>;
}

/** Limit of one request. */
const requestTimeoutMs = 10_000;

/**
 * `sendEvent` is the last step of the client: it puts an event into an envelope and sends it unchanged. The steps before it
 * add data about this process, cut nested values, and may drop an event silently, so they are not used.
 */
export function createSentryClient(options: SentryClientOptions): SentryClient {
  const pending = new Map<string, (response: SentryResponse) => void>();
  const stopping = new AbortController();
  const closing = new Set<Promise<unknown>>();
  let client = createClient();

  function createClient(): NodeClient {
    const created = new NodeClient({
      dsn: options.dsn,
      integrations: [],
      stackParser: () => [],
      transport: makeNodeTransport,
      transportOptions: { bufferSize: 2 * options.lanes, httpModule: withDeadline(options, stopping.signal) },
      includeServerName: false,
      enableRuntimeChannelInjection: false,
      sendClientReports: false,
      // Keeps the client from adding its span streaming.
      traceLifecycle: 'static',
      _metadata: { sdk: { name: 'taskvigil', version: options.version } },
    });
    created.on('afterSendEvent', ({ event_id: id = '' }, { statusCode, headers }) => {
      const response = responseOf(statusCode, restMsOf({ statusCode, headers: headers ?? {} }, options.clock.now()));
      // A rate-limited client drops events by its own clock; the deliveries control the pause, so it is replaced.
      if (response.restMs > 0 && created === client) renew();
      pending.get(id)?.(response);
      pending.delete(id);
    });
    return created;
  }

  function renew(): void {
    const closed: Promise<unknown> = Promise.resolve(client.close(requestTimeoutMs)).finally(() =>
      closing.delete(closed),
    );
    closing.add(closed);
    client = createClient();
  }

  return {
    send(event) {
      return new Promise((resolve) => {
        pending.set(event.event_id, resolve);
        client.sendEvent(withEnvelopeTrace(event, client.getDsn()?.publicKey));
      });
    },

    abort() {
      stopping.abort();
    },

    async close() {
      await Promise.all([client.close(0), ...closing]);
    },
  };
}

function responseOf(statusCode: number | undefined, restMs: Millis): SentryResponse {
  if (statusCode === undefined) return { outcome: 'failed', reason: 'no-answer', restMs };
  const reason = `http-${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'delivered', reason, restMs };
  if (statusCode === 429) return { outcome: 'limited', reason, restMs };
  return { outcome: statusCode >= 500 || statusCode === 408 ? 'failed' : 'refused', reason, restMs };
}

/** Adds the task's trace to the envelope's header. A copy, because the client writes into the event. */
function withEnvelopeTrace(event: SentryEvent, publicKey: string | undefined): Event {
  const dynamicSamplingContext = {
    trace_id: event.contexts.trace.trace_id,
    ...(publicKey !== undefined && { public_key: publicKey }),
    ...(event.environment !== undefined && { environment: event.environment }),
    ...(event.release !== undefined && { release: event.release }),
  };
  return { ...(event as Event), sdkProcessingMetadata: { dynamicSamplingContext } };
}

type HttpModule = NonNullable<Parameters<typeof makeNodeTransport>[0]['httpModule']>;

/** Adds a deadline, which the client's transport lacks: a server that never responds would block a lane for ever. */
function withDeadline({ dsn, clock }: SentryClientOptions, stopping: AbortSignal): HttpModule {
  const { request } = dsn.startsWith('https:') ? https : http;
  return {
    request(options, onResponse) {
      const deadline = new AbortController();
      const timer = clock.after(requestTimeoutMs, () => deadline.abort());
      const signal = AbortSignal.any([deadline.signal, stopping]);
      const outgoing = request({ ...(options as http.RequestOptions), signal }, onResponse as never);
      outgoing.once('close', () => timer[Symbol.dispose]());
      return outgoing;
    },
  };
}
