import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChannelIds } from './channel-ids.ts';
import { findMessage, type MessageSearch } from './find-message.ts';
import type { SlackFields } from './json-fields.ts';
import type { SlackCall, SlackCallFailure, SlackCallResult } from './web-api.ts';

const search: MessageSearch = {
  notificationId: 'incident-1:root',
  namespace: 'shop',
  channel: '#alerts',
  thread: undefined,
  since: 3_600_000,
  startBy: 7_200_000,
};

const messageOf = (ts: string, payload: SlackFields, type = 'taskvigil'): SlackFields => ({
  ts,
  metadata: { event_type: type, event_payload: payload },
});
const searched = messageOf('5.000001', { id: 'incident-1:root', namespace: 'shop' });
const pageOf = (...messages: readonly SlackFields[]): SlackCallResult => ({ ok: true, result: { messages } });
const refused: SlackCallFailure = {
  ok: false,
  error: { kind: 'refused', reason: 'missing_scope' },
  retryInMs: undefined,
};
const limited: SlackCallFailure = {
  ok: false,
  error: { kind: 'rate-limited', reason: 'rate-limited', retryInMs: 5_000 },
  retryInMs: 5_000,
};

/** Searches a history of `pages`, in a channel whose id is `C0ALERTS01` unless given. */
async function find(
  pages: readonly SlackCallResult[],
  changes: Partial<MessageSearch> = {},
  id: Awaited<ReturnType<ChannelIds['idOf']>> = { ok: true, id: 'C0ALERTS01' },
) {
  const calls: SlackCall[] = [];
  const api = {
    async *pages(call: SlackCall) {
      calls.push(call);
      yield* pages;
    },
  };
  const channelIds = { idOf: async () => id, learn: () => {} };
  return { result: await findMessage({ ...search, ...changes }, { api, channelIds }), calls };
}

test('a message with the id of the notification and the namespace of the fleet is found', async () => {
  const { result } = await find([pageOf(searched)]);
  assert.deepEqual(result, { kind: 'found', ref: 'C0ALERTS01/5.000001' });
});

const others: readonly (readonly [name: string, message: SlackFields])[] = [
  ['another notification', messageOf('1.0', { id: 'incident-2:root', namespace: 'shop' })],
  ['another fleet', messageOf('1.0', { id: 'incident-1:root', namespace: 'bakery' })],
  ['another app', messageOf('1.0', { id: 'incident-1:root', namespace: 'shop' }, 'deploybot')],
  ['a person', { ts: '1.0', text: 'incident-1:root' }],
];
for (const [name, message] of others) {
  test(`a message of ${name} is not found`, async () => {
    assert.deepEqual((await find([pageOf(message)])).result, { kind: 'absent' });
    assert.equal((await find([pageOf(message, searched)])).result.kind, 'found');
  });
}

test('all pages are searched', async () => {
  assert.equal((await find([pageOf(), pageOf(searched)])).result.kind, 'found');
  assert.equal((await find([pageOf(), pageOf()])).result.kind, 'absent');
});

test('the search starts ten minutes before the first attempt', async () => {
  const { calls } = await find([pageOf()]);
  assert.deepEqual(calls, [
    {
      method: 'conversations.history',
      channel: 'C0ALERTS01',
      args: { oldest: '3000.000000', include_all_metadata: true },
      startBy: 7_200_000,
    },
  ]);
});

test('a reply is searched in its thread', async () => {
  const { result, calls } = await find([pageOf(searched)], { thread: { channel: 'C0OTHER01', ts: '1.000001' } });
  assert.deepEqual(result, { kind: 'found', ref: 'C0OTHER01/5.000001' });
  assert.equal(calls[0]?.method, 'conversations.replies');
  assert.equal(calls[0]?.args?.['ts'], '1.000001');
});

test('a channel without membership cannot be searched', async () => {
  const { result, calls } = await find([], {}, { ok: true, id: undefined });
  assert.deepEqual(result, { kind: 'impossible' });
  assert.deepEqual(calls, []);
});

for (const [name, run] of [
  ['the history', (failure: SlackCallFailure) => find([failure])],
  ['the channel list', (failure: SlackCallFailure) => find([], {}, failure)],
] as const) {
  test(`a refusal of ${name} makes the search impossible`, async () => {
    assert.deepEqual((await run(refused)).result, { kind: 'impossible' });
  });

  test(`any other failure of ${name} postpones the delivery`, async () => {
    assert.deepEqual((await run(limited)).result, {
      kind: 'failed',
      result: { outcome: 'not-delivered', reason: 'search: rate-limited', retryInMs: 5_000 },
    });
  });
}

test('a failure on a later page does not count as absence', async () => {
  assert.equal((await find([pageOf(), limited])).result.kind, 'failed');
});
