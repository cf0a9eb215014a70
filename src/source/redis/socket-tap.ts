/**
 * A connection of which the messages are read by us and the rest by the driver. What arrives in a busy stream is read every
 * hundred milliseconds together instead of in the small pieces that Redis writes: each waking of the process costs as much
 * as reading ten messages. What comes in large pieces, a burst or what the kernels had no room for, is read on at once.
 */
import { connect as connectTcp, type NetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector } from 'ioredis';
import { RedisMessages, type RedisMessagesOptions } from './messages.ts';

export interface TapOptions extends RedisMessagesOptions {
  /** Told before what has come is read. */
  readonly heard: () => void;
  readonly after: (ms: number, run: () => void) => Disposable;
}

/** A piece of this size may have more behind it, for which the kernels had no room; it has so long to come. */
const largeBytes = 16 * 1024;
const restMs = 4;
/** Nothing next to the second and a half in which a task's events settle. */
const gatherMsMax = 100;
const gatherMsMin = 2;
/** What the kernels on the way do not hold, Redis does: an eighth of what it would in the end give a subscriber up for. */
const gatheredBytesMax = 1024 * 1024;

/** How long to gather next, by what the last time brought. */
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
      let pieces = 0;
      let room = messages.free();
      const gather = (): void => {
        gatherMs = nextGatherMs(gatherMs, gatheredBytes);
        gatheredBytes = 0;
        after(gatherMs, () => socket.resume());
      };
      const onread = {
        buffer: () => {
          room = messages.free();
          return room;
        },
        callback(count: number) {
          options.heard();
          const isFull = count === room.length;
          for (const other of messages.take(count)) socket.push(other);
          gatheredBytes += count;
          pieces += 1;
          // TLS hands on records of 16 KB at most, so nothing tells whether there is more.
          if (isFull || isTls) return true;
          if (count < largeBytes) {
            gather();
            return false;
          }
          const piece = pieces;
          after(restMs, () => {
            if (piece !== pieces) return;
            socket.pause();
            gather();
          });
          return true;
        },
      };
      const { host, port, path, tls } = this.#where;
      const where = path === undefined || path === null ? { host, port: port ?? 6_379 } : { path };
      // The types know `onread` for one of the two ways to connect only, and no buffer that is asked for each time.
      const to = { ...where, onread } as unknown as NetConnectOpts;
      const socket = isTls ? connectTls({ ...to, ...tls }) : connectTcp(to);
      this.stream = socket;
      socket.once('error', (error) => {
        this.firstError = error;
      });
      return socket;
    }
  };
}
