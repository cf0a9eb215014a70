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
/** A piece of this size has more behind it, which is read at once. */
const burstBytes = 32 * 1024;
/** Nothing next to the second and a half in which a task's events settle. */
const gatherMsMax = 50;
const gatherMsMin = 2;
/** What every kernel holds for a socket; were more to come in one gathering, Redis would have to hold the rest. */
const gatheredBytesMax = 64 * 1024;

/** How long to gather next, by what the last time brought: as long as the kernel has room, and no longer. */
export function nextGatherMs(gatherMs: number, gatheredBytes: number): number {
  if (gatheredBytes >= gatheredBytesMax) return Math.max(gatherMsMin, gatherMs / 2);
  return gatheredBytes < gatheredBytesMax / 2 ? Math.min(gatherMsMax, gatherMs * 2) : gatherMs;
}

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
      const isTls = this.#where.tls !== undefined && this.#where.tls !== null;
      let gatherMs = gatherMsMin;
      let gatheredBytes = 0;
      const onread: OnReadOpts = {
        buffer: Buffer.allocUnsafeSlow(roomBytes),
        callback(count, room) {
          for (const other of messages.take((room as Buffer).subarray(0, count))) socket.push(other);
          gatheredBytes += count;
          // TLS hands on records of 16 KB at most, so nothing tells whether there is more.
          if (count >= burstBytes || isTls) return true;
          gatherMs = nextGatherMs(gatherMs, gatheredBytes);
          gatheredBytes = 0;
          after(gatherMs, () => socket.resume());
          return false;
        },
      };
      const { host, port, path, tls } = this.#where;
      const where = path === undefined || path === null ? { host, port: port ?? 6_379 } : { path };
      // The types know `onread` for one of the two ways to connect only.
      const to = { ...where, onread } as NetConnectOpts;
      const socket = isTls ? connectTls({ ...to, ...tls }) : connectTcp(to);
      this.stream = socket;
      socket.once('error', (error) => {
        this.firstError = error;
      });
      return socket;
    }
  };
}
