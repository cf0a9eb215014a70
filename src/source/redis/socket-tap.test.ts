import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { RedisMessages } from './messages.ts';
import { createTap } from './socket-tap.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const message = (payload: string): string => `*3\r\n${bulk('message')}${bulk('events')}${bulk(payload)}`;

/** A tapped connection to a server of the test, with a clock that the test runs by hand. */
async function stage() {
  const server = createServer();
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const payloads: string[] = [];
  const replies: Buffer[] = [];
  const timers: { readonly ms: number; readonly run: () => void }[] = [];
  let receivedCount = 0;
  const Tap = createTap({
    createReader: () =>
      new RedisMessages({ isChannelWanted: false, message: (_channel, payload) => payloads.push(payload) }),
    received: () => {
      receivedCount += 1;
    },
    clock: {
      after(ms, run) {
        timers.push({ ms, run });
        return { [Symbol.dispose]() {} };
      },
    },
  });
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const connector = new Tap({ host: '127.0.0.1', port, disconnectTimeout: 100 });
  const socket = await connector.connect(() => {});
  socket.on('data', (reply: Buffer) => replies.push(reply));
  const [peer] = await accepted;
  peer.setNoDelay(true);
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const close = (): void => {
    socket.destroy();
    peer.destroy();
  };
  return {
    payloads,
    timers,
    until,
    close,
    send: (text: string) => peer.write(text),
    receivedCount: () => receivedCount,
    replies: () => Buffer.concat(replies).toString(),
  };
}

/** Longer than any time in which the loopback delivers. */
const delivery = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));

test('messages go to the reader, replies go to the driver', async () => {
  const { send, payloads, replies, until, close, receivedCount } = await stage();
  send(`+OK\r\n${message('one')}:1\r\n${message('two')}`);
  await until(() => payloads.length === 2);
  assert.deepEqual(payloads, ['one', 'two']);
  await until(() => replies() === '+OK\r\n:1\r\n');
  assert.ok(receivedCount() >= 1);
  close();
});

test('after a small piece the socket waits until the gather time has passed', async () => {
  const { send, payloads, timers, until, close } = await stage();
  send(message('one'));
  await until(() => timers.length === 1);
  assert.equal(timers[0]?.ms, 4);
  send(message('two'));
  await delivery();
  assert.deepEqual(payloads, ['one']);
  timers[0]?.run();
  await until(() => payloads.length === 2);
  await until(() => timers.length === 2);
  assert.equal(timers[1]?.ms, 8);
  close();
});

test('after a large piece the socket reads on at once', async () => {
  const { send, payloads, timers, until, close } = await stage();
  send(message('x'.repeat(20 * 1024)));
  await until(() => payloads.length === 1);
  send(message('two'));
  await until(() => payloads.length === 2);
  assert.deepEqual([payloads[0]?.length, payloads[1]], [20 * 1024, 'two']);
  assert.equal(timers[0]?.ms, 4, 'time for more to arrive');
  close();
});

test('after a large piece and nothing more the socket gathers', async () => {
  const { send, payloads, timers, until, close } = await stage();
  send(message('x'.repeat(20 * 1024)));
  await until(() => payloads.length === 1);
  timers[0]?.run();
  assert.equal(timers.length, 2);
  send(message('two'));
  await delivery();
  assert.equal(payloads.length, 1);
  timers[1]?.run();
  await until(() => payloads.length === 2);
  close();
});

test('a server that cannot be reached is an error of the socket', async () => {
  const Tap = createTap({
    createReader: () => new RedisMessages({ isChannelWanted: false, message() {} }),
    received() {},
    clock: { after: () => ({ [Symbol.dispose]() {} }) },
  });
  const connector = new Tap({ host: '127.0.0.1', port: 1, disconnectTimeout: 100 });
  const socket = await connector.connect(() => {});
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
});
