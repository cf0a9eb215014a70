/** Every verdict on a task, with real workers of every pool that are killed, limited, restarted, starved and sent home. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import type { FakeOtlp } from '../fakes/otlp.ts';
import { about, ending, recordWith, startExporting, startSink, stopSinks } from '../live/exporting.ts';
import { missingTools, produce, startRedis, startWorker, stopEverything, waitFor } from '../live/process.ts';

const none = { password: 'x', token: 'x', card: 'x', dsn: 'x' };
const skip = missingTools() ?? false;

interface Stage {
  readonly daemon: Awaited<ReturnType<typeof startExporting>>;
  readonly otlp: FakeOtlp;
  readonly app: NodeJS.ProcessEnv;
  readonly brokerUrl: string;
  /** The ids of one scenario that is published now. */
  publish(scenario: string): Promise<readonly string[]>;
}

/** A broker with a result backend, and a daemon that has every witness. */
async function setStage(env: NodeJS.ProcessEnv = {}, config = ''): Promise<Stage> {
  const [redis, otlp] = [await startRedis(), await startSink()];
  const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1`, ...env };
  const urls = `broker: ${app.BROKER_URL}\nresult_backend: ${app.RESULT_URL}\nsource: { control: "on" }\n`;
  const daemon = await startExporting(otlp, `${urls}workers: { silent_after: 6s }\n${config}`);
  return {
    daemon,
    otlp,
    app,
    brokerUrl: app.BROKER_URL,
    publish: async (scenario) => (await produce(app, none, [scenario])).get(scenario) ?? [],
  };
}

after(stopSinks);

describe('verdicts on a prefork pool', { skip }, () => {
  let stage: Stage;
  let ids: Map<string, readonly string[]>;

  before(async () => {
    stage = await setStage();
    await startWorker(stage.app, 'oven@one', ['-c', '4']);
    const scenarios = endings.map(({ scenario }) => scenario);
    ids = await produce(stage.app, none, ['rising', ...scenarios]);
  });
  after(stopEverything);

  const endings = [
    { scenario: 'success', outcome: 'succeeded', cause: undefined },
    { scenario: 'failure', outcome: 'failed', cause: 'app-error' },
    { scenario: 'soft_limit', outcome: 'failed', cause: 'soft-time-limit' },
    { scenario: 'hard_limit', outcome: 'failed', cause: 'hard-time-limit' },
    { scenario: 'killed', outcome: 'failed', cause: 'worker-lost' },
    { scenario: 'unregistered', outcome: 'failed', cause: 'unregistered' },
    { scenario: 'rejected', outcome: 'rejected', cause: 'rejected' },
    { scenario: 'requeued', outcome: 'recovered', cause: undefined },
    { scenario: 'replaced', outcome: 'succeeded', cause: undefined },
    { scenario: 'retry_then_success', outcome: 'recovered', cause: undefined },
    { scenario: 'exhausted', outcome: 'exhausted', cause: 'app-error' },
    { scenario: 'revoked_before', outcome: 'revoked', cause: 'revoked' },
    { scenario: 'revoked', outcome: 'revoked', cause: 'revoked' },
    { scenario: 'terminated', outcome: 'revoked', cause: 'terminated' },
    { scenario: 'expired', outcome: 'expired', cause: 'expired' },
    { scenario: 'ignored', outcome: 'unknown', cause: undefined },
  ];
  for (const { scenario, outcome, cause } of endings) {
    test(`${scenario} is ${outcome}${cause === undefined ? '' : ` by ${cause}`}`, async () => {
      for (const id of ids.get(scenario) ?? []) {
        assert.deepEqual(await ending(stage.otlp, id, 60_000), [outcome, cause]);
        assert.equal(about(stage.otlp, id, 'taskvigil.transition', 'task-ended').length, 1);
      }
    });
  }

  test('a killed child is reported with its signal', async () => {
    const [id = ''] = ids.get('killed') ?? [];
    const ended = await recordWith(stage.otlp, id, 'taskvigil.transition', 'attempt-ended');
    assert.equal(ended.attributes['taskvigil.signal'], 'SIGKILL');
  });

  test('an id that is used again has an end for each of its lives', async () => {
    const [id = ''] = await stage.publish('reused');
    const outcomes = (): unknown[] =>
      about(stage.otlp, id, 'taskvigil.transition', 'task-ended').map(
        ({ attributes }) => attributes['taskvigil.outcome'],
      );
    await waitFor(
      () => `two ends in ${outcomes()}`,
      40_000,
      () => outcomes().length === 2,
    );
    assert.deepEqual(outcomes(), ['succeeded', 'failed']);
  });

  test('a task that kills its worker again and again is a poison loop, reported once, and no attempt of it ended', async () => {
    const [id = ''] = await stage.publish('poison');
    const loop = await recordWith(stage.otlp, id, 'taskvigil.note', 'poison-loop', 60_000);
    assert.equal(loop.severity, 'ERROR');
    await waitFor(
      'two more begins',
      60_000,
      () => about(stage.otlp, id, 'taskvigil.transition', 'attempt-started').length >= 5,
    );
    assert.equal(about(stage.otlp, id, 'taskvigil.note', 'poison-loop').length, 1);
    assert.deepEqual(about(stage.otlp, id, 'taskvigil.transition', 'task-ended'), []);
  });
});

describe('verdicts on other pools', { skip }, () => {
  afterEach(stopEverything);

  for (const pool of ['threads', 'gevent', 'solo']) {
    test(`${pool}: what it tells and what it leaves out is never taken for a loss`, async () => {
      const { otlp, app, publish } = await setStage();
      const worker = await startWorker(app, `oven@${pool}`, ['--pool', pool]);
      const endings = [
        { scenario: 'success', outcome: 'succeeded' },
        { scenario: 'failure', outcome: 'failed' },
        { scenario: 'rejected', outcome: 'rejected' },
        { scenario: 'retry_then_success', outcome: 'recovered' },
        { scenario: 'exhausted', outcome: 'exhausted' },
        { scenario: 'revoked', outcome: 'revoked' },
        { scenario: 'ignored', outcome: 'unknown' },
        // Longer than its silence may last: a solo worker sends no heartbeat meanwhile.
        { scenario: 'rising', outcome: 'succeeded' },
      ];
      const ids = await produce(
        app,
        none,
        endings.map(({ scenario }) => scenario),
      );
      for (const { scenario, outcome } of endings) {
        // The threads pool loses some events, and these two leave no result either: they stay open for a minute then.
        if (pool === 'threads' && ['rejected', 'ignored'].includes(scenario)) continue;
        for (const id of ids.get(scenario) ?? []) {
          const [is] = await ending(otlp, id, 60_000);
          assert.equal(is, outcome, `${scenario} ${id}`);
        }
      }
      // A warm shutdown waits for what runs.
      const late = await publish('success');
      await worker.stop('SIGTERM');
      const ends = otlp.logRecords().filter(({ attributes }) => attributes['taskvigil.transition'] === 'task-ended');
      const wrong = ends.filter(({ attributes }) =>
        ['lost', 'vanished'].includes(String(attributes['taskvigil.outcome'])),
      );
      assert.deepEqual(wrong, []);
      const corrected = ends.filter(({ attributes }) => attributes['taskvigil.corrects'] !== undefined);
      assert.deepEqual(corrected, []);
      for (const id of late) assert.deepEqual(about(otlp, id, 'taskvigil.outcome', 'failed'), []);
    });
  }
});

describe('verdicts when workers go and come', { skip }, () => {
  afterEach(stopEverything);

  test('work that outlasts its visibility timeout runs twice, and that is reported', async () => {
    const { otlp, app, publish } = await setStage({ VISIBILITY_TIMEOUT: '3' });
    await startWorker(app, 'oven@one');
    const [id = ''] = await publish('rising_late');
    await recordWith(otlp, id, 'taskvigil.transition', 'attempt-started');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    // A worker that starts restores what is overdue at once.
    await startWorker(app, 'oven@two');
    const note = await recordWith(otlp, id, 'taskvigil.note', 'run-twice', 60_000);
    assert.equal(note.severity, 'WARN');
    assert.deepEqual(about(otlp, id, 'taskvigil.outcome', 'failed'), []);
  });

  test('a worker that is killed and started again under its name has lost what it ran, and nothing else', async () => {
    const { daemon, otlp, app, publish } = await setStage();
    const worker = await startWorker(app, 'oven@one');
    const [lost = ''] = await publish('resting');
    await recordWith(otlp, lost, 'taskvigil.transition', 'attempt-started');
    await daemon.waitUntilBusy('oven@one');
    await worker.stop('SIGKILL');
    await startWorker(app, 'oven@one');
    assert.deepEqual(await ending(otlp, lost, 60_000), ['lost', 'worker-lost']);
    for (const id of await publish('success')) assert.deepEqual(await ending(otlp, id), ['succeeded', undefined]);
  });

  test('overdue, vanished and sent home: suspicions that witnesses confirm, and one that they clear', async () => {
    const { otlp, app, brokerUrl, publish } = await setStage({}, 'limits: { vanished_after: 1m, overdue_after: 1m }\n');
    await startWorker(app, 'oven@one');
    const leaving = await startWorker({ ...app }, 'oven@two', ['-Q', 'leaving']);
    // One task of that name must have been received before, or none can be missed.
    for (const id of await publish('success')) await recordWith(otlp, id, 'taskvigil.outcome', 'succeeded');
    const [long = ''] = await publish('rising_long');
    const [waits = ''] = await publish('nowhere');
    const redis = new Redis(brokerUrl);
    const kept = await redis.lrange('nowhere', 0, -1);
    await redis.del('nowhere');
    const [gone = ''] = await publish('nowhere');
    await redis.del('nowhere');
    await redis.lpush('nowhere', ...kept);
    redis.disconnect();
    const home = await produce({ ...app, QUEUE: 'leaving' }, none, ['resting', 'resting_late']);
    const [early = '', late = ''] = [home.get('resting')?.[0], home.get('resting_late')?.[0]];
    for (const id of [long, early, late]) await recordWith(otlp, id, 'taskvigil.transition', 'attempt-started');
    await leaving.stop('SIGQUIT');

    for (const id of [early, late]) {
      const ended = await recordWith(otlp, id, 'taskvigil.transition', 'attempt-ended');
      assert.equal(ended.attributes['taskvigil.outcome'], 'cancelled');
    }
    assert.deepEqual(await ending(otlp, gone, 150_000), ['vanished', 'vanished']);
    const cleared = await recordWith(otlp, waits, 'taskvigil.note', 'cleared', 30_000);
    assert.equal(cleared.attributes['taskvigil.cleared_by'], 'broker');
    const overdue = await recordWith(otlp, long, 'taskvigil.note', 'overdue', 60_000);
    assert.match(String(overdue.body), /confirmed by its worker/);
    assert.deepEqual(await ending(otlp, early, 60_000), ['lost', 'worker-lost']);
    const back = await recordWith(otlp, late, 'taskvigil.note', 'comes-back', 60_000);
    assert.match(String(back.attributes['taskvigil.comes_back.reason']), /^(in-queue|unacknowledged)$/);
    for (const id of [long, waits, late]) assert.deepEqual(about(otlp, id, 'taskvigil.transition', 'task-ended'), []);
  });
});
