/**
 * A webhook endpoint for tests: a real HTTP server that verifies each signature and fails on demand. It keeps every
 * request that it accepted, whatever the response was.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncidentPayload } from '../../src/sink/webhook/payload.ts';

export type WebhookFault =
  | { readonly kind: 'none' }
  /** Accepts the request and closes the connection without a response. */
  | { readonly kind: 'accept-then-reset' }
  /** Accepts the request and never responds. */
  | { readonly kind: 'accept-then-stall' }
  /** Closes the connection and accepts nothing. */
  | { readonly kind: 'reset' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly isAccepted: boolean;
      readonly headers?: Readonly<Record<string, string>>;
    };

export interface AcceptedRequest {
  readonly id: string;
  /** The body, of a request about an incident. */
  readonly payload: IncidentPayload;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export type FakeWebhook = Awaited<ReturnType<typeof startFakeWebhook>>;

export const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

export async function startFakeWebhook() {
  const accepted: AcceptedRequest[] = [];
  const faults: WebhookFault[] = [];
  let requests = 0;
  let isDown = false;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests += 1;
    const body = Buffer.concat(chunks).toString();
    const fault: WebhookFault = isDown
      ? { kind: 'status', status: 503, isAccepted: false }
      : (faults.shift() ?? { kind: 'none' });
    if (fault.kind === 'reset') return void request.socket.destroy();
    if (!isSigned(request, body)) return void response.writeHead(401).end();
    if (fault.kind !== 'status' || fault.isAccepted)
      accepted.push({
        id: String(request.headers['webhook-id']),
        payload: JSON.parse(body) as IncidentPayload,
        headers: request.headers,
      });
    if (fault.kind === 'accept-then-reset') request.socket.destroy();
    else if (fault.kind === 'status')
      response.writeHead(fault.status, fault.headers).end('the response has no meaning');
    else if (fault.kind === 'none') response.writeHead(204).end();
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/t0ken`,
    accepted,
    requestsCount: () => requests,
    /** Faults of the next requests, in order. */
    fault(...next: readonly WebhookFault[]) {
      faults.push(...next);
    },
    /** While it is down, every request gets a 503. */
    down(is: boolean) {
      isDown = is;
    },
    /** The accepted requests that take effect: the first one of each id. */
    effects: () => [...new Map(accepted.toReversed().map((one) => [one.id, one])).values()].toReversed(),
    async stop() {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

function isSigned({ headers }: IncomingMessage, body: string): boolean {
  const key = Buffer.from(webhookSecret.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const given = Buffer.from(String(headers['webhook-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
