/**
 * Receives interactions over Slack's Socket Mode. taskvigil connects to Slack, so no address has to be reachable from
 * outside. The loop runs until the stop: wait for a lease, request an address, hold the connection, repeat.
 *
 * Slack allows ten connections per app and delivers each interaction to one of them, so only instances with a lease
 * connect. Slack announces the end of a connection: the next one opens while the previous one still receives.
 */
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import { backoffMs } from '../../runtime/backoff.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import type { Clock } from '../../runtime/clock.ts';
import { textOf } from '../slack/json-fields.ts';
import { createSlackApi, type SlackApi } from '../slack/web-api.ts';
import { isRefresh, openConnection, type SocketConnection, type SocketEnvelope } from './socket-connection.ts';

export interface SlackSocketOptions {
  /** An app-level token, `xapp-…`, with connections:write. */
  readonly appToken: () => string;
  /** Defaults to Slack's address. */
  readonly apiUrl?: string;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  /** True while this instance holds one of the app's leases; checked every second. */
  readonly mayConnect: () => boolean;
  /** Accepts one interaction without waiting. */
  readonly take: (payload: unknown) => void;
  readonly report: Report;
}

export type SlackSocketState = 'connected' | 'connecting' | 'standing-by';

export interface SlackSocket {
  readonly name: string;
  state(): SlackSocketState;
  /** Resolves at once; the loop connects. */
  start(): Promise<void>;
  /** May be called twice, and without a start. */
  stop(): Promise<void>;
}

interface Ending {
  readonly reason: string;
  readonly heldMs: Millis;
}

const source = 'slack-socket';
const leaseEveryMs = 1_000;
/** A shorter connection proves nothing: the back-off continues to grow after it. */
const provenMs = 10_000;
const retryFirstMs = 1_000;
const retryMostMs = 30_000;
/** Only a person, or Slack's own clean-up of connections, can resolve a refusal. */
const refusedRetryMs = 60_000;
const envelopesRemembered = 1_000;

export function createSlackSocket(options: SlackSocketOptions): SlackSocket {
  const { report } = options;
  const loop = new SocketLoop(options);
  let running: Promise<void> | undefined;
  return {
    name: source,
    state: () => loop.state,
    async start() {
      running ??= loop.run().catch((error: unknown) => report({ kind: 'bug', where: 'slack.socket', error }));
    },
    async stop() {
      loop.stop();
      await running;
    },
  };
}

/** The loop and the connections it holds; two at a time while Slack refreshes one. */
class SocketLoop {
  readonly #options: SlackSocketOptions;
  readonly #api: SlackApi;
  readonly #open = new Set<SocketConnection>();
  /** Ids of recent envelopes: Slack repeats an envelope whose acknowledgement it missed. */
  readonly #envelopes = new BoundedMap<string, true>({ itemsMax: envelopesRemembered });
  readonly #stopping = new AbortController();
  state: SlackSocketState = 'standing-by';

  constructor(options: SlackSocketOptions) {
    const { appToken, apiUrl, clock } = options;
    this.#options = options;
    this.#api = createSlackApi({
      token: appToken,
      ...(apiUrl === undefined ? {} : { apiUrl }),
      clock,
      sleep: (ms) => clock.sleep(ms),
    });
  }

  async run(): Promise<void> {
    const { clock, mayConnect } = this.#options;
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      if (!mayConnect()) {
        this.state = 'standing-by';
        await clock.sleep(leaseEveryMs, signal);
        continue;
      }
      this.state = 'connecting';
      const { reason, heldMs } = await this.#connectOnce();
      if (signal.aborted || reason === 'lease-lost') continue;
      failures = heldMs >= provenMs ? 0 : failures + 1;
      if (failures === 0 && isRefresh(reason)) continue;
      await this.#waitAfter(reason, failures);
    }
    this.state = 'standing-by';
  }

  stop(): void {
    this.#stopping.abort();
    for (const connection of this.#open) connection.close();
  }

  async #waitAfter(reason: string, failures: number): Promise<void> {
    const { clock, random, report } = this.#options;
    const retryInMs = isRefusal(reason)
      ? refusedRetryMs
      : backoffMs(failures + 1, { firstMs: retryFirstMs, mostMs: retryMostMs, random });
    this.state = 'connecting';
    report({ kind: 'source-disconnected', source, reason, retryInMs });
    await clock.sleep(retryInMs, this.#stopping.signal);
  }

  async #connectOnce(): Promise<Ending> {
    const { clock, apiUrl } = this.#options;
    const answer = await this.#api.call({ method: 'apps.connections.open', startBy: Number.POSITIVE_INFINITY });
    if (!answer.ok) {
      const { kind, reason } = answer.error;
      return { reason: kind === 'refused' ? `refused: ${reason}` : reason, heldMs: 0 };
    }
    const url = URL.parse(textOf(answer.result['url']) ?? '');
    // Without TLS only if the configuration names another server than Slack's.
    if (url?.protocol !== 'wss:' && !(url?.protocol === 'ws:' && apiUrl !== undefined)) {
      return { reason: 'unreadable-address', heldMs: 0 };
    }
    if (this.#stopping.signal.aborted) return { reason: 'stopped', heldMs: 0 };
    const openedAt = clock.now();
    const reason = await this.#hold(url.href);
    return { reason, heldMs: clock.now() - openedAt };
  }

  async #hold(url: string): Promise<string> {
    const { clock, mayConnect } = this.#options;
    const connection = openConnection(url, {
      clock,
      mayConnect,
      onHello: () => this.#greeted(connection),
      onEnvelope: (envelope) => this.#take(envelope),
      onClosed: () => this.#open.delete(connection),
    });
    this.#open.add(connection);
    const reason = await connection.ended;
    if (reason === 'lease-lost') for (const one of this.#open) one.close();
    return reason;
  }

  /** The new connection receives envelopes, so the previous ones close. */
  #greeted(connection: SocketConnection): void {
    this.state = 'connected';
    this.#options.report({ kind: 'source-connected', source });
    for (const previous of this.#open) if (previous !== connection) previous.close();
  }

  #take({ id, type, payload }: SocketEnvelope): void {
    if (type !== 'interactive' || this.#envelopes.has(id)) return;
    this.#envelopes.set(id, true);
    this.#options.take(payload);
  }
}

function isRefusal(reason: string): boolean {
  return reason === 'link_disabled' || reason === 'too_many_websockets' || reason.startsWith('refused');
}
