import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { createVirtualClock } from '../../runtime/clock.ts';
import { isRefresh, openConnection, type SocketEnvelope } from './socket-connection.ts';

/** A connection to a server that sends nothing by itself, with a clock that stands still. */
async function open(t: TestContext) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  const clock = createVirtualClock(1_000_000);
  const state = { mayConnect: true, hellos: 0, isClosed: false };
  const envelopes: SocketEnvelope[] = [];
  const connection = openConnection(`ws://127.0.0.1:${(server.address() as { port: number }).port}`, {
    clock,
    mayConnect: () => state.mayConnect,
    onHello: () => {
      state.hellos += 1;
    },
    onEnvelope: (envelope) => envelopes.push(envelope),
    onClosed: () => {
      state.isClosed = true;
    },
  });
  const [peer] = (await once(server, 'connection')) as [WebSocket];
  const received: string[] = [];
  peer.on('message', (data) => received.push(String(data)));
  const send = (message: unknown) => peer.send(typeof message === 'string' ? message : JSON.stringify(message));
  return { connection, clock, state, envelopes, peer, received, send };
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('expected within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test('an envelope is acknowledged and passed on', async (t) => {
  const { envelopes, received, send } = await open(t);
  send({ envelope_id: 'e1', type: 'interactive', payload: { a: 1 } });
  await until(() => received.length === 1);
  assert.deepEqual(received, ['{"envelope_id":"e1"}']);
  assert.deepEqual(envelopes, [{ id: 'e1', type: 'interactive', payload: { a: 1 } }]);
});

test('a message without an envelope id has no effect', async (t) => {
  const { envelopes, received, state, send } = await open(t);
  for (const message of ['not json', '[]', '{}', { envelope_id: 7 }]) send(message);
  send({ type: 'hello' });
  await until(() => state.hellos === 1);
  assert.deepEqual([envelopes, received], [[], []]);
});

const disconnects: readonly (readonly [given: unknown, reason: string])[] = [
  ['too_many_websockets', 'too_many_websockets'],
  ['link_disabled', 'link_disabled'],
  ['NOT A CODE', 'disconnect'],
  [undefined, 'disconnect'],
];
for (const [given, reason] of disconnects) {
  test(`a disconnect for ${given} ends the connection as ${reason} and closes it`, async (t) => {
    const { connection, state, send } = await open(t);
    send({ type: 'disconnect', reason: given });
    assert.equal(await connection.ended, reason);
    await until(() => state.isClosed);
  });
}

for (const reason of ['warning', 'refresh_requested']) {
  test(`after the disconnect ${reason} the connection still receives envelopes`, async (t) => {
    const { connection, state, envelopes, send } = await open(t);
    send({ type: 'disconnect', reason });
    assert.equal(await connection.ended, reason);
    send({ envelope_id: 'e2', type: 'interactive' });
    await until(() => envelopes.length === 1);
    assert.equal(state.isClosed, false);
    connection.close();
    await until(() => state.isClosed);
  });
}

test('a lost lease ends the connection within a second', async (t) => {
  const { connection, clock, state } = await open(t);
  state.mayConnect = false;
  clock.advanceTo(1_001_000);
  assert.equal(await connection.ended, 'lease-lost');
  await until(() => state.isClosed);
});

test('a connection without a message for more than 30 seconds is silent', async (t) => {
  const { connection, clock, peer, state, send } = await open(t);
  peer.pause();
  clock.advanceTo(1_030_000);
  assert.equal(await Promise.race([connection.ended, Promise.resolve('open')]), 'open');
  clock.advanceTo(1_031_000);
  assert.equal(await connection.ended, 'silent');
  peer.resume();
  send({ type: 'hello' });
  await until(() => state.isClosed);
});

test('an answered ping counts as a message', async (t) => {
  const { connection, clock, peer, state, send } = await open(t);
  send({ type: 'hello' });
  await until(() => state.hellos === 1);
  const pinged = once(peer, 'ping');
  clock.advanceTo(1_010_000);
  await pinged;
  await new Promise((resolve) => setTimeout(resolve, 20));
  clock.advanceTo(1_035_000);
  assert.equal(await Promise.race([connection.ended, Promise.resolve('open')]), 'open');
});

test('a dropped connection ends with the code of its closing', async (t) => {
  const { connection, peer } = await open(t);
  peer.terminate();
  assert.equal(await connection.ended, 'closed: 1006');
});

test('an address without a server ends with the code of the error, without the address', async () => {
  const connection = openConnection('ws://127.0.0.1:9/link/?ticket=secret', {
    clock: createVirtualClock(),
    mayConnect: () => true,
    onHello: () => {},
    onEnvelope: () => {},
    onClosed: () => {},
  });
  assert.equal(await connection.ended, 'ECONNREFUSED');
});

test('only announced reasons are refreshes', () => {
  assert.deepEqual(['warning', 'refresh_requested', 'disconnect', 'silent'].map(isRefresh), [true, true, false, false]);
});

test('a close before the handshake ends the connection at once', async () => {
  const connection = openConnection('ws://127.0.0.1:9/', {
    clock: createVirtualClock(),
    mayConnect: () => true,
    onHello: () => assert.fail(),
    onEnvelope: () => assert.fail(),
    onClosed: () => {},
  });
  connection.close();
  assert.match(await connection.ended, /^(?:socket-error|ECONNREFUSED)$/);
});
