import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { incidentOf, notificationOf } from '../../../test/fakes/incident.ts';
import { type FakeSlack, startFakeSlack } from '../../../test/fakes/slack.ts';
import type { PressFacts } from '../../../test/fakes/slack-press.ts';
import type { Incident } from '../../alert/incident.ts';
import type { AlertCommand, AlertCommandResult } from '../../alert/incidents/command.ts';
import type { Notice } from '../../report.ts';
import { createSystemClock } from '../../runtime/clock.ts';
import { createSlackReceiver } from '../slack/receiver.ts';
import { createPressHandler, type PressHandlerOptions } from './handle-press.ts';
import { createReplySender } from './response-url.ts';
import { createSlackSocket } from './socket-mode.ts';

const started: FakeSlack[] = [];
after(() => Promise.all(started.map((slack) => slack.stop())));

/** A Slack with the message of one incident, and the effects of presses on its buttons. */
async function open(current: Incident | undefined = incidentOf(), options: Partial<PressHandlerOptions> = {}) {
  const slack = await startFakeSlack();
  started.push(slack);
  const buttonKey = () => 'key';
  const sink = createSlackReceiver({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock: { now: Date.now },
    sleep: async () => {},
    links: () => [],
    namespace: 'shop',
    buttonKey,
  });
  await sink.deliver(notificationOf(), { startBy: Date.now() + 60_000 });
  const commands: AlertCommand[] = [];
  const notices: Notice[] = [];
  const actions = createPressHandler({
    namespace: 'shop',
    buttonKey,
    allow: () => [],
    timezone: () => 'UTC',
    clock: { now: Date.now },
    current: async () => current,
    execute: async (command): Promise<AlertCommandResult> => {
      commands.push(command);
      return { done: true, incident: '7d3f9a1c2b' };
    },
    why: async () => ['posted: new failure, 7 in 10 min, threshold 3'],
    respond: createReplySender(slack.apiUrl, createSystemClock().timeoutSignal),
    report: (notice) => notices.push(notice),
    ...options,
  });
  async function press(facts: Omit<PressFacts, 'channel'>): Promise<string[]> {
    const before = slack.answers.length;
    actions.take(slack.interaction({ channel: 'alerts', ...facts }));
    await actions.idle();
    return slack.answers.slice(before).map(({ text, type }) => `${type}: ${text}`);
  }
  const outcomes = () =>
    notices.map((notice) => (notice.kind === 'pressed' ? `${notice.act} ${notice.outcome}` : notice.kind));
  return { slack, press, actions, commands, outcomes };
}

test('a press is executed without a reply, because the message shows the change', async () => {
  const { press, commands, outcomes } = await open();
  assert.deepEqual(await press({ action: 'ack' }), []);
  assert.deepEqual(commands, [{ what: 'ack', incident: '7d3f9a1c2b', by: 'U0JO' }]);
  assert.deepEqual(outcomes(), ['ack done']);
});

test('a press that arrives over a socket is executed', async () => {
  const { slack, actions, commands } = await open();
  const socket = createSlackSocket({
    appToken: () => slack.appToken,
    apiUrl: slack.apiUrl,
    clock: createSystemClock(),
    random: Math.random,
    mayConnect: () => true,
    take: actions.take,
    report: () => {},
  });
  await socket.start();
  while (slack.sockets.count() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await slack.press({ channel: 'alerts', action: 'snooze', option: '1h' }), true);
  await actions.idle();
  assert.deepEqual(
    commands.map(({ what }) => what),
    ['snooze'],
  );
  await socket.stop();
});

test('a silence is confirmed, because no message shows its scope', async () => {
  const { press } = await open();
  assert.deepEqual(await press({ action: 'more', option: 'silence' }), ['ephemeral: Silenced: billing.tasks.charge']);
});

test('the decisions are shown to the person who asks for them', async () => {
  const { press, slack, commands } = await open();
  assert.deepEqual(await press({ action: 'more', option: 'why' }), ['ephemeral: Why you see this']);
  assert.match(JSON.stringify(slack.answers[0]!.blocks), /posted: new failure, 7 in 10 min, threshold 3/);
  assert.deepEqual(commands, []);
});

test('a press on outdated buttons is answered with the present state', async () => {
  const { press, slack, commands, outcomes } = await open(incidentOf({ ack: { by: 'U0ANN', at: Date.now() } }));
  assert.deepEqual(await press({ action: 'ack' }), [
    'ephemeral: The incident has changed since these buttons were shown, so nothing was done. Its state now:',
  ]);
  assert.match(JSON.stringify(slack.answers[0]!.blocks), /Acknowledged by .*U0ANN/);
  assert.deepEqual(commands, []);
  assert.deepEqual(outcomes(), ['ack stale']);
});

test('the reply states that the incident is closed, that the command was done before, or that it failed', async () => {
  const gone = await open(undefined, { current: async () => undefined });
  assert.match(String(await gone.press({ action: 'ack' })), /This incident is closed/);
  const already = await open(incidentOf(), { execute: async () => ({ done: false, reason: 'already-so' }) });
  assert.match(String(await already.press({ action: 'resolve' })), /done already/);
  const failing = await open(incidentOf(), { execute: async () => Promise.reject(new Error('store unreachable')) });
  assert.match(String(await failing.press({ action: 'resolve' })), /could not do this now/);
  assert.deepEqual(failing.outcomes(), ['delivery-failed', 'resolve failed']);
});

test('a forged token has no effect', async () => {
  const { press, commands, outcomes } = await open();
  assert.match(
    String(await press({ action: 'ack', blockId: 'tv1|shop|7d3f9a1c2b|o0|AAAAAAAAAAAAAAAAAAAAAA' })),
    /another key/,
  );
  assert.deepEqual(commands, []);
  assert.deepEqual(outcomes(), ['unknown not-signed']);
});

test('a reply is sent to no address but those of Slack', async () => {
  const { slack, actions, outcomes } = await open();
  const elsewhere = {
    ...(slack.interaction({ channel: 'alerts', action: 'more', option: 'why' }) as object),
    response_url: 'http://127.0.0.1:9/x',
  };
  actions.take(elsewhere);
  await actions.idle();
  assert.deepEqual(slack.answers, []);
  assert.deepEqual(outcomes(), ['why answered', 'delivery-failed']);
});

test('presses beyond twenty at once are dropped', async () => {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { slack, actions, commands, outcomes } = await open(incidentOf(), {
    current: async () => {
      await held;
      return incidentOf();
    },
  });
  const payload = slack.interaction({ channel: 'alerts', action: 'ack' });
  for (let count = 0; count < 25; count += 1) actions.take(payload);
  letGo();
  await actions.idle();
  assert.equal(commands.length, 20);
  assert.equal(outcomes().filter((kind) => kind === 'items-dropped').length, 5);
});
