/** How to reach the RabbitMQ that Celery uses, and why it could not be reached, in words without an address or a login. */
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { type Tls, tlsOptions } from '../tls-options.ts';

export interface AmqpAddress {
  readonly host: string;
  readonly port: number;
  readonly vhost: string;
  readonly username: string;
  readonly password: string;
  readonly tls: Tls | undefined;
}

export interface AmqpConnection {
  readonly model: ChannelModel;
  /** Resolves with the reason once the connection is gone, whoever ended it. */
  readonly closed: Promise<string>;
  /** Why it has ended, if it has. Its channels end with it, and a moment earlier, but do not know why. */
  endedWith(): string | undefined;
  /** Says goodbye to the broker and waits for its answer. Never rejects; aborting cuts it short. */
  close(): Promise<void>;
}

const handshakeMsMax = 5_000;
/** Two silent ones mean that the connection is dead on the way. RabbitMQ's own wish, 60 s, would be minutes of blindness. */
const heartbeatSeconds = 10;

/**
 * An open connection. Aborting `signal` destroys its socket at any time: before, during and after the handshake.
 * @throws whatever went wrong; `reasonOf` has the words for it.
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
      // The library decodes what it is given, as if it stood in a URL.
      vhost: encodeURIComponent(vhost),
      heartbeat: heartbeatSeconds,
    },
    {
      ...(tls === undefined ? {} : tlsOptions(tls)),
      // Acknowledgements are small, and the broker sends no more until it has them.
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
  // Each error is followed by a close that carries it.
  model.on('error', () => {});
  return {
    model,
    closed,
    endedWith: () => ended,
    async close() {
      // Rejects when the connection is gone already, and never settles when it goes meanwhile.
      const goodbye = model.close().catch(() => {});
      await Promise.race([goodbye, closed]);
    },
  };
}

/** Runs on a channel of its own: a refused question closes the channel it was asked on, and only that. */
export async function onOwnChannel<T>(model: ChannelModel, run: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    return await run(channel);
  } finally {
    await channel.close().catch(() => {});
  }
}

/** The broker said no, in words for an operator. */
export class Refusal extends Error {}

/** AMQP's number for a refusal: 403 access refused, 404 not found, 405 locked, 406 exists with other properties. */
export function replyCodeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/**
 * The error in a few words. The broker's own texts name users, vhosts and addresses, so only its number and keyword are
 * taken from them.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  const said = /\b(\d{3}) \(([A-Z-]+)\)/.exec(error.message);
  const words = said === null ? undefined : `${said[1]} ${said[2]}`;
  if (error.message.startsWith('Handshake terminated')) return `login refused (${words ?? 'no reason given'})`;
  // The library keeps the broker's answer to itself here; only a vhost can be refused at this point.
  if (error.message.startsWith('Expected ConnectionOpenOk'))
    return 'vhost refused: it does not exist, or not for this user';
  if (words !== undefined) return `closed by the broker (${words})`;
  return error.message.slice(0, 120);
}
