import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { incidentOf, notificationOf } from '../../../test/fakes/incident.ts';
import { startFakeWebhook, webhookSecret } from '../../../test/fakes/webhook.ts';
import { createSystemClock } from '../../runtime/clock.ts';
import { createWebhookReceiver, type WebhookReceiverOptions } from './receiver.ts';

async function open(t: TestContext, changes: Partial<WebhookReceiverOptions> = {}) {
  const webhook = await startFakeWebhook();
  t.after(() => webhook.stop());
  const settings = { url: webhook.url, secret: webhookSecret, timeoutMs: 1_000 };
  const receiver = createWebhookReceiver({
    settings: () => settings,
    clock: createSystemClock(),
    namespace: 'shop',
    linksOf: () => [],
    userAgent: 'taskvigil/test',
    ...changes,
  });
  const limits = () => ({ startBy: Date.now() + 60_000 });
  const deliver = (rev = 1) => receiver.deliver(notificationOf(incidentOf({ rev })), limits());
  return { webhook, receiver, settings, deliver, limits };
}

test('posts signed JSON, and the reference is the incident', async (t) => {
  const { webhook, deliver } = await open(t);
  assert.deepEqual(await deliver(), { outcome: 'delivered', ref: '7d3f9a1c2b' });
  const [request] = webhook.accepted;
  assert.equal(request!.id, 'shop/7d3f9a1c2b/1');
  assert.equal(request!.payload.incident.subject.title, 'PaymentDeclined: card was declined');
  assert.equal(request!.headers['content-type'], 'application/json');
  assert.equal(request!.headers['user-agent'], 'taskvigil/test');
});

test('an edit is a further request with a higher revision and another id', async (t) => {
  const { webhook, receiver, deliver, limits } = await open(t);
  await deliver();
  const edit = notificationOf(incidentOf({ rev: 2 }), { action: 'edit', ref: '7d3f9a1c2b' });
  assert.equal((await receiver.edit(edit, '7d3f9a1c2b', limits())).outcome, 'delivered');
  assert.deepEqual(
    webhook.accepted.map(({ payload }) => payload.incident.revision),
    [1, 2],
  );
  assert.equal(webhook.effects().length, 2);
});

test('a repeated request has the id of the first one', async (t) => {
  const { webhook, deliver } = await open(t);
  webhook.fault({ kind: 'accept-then-reset' });
  assert.equal((await deliver()).outcome, 'unknown');
  assert.equal((await deliver()).outcome, 'delivered');
  assert.equal(webhook.accepted.length, 2);
  assert.equal(webhook.effects().length, 1);
});

test('reconciling asks nothing: the id makes a repeated request harmless', async (t) => {
  const { webhook, receiver, limits } = await open(t);
  assert.deepEqual(await receiver.reconcile(notificationOf(), limits()), { kind: 'absent' });
  assert.equal(webhook.requestsCount(), 0);
});

test('a response that does not come in time is an unknown outcome', async (t) => {
  const { webhook, deliver, settings } = await open(t);
  settings.timeoutMs = 100;
  webhook.fault({ kind: 'accept-then-stall' });
  assert.deepEqual(await deliver(), { outcome: 'unknown', reason: 'TimeoutError', retryInMs: undefined });
});

test('a redirect is not followed', async (t) => {
  const { webhook, deliver } = await open(t);
  webhook.fault({ kind: 'status', status: 307, isAccepted: false, headers: { location: webhook.url } });
  assert.equal((await deliver()).outcome, 'refused');
  assert.equal(webhook.requestsCount(), 1);
});

test('Retry-After pauses all requests', async (t) => {
  const clock = createSystemClock();
  let skippedMs = 0;
  const { webhook, deliver } = await open(t, {
    clock: { now: () => clock.now() + skippedMs, timeoutSignal: (ms) => clock.timeoutSignal(ms) },
  });
  webhook.fault({ kind: 'status', status: 429, isAccepted: false, headers: { 'retry-after': '30' } });
  assert.deepEqual(await deliver(), { outcome: 'not-delivered', reason: 'http-429', retryInMs: 30_000 });
  const paused = await deliver(2);
  assert.ok(paused.outcome === 'not-delivered' && paused.reason === 'paused' && paused.retryInMs! > 29_000);
  assert.equal(webhook.requestsCount(), 1);
  skippedMs = 30_000;
  assert.equal((await deliver(2)).outcome, 'delivered');
});

test('no request starts after its time', async (t) => {
  const { webhook, receiver } = await open(t);
  const late = await receiver.deliver(notificationOf(), { startBy: Date.now() - 1 });
  assert.deepEqual(late, { outcome: 'not-delivered', reason: 'out-of-time', retryInMs: 0 });
  assert.equal(webhook.requestsCount(), 0);
});

test('a reloaded secret signs the next request', async (t) => {
  const { deliver, settings } = await open(t);
  settings.secret = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  assert.deepEqual(await deliver(), { outcome: 'refused', reason: 'http-401', ref: '7d3f9a1c2b' });
  settings.secret = webhookSecret;
  assert.equal((await deliver(2)).outcome, 'delivered');
});

test('neither URL nor secret appear in a result', async (t) => {
  const { webhook, deliver, settings } = await open(t);
  await webhook.stop();
  const results = [await deliver()];
  settings.url = 'https://[broken/t0ken';
  results.push(await deliver());
  assert.deepEqual(
    results.map((result) => 'reason' in result && result.reason),
    ['ECONNREFUSED', 'ERR_INVALID_URL'],
  );
  assert.doesNotMatch(JSON.stringify(results), /t0ken|whsec/);
});
