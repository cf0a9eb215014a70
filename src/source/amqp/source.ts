/**
 * A source over RabbitMQ with a durable queue of its own. The queue keeps messages while this process is not connected, so a
 * lost connection is no gap; a gap is what the queue itself lost or dropped.
 *
 *   connecting ──▶ queue prepared ──▶ consuming ──▶ lost ──▶ (wait) ──▶ connecting
 *       └──────────────┴──── refused ──▶ (wait) ──▶ connecting
 *
 * Delivery is at least once: messages delivered just before a connection broke may arrive again.
 */
import type { Clock } from '../../runtime/clock.ts';
import { reconnectMs } from '../reconnect.ts';
import type { Outlet, Source } from '../source.ts';
import type { AmqpAddress } from './address.ts';
import { type AmqpConnection, openConnection, reasonOf } from './connection.ts';
import { Consumer } from './consumer.ts';
import { AmqpGapDetector, type AmqpGapDetectorOptions } from './gap-detector.ts';
import { prepareQueue, type QueueOptions } from './queue.ts';

export interface AmqpSourceOptions extends QueueOptions, AmqpGapDetectorOptions {
  readonly address: AmqpAddress;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
}

/** From the first byte to the first event. A broker that takes longer is tried again. */
const setUpMsMax = 20_000;
/** A broker that does not answer the close must not delay a shutdown. */
const closeMsMax = 2_000;
/** An operator may delete the exchange or the binding, and the broker sends no notice of it. */
const bindEveryMs = 30_000;

export function createAmqpSource(options: AmqpSourceOptions): Source {
  const gaps = new AmqpGapDetector(options);
  let running: { readonly stopping: AbortController; readonly ended: Promise<void> } | undefined;
  return {
    name: options.name,
    keptMs: () => gaps.keptMs(),
    async start(outlet) {
      if (running !== undefined) return;
      const stopping = new AbortController();
      running = { stopping, ended: keepListening({ options, gaps, outlet, stopping: stopping.signal }) };
    },
    async stop() {
      const current = running;
      running = undefined;
      current?.stopping.abort();
      await current?.ended;
    },
  };
}

interface Listening {
  readonly options: AmqpSourceOptions;
  readonly gaps: AmqpGapDetector;
  readonly outlet: Outlet;
  readonly stopping: AbortSignal;
}

/** Listens until `stopping` aborts. Never rejects. */
async function keepListening(listening: Listening): Promise<void> {
  const { name, clock, random, report } = listening.options;
  const { stopping } = listening;
  let failures = 0;
  while (!stopping.aborted) {
    const { reason, wasConnected } = await new ConnectionRun(listening).run();
    if (stopping.aborted) return;
    failures = wasConnected ? 1 : failures + 1;
    const retryInMs = reconnectMs(failures, random);
    report({ kind: 'source-disconnected', source: name, reason, retryInMs });
    await clock.sleep(retryInMs, stopping);
  }
}

interface ConnectionEnd {
  readonly reason: string;
  readonly wasConnected: boolean;
}

/** One connection, from its first byte to its end. */
class ConnectionRun {
  readonly #listening: Listening;
  readonly #socket = new AbortController();
  readonly #stopRequested = Promise.withResolvers<string>();
  #connection: AmqpConnection | undefined;
  #isConsuming = false;
  #wasConnected = false;

  constructor(listening: Listening) {
    this.#listening = listening;
  }

  /** Never rejects. */
  async run(): Promise<ConnectionEnd> {
    const { gaps, outlet, stopping } = this.#listening;
    const onStop = (): void => this.#stop();
    stopping.addEventListener('abort', onStop);
    let reason = 'no answer in time';
    try {
      reason = await this.#consume(await this.#setUp());
    } catch (error) {
      if (!this.#socket.signal.aborted) reason = this.#connection?.endedWith() ?? reasonOf(error);
    } finally {
      stopping.removeEventListener('abort', onStop);
      await this.#close();
      if (this.#wasConnected) gaps.disconnected(outlet);
    }
    return { reason, wasConnected: this.#wasConnected };
  }

  /** During set-up there is nothing to finish in order, so the socket is destroyed. */
  #stop(): void {
    if (this.#isConsuming) this.#stopRequested.resolve('stopped');
    else this.#socket.abort();
  }

  async #setUp(): Promise<Consumer> {
    const { options, gaps, outlet } = this.#listening;
    using _deadline = options.clock.after(setUpMsMax, () => this.#socket.abort());
    this.#connection = await openConnection(options.address, options.name, this.#socket.signal);
    const { model } = this.#connection;
    if ((await prepareQueue(model, options)).isNew) gaps.queueCreated();
    return Consumer.start({
      channel: await model.createChannel(),
      queue: options.queue,
      clock: options.clock,
      deliver: (slice) => gaps.deliver(slice, outlet),
    });
  }

  /** Resolves with the reason when the connection ended or a stop was requested. */
  async #consume(consumer: Consumer): Promise<string> {
    const { options, gaps, outlet, stopping } = this.#listening;
    const connection = this.#connection as AmqpConnection;
    this.#wasConnected = true;
    gaps.connected(outlet);
    using _binding = options.clock.every(bindEveryMs, () => consumer.bind(options.exchange));
    this.#isConsuming = true;
    if (stopping.aborted) this.#stop();
    const reason = await Promise.race([connection.closed, consumer.closed, this.#stopRequested.promise]);
    if (stopping.aborted) {
      using _deadline = options.clock.after(closeMsMax, () => this.#socket.abort());
      await consumer.finish();
    }
    consumer.abandon();
    return connection.endedWith() ?? reason;
  }

  async #close(): Promise<void> {
    if (this.#connection !== undefined) {
      using _deadline = this.#listening.options.clock.after(closeMsMax, () => this.#socket.abort());
      await this.#connection.close();
    }
    this.#socket.abort();
  }
}
