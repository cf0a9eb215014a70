/**
 * Ours, Celery's and Flower over a real Redis: one consumer at a time, warmed up by a stream of the same kind, is charged with
 * the processor time of its process from before the first message until it has seen and delivered the last.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, start, startRedis, waitFor } from '../live/process.ts';
import type { Consumer } from './consumers.ts';
import { cpuUsOf, rssOf } from './cpu.ts';
import { fileOf, node, say, startSink } from './programs.ts';
import { type Count, countOf, sumOf, type Traffic } from './traffic.ts';

export interface Sample {
  readonly cpuUsPerEvent: number;
  readonly events: number;
  readonly rss: number;
  /** Reason why the sample does not count; undefined if it counts. */
  readonly invalid: string | undefined;
  /** The consumer's own report. */
  readonly told: unknown;
}

export interface OverRedisOptions {
  readonly consumers: readonly Consumer[];
  /** Each is published once, at the time it is given. */
  readonly warmUp: (from: number) => Traffic;
  readonly traffic: (from: number) => Traffic;
  readonly messagesPerSecond: number;
  readonly rounds: number;
}

export async function measureOverRedis(options: OverRedisOptions): Promise<Map<string, Sample[]>> {
  const redis = await startRedis();
  await unlimited(redis.port);
  const sink = await startSink();
  const warmUp = countOf(options.warmUp(Date.now()));
  const count = countOf(options.traffic(Date.now()));
  say(`over Redis: ${count.events} events in ${count.messages} messages, ${options.messagesPerSecond} a second`);
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < options.rounds; round += 1) {
    for (const consumer of options.consumers) {
      if (consumer.missing !== undefined) continue;
      const sample = await measure(consumer, redis.url, sink.endpoint, { warmUp, count }, options);
      samples.set(consumer.name, [...(samples.get(consumer.name) ?? []), sample]);
      const verdict = sample.invalid === undefined ? '' : `  INVALID: ${sample.invalid}`;
      say(
        `round ${round + 1}  ${consumer.name.padEnd(10)} ${sample.cpuUsPerEvent.toFixed(2).padStart(7)} µs/event${verdict}`,
      );
    }
  }
  await sink.stop('SIGKILL');
  await redis.stop('SIGKILL');
  return samples;
}

/** Redis drops no slow subscriber, so every consumer pays for every event. */
export async function unlimited(port: number): Promise<void> {
  const set = start('redis-cli', ['-p', String(port), 'config', 'set', 'client-output-buffer-limit', 'pubsub 0 0 0']);
  if ((await set.ended) !== 0) throw new Error(`redis-cli: ${set.output()}`);
}

async function measure(
  consumer: Consumer,
  url: string,
  otlp: string,
  { warmUp, count }: { readonly warmUp: Count; readonly count: Count },
  options: OverRedisOptions,
): Promise<Sample> {
  const all = sumOf([warmUp, count]);
  const started = await consumer.start({ url, otlp, count: all });
  const pid = started.running.child.pid as number;
  try {
    await publish(url, options.warmUp(Date.now()), options.messagesPerSecond);
    await quiet(pid);
    const before = cpuUsOf(pid);
    const heard = await publish(url, options.traffic(Date.now()), options.messagesPerSecond);
    const end = started.spoken ? await spoken(started.running) : await quiet(pid);
    const cpuUs = (end ?? cpuUsOf(pid)) - before;
    const rss = rssOf(pid);
    const told = started.spoken ? toldBy(started.running) : await started.seen();
    const invalid = heard < count.messages ? 'some messages had no subscriber' : consumer.invalid(told, all);
    return { cpuUsPerEvent: cpuUs / count.events, events: count.events, rss, invalid, told };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { cpuUsPerEvent: Number.NaN, events: 0, rss: 0, invalid: why.slice(0, 500), told: undefined };
  } finally {
    await started.running.stop('SIGKILL');
  }
}

/** Answers how many messages had a listener. */
export async function publish(url: string, traffic: Traffic, messagesPerSecond: number): Promise<number> {
  const publisher = start(node, [fileOf('publish.ts'), url, JSON.stringify(traffic), String(messagesPerSecond)]);
  if ((await publisher.ended) !== 0) throw new Error(`publisher: ${publisher.output()}`);
  return (JSON.parse(publisher.output().trim()) as { heard: number }).heard;
}

const endsWithinMs = 120_000;

export async function spoken(running: Running): Promise<undefined> {
  await waitFor(
    () => `the consumer prints that it is done: ${running.output().slice(-1_000)}`,
    endsWithinMs,
    () => /^done /m.test(running.output()),
  );
}

export function toldBy(running: Running): unknown {
  return JSON.parse(/^done (\{.*\})$/m.exec(running.output())?.[1] ?? 'null');
}

const lookEveryMs = 250;
/** Less than this between two looks is what a process uses that waits. */
const idleUs = 15_000;

/** Waits until the process has had nothing to do for two seconds; answers its processor time when that began. */
async function quiet(pid: number): Promise<number> {
  let last = cpuUsOf(pid);
  let began = last;
  const deadline = performance.now() + endsWithinMs;
  for (let still = 0; still < 8; ) {
    if (performance.now() > deadline) throw new Error('it never comes to rest');
    await sleep(lookEveryMs);
    const now = cpuUsOf(pid);
    if (now - last > idleUs) still = 0;
    if (still === 0) began = now;
    still += 1;
    last = now;
  }
  return began;
}
