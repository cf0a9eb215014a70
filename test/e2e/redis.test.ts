/** Redis as operators run it: TLS with an authority of their own, Sentinel, users with few rights, and several at once. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { brokerUrl } from '../../src/config/values/broker-url.ts';
import type { Report } from '../../src/report.ts';
import type { Source } from '../../src/source/source.ts';
import {
  celerySettings,
  celerySource,
  hasReceived,
  isConnected,
  listenerOf,
  systemServices,
  taskEvent,
} from '../conformance/source.ts';
import { ending, recordWith, startExporting, startSink, stopSinks } from '../live/exporting.ts';
import { missingTools, produce, startRedis, startWorker, stopEverything, waitFor } from '../live/process.ts';
import { missingRabbit, startRabbit } from '../live/rabbitmq.ts';
import { startSentinel, startTlsRedis } from '../live/redis.ts';

const none = { password: 'x', token: 'x', card: 'x', dsn: 'x' };
const skip = missingTools() ?? false;

/** From a URL as an operator writes it. */
function sourceAt(url: string, report: Report): Source {
  return celerySource(celerySettings(brokerUrl().parse(url), { name: 'redis' }), systemServices(report));
}

async function publish(port: number, id: string): Promise<void> {
  const redis = new Redis(port, '127.0.0.1');
  const body = Buffer.from(JSON.stringify(taskEvent(id))).toString('base64');
  const envelope = { body, 'content-type': 'application/json', properties: { body_encoding: 'base64' } };
  await redis.publish('/0.celeryev/task.started', JSON.stringify(envelope));
  redis.disconnect();
}

after(stopSinks);

describe('redis as operators run it', { skip }, () => {
  afterEach(stopEverything);

  test('over TLS with an authority of its own: events, results and questions, with the URL that the workers have', async () => {
    const [{ port, caFile }, otlp] = [await startTlsRedis('IP:127.0.0.1'), await startSink()];
    const url = (db: number): string =>
      `rediss://127.0.0.1:${port}/${db}?ssl_cert_reqs=required&ssl_ca_certs=${encodeURIComponent(caFile)}`;
    const app = { BROKER_URL: url(0), RESULT_URL: url(1) };
    const config = `broker: "${url(0)}"\nresult_backend: "${url(1)}"\nsource: { control: "on" }\n`;
    await startExporting(otlp, `${config}workers: { silent_after: 6s }\n`);
    const worker = await startWorker(app, 'oven@sealed');
    const ids = await produce(app, none, ['success', 'resting_late']);
    for (const id of ids.get('success') ?? []) assert.deepEqual(await ending(otlp, id), ['succeeded', undefined]);
    const [late = ''] = ids.get('resting_late') ?? [];
    await recordWith(otlp, late, 'taskvigil.transition', 'attempt-started');
    await worker.stop('SIGKILL');
    // Only the broker has that information.
    await recordWith(otlp, late, 'taskvigil.note', 'comes-back', 60_000);
  });

  const refusals = [
    { name: 'a certificate for another name', query: '', isTrusted: true, want: /^ERR_TLS_CERT_ALTNAME_INVALID$/ },
    {
      name: 'one without a trusted certificate',
      query: '',
      isTrusted: false,
      want: /^(UNABLE_TO_\w+|SELF_SIGNED_\w+)$/,
    },
    {
      name: 'another name, when that shall not matter',
      query: '&ssl_check_hostname=false',
      isTrusted: true,
      want: undefined,
    },
    { name: 'any server, when verification is off', query: '&ssl_cert_reqs=none', isTrusted: false, want: undefined },
  ];
  for (const { name, query, isTrusted, want } of refusals) {
    test(`${name}: ${want === undefined ? 'connected' : 'refused'}, as the URL says`, async () => {
      const { port, caFile } = await startTlsRedis('DNS:redis.internal');
      const ca = isTrusted ? `&ssl_ca_certs=${encodeURIComponent(caFile)}` : '';
      const listener = listenerOf((report) => sourceAt(`rediss://127.0.0.1:${port}/0?a=b${ca}${query}`, report));
      await listener.source.start(listener.outlet);
      try {
        if (want === undefined) return await isConnected(listener);
        const reason = await waitFor('a reason', 20_000, () =>
          listener.notices.map((one) => (one.kind === 'source-disconnected' ? one.reason : undefined)).find(Boolean),
        );
        assert.match(reason, want);
        assert.deepEqual(listener.states, []);
      } finally {
        await listener.source.stop();
      }
    });
  }

  test('follows a Sentinel to the next master, and records the time between as a gap', async () => {
    const sentinel = await startSentinel();
    const url = `sentinel://127.0.0.1:${sentinel.port}/0?master_name=${sentinel.masterName}`;
    const listener = listenerOf((report) => sourceAt(url, report));
    await listener.source.start(listener.outlet);
    try {
      await isConnected(listener);
      await publish(await sentinel.masterPort(), 'before');
      await hasReceived(listener, 'before');
      const promoted = await sentinel.failOver();
      await waitFor('it follows', 60_000, () => listener.states.filter(Boolean).length === 2);
      await publish(promoted, 'after');
      await hasReceived(listener, 'after');
      const [gap, ...more] = listener.gaps;
      assert.deepEqual(more, []);
      assert.equal(gap?.cause, 'connection-lost');
      assert.ok(gap.to > gap.from);
    } finally {
      await listener.source.stop();
    }
  });

  test('needs no more rights than documented, and reports no error when others are refused', async () => {
    const [redis, otlp] = [await startRedis(), await startSink()];
    const admin = new Redis(redis.port, '127.0.0.1');
    const look = ['+lrange', '+hscan', '+zscore', '+select', '~*'];
    const rules = {
      listener: ['&/0.celeryev/*', '&/0.celeryev', '+psubscribe', '+subscribe', '+ping', ...look],
      results: ['&celery-task-meta-*', '~celery-task-meta-*', '+psubscribe', '+subscribe', '+ping', '+mget', '+select'],
    };
    for (const [user, rule] of Object.entries(rules))
      await admin.call('ACL', 'SETUSER', user, 'on', '>few-rights', 'resetchannels', '-@all', ...rule);
    const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const as = (user: string, db: number): string => `redis://${user}:few-rights@127.0.0.1:${redis.port}/${db}`;
    const config = `broker: "${as('listener', 0)}"\nresult_backend: "${as('results', 1)}"\nworkers: { silent_after: 6s }\n`;
    const daemon = await startExporting(otlp, config);
    const worker = await startWorker(app, 'oven@few');
    const ids = await produce(app, none, ['success', 'resting', 'resting_late']);
    for (const id of ids.get('success') ?? []) assert.deepEqual(await ending(otlp, id), ['succeeded', undefined]);
    const [early = '', late = ''] = [ids.get('resting')?.[0], ids.get('resting_late')?.[0]];
    for (const id of [early, late]) await recordWith(otlp, id, 'taskvigil.transition', 'attempt-started');
    await worker.stop('SIGKILL');
    await recordWith(otlp, late, 'taskvigil.note', 'comes-back', 60_000);
    await recordWith(otlp, early, 'taskvigil.transition', 'task-ended', 60_000);
    admin.disconnect();
    assert.doesNotMatch(await daemon.metrics(), /witness_failures_total\{[^}]*\} [1-9]/);
    for (const line of daemon.output().split('\n').filter(Boolean))
      assert.match(line, /^\{"/, 'a line of another mouth');
  });

  test('Redis and RabbitMQ in one daemon: each task is reported once, from either broker', {
    skip: missingRabbit() ?? false,
  }, async () => {
    const [redis, rabbit, otlp] = [await startRedis(), await startRabbit(), await startSink()];
    const overRedis = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const overRabbit = { BROKER_URL: rabbit.url, RESULT_URL: `${redis.url}/2` };
    const one = (name: string, { BROKER_URL, RESULT_URL }: typeof overRedis): string =>
      `  - { name: ${name}, url: "${BROKER_URL}", result_backend: "${RESULT_URL}" }\n`;
    const config = `brokers:\n${one('shop', overRedis)}${one('mill', overRabbit)}source: { control: "on" }\n`;
    const daemon = await startExporting(otlp, config);
    // Both workers have the same name: the end of one is no evidence about the other.
    await Promise.all([startWorker(overRedis, 'oven@same'), startWorker(overRabbit, 'oven@same')]);
    for (const app of [overRedis, overRabbit]) {
      const ids = await produce(app, none, ['success', 'failure']);
      for (const id of ids.get('success') ?? []) assert.deepEqual(await ending(otlp, id), ['succeeded', undefined]);
      for (const id of ids.get('failure') ?? []) assert.deepEqual(await ending(otlp, id), ['failed', 'app-error']);
    }
    const places = otlp.spans().map(({ traceId, spanId }) => `${traceId}/${spanId}`);
    assert.equal(new Set(places).size, places.length, 'a span left twice');
    const ready = (await (await daemon.get('/readyz')).json()) as unknown;
    assert.match(JSON.stringify(ready), /shop.*mill|mill.*shop/);
    await rabbit.stop();
    // One broker's end is not the other's.
    const ids = await produce(overRedis, none, ['success']);
    for (const id of ids.get('success') ?? []) assert.deepEqual(await ending(otlp, id), ['succeeded', undefined]);
  });
});
