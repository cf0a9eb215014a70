/** A small HTTP server with safe defaults: bounded connections, request times and URLs, strict headers, GET and HEAD only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpReply {
  readonly status: number;
  /** A content type. */
  readonly type: string;
  readonly body: string;
}

export interface ListenAt {
  /** undefined: every address of the machine. */
  readonly host: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

export type PostHandler = (request: IncomingMessage) => Promise<HttpReply>;

export interface HttpRoutes {
  /** Answers GET and HEAD. `url` is a path with its query. */
  readonly read: (request: IncomingMessage, url: string) => HttpReply | Promise<HttpReply>;
  /** The handler of POST at a path without query; undefined answers 405. The handler authenticates the request itself. */
  readonly postHandler: (path: string) => PostHandler | undefined;
  /** Receives the error behind a reply of 500, which contains no details. */
  readonly onError: (error: unknown) => void;
}

/** Probes and scrapers keep a handful open, and each connection costs memory beside a worker. */
const connectionsMax = 64;
const requestTimeoutMs = 10_000;
/** Node checks for overdue requests only this often; its default of 30 s would turn 10 s into 40 s. */
const requestsCheckedMs = 2_000;
const urlCharsMax = 2_048;

const headers: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Resolves once the port is bound; rejects if the port is not available. */
export async function listen(at: ListenAt, routes: HttpRoutes): Promise<Server> {
  const { onError } = routes;
  const server = createServer({ connectionsCheckingInterval: requestsCheckedMs }, (request, response) => {
    respond(request, response, routes).catch((error: unknown) => {
      onError(error);
      send(request, response, plainText(500, 'something went wrong\n'));
    });
  });
  server.maxConnections = connectionsMax;
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = requestTimeoutMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: at.port, ...(at.host === undefined ? {} : { host: at.host }) }, () => {
      server.off('error', reject);
      server.on('error', onError);
      resolve();
    });
  });
  return server;
}

async function respond(request: IncomingMessage, response: ServerResponse, routes: HttpRoutes): Promise<void> {
  const url = request.url ?? '/';
  const isTooLong = url.length > urlCharsMax;
  const post = request.method === 'POST' && !isTooLong ? routes.postHandler(pathOf(url)) : undefined;
  if (post !== undefined) {
    send(request, response, await post(request));
    return;
  }
  // No other request has a body that this server reads.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(request, response, plainText(405, 'only GET and HEAD\n'));
    return;
  }
  send(request, response, isTooLong ? plainText(414, 'too long\n') : await routes.read(request, url));
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: HttpReply): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

export function plainText(status: number, body: string): HttpReply {
  return { status, type: 'text/plain; charset=utf-8', body };
}

/** `value` as JSON, on one line unless `indent` spaces are given. */
export function jsonReply(status: number, value: unknown, indent = 0): HttpReply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value, null, indent)}\n` };
}

/** A URL's path without its query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** The bound address; undefined if the server does not listen. */
export function addressOf(server: Server | undefined): BoundAddress | undefined {
  const address = server?.address() as AddressInfo | null | undefined;
  return address === null || address === undefined ? undefined : { host: address.address, port: address.port };
}

/** Closes the port and every connection. */
export function closeServer(server: Server | undefined): Promise<void> {
  if (server === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    // A browser keeps its connection open for minutes.
    server.closeAllConnections();
  });
}
