import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createSystemClock } from '../../runtime/clock.ts';
import { createReplySender } from './response-url.ts';

const { timeoutSignal } = createSystemClock();
const reply = { text: 'Silenced: a', blocks: [] };

async function serve(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}`;
}

test('a reply is visible to one person and leaves the message as it is', async (t) => {
  let body = '';
  const origin = await serve(t, async (request, response) => {
    for await (const chunk of request) body += String(chunk);
    response.end('ok');
  });
  await createReplySender(`${origin}/api/`, timeoutSignal)(`${origin}/response/1`, reply);
  assert.deepEqual(JSON.parse(body), { response_type: 'ephemeral', replace_original: false, ...reply });
});

for (const url of [
  'http://hooks.slack.com/x',
  'https://hooks.slack.com.evil.example/x',
  'https://evil.example',
  '',
  'x',
]) {
  test(`a reply to "${url}" is refused`, async () => {
    await assert.rejects(createReplySender(undefined, timeoutSignal)(url, reply), /expected an address of Slack/);
  });
}

test('a reply that was not accepted is an error without the address', async (t) => {
  const origin = await serve(t, (_, response) => response.writeHead(404).end());
  await assert.rejects(createReplySender(origin, timeoutSignal)(`${origin}/response/secret`, reply), {
    message: 'Slack did not accept a reply: 404',
  });
});

test('a redirect is not followed', async (t) => {
  const origin = await serve(t, (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end());
  await assert.rejects(createReplySender(origin, timeoutSignal)(`${origin}/response/1`, reply));
});

test('a server that does not answer ends in a timeout', async (t) => {
  const origin = await serve(t, () => {});
  const waited: number[] = [];
  const soon = (ms: number): AbortSignal => {
    waited.push(ms);
    return timeoutSignal(20);
  };
  await assert.rejects(createReplySender(origin, soon)(`${origin}/response/1`, reply), { name: 'TimeoutError' });
  assert.deepEqual(waited, [4_000]);
});
