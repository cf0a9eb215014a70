/**
 * Celery events over RabbitMQ, through a durable queue of our own. It keeps what is said while we are away, so a lost
 * connection is no gap; a gap is what the queue itself lost or let go of.
 *
 *   connecting ──▶ queue prepared ──▶ consuming ──▶ lost ──▶ (wait) ──▶ connecting
 *       └──────────────┴───── refused ──▶ (wait) ──▶ connecting
 *
 * Delivery is at least once: what was handed on just before a connection broke may come again.
 */
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';
import { type AmqpAddress, type AmqpConnection, aborted, openConnection, reasonOf } from './amqp-connection.ts';
import { type Delivery, startConsumer } from './amqp-consumer.ts';
import { heartbeatMsOf, messageOf, saidAt, senderOf } from './amqp-message.ts';
import { prepareQueue, type QueueOptions } from './amqp-queue.ts';
import { type Heard, type Heartbeat, hear, type Passage } from './heard.ts';
import type { Message, Outlet, Source } from './source.ts';

export interface CeleryAmqpOptions extends QueueOptions {
  readonly name: string;
  readonly address: AmqpAddress;
  readonly now: () => Millis;
  readonly every: (ms: number, run: () => void) => Disposable;
  readonly after: (ms: number, run: () => void) => Disposable;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  /** Asked with the sender of a message before anything else; what it refuses is acknowledged and counted. */
  readonly accepts?: (hostname: string) => boolean;
}

const retryMsMax = 30_000;
/** From the first byte to the first event; a broker that takes longer is tried anew. */
const setUpMsMax = 20_000;
/** A broker that does not answer a goodbye must not hold up a shutdown. */
const goodbyeMsMax = 2_000;
/** Somebody may delete the exchange, or what binds us to it, and the broker tells nobody. */
const bindEveryMs = 30_000;

/** What outlives a connection. */
interface Memory {
  heard: Heard | undefined;
  /** Since when the queue has been ours; undefined before the first time. */
  listeningSince: Millis | undefined;
  /** When the last connection was lost; undefined while one stands. */
  lostAt: Millis | undefined;
  /** Something was delivered over the present or the last connection. */
  isActive: boolean;
  /** Nothing was delivered over the present connection so far. */
  isResumed: boolean;
  /** The queue had to be made anew, and nobody was told so far. */
  isQueueLost: boolean;
}

export function createCeleryAmqp(options: CeleryAmqpOptions): Source {
  const { name } = options;
  const memory: Memory = {
    heard: undefined,
    listeningSince: undefined,
    lostAt: undefined,
    isActive: false,
    isResumed: false,
    isQueueLost: false,
  };
  let running: { readonly stopping: AbortController; readonly ended: Promise<void> } | undefined;
  return {
    name,
    async start(outlet) {
      if (running !== undefined) return;
      const stopping = new AbortController();
      running = { stopping, ended: keepListening(options, outlet, memory, stopping.signal) };
    },
    async stop() {
      const current = running;
      running = undefined;
      current?.stopping.abort();
      await current?.ended;
    },
  };
}

/** Listens until `stopping` aborts. Never rejects. */
async function keepListening(
  options: CeleryAmqpOptions,
  outlet: Outlet,
  memory: Memory,
  stopping: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!stopping.aborted) {
    const { reason, wasConnected } = await listenOnce(options, outlet, memory, stopping);
    if (stopping.aborted) return;
    failures = wasConnected ? 1 : failures + 1;
    const wait = retryMs(failures, options.random);
    options.report({ kind: 'source-disconnected', source: options.name, reason, retryInMs: wait });
    await pause(wait, options, stopping);
  }
}

function retryMs(failures: number, random: () => number): number {
  const most = Math.min(retryMsMax, 250 * 2 ** Math.min(failures, 10));
  return Math.round(most / 2 + (most / 2) * random());
}

async function pause(ms: number, { after }: CeleryAmqpOptions, stopping: AbortSignal): Promise<void> {
  const waking = new AbortController();
  using _timer = after(ms, () => waking.abort());
  await Promise.race([aborted(waking.signal), aborted(stopping)]);
}

/** One connection, from its first byte to its end, and why it ended. Never rejects. */
async function listenOnce(
  options: CeleryAmqpOptions,
  outlet: Outlet,
  memory: Memory,
  stopping: AbortSignal,
): Promise<{ readonly reason: string; readonly wasConnected: boolean }> {
  const { name, now, after } = options;
  const socket = new AbortController();
  const giveUp = (): void => socket.abort();
  let connection: AmqpConnection | undefined;
  let isConnected = false;
  let isTooSlow = false;
  const settingUp = after(setUpMsMax, () => {
    isTooSlow = true;
    giveUp();
  });
  stopping.addEventListener('abort', giveUp);
  try {
    if (stopping.aborted) giveUp();
    connection = await openConnection(options.address, name, socket.signal);
    const { isNew } = await prepareQueue(connection.model, options);
    if (isNew && memory.listeningSince !== undefined) memory.isQueueLost = true;
    const channel = await connection.model.createChannel();
    const consumer = await startConsumer(channel, options.queue, {
      now,
      handOn: (slice) => handOn(slice, options, outlet, memory),
    });
    settingUp[Symbol.dispose]();
    stopping.removeEventListener('abort', giveUp);
    isConnected = true;
    connected(options, outlet, memory);

    // Binding again changes nothing where the binding stands; where the exchange is gone, the channel is closed.
    using _binder = options.every(bindEveryMs, () => {
      channel.bindQueue(options.queue, options.eventExchange, '#').catch(() => {});
    });
    const reason = await Promise.race([connection.closed, consumer.closed, aborted(stopping).then(() => 'stopped')]);
    if (stopping.aborted) {
      using _late = after(goodbyeMsMax, giveUp);
      await consumer.finish();
    }
    consumer.abandon();
    return { reason, wasConnected: true };
  } catch (error) {
    return { reason: isTooSlow ? 'no answer in time' : reasonOf(error), wasConnected: isConnected };
  } finally {
    settingUp[Symbol.dispose]();
    stopping.removeEventListener('abort', giveUp);
    if (connection !== undefined) {
      using _late = after(goodbyeMsMax, giveUp);
      await connection.close();
    }
    if (isConnected) {
      memory.lostAt = now();
      outlet.connected(false, memory.lostAt);
    }
  }
}

function connected({ name, now, report, limits, isShared }: CeleryAmqpOptions, outlet: Outlet, memory: Memory): void {
  const at = now();
  report({ kind: 'source-connected', source: name });
  outlet.connected(true, at);
  const { heard, lostAt, listeningSince } = memory;
  if (memory.isQueueLost) {
    // A standby heard nothing because another one did, so it knows of no loss before its own connection went.
    const isStandby = isShared && !memory.isActive;
    const from = (isStandby ? lostAt : heard?.until) ?? listeningSince ?? at;
    outlet.gap({ source: name, from, to: at, cause: 'queue-lost' });
    memory.heard = undefined;
  } else if (lostAt !== undefined && heard !== undefined && at - lostAt > limits.ttlMs) {
    const to = at - limits.ttlMs;
    outlet.gap({ source: name, from: heard.until, to, cause: 'queue-lost' });
    memory.heard = { ...heard, until: to };
  }
  memory.isQueueLost = false;
  memory.listeningSince ??= at;
  memory.lostAt = undefined;
  memory.isActive = false;
  memory.isResumed = true;
}

function handOn(slice: readonly Delivery[], options: CeleryAmqpOptions, outlet: Outlet, memory: Memory): void {
  const { name, report, accepts, isShared } = options;
  memory.isActive = true;
  const messages: Message[] = [];
  let passage: Passage | undefined;
  for (const { message, receivedAt } of slice) {
    const sender = senderOf(message);
    if (accepts !== undefined && sender !== undefined && !accepts(sender)) {
      report({ kind: 'message-rejected', source: name, reason: 'foreign-host' });
      continue;
    }
    const one = messageOf(message, name, receivedAt);
    messages.push(one);
    passage = extended(passage, one, message.fields.routingKey);
  }
  if (passage !== undefined) {
    const { next, lost } = hear(memory.heard, passage, memory.isResumed);
    memory.heard = next;
    memory.isResumed = false;
    // In a shared queue the others took what was said while this one waited.
    if (lost !== undefined) outlet.gap({ source: name, ...lost, cause: isShared ? 'hand-over' : 'queue-lost' });
  }
  for (const message of messages) outlet.message(message);
}

function extended(passage: Passage | undefined, message: Message, routingKey: string): Passage | undefined {
  if (message.form !== 'event-body') return passage;
  const said = saidAt(message.payload);
  if (said === undefined) return passage;
  const { receivedAt } = message;
  // A sender whose clock is ahead must not make what follows look old.
  const at = Math.min(said, receivedAt);
  return {
    earliestAt: Math.min(at, passage?.earliestAt ?? at),
    latestAt: Math.max(at, passage?.latestAt ?? at),
    heartbeat: routingKey === 'worker.heartbeat' ? heartbeatOf(message.payload, at) : passage?.heartbeat,
    receivedAt,
  };
}

/** Every two seconds, unless the worker says otherwise. */
function heartbeatOf(payload: string, at: Millis): Heartbeat {
  return { at, everyMs: heartbeatMsOf(payload) ?? 2_000 };
}
