/**
 * Our own queue at RabbitMQ. It keeps what workers say while we are away, within bounds: a taskvigil that never comes
 * back can neither fill the broker nor leave anything behind.
 */
import type { ChannelModel } from 'amqplib';
import { onOwnChannel, Refusal, replyCodeOf } from './connection.ts';

export interface QueueOptions {
  readonly eventExchange: string;
  readonly queue: string;
  /** One of several consumers works, and the next takes over when it goes. */
  readonly isShared: boolean;
  readonly limits: QueueLimits;
}

export interface QueueLimits {
  /** Bodies kept while nobody reads; the oldest leave first. */
  readonly bytesMax: number;
  /** A message older than this is let go. */
  readonly ttlMs: number;
  /** Without a consumer for so long, the queue goes. */
  readonly expiresMs: number;
}

/**
 * Makes sure that the queue is there and hears every event. `isNew` when it, or what it is bound to, was not there:
 * nothing can have been kept for us.
 * @throws Refusal, with what an operator has to change; and whatever else ends a connection.
 */
export async function prepareQueue(model: ChannelModel, options: QueueOptions): Promise<{ readonly isNew: boolean }> {
  const { eventExchange, queue } = options;
  // Asking first leaves an exchange of any other kind as it is, and needs no right to declare one.
  const hadExchange = await isThere(() => onOwnChannel(model, (channel) => channel.checkExchange(eventExchange)));
  if (!hadExchange) {
    await orRefuse(`the exchange "${eventExchange}" does not exist yet, and could not be declared`, () =>
      onOwnChannel(model, (channel) => channel.assertExchange(eventExchange, 'topic', { durable: true })),
    );
  }
  const hadQueue = await orRefuse(`the queue "${queue}" cannot be used`, () =>
    isThere(() => onOwnChannel(model, (channel) => channel.checkQueue(queue))),
  );
  await orRefuse(`the queue "${queue}" could not be declared`, () =>
    onOwnChannel(model, (channel) => channel.assertQueue(queue, { durable: true, arguments: queueArguments(options) })),
  );
  await orRefuse(`the queue "${queue}" could not be bound to the exchange "${eventExchange}"`, () =>
    onOwnChannel(model, (channel) => channel.bindQueue(queue, eventExchange, '#')),
  );
  return { isNew: !hadExchange || !hadQueue };
}

/** What the queue is declared with. RabbitMQ refuses a later declaration that differs in any of them. */
export function queueArguments({ isShared, limits }: Pick<QueueOptions, 'isShared' | 'limits'>) {
  return {
    // Said aloud, because a vhost can have another default, which knows other limits.
    'x-queue-type': 'classic',
    'x-max-length-bytes': limits.bytesMax,
    'x-overflow': 'drop-head',
    'x-message-ttl': limits.ttlMs,
    'x-expires': limits.expiresMs,
    ...(isShared ? { 'x-single-active-consumer': true } : {}),
  };
}

async function isThere(ask: () => Promise<unknown>): Promise<boolean> {
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
