/**
 * A Slack for tests: a real HTTP server with the Web API methods that taskvigil uses, Slack's checks and rate limits, and
 * faults on demand. `log` keeps every accepted call, even if its answer was lost: people would have seen its effect.
 *
 *   const slack = await startFakeSlack();
 *   slack.fault('chat.postMessage', { kind: 'accept-then-reset' });
 *   … apiUrl: slack.apiUrl, token: slack.token …
 *   slack.messages('alerts')
 *   await slack.press({ channel: 'alerts', action: 'ack' })
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { contentErrorOf, type Entities, entitiesOf } from './slack-content.ts';
import { interactionOf, type PressFacts } from './slack-press.ts';
import { createFakeSockets, type FakeSockets } from './slack-socket.ts';

export interface FakeSlackOptions {
  readonly token?: string;
  /** For Socket Mode. */
  readonly appToken?: string;
  /** Time for the acknowledgement of an envelope. */
  readonly ackWithinMs?: number;
  /** The channels of the workspace; the bot is a member of each. */
  readonly channels?: readonly { readonly id: string; readonly name: string }[];
  /** Posts that a channel accepts at once, and the time until one more; undefined: no limit. */
  readonly postLimit?: { readonly burst: number; readonly refillMs: number };
  /** The same for each of chat.update, conversations.history and conversations.replies. */
  readonly tier3Limit?: { readonly burst: number; readonly refillMs: number };
  /** Time after which an accepted message appears in the history. */
  readonly historyLagMs?: number;
  /** Methods for which the token lacks a scope. */
  readonly missingScopes?: readonly string[];
  /** The fault of each call without an ordered one. */
  readonly weather?: (method: string) => Fault;
}

export type Fault =
  | { readonly kind: 'none' }
  /** Answers with a delay. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Accepts the call and drops the connection. */
  | { readonly kind: 'accept-then-reset' }
  /** Accepts the call and never answers. */
  | { readonly kind: 'accept-then-stall' }
  /** Accepts the call and answers with a delay. */
  | { readonly kind: 'accept-then-late'; readonly ms: number }
  /** Drops the connection without accepting the call. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'status'; readonly status: number; readonly isAccepted: boolean }
  | { readonly kind: 'error'; readonly error: string; readonly isAccepted: boolean }
  | { readonly kind: 'rate-limit'; readonly retryAfterS: number; readonly isAccepted: boolean };

export interface FakeMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly isBroadcast: boolean;
  readonly text: string;
  readonly blocks: unknown[];
  readonly metadata: unknown;
  readonly edits: number;
  readonly entities: Entities;
}

/** One call that changed something. */
export interface Accepted {
  readonly method: string;
  readonly channel: string;
  readonly ts: string;
  readonly at: number;
  readonly args: Args;
}

/** A reply that only the author of a press sees. */
export interface FakeAnswer {
  readonly type: string;
  readonly text: string;
  readonly blocks: unknown[];
  readonly entities: Entities;
}

export interface FakeSlack {
  readonly apiUrl: string;
  readonly token: string;
  readonly appToken: string;
  /** Connections of Socket Mode. */
  readonly sockets: FakeSockets;
  /** Replies to the authors of presses, in order. */
  readonly answers: readonly FakeAnswer[];
  /** Slack's payload for a press on the present buttons of a message. */
  interaction(facts: PressFacts): unknown;
  /** Sends a press over one of the sockets; false if it was not acknowledged in time. */
  press(facts: PressFacts): Promise<boolean>;
  /** Faults of the next calls of `method`, one fault per call; later calls have none. */
  fault(method: string, ...faults: Fault[]): void;
  /** Every accepted call, in order. */
  readonly log: readonly Accepted[];
  /** Names of all methods called, accepted or not, in order. */
  readonly calls: readonly string[];
  /** All received bytes as text. */
  bytes(): string;
  /** The channel's messages as a person sees them now, replies included, in order. `channel` is an id or a name. */
  messages(channel: string): FakeMessage[];
  stop(): Promise<void>;
}

type Args = Readonly<Record<string, unknown>>;
type Answer = Readonly<Record<string, unknown>>;

const defaultChannels = [
  { id: 'C0ALERTS01', name: 'alerts' },
  { id: 'C0PAYMENTS', name: 'payments' },
];

export async function startFakeSlack(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const token = options.token ?? 'xoxb-fake-token';
  const appToken = options.appToken ?? 'xapp-fake-token';
  const sockets = createFakeSockets(options.ackWithinMs);
  const answers: FakeAnswer[] = [];
  const channels = options.channels ?? defaultChannels;
  const faults = new Map<string, Fault[]>();
  const buckets = new Map<string, { tokens: number; at: number }>();
  const log: Accepted[] = [];
  const calls: string[] = [];
  const received: Buffer[] = [];
  let messages: FakeMessage[] = [];
  let lastMicros = 0;

  const methods: Readonly<Record<string, (args: Args) => Answer>> = {
    'auth.test': () => ({ ok: true, team: 'Fake Team', user: 'taskvigil', team_id: 'T0FAKE', user_id: 'U0BOT' }),
    'chat.postMessage': post,
    'chat.update': update,
    'chat.delete': remove,
    'chat.getPermalink': permalink,
    'conversations.history': (args) =>
      history(args, (message) => message.threadTs === undefined || message.isBroadcast),
    'conversations.replies': (args) =>
      history(args, (message) => [message.ts, message.threadTs].includes(text(args, 'ts'))),
    'conversations.info': (args) => {
      const channel = channelById(args);
      return channel === undefined
        ? failed('channel_not_found')
        : { ok: true, channel: { ...channel, is_member: true } };
    },
    'apps.connections.open': () => ({ ok: true, url: sockets.ticket(server) }),
    'users.conversations': () => ({ ok: true, channels, response_metadata: { next_cursor: '' } }),
  };

  function post(args: Args): Answer {
    const wanted = text(args, 'channel');
    const channel = channels.find(({ id, name }) => id === wanted || `#${name}` === wanted || name === wanted);
    if (channel === undefined) return failed('channel_not_found');
    const { blocks, metadata } = args;
    const error = contentErrorOf({ text: args['text'], blocks, metadata });
    if (error !== undefined) return failed(error);
    const threadTs = text(args, 'thread_ts');
    if (threadTs !== undefined && find(channel.id, threadTs) === undefined) return failed('thread_not_found');
    const ts = nextTs();
    const message: FakeMessage = {
      channel: channel.id,
      ts,
      threadTs,
      isBroadcast: args['reply_broadcast'] === 'true',
      text: text(args, 'text') ?? '',
      blocks: (blocks as unknown[] | undefined) ?? [],
      metadata,
      edits: 0,
      entities: entitiesOf(args),
    };
    messages.push(message);
    accept('chat.postMessage', message, args);
    return { ok: true, channel: channel.id, ts, message: { ts, text: message.text } };
  }

  function update(args: Args): Answer {
    const channel = channelById(args);
    if (channel === undefined) return failed('channel_not_found');
    const before = find(channel.id, text(args, 'ts'));
    if (before === undefined) return failed('message_not_found');
    const { blocks, metadata } = args;
    const error = contentErrorOf({ text: args['text'], blocks, metadata });
    if (error !== undefined) return failed(error);
    const message: FakeMessage = {
      ...before,
      text: text(args, 'text') ?? '',
      // An edit without blocks removes them. Metadata stays only if it is sent again.
      blocks: (blocks as unknown[] | undefined) ?? [],
      metadata,
      edits: before.edits + 1,
      // Without `parse`, Slack parses the text of an edit like a client.
      entities: entitiesOf({ ...args, parse: args['parse'] ?? 'client' }),
    };
    messages = messages.map((one) => (one === before ? message : one));
    accept('chat.update', message, args);
    return { ok: true, channel: channel.id, ts: message.ts, text: message.text };
  }

  function remove(args: Args): Answer {
    const channel = channelById(args);
    const message = channel && find(channel.id, text(args, 'ts'));
    if (channel === undefined || message === undefined) return failed('message_not_found');
    messages = messages.filter((one) => one !== message);
    accept('chat.delete', message, args);
    return { ok: true, channel: channel.id, ts: message.ts };
  }

  function permalink(args: Args): Answer {
    const channel = channelById(args);
    const message = channel && find(channel.id, text(args, 'message_ts'));
    if (message === undefined) return failed('message_not_found');
    return {
      ok: true,
      permalink: `https://fake.slack.com/archives/${message.channel}/p${message.ts.replace('.', '')}`,
    };
  }

  function history(args: Args, isWanted: (message: FakeMessage) => boolean): Answer {
    const channel = channelById(args);
    if (channel === undefined) return failed('channel_not_found');
    const visible = messages.filter((message) => {
      const isListed = micros(message.ts) <= (Date.now() - (options.historyLagMs ?? 0)) * 1_000;
      return message.channel === channel.id && isListed && isInRange(message.ts, args) && isWanted(message);
    });
    const isReplies = text(args, 'ts') !== undefined;
    const ordered = isReplies ? visible : visible.toReversed();
    const from = Number(text(args, 'cursor') ?? 0);
    const limit = Math.min(1_000, Number(text(args, 'limit') ?? 100));
    const page = ordered.slice(from, from + limit);
    const nextCursor = from + limit < ordered.length ? `${from + limit}` : '';
    return {
      ok: true,
      messages: page.map((message) => listed(message, args['include_all_metadata'] === 'true')),
      has_more: nextCursor !== '',
      response_metadata: { next_cursor: nextCursor },
    };
  }

  function find(channel: string, ts: string | undefined): FakeMessage | undefined {
    return messages.find((message) => message.channel === channel && message.ts === ts);
  }

  // Only a post accepts a channel's name; other methods require its id.
  function channelById(args: Args) {
    return channels.find(({ id }) => id === text(args, 'channel'));
  }

  function nextTs(): string {
    lastMicros = Math.max(Date.now() * 1_000, lastMicros + 1);
    return `${Math.floor(lastMicros / 1_000_000)}.${`${lastMicros % 1_000_000}`.padStart(6, '0')}`;
  }

  function accept(method: string, { channel, ts }: FakeMessage, args: Args): void {
    log.push({ method, channel, ts, at: Date.now(), args });
  }

  /** Seconds to wait, or undefined if the call is within its limit. */
  function overLimit(method: string, args: Args): number | undefined {
    const isPost = method === 'chat.postMessage';
    const isTier3 = ['chat.update', 'conversations.history', 'conversations.replies'].includes(method);
    const limit = isPost ? options.postLimit : isTier3 ? options.tier3Limit : undefined;
    if (limit === undefined) return undefined;
    const lane = isPost ? `${method} ${text(args, 'channel')}` : method;
    const now = Date.now();
    const { tokens, at } = buckets.get(lane) ?? { tokens: limit.burst, at: now };
    const available = Math.min(limit.burst, tokens + (now - at) / limit.refillMs);
    if (available < 1) {
      buckets.set(lane, { tokens: available, at: now });
      return Math.ceil(((1 - available) * limit.refillMs) / 1_000);
    }
    buckets.set(lane, { tokens: available - 1, at: now });
    return undefined;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    received.push(Buffer.from(`${request.method} ${request.url}\n`), body, Buffer.from('\n'));
    if (request.url?.startsWith('/response/')) {
      takeAnswer(body, response);
      return;
    }
    const method = (request.url ?? '').replace('/api/', '');
    const args = argsOf(body.toString('utf8'));
    calls.push(method);
    const run = methods[method];
    if (request.method !== 'POST' || run === undefined) return answer(response, 200, failed('unknown_method'));
    const sent = request.headers.authorization?.replace('Bearer ', '') ?? text(args, 'token');
    if (sent === undefined) return answer(response, 200, failed('not_authed'));
    const wanted = method === 'apps.connections.open' ? appToken : token;
    if (sent !== wanted && (sent === token || sent === appToken))
      return answer(response, 200, failed('not_allowed_token_type'));
    if (sent !== wanted) return answer(response, 200, failed('invalid_auth'));
    if (options.missingScopes?.includes(method)) return answer(response, 200, failed('missing_scope'));
    await play(
      faults.get(method)?.shift() ?? options.weather?.(method) ?? { kind: 'none' },
      () => run(args),
      () => overLimit(method, args),
      response,
    );
  }

  function takeAnswer(body: Buffer, response: ServerResponse): void {
    const sent = jsonOf(body.toString('utf8')) as Args;
    const { blocks } = sent;
    const error = contentErrorOf({ text: sent['text'], blocks, metadata: undefined });
    if (error !== undefined) {
      answer(response, 400, failed(error));
      return;
    }
    answers.push({
      type: text(sent, 'response_type') ?? 'in_channel',
      text: text(sent, 'text') ?? '',
      blocks: (blocks as unknown[] | undefined) ?? [],
      entities: entitiesOf(sent),
    });
    answer(response, 200, { ok: true });
  }

  function interaction(facts: PressFacts): unknown {
    const id = channels.find((one) => one.id === facts.channel || one.name === facts.channel)?.id;
    const shown = messages.filter((message) => message.channel === id && message.threadTs === undefined);
    const message = facts.ts === undefined ? shown.at(-1) : shown.find(({ ts }) => ts === facts.ts);
    if (message === undefined) throw new Error(`expected a message to press on in ${facts.channel}`);
    return interactionOf(message, facts, `http://127.0.0.1:${portOf(server)}/response/${answers.length}`);
  }

  async function play(
    fault: Fault,
    run: () => Answer,
    secondsOver: () => number | undefined,
    response: ServerResponse,
  ): Promise<void> {
    switch (fault.kind) {
      case 'reset':
        return void response.socket?.destroy();
      case 'accept-then-reset':
        run();
        return void response.socket?.resetAndDestroy();
      case 'accept-then-stall':
        run();
        return;
      case 'accept-then-late': {
        const taken = run();
        await new Promise((resolve) => setTimeout(resolve, fault.ms));
        return answer(response, 200, taken);
      }
      case 'status':
        if (fault.isAccepted) run();
        return answer(response, fault.status, undefined);
      case 'error':
        if (fault.isAccepted) run();
        return answer(response, 200, failed(fault.error));
      case 'rate-limit':
        if (fault.isAccepted) run();
        return refuse(response, fault.retryAfterS);
      case 'latency':
        await new Promise((resolve) => setTimeout(resolve, fault.ms));
        return answer(response, 200, run());
      case 'none': {
        const seconds = secondsOver();
        return seconds === undefined ? answer(response, 200, run()) : refuse(response, seconds);
      }
      default:
        return fault satisfies never;
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  sockets.listen(server);

  return {
    apiUrl: `http://127.0.0.1:${portOf(server)}/api/`,
    token,
    appToken,
    sockets,
    answers,
    interaction,
    press: (facts) => sockets.send(interaction(facts)),
    fault(method, ...more) {
      if (methods[method] === undefined) throw new Error(`expected a known method, got ${method}`);
      faults.set(method, [...(faults.get(method) ?? []), ...more]);
    },
    log,
    calls,
    bytes: () => Buffer.concat(received).toString('utf8'),
    messages: (channel) => {
      const known = channels.find(({ id, name }) => id === channel || name === channel);
      return messages.filter((message) => message.channel === known?.id);
    },
    async stop() {
      if (!server.listening) return;
      sockets.drop();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Form fields; `blocks` and `metadata` are JSON inside. What is not JSON stays text, and is refused by its check. */
function argsOf(form: string): Args {
  const args: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(form)) {
    args[name] = name === 'blocks' || name === 'metadata' ? jsonOf(value) : value;
  }
  return args;
}

function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function text(args: Args, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

function micros(ts: string): number {
  const [seconds = '0', rest = '0'] = ts.split('.');
  return Number(seconds) * 1_000_000 + Number(rest.padEnd(6, '0').slice(0, 6));
}

function isInRange(ts: string, args: Args): boolean {
  const at = micros(ts);
  const oldest = micros(text(args, 'oldest') ?? '0');
  const latest = micros(text(args, 'latest') ?? '99999999999');
  return args['inclusive'] === 'true' ? at >= oldest && at <= latest : at > oldest && at < latest;
}

function listed(message: FakeMessage, hasMetadata: boolean): Answer {
  const { ts, text: shown, threadTs, metadata } = message;
  return {
    type: 'message',
    bot_id: 'B0BOT',
    ts,
    text: shown,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(hasMetadata && metadata !== undefined ? { metadata } : {}),
  };
}

function failed(error: string): Answer {
  return { ok: false, error };
}

function refuse(response: ServerResponse, retryAfterS: number): void {
  response.setHeader('Retry-After', `${retryAfterS}`);
  answer(response, 429, failed('ratelimited'));
}

function answer(response: ServerResponse, status: number, body: Answer | undefined): void {
  response.writeHead(status, { 'Content-Type': body === undefined ? 'text/html' : 'application/json; charset=utf-8' });
  response.end(body === undefined ? '<html>upstream</html>' : JSON.stringify(body));
}
