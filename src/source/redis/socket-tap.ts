/**
 * A Redis connection whose messages are read here and whose other replies go to the driver. A busy stream is read every
 * hundred milliseconds in one piece instead of in the small pieces that Redis writes, because each wake-up of the process
 * costs as much as reading ten messages. Large pieces, from a burst or from full socket buffers, are read on at once.
 */
import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector } from 'ioredis';
import type { Clock } from '../../runtime/clock.ts';
import { gatherMsMin, nextGatherMs } from './gather-time.ts';
import type { RedisMessages } from './messages.ts';

export interface TapOptions {
  /** A reader for the messages of one socket. */
  readonly createReader: () => RedisMessages;
  /** Called before received bytes are read. */
  readonly received: () => void;
  readonly clock: Pick<Clock, 'after'>;
}

export type Tap = ReturnType<typeof createTap>;

/** A piece of this size may be followed by more that the socket buffers had no room for; it gets `restMs` to arrive. */
const largeBytes = 16 * 1024;
const restMs = 4;

type Endpoint = { readonly host?: string; readonly port?: number; readonly path?: string; readonly tls?: object };

/** A `Connector` class for ioredis, for a server with a known address. */
export function createTap(options: TapOptions) {
  return class extends AbstractConnector {
    readonly #endpoint: Endpoint;

    constructor(redisOptions: unknown) {
      super((redisOptions as { disconnectTimeout: number }).disconnectTimeout);
      this.#endpoint = redisOptions as Endpoint;
    }

    override async connect(_report: unknown) {
      const socket = connectTapped(this.#endpoint, options);
      this.stream = socket;
      socket.once('error', (error) => {
        this.firstError = error;
      });
      return socket;
    }
  };
}

function connectTapped({ host, port, path, tls }: Endpoint, options: TapOptions): Socket {
  const isTls = tls !== undefined && tls !== null;
  const target = path === undefined || path === null ? { host, port: port ?? 6_379 } : { path };
  const reader = new SocketReader(options, isTls);
  // Node's types know `onread` for one of the two ways to connect only, and no buffer that is requested for each read.
  const connectOptions = { ...target, onread: reader.onread } as unknown as NetConnectOpts;
  const socket = isTls ? connectTls({ ...connectOptions, ...tls }) : connectTcp(connectOptions);
  reader.attach(socket);
  return socket;
}

/** Reads one socket: when to read on and when to gather. */
class SocketReader {
  readonly onread: { readonly buffer: () => Buffer; readonly callback: (count: number) => boolean };
  readonly #messages: RedisMessages;
  readonly #options: TapOptions;
  readonly #isTls: boolean;
  #socket: Socket | undefined;
  #room: Buffer;
  #gatherMs = gatherMsMin;
  #gatheredBytes = 0;
  #pieces = 0;

  constructor(options: TapOptions, isTls: boolean) {
    this.#options = options;
    this.#isTls = isTls;
    this.#messages = options.createReader();
    this.#room = this.#messages.free();
    this.onread = { buffer: () => this.#nextRoom(), callback: (count) => this.#read(count) };
  }

  attach(socket: Socket): void {
    this.#socket = socket;
  }

  #nextRoom(): Buffer {
    this.#room = this.#messages.free();
    return this.#room;
  }

  /** Returns false to stop reading until the socket resumes. */
  #read(count: number): boolean {
    this.#options.received();
    const isFull = count === this.#room.length;
    for (const other of this.#messages.take(count)) this.#socket?.push(other);
    this.#gatheredBytes += count;
    this.#pieces += 1;
    // TLS delivers records of at most 16 KB, so a piece does not show whether more follows.
    if (isFull || this.#isTls) return true;
    if (count < largeBytes) {
      this.#gather();
      return false;
    }
    const piece = this.#pieces;
    this.#options.clock.after(restMs, () => {
      if (piece !== this.#pieces) return;
      this.#socket?.pause();
      this.#gather();
    });
    return true;
  }

  #gather(): void {
    this.#gatherMs = nextGatherMs(this.#gatherMs, this.#gatheredBytes);
    this.#gatheredBytes = 0;
    this.#options.clock.after(this.#gatherMs, () => this.#socket?.resume());
  }
}
