/**
 * A subscription to Redis pub/sub that comes back. Redis keeps nothing for a subscriber that is away, so every time this was
 * not listening is told as a gap: after a lost connection, and after Redis dropped us for reading too slowly.
 */
import type { Redis } from 'ioredis';
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import type { Clock } from '../../runtime/clock.ts';
import { Inbox } from '../inbox.ts';
import type { Message, Outlet, Source } from '../source.ts';
import { createListener, type RedisAddress } from './connection.ts';

export interface SubscriberOptions {
  readonly name: string;
  readonly address: RedisAddress;
  readonly patterns: readonly string[];
  readonly channels: readonly string[];
  readonly form: Message['form'];
  /** Asked of each message before it costs anything more; what is not ours is counted. */
  readonly accepts?: ((payload: string, channel: string) => boolean) | undefined;
  /** The same of a payload's bytes, before it is made a text; not asked where the driver makes it. */
  readonly acceptsBytes?: ((bytes: Buffer, from: number, to: number) => boolean) | undefined;
  /** Whether `accepts` looks at the channel. */
  readonly isChannelWanted: boolean;
  readonly now: () => Millis;
  readonly every: (ms: number, run: () => void) => Disposable;
  readonly after: (ms: number, run: () => void) => Disposable;
  readonly timeoutSignal: Clock['timeoutSignal'];
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
}

/** Holds a burst of some 60,000 messages while they are parsed; Redis itself would give up on us at 32 MB. */
const inboxCharsMax = 64 * 1024 * 1024;
const retryMsMax = 30_000;
/** A connection that is dead on the way is found by asking; heartbeats alone would not tell, a fleet can be silent. */
const pingEveryMs = 10_000;
/** What is not ours is nearly everything in a large fleet, so it is counted together. */
const countEveryMs = 1_000;

export function createSubscriber(options: SubscriberOptions): Source {
  const { name, now, report, form, accepts, acceptsBytes } = options;
  let redis: Redis | undefined;
  let pinger: Disposable | undefined;
  let inbox: Inbox | undefined;
  let lastHeardAt: Millis | undefined;
  let deaf: { readonly since: Millis; readonly cause: 'connection-lost' | 'too-slow' } | undefined;
  let lastError = 'closed';
  let foreign = 0;
  let counter: Disposable | undefined;

  function countForeign(): void {
    if (foreign > 0) report({ kind: 'foreign-messages', source: name, count: foreign });
    foreign = 0;
  }

  async function listen(outlet: Outlet, connection: Redis): Promise<void> {
    const answers = await Promise.allSettled([
      ...options.patterns.map((pattern) => connection.psubscribe(pattern)),
      ...options.channels.map((channel) => connection.subscribe(channel)),
    ]);
    // An ACL may allow one form only; one that stands is enough.
    if (!answers.some(({ status }) => status === 'fulfilled')) {
      const refused = answers.find((answer) => answer.status === 'rejected');
      lastError = refused?.reason instanceof Error ? refused.reason.message : 'subscription refused';
      connection.disconnect(true);
      return;
    }
    const at = now();
    report({ kind: 'source-connected', source: name });
    outlet.connected(true, at);
    if (deaf !== undefined) outlet.gap({ source: name, from: deaf.since, to: at, cause: deaf.cause });
    deaf = undefined;
    lastHeardAt = at;
  }

  function closed(outlet: Outlet): void {
    if (lastHeardAt !== undefined) {
      // What Redis had buffered for us went with the connection, so we were deaf since the last message, not since now.
      deaf ??= { since: lastHeardAt, cause: (inbox?.size ?? 0) > 0 ? 'too-slow' : 'connection-lost' };
      outlet.connected(false, now());
    }
    lastHeardAt = undefined;
  }

  function retryMs(times: number): number {
    const most = Math.min(retryMsMax, 250 * 2 ** Math.min(times, 10));
    const wait = Math.round(most / 2 + (most / 2) * options.random());
    report({ kind: 'source-disconnected', source: name, reason: lastError, retryInMs: wait });
    return wait;
  }

  return {
    name,
    async start(outlet) {
      const box = new Inbox({
        charsMax: inboxCharsMax,
        handle: (message) => outlet.message(message),
        dropped: (count, from, to) => {
          report({ kind: 'items-dropped', queue: name, reason: 'overload', count });
          outlet.gap({ source: name, from, to, cause: 'overload' });
        },
      });
      inbox = box;
      const take = (channel: string, payload: string): void => {
        const receivedAt = now();
        lastHeardAt = receivedAt;
        if (accepts !== undefined && !accepts(payload, channel)) foreign += 1;
        else box.put({ source: name, receivedAt, payload, form } satisfies Message);
      };
      const takesBytes = (bytes: Buffer, from: number, to: number): boolean => {
        if (acceptsBytes?.(bytes, from, to) !== false) return true;
        foreign += 1;
        return false;
      };
      const connection = createListener(options.address, retryMs, {
        heard: () => {
          if (lastHeardAt !== undefined) lastHeardAt = now();
        },
        message: take,
        isChannelWanted: options.isChannelWanted,
        accepts: acceptsBytes && takesBytes,
        after: options.after,
      });
      redis = connection;
      connection.on('message', take);
      connection.on('pmessage', (_pattern: string, channel: string, payload: string) => take(channel, payload));
      connection.on('error', (error: Error) => {
        lastError = reasonOf(error);
      });
      connection.on('ready', () => void listen(outlet, connection));
      connection.on('close', () => closed(outlet));
      // The first attempt may fail like any later one: retryStrategy goes on.
      connection.connect().catch(() => {});
      pinger = options.every(pingEveryMs, () => ping(connection, options.timeoutSignal(pingEveryMs - 1_000)));
      counter = options.every(countEveryMs, countForeign);
    },
    async stop() {
      pinger?.[Symbol.dispose]();
      pinger = undefined;
      counter?.[Symbol.dispose]();
      countForeign();
      redis?.disconnect();
      redis = undefined;
      inbox?.drain();
      inbox = undefined;
    },
  };
}

/** Restarts the connection when no answer came between two questions. */
function ping(connection: Redis, deadline: AbortSignal): void {
  if (connection.status !== 'ready') return;
  let isAnswered = false;
  connection.ping().then(
    () => {
      isAnswered = true;
    },
    () => {},
  );
  deadline.addEventListener('abort', () => {
    if (!isAnswered && connection.status === 'ready') connection.disconnect(true);
  });
}

/** The error's code or first words, without the address that drivers like to put in. */
function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code ?? error.message.slice(0, 120);
}
