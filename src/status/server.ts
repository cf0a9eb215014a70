/**
 * What a probe or a person sees over HTTP. Two listeners: `ops` for probes and Prometheus, reachable from the cluster and
 * free of names, addresses and task data; `ui` for the page, which shows tasks and therefore listens on loopback only.
 * Both only read: GET and HEAD, but for what `takes` is there for.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Millis } from '../event/ids.ts';

export interface ListenAt {
  /** undefined: every address of the machine. */
  readonly host: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface ReadinessComponent {
  readonly name: string;
  readonly state: 'ready' | 'starting' | 'degraded' | 'down';
  readonly since: Millis;
  /** One word or short sentence of ours, never an address or a text from outside. */
  readonly reason: string | undefined;
}

export interface Readiness {
  readonly isReady: boolean;
  readonly components: readonly ReadinessComponent[];
}

export interface HttpReply {
  readonly status: number;
  /** A content type. */
  readonly type: string;
  readonly body: string;
}

export interface StatusServerOptions {
  readonly ops: ListenAt;
  /** undefined: no page. */
  readonly ui: ListenAt | undefined;
  readonly version: string;
  /** Is the daemon itself alive? It must not look at brokers or sinks, or a restart would be the cure for their trouble. */
  readonly isHealthy: () => boolean;
  readonly readiness: () => Readiness;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** The page at a path (query included), or undefined when there is none. */
  readonly page: (path: string) => HttpReply | undefined;
  /** More that `ops` answers, by its path with the query; undefined: nothing is there. */
  readonly queryPage?: (path: string) => HttpReply | undefined;
  /** Who takes what is posted to a path of `ops`, if anybody does; they know by themselves whom to believe. */
  readonly postHandler?: (path: string) => ((request: IncomingMessage) => Promise<HttpReply>) | undefined;
  /** Told when an answer could not be made; the visitor gets a 500 without details. */
  readonly onError: (error: unknown) => void;
}

export interface StatusServer {
  readonly name: string;
  /** Rejects when a port cannot be had. */
  start(): Promise<void>;
  /** May be called twice, and without a start. */
  stop(): Promise<void>;
  /** What was bound; undefined before the start and after the stop, and for `ui` when there is no page. */
  address(): { readonly ops: BoundAddress | undefined; readonly ui: BoundAddress | undefined };
}

export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

interface Answers {
  readonly read: (request: IncomingMessage, url: string) => HttpReply | Promise<HttpReply>;
  readonly takes: NonNullable<StatusServerOptions['postHandler']>;
}

/** Probes and scrapers keep a handful open; more is somebody else, and each costs memory beside a worker. */
const connectionsMax = 64;
const requestTimeoutMs = 10_000;
/** Node looks for requests that take too long only this often; its own 30 s would make 10 s into 40. */
const requestsCheckedMs = 2_000;
const urlCharsMax = 2_048;

const json = 'application/json; charset=utf-8';
const plain = 'text/plain; charset=utf-8';

export function createStatusServer(options: StatusServerOptions): StatusServer {
  let ops: Server | undefined;
  let ui: Server | undefined;

  async function stop(): Promise<void> {
    const servers = [ops, ui];
    [ops, ui] = [undefined, undefined];
    await Promise.all(servers.map(close));
  }

  return {
    name: 'status',
    async start() {
      try {
        const opsAnswers = {
          read: (_: unknown, url: string) => opsAnswer(url, options),
          takes: options.postHandler ?? nobody,
        };
        ops ??= await listen(options.ops, opsAnswers, options);
        const uiAnswers: Answers = { read: (request, url) => uiAnswer(request, url, options), takes: nobody };
        if (options.ui !== undefined) ui ??= await listen(options.ui, uiAnswers, options);
      } catch (error) {
        // One listener without the other would answer probes for a daemon that did not start.
        await stop();
        throw error;
      }
    },
    stop,
    address: () => ({ ops: boundAddress(ops), ui: boundAddress(ui) }),
  };
}

function nobody(): undefined {}

async function opsAnswer(url: string, options: StatusServerOptions): Promise<HttpReply> {
  switch (pathOf(url)) {
    case '/healthz':
    case '/livez':
    case '/-/healthy':
      return options.isHealthy() ? text(200, 'ok\n') : text(503, 'stalled\n');
    case '/readyz':
    case '/-/ready':
      return readinessPage(options.readiness());
    case '/metrics':
      return { status: 200, type: options.metrics.contentType, body: await options.metrics.text() };
    case '/version':
      return { status: 200, type: json, body: `${JSON.stringify({ version: options.version })}\n` };
    default:
      return options.queryPage?.(url) ?? text(404, 'not found\n');
  }
}

function readinessPage({ isReady, components }: Readiness): HttpReply {
  const shown = components.map(({ name, state, since, reason }) => ({
    name,
    state,
    since: new Date(since).toISOString(),
    ...(reason === undefined ? {} : { reason }),
  }));
  const body = `${JSON.stringify({ ready: isReady, components: shown }, null, 2)}\n`;
  return { status: isReady ? 200 : 503, type: json, body };
}

/** A page of another site can make a browser ask us by a name of its own; it then sends that name. */
function uiAnswer(request: IncomingMessage, url: string, options: StatusServerOptions): HttpReply {
  if (!isLoopbackHost(request.headers.host)) return text(421, 'this page is served to this machine only\n');
  return options.page(url) ?? text(404, 'not found\n');
}

function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

async function listen(at: ListenAt, answers: Answers, { onError }: StatusServerOptions): Promise<Server> {
  const server = createServer({ connectionsCheckingInterval: requestsCheckedMs }, (request, response) => {
    respond(request, response, answers).catch((error: unknown) => {
      onError(error);
      send(request, response, text(500, 'something went wrong\n'));
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

async function respond(request: IncomingMessage, response: ServerResponse, { read, takes }: Answers): Promise<void> {
  const url = request.url ?? '/';
  const take = request.method === 'POST' && url.length <= urlCharsMax ? takes(pathOf(url)) : undefined;
  if (take !== undefined) {
    send(request, response, await take(request));
    return;
  }
  // Nobody has anything else to send us.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(request, response, text(405, 'only GET and HEAD\n'));
    return;
  }
  send(request, response, url.length > urlCharsMax ? text(414, 'too long\n') : await read(request, url));
}

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

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: HttpReply): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function text(status: number, body: string): HttpReply {
  return { status, type: plain, body };
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function boundAddress(server: Server | undefined): BoundAddress | undefined {
  const address = server?.address() as AddressInfo | null | undefined;
  return address === null || address === undefined ? undefined : { host: address.address, port: address.port };
}

function close(server: Server | undefined): Promise<void> {
  if (server === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    // A browser keeps its connection open for longer than anybody wants to wait.
    server.closeAllConnections();
  });
}
