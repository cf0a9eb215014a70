import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { notificationOf } from '../../test/fakes/incident.ts';
import { type FakeSlack, startFakeSlack } from '../../test/fakes/slack.ts';
import type { SlackConfig } from '../config/sections/slack.ts';
import { Secret } from '../config/values/secret.ts';
import { createSystemClock } from '../runtime/clock.ts';
import type { SlackMessage } from '../sink/slack-message/message.ts';
import { buttonKeyOf, createSlackDelivery } from './slack.ts';

function configOf(slack: FakeSlack, changes: Partial<SlackConfig> = {}): SlackConfig {
  return {
    token: new Secret(slack.token),
    tokenFile: undefined,
    channel: '#alerts',
    apiUrl: slack.apiUrl,
    mentions: [],
    links: [],
    pageUrl: undefined,
    allow: [],
    actions: { over: 'off' },
    ...changes,
  };
}

async function open(t: TestContext, changes: (slack: FakeSlack) => Partial<SlackConfig>) {
  const slack = await startFakeSlack();
  t.after(() => slack.stop());
  const state = { config: configOf(slack, changes(slack)) };
  const shown: SlackMessage[] = [];
  const receiver = createSlackDelivery({
    config: () => state.config,
    namespace: 'shop',
    clock: createSystemClock(),
    onDelivered: (_notification, message) => shown.push(message),
  });
  const deliver = (id: string) =>
    receiver.deliver({ ...notificationOf(), id, channel: `#${id}` }, { startBy: Date.now() + 60_000 });
  return { slack, state, shown, deliver };
}

test('links of a reloaded configuration apply to the next message, and the page is the last link', async (t) => {
  const page = 'https://taskvigil.example/';
  const { slack, state, deliver } = await open(t, () => ({ pageUrl: page }));
  await deliver('alerts');
  state.config = { ...state.config, links: [{ label: 'Runbook', url: 'https://runbook.example/' }] };
  await deliver('payments');
  assert.deepEqual(slack.messages('alerts')[0]!.entities.links, [page]);
  assert.deepEqual(slack.messages('payments')[0]!.entities.links, ['https://runbook.example/', page]);
});

test('after Slack refuses the token the delivery reads the token file again', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'taskvigil-slack-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const tokenFile = join(directory, 'token');
  const { deliver } = await open(t, (slack) => {
    writeFileSync(tokenFile, slack.token);
    return { token: new Secret('xoxb-revoked'), tokenFile };
  });
  assert.equal((await deliver('alerts')).outcome, 'delivered');
});

test('a message on the page equals the message in the channel', async (t) => {
  const { slack, shown, deliver } = await open(t, () => ({
    actions: { over: 'socket', appToken: new Secret('xapp-1') },
  }));
  await deliver('alerts');
  assert.deepEqual(slack.messages('alerts')[0]!.blocks, shown[0]!.blocks);
});

test('the secret that authenticates presses signs the buttons', () => {
  assert.equal(buttonKeyOf({ over: 'off' }), undefined);
  assert.equal(buttonKeyOf({ over: 'socket', appToken: new Secret('xapp-1') })?.(), 'xapp-1');
  assert.equal(buttonKeyOf({ over: 'http', signingSecret: new Secret('s1') })?.(), 's1');
});
