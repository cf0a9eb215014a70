/** Error of the Slack client → what it implies for the message: posted, not posted, or unknown. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import type { Millis } from '../../event/ids.ts';

export type SlackErrorKind =
  /** Slack demands fewer calls. According to its documentation nothing was posted; posts have been observed nevertheless. */
  | { readonly kind: 'rate-limited'; readonly reason: string; readonly retryInMs: Millis }
  /** Not posted. A retry can succeed. */
  | { readonly kind: 'not-sent'; readonly reason: string }
  /** Not posted. Only a person can resolve it: token, scope, channel. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not posted, because of the message's content or format. */
  | { readonly kind: 'content'; readonly reason: string }
  /** The message to edit or to reply to does not exist or cannot be changed. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** Possibly posted. */
  | { readonly kind: 'unknown'; readonly reason: string };

const contentErrors: ReadonlySet<string> = new Set([
  'invalid_attachments',
  'invalid_blocks',
  'invalid_blocks_format',
  'metadata_must_be_sent_from_app',
  'metadata_too_large',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'too_many_attachments',
]);

/** Slack returns more content errors than its documentation lists. */
const contentErrorPattern = /^invalid_(?:.*_)?(?:blocks?|attachments?|metadata)(?:_|$)/;

const goneErrors: ReadonlySet<string> = new Set([
  'cannot_reply_to_message',
  'cant_update_message',
  'edit_window_closed',
  'message_not_found',
  'thread_locked',
  'thread_not_found',
]);

const refusals: ReadonlySet<string> = new Set([
  'access_denied',
  'account_inactive',
  'as_user_not_supported',
  'channel_not_found',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_arguments',
  'invalid_auth',
  'invalid_channel',
  'is_archived',
  'messages_tab_disabled',
  'method_deprecated',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'not_in_channel',
  'org_login_required',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'team_access_not_granted',
  'team_not_found',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
]);

/** Refusals of a rotated or revoked token. */
const tokenErrors: ReadonlySet<string> = new Set([
  'invalid_auth',
  'token_expired',
  'token_revoked',
  'account_inactive',
]);

/** True if another token could make the same call succeed. */
export function isTokenError({ kind, reason }: SlackErrorKind): boolean {
  return kind === 'refused' && tokenErrors.has(reason);
}

// No connection was made, so no request can have left. Certificate errors have many codes with these prefixes.
const notSentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

/** Some of Slack's rate-limit answers contain no waiting time. */
const rateLimitDefaultMs = 30_000;

/** Classifies any value that a call of the client threw. Never throws. */
export function classify(error: unknown): SlackErrorKind {
  if (error instanceof WebAPIRateLimitedError) {
    return { kind: 'rate-limited', reason: 'rate-limited', retryInMs: error.retryAfter * 1000 };
  }
  if (error instanceof WebAPIPlatformError) return classifyAnswer(error.data.error);
  if (error instanceof WebAPIHTTPError) {
    const reason = `http-${error.statusCode}`;
    const isRefusal = error.statusCode < 500 && error.statusCode !== 408;
    return { kind: isRefusal ? 'not-sent' : 'unknown', reason };
  }
  const code = codeOf(error);
  if (error instanceof WebAPIRequestError && notSentCodes.test(code)) return { kind: 'not-sent', reason: code };
  return { kind: 'unknown', reason: code };
}

function classifyAnswer(answer: unknown): SlackErrorKind {
  // Slack's error codes are short. Anything else is the page of a proxy.
  const reason = typeof answer === 'string' && /^[a-z_]{1,60}$/.test(answer) ? answer : 'unreadable-answer';
  if (reason === 'ratelimited' || reason === 'rate_limited') {
    return { kind: 'rate-limited', reason: 'rate-limited', retryInMs: rateLimitDefaultMs };
  }
  if (contentErrors.has(reason) || contentErrorPattern.test(reason)) return { kind: 'content', reason };
  if (goneErrors.has(reason)) return { kind: 'gone', reason };
  if (refusals.has(reason)) return { kind: 'refused', reason };
  // Slack documents that a call may have had an effect before fatal_error and internal_error. Unlisted codes are
  // treated the same way.
  return { kind: 'unknown', reason };
}

/** The innermost error code: fetch wraps the socket's error, and the client wraps fetch's. */
function codeOf(error: unknown): string {
  let code = 'no-answer';
  let current: unknown = error instanceof WebAPIRequestError ? error.original : error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ('code' in current && typeof current.code === 'string') code = current.code;
    else if (current.name === 'TimeoutError') code = 'timeout';
    current = current.cause;
  }
  return code;
}
