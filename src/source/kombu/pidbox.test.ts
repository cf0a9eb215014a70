import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandBody } from './pidbox.ts';

const command = { method: 'query_task', arguments: { ids: ['a'] } };
const toEveryWorker = { ...command, destination: null, pattern: null, matcher: null };

test('a command is addressed to every worker', () => {
  assert.deepEqual(JSON.parse(commandBody(command, undefined)), toEveryWorker);
});

test('a command that expects replies contains their address', () => {
  const replyTo = { ticket: 't', exchange: 'reply.celery.pidbox', routingKey: 'oid' };
  assert.deepEqual(JSON.parse(commandBody(command, replyTo)), {
    ...toEveryWorker,
    ticket: 't',
    reply_to: { exchange: 'reply.celery.pidbox', routing_key: 'oid' },
  });
});
