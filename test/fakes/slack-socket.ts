/**
 * Slack's Socket Mode: single-use addresses, `hello`, envelopes that go to one of the connections and require an
 * acknowledgement within three seconds, `disconnect` with a reason before Slack closes, at most ten connections.
 */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

export interface FakeSockets {
  /** Open connections after their greeting. */
  count(): number;
  /** Number of greetings so far. */
  readonly greeted: number;
  /** Acknowledged envelopes, in order. */
  readonly acks: readonly string[];
  /** Sends an interaction to the newest connection; resolves to true if it was acknowledged in time. */
  send(payload: unknown, envelopeId?: string): Promise<boolean>;
  /** Sends a disconnect with a reason to all connections; also closes them if `closes`. */
  disconnect(reason: string, closes?: boolean): void;
  /** Drops all connections without notice. */
  drop(): void;
  /** Stops answering pings and sending messages, like a dead peer. */
  freeze(): void;
  /** A single-use address. */
  ticket(server: Server): string;
  listen(server: Server): void;
}

const socketsMax = 10;

/** `ackWithinMs`: Slack's time for an acknowledgement. */
export function createFakeSockets(ackWithinMs = 3_000): FakeSockets {
  const tickets = new Set<string>();
  const open: WebSocket[] = [];
  const acks: string[] = [];
  const waiting = new Map<string, (isAcked: boolean) => void>();
  let greeted = 0;

  function connected(socket: WebSocket): void {
    if (open.length >= socketsMax) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      socket.close();
      return;
    }
    open.push(socket);
    socket.on('close', () => open.splice(open.indexOf(socket), 1));
    socket.on('message', (data) => {
      const { envelope_id: id } = JSON.parse(String(data)) as { envelope_id?: string };
      if (id === undefined) return;
      acks.push(id);
      waiting.get(id)?.(true);
    });
    greeted += 1;
    const debug = { host: 'applink-fake', approximate_connection_time: 18_060 };
    socket.send(JSON.stringify({ type: 'hello', num_connections: open.length, debug_info: debug }));
  }

  return {
    count: () => open.length,
    get greeted() {
      return greeted;
    },
    acks,
    async send(payload, envelopeId = randomUUID()) {
      const socket = open.at(-1);
      if (socket === undefined) return false;
      const acked = new Promise<boolean>((resolve) => {
        waiting.set(envelopeId, resolve);
        setTimeout(resolve, ackWithinMs, false).unref();
      });
      const envelope = { envelope_id: envelopeId, type: 'interactive', accepts_response_payload: false, payload };
      socket.send(JSON.stringify(envelope));
      return acked;
    },
    disconnect(reason, closes = false) {
      for (const socket of [...open]) {
        socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-fake' } }));
        if (closes) socket.close();
      }
    },
    drop() {
      for (const socket of [...open]) socket.terminate();
    },
    freeze() {
      for (const socket of open) socket.pause();
    },
    ticket(server) {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('expected a port');
      const ticket = randomUUID();
      tickets.add(ticket);
      return `ws://127.0.0.1:${address.port}/link/?ticket=${ticket}`;
    },
    listen(server) {
      const sockets = new WebSocketServer({ noServer: true });
      sockets.on('connection', connected);
      server.on('upgrade', (request, socket, head) => {
        const ticket = new URL(request.url ?? '', 'http://fake').searchParams.get('ticket') ?? '';
        if (!tickets.delete(ticket)) return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        sockets.handleUpgrade(request, socket, head, (upgraded) => sockets.emit('connection', upgraded, request));
      });
    },
  };
}
