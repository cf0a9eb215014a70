/**
 * Consumes a queue in slices, so that timers and probes run in between. Delivered messages are acknowledged in order, one
 * slice at a time. The broker sends a limited number ahead of the acknowledgements and keeps the rest.
 */
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Millis } from '../../event/ids.ts';
import type { Clock } from '../../runtime/clock.ts';
import { BoundedQueue } from '../../runtime/queue.ts';
import { reasonOf } from './connection.ts';

export interface AmqpDelivery {
  readonly receivedAt: Millis;
  readonly message: ConsumeMessage;
}

export interface ConsumerOptions {
  readonly channel: Channel;
  readonly queue: string;
  readonly clock: Pick<Clock, 'now'>;
  deliver(slice: readonly AmqpDelivery[]): void;
}

/** Sent ahead of the acknowledgements: enough for a broker 40 ms away at 25,000 events per second, in about a megabyte. */
const prefetchMax = 1_024;
/** A slice takes a few milliseconds of one core. */
const sliceMax = 256;

export class Consumer {
  /** Resolves with the reason once no more messages can arrive. */
  readonly closed: Promise<string>;
  readonly #options: ConsumerOptions;
  readonly #close: (reason: string) => void;
  /** The broker sends no more than `prefetchMax` unacknowledged messages, so none is refused. */
  #waiting = new BoundedQueue<AmqpDelivery>(prefetchMax);
  #consumerTag = '';
  #isScheduled = false;
  #isOver = false;

  private constructor(options: ConsumerOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    this.#close = resolve;
    options.channel.on('error', (error: Error) => resolve(reasonOf(error)));
    options.channel.on('close', () => resolve('the channel was closed'));
  }

  static async start(options: ConsumerOptions): Promise<Consumer> {
    const consumer = new Consumer(options);
    const { channel, queue } = options;
    await channel.prefetch(prefetchMax);
    consumer.#consumerTag = (await channel.consume(queue, (message) => consumer.#receive(message))).consumerTag;
    return consumer;
  }

  /** Stops the broker from sending, delivers and acknowledges what arrived, and closes the channel. Never rejects. */
  async finish(): Promise<void> {
    const { channel } = this.#options;
    // Messages on their way arrive before the reply to the cancellation.
    await channel.cancel(this.#consumerTag).catch(() => {});
    while (this.#waiting.size > 0 && !this.#isOver) this.#deliverSlice();
    this.#isOver = true;
    // Closing the channel travels behind its acknowledgements; closing the connection would overtake them.
    await channel.close().catch(() => {});
  }

  /** Binds the queue again. Changes nothing while the binding exists; without the exchange, the channel closes. */
  bind(exchange: string): void {
    const { channel, queue } = this.#options;
    channel.bindQueue(queue, exchange, '#').catch(() => {});
  }

  /** Drops undelivered messages. They are not acknowledged, so the broker delivers them again. */
  abandon(): void {
    this.#isOver = true;
    this.#waiting = new BoundedQueue(0);
  }

  #receive(message: ConsumeMessage | null): void {
    if (this.#isOver) return;
    if (message === null) {
      this.#close('the queue was deleted');
      return;
    }
    this.#waiting.offer({ receivedAt: this.#options.clock.now(), message });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#isOver) return;
      this.#deliverSlice();
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  #deliverSlice(): void {
    const slice = this.#waiting.take(sliceMax);
    const last = slice.at(-1);
    if (last === undefined) return;
    this.#options.deliver(slice);
    try {
      this.#options.channel.ack(last.message, true);
    } catch {
      // The channel is closed and reports that itself.
    }
  }
}
