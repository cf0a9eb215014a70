import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import type { Notice } from '../../report.ts';
import { createVirtualClock } from '../../runtime/clock.ts';
import { celeryDeliveries } from '../celery/delivery-reader.ts';
import type { Outlet } from '../source.ts';
import { createAmqpSource } from './source.ts';

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
after(() => {
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A server that accepts connections; `answer` handles each. */
async function listen(answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    answer(socket);
  });
  servers.push({ server, sockets });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

function stage(port: number) {
  const clock = createVirtualClock(1_000_000);
  const notices: Notice[] = [];
  const states: boolean[] = [];
  const source = createAmqpSource({
    name: 'rabbit',
    address: { host: '127.0.0.1', port, vhost: '/', username: 'guest', password: 'guest', tls: undefined },
    reader: celeryDeliveries,
    exchange: 'celeryev',
    queue: 'taskvigil.events',
    isShared: false,
    limits: { bytesMax: 1_000, ttlMs: 1_000, expiresMs: 1_000 },
    clock,
    random: () => 1,
    report: (notice) => notices.push(notice),
  });
  const outlet: Outlet = {
    message: () => assert.fail('no message arrives'),
    decoded() {},
    gap: () => assert.fail('no gap before the first connection'),
    connected: (isConnected) => states.push(isConnected),
  };
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { clock, notices, states, source, start: () => source.start(outlet), until };
}

test('a broker that refuses connections is tried again with longer waits', async () => {
  const { port, server } = await listen(() => {});
  server.close();
  const { clock, notices, states, source, start, until } = stage(port);
  await start();
  for (const [index, retryInMs] of [500, 1_000, 2_000].entries()) {
    await until(() => notices.length > index);
    const want = { kind: 'source-disconnected', source: 'rabbit', reason: 'ECONNREFUSED', retryInMs };
    assert.deepEqual(notices[index], want);
    clock.advanceTo(clock.now() + retryInMs);
  }
  await source.stop();
  assert.deepEqual(states, []);
});

test('a server that closes during the handshake is a failed attempt', async () => {
  const { port } = await listen((socket) => socket.end());
  const { notices, source, start, until } = stage(port);
  await start();
  await until(() => notices.length > 0);
  assert.equal(notices[0]?.kind, 'source-disconnected');
  await source.stop();
});

describe('a server that does not answer', () => {
  test('is tried again after twenty seconds', async () => {
    let connections = 0;
    const { port } = await listen(() => {
      connections += 1;
    });
    const { clock, notices, source, start, until } = stage(port);
    await start();
    await until(() => connections === 1);
    clock.advanceTo(clock.now() + 19_999);
    assert.equal(notices.length, 0);
    clock.advanceTo(clock.now() + 1);
    await until(() => notices.length > 0);
    const reasons = notices.map((notice) => notice.kind === 'source-disconnected' && notice.reason);
    assert.deepEqual(reasons, ['no answer in time']);
    await source.stop();
  });

  test('does not delay a stop', async () => {
    let connections = 0;
    const { port } = await listen(() => {
      connections += 1;
    });
    const { clock, notices, source, start, until } = stage(port);
    await start();
    await until(() => connections === 1);
    await source.stop();
    assert.deepEqual([notices, clock.pendingCount()], [[], 0]);
  });
});

test('a stop ends the wait for the next attempt', async () => {
  const { port, server } = await listen(() => {});
  server.close();
  const { clock, notices, source, start, until } = stage(port);
  await start();
  await until(() => notices.length === 1);
  await source.stop();
  await source.stop();
  assert.equal(clock.pendingCount(), 0);
});
