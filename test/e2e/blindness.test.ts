/** A gap while the broker refuses connections: no claim is made during it, and missed outcomes are found afterwards. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { about, ending, recordWith, startExporting, startSink, stopSinks } from '../live/exporting.ts';
import { missingTools, produce, startRedis, startWorker, stopEverything, waitFor } from '../live/process.ts';

const none = { password: 'x', token: 'x', card: 'x', dsn: 'x' };

describe('blindness', { skip: missingTools() ?? false }, () => {
  after(stopEverything);
  after(stopSinks);

  test('during a gap no task or worker is reported lost, the gap is recorded, and missed outcomes are found afterwards', async () => {
    const [redis, otlp] = [await startRedis(), await startSink()];
    const admin = new Redis(redis.port, '127.0.0.1');
    const watcher = (is: 'on' | 'off') =>
      admin.call('ACL', 'SETUSER', 'watcher', is, '>secret', 'allkeys', 'allchannels', 'allcommands');
    await watcher('on');
    const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const url = (db: number): string => `redis://watcher:secret@127.0.0.1:${redis.port}/${db}`;
    const config = `broker: "${url(0)}"\nresult_backend: "${url(1)}"\nsource: { control: "on" }\n`;
    const daemon = await startExporting(otlp, `${config}workers: { silent_after: 6s }\n`);
    await startWorker(app, 'oven@one');
    const doomed = await startWorker(app, 'oven@doomed', ['-Q', 'doomed']);
    const ids = await produce(app, none, ['rising', 'resting']);
    const [ends = '', runs = ''] = [ids.get('rising')?.[0], ids.get('resting')?.[0]];
    const [dies = ''] = (await produce({ ...app, QUEUE: 'doomed' }, none, ['resting'])).get('resting') ?? [];
    for (const id of [ends, runs, dies]) await recordWith(otlp, id, 'taskvigil.transition', 'attempt-started');
    await daemon.waitUntilBusy('oven@doomed');

    // The broker keeps running, and refuses our connections.
    const deafAt = Date.now();
    await watcher('off');
    await admin.call('CLIENT', 'KILL', 'USER', 'watcher');
    await waitFor('it is not ready', 20_000, async () => (await daemon.get('/readyz')).status !== 200);
    await doomed.stop('SIGKILL');
    const results = new Redis(redis.port, '127.0.0.1', { db: 1 });
    await waitFor('it ends during the gap', 60_000, async () =>
      /"SUCCESS"/.test((await results.get(`celery-task-meta-${ends}`)) ?? ''),
    );
    await waitFor('longer than a silence may last', 30_000, () => Date.now() - deafAt > 8_000);
    const said = otlp
      .logRecords()
      .filter(({ attributes }) => /lost|unknown/.test(String(attributes['taskvigil.outcome'])));
    assert.deepEqual(said, []);

    const hearsAt = Date.now();
    await watcher('on');
    assert.deepEqual(await ending(otlp, ends, 60_000), ['succeeded', undefined]);
    assert.deepEqual(await ending(otlp, dies, 60_000), ['lost', 'worker-lost']);
    assert.deepEqual(about(otlp, runs, 'taskvigil.transition', 'task-ended'), []);
    const metric = (text: string, name: string): number =>
      Number(new RegExp(`^taskvigil_${name} ([\\d.]+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    await waitFor(
      'nothing is unsure any more',
      30_000,
      async () => metric(await daemon.metrics(), 'unsure_tasks') === 0,
    );
    const seconds = metric(
      await daemon.metrics(),
      'source_gap_seconds_total\\{source="celery",cause="connection-lost"\\}',
    );
    assert.ok(seconds * 1_000 >= hearsAt - deafAt - 1_000, `a gap of ${seconds} s for ${hearsAt - deafAt} ms`);
    assert.match(daemon.output(), /connection-lost/);
    assert.match(await daemon.page(), /celery: connection-lost/);
    results.disconnect();
    admin.disconnect();
  });
});
