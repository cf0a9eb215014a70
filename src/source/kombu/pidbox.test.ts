import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandBody, readReplies } from './pidbox.ts';

test('a command goes to every worker, and says where the answer goes', () => {
  const body = JSON.parse(
    commandBody(
      { method: 'query_task', arguments: { ids: ['a'] } },
      { ticket: 't', exchange: 'reply.celery.pidbox', routingKey: 'oid' },
    ),
  );
  assert.deepEqual(body, {
    method: 'query_task',
    arguments: { ids: ['a'] },
    destination: null,
    pattern: null,
    matcher: null,
    ticket: 't',
    reply_to: { exchange: 'reply.celery.pidbox', routing_key: 'oid' },
  });
});

test('of an answer only where a task is, and whether it is acknowledged, is taken', () => {
  const info = { args: ['canary'], kwargs: { password: 'canary' }, acknowledged: false, time_start: 12.5 };
  const [reply] = readReplies({ 'w@a': { one: ['active', info], two: ['reserved', info], three: ['ready', info] } });
  assert.equal(reply?.hostname, 'w@a');
  const tasks = [...(reply?.tasks ?? [])];
  assert.deepEqual(
    tasks.map(([id, { kind }]) => [id, kind]),
    [
      ['one', 'executing'],
      ['two', 'reserved'],
      ['three', 'reserved'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(tasks), /canary/);
});

for (const body of [null, [], 'text', { 'w@a': { error: 'AttributeError()' } }, { 'w@a': 'pong' }]) {
  test(`${JSON.stringify(body)} is no answer`, () => assert.deepEqual(readReplies(body), []));
}
