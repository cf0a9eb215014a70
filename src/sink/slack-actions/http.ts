/**
 * Interactions over signed HTTP, for those whose Slack can reach them. Slack waits three seconds for an answer, so it gets
 * one at once and the work is done after that. A request that is not signed by Slack, is older than five minutes, or was
 * seen before, is refused before anything in it is looked at.
 *
 * Exports: createSlackHttp, SlackHttp, SlackHttpOptions, SlackReply.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import { fieldsOf, textOf } from '../slack/json-fields.ts';

export interface SlackHttpReply {
  readonly status: number;
  /** A content type. */
  readonly type: string;
  readonly body: string;
}

/** What node's `IncomingMessage` has. */
export interface SlackRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface SlackHttpOptions {
  readonly signingSecret: () => string;
  /** Takes one interaction; never waits. */
  readonly take: (payload: unknown) => void;
  readonly clock: { readonly now: () => Millis };
  /** Is this signature new to all instances? Without it each remembers what it saw itself. */
  readonly isNew?: (signature: string) => Promise<boolean>;
  readonly report: Report;
}

export interface SlackHttp {
  /** Never rejects for what is in the request. */
  handle(request: SlackRequest): Promise<SlackHttpReply>;
}

const bodyBytesMax = 1024 * 1024;
const ageMaxMs = 5 * 60_000;
/** Twice the age at which a request is refused anyway. */
const rememberedMs = 2 * ageMaxMs;
/** Only signed requests are remembered: so many presses nobody makes in ten minutes. */
const rememberedMax = 10_000;

export function createSlackHttp(options: SlackHttpOptions): SlackHttp {
  const { clock, report } = options;
  const seen = new Map<string, Millis>();

  async function handle(request: SlackRequest): Promise<SlackHttpReply> {
    if (request.method !== 'POST') return reply(405, 'only POST\n');
    const body = await bodyOf(request);
    if (body === undefined) return reply(413, 'too large\n');
    const form = new URLSearchParams(body.toString('utf8'));
    // Slack asks for nothing else with it, and does so before there is a secret to sign with.
    if (form.get('ssl_check') === '1') return reply(200, '');
    const signature = textOf(request.headers['x-slack-signature']) ?? '';
    const sentAt = textOf(request.headers['x-slack-request-timestamp']) ?? '';
    const refusal = refusalOf(signature, sentAt, body) ?? (await repeatedOf(signature));
    if (refusal !== undefined) {
      report({ kind: 'pressed', act: 'unknown', outcome: refusal });
      return reply(refusal === 'repeated' ? 409 : 401, `${refusal}\n`);
    }
    return answerOf(body, form);
  }

  function refusalOf(signature: string, sentAt: string, body: Buffer): 'too-old' | 'not-signed' | undefined {
    if (!isSignatureOf(signature, sentAt, body, options.signingSecret())) return 'not-signed';
    return Math.abs(clock.now() - Number(sentAt) * 1_000) > ageMaxMs ? 'too-old' : undefined;
  }

  async function repeatedOf(signature: string): Promise<'repeated' | undefined> {
    const now = clock.now();
    for (const [old, until] of seen) {
      if (until > now && seen.size < rememberedMax) break;
      seen.delete(old);
    }
    if (seen.has(signature)) return 'repeated';
    seen.set(signature, now + rememberedMs);
    // While nobody can be asked a press is better done than lost: to do it twice changes nothing.
    const isNew = (await options.isNew?.(signature).catch(() => true)) ?? true;
    return isNew ? undefined : 'repeated';
  }

  function answerOf(body: Buffer, form: URLSearchParams): SlackHttpReply {
    const payload = jsonOf(form.get('payload') ?? body.toString('utf8'));
    if (payload === undefined) return reply(400, 'not readable\n');
    const { type, challenge } = fieldsOf(payload);
    if (type === 'url_verification') return reply(200, textOf(challenge) ?? '');
    options.take(payload);
    return reply(200, '');
  }

  return { handle };
}

/** undefined when it is too large. It is read to its end all the same, or the answer would not reach whoever sends it. */
async function bodyOf(request: SlackRequest): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (bytes <= bodyBytesMax) chunks.push(part);
    else chunks.length = 0;
  }
  return bytes > bodyBytesMax ? undefined : Buffer.concat(chunks);
}

function isSignatureOf(signature: string, sentAt: string, body: Buffer, secret: string): boolean {
  if (secret === '' || !/^\d{1,12}$/.test(sentAt)) return false;
  const expected = Buffer.from(`v0=${createHmac('sha256', secret).update(`v0:${sentAt}:`).update(body).digest('hex')}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reply(status: number, body: string): SlackHttpReply {
  return { status, type: 'text/plain; charset=utf-8', body };
}
