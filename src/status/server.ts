/**
 * Serves probes and people over HTTP on two listeners: `ops` for probes and Prometheus, reachable from the cluster and
 * free of names, addresses and task data; `ui` for the status page, which shows tasks and therefore binds to loopback.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Millis } from '../event/ids.ts';
import {
  addressOf,
  type BoundAddress,
  closeServer,
  type HttpReply,
  type HttpRoutes,
  jsonReply,
  type ListenAt,
  listen,
  type PostHandler,
  pathOf,
  plainText,
} from './http.ts';
import { ListenError, type ListenOption } from './listen-error.ts';

export interface ReadinessComponent {
  readonly name: string;
  readonly state: 'ready' | 'starting' | 'down';
  readonly since: Millis;
  /** A word or short sentence of this project's own, never an address or external text. */
  readonly reason: string | undefined;
}

export interface Readiness {
  readonly isReady: boolean;
  readonly components: readonly ReadinessComponent[];
}

export interface StatusServerOptions {
  readonly ops: ListenAt;
  /** undefined: no page. */
  readonly ui: ListenAt | undefined;
  readonly version: string;
  /** True if the daemon itself makes progress. Must not depend on brokers or sinks: a restart would not repair them. */
  readonly isHealthy: () => boolean;
  readonly readiness: () => Readiness;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** The page at a path with its query; undefined answers 404. */
  readonly page: (path: string) => HttpReply | undefined;
  /** Further replies of `ops`, by path with query; undefined answers 404. */
  readonly queryPage?: (path: string) => HttpReply | undefined;
  /** Handlers of POST requests to `ops`; undefined answers 405. */
  readonly postHandler?: (path: string) => PostHandler | undefined;
  /** Called for a port that is not available; the server then runs without that listener. Without it the start rejects. */
  readonly onUnavailable?: (problem: ListenError) => void;
  /** Receives the error behind a reply of 500, which contains no details. */
  readonly onError: (error: unknown) => void;
}

export interface StatusServer {
  readonly name: string;
  /** Rejects with a ListenError if a port is not available and there is no `onUnavailable`. */
  start(): Promise<void>;
  /** May be called twice, and without a start. */
  stop(): Promise<void>;
  /** The bound addresses; undefined before the start and after the stop, and for `ui` without a page. */
  address(): { readonly ops: BoundAddress | undefined; readonly ui: BoundAddress | undefined };
}

export function createStatusServer(options: StatusServerOptions): StatusServer {
  let ops: Server | undefined;
  let ui: Server | undefined;

  async function stop(): Promise<void> {
    const servers = [ops, ui];
    [ops, ui] = [undefined, undefined];
    await Promise.all(servers.map(closeServer));
  }

  async function open(option: ListenOption, at: ListenAt, routes: HttpRoutes): Promise<Server | undefined> {
    try {
      return await listen(at, routes);
    } catch (error) {
      const problem = new ListenError(option, at, error);
      if (options.onUnavailable === undefined) throw problem;
      options.onUnavailable(problem);
      return undefined;
    }
  }

  return {
    name: 'status',
    async start() {
      try {
        ops ??= await open('ops.listen', options.ops, opsRoutes(options));
        if (options.ui !== undefined) ui ??= await open('ui.listen', options.ui, uiRoutes(options));
      } catch (error) {
        // One listener without the other would answer probes for a daemon that did not start.
        await stop();
        throw error;
      }
    },
    stop,
    address: () => ({ ops: addressOf(ops), ui: addressOf(ui) }),
  };
}

function opsRoutes(options: StatusServerOptions): HttpRoutes {
  return {
    read: (_, url) => opsReply(url, options),
    postHandler: options.postHandler ?? noPostHandler,
    onError: options.onError,
  };
}

function uiRoutes(options: StatusServerOptions): HttpRoutes {
  return {
    read: (request, url) => uiReply(request, url, options),
    postHandler: noPostHandler,
    onError: options.onError,
  };
}

function noPostHandler(): undefined {}

async function opsReply(url: string, options: StatusServerOptions): Promise<HttpReply> {
  switch (pathOf(url)) {
    case '/healthz':
    case '/livez':
    case '/-/healthy':
      return options.isHealthy() ? plainText(200, 'ok\n') : plainText(503, 'stalled\n');
    case '/readyz':
    case '/-/ready':
      return readinessReply(options.readiness());
    case '/metrics':
      return { status: 200, type: options.metrics.contentType, body: await options.metrics.text() };
    case '/version':
      return jsonReply(200, { version: options.version });
    default:
      return options.queryPage?.(url) ?? plainText(404, 'not found\n');
  }
}

function readinessReply({ isReady, components }: Readiness): HttpReply {
  const shown = components.map(({ name, state, since, reason }) => ({
    name,
    state,
    since: new Date(since).toISOString(),
    ...(reason === undefined ? {} : { reason }),
  }));
  return jsonReply(isReady ? 200 : 503, { ready: isReady, components: shown }, 2);
}

/** Another site can make a browser send requests here under a host name of its own (DNS rebinding); those are refused. */
function uiReply(request: IncomingMessage, url: string, options: StatusServerOptions): HttpReply {
  if (!isLoopbackHost(request.headers.host)) return plainText(421, 'this page is served to this machine only\n');
  return options.page(url) ?? plainText(404, 'not found\n');
}

function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}
