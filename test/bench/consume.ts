/**
 * Our side as a process: node consume.ts '{"url", "events", "messages", "mode", "otlp"}'. Prints "ready", then "done {...}" when
 * every event was received and delivered. `lifecycle` is the source, the decoder and the task table; `full` and `foreign` are the daemon.
 */
import '../../src/engine.mjs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { policyOf } from '../../src/config/policy/policy.ts';
import { createDaemon, type Daemon } from '../../src/daemon/daemon.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import { createPipeline } from '../../src/pipeline.ts';
import { createSystemClock } from '../../src/runtime/clock.ts';
import { celery } from '../../src/source/celery/system.ts';
import type { Source } from '../../src/source/source.ts';
import { configFor, counting, opened, takenOf } from './in-process.ts';
import { profileTo } from './profiler.ts';

export interface ConsumeRun {
  readonly url: string;
  readonly events: number;
  readonly messages: number;
  readonly mode: 'lifecycle' | 'full' | 'foreign';
  readonly otlp: string;
  /** The event loop is watched after so many events. */
  readonly warmUp?: number;
  /** File for a CPU profile. */
  readonly profile?: string;
}

const run = JSON.parse(process.argv[2] ?? '{}') as ConsumeRun;
const clock = createSystemClock();
const { notices, report } = counting();
const config = configFor({
  broker: `${run.url}/0`,
  ...(run.mode === 'lifecycle' ? {} : { otlp: run.otlp }),
  ...(run.mode === 'foreign' ? { sidecarOf: 'nobody-here' } : {}),
});
// Longer than the settle window, after which no transition follows.
const settledMs = config.limits.settleMs + 500;
const tickMs = 10;
const delay = monitorEventLoopDelay({ resolution: tickMs });

if (run.mode === 'lifecycle') await startLifecycle();
else await startDaemon();

async function startDaemon(): Promise<void> {
  const daemon = await createDaemon({
    config,
    policy: policyOf(config),
    clock,
    random: Math.random,
    instance: 'bench',
    report,
  });
  await daemon.start();
  while (!daemon.components().every(({ state }) => state === 'ready')) await sleep(20);
  await waitForTheEnd(daemon);
}

async function startLifecycle(): Promise<void> {
  const pipeline = createPipeline({
    decode: celery.decode,
    redact: opened,
    lifecycle: new Lifecycle(defaultLifecycleOptions),
    viewers: [],
    report,
  });
  const broker = config.brokers[0] as (typeof config.brokers)[number];
  const { eventSources } = celery.connect(broker, {
    clock,
    random: Math.random,
    report,
    isControlAllowed: false,
    sidecar: undefined,
    queueName: 'bench',
    workers: () => [],
    queues: () => [],
  });
  const source = eventSources[0] as Source;
  let isConnected = false;
  await source.start({
    message: (message) => pipeline.message(message),
    decoded: () => {},
    gap: (gap) => pipeline.gap(gap),
    connected: (is) => {
      isConnected = is;
    },
  });
  clock.every(100, () => pipeline.sweep(clock.now()));
  while (!isConnected) await sleep(20);
  await waitForTheEnd(undefined);
}

async function waitForTheEnd(daemon: Daemon | undefined): Promise<void> {
  // The instrument wakes the process a hundred times a second, so it runs only where its figure is wanted.
  if (run.warmUp !== undefined) delay.enable();
  const endProfile = await profileTo(run.profile);
  process.stdout.write('ready\n');
  if (run.mode === 'foreign') await untilStill();
  else await untilAllOrGap();
  // The histogram holds the time between two ticks, not what came on top of it.
  const isWatched = run.warmUp !== undefined;
  const delayMs = isWatched ? { p99: delay.percentile(99) / 1e6 - tickMs, max: delay.max / 1e6 - tickMs } : undefined;
  await sleep(settledMs);
  while ((daemon?.queuedCount() ?? 0) > 0) await sleep(20);
  await endProfile();
  const { rss, heapUsed } = process.memoryUsage();
  const told = { taken: takenOf(notices), notices: Object.fromEntries(notices), delayMs, rss, heapUsed };
  process.stdout.write(`done ${JSON.stringify(told)}\n`);
}

/** Messages of foreign hosts are refused before or after decoding, so there is no single number to wait for. */
async function untilStill(): Promise<void> {
  const seen = (): number => (notices.get('foreign-messages') ?? 0) + takenOf(notices);
  for (let last = -1; seen() < run.messages || seen() !== last; await sleep(300)) last = seen();
}

/** Events in a gap do not arrive any more. */
async function untilAllOrGap(): Promise<void> {
  let isWarm = run.warmUp === undefined;
  while (takenOf(notices) < run.events && !notices.has('gap')) {
    await sleep(100);
    if (isWarm || takenOf(notices) < (run.warmUp ?? 0)) continue;
    delay.reset();
    isWarm = true;
  }
}
