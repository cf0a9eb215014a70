/** Outcomes of tasks when real workers, brokers and sidecars die, and the telemetry exported about them. */
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { about, recordWith, startExporting, startSink, stopSinks } from '../live/exporting.ts';
import { missingTools, produce, startRedis, startWorker, stopEverything } from '../live/process.ts';
import { missingRabbit, startRabbit } from '../live/rabbitmq.ts';

const none = { password: 'x', token: 'x', card: 'x', dsn: 'x' };

describe('the truth about tasks', { skip: missingTools() ?? false }, () => {
  afterEach(stopEverything);
  after(stopSinks);

  test('of two tasks on a killed worker one is lost and the other comes back at the reported time', async () => {
    const [redis, otlp] = [await startRedis(), await startSink()];
    const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const daemon = await startExporting(
      otlp,
      `broker: ${app.BROKER_URL}\nresult_backend: ${app.RESULT_URL}\nsource: { control: "on" }\nworkers: { silent_after: 6s }\n`,
    );
    const worker = await startWorker(app, 'oven@one');
    const ids = await produce(app, none, ['resting', 'resting_late']);
    const [early = '', late = ''] = [ids.get('resting')?.[0], ids.get('resting_late')?.[0]];
    for (const id of [early, late]) await recordWith(otlp, id, 'taskvigil.transition', 'attempt-started');
    await daemon.waitUntilBusy('oven@one');
    await worker.stop('SIGKILL');

    const lost = await recordWith(otlp, early, 'taskvigil.outcome', 'lost');
    assert.equal(lost.severity, 'WARN');
    await recordWith(otlp, early, 'taskvigil.transition', 'task-ended');
    const back = await recordWith(otlp, late, 'taskvigil.note', 'comes-back');
    assert.equal(back.attributes['taskvigil.comes_back.reason'], 'unacknowledged');
    assert.match(String(back.attributes['taskvigil.comes_back.at']), /^20\d\d-/);
    assert.deepEqual(about(otlp, late, 'taskvigil.transition', 'task-ended'), []);
  });

  test('each sidecar reports its own worker, and a survivor reports the pod that died whole', async () => {
    const [redis, store] = [await startRedis(), await startRedis()];
    const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const config = (host: string): string =>
      `mode: sidecar\nhostname: ${host}\ninstance_id: ${host}\nbroker: ${app.BROKER_URL}\nresult_backend: ${app.RESULT_URL}\nstore: ${store.url}/0\nworkers: { silent_after: 6s }\n`;
    const [here, there] = [await startSink(), await startSink()];
    const mine = await startExporting(here, config('one'));
    await startExporting(there, config('two'));
    const first = await startWorker(app, 'oven@one');
    const ids = await produce(app, none, ['resting', 'success']);
    const resting = ids.get('resting')?.[0] ?? '';
    await recordWith(here, resting, 'taskvigil.transition', 'attempt-started');
    await recordWith(here, ids.get('success')?.[0] ?? '', 'taskvigil.outcome', 'succeeded');
    assert.deepEqual(there.spans(), []);
    await mine.waitUntilBusy('oven@one');
    // Its open work is written down every second.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await Promise.all([first.stop('SIGKILL'), mine.stop('SIGKILL')]);

    const lost = await recordWith(there, resting, 'taskvigil.outcome', 'lost', 60_000);
    assert.equal(lost.traceId, resting.replaceAll('-', ''));
  });

  test('of two standalone instances one exports, and the other takes over when it is killed', async () => {
    const [redis, store, otlp] = [await startRedis(), await startRedis(), await startSink()];
    const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const config = `broker: ${app.BROKER_URL}\nstore: ${store.url}/0\n`;
    const daemons = [await startExporting(otlp, config), await startExporting(otlp, config)];
    await startWorker(app, 'oven@one');
    const before = await produce(app, none, ['success']);
    for (const id of before.get('success') ?? []) await recordWith(otlp, id, 'taskvigil.transition', 'task-ended');
    // The leader records every two seconds up to which time everything was delivered.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await daemons[0]?.stop('SIGKILL');
    const meanwhile = await produce(app, none, ['success']);
    for (const id of meanwhile.get('success') ?? [])
      await recordWith(otlp, id, 'taskvigil.transition', 'task-ended', 60_000);
    const ids = otlp.spans().map(({ spanId }) => spanId);
    assert.equal(new Set(ids).size, ids.length, 'a span left twice');
  });

  test('tasks over RabbitMQ have their traces', { skip: missingRabbit() ?? false }, async () => {
    const [rabbit, redis, otlp] = [await startRabbit(), await startRedis(), await startSink()];
    const app = { BROKER_URL: rabbit.url, RESULT_URL: `${redis.url}/1` };
    await startExporting(
      otlp,
      `broker: { url: "${rabbit.url}" }\nresult_backend: ${app.RESULT_URL}\nsource: { control: "on" }\n`,
    );
    await startWorker(app, 'oven@rabbit');
    const ids = await produce(app, none, ['success', 'failure', 'retry_then_success']);
    await recordWith(otlp, ids.get('success')?.[0] ?? '', 'taskvigil.outcome', 'succeeded');
    await recordWith(otlp, ids.get('failure')?.[0] ?? '', 'taskvigil.outcome', 'failed');
    await recordWith(otlp, ids.get('retry_then_success')?.[0] ?? '', 'taskvigil.outcome', 'recovered');
  });
});
