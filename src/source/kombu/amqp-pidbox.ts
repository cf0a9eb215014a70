/** Celery's remote control over RabbitMQ: a fanout exchange, and a queue of our own for the replies. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../runtime/clock.ts';
import { type AmqpAddress, type AmqpConnection, openConnection } from '../amqp/connection.ts';
import type { Pidbox } from '../celery/control.ts';
import { readBody } from './envelope.ts';
import { type ControlCommand, commandBody, type ReplyTo } from './pidbox.ts';

export interface AmqpPidboxOptions {
  readonly name: string;
  readonly address: AmqpAddress;
  /** Celery's `control_exchange`. */
  readonly controlExchange: string;
  readonly timeoutSignal: Clock['timeoutSignal'];
}

const messageOptions = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { clock: 1, expires: 0 },
} as const;
/** As kombu declares its reply queues: gone soon after whoever asked. */
const replyQueueOptions = { durable: false, autoDelete: true, expires: 10_000 } as const;
const setUpMs = 5_000;

export function createAmqpPidbox(options: AmqpPidboxOptions): Pidbox {
  const { name, address, controlExchange, timeoutSignal } = options;
  const exchange = `${controlExchange}.pidbox`;
  const replyExchange = `reply.${exchange}`;
  let connection: AmqpConnection | undefined;
  const stopping = new AbortController();

  async function open(): Promise<AmqpConnection> {
    if (connection !== undefined && connection.endedWith() === undefined) return connection;
    connection = await openConnection(
      address,
      `${name} control`,
      AbortSignal.any([stopping.signal, timeoutSignal(setUpMs)]),
    );
    return connection;
  }

  async function onChannel<T>(
    run: (channel: Awaited<ReturnType<AmqpConnection['model']['createChannel']>>) => Promise<T>,
  ) {
    const channel = await (await open()).model.createChannel();
    channel.on('error', () => {});
    try {
      return await run(channel);
    } finally {
      await channel.close().catch(() => {});
    }
  }

  const body = (command: ControlCommand, replyTo: ReplyTo | undefined): Buffer =>
    Buffer.from(commandBody(command, replyTo));

  return {
    publish: (command) =>
      onChannel(async (channel) => {
        channel.publish(exchange, '', body(command, undefined), messageOptions);
      }),
    request: (command, ticket, take, signal) =>
      onChannel(async (channel) => {
        const oid = randomUUID();
        await channel.assertExchange(replyExchange, 'direct', { durable: false });
        const { queue } = await channel.assertQueue(`${oid}.${replyExchange}`, replyQueueOptions);
        await channel.bindQueue(queue, replyExchange, oid);
        const done = new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true });
          void channel.consume(
            queue,
            (message) => {
              const reply = message === null ? undefined : readBody(message.content.toString('utf8'));
              if (reply?.ok === true && take(reply.value)) resolve();
            },
            { noAck: true },
          );
        });
        channel.publish(
          exchange,
          '',
          body(command, { ticket, exchange: replyExchange, routingKey: oid }),
          messageOptions,
        );
        await done;
        await channel.deleteQueue(queue);
      }),
    async stop() {
      stopping.abort();
      await connection?.close();
    },
  };
}
