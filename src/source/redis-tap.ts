/**
 * A connection of which the messages are read by us and the rest by the driver. What arrives in a busy stream is read every
 * few milliseconds together instead of in the small pieces that Redis writes: each waking of the process costs as much as
 * reading ten messages. A piece that fills a good part of the room is a burst, and is followed by the next one at once.
 */
import { connect as connectTcp, type NetConnectOpts, type OnReadOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector } from 'ioredis';
import { RedisMessages, type RedisMessagesOptions } from './redis-messages.ts';

export interface TapOptions extends RedisMessagesOptions {
  readonly after: (ms: number, run: () => void) => Disposable;
}

const roomBytes = 64 * 1024;
const burstBytes = 32 * 1024;
/** Nothing next to the second and a half in which a task's events settle; at 5,000 messages a second some 250 are read together. */
const gatherMs = 50;

type Where = { readonly host?: string; readonly port?: number; readonly path?: string; readonly tls?: object };

/** A `Connector` for ioredis, for a server whose address is known. */
export function tapOf({ after, ...options }: TapOptions) {
  return class Tap extends AbstractConnector {
    readonly #where: Where;

    constructor(redisOptions: unknown) {
      super((redisOptions as { disconnectTimeout: number }).disconnectTimeout);
      this.#where = redisOptions as Where;
    }

    override async connect(_report: unknown) {
      const messages = new RedisMessages(options);
      const onread: OnReadOpts = {
        buffer: Buffer.allocUnsafeSlow(roomBytes),
        callback(count, room) {
          for (const other of messages.take((room as Buffer).subarray(0, count))) socket.push(other);
          if (count >= burstBytes) return true;
          after(gatherMs, () => socket.resume());
          return false;
        },
      };
      const { host, port, path, tls } = this.#where;
      const where = path === undefined || path === null ? { host, port: port ?? 6_379 } : { path };
      // The types know `onread` for one of the two ways to connect only.
      const to = { ...where, onread } as NetConnectOpts;
      const socket = tls === undefined || tls === null ? connectTcp(to) : connectTls({ ...to, ...tls });
      this.stream = socket;
      socket.once('error', (error) => {
        this.firstError = error;
      });
      return socket;
    }
  };
}
