import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startCanaryReceiver } from './receiver.ts';

async function withReceiver(run: (receiver: Awaited<ReturnType<typeof startCanaryReceiver>>) => Promise<void>) {
  const receiver = await startCanaryReceiver();
  try {
    await run(receiver);
  } finally {
    await receiver.stop();
  }
}

const post = (url: string, body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers });

test('a request is stored for the sink of its path', () =>
  withReceiver(async (receiver) => {
    await post(`${receiver.otlpEndpoint}/v1/traces`, 'spans');
    await post(`${receiver.otlpEndpoint}/v1/logs`, 'records');
    await post(`${receiver.slackApiUrl}chat.postMessage`, 'message');
    await post(`${receiver.otlpEndpoint}/api/1/envelope/`, 'envelope');
    const bodies = (['traces', 'logs', 'slack', 'sentry'] as const).map((sink) =>
      receiver.text(sink).split('\n').at(-1),
    );
    assert.deepEqual(bodies, ['spans', 'records', 'message', 'envelope']);
  }));

test('path and headers are stored too', () =>
  withReceiver(async (receiver) => {
    await post(`${receiver.otlpEndpoint}/v1/traces?x=1`, '', { authorization: 'Bearer abc' });
    assert.match(receiver.text('traces'), /^\/v1\/traces\?x=1\n.*"authorization":"Bearer abc"/);
  }));

test('a compressed body is stored as text', () =>
  withReceiver(async (receiver) => {
    await post(`${receiver.otlpEndpoint}/v1/logs`, gzipSync('records'), { 'content-encoding': 'gzip' });
    assert.ok(receiver.text('logs').endsWith('\nrecords'));
  }));

test('a form is stored decoded too', () =>
  withReceiver(async (receiver) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await post(`${receiver.slackApiUrl}chat.postMessage`, 'text=a%20b&x=%2F', headers);
    assert.ok(receiver.text('slack').endsWith('text=a b\nx=/'));
  }));

test('Slack gets a new message time with each response', () =>
  withReceiver(async (receiver) => {
    const call = async (method: string) =>
      (await (await post(`${receiver.slackApiUrl}${method}`, '')).json()) as Record<string, unknown>;
    const first = await call('chat.postMessage');
    const second = await call('chat.postMessage');
    assert.equal(first['ok'], true);
    assert.equal(first['channel'], 'C0CANARY01');
    assert.notEqual(first['ts'], second['ts']);
    assert.deepEqual((await call('conversations.info'))['channel'], {
      id: 'C0CANARY01',
      name: 'canary',
      is_member: true,
    });
  }));

test('the other sinks get an empty response', () =>
  withReceiver(async (receiver) => {
    const response = await post(`${receiver.otlpEndpoint}/v1/traces`, '');
    assert.deepEqual([response.status, await response.json()], [200, {}]);
  }));

test('stopping twice is harmless', async () => {
  const receiver = await startCanaryReceiver();
  await receiver.stop();
  await receiver.stop();
});
