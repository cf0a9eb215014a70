import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf } from '../../test/fakes/failure.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../../test/fakes/redis.ts';
import { loadConfig } from '../config/load.ts';
import { policyOf } from '../config/policy/policy.ts';
import type { Notice } from '../report.ts';
import { createSystemClock } from '../runtime/clock.ts';
import { Board } from '../status/board.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createAlerts } from './alerts.ts';

const started: { server?: RedisServer } = {};
after(() => started.server?.stop());

interface Options {
  readonly yaml: string;
  readonly isWatchingFleet?: boolean;
}

/** Alerts of a configuration in which `billing.*` is critical, so that one failure is posted as soon as it is decided. */
async function open(t: TestContext, { yaml, isWatchingFleet = false }: Options) {
  const text = `broker: redis://test/0\ncritical: [billing.*]\n${yaml}`;
  const loaded = loadConfig({ text, file: 'test.yaml', env: {}, hostname: 'pod-7', readFile: () => '' });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const clock = createSystemClock();
  const board = new Board();
  const notices: Notice[] = [];
  const alerts = createAlerts({
    config: loaded.config,
    policy: () => policyOf(loaded.config),
    current: () => loaded.config,
    clock,
    random: Math.random,
    report: (notice) => notices.push(notice),
    instance: 'instance-1',
    board,
    fleet: createMemoryFleet(clock),
    isExporting: () => true,
    isWatchingFleet: () => isWatchingFleet,
  });
  await alerts.start();
  t.after(() => alerts.stop());
  const failure = failureOf({ at: Date.now(), task: 'billing.tasks.charge' });
  return {
    alerts,
    failure,
    notices,
    /** Ticks until a message is shown, at most `times`. */
    async messagesAfterFailure(times = 40): Promise<number> {
      alerts.sink.failure(failure);
      alerts.decisions.recordFailure(failure);
      for (let tries = 0; tries < times; tries += 1) {
        await alerts.sink.tick();
        if (board.snapshot(Date.now()).messages.length > 0) break;
        await sleep(10);
      }
      return board.snapshot(Date.now()).messages.length;
    },
  };
}

describe('a standalone instance without Slack', () => {
  test('shows the message on the status page, delivered by the receiver of the page', async (t) => {
    const { messagesAfterFailure, notices } = await open(t, { yaml: '' });
    assert.equal(await messagesAfterFailure(), 1);
    const sinks = notices.flatMap((notice) => (notice.kind === 'delivered' ? [notice.sink] : []));
    assert.ok(sinks.includes('page') && !sinks.includes('slack'), sinks.join());
  });

  test('explains the decision by the id of the task', async (t) => {
    const { alerts, failure, messagesAfterFailure } = await open(t, { yaml: '' });
    await messagesAfterFailure();
    assert.match(alerts.decisions.why(failure.task.id, alerts.sink.book()).join('\n'), /failures\.critical/);
  });

  test('has no handler for posts of Slack, and stops with nothing undelivered', async (t) => {
    const { alerts, messagesAfterFailure } = await open(t, { yaml: '' });
    await messagesAfterFailure();
    assert.equal(alerts.postHandler('/slack/actions'), undefined);
    assert.equal(await alerts.stop(), 0);
  });
});

describe('a sidecar', { skip: whyNoRedis() }, () => {
  const cases = [
    { name: 'that is responsible for the fleet decides', isWatchingFleet: true, want: 1 },
    { name: 'that is not responsible leaves the decision to another one', isWatchingFleet: false, want: 0 },
  ];
  for (const [index, { name, isWatchingFleet, want }] of cases.entries())
    test(name, async (t) => {
      started.server ??= await startRedis();
      const yaml = `mode: sidecar\nstore: ${started.server.url}\nstore_namespace: case-${index}\n`;
      const { messagesAfterFailure } = await open(t, { yaml, isWatchingFleet });
      assert.equal(await messagesAfterFailure(), want);
    });

  test('without a store decides for its own workers', async (t) => {
    const { messagesAfterFailure } = await open(t, { yaml: 'mode: sidecar\n' });
    assert.equal(await messagesAfterFailure(), 1);
  });
});
