/**
 * A restart of the daemon in the middle of an incident: killed or stopped within the collection time, and a rolling update of
 * two replicas. Real Redis as broker and store, real processes, events as kombu publishes them.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type FakeMessage, type FakeSlack, startFakeSlack } from '../fakes/slack.ts';
import { freePort, missingTools, startDaemon, startRedis, stopEverything, waitFor } from '../live/process.ts';

type Fields = Readonly<Record<string, unknown>>;
type Daemon = Awaited<ReturnType<typeof startDaemon>>;

/** Counts in a message may lag behind by half a minute. */
const countedMs = 60_000;

describe('a restart in the middle of an incident', { skip: missingTools() ?? false, timeout: 300_000 }, () => {
  let slack: FakeSlack;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let client: Redis;

  beforeEach(async () => {
    [slack, redis] = [await startFakeSlack(), await startRedis()];
    client = new Redis(redis.url);
  });

  afterEach(async () => {
    client.disconnect();
    await stopEverything();
    await slack.stop();
  });

  async function startOne(): Promise<Daemon> {
    const ops = await freePort();
    const config = `broker: ${redis.url}/0
store: ${redis.url}/1
slack: { token: "${slack.token}", channel: "#alerts", api_url: "${slack.apiUrl}" }
alerts: { learning: 0s, wait: 15s }
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "off" }
`;
    const daemon = await startDaemon(config, {}, ops);
    await daemon.ready();
    return daemon;
  }

  async function publish(events: readonly Fields[]): Promise<void> {
    const envelope = {
      body: Buffer.from(JSON.stringify(events)).toString('base64'),
      'content-encoding': 'utf-8',
      'content-type': 'application/json',
      headers: { hostname: 'oven@one' },
      properties: { body_encoding: 'base64' },
    };
    await client.publish('/0.celeryev/task.multi', JSON.stringify(envelope));
  }

  async function fail(from: number, to: number): Promise<void> {
    for (let index = from; index < to; index += 1) await publish([...startOf(`task-${index}`), endOf(`task-${index}`)]);
  }

  const roots = (): FakeMessage[] => slack.messages('alerts').filter(({ threadTs }) => threadTs === undefined);
  const textOf = (message: FakeMessage | undefined): string => JSON.stringify([message?.text, message?.blocks]);

  async function waitForCount(count: number, daemon: Daemon): Promise<void> {
    const shows = new RegExp(`\\b${count} failures\\b`);
    const what = () => `${count} failures in ${roots().map(textOf).join('\n')} ${daemon.output()}`;
    await waitFor(what, countedMs, () => shows.test(textOf(roots()[0])));
  }

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`${signal} within the collection time loses no message, no count and no open task`, async () => {
      const first = await startOne();
      await publish(startOf('open'));
      await fail(0, 5);
      await waitFor('the decision to collect', 10_000, async () => /collecting/.test(await first.metrics()));
      await sleep(3_000);
      await first.stop(signal);
      const downAt = Date.now();
      await sleep(4_000);
      await fail(100, 103);
      const second = await startOne();
      const downS = (Date.now() - downAt) / 1_000;
      await waitFor(
        () => `a message: ${second.output()}`,
        40_000,
        () => roots().length > 0,
      );
      await waitForCount(5, second);
      await publish([endOf('open')]);
      await fail(5, 8);
      await waitForCount(9, second);
      assert.equal(roots().length, 1, roots().map(textOf).join('\n'));
      const gap = /source_gap_seconds_total\{[^}]*cause="restart"\} ([\d.]+)/.exec(await second.metrics());
      const gapS = Number(gap?.[1]);
      assert.ok(gapS > 3.5 && gapS < downS + 3, `down for ${downS} s, recorded ${gapS} s`);
      assert.match(second.output(), /"cause":"restart"/);
    });
  }

  test('a rolling update of two replicas during an incident counts every failure once, without a gap', async () => {
    let [published, isOver] = [0, false];
    const [first, second] = [await startOne(), await startOne()];
    const outage = (async () => {
      while (!isOver) {
        await fail(published, published + 1);
        published += 1;
        await sleep(500);
      }
    })();
    await sleep(8_000);
    const third = await startOne();
    await first.stop('SIGTERM');
    await sleep(5_000);
    const fourth = await startOne();
    await second.stop('SIGTERM');
    await sleep(12_000);
    isOver = true;
    await outage;
    await waitForCount(published, fourth);
    assert.equal(roots().length, 1, roots().map(textOf).join('\n'));
    for (const daemon of [third, fourth]) assert.doesNotMatch(daemon.output(), /"cause":"restart"/);
  });
});

/** The events of a task until it runs. */
function startOf(uuid: string): readonly Fields[] {
  const now = Date.now() / 1_000;
  const ids = { root_id: uuid, parent_id: null };
  return [
    { ...commonOf(uuid), ...ids, type: 'task-received', timestamp: now, name: 'bakery.bake', args: '()', kwargs: '{}' },
    { ...commonOf(uuid), type: 'task-started', timestamp: now + 0.001 },
  ];
}

function endOf(uuid: string): Fields {
  const traceback =
    'Traceback (most recent call last):\n  File "/app/bakery.py", line 3, in bake\n    heat()\nbakery.OvenError: cold\n';
  const timestamp = Date.now() / 1_000 + 0.002;
  return { ...commonOf(uuid), type: 'task-failed', timestamp, exception: "OvenError('cold')", traceback };
}

function commonOf(uuid: string): Fields {
  return { hostname: 'oven@one', pid: 7, utcoffset: 0, clock: 1, uuid };
}
