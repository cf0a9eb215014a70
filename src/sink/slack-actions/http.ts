/**
 * Receives interactions over signed HTTP, for installations that Slack can reach. Slack waits three seconds, so the reply
 * is sent before the work. Refuses a request that Slack did not sign, that is older than five minutes, or that repeats an
 * earlier one; its content is read only after that.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { fieldsOf, textOf } from '../slack/json-fields.ts';

export interface SlackHttpReply {
  readonly status: number;
  /** A content type. */
  readonly type: string;
  readonly body: string;
}

/** The part of Node's `IncomingMessage` that is used. */
export interface SlackRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface SlackHttpOptions {
  readonly signingSecret: () => string;
  /** Accepts one interaction without waiting. */
  readonly take: (payload: unknown) => void;
  readonly clock: { readonly now: () => Millis };
  readonly report: Report;
}

export interface SlackHttp {
  /** Never rejects because of the request's content. */
  handle(request: SlackRequest): Promise<SlackHttpReply>;
}

const bodyBytesMax = 1024 * 1024;
const ageMaxMs = 5 * 60_000;
/** Only signed requests are stored, and people do not press this often in five minutes. */
const signaturesMax = 10_000;

export function createSlackHttp(options: SlackHttpOptions): SlackHttp {
  const { clock, report } = options;
  /**
   * Signatures of accepted requests. Older than `ageMaxMs`, a repeated request is refused for its age, so an entry needs no
   * expiry.
   */
  const signatures = new BoundedMap<string, true>({ itemsMax: signaturesMax });

  async function handle(request: SlackRequest): Promise<SlackHttpReply> {
    if (request.method !== 'POST') return reply(405, 'only POST\n');
    const body = await bodyOf(request);
    if (body === undefined) return reply(413, 'too large\n');
    const form = new URLSearchParams(body.toString('utf8'));
    // Slack checks the certificate with an unsigned request, before the app has a secret.
    if (form.get('ssl_check') === '1') return reply(200, '');
    const signature = textOf(request.headers['x-slack-signature']) ?? '';
    const sentAt = textOf(request.headers['x-slack-request-timestamp']) ?? '';
    const refusal = refusalOf(signature, sentAt, body);
    if (refusal !== undefined) {
      report({ kind: 'pressed', act: 'unknown', outcome: refusal });
      return reply(refusal === 'repeated' ? 409 : 401, `${refusal}\n`);
    }
    signatures.set(signature, true);
    return accept(body, form);
  }

  function refusalOf(
    signature: string,
    sentAt: string,
    body: Buffer,
  ): 'not-signed' | 'too-old' | 'repeated' | undefined {
    if (!isSignatureOf({ signature, sentAt, body, secret: options.signingSecret() })) return 'not-signed';
    if (Math.abs(clock.now() - Number(sentAt) * 1_000) > ageMaxMs) return 'too-old';
    return signatures.has(signature) ? 'repeated' : undefined;
  }

  function accept(body: Buffer, form: URLSearchParams): SlackHttpReply {
    const payload = jsonOf(form.get('payload') ?? body.toString('utf8'));
    if (payload === undefined) return reply(400, 'not readable\n');
    const { type, challenge } = fieldsOf(payload);
    if (type === 'url_verification') return reply(200, textOf(challenge) ?? '');
    options.take(payload);
    return reply(200, '');
  }

  return { handle };
}

/** undefined if the body is too large. It is read to its end regardless: otherwise the sender would not see the reply. */
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

interface SignedBody {
  readonly signature: string;
  /** Seconds since the epoch, as sent. */
  readonly sentAt: string;
  readonly body: Buffer;
  readonly secret: string;
}

/** Slack's signature, version 0: HMAC-SHA256 of `v0:<time>:<body>`. */
function isSignatureOf({ signature, sentAt, body, secret }: SignedBody): boolean {
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
