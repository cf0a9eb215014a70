/**
 * Workers as Kubernetes runs and ends them, with the default settings: the process is always 1 and the name stays, a pod ends
 * by SIGTERM and then SIGKILL, hosts have clocks of their own.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, test } from 'node:test';
import type { FakeOtlp } from '../fakes/otlp.ts';
import { about, ending, recordWith, startExporting, startSink, stopSinks } from '../live/exporting.ts';
import {
  app as appFolder,
  missingTools,
  produce,
  type Running,
  startRedis,
  startWorker,
  stopEverything,
} from '../live/process.ts';

const none = { password: 'x', token: 'x', card: 'x', dsn: 'x' };

interface Container extends Running {
  /** Signals the worker itself, which is process 1 of its own namespace. */
  kill(signal: NodeJS.Signals): void;
}

/** A worker that is process 1, as in a container. */
async function startContainer(env: NodeJS.ProcessEnv, name: string, args: readonly string[] = []): Promise<Container> {
  const namespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const one = await startWorker(env, name, args, namespace);
  const { pid } = one.child;
  const worker = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  return { ...one, kill: (signal) => void process.kill(worker, signal) };
}

describe('workers in containers', { skip: missingTools() ?? false }, () => {
  afterEach(stopEverything);
  after(stopSinks);

  async function setStage(): Promise<{
    readonly otlp: FakeOtlp;
    readonly app: NodeJS.ProcessEnv;
    readonly daemon: Awaited<ReturnType<typeof startExporting>>;
    publish(scenario: string): Promise<string>;
  }> {
    const [redis, otlp] = [await startRedis(), await startSink()];
    const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const daemon = await startExporting(otlp, `broker: ${app.BROKER_URL}\nresult_backend: ${app.RESULT_URL}\n`);
    const publish = async (scenario: string): Promise<string> =>
      (await produce(app, none, [scenario])).get(scenario)?.[0] ?? '';
    return { otlp, app, daemon, publish };
  }

  /** Publishes a task and waits until it is executing. */
  async function begin(stage: Awaited<ReturnType<typeof setStage>>, scenario: string): Promise<string> {
    const id = await stage.publish(scenario);
    await recordWith(stage.otlp, id, 'taskvigil.transition', 'attempt-started');
    return id;
  }

  test('a container that is killed and comes back loses its tasks within 15 s', async () => {
    const stage = await setStage();
    const { otlp, app } = stage;
    const first = await startContainer(app, 'oven@pod');
    const [early, late] = [await begin(stage, 'resting'), await begin(stage, 'resting_late')];
    await stage.daemon.waitUntilBusy('oven@pod');
    first.kill('SIGKILL');
    await first.ended;
    const killedAt = Date.now();
    await startContainer(app, 'oven@pod');
    assert.deepEqual(await ending(otlp, early), ['lost', 'worker-lost']);
    const back = await recordWith(otlp, late, 'taskvigil.note', 'comes-back');
    assert.ok(Date.now() - killedAt < 15_000 + 10_000, `${Date.now() - killedAt} ms with the start of the container`);
    assert.equal(back.attributes['taskvigil.comes_back.reason'], 'unacknowledged');
    const [lost] = about(otlp, early, 'taskvigil.outcome', 'lost');
    assert.equal(lost?.attributes['celery.hostname'], 'oven@pod');
  });

  test('a pod that is killed at the end of its grace period loses its tasks within 45 s', async () => {
    const stage = await setStage();
    const { otlp, app } = stage;
    const pod = await startContainer(app, 'oven@old');
    await startWorker(app, 'oven@new', ['-Q', 'elsewhere']);
    const early = await begin(stage, 'resting');
    await stage.daemon.waitUntilBusy('oven@old');
    pod.kill('SIGTERM');
    const endedAt = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    pod.kill('SIGKILL');
    assert.deepEqual(await ending(otlp, early, 60_000), ['lost', 'worker-lost']);
    assert.ok(Date.now() - endedAt < 47_000, `${Date.now() - endedAt} ms after SIGTERM`);
  });

  test('a worker of the default pool that is killed is found within 15 s', async () => {
    const stage = await setStage();
    const { otlp, app } = stage;
    const worker = await startContainer(app, 'oven@node');
    await startWorker(app, 'oven@other', ['-Q', 'elsewhere']);
    const early = await begin(stage, 'rising_long');
    await stage.daemon.waitUntilBusy('oven@node');
    // Its heartbeats have a rhythm by now.
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    worker.kill('SIGKILL');
    const killedAt = Date.now();
    assert.deepEqual(await ending(otlp, early, 40_000), ['lost', 'worker-lost']);
    assert.ok(Date.now() - killedAt < 17_000, `${Date.now() - killedAt} ms`);
  });

  test('a solo pool that is silent while it works is not dead', async () => {
    const stage = await setStage();
    const { otlp, app } = stage;
    await startContainer(app, 'oven@solo', ['-P', 'solo']);
    await startWorker(app, 'oven@other', ['-Q', 'elsewhere']);
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    const id = await stage.publish('busy');
    assert.deepEqual(await ending(otlp, id, 90_000), ['succeeded', undefined]);
    assert.deepEqual(about(otlp, id, 'taskvigil.outcome', 'lost'), []);
  });

  for (const shift of [-30, 30]) {
    test(`retries between two hosts end right if one clock is ${Math.abs(shift)} s ${shift < 0 ? 'behind' : 'ahead'}`, async () => {
      const { otlp, app, publish } = await setStage();
      await startWorker(app, 'oven@right');
      const wrong = { ...app, CLOCK_SHIFT: String(shift), PYTHONPATH: join(appFolder, 'clock') };
      await startWorker(wrong, 'oven@wrong');
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      // A host that is behind keeps a retry with an eta of another host until its own clock has come to it.
      const withinMs = 40_000 + 2 * Math.abs(shift) * 1_000;
      for (let round = 0; round < 3; round += 1) {
        assert.deepEqual(await ending(otlp, await publish('failure')), ['failed', 'app-error']);
        const [retried, exhausted] = [await publish('retry_then_success'), await publish('exhausted')];
        assert.deepEqual(await ending(otlp, retried, withinMs), ['recovered', undefined]);
        assert.deepEqual(await ending(otlp, exhausted, withinMs), ['exhausted', 'app-error']);
      }
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      const ends = otlp.logRecords().filter(({ attributes }) => attributes['taskvigil.transition'] === 'task-ended');
      const ids = ends.map(({ attributes }) => String(attributes['messaging.message.id']));
      assert.deepEqual(ids.length, new Set(ids).size, 'each task ends once');
    });
  }
});
