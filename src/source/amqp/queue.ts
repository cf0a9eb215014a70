/**
 * The durable queue of a source at RabbitMQ. It keeps events while no consumer is connected, within limits: a deployment that
 * never returns neither fills the broker nor leaves anything behind.
 */
import type { ChannelModel } from 'amqplib';
import { onOwnChannel, Refusal, replyCodeOf } from './connection.ts';

export interface QueueOptions {
  /** Topic exchange that the events are published to. */
  readonly exchange: string;
  readonly queue: string;
  /** Several consumers share the queue: one is active, and the next one takes over when it disconnects. */
  readonly isShared: boolean;
  readonly limits: QueueLimits;
}

export interface QueueLimits {
  /** Limit of the stored bodies; the broker drops the oldest. */
  readonly bytesMax: number;
  /** The broker drops a message older than this. */
  readonly ttlMs: number;
  /** The broker deletes the queue after this time without a consumer. */
  readonly expiresMs: number;
}

/**
 * Declares the queue and binds it to every event. `isNew` is true if the queue or its exchange did not exist, so that it
 * cannot have kept anything.
 * @throws Refusal, with what the operator has to change, and any error that ends a connection.
 */
export async function prepareQueue(model: ChannelModel, options: QueueOptions): Promise<{ readonly isNew: boolean }> {
  const { exchange, queue } = options;
  // Checking first accepts an exchange of any kind, and needs no permission to declare one.
  const hadExchange = await exists(() => onOwnChannel(model, (channel) => channel.checkExchange(exchange)));
  if (!hadExchange) {
    await orRefuse(`the exchange "${exchange}" does not exist yet, and could not be declared`, () =>
      onOwnChannel(model, (channel) => channel.assertExchange(exchange, 'topic', { durable: true })),
    );
  }
  const hadQueue = await orRefuse(`the queue "${queue}" cannot be used`, () =>
    exists(() => onOwnChannel(model, (channel) => channel.checkQueue(queue))),
  );
  await orRefuse(`the queue "${queue}" could not be declared`, () =>
    onOwnChannel(model, (channel) => channel.assertQueue(queue, { durable: true, arguments: queueArguments(options) })),
  );
  await orRefuse(`the queue "${queue}" could not be bound to the exchange "${exchange}"`, () =>
    onOwnChannel(model, (channel) => channel.bindQueue(queue, exchange, '#')),
  );
  return { isNew: !hadExchange || !hadQueue };
}

/** Arguments of the declaration. RabbitMQ refuses a later declaration that differs in one of them. */
function queueArguments({ isShared, limits }: Pick<QueueOptions, 'isShared' | 'limits'>) {
  return {
    // Explicit, because a vhost can have another default type, which supports other limits.
    'x-queue-type': 'classic',
    'x-max-length-bytes': limits.bytesMax,
    'x-overflow': 'drop-head',
    'x-message-ttl': limits.ttlMs,
    'x-expires': limits.expiresMs,
    ...(isShared ? { 'x-single-active-consumer': true } : {}),
  };
}

async function exists(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (replyCodeOf(error) === 404) return false;
    throw error;
  }
}

const meanings: Readonly<Record<number, string>> = {
  403: 'this user lacks the permission',
  405: 'another connection holds it as its own',
  406: 'it exists with other arguments: delete it, or choose another name',
};

async function orRefuse<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const meaning = meanings[replyCodeOf(error) ?? 0];
    if (meaning === undefined) throw error;
    throw new Refusal(`${what}: ${meaning}`, { cause: error });
  }
}
