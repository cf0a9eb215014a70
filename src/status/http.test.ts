import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { addressOf, closeServer, type HttpRoutes, jsonReply, listen, pathOf, plainText } from './http.ts';

async function serve(t: TestContext, changes: Partial<HttpRoutes> = {}) {
  const errors: unknown[] = [];
  const server = await listen(
    { host: '127.0.0.1', port: 0 },
    {
      read: (_, url) => plainText(200, url),
      postHandler: () => undefined,
      onError: (error) => errors.push(error),
      ...changes,
    },
  );
  t.after(() => closeServer(server));
  return { server, errors, port: addressOf(server)!.port };
}

function send(port: number, path: string, { method = 'GET', body = '' } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve(`${response.statusCode} ${text}`.trim());
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a read receives the path with its query', async (t) => {
  const { port } = await serve(t);
  assert.equal(await send(port, '/why?q=a'), '200 /why?q=a');
});

test('a URL has at most 2,048 characters, in a GET and in a POST', async (t) => {
  const { port } = await serve(t, { postHandler: () => async () => plainText(200, 'posted') });
  const url = (length: number) => `/${'x'.repeat(length - 1)}`;
  assert.match(await send(port, url(2_048)), /^200/);
  assert.equal(await send(port, url(2_049)), '414 too long');
  assert.equal(await send(port, url(2_048), { method: 'POST' }), '200 posted');
  assert.equal(await send(port, url(2_049), { method: 'POST' }), '405 only GET and HEAD');
});

test('a post handler is selected by the path without its query', async (t) => {
  const paths: string[] = [];
  const { port } = await serve(t, {
    postHandler: (path) => {
      paths.push(path);
      return undefined;
    },
  });
  assert.equal(await send(port, '/v1/deploys?x=1', { method: 'POST' }), '405 only GET and HEAD');
  await send(port, '/v1/deploys');
  assert.deepEqual(paths, ['/v1/deploys']);
});

for (const [name, changes] of [
  ['a read', { read: () => assert.fail('canary') }],
  ['a read that rejects', { read: () => Promise.reject(new Error('canary')) }],
  ['a post handler', { postHandler: () => () => Promise.reject(new Error('canary')) }],
] as const) {
  test(`an error of ${name} is reported, and the reply has no details`, async (t) => {
    const { port, errors } = await serve(t, changes);
    assert.equal(
      await send(port, '/', { method: name === 'a post handler' ? 'POST' : 'GET' }),
      '500 something went wrong',
    );
    assert.equal(errors.length, 1);
  });
}

test('a body that no handler reads does not block the connection', async (t) => {
  const { port } = await serve(t);
  assert.match(await send(port, '/', { method: 'PUT', body: 'x'.repeat(1_000_000) }), /^405/);
});

test('a reply has the length of its body in bytes', async (t) => {
  const { port } = await serve(t, { read: () => plainText(200, '✓✓') });
  assert.equal(await send(port, '/'), '200 ✓✓');
});

test('a close ends open connections', async (t) => {
  const { server, port } = await serve(t);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  await closeServer(server);
  await closed;
  assert.equal(addressOf(server), undefined);
});

test('a server that never started closes at once', async () => {
  await closeServer(undefined);
  assert.equal(addressOf(undefined), undefined);
});

test('JSON is one line unless it is indented', () => {
  assert.equal(jsonReply(200, { a: 1 }).body, '{"a":1}\n');
  assert.equal(jsonReply(503, { a: 1 }, 2).body, '{\n  "a": 1\n}\n');
  assert.equal(jsonReply(503, {}).status, 503);
});

const paths: readonly (readonly [url: string, path: string])[] = [
  ['/', '/'],
  ['/why?q=a?b', '/why'],
  ['?q', ''],
];
for (const [url, path] of paths) test(`the path of ${url} is "${path}"`, () => assert.equal(pathOf(url), path));
