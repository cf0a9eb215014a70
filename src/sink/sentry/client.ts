/**
 * One Sentry event → one request, with the official client as a courier and nothing more. Its default integrations stay off:
 * they drop every second equal failure, read files of this machine at the worker's paths, and add this process's host,
 * packages, log lines and crashes to the user's project. The client is our own instance, with no hold on the process, so
 * that several can live side by side. It costs 50 MB, so that only a daemon with a DSN imports this file.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { type Event, makeNodeTransport, NodeClient } from '@sentry/node';
import type { Millis } from '../../event/ids.ts';
import type { SentryEvent } from './event.ts';
import { restMsOf } from './rate-limits.ts';

export interface SentryClientOptions {
  readonly dsn: string;
  /** Ours, as the event tells it. */
  readonly version: string;
  /** Requests at once. */
  readonly lanes: number;
  readonly clock: { now(): Millis; after(ms: Millis, run: () => void): Disposable };
}

export interface SentryResponse {
  /** `delivered`; `limited`: not now; `failed`: perhaps at another time; `refused`: never. */
  readonly outcome: 'delivered' | 'limited' | 'failed' | 'refused';
  /** `http-503`, or `no-answer`. */
  readonly reason: string;
  /** For so long nothing more is wanted; 0 when that was not said. */
  readonly restMs: Millis;
}

export interface SentryClient {
  /** Never rejects, and answers within ten seconds or so. */
  send(event: SentryEvent): Promise<SentryResponse>;
  /** Ends every request, those to come included: each has no answer. */
  abort(): void;
  close(): Promise<void>;
}

/** A request that has no answer by then has none. */
const requestTimeoutMs = 10_000;

/**
 * `sendEvent` is the client's own last step: what it gets it puts into an envelope and sends as it is. The steps before it
 * add what the client knows of this process, cut nested values, and can drop an event without a word; none has a use here.
 */
export function createSentryClient(options: SentryClientOptions): SentryClient {
  const answers = new Map<string, (answer: SentryResponse) => void>();
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
      const answer = answerOf(statusCode, restMsOf({ statusCode, headers: headers ?? {} }, options.clock.now()));
      // A client that was limited throws events away until its own clock says otherwise; when to go on is our affair.
      if (answer.restMs > 0 && created === client) renew();
      answers.get(id)?.(answer);
      answers.delete(id);
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
        answers.set(event.event_id, resolve);
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

function answerOf(statusCode: number | undefined, restMs: Millis): SentryResponse {
  if (statusCode === undefined) return { outcome: 'failed', reason: 'no-answer', restMs };
  const reason = `http-${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'delivered', reason, restMs };
  if (statusCode === 429) return { outcome: 'limited', reason, restMs };
  return { outcome: statusCode >= 500 || statusCode === 408 ? 'failed' : 'refused', reason, restMs };
}

/** The envelope's header tells the task's own trace too. A copy, for the client writes into what it sends. */
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

/** The client's transport has no deadline: a server that never answers would hold its place for ever. */
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
