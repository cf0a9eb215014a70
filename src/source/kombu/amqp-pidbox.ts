/** Kombu's remote control over RabbitMQ: a fanout exchange for commands, and a temporary queue for the replies. */
import { randomUUID } from 'node:crypto';
import type { Channel } from 'amqplib';
import type { Clock } from '../../runtime/clock.ts';
import type { AmqpAddress } from '../amqp/address.ts';
import { type AmqpConnection, onOwnChannel, openConnection } from '../amqp/connection.ts';
import { readBody, wholeValueOf } from './envelope.ts';
import { commandBody, type Pidbox, type PidboxCommand, type ReplyTo } from './pidbox.ts';

export interface AmqpPidboxOptions {
  readonly name: string;
  readonly address: AmqpAddress;
  /** Celery's `control_exchange`. */
  readonly controlExchange: string;
  readonly clock: Pick<Clock, 'timeoutSignal'>;
}

const messageOptions = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { clock: 1, expires: 0 },
} as const;
/** As kombu declares its reply queues: deleted soon after the last consumer. */
const replyQueueOptions = { durable: false, autoDelete: true, expires: 10_000 } as const;
const setUpMs = 5_000;

export function createAmqpPidbox({ name, address, controlExchange, clock }: AmqpPidboxOptions): Pidbox {
  const exchange = `${controlExchange}.pidbox`;
  const replyExchange = `reply.${exchange}`;
  let connection: AmqpConnection | undefined;
  const stopping = new AbortController();

  async function onChannel(run: (channel: Channel) => Promise<void>): Promise<void> {
    if (connection === undefined || connection.endedWith() !== undefined) {
      const signal = AbortSignal.any([stopping.signal, clock.timeoutSignal(setUpMs)]);
      connection = await openConnection(address, `${name} control`, signal);
    }
    await onOwnChannel(connection.model, run);
  }

  function send(channel: Channel, command: PidboxCommand, replyTo: ReplyTo | undefined): void {
    channel.publish(exchange, '', Buffer.from(commandBody(command, replyTo)), messageOptions);
  }

  return {
    publish: (command) => onChannel(async (channel) => send(channel, command, undefined)),
    request: (command, receive, signal) =>
      onChannel(async (channel) => {
        const routingKey = randomUUID();
        await channel.assertExchange(replyExchange, 'direct', { durable: false });
        const { queue } = await channel.assertQueue(`${routingKey}.${replyExchange}`, replyQueueOptions);
        await channel.bindQueue(queue, replyExchange, routingKey);
        const done = receiveReplies({ channel, queue, receive, signal });
        send(channel, command, { ticket: randomUUID(), exchange: replyExchange, routingKey });
        await done;
        await channel.deleteQueue(queue);
      }),
    async stop() {
      stopping.abort();
      await connection?.close();
    },
  };
}

interface Replies {
  readonly channel: Channel;
  readonly queue: string;
  readonly receive: (body: unknown) => boolean;
  readonly signal: AbortSignal;
}

/** Resolves when `receive` returns true, or when `signal` aborts. */
function receiveReplies({ channel, queue, receive, signal }: Replies): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    const take = (content: Buffer): void => {
      const reply = wholeValueOf(readBody(content.toString('utf8')));
      if (reply !== undefined && receive(reply)) resolve();
    };
    channel.consume(queue, (message) => message && take(message.content), { noAck: true }).catch(reject);
  });
}
