import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { incidentOf, notificationOf } from '../../test/fakes/incident.ts';
import { startFakeWebhook, webhookSecret } from '../../test/fakes/webhook.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { createSystemClock } from '../runtime/clock.ts';
import type { SlackMessage } from '../sink/slack-message/message.ts';
import { createReceivers } from './receivers.ts';

const limits = () => ({ startBy: Date.now() + 60_000 });
const slack = 'slack: { token: xoxb-1, channel: "#a", trace_url: "https://jaeger.example/{trace_id}" }\n';
const webhookAt = (url: string) => `webhook: { url: "${url}", secret: ${webhookSecret} }\n`;

function configOf(text: string): Config {
  const loaded = loadConfig({ text: `broker: redis://a\n${text}`, file: 'tv.yaml', env: {}, readFile: () => '' });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

function open(config: Config, current: () => Config = () => config) {
  const shown: SlackMessage[] = [];
  const receivers = createReceivers({
    config,
    current,
    clock: createSystemClock(),
    onDelivered: (_notification, message) => shown.push(message),
  });
  return { receivers, shown, names: receivers.map(({ name }) => name) };
}

test('the status page stands in for Slack, beside a webhook or without one', () => {
  assert.deepEqual(open(configOf('')).names, ['page']);
  assert.deepEqual(open(configOf(webhookAt('https://a'))).names, ['page', 'webhook']);
  assert.deepEqual(open(configOf(slack)).names, ['slack']);
  assert.deepEqual(open(configOf(slack + webhookAt('https://a'))).names, ['slack', 'webhook']);
});

test('the page shows the message that Slack would show', async () => {
  const { receivers, shown } = open(configOf(''));
  await receivers[0]!.deliver(notificationOf(), limits());
  assert.match(shown[0]!.text, /billing\.tasks\.charge/);
});

async function webhook(t: TestContext) {
  const fake = await startFakeWebhook();
  t.after(() => fake.stop());
  return fake;
}

test('a webhook request has the links of the configuration and the version of taskvigil', async (t) => {
  const fake = await webhook(t);
  const { receivers } = open(configOf(slack + webhookAt(fake.url)));
  await receivers[1]!.deliver(notificationOf(), limits());
  const [request] = fake.accepted;
  assert.deepEqual(request!.payload.incident.links, [
    { label: 'Trace', url: 'https://jaeger.example/4bf92f3577b34da6a3ce929d0e0e4736' },
  ]);
  assert.match(String(request!.headers['user-agent']), /^taskvigil\/\d/);
});

test('a reloaded webhook URL applies to the next request', async (t) => {
  const [first, second] = [await webhook(t), await webhook(t)];
  let current = configOf(webhookAt(first.url));
  const { receivers } = open(current, () => current);
  await receivers[1]!.deliver(notificationOf(), limits());
  current = configOf(webhookAt(second.url));
  await receivers[1]!.deliver(notificationOf(incidentOf({ rev: 2 })), limits());
  assert.deepEqual([first.accepted.length, second.accepted.length], [1, 1]);
});
