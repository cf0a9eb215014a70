/**
 * One instance of a fleet that is killed again and again, for once.test.ts: the real alert coordinator over Redis and Slack,
 * with failures at fixed times. Each alert fails several times. The instance observes each failure unless it drops that
 * failure on purpose or is dead at the time.
 *
 *   node once-worker.ts '{"redis": "redis://…", "apiUrl": "http://…", …}'
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Policy } from '../../src/alert/policy.ts';
import { createAlertCoordinator } from '../../src/notify/coordinator.ts';
import { createSlackReceiver } from '../../src/sink/slack/receiver.ts';
import { createFallbackStore } from '../../src/store/fallback-store.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import { opensAtOnce } from '../fakes/alert-fleet.ts';
import { failureOf } from '../fakes/failure.ts';

export interface OnceOptions {
  readonly redis: string;
  readonly apiUrl: string;
  readonly token: string;
  readonly instance: string;
  /** Incidents of one fleet stay open for long: several fleets at once keep each book at a size that people could read. */
  readonly fleets: number;
  readonly channels: readonly string[];
  readonly alerts: number;
  readonly perSecond: number;
  readonly beginAt: number;
  /** 0 .. 1 of the failures. */
  readonly loseShare: number;
  readonly tickMs: number;
  /** How often each alert fails. */
  readonly times: number;
}

const everyMs = 6_000;

const options = JSON.parse(process.argv[2]!) as OnceOptions;
const { instance, fleets, channels, alerts, perSecond, beginAt, loseShare, times } = options;

const policy: Policy = {
  ...opensAtOnce,
  owners: channels.map((channel, index) => ({
    ...opensAtOnce.owners[0]!,
    channel,
    match: { ...opensAtOnce.owners[0]!.match, tasks: [`tasks.${index}.*`] },
  })),
};

const sinks = Array.from({ length: fleets }, (_, fleet) => {
  const namespace = `fleet-${fleet}`;
  const clock = { now: Date.now };
  const shared = createRedisStore({ url: options.redis, namespace, report: () => {}, random: Math.random, sleep });
  const say = (what: string, error?: unknown): void => void process.stdout.write(`${instance}: ${what} ${error}\n`);
  const store = createFallbackStore({
    shared,
    isShared: true,
    clock,
    onAway: (error) => say('away', error),
    onBack: (ms) => say(`back after ${ms}`),
    onDuplicate: ({ ref }) => void slack.retract(ref).catch(() => {}),
  });
  const slack = createSlackReceiver({
    token: () => options.token,
    apiUrl: options.apiUrl,
    clock,
    sleep: (ms) => sleep(ms),
    links: () => [],
    namespace,
  });
  return createAlertCoordinator({
    policy: () => policy,
    store,
    clock,
    random: Math.random,
    report: (notice) => notice.kind === 'bug' && say('bug', notice.error),
    receivers: [slack],
    instance: `${instance}-${process.pid}`,
  });
});

/** The failures of the time from `from` to `to`, without those that this instance loses. */
function hear(from: number, to: number): void {
  for (let time = 0; time < times; time += 1) {
    const first = Math.max(0, Math.ceil(((from - beginAt - time * everyMs) * perSecond) / 1_000));
    for (let alert = first; alert < alerts; alert += 1) {
      const at = beginAt + (alert * 1_000) / perSecond + time * everyMs;
      if (at >= to) break;
      if (at >= from && Math.random() >= loseShare) sinks[alert % fleets]!.failure(failureFor(alert, time));
    }
  }
}

function failureFor(alert: number, time: number) {
  const task = `tasks.${alert % channels.length}.run`;
  const title = `Oops: alert-${alert}.`;
  return failureOf({ id: `${alert}-${time}`, at: Date.now(), task, fingerprint: `alert-${alert}`, title });
}

let heardUntil = Date.now();
process.stdout.write('ready\n');
for (;;) {
  const now = Date.now();
  hear(heardUntil, now);
  heardUntil = now;
  await Promise.all(sinks.map((sink) => sink.tick()));
  await sleep(Math.max(10, options.tickMs - (Date.now() - now)));
}
