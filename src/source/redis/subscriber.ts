/**
 * A subscription to Redis pub/sub that reconnects. Redis keeps nothing for a subscriber that is not connected, so every
 * interval without a subscription is a gap: after a lost connection, and after Redis dropped a subscriber that read too slowly.
 */
import type { Redis } from 'ioredis';
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import type { Clock } from '../../runtime/clock.ts';
import { Inbox, type InboxOptions } from '../inbox.ts';
import { reconnectMs } from '../reconnect.ts';
import type { GapCause, Outlet, Source } from '../source.ts';
import type { RedisAddress } from './address.ts';
import { createListener } from './connection.ts';
import { RedisMessages } from './messages.ts';
import { createTap } from './socket-tap.ts';

export interface SubscriberOptions {
  readonly name: string;
  readonly address: RedisAddress;
  readonly patterns: readonly string[];
  readonly channels: readonly string[];
  /** Format of every message of this subscription. */
  readonly form: string;
  readonly priorityOf: InboxOptions['priorityOf'];
  /** Filter that runs before a message costs anything more. Refused messages are counted. */
  readonly accepts?: ((payload: string, channel: string) => boolean) | undefined;
  /**
   * The same filter on the bytes of the payload, before they become text. Not called behind Sentinel, where the driver
   * delivers text.
   */
  readonly acceptsBytes?: ((bytes: Buffer, from: number, to: number) => boolean) | undefined;
  /** True if `accepts` reads the channel. Otherwise the channel is '', because creating its text takes time. */
  readonly isChannelWanted: boolean;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
}

/** Room for a burst of some 60,000 messages while they are parsed. Redis drops a subscriber at 32 MB. */
const inboxCharsMax = 64 * 1024 * 1024;
/** A PING finds a dead connection; missing heartbeats would not show it, because a fleet can be idle. */
const pingEveryMs = 10_000;
const pingWithinMs = 9_000;
/** In a large fleet nearly all messages belong to other hosts, so they are counted here and reported together. */
const countEveryMs = 1_000;

export function createSubscriber(options: SubscriberOptions): Source {
  return new Subscriber(options);
}

/** Everything that exists between a start and a stop. */
interface Running {
  readonly connection: Redis;
  readonly inbox: Inbox;
  readonly timers: readonly Disposable[];
}

class Subscriber implements Source {
  readonly name: string;
  readonly #options: SubscriberOptions;
  #running: Running | undefined;
  /** Time of the last bytes over the present subscription; undefined without one. */
  #lastReceivedAt: Millis | undefined;
  #gap: { readonly since: Millis; readonly cause: GapCause } | undefined;
  #lastError = 'closed';
  #foreignCount = 0;

  constructor(options: SubscriberOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async start(outlet: Outlet): Promise<void> {
    const { clock } = this.#options;
    const inbox = this.#createInbox(outlet);
    const connection = this.#createConnection(inbox, outlet);
    this.#running = {
      connection,
      inbox,
      timers: [
        clock.every(pingEveryMs, () => this.#ping(connection)),
        clock.every(countEveryMs, () => this.#reportForeign()),
      ],
    };
    // A failed first attempt is retried like any later one.
    connection.connect().catch(() => {});
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    for (const timer of running?.timers ?? []) timer[Symbol.dispose]();
    this.#reportForeign();
    running?.connection.disconnect();
    running?.inbox.drain();
  }

  #createInbox(outlet: Outlet): Inbox {
    const { report, priorityOf } = this.#options;
    return new Inbox({
      charsMax: inboxCharsMax,
      priorityOf,
      handle: (message) => outlet.message(message),
      dropped: (count, from, to) => {
        report({ kind: 'items-dropped', queue: this.name, reason: 'overload', count });
        outlet.gap({ source: this.name, from, to, cause: 'overload' });
      },
    });
  }

  #createConnection(inbox: Inbox, outlet: Outlet): Redis {
    const { address, clock, isChannelWanted, form, accepts, acceptsBytes } = this.#options;
    const message = (channel: string, payload: string): void => {
      const receivedAt = clock.now();
      this.#lastReceivedAt = receivedAt;
      if (accepts !== undefined && !accepts(payload, channel)) this.#foreignCount += 1;
      else inbox.put({ source: this.name, receivedAt, payload, form });
    };
    const isAccepted = (bytes: Buffer, from: number, to: number): boolean => {
      if (acceptsBytes?.(bytes, from, to) !== false) return true;
      this.#foreignCount += 1;
      return false;
    };
    const received = (): void => {
      if (this.#lastReceivedAt !== undefined) this.#lastReceivedAt = clock.now();
    };
    const readerOptions = { message, isChannelWanted, accepts: acceptsBytes && isAccepted };
    const tap = createTap({ createReader: () => new RedisMessages(readerOptions), received, clock });
    const connection = createListener({ address, retryMs: (times) => this.#retryMs(times), tap });
    connection.on('message', message);
    connection.on('pmessage', (_pattern: string, channel: string, payload: string) => message(channel, payload));
    connection.on('error', (error: Error) => {
      this.#lastError = reasonOf(error);
    });
    connection.on('ready', () => void this.#subscribe(connection, outlet));
    connection.on('close', () => this.#noteClosed(inbox, outlet));
    return connection;
  }

  async #subscribe(connection: Redis, outlet: Outlet): Promise<void> {
    const { patterns, channels, clock, report } = this.#options;
    const replies = await Promise.allSettled([
      ...patterns.map((pattern) => connection.psubscribe(pattern)),
      ...channels.map((channel) => connection.subscribe(channel)),
    ]);
    // An ACL may allow only one of the two forms, and one is enough.
    if (!replies.some(({ status }) => status === 'fulfilled')) {
      const refused = replies.find((reply) => reply.status === 'rejected');
      this.#lastError = refused?.reason instanceof Error ? refused.reason.message : 'subscription refused';
      connection.disconnect(true);
      return;
    }
    const at = clock.now();
    report({ kind: 'source-connected', source: this.name });
    outlet.connected(true, at);
    if (this.#gap !== undefined)
      outlet.gap({ source: this.name, from: this.#gap.since, to: at, cause: this.#gap.cause });
    this.#gap = undefined;
    this.#lastReceivedAt = at;
  }

  /** The bytes that Redis had buffered are lost with the connection, so the gap starts at the last message received. */
  #noteClosed(inbox: Inbox, outlet: Outlet): void {
    if (this.#lastReceivedAt !== undefined) {
      this.#gap ??= { since: this.#lastReceivedAt, cause: inbox.size > 0 ? 'too-slow' : 'connection-lost' };
      outlet.connected(false, this.#options.clock.now());
    }
    this.#lastReceivedAt = undefined;
  }

  #retryMs(times: number): Millis {
    const retryInMs = reconnectMs(times, this.#options.random);
    this.#options.report({ kind: 'source-disconnected', source: this.name, reason: this.#lastError, retryInMs });
    return retryInMs;
  }

  #reportForeign(): void {
    if (this.#foreignCount > 0)
      this.#options.report({ kind: 'foreign-messages', source: this.name, count: this.#foreignCount });
    this.#foreignCount = 0;
  }

  /** Reconnects if the server does not answer in time. */
  #ping(connection: Redis): void {
    if (connection.status !== 'ready') return;
    const reconnect = (): void => {
      if (connection.status === 'ready') connection.disconnect(true);
    };
    const timer = this.#options.clock.after(pingWithinMs, reconnect);
    // An error reply is a reply too; a rejection without one means that the connection is closed already.
    const settled = (): void => timer[Symbol.dispose]();
    connection.ping().then(settled, settled);
  }
}

/** The error's code or first words, without the address that drivers put into the text. */
function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code ?? error.message.slice(0, 120);
}
