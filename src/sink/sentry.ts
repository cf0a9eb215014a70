/**
 * Failure → Sentry, with the official client as a courier and nothing more. Its default integrations stay off: they drop
 * every second equal failure, read files of this machine at the worker's paths, and add this process's host, packages,
 * log lines and crashes to the user's project. The client is our own instance, with no hold on the process, so that
 * several can live side by side.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { type Event, makeNodeTransport, NodeClient } from '@sentry/node';
import type { Failure, FailureClass } from '../failure/failure.ts';
import type { Report } from '../report.ts';
import { isUnseenByWorker, type SentryEvent, type SentryEventOptions, sentryEventOf } from './sentry-event.ts';

export interface SentrySinkOptions extends SentryEventOptions {
  readonly dsn: string;
  /** `unseen`: only what the Sentry SDK inside the worker cannot report itself, for projects that have one. */
  readonly mode: 'all' | 'unseen';
  /** Classes that become events; somebody's own cancelling is seldom an issue. */
  readonly classes: ReadonlySet<FailureClass>;
  /** Failures waiting for Sentry; beyond it new ones are dropped and counted. */
  readonly itemsMax: number;
  readonly report: Report;
  after(ms: number, run: () => void): Disposable;
}

export interface SentrySink {
  /** Never waits and never throws. */
  offer(failure: Failure): void;
  /** Delivers what waits, for at most `withinMs`; the rest is counted as dropped. */
  stop(withinMs: number): Promise<void>;
}

/** Enough to fill a fast line; Sentry limits the rate of a project anyway. */
const lanes = 4;
/** A request that has no answer by then has none. */
const requestTimeoutMs = 10_000;
/** With the waits between them about a minute: an outage longer than that is one that Sentry's own page tells about. */
const triesMax = 6;
const firstWaitMs = 1_000;
const waitMsMax = 60_000;
/** Sentry asks for at most minutes; a server that asks for a day is mistaken. */
const pauseMsMax = 10 * 60_000;
/** What the client itself assumes when a 429 does not say how long. */
const pauseMs = 60_000;

export function createSentrySink(options: SentrySinkOptions): SentrySink {
  const { mode, classes, itemsMax, report, after } = options;
  const courier = createCourier(options);
  const waiting: SentryEvent[] = [];
  /** Ids under way or waiting: the same failure told twice is one event. */
  const held = new Set<string>();
  const sleepers = new Set<() => void>();
  let busy = 0;
  /** Set while Sentry wants to be left alone; the client would only throw away what is given to it. */
  let pause: Promise<void> | undefined;
  let isStopped = false;
  let onIdle: (() => void) | undefined;

  async function deliver(event: SentryEvent): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      await pause;
      if (isStopped) return dropped('stopping', 1);
      const answer = await courier.send(event);
      if (answer.isDelivered) return report({ kind: 'delivered', sink: 'sentry', count: 1 });
      const willRetry = answer.isRetryable && tries < triesMax && !isStopped;
      report({ kind: 'delivery-failed', sink: 'sentry', reason: answer.reason, count: 1, willRetry });
      if (!willRetry) return;
      if (answer.pauseMs === undefined) await sleep(Math.min(firstWaitMs * 2 ** (tries - 1), waitMsMax));
      else
        pause ??= sleep(Math.min(answer.pauseMs, pauseMsMax)).then(() => {
          pause = undefined;
        });
    }
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer[Symbol.dispose]();
        sleepers.delete(wake);
        resolve();
      };
      const timer = after(ms, wake);
      sleepers.add(wake);
    });
  }

  function pump(): void {
    while (busy < lanes) {
      const event = waiting.shift();
      if (event === undefined) break;
      busy += 1;
      deliver(event)
        .catch((error: unknown) => report({ kind: 'bug', where: 'sentry sink', error }))
        .finally(() => {
          busy -= 1;
          held.delete(event.event_id);
          pump();
        });
    }
    if (busy === 0) onIdle?.();
  }

  function dropped(reason: string, count: number): void {
    if (count > 0) report({ kind: 'items-dropped', queue: 'sentry', reason, count });
  }

  return {
    offer(failure) {
      if (!classes.has(failure.class) || (mode === 'unseen' && !isUnseenByWorker(failure))) return;
      const event = sentryEventOf(failure, options);
      if (held.has(event.event_id)) return;
      if (isStopped || held.size >= itemsMax) {
        dropped(isStopped ? 'stopped' : 'full', 1);
        return;
      }
      held.add(event.event_id);
      waiting.push(event);
      pump();
    },

    async stop(withinMs) {
      if (busy > 0 && withinMs > 0) {
        const deadline = Promise.withResolvers<void>();
        const timer = after(withinMs, deadline.resolve);
        const idle = new Promise<void>((resolve) => {
          onIdle = resolve;
        });
        await Promise.race([idle, deadline.promise]);
        timer[Symbol.dispose]();
      }
      isStopped = true;
      dropped('stopping', waiting.splice(0).length);
      for (const wake of [...sleepers]) wake();
      courier.abort();
      if (busy > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      await courier.close();
    },
  };
}

type Answer =
  | { readonly isDelivered: true }
  | {
      readonly isDelivered: false;
      readonly reason: string;
      readonly isRetryable: boolean;
      /** How long Sentry wants no event at all. */
      readonly pauseMs: number | undefined;
    };

interface Courier {
  send(event: SentryEvent): Promise<Answer>;
  /** Ends every request, those to come included: each has no answer. */
  abort(): void;
  close(): Promise<void>;
}

/**
 * `sendEvent` is the client's own last step: what it gets it puts into an envelope and sends as it is. The steps before it
 * add what the client knows of this process, cut nested values, and can drop an event without a word; none has a use here.
 */
function createCourier(options: SentrySinkOptions): Courier {
  const answers = new Map<string, (answer: Answer) => void>();
  const stopping = new AbortController();
  const client = new NodeClient({
    dsn: options.dsn,
    integrations: [],
    stackParser: () => [],
    transport: makeNodeTransport,
    transportOptions: { bufferSize: 2 * lanes, httpModule: withDeadline(options, stopping.signal) },
    includeServerName: false,
    enableRuntimeChannelInjection: false,
    sendClientReports: false,
    // Keeps the client from adding its span streaming.
    traceLifecycle: 'static',
    _metadata: { sdk: { name: 'taskvigil', version: '1' } },
  });
  const publicKey = client.getDsn()?.publicKey;
  client.on('afterSendEvent', (event, response) => {
    const id = event.event_id ?? '';
    answers.get(id)?.(answerOf(response));
    answers.delete(id);
  });

  return {
    send(event) {
      return new Promise((resolve) => {
        answers.set(event.event_id, resolve);
        client.sendEvent(withEnvelopeTrace(event, publicKey));
      });
    },

    abort() {
      stopping.abort();
    },

    async close() {
      await client.close(0);
    },
  };
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
function withDeadline({ dsn, after }: SentrySinkOptions, stopping: AbortSignal): HttpModule {
  const { request } = dsn.startsWith('https:') ? https : http;
  return {
    request(options, onResponse) {
      const deadline = new AbortController();
      const timer = after(requestTimeoutMs, () => deadline.abort());
      const signal = AbortSignal.any([deadline.signal, stopping]);
      const outgoing = request({ ...(options as http.RequestOptions), signal }, onResponse as never);
      outgoing.once('close', () => timer[Symbol.dispose]());
      return outgoing;
    },
  };
}

interface Response {
  readonly statusCode?: number | undefined;
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
}

function answerOf({ statusCode, headers }: Response): Answer {
  if (statusCode !== undefined && statusCode >= 200 && statusCode < 300) return { isDelivered: true };
  if (statusCode === 429)
    return { isDelivered: false, reason: 'http-429', isRetryable: true, pauseMs: pauseOf(headers) };
  return {
    isDelivered: false,
    reason: statusCode === undefined ? 'no-answer' : `http-${statusCode}`,
    isRetryable: statusCode === undefined || statusCode >= 500,
    pauseMs: undefined,
  };
}

/** `Retry-After: 60`, or the first limit of `X-Sentry-Rate-Limits: 60:error:organization`, both in seconds. */
function pauseOf(headers: Response['headers']): number {
  const said = headers?.['retry-after'] ?? headers?.['x-sentry-rate-limits'] ?? '';
  const seconds = /^\d+/.exec(said)?.[0];
  return seconds === undefined ? pauseMs : Number(seconds) * 1000;
}
