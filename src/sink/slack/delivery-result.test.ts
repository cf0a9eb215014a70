import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveryResult } from '../../alert/outbox/claims.ts';
import { deliveryFailure, postFailure } from './delivery-result.ts';
import type { SlackErrorKind } from './errors.ts';

const cases: readonly { error: SlackErrorKind; retryInMs?: number; edit: DeliveryResult; post?: DeliveryResult }[] = [
  {
    error: { kind: 'gone', reason: 'message_not_found' },
    edit: { outcome: 'gone', reason: 'message_not_found' },
    post: { outcome: 'not-delivered', reason: 'message_not_found', retryInMs: 300_000 },
  },
  {
    error: { kind: 'unknown', reason: 'timeout' },
    retryInMs: 5,
    edit: { outcome: 'unknown', reason: 'timeout', retryInMs: undefined },
  },
  {
    error: { kind: 'rate-limited', reason: 'rate-limited', retryInMs: 7_000 },
    retryInMs: 7_000,
    edit: { outcome: 'unknown', reason: 'rate-limited', retryInMs: 7_000 },
  },
  {
    error: { kind: 'refused', reason: 'is_archived' },
    edit: { outcome: 'not-delivered', reason: 'is_archived', retryInMs: 300_000 },
  },
  {
    error: { kind: 'content', reason: 'no_text' },
    edit: { outcome: 'not-delivered', reason: 'no_text', retryInMs: 300_000 },
  },
  {
    error: { kind: 'not-sent', reason: 'paced' },
    retryInMs: 900,
    edit: { outcome: 'not-delivered', reason: 'paced', retryInMs: 900 },
  },
];
for (const { error, retryInMs, edit, post = edit } of cases) {
  test(`${error.kind}: an edit ends as ${edit.outcome}, a post as ${post.outcome}`, () => {
    assert.deepEqual(deliveryFailure({ ok: false, error, retryInMs }), edit);
    assert.deepEqual(postFailure({ ok: false, error, retryInMs }), post);
  });
}
