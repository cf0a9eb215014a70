import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  bulletinNotificationOf,
  bulletinOf,
  incidentOf,
  notificationOf,
  openedAt,
} from '../../../test/fakes/incident.ts';
import { type FakeSlack, type FakeSlackOptions, type Fault, startFakeSlack } from '../../../test/fakes/slack.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import { attemptDelivery } from '../../notify/receiver.ts';
import { slackRefText } from '../slack-message/message-ref.ts';
import { createSlackReceiver, type SlackReceiverOptions } from './receiver.ts';

const started: FakeSlack[] = [];
after(() => Promise.all(started.map((slack) => slack.stop())));

async function open(fake: FakeSlackOptions = {}, options: Partial<SlackReceiverOptions> = {}) {
  const slack = await startFakeSlack(fake);
  started.push(slack);
  const sink = createSlackReceiver({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock: { now: Date.now },
    sleep: async () => {},
    links: () => [],
    namespace: 'shop',
    postIntervalMs: 0,
    timeoutMs: 1_000,
    ...options,
  });
  const deliver = (notification: Notification) => attemptDelivery(sink, notification, { startBy: Date.now() + 60_000 });
  return { slack, sink, deliver };
}

const root = notificationOf();
const again: Notification = { ...root, mayBeThereSince: Date.now() };
const line: Notification = {
  ...notificationOf(incidentOf(), { action: 'line', line: { at: 0, what: 'grew', text: '70 failures' } }),
  id: '7d3f9a1c2b:line:1',
};
const reminder: Notification = { ...root, id: '7d3f9a1c2b:reminder:1', action: 'reminder' };

test('a root message is posted and edited; a line stays in its thread, a reminder also appears in the channel', async () => {
  const { slack, deliver } = await open();
  const posted = await deliver(root);
  assert.ok(posted.outcome === 'delivered');
  const { ref } = posted;
  const over = incidentOf({ phase: { name: 'resolved', at: openedAt + 600_000, by: undefined } });
  assert.deepEqual(await deliver(notificationOf(over, { action: 'edit', ref })), posted);
  assert.equal((await deliver({ ...line, ref })).outcome, 'delivered');
  assert.equal((await deliver({ ...reminder, ref })).outcome, 'delivered');

  const [first, second, third, ...none] = slack.messages('alerts');
  assert.deepEqual(none, []);
  assert.equal(slackRefText(first!), ref);
  assert.match(first!.text, /Resolved: New failure · billing\.tasks\.charge/);
  assert.equal(first!.edits, 1);
  assert.deepEqual([second!.threadTs, second!.isBroadcast], [first!.ts, false]);
  assert.deepEqual([third!.threadTs, third!.isBroadcast], [first!.ts, true]);
  assert.deepEqual(third!.metadata, {
    event_type: 'taskvigil',
    event_payload: { id: '7d3f9a1c2b:reminder:1', incident: '7d3f9a1c2b', namespace: 'shop' },
  });
});

test('a link is posted to another channel, outside any thread', async () => {
  const { slack, deliver } = await open();
  const posted = await deliver(root);
  assert.ok(posted.outcome === 'delivered');
  const link: Notification = {
    ...root,
    id: '7d3f9a1c2b:link:1',
    action: 'link',
    channel: '#payments',
    ref: posted.ref,
  };
  assert.equal((await deliver(link)).outcome, 'delivered');
  const [shown] = slack.messages('payments');
  assert.equal(shown!.threadTs, undefined);
  assert.deepEqual(shown!.entities.links, [
    `https://fake.slack.com/archives/${posted.ref.replace('/', '/p').replace('.', '')}`,
  ]);
  assert.equal((await deliver({ ...link, mayBeThereSince: Date.now() })).outcome, 'found');
});

test('a link names the channel if Slack does not return the address', async () => {
  const { slack, deliver } = await open();
  slack.fault('chat.getPermalink', { kind: 'error', error: 'internal_error', isAccepted: false });
  const link: Notification = {
    ...root,
    action: 'link',
    channel: '#payments',
    ref: 'C0ALERTS01/1.0',
  };
  assert.equal((await deliver(link)).outcome, 'delivered');
  assert.deepEqual(slack.messages('payments')[0]!.entities.mentions, ['channel:C0ALERTS01']);
});

test('a bulletin is posted and edited', async () => {
  const { slack, deliver } = await open();
  const posted = await deliver(bulletinNotificationOf(bulletinOf()));
  assert.ok(posted.outcome === 'delivered');
  const grown = bulletinOf({ more: 9 });
  assert.deepEqual(await deliver(bulletinNotificationOf(grown, { action: 'edit', ref: posted.ref })), posted);
  assert.match(slack.messages('alerts')[0]!.text, /9 more incidents/);
});

test('an open incident has buttons if there is a key to sign them', async () => {
  const { slack, deliver } = await open({}, { buttonKey: () => 'key' });
  await deliver(root);
  assert.match(JSON.stringify(slack.messages('alerts')[0]!.blocks), /"block_id":"tv1\|shop\|7d3f9a1c2b\|o0\|/);
});

const unknownFaults: readonly { readonly name: string; readonly fault: Fault; readonly accepted: number }[] = [
  { name: 'the connection breaks after acceptance', fault: { kind: 'accept-then-reset' }, accepted: 1 },
  { name: 'the connection breaks before acceptance', fault: { kind: 'reset' }, accepted: 0 },
  { name: 'Slack accepts the post and never answers', fault: { kind: 'accept-then-stall' }, accepted: 1 },
  { name: 'a 503 follows acceptance', fault: { kind: 'status', status: 503, isAccepted: true }, accepted: 1 },
  { name: 'a 503 replaces acceptance', fault: { kind: 'status', status: 503, isAccepted: false }, accepted: 0 },
  {
    name: 'Slack reports an internal error',
    fault: { kind: 'error', error: 'internal_error', isAccepted: true },
    accepted: 1,
  },
  { name: 'a proxy answers with a page', fault: { kind: 'status', status: 200, isAccepted: false }, accepted: 0 },
  {
    name: 'Slack answers with a rate limit despite acceptance',
    fault: { kind: 'rate-limit', retryAfterS: 7, isAccepted: true },
    accepted: 1,
  },
];
for (const { name, fault, accepted } of unknownFaults) {
  test(`the outcome is unknown if ${name}, and the next attempt searches before it posts`, async () => {
    const { slack, sink } = await open({}, { sleep: async () => {} });
    slack.fault('chat.postMessage', fault);
    const limits = { startBy: Date.now() + 60_000 };
    assert.equal((await sink.deliver(root, limits)).outcome, 'unknown');
    assert.equal(
      slack.calls.filter((method) => method === 'chat.postMessage').length,
      1,
      'one call, no retries inside',
    );
    assert.equal(slack.messages('alerts').length, accepted);

    const second = await attemptDelivery(sink, again, limits);
    assert.equal(second.outcome, accepted === 1 ? 'found' : 'delivered');
    assert.equal(slack.messages('alerts').length, 1);
  });
}

const certainFaults = ['invalid_auth', 'channel_not_found', 'not_in_channel', 'is_archived', 'missing_scope'];
for (const error of certainFaults) {
  test(`${error} means that nothing was posted; the next attempt follows after five minutes`, async () => {
    const { slack, deliver } = await open();
    slack.fault('chat.postMessage', { kind: 'error', error, isAccepted: false });
    assert.deepEqual(await deliver(root), { outcome: 'not-delivered', reason: error, retryInMs: 300_000 });
  });
}

test('a refused connection means that nothing was posted', async () => {
  const { slack, deliver } = await open();
  await slack.stop();
  assert.deepEqual(await deliver(root), { outcome: 'not-delivered', reason: 'ECONNREFUSED', retryInMs: undefined });
});

test('a rate limit returns its waiting time and delays its channel only', async () => {
  const { slack, sink } = await open();
  slack.fault('chat.postMessage', { kind: 'rate-limit', retryAfterS: 7, isAccepted: false });
  const limits = { startBy: Date.now() + 2_000 };
  assert.deepEqual(await sink.deliver(root, limits), { outcome: 'unknown', reason: 'rate-limited', retryInMs: 7_000 });
  const paced = await sink.deliver({ ...root, id: 'incident-2:root' }, limits);
  assert.ok(paced.outcome === 'not-delivered' && paced.reason === 'paced' && paced.retryInMs! > 6_000);
  assert.equal((await sink.deliver({ ...root, channel: '#payments' }, limits)).outcome, 'delivered');
  assert.deepEqual(slack.calls, ['chat.postMessage', 'chat.postMessage']);
});

test('posts into one channel are spaced', async () => {
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const { deliver } = await open({}, { postIntervalMs: 1_000, sleep, clock: { now: () => 0 } });
  await Promise.all([deliver(root), deliver(root), deliver({ ...root, channel: '#payments' }), deliver(root)]);
  assert.deepEqual(waits, [1_000, 2_000]);
});

test('no post starts after its deadline', async () => {
  const { slack, sink } = await open();
  const late = await sink.deliver(root, { startBy: Date.now() - 1 });
  assert.equal(late.outcome, 'not-delivered');
  assert.deepEqual(slack.calls, []);
});

test('a message of another channel or namespace is not found as its own', async () => {
  const { slack, deliver } = await open();
  const other = createSlackReceiver({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock: { now: Date.now },
    sleep: async () => {},
    links: () => [],
    namespace: 'another-shop',
    postIntervalMs: 0,
  });
  await other.deliver(root, { startBy: Date.now() + 60_000 });
  await deliver({ ...root, channel: '#payments' });
  assert.equal((await deliver(again)).outcome, 'delivered');
});

test('the search reads all pages, and a reply is searched in its thread', async () => {
  const { slack, deliver } = await open();
  const posted = await deliver(root);
  assert.ok(posted.outcome === 'delivered');
  const reply: Notification = { ...line, ref: posted.ref };
  await deliver(reply);
  for (let index = 0; index < 250; index += 1) await deliver({ ...root, id: `incident-x${index}:root` });
  assert.deepEqual(await deliver(again), { outcome: 'found', ref: posted.ref });
  assert.equal((await deliver({ ...reply, mayBeThereSince: Date.now() })).outcome, 'found');
  assert.ok(slack.calls.filter((method) => method === 'conversations.history').length >= 2);
});

test('without permission to search, a message is posted again with the note that it may be a repeat', async () => {
  const { slack, deliver } = await open({ missingScopes: ['conversations.history'] });
  assert.equal((await deliver(again)).outcome, 'delivered');
  assert.match(JSON.stringify(slack.messages('alerts')[0]!.blocks), /\(may be a repeat\)/);
});

for (const method of ['conversations.history', 'users.conversations']) {
  test(`nothing is posted if the search fails for now: ${method}`, async () => {
    const { slack, deliver } = await open();
    slack.fault(method, { kind: 'status', status: 500, isAccepted: false });
    assert.equal((await deliver(again)).outcome, 'not-delivered');
    assert.deepEqual(slack.messages('alerts'), []);
  });
}

test('a message whose blocks Slack refuses is sent as plain text', async () => {
  const { slack, deliver } = await open();
  slack.fault('chat.postMessage', { kind: 'error', error: 'invalid_blocks', isAccepted: false });
  assert.equal((await deliver(root)).outcome, 'delivered');
  const [message] = slack.messages('alerts');
  assert.deepEqual(message!.blocks, []);
  assert.match(message!.text, /card was declined/);
});

test('an edit of a deleted message is gone, and a second deletion is no error', async () => {
  const { sink, deliver } = await open();
  const posted = await deliver(root);
  assert.ok(posted.outcome === 'delivered');
  await sink.retract(posted.ref);
  await sink.retract(posted.ref);
  assert.deepEqual(await deliver({ ...root, action: 'edit', ref: posted.ref }), {
    outcome: 'gone',
    reason: 'message_not_found',
  });
});

test('a rotated token applies to the next call', async () => {
  let token = 'xoxb-old';
  const { slack, deliver } = await open({}, { token: () => token });
  assert.deepEqual(await deliver(root), { outcome: 'not-delivered', reason: 'invalid_auth', retryInMs: 300_000 });
  token = slack.token;
  assert.equal((await deliver(root)).outcome, 'delivered');
});

test('a call refused for its token is repeated at once with a renewed token', async () => {
  const tokens = ['xoxb-old'];
  const { slack, deliver } = await open(
    {},
    { token: () => tokens[0]!, renewToken: () => tokens.splice(0, 1, slack.token)[0] !== slack.token },
  );
  assert.equal((await deliver(root)).outcome, 'delivered');
  slack.fault('chat.postMessage', { kind: 'error', error: 'token_expired', isAccepted: false });
  assert.deepEqual(await deliver({ ...root, id: 'b' }), {
    outcome: 'not-delivered',
    reason: 'token_expired',
    retryInMs: 300_000,
  });
  assert.equal(slack.calls.length, 3);
});

test('each message has a client_msg_id of its own', async () => {
  const { slack, deliver } = await open();
  for (const id of ['a', 'a', 'b']) await deliver({ ...root, id });
  const ids = slack.log.map(({ args }) => args['client_msg_id']);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
  assert.match(String(ids[0]), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

const mishaps: readonly Fault[] = [
  { kind: 'accept-then-reset' },
  { kind: 'reset' },
  { kind: 'accept-then-stall' },
  { kind: 'status', status: 503, isAccepted: true },
  { kind: 'status', status: 502, isAccepted: false },
  { kind: 'error', error: 'internal_error', isAccepted: true },
  { kind: 'error', error: 'fatal_error', isAccepted: false },
  { kind: 'rate-limit', retryAfterS: 0, isAccepted: true },
  { kind: 'rate-limit', retryAfterS: 0, isAccepted: false },
  { kind: 'error', error: 'invalid_blocks', isAccepted: false },
  { kind: 'latency', ms: 30 },
];

test('under any sequence of faults each message is delivered, and once', async () => {
  const { slack, sink } = await open({ historyLagMs: 50 }, { timeoutMs: 250 });
  // Two of three posts meet a mishap, looks and addresses one of three.
  for (let count = 0; count < 400; count += 1) {
    const mishap = mishaps[count % mishaps.length]!;
    slack.fault(
      'chat.postMessage',
      ...(count % 3 === 0 ? [] : [mishap]),
      ...(count % 2 === 0 ? [{ kind: 'none' } as const] : []),
    );
    if (count % 3 === 0)
      slack.fault(
        'conversations.history',
        { kind: 'status', status: 500, isAccepted: false },
        { kind: 'none' },
        { kind: 'none' },
      );
  }
  const ids = Array.from({ length: 36 }, (_, index) => `incident-${index}:root`);
  async function deliverAtLast(id: string): Promise<void> {
    let mayBeThereSince: number | undefined;
    for (let tries = 0; tries < 40; tries += 1) {
      const at = Date.now();
      const delivery = await attemptDelivery(sink, { ...root, id, mayBeThereSince }, { startBy: at + 60_000 });
      if (delivery.outcome === 'delivered' || delivery.outcome === 'found') return;
      if (delivery.outcome === 'unknown') mayBeThereSince ??= at;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${id} never arrived`);
  }
  for (let from = 0; from < ids.length; from += 6) await Promise.all(ids.slice(from, from + 6).map(deliverAtLast));
  const shown = slack
    .messages('alerts')
    .map(({ metadata }) => (metadata as { event_payload: { id: string } }).event_payload.id);
  assert.deepEqual(shown.sort(), ids.sort());
  assert.ok(slack.calls.length > 2 * ids.length, `${slack.calls.length} calls`);
});
