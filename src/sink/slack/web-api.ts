/**
 * Calls of Slack's Web API, on our schedule: one lane for each (method, channel), because Slack limits them apart and a
 * wait in one must not hold up another. The client's own retries and queue are off: they repeat what may have been done,
 * and wait for all where one was limited.
 *
 * Exports: createSlackCalls, SlackCallOptions, Answer, FailedAnswer, Fields, fieldsOf, listOf, textOf.
 */
import { LogLevel, WebClient } from '@slack/web-api';
import type { Millis } from '../../event/ids.ts';
import { classify, isAboutToken, type SlackErrorKind } from './errors.ts';

export interface SlackApiOptions {
  /** Asked before each call, so that a rotated token is used at once. */
  readonly token: () => string;
  /** Looks whether there is another token by now, after Slack refused the one it got. */
  readonly renewToken?: () => boolean;
  /** Slack's own when left out. */
  readonly apiUrl?: string;
  readonly clock: { readonly now: () => Millis };
  readonly sleep: (ms: Millis) => Promise<void>;
  /** Least time between two posts into one channel; Slack allows one a second. */
  readonly postIntervalMs?: Millis;
  readonly timeoutMs?: Millis;
}

export type SlackFields = Readonly<Record<string, unknown>>;

export interface SlackCallFailure {
  readonly ok: false;
  readonly error: SlackErrorKind;
  /** When to come back, if Slack or our schedule says. */
  readonly retryInMs: Millis | undefined;
}

export type SlackCallResult = { readonly ok: true; readonly result: SlackFields } | SlackCallFailure;

export interface SlackApi {
  /** `channel` is '' for methods without one. A call that could not begin by `startBy` is not made. */
  call(method: string, channel: string, args: SlackFields, startBy: Millis): Promise<SlackCallResult>;
  /** One answer a page, until the last page or a failed one. */
  pages(method: string, channel: string, args: SlackFields, startBy: Millis): AsyncGenerator<SlackCallResult>;
}

/** Slack answers in well under a second; the lease of a claim allows for three of these. */
const timeoutDefaultMs = 4_000;
const postIntervalDefaultMs = 1_000;
/** More than are ever under way, so that none waits inside the client: a request that waited could outlive its claim. */
const requestsMax = 16;
const pageSize = 200;
const pagesMax = 10;

export function createSlackApi(options: SlackApiOptions): SlackApi {
  const { clock } = options;
  const postIntervalMs = options.postIntervalMs ?? postIntervalDefaultMs;
  /** When the next call in a lane may begin: a handful of methods for each configured channel. */
  const readyAt = new Map<string, Millis>();
  let client: { readonly token: string; readonly web: WebClient } | undefined;

  function webClient(): WebClient {
    const token = options.token();
    if (client?.token !== token) client = { token, web: newClient(token, options) };
    return client.web;
  }

  async function call(method: string, channel: string, args: SlackFields, startBy: Millis): Promise<SlackCallResult> {
    const lane = `${method} ${channel}`;
    const now = clock.now();
    const at = Math.max(now, readyAt.get(lane) ?? 0);
    if (at > startBy) return { ok: false, error: { kind: 'not-sent', reason: 'paced' }, retryInMs: at - now };
    readyAt.set(lane, at + (method === 'chat.postMessage' ? postIntervalMs : 0));
    if (at > now) await options.sleep(at - now);
    if (clock.now() > startBy) return { ok: false, error: { kind: 'not-sent', reason: 'out-of-time' }, retryInMs: 0 };
    const sent = channel === '' ? { ...args } : { channel, ...args };
    const answer = await send(method, sent);
    // Refused for its token, a call has done nothing: with another token it may be made at once.
    const isRenewed = !answer.ok && isAboutToken(answer.error) && options.renewToken?.() === true;
    if (isRenewed && clock.now() <= startBy) return send(method, sent);
    if (!answer.ok && answer.error.kind === 'rate-limited')
      readyAt.set(lane, Math.max(readyAt.get(lane) ?? 0, clock.now() + answer.error.retryInMs));
    return answer;
  }

  async function send(method: string, args: Record<string, unknown>): Promise<SlackCallResult> {
    try {
      return { ok: true, result: fieldsOf(await webClient().apiCall(method, args)) };
    } catch (error) {
      const kind = classify(error);
      return { ok: false, error: kind, retryInMs: kind.kind === 'rate-limited' ? kind.retryInMs : undefined };
    }
  }

  async function* pages(
    method: string,
    channel: string,
    args: SlackFields,
    startBy: Millis,
  ): AsyncGenerator<SlackCallResult> {
    let cursor = '';
    for (let page = 0; page < pagesMax; page += 1) {
      const paging = { limit: pageSize, ...(cursor === '' ? {} : { cursor }) };
      const answer = await call(method, channel, { ...args, ...paging }, startBy);
      yield answer;
      if (!answer.ok) return;
      cursor = textOf(fieldsOf(answer.result['response_metadata'])['next_cursor']) ?? '';
      if (cursor === '') return;
    }
  }

  return { call, pages };
}

function newClient(token: string, options: SlackApiOptions): WebClient {
  return new WebClient(token, {
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: options.timeoutMs ?? timeoutDefaultMs,
    maxRequestConcurrency: requestsMax,
    allowAbsoluteUrls: false,
    logger: silentLogger,
  });
}

// The client logs whole requests; what is worth knowing, the outcomes say.
const silentLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

export function listOf(value: unknown): SlackFields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

export function fieldsOf(value: unknown): SlackFields {
  return typeof value === 'object' && value !== null ? (value as SlackFields) : {};
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
