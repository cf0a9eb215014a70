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
import { ReadLag, type ReadLagOptions, tickEveryMs } from './read-lag.ts';
import { createTap } from './socket-tap.ts';

export interface SubscriberOptions {
  readonly name: string;
  readonly address: RedisAddress;
  readonly patterns: readonly string[];
  readonly channels: readonly string[];
  /** Format of every message of this subscription. */
  readonly form: string;
  readonly priorityOf: InboxOptions['priorityOf'];
  /** Read once a second, and when the connection is lost, to find out how far this process was behind. */
  readonly sendingOf?: ReadLagOptions['sendingOf'];
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
const pingWithinMs = 8_000;
/** The rest of the wait. After a pause of this process the answer is read before it ends. */
const pingAnswerReadMs = 1_000;

export function createSubscriber(options: SubscriberOptions): Source {
  return new Subscriber(options);
}

/** Everything that exists between a start and a stop. */
interface Running {
  readonly connection: Redis;
  readonly inbox: Inbox;
  readonly outlet: Outlet;
  readonly timers: readonly Disposable[];
}

class Subscriber implements Source {
  readonly name: string;
  readonly #options: SubscriberOptions;
  #running: Running | undefined;
  /** Time of the last bytes over the present subscription; undefined without one. */
  #lastReceivedAt: Millis | undefined;
  #gap: { readonly since: Millis; readonly cause: GapCause } | undefined;
  #lag: ReadLag;
  #isLagging = false;
  #lastError = 'closed';
  #foreignCount = 0;

  constructor(options: SubscriberOptions) {
    this.name = options.name;
    this.#options = options;
    this.#lag = this.#createLag();
  }

  async start(outlet: Outlet): Promise<void> {
    const { clock } = this.#options;
    const inbox = this.#createInbox(outlet);
    const connection = this.#createConnection(inbox, outlet);
    this.#lag = this.#createLag();
    this.#running = {
      connection,
      inbox,
      outlet,
      timers: [clock.every(pingEveryMs, () => this.#ping(connection)), clock.every(tickEveryMs, () => this.#tick())],
    };
    // A failed first attempt is retried like any later one.
    connection.connect().catch(() => {});
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    for (const timer of running.timers) timer[Symbol.dispose]();
    this.#reportForeign();
    running.inbox.drain();
    this.#noteClosed(running);
    this.#running = undefined;
    running.connection.disconnect();
  }

  retryNow(): void {
    const connection = this.#running?.connection;
    if (connection?.status === 'reconnecting') connection.connect().catch(() => {});
  }

  #createLag(): ReadLag {
    const { clock, sendingOf = () => undefined } = this.#options;
    return new ReadLag({ sendingOf, now: clock.now() });
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
      // Bytes may arrive until the socket has closed.
      if (this.#running?.inbox !== inbox) return;
      const receivedAt = clock.now();
      this.#lastReceivedAt = receivedAt;
      if (accepts !== undefined && !accepts(payload, channel)) {
        this.#foreignCount += 1;
        return;
      }
      const taken = { source: this.name, receivedAt, payload, form };
      this.#lag.noteMessage(taken);
      inbox.put(taken);
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
    connection.on('close', () => {
      if (this.#running?.connection === connection) this.#noteClosed(this.#running);
    });
    return connection;
  }

  async #subscribe(connection: Redis, outlet: Outlet): Promise<void> {
    const { patterns, channels, clock, report } = this.#options;
    const replies = await Promise.allSettled([
      ...patterns.map((pattern) => connection.psubscribe(pattern)),
      ...channels.map((channel) => connection.subscribe(channel)),
    ]);
    if (this.#running?.connection !== connection) return;
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

  /** The bytes that Redis had buffered are lost with the connection, so the gap starts where the reading had arrived. */
  #noteClosed({ inbox, outlet }: Running): void {
    const lastReceivedAt = this.#lastReceivedAt;
    this.#lastReceivedAt = undefined;
    if (lastReceivedAt === undefined) return;
    const now = this.#options.clock.now();
    const { at, isLate } = this.#lag.readUntil(lastReceivedAt, now);
    this.#gap ??= { since: at, cause: isLate || inbox.size > 0 ? 'too-slow' : 'connection-lost' };
    outlet.connected(false, now);
  }

  #retryMs(times: number): Millis {
    const retryInMs = reconnectMs(times, this.#options.random);
    this.#options.report({ kind: 'source-disconnected', source: this.name, reason: this.#lastError, retryInMs });
    return retryInMs;
  }

  #tick(): void {
    this.#reportForeign();
    const { clock, report } = this.#options;
    const lagMs = this.#lag.tick(clock.now());
    if (lagMs !== undefined && !this.#isLagging) report({ kind: 'source-lagging', source: this.name, lagMs });
    this.#isLagging = lagMs !== undefined;
  }

  /** In a large fleet nearly all messages belong to other hosts, so they are counted here and reported together. */
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
    const { clock } = this.#options;
    let timer = clock.after(pingWithinMs, () => {
      timer = clock.after(pingAnswerReadMs, reconnect);
    });
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
