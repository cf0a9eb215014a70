import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type FakeSlack, startFakeSlack } from '../../../test/fakes/slack.ts';
import type { Notice } from '../../report.ts';
import { createScaledClock, createSystemClock } from '../../runtime/clock.ts';
import { createSlackSocket, type SlackSocket, type SlackSocketOptions } from './socket-mode.ts';

const ending: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of ending.reverse()) await end();
});

/** A socket to a fake Slack, with a faster clock: at the default speed half a minute of silence takes over a second. */
async function open(options: Partial<SlackSocketOptions> = {}, speed = 20) {
  const slack = await startFakeSlack();
  ending.push(() => slack.stop());
  const taken: unknown[] = [];
  const notices: Notice[] = [];
  const socket = createSlackSocket({
    appToken: () => slack.appToken,
    apiUrl: slack.apiUrl,
    clock: createScaledClock(createSystemClock(), speed),
    random: () => 0.5,
    mayConnect: () => true,
    take: (payload) => taken.push(payload),
    report: (notice) => notices.push(notice),
    ...options,
  });
  ending.push(() => socket.stop());
  await socket.start();
  const reasons = () => notices.flatMap((notice) => (notice.kind === 'source-disconnected' ? [notice.reason] : []));
  return { slack, socket, taken, notices, reasons };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`expected within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const connected = (slack: FakeSlack, socket: SlackSocket, times = 1) =>
  until(`connected ${times} times`, () => slack.sockets.greeted >= times && socket.state() === 'connected');

test('an interaction is acknowledged each time and accepted once', async () => {
  const { slack, socket, taken } = await open();
  await connected(slack, socket);
  const payload = { type: 'block_actions' };
  assert.equal(await slack.sockets.send(payload, 'envelope-1'), true);
  assert.equal(await slack.sockets.send(payload, 'envelope-1'), true);
  assert.equal(await slack.sockets.send(payload, 'envelope-2'), true);
  assert.deepEqual(slack.sockets.acks, ['envelope-1', 'envelope-1', 'envelope-2']);
  assert.deepEqual(taken, [payload, payload]);
});

test('a broken connection is replaced', async () => {
  const { slack, socket, reasons } = await open();
  await connected(slack, socket);
  slack.sockets.drop();
  await connected(slack, socket, 2);
  assert.equal(reasons().length, 1);
});

test('a refreshed connection stays open until the next one is greeted, so that no press is missed', async () => {
  const { slack, socket } = await open();
  await connected(slack, socket);
  let wasAlone = false;
  slack.sockets.disconnect('refresh_requested');
  await until('another connection', () => {
    wasAlone ||= slack.sockets.count() === 0;
    return slack.sockets.greeted === 2;
  });
  await until('one connection', () => slack.sockets.count() === 1);
  assert.equal(wasAlone, false);
  assert.equal(await slack.sockets.send({ type: 'block_actions' }), true);
});

test('attempts to connect continue without end, each with its reason', async () => {
  const { slack, socket, reasons } = await open();
  await connected(slack, socket);
  const down = { kind: 'status', status: 503, isAccepted: false } as const;
  slack.fault('apps.connections.open', { kind: 'reset' }, down, down, {
    kind: 'error',
    error: 'internal_error',
    isAccepted: false,
  });
  slack.sockets.drop();
  await connected(slack, socket, 2);
  assert.deepEqual(reasons().slice(1).sort(), ['UND_ERR_SOCKET', 'http-503', 'http-503', 'internal_error'].sort());
});

test('a refusal is retried after a minute, with the token of that time', async () => {
  let token = 'xapp-old';
  const waits: number[] = [];
  const report = (notice: Notice): void => {
    if (notice.kind === 'source-disconnected') waits.push(notice.retryInMs);
  };
  const { slack, socket } = await open({ appToken: () => token, report }, 100);
  await until('a refusal', () => waits.length === 1);
  assert.equal(waits[0], 60_000);
  token = slack.appToken;
  await connected(slack, socket);
});

test('a silent connection is replaced', async () => {
  const { slack, socket, reasons } = await open();
  await connected(slack, socket);
  slack.sockets.freeze();
  await connected(slack, socket, 2);
  assert.equal(reasons()[0], 'silent');
});

test('a connection is open only while the instance holds a lease', async () => {
  let mayConnect = false;
  const { slack, socket } = await open({ mayConnect: () => mayConnect });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(socket.state(), 'standing-by');
  assert.deepEqual(slack.calls, []);
  mayConnect = true;
  await connected(slack, socket);
  mayConnect = false;
  await until('standing by', () => socket.state() === 'standing-by' && slack.sockets.count() === 0);
});

test('too many connections of the app are retried after a minute', async () => {
  const waits: number[] = [];
  const report = (notice: Notice): void => {
    if (notice.kind === 'source-disconnected') waits.push(notice.retryInMs);
  };
  const { slack, socket } = await open({ report }, 100);
  await connected(slack, socket);
  slack.sockets.disconnect('too_many_websockets', true);
  await connected(slack, socket, 2);
  assert.equal(waits[0], 60_000);
});

test('a stop ends at once, before a connection and twice', async () => {
  const { socket, slack } = await open();
  await socket.stop();
  await socket.stop();
  assert.equal(slack.sockets.count(), 0);
  const never = createSlackSocket({
    appToken: () => '',
    clock: createSystemClock(),
    random: () => 0,
    mayConnect: () => false,
    take: () => {},
    report: () => {},
  });
  await never.stop();
});
