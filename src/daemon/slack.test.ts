import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { incidentOf, notificationOf } from '../../test/fakes/incident.ts';
import { type FakeSlack, startFakeSlack } from '../../test/fakes/slack.ts';
import { signed } from '../../test/fakes/slack-press.ts';
import type { AlertCommand } from '../alert/incidents/command.ts';
import type { SlackConfig } from '../config/config.ts';
import { Secret } from '../config/values/secret.ts';
import { createSystemClock } from '../runtime/clock.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createSlackRoom, type SlackParts } from './slack.ts';

const signingSecret = 'c0ffee'.repeat(6);

function configOf(slack: FakeSlack, over: SlackConfig['actions']['over']): SlackConfig {
  return {
    token: new Secret(slack.token),
    tokenFile: undefined,
    channel: '#alerts',
    apiUrl: slack.apiUrl,
    mentions: [],
    links: [],
    pageUrl: 'https://taskvigil.example/',
    allow: [],
    actions:
      over === 'socket'
        ? { over, appToken: new Secret(slack.appToken) }
        : over === 'http'
          ? { over, signingSecret: new Secret(signingSecret) }
          : { over },
  };
}

async function open(t: TestContext, over: SlackConfig['actions']['over'], changes: Partial<SlackParts> = {}) {
  const slack = await startFakeSlack();
  t.after(() => slack.stop());
  const clock = createSystemClock();
  const fleet = createMemoryFleet(clock);
  const commands: AlertCommand[] = [];
  async function room(instance: string) {
    const made = createSlackRoom({
      config: () => configOf(slack, over),
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
      ...changes,
    });
    t.after(() => made.stop());
    await made.start();
    return made;
  }
  return { slack, commands, room };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`expected within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const limits = () => ({ startBy: Date.now() + 60_000 });

test('of four instances two listen, and a press is done once', async (t) => {
  const { slack, commands, room } = await open(t, 'socket');
  const rooms = [await room('a'), await room('b'), await room('c'), await room('d')];
  await until('two connections', () => slack.sockets.count() === 2);
  await rooms[0]!.deliver(notificationOf(), limits());
  assert.equal(await slack.press({ channel: 'alerts', action: 'ack' }), true);
  await until('a command', () => commands.length > 0);
  assert.equal(slack.sockets.count(), 2);
  assert.deepEqual(
    commands.map(({ what }) => what),
    ['ack'],
  );
  for (const one of rooms) await one.stop();
  assert.equal(slack.sockets.count(), 0);
});

test('takes what Slack posts over HTTP', async (t) => {
  const { slack, commands, room } = await open(t, 'http');
  const one = await room('a');
  await one.deliver(notificationOf(), limits());
  const server = createServer((request, response) => {
    const take = one.takes(request.url ?? '');
    void take?.(request).then(({ status, body }) => response.writeHead(status).end(body));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const press = slack.interaction({ channel: 'alerts', action: 'resolve' });
  const request = signed(press, signingSecret, Math.floor(Date.now() / 1_000));
  const answer = await fetch(`http://127.0.0.1:${port}/slack/actions`, { method: 'POST', ...request });
  assert.equal(answer.status, 200);
  await until('a command', () => commands.length === 1);
  assert.equal(one.takes('/elsewhere'), undefined);
  assert.deepEqual(slack.calls, ['chat.postMessage'], 'and opens no connection');
});

test('without a way back there are no buttons, and nobody listens', async (t) => {
  const { slack, room } = await open(t, 'off');
  const one = await room('a');
  await one.deliver(notificationOf(), limits());
  const [message] = slack.messages('alerts');
  assert.doesNotMatch(JSON.stringify(message!.blocks), /"actions"/);
  assert.deepEqual(message!.blocks, one.shown(notificationOf()).blocks);
  assert.deepEqual(message!.entities.links, ['https://taskvigil.example/']);
  assert.equal(one.takes('/slack/actions'), undefined);
});
