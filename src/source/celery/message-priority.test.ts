import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessagePriority } from '../inbox.ts';
import { priorityOf } from './message-priority.ts';

const eventsOf = (...types: readonly string[]): string =>
  JSON.stringify(
    types.map((type) => ({ type })),
    undefined,
    0,
  );

const cases: readonly { readonly types: readonly string[]; readonly want: MessagePriority }[] = [
  { types: ['task-failed'], want: 'failure' },
  { types: ['task-retried'], want: 'failure' },
  { types: ['task-rejected'], want: 'failure' },
  { types: ['task-revoked'], want: 'failure' },
  { types: ['task-cancelled'], want: 'failure' },
  { types: ['worker-heartbeat'], want: 'failure' },
  { types: ['task-succeeded', 'task-failed'], want: 'failure' },
  { types: ['task-received', 'task-failed'], want: 'failure' },
  { types: ['task-sent'], want: 'name' },
  { types: ['task-received', 'task-started'], want: 'name' },
  { types: ['task-started'], want: 'other' },
  { types: ['task-succeeded'], want: 'other' },
];
for (const { types, want } of cases) {
  const payload = eventsOf(...types);
  test(`a message with ${types.join(' and ')} has priority "${want}", as a body and in an envelope`, () => {
    assert.equal(priorityOf({ source: 's', receivedAt: 1, payload, form: 'event-body' }), want);
    const envelope = `{"body": "${Buffer.from(payload).toString('base64')}", "content-type": "application/json"}`;
    assert.equal(priorityOf({ source: 's', receivedAt: 1, payload: envelope, form: 'kombu-envelope' }), want);
  });
}

test('a failed result has priority "failure", another one "other"', () => {
  const result = (status: string) => ({
    source: 's',
    receivedAt: 1,
    payload: JSON.stringify({ status }),
    form: 'result-meta',
  });
  assert.equal(priorityOf(result('FAILURE')), 'failure');
  assert.equal(priorityOf(result('SUCCESS')), 'other');
});

test('an envelope with a plain body is read as text', () => {
  const payload = JSON.stringify({ body: eventsOf('task-failed') }).replaceAll('\\"', '"');
  assert.equal(priorityOf({ source: 's', receivedAt: 1, payload, form: 'kombu-envelope' }), 'failure');
});
