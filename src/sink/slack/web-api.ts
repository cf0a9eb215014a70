/**
 * Calls Slack's Web API on a schedule of its own: one lane per method and channel, because Slack limits each separately
 * and a wait in one lane must not delay another. The Slack client's own retries and queue are off: they repeat calls
 * that may have succeeded, and delay all calls when one is rate-limited.
 */
import { LogLevel, WebClient } from '@slack/web-api';
import type { Millis } from '../../event/ids.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { classify, isTokenError, type SlackErrorKind } from './errors.ts';
import { fieldsOf, type SlackFields, textOf } from './json-fields.ts';

export interface SlackApiOptions {
  /** Read before each call, so that a rotated token applies at once. */
  readonly token: () => string;
  /** Reads the token again after Slack refused it. Returns true if it changed. */
  readonly renewToken?: () => boolean;
  /** Defaults to Slack's address. */
  readonly apiUrl?: string;
  readonly clock: { readonly now: () => Millis };
  readonly sleep: (ms: Millis) => Promise<void>;
  /** Minimum time between two posts into one channel; Slack allows one per second. */
  readonly postIntervalMs?: Millis;
  readonly timeoutMs?: Millis;
}

export interface SlackCall {
  readonly method: string;
  /** An id or a `#name`; undefined for methods without a channel. */
  readonly channel?: string;
  readonly args?: SlackFields;
  /** The call is not made if it cannot start by this time. */
  readonly startBy: Millis;
}

export interface SlackCallFailure {
  readonly ok: false;
  readonly error: SlackErrorKind;
  /** Wait before the next attempt, where Slack or the lane's schedule demands one. */
  readonly retryInMs: Millis | undefined;
}

export type SlackCallResult = { readonly ok: true; readonly result: SlackFields } | SlackCallFailure;

export interface SlackApi {
  call(call: SlackCall): Promise<SlackCallResult>;
  /** Yields one result per page, up to the last page or the first failure. */
  pages(call: SlackCall): AsyncGenerator<SlackCallResult>;
}

/** Slack answers in well under a second; the lease of a claimed delivery allows for three timeouts. */
const timeoutDefaultMs = 4_000;
const postIntervalDefaultMs = 1_000;
/** More than ever run at once, so that none waits inside the client: a waiting request could outlive its claim. */
const requestsMax = 16;
const pageSize = 200;
const pagesMax = 10;
/** A handful of methods for each configured channel. */
const lanesMax = 1_000;

export function createSlackApi(options: SlackApiOptions): SlackApi {
  const { clock } = options;
  const postIntervalMs = options.postIntervalMs ?? postIntervalDefaultMs;
  /** Start time of the next call in each lane. */
  const readyAt = new BoundedMap<string, Millis>({ itemsMax: lanesMax });
  let client: { readonly token: string; readonly web: WebClient } | undefined;

  async function call({ method, channel, args = {}, startBy }: SlackCall): Promise<SlackCallResult> {
    const lane = `${method} ${channel ?? ''}`;
    const now = clock.now();
    const at = Math.max(now, readyAt.get(lane) ?? 0);
    if (at > startBy) return notSent('paced', at - now);
    readyAt.set(lane, at + (method === 'chat.postMessage' ? postIntervalMs : 0));
    if (at > now) await options.sleep(at - now);
    if (clock.now() > startBy) return notSent('out-of-time', 0);
    const sent = channel === undefined ? { ...args } : { channel, ...args };
    const answer = await send(method, sent);
    // A call refused for its token had no effect, so it is repeated at once with a new token.
    const isRenewed = !answer.ok && isTokenError(answer.error) && options.renewToken?.() === true;
    if (isRenewed && clock.now() <= startBy) return send(method, sent);
    if (!answer.ok && answer.error.kind === 'rate-limited')
      readyAt.set(lane, Math.max(readyAt.get(lane) ?? 0, clock.now() + answer.error.retryInMs));
    return answer;
  }

  async function send(method: string, args: Record<string, unknown>): Promise<SlackCallResult> {
    try {
      return { ok: true, result: fieldsOf(await webClient().apiCall(method, args)) };
    } catch (thrown) {
      const error = classify(thrown);
      return { ok: false, error, retryInMs: error.kind === 'rate-limited' ? error.retryInMs : undefined };
    }
  }

  function webClient(): WebClient {
    const token = options.token();
    if (client?.token !== token) client = { token, web: newClient(token, options) };
    return client.web;
  }

  async function* pages(first: SlackCall): AsyncGenerator<SlackCallResult> {
    let cursor = '';
    for (let page = 0; page < pagesMax; page += 1) {
      const paging = { limit: pageSize, ...(cursor === '' ? {} : { cursor }) };
      const answer = await call({ ...first, args: { ...first.args, ...paging } });
      yield answer;
      if (!answer.ok) return;
      cursor = textOf(fieldsOf(answer.result['response_metadata'])['next_cursor']) ?? '';
      if (cursor === '') return;
    }
  }

  return { call, pages };
}

function notSent(reason: string, retryInMs: Millis): SlackCallFailure {
  return { ok: false, error: { kind: 'not-sent', reason }, retryInMs };
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

/** The client logs whole requests. The results of the calls contain what operators need. */
const silentLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
