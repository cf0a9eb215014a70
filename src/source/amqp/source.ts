/**
 * Celery events over RabbitMQ, through a durable queue of our own. It keeps what is said while we are away, so a lost
 * connection is no gap; a gap is what the queue itself lost or let go of.
 *
 *   connecting ──▶ queue prepared ──▶ consuming ──▶ lost ──▶ (wait) ──▶ connecting
 *       └──────────────┴──── refused ──▶ (wait) ──▶ connecting
 *
 * Delivery is at least once: what was handed on just before a connection broke may come again.
 */
import type { Millis } from '../../event/ids.ts';
import type { Outlet, Source } from '../source.ts';
import { type AmqpAddress, type AmqpConnection, openConnection, reasonOf } from './connection.ts';
import { startConsumer } from './consumer.ts';
import { type AmqpGapDetector, type AmqpGapDetectorOptions, createAmqpGapDetector } from './gap-detector.ts';
import { prepareQueue, type QueueOptions } from './queue.ts';

export interface CeleryAmqpOptions extends QueueOptions, AmqpGapDetectorOptions {
  readonly address: AmqpAddress;
  readonly every: (ms: number, run: () => void) => Disposable;
  readonly after: (ms: number, run: () => void) => Disposable;
  /** 0 .. 1. */
  readonly random: () => number;
}

const retryMsMax = 30_000;
/** From the first byte to the first event; a broker that takes longer is tried anew. */
const setUpMsMax = 20_000;
/** A broker that does not answer a goodbye must not hold up a shutdown. */
const goodbyeMsMax = 2_000;
/** Somebody may delete the exchange, or what binds us to it, and the broker tells nobody. */
const bindEveryMs = 30_000;

export function createCeleryAmqp(options: CeleryAmqpOptions): Source {
  const hearing = createAmqpGapDetector(options);
  let running: { readonly stopping: AbortController; readonly ended: Promise<void> } | undefined;
  return {
    name: options.name,
    async start(outlet) {
      if (running !== undefined) return;
      const stopping = new AbortController();
      running = { stopping, ended: keepListening({ options, hearing, outlet, stopping: stopping.signal }) };
    },
    async stop() {
      const current = running;
      running = undefined;
      current?.stopping.abort();
      await current?.ended;
    },
  };
}

interface Run {
  readonly options: CeleryAmqpOptions;
  readonly hearing: AmqpGapDetector;
  readonly outlet: Outlet;
  readonly stopping: AbortSignal;
}

/** Listens until `stopping` aborts. Never rejects. */
async function keepListening(run: Run): Promise<void> {
  const { options, stopping } = run;
  let failures = 0;
  while (!stopping.aborted) {
    const { reason, wasConnected } = await listenOnce(run);
    if (stopping.aborted) return;
    failures = wasConnected ? 1 : failures + 1;
    const wait = retryMs(failures, options.random);
    options.report({ kind: 'source-disconnected', source: options.name, reason, retryInMs: wait });
    await pause(wait, run);
  }
}

function retryMs(failures: number, random: () => number): number {
  const most = Math.min(retryMsMax, 250 * 2 ** Math.min(failures, 10));
  return Math.round(most / 2 + (most / 2) * random());
}

/** Waits for `ms`, or until `stopping` aborts. */
function pause(ms: Millis, { options, stopping }: Run): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      timer[Symbol.dispose]();
      stopping.removeEventListener('abort', wake);
      resolve();
    };
    const timer = options.after(ms, wake);
    stopping.addEventListener('abort', wake);
    if (stopping.aborted) wake();
  });
}

/** How a connection ended. */
interface Ended {
  readonly reason: string;
  readonly wasConnected: boolean;
}

/** One connection, from its first byte to its end. Never rejects. */
async function listenOnce({ options, hearing, outlet, stopping }: Run): Promise<Ended> {
  const socket = new AbortController();
  const cutOff = (): void => socket.abort();
  // Until we consume there is nothing to end in order.
  let onStop = cutOff;
  const stop = (): void => onStop();
  stopping.addEventListener('abort', stop);
  let connection: AmqpConnection | undefined;
  let wasConnected = false;
  let reason = 'no answer in time';
  try {
    const setUp = options.after(setUpMsMax, cutOff);
    using _setUp = setUp;
    connection = await openConnection(options.address, options.name, socket.signal);
    if ((await prepareQueue(connection.model, options)).isNew) hearing.queueMade();
    const channel = await connection.model.createChannel();
    const consumer = await startConsumer(channel, options.queue, {
      now: options.now,
      handOn: (slice) => hearing.handOn(slice, outlet),
    });
    setUp[Symbol.dispose]();
    wasConnected = true;
    hearing.connected(outlet);

    // Binding again changes nothing where the binding stands; where the exchange is gone, it ends the channel.
    using _binder = options.every(bindEveryMs, () => {
      channel.bindQueue(options.queue, options.eventExchange, '#').catch(() => {});
    });
    const stopped = Promise.withResolvers<string>();
    onStop = () => stopped.resolve('stopped');
    if (stopping.aborted) onStop();
    reason = await Promise.race([connection.closed, consumer.closed, stopped.promise]);
    reason = connection.endedWith() ?? reason;
    if (stopping.aborted) {
      using _late = options.after(goodbyeMsMax, cutOff);
      await consumer.finish();
    }
    consumer.abandon();
  } catch (error) {
    if (!socket.signal.aborted) reason = connection?.endedWith() ?? reasonOf(error);
  } finally {
    stopping.removeEventListener('abort', stop);
    if (connection !== undefined) {
      using _late = options.after(goodbyeMsMax, cutOff);
      await connection.close();
    }
    cutOff();
    if (wasConnected) hearing.disconnected(outlet);
  }
  return { reason, wasConnected };
}
