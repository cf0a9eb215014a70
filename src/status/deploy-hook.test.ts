import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import { opsPostHandler } from './deploy-hook.ts';

const clock = { now: () => 1_000 };

async function post(body: string | Buffer, result: AlertCommandResult = { done: true, incident: undefined }) {
  const commands: AlertCommand[] = [];
  const target = {
    execute: async (command: AlertCommand) => {
      commands.push(command);
      return result;
    },
    takesDeploys: () => true,
    postHandler: () => undefined,
  };
  const handle = opsPostHandler('/v1/deploys', target, clock);
  assert.ok(handle !== undefined);
  const reply = await handle(Readable.from([Buffer.from(body)]) as unknown as IncomingMessage);
  return { status: reply.status, body: JSON.parse(reply.body) as unknown, commands };
}

test('a deploy is recorded with the time of the request', async () => {
  const { status, commands } = await post('{"version": "v231", "pools": ["celery@mail*"]}');
  assert.equal(status, 202);
  assert.deepEqual(commands, [{ what: 'deploy', deploy: { version: 'v231', pools: ['celery@mail*'], at: 1_000 } }]);
});

test('a deploy without pools concerns all of them', async () => {
  const { commands } = await post('{"version": "v231"}');
  assert.deepEqual(commands[0], { what: 'deploy', deploy: { version: 'v231', pools: [], at: 1_000 } });
});

test('a deploy that is known already is answered with 200', async () => {
  const { status, body } = await post('{"version": "v231"}', { done: false, reason: 'already-so' });
  assert.deepEqual([status, body], [200, { done: false, reason: 'already-so' }]);
});

const name200 = 'x'.repeat(200);
const accepted = [
  JSON.stringify({ version: name200 }),
  JSON.stringify({ version: 'v', pools: Array(50).fill('p') }),
  JSON.stringify({ version: 'v', commit: 'ignored' }),
];
for (const body of accepted) {
  test(`${body.slice(0, 40)} is accepted`, async () => assert.equal((await post(body)).status, 202));
}

const refused = [
  '',
  'not json',
  'null',
  '[]',
  '7',
  '{}',
  '{"version": ""}',
  '{"version": 231}',
  JSON.stringify({ version: `${name200}x` }),
  '{"version": "v", "pools": "celery@mail"}',
  '{"version": "v", "pools": [""]}',
  '{"version": "v", "pools": [1]}',
  JSON.stringify({ version: 'v', pools: Array(51).fill('p') }),
];
for (const body of refused) {
  test(`${body.slice(0, 40) || 'an empty body'} is refused with 400`, async () => {
    const { status, body: reply, commands } = await post(body);
    assert.deepEqual([status, reply], [400, { problem: 'expected {"version": text, "pools"?: [globs]}' }]);
    assert.deepEqual(commands, []);
  });
}

test('a body of 16 KiB is read, a larger one is refused with 413', async () => {
  assert.equal((await post(`{"version": "v"${' '.repeat(16 * 1024 - 16)}}`)).status, 202);
  const { status, body } = await post(`{"version": "v"${' '.repeat(16 * 1024 - 15)}}`);
  assert.deepEqual([status, body], [413, { problem: 'expected at most 16384 bytes' }]);
});

test('without permission of the policy, deploys have no handler', () => {
  const target = { execute: async () => assert.fail(), takesDeploys: () => false, postHandler: () => undefined };
  assert.equal(opsPostHandler('/v1/deploys', target, clock), undefined);
});

test('other paths have the handlers of the receivers', async () => {
  const reply = { status: 200, type: 'text/plain', body: '' };
  const target = {
    execute: async () => assert.fail(),
    takesDeploys: () => true,
    postHandler: (path: string) => (path === '/slack/actions' ? async () => reply : undefined),
  };
  const handle = opsPostHandler('/slack/actions', target, clock);
  assert.equal(await handle?.(Readable.from([]) as unknown as IncomingMessage), reply);
  assert.equal(opsPostHandler('/elsewhere', target, clock), undefined);
});
