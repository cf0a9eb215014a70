import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChannelIds } from './channel-ids.ts';
import type { SlackCall, SlackCallResult } from './web-api.ts';

function open(...pages: readonly SlackCallResult[]) {
  const calls: SlackCall[] = [];
  const ids = createChannelIds({
    async *pages(call) {
      calls.push(call);
      yield* pages;
    },
  });
  return { ids, calls };
}

const pageOf = (...channels: readonly { readonly id: string; readonly name: string }[]): SlackCallResult => ({
  ok: true,
  result: { channels },
});
const alerts = { id: 'C0ALERTS01', name: 'alerts' };

for (const id of ['C0ALERTS01', 'G0PRIVATE', 'D0DIRECT1']) {
  test(`${id} is an id and needs no call`, async () => {
    const { ids, calls } = open();
    assert.deepEqual(await ids.idOf(id, 0), { ok: true, id });
    assert.deepEqual(calls, []);
  });
}

test('a name is found on a later page, and is remembered', async () => {
  const { ids, calls } = open(pageOf({ id: 'C0OTHER01', name: 'alerts-old' }), pageOf(alerts));
  assert.deepEqual(await ids.idOf('#alerts', 5), { ok: true, id: 'C0ALERTS01' });
  assert.deepEqual(await ids.idOf('#alerts', 6), { ok: true, id: 'C0ALERTS01' });
  assert.equal(calls.length, 1);
  assert.deepEqual(calls[0], {
    method: 'users.conversations',
    args: { types: 'public_channel,private_channel', exclude_archived: true },
    startBy: 5,
  });
});

test('a channel without membership has no id, and is asked for again', async () => {
  const { ids, calls } = open(pageOf(alerts));
  assert.deepEqual(await ids.idOf('#payments', 0), { ok: true, id: undefined });
  await ids.idOf('#payments', 0);
  assert.equal(calls.length, 2);
});

test('a learned id needs no call', async () => {
  const { ids, calls } = open();
  ids.learn('#alerts', 'C0ALERTS01');
  assert.deepEqual(await ids.idOf('#alerts', 0), { ok: true, id: 'C0ALERTS01' });
  assert.deepEqual(calls, []);
});

test('a failed call is returned', async () => {
  const failure = { ok: false, error: { kind: 'unknown', reason: 'timeout' }, retryInMs: undefined } as const;
  const { ids } = open(failure);
  assert.deepEqual(await ids.idOf('#alerts', 0), failure);
});
