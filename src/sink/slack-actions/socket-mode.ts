/**
 * Interactions over Slack's Socket Mode: we call Slack, so nothing has to be reachable from outside. A loop that goes on
 * for ever: wait for the lease, ask for an address, hold the connection, and again. Each envelope is acknowledged before
 * anything else is done with it, because Slack waits three seconds.
 *
 * Slack allows ten connections for an app and hands each interaction to one of them, so only instances that hold a lease
 * connect. Before Slack closes a connection it says so: then the next one is opened while the old one still listens.
 *
 * Exports: createSlackSocket, SlackSocket, SlackSocketOptions.
 */
import WebSocket from 'ws';
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import { fieldsOf, textOf } from '../slack/json-fields.ts';
import { createSlackApi } from '../slack/web-api.ts';

export interface SlackSocketOptions {
  /** An app-level token, `xapp-…`, with connections:write. */
  readonly appToken: () => string;
  /** Slack's own when left out. */
  readonly apiUrl?: string;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  /** Does this instance hold one of the app's leases? Asked every second. */
  readonly mayConnect: () => boolean;
  /** Takes one interaction; never waits. */
  readonly take: (payload: unknown) => void;
  readonly report: Report;
}

export interface SlackSocket {
  readonly name: string;
  state(): 'connected' | 'connecting' | 'standing-by';
  /** Resolves at once; connecting is a matter of the loop. */
  start(): Promise<void>;
  /** May be called twice, and without a start. */
  stop(): Promise<void>;
}

type EndReason = string;

/** Reasons of Slack for which it helps to come back at once. */
const refreshes: ReadonlySet<EndReason> = new Set(['warning', 'refresh_requested']);

const source = 'slack-socket';
const leaseEveryMs = 1_000;
const openTimeoutMs = 10_000;
const pingEveryMs = 10_000;
/** Three pings without a sign of life. */
const silentMaxMs = 30_000;
/** A connection that was good for less proves nothing: after it the wait still grows. */
const provenMs = 10_000;
const retryFirstMs = 1_000;
const retryMostMs = 30_000;
/** Only a person can help, or Slack's own clean-up. */
const refusedRetryMs = 60_000;
/** Slack does not close the connection after the farewell. */
const farewellMs = 1_000;
const payloadBytesMax = 1024 * 1024;
const envelopesRemembered = 1_000;

export function createSlackSocket(options: SlackSocketOptions): SlackSocket {
  const { clock, random, report, mayConnect } = options;
  const calls = createSlackApi({
    token: options.appToken,
    ...(options.apiUrl === undefined ? {} : { apiUrl: options.apiUrl }),
    clock,
    sleep: (ms) => clock.sleep(ms),
  });
  const open = new Set<WebSocket>();
  const envelopes = new Set<string>();
  const stopping = new AbortController();
  let state: 'connected' | 'connecting' | 'standing-by' = 'standing-by';
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      if (!mayConnect()) {
        state = 'standing-by';
        await clock.sleep(leaseEveryMs, stopping.signal);
        continue;
      }
      state = 'connecting';
      const { reason, heldMs } = await connectOnce();
      if (stopping.signal.aborted || reason === 'lease-lost') continue;
      failures = heldMs >= provenMs ? 0 : failures + 1;
      if (failures === 0 && refreshes.has(reason)) continue;
      const isRefused = reason === 'link_disabled' || reason === 'too_many_websockets' || reason.startsWith('refused');
      const retryInMs = isRefused
        ? refusedRetryMs
        : backoffMs(failures + 1, { firstMs: retryFirstMs, mostMs: retryMostMs, random });
      state = 'connecting';
      report({ kind: 'source-disconnected', source, reason, retryInMs });
      await clock.sleep(retryInMs, stopping.signal);
    }
    state = 'standing-by';
  }

  async function connectOnce(): Promise<{ readonly reason: EndReason; readonly heldMs: Millis }> {
    const answer = await calls.call({ method: 'apps.connections.open', startBy: Number.POSITIVE_INFINITY });
    if (!answer.ok) {
      const { kind, reason } = answer.error;
      return { reason: kind === 'refused' ? `refused: ${reason}` : reason, heldMs: 0 };
    }
    const url = URL.parse(textOf(answer.result['url']) ?? '');
    // Without TLS only where somebody else than Slack was configured.
    if (url?.protocol !== 'wss:' && !(url?.protocol === 'ws:' && options.apiUrl !== undefined)) {
      return { reason: 'unreadable-address', heldMs: 0 };
    }
    if (stopping.signal.aborted) return { reason: 'stopped', heldMs: 0 };
    const at = clock.now();
    const reason = await hold(url.href);
    return { reason, heldMs: clock.now() - at };
  }

  /** Resolves with why another connection is needed. */
  function hold(url: string): Promise<EndReason> {
    return new Promise((resolve) => {
      const socket = new WebSocket(url, { handshakeTimeout: openTimeoutMs, maxPayload: payloadBytesMax });
      let heardAt = clock.now();
      open.add(socket);
      const heard = (): void => {
        heardAt = clock.now();
      };
      const watching = clock.every(leaseEveryMs, () => {
        if (!mayConnect()) end('lease-lost');
        else if (clock.now() - heardAt > silentMaxMs) end('silent');
      });
      const pinging = clock.every(pingEveryMs, () => {
        if (socket.readyState === WebSocket.OPEN) socket.ping();
      });
      const end = (reason: EndReason): void => {
        watching[Symbol.dispose]();
        // What Slack announced is still open and may bring something until the next one is there.
        if (!refreshes.has(reason)) bye(socket);
        if (reason === 'lease-lost') for (const old of open) bye(old);
        resolve(reason);
      };
      socket.on('ping', heard);
      socket.on('pong', heard);
      socket.on('message', (data, isBinary) => {
        heard();
        const message = isBinary ? {} : fieldsOf(jsonOf(String(data)));
        if (message['type'] === 'hello') greeted(socket);
        else if (message['type'] === 'disconnect') end(reasonOf(message['reason']));
        else envelope(socket, message);
      });
      socket.on('error', (error) => end(codeOf(error)));
      socket.on('close', (code) => {
        pinging[Symbol.dispose]();
        open.delete(socket);
        end(`closed: ${code}`);
      });
    });
  }

  /** The new connection listens: those before it may go. */
  function greeted(socket: WebSocket): void {
    state = 'connected';
    report({ kind: 'source-connected', source });
    for (const old of open) if (old !== socket) bye(old);
  }

  function envelope(socket: WebSocket, message: Readonly<Record<string, unknown>>): void {
    const id = textOf(message['envelope_id']);
    if (id === undefined) return;
    socket.send(JSON.stringify({ envelope_id: id }), () => {
      // If it is not acknowledged Slack tells who pressed; there is nothing more to do.
    });
    if (message['type'] !== 'interactive' || envelopes.has(id)) return;
    envelopes.add(id);
    for (const oldest of envelopes) {
      if (envelopes.size <= envelopesRemembered) break;
      envelopes.delete(oldest);
    }
    options.take(message['payload']);
  }

  function bye(socket: WebSocket): void {
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    else socket.close(1_000);
    clock.after(farewellMs, () => socket.terminate());
  }

  return {
    name: source,
    state: () => state,
    async start() {
      running ??= run().catch((error: unknown) => report({ kind: 'bug', where: 'slack.socket', error }));
    },
    async stop() {
      stopping.abort();
      for (const socket of open) bye(socket);
      await running;
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One of Slack's short words. */
function reasonOf(reason: unknown): EndReason {
  return typeof reason === 'string' && /^[a-z_]{1,40}$/.test(reason) ? reason : 'disconnect';
}

/** An error's code, without its text: that may quote the address, which holds a ticket. */
function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'socket-error';
}
