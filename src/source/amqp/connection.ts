/** Connections to a RabbitMQ, and reasons for their end in words that contain no address and no login. */
import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { AmqpAddress } from './address.ts';

export interface AmqpConnection {
  readonly model: ChannelModel;
  /** Resolves with the reason when the connection has ended, on either side. */
  readonly closed: Promise<string>;
  /** The reason of the end; undefined while open. Its channels end a moment earlier, without a reason. */
  endedWith(): string | undefined;
  /** Closes and waits for the broker's answer. Never rejects; aborting the signal ends the wait. */
  close(): Promise<void>;
}

const handshakeMsMax = 5_000;
/** After two missed heartbeats the connection counts as dead. RabbitMQ's own default of 60 s would take minutes. */
const heartbeatSeconds = 10;

/**
 * Opens a connection. Aborting `signal` destroys its socket at any time: before, during and after the handshake.
 * @throws any error of the library; `reasonOf` describes it.
 */
export async function openConnection(address: AmqpAddress, name: string, signal: AbortSignal): Promise<AmqpConnection> {
  const { host, port, vhost, username, password, tls } = address;
  const model = await connect(
    {
      protocol: tls === undefined ? 'amqp' : 'amqps',
      hostname: host,
      port,
      username,
      password,
      // The library decodes this value as if it were part of a URL.
      vhost: encodeURIComponent(vhost),
      heartbeat: heartbeatSeconds,
    },
    {
      ...tls,
      // Acknowledgements are small, and the broker waits for them before it sends more.
      noDelay: true,
      timeout: handshakeMsMax,
      clientProperties: { connection_name: `taskvigil ${name}` },
      ...({ signal } satisfies { signal: AbortSignal }),
    },
  );
  let ended: string | undefined;
  const closed = new Promise<string>((resolve) => {
    model.on('close', (error?: Error) => {
      ended = error === undefined ? 'closed' : reasonOf(error);
      resolve(ended);
    });
  });
  // A `close` event with the same error follows each `error` event.
  model.on('error', () => {});
  return {
    model,
    closed,
    endedWith: () => ended,
    async close() {
      // Rejects if the connection has ended already, and never settles if it ends meanwhile.
      const closing = model.close().catch(() => {});
      await Promise.race([closing, closed]);
    },
  };
}

/** Runs on a channel of its own, because a refused request closes its channel, and only that. */
export async function onOwnChannel<T>(model: ChannelModel, run: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    return await run(channel);
  } finally {
    await channel.close().catch(() => {});
  }
}

/** A refusal by the broker, with a message for the operator. */
export class Refusal extends Error {}

/** AMQP's reply code: 403 access refused, 404 not found, 405 locked, 406 exists with other properties. */
export function replyCodeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/**
 * A short description of an error. The broker's own texts contain users, vhosts and addresses, so only the reply code and
 * its keyword are taken from them.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  const reply = /\b(\d{3}) \(([A-Z-]+)\)/.exec(error.message);
  const words = reply === null ? undefined : `${reply[1]} ${reply[2]}`;
  if (error.message.startsWith('Handshake terminated')) return `login refused (${words ?? 'no reason given'})`;
  // The library hides the broker's answer here; only a vhost can be refused at this point.
  if (error.message.startsWith('Expected ConnectionOpenOk'))
    return 'vhost refused: it does not exist, or not for this user';
  if (words !== undefined) return `closed by the broker (${words})`;
  return error.message.slice(0, 120);
}
