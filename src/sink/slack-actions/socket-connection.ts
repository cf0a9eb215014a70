/**
 * One WebSocket connection of Slack's Socket Mode, from its opening to its end. Acknowledges each envelope before
 * anything else happens with it, because Slack waits three seconds.
 */
import WebSocket from 'ws';
import type { Clock } from '../../runtime/clock.ts';
import { fieldsOf, textOf } from '../slack/json-fields.ts';

export interface SocketConnectionOptions {
  readonly clock: Clock;
  /** True while this instance holds a lease; checked every second. */
  readonly mayConnect: () => boolean;
  /** Slack greeted the connection and sends envelopes from now on. */
  readonly onHello: () => void;
  readonly onEnvelope: (envelope: SocketEnvelope) => void;
  /** The socket is closed and receives nothing more. */
  readonly onClosed: () => void;
}

export interface SocketEnvelope {
  readonly id: string;
  readonly type: unknown;
  readonly payload: unknown;
}

export interface SocketConnection {
  /** Resolves with the reason why another connection is needed. Until it is closed, this one may still receive envelopes. */
  readonly ended: Promise<string>;
  /** Closes the socket, at the latest after a second. */
  close(): void;
}

/** Slack announces these reasons before it closes; it expects the next connection at once. */
const refreshReasons: ReadonlySet<string> = new Set(['warning', 'refresh_requested']);

export function isRefresh(reason: string): boolean {
  return refreshReasons.has(reason);
}

const checkEveryMs = 1_000;
const openTimeoutMs = 10_000;
const pingEveryMs = 10_000;
/** Three pings without any message from Slack. */
const silentMaxMs = 30_000;
/** Slack does not close the TCP connection after the closing handshake. */
const closeWithinMs = 1_000;
const payloadBytesMax = 1024 * 1024;

export function openConnection(url: string, options: SocketConnectionOptions): SocketConnection {
  const { clock, mayConnect } = options;
  const socket = new WebSocket(url, { handshakeTimeout: openTimeoutMs, maxPayload: payloadBytesMax });
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  let lastReceivedAt = clock.now();
  const received = (): void => {
    lastReceivedAt = clock.now();
  };
  const checking = clock.every(checkEveryMs, () => {
    if (!mayConnect()) end('lease-lost');
    else if (clock.now() - lastReceivedAt > silentMaxMs) end('silent');
  });
  const pinging = clock.every(pingEveryMs, () => {
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  });
  const close = (): void => closeSocket(socket, clock);
  const end = (reason: string): void => {
    checking[Symbol.dispose]();
    // A connection that Slack will refresh stays open and may receive envelopes until the next one is greeted.
    if (!isRefresh(reason)) close();
    resolve(reason);
  };
  socket.on('ping', received);
  socket.on('pong', received);
  socket.on('message', (data, isBinary) => {
    received();
    const message = isBinary ? {} : fieldsOf(jsonOf(String(data)));
    if (message['type'] === 'hello') options.onHello();
    else if (message['type'] === 'disconnect') end(reasonOf(message['reason']));
    else acknowledge(socket, message, options.onEnvelope);
  });
  socket.on('error', (error) => end(codeOf(error)));
  socket.on('close', (code) => {
    pinging[Symbol.dispose]();
    options.onClosed();
    end(`closed: ${code}`);
  });
  return { ended, close };
}

function acknowledge(
  socket: WebSocket,
  { envelope_id: given, type, payload }: Readonly<Record<string, unknown>>,
  onEnvelope: SocketConnectionOptions['onEnvelope'],
): void {
  const id = textOf(given);
  if (id === undefined) return;
  socket.send(JSON.stringify({ envelope_id: id }), () => {
    // Without an acknowledgement Slack shows an error to the person who pressed. There is no other remedy.
  });
  onEnvelope({ id, type, payload });
}

function closeSocket(socket: WebSocket, clock: Clock): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
  else socket.close(1_000);
  clock.after(closeWithinMs, () => socket.terminate());
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A reason of Slack, one of its short words. */
function reasonOf(reason: unknown): string {
  return typeof reason === 'string' && /^[a-z_]{1,40}$/.test(reason) ? reason : 'disconnect';
}

/** The error's code without its text: the text may contain the address, which contains a ticket. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'socket-error';
}
