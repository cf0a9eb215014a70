import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { incidentOf, notificationOf } from '../../test/fakes/incident.ts';
import { type FakeSlack, startFakeSlack } from '../../test/fakes/slack.ts';
import { signed } from '../../test/fakes/slack-press.ts';
import type { AlertCommand } from '../alert/incidents/command.ts';
import type { SlackConfig } from '../config/sections/slack.ts';
import { Secret } from '../config/values/secret.ts';
import { createSystemClock } from '../runtime/clock.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createSlackDelivery } from './slack.ts';
import { createSlackButtons } from './slack-buttons.ts';

const signingSecret = 'c0ffee'.repeat(6);

function configOf(slack: FakeSlack, over: SlackConfig['actions']['over']): SlackConfig {
  return {
    token: new Secret(slack.token),
    tokenFile: undefined,
    channel: '#alerts',
    apiUrl: slack.apiUrl,
    mentions: [],
    links: [],
    pageUrl: undefined,
    allow: [],
    actions:
      over === 'socket'
        ? { over, appToken: new Secret(slack.appToken) }
        : over === 'http'
          ? { over, signingSecret: new Secret(signingSecret) }
          : { over },
  };
}

async function open(t: TestContext, over: SlackConfig['actions']['over']) {
  const slack = await startFakeSlack();
  t.after(() => slack.stop());
  const clock = createSystemClock();
  const fleet = createMemoryFleet(clock);
  const commands: AlertCommand[] = [];
  const config = () => configOf(slack, over);
  const receiver = createSlackDelivery({ config, namespace: 'shop', clock });
  async function start(instance: string) {
    const buttons = createSlackButtons({
      config,
      namespace: 'shop',
      timezone: () => 'UTC',
      clock,
      random: Math.random,
      report: () => {},
      instance,
      fleet,
      incident: async () => incidentOf(),
      execute: async (command) => {
        commands.push(command);
        return { done: true, incident: undefined };
      },
      why: async () => [],
    });
    t.after(() => buttons.stop());
    await buttons.start();
    return buttons;
  }
  return { slack, commands, start, deliver: () => receiver.deliver(notificationOf(), limits()) };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`expected within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const limits = () => ({ startBy: Date.now() + 60_000 });

test('of four instances two connect, and a press is executed once', async (t) => {
  const { slack, commands, start, deliver } = await open(t, 'socket');
  const instances = [await start('a'), await start('b'), await start('c'), await start('d')];
  await until('two connections', () => slack.sockets.count() === 2);
  await deliver();
  assert.equal(await slack.press({ channel: 'alerts', action: 'ack' }), true);
  await until('a command', () => commands.length > 0);
  assert.equal(slack.sockets.count(), 2);
  assert.deepEqual(
    commands.map(({ what }) => what),
    ['ack'],
  );
  for (const one of instances) await one.stop();
  assert.equal(slack.sockets.count(), 0);
});

test('over HTTP a signed press is executed, and no connection is opened', async (t) => {
  const { slack, commands, start, deliver } = await open(t, 'http');
  const buttons = await start('a');
  await deliver();
  const server = createServer((request, response) => {
    const handle = buttons.postHandler(request.url ?? '');
    void handle?.(request).then(({ status, body }) => response.writeHead(status).end(body));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const press = slack.interaction({ channel: 'alerts', action: 'resolve' });
  const request = signed(press, signingSecret, Math.floor(Date.now() / 1_000));
  const answer = await fetch(`http://127.0.0.1:${port}/slack/actions`, { method: 'POST', ...request });
  assert.equal(answer.status, 200);
  await until('a command', () => commands.length === 1);
  assert.equal(buttons.postHandler('/elsewhere'), undefined);
  assert.deepEqual(slack.calls, ['chat.postMessage']);
});

test('without actions there are no buttons, no connection and no path', async (t) => {
  const { slack, start, deliver } = await open(t, 'off');
  const buttons = await start('a');
  await deliver();
  assert.doesNotMatch(JSON.stringify(slack.messages('alerts')[0]!.blocks), /"actions"/);
  assert.equal(slack.sockets.count(), 0);
  assert.equal(buttons.postHandler('/slack/actions'), undefined);
});
