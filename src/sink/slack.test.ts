import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type FakeSlack, type FakeSlackOptions, type Fault, startFakeSlack } from '../../test/fakes/slack.ts';
import type { Notification } from '../alert/notification.ts';
import type { Fingerprint } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import { createSlackSink, type SlackSinkOptions } from './slack.ts';

const started: FakeSlack[] = [];
after(() => Promise.all(started.map((slack) => slack.stop())));

async function open(fake: FakeSlackOptions = {}, options: Partial<SlackSinkOptions> = {}) {
  const slack = await startFakeSlack(fake);
  started.push(slack);
  const sink = createSlackSink({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock: { now: Date.now },
    sleep: async () => {},
    links: [],
    namespace: 'shop',
    postIntervalMs: 0,
    timeoutMs: 1_000,
    ...options,
  });
  const deliver = (notification: Notification) => sink.deliver(notification, { startBy: Date.now() + 60_000 });
  return { slack, sink, deliver };
}

const root: Notification = {
  id: 'incident-1:root',
  incident: 'incident-1',
  action: 'post',
  channel: '#alerts',
  root: undefined,
  mayBeThereSince: undefined,
  state: 'open',
  severity: 'normal',
  mentions: [],
  rule: 'default',
  reason: 'threshold-crossed',
  title: 'PaymentDeclined: card was declined' as Redacted,
  taskName: 'billing.tasks.charge' as Redacted,
  queue: undefined,
  class: 'bug',
  cause: 'app-error',
  fingerprint: 'f00d' as Fingerprint,
  count: 3,
  firstAt: 0,
  lastAt: 1_000,
  resolvedAt: undefined,
  reopens: 0,
  hostnames: [],
  example: { taskId: 'task-1', traceId: 'trace-1' },
  evidence: '3 in 10 min, threshold 3',
};
const again: Notification = { ...root, mayBeThereSince: Date.now() };

test('posts a root message, edits it, and replies so that the channel sees it', async () => {
  const { slack, deliver } = await open();
  const posted = await deliver(root);
  assert.ok(posted.outcome === 'delivered');
  const { ref } = posted;
  const resolved: Notification = { ...root, action: 'edit', root: ref, state: 'resolved', resolvedAt: 2_000 };
  const reply: Notification = { ...root, id: 'incident-1:repeat:1', action: 'reply', root: ref };
  assert.deepEqual(await deliver(resolved), posted);
  assert.equal((await deliver(reply)).outcome, 'delivered');

  const [first, second, ...none] = slack.messages('alerts');
  assert.deepEqual(none, []);
  assert.deepEqual({ channel: first!.channel, ts: first!.ts }, ref);
  assert.match(first!.text, /Resolved: billing\.tasks\.charge/);
  assert.equal(first!.edits, 1);
  assert.equal(second!.threadTs, ref.ts);
  assert.equal(second!.isBroadcast, true);
  assert.deepEqual(second!.metadata, {
    event_type: 'taskvigil',
    event_payload: { id: 'incident-1:repeat:1', incident: 'incident-1', namespace: 'shop' },
  });
});

const unknownFaults: readonly { readonly name: string; readonly fault: Fault; readonly accepted: number }[] = [
  { name: 'the connection breaks after Slack took it', fault: { kind: 'accept-then-reset' }, accepted: 1 },
  { name: 'the connection breaks before Slack took it', fault: { kind: 'reset' }, accepted: 0 },
  { name: 'Slack takes it and never answers', fault: { kind: 'accept-then-stall' }, accepted: 1 },
  { name: 'a 503 follows acceptance', fault: { kind: 'status', status: 503, isAccepted: true }, accepted: 1 },
  { name: 'a 503 comes instead', fault: { kind: 'status', status: 503, isAccepted: false }, accepted: 0 },
  {
    name: 'Slack had an error inside',
    fault: { kind: 'error', error: 'internal_error', isAccepted: true },
    accepted: 1,
  },
  { name: 'a page comes that is not Slack', fault: { kind: 'status', status: 200, isAccepted: false }, accepted: 0 },
  {
    name: 'Slack limits and takes it all the same',
    fault: { kind: 'rate-limit', retryAfterS: 7, isAccepted: true },
    accepted: 1,
  },
];
for (const { name, fault, accepted } of unknownFaults) {
  test(`does not know whether it posted when ${name}, and finds out before it posts again`, async () => {
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

    const second = await sink.deliver(again, limits);
    assert.equal(second.outcome, accepted === 1 ? 'found' : 'delivered');
    assert.equal(slack.messages('alerts').length, 1);
  });
}

const certainFaults = ['invalid_auth', 'channel_not_found', 'not_in_channel', 'is_archived', 'missing_scope'];
for (const error of certainFaults) {
  test(`knows that ${error} posted nothing and waits for a person`, async () => {
    const { slack, deliver } = await open();
    slack.fault('chat.postMessage', { kind: 'error', error, isAccepted: false });
    assert.deepEqual(await deliver(root), { outcome: 'not-delivered', reason: error, retryInMs: 300_000 });
  });
}

test('knows that nothing was posted when nobody listens', async () => {
  const { slack, deliver } = await open();
  await slack.stop();
  assert.deepEqual(await deliver(root), { outcome: 'not-delivered', reason: 'ECONNREFUSED', retryInMs: undefined });
});

test('tells how long Slack wants to be left alone, and leaves that channel alone only', async () => {
  const { slack, sink } = await open();
  slack.fault('chat.postMessage', { kind: 'rate-limit', retryAfterS: 7, isAccepted: false });
  const limits = { startBy: Date.now() + 2_000 };
  assert.deepEqual(await sink.deliver(root, limits), { outcome: 'unknown', reason: 'rate-limited', retryInMs: 7_000 });
  const paced = await sink.deliver({ ...root, id: 'incident-2:root' }, limits);
  assert.ok(paced.outcome === 'not-delivered' && paced.reason === 'paced' && paced.retryInMs! > 6_000);
  assert.equal((await sink.deliver({ ...root, channel: '#payments' }, limits)).outcome, 'delivered');
  assert.deepEqual(slack.calls, ['chat.postMessage', 'chat.postMessage']);
});

test('spaces posts into one channel', async () => {
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const { deliver } = await open({}, { postIntervalMs: 1_000, sleep, clock: { now: () => 0 } });
  await Promise.all([deliver(root), deliver(root), deliver({ ...root, channel: '#payments' }), deliver(root)]);
  assert.deepEqual(waits, [1_000, 2_000]);
});

test('does not begin to post when its time is over', async () => {
  const { slack, sink } = await open();
  const late = await sink.deliver(root, { startBy: Date.now() - 1 });
  assert.equal(late.outcome, 'not-delivered');
  assert.deepEqual(slack.calls, []);
});

test('does not take the message of another channel or namespace for its own', async () => {
  const { slack, deliver } = await open();
  const other = createSlackSink({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock: { now: Date.now },
    sleep: async () => {},
    links: [],
    namespace: 'another-shop',
    postIntervalMs: 0,
  });
  await other.deliver(root, { startBy: Date.now() + 60_000 });
  await deliver({ ...root, channel: '#payments' });
  assert.equal((await deliver(again)).outcome, 'delivered');
});

test('looks page by page, and for a reply in its thread', async () => {
  const { slack, deliver } = await open();
  const posted = await deliver(root);
  assert.ok(posted.outcome === 'delivered');
  const reply: Notification = { ...root, id: 'incident-1:repeat:1', action: 'reply', root: posted.ref };
  await deliver(reply);
  for (let index = 0; index < 250; index += 1) await deliver({ ...root, id: `incident-x${index}:root` });
  assert.deepEqual(await deliver(again), { outcome: 'found', ref: posted.ref });
  assert.equal((await deliver({ ...reply, mayBeThereSince: Date.now() })).outcome, 'found');
  assert.ok(slack.calls.filter((method) => method === 'conversations.history').length >= 2);
});

test('posts again and says that it may be a repeat when it may not look', async () => {
  const { slack, deliver } = await open({ missingScopes: ['conversations.history'] });
  assert.equal((await deliver(again)).outcome, 'delivered');
  assert.match(JSON.stringify(slack.messages('alerts')[0]!.blocks), /\(may be a repeat\)/);
});

for (const method of ['conversations.history', 'users.conversations']) {
  test(`does not post when looking failed for now: ${method}`, async () => {
    const { slack, deliver } = await open();
    slack.fault(method, { kind: 'status', status: 500, isAccepted: false });
    assert.equal((await deliver(again)).outcome, 'not-delivered');
    assert.deepEqual(slack.messages('alerts'), []);
  });
}

test('sends as plain text what Slack does not want as blocks', async () => {
  const { slack, deliver } = await open();
  slack.fault('chat.postMessage', { kind: 'error', error: 'invalid_blocks', isAccepted: false });
  assert.equal((await deliver(root)).outcome, 'delivered');
  const [message] = slack.messages('alerts');
  assert.deepEqual(message!.blocks, []);
  assert.match(message!.text, /card was declined/);
});

test('lets go of a message that somebody removed', async () => {
  const { sink, deliver } = await open();
  const posted = await deliver(root);
  assert.ok(posted.outcome === 'delivered');
  await sink.retract(posted.ref);
  await sink.retract(posted.ref);
  assert.deepEqual(await deliver({ ...root, action: 'edit', root: posted.ref }), {
    outcome: 'gone',
    reason: 'message_not_found',
  });
});

test('uses a rotated token at once', async () => {
  let token = 'xoxb-old';
  const { slack, sink, deliver } = await open({}, { token: () => token });
  assert.deepEqual(await sink.check(), { ok: false, reason: 'invalid_auth' });
  token = slack.token;
  assert.deepEqual(await sink.check(), { ok: true, team: 'Fake Team', user: 'taskvigil' });
  assert.equal((await deliver(root)).outcome, 'delivered');
});

test('gives one message one client_msg_id, and another one another', async () => {
  const { slack, deliver } = await open();
  for (const id of ['a', 'a', 'b']) await deliver({ ...root, id });
  const ids = slack.log.map(({ args }) => args['client_msg_id']);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
  assert.match(String(ids[0]), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
