/** Memory and patience: what open tasks weigh, what stays within its limit, how long the event loop is held up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, start, startDaemon, startRedis, waitFor } from '../live/process.ts';
import type { ConsumeRun } from './consume.ts';
import { ready, type Told } from './consumers.ts';
import { rssOf } from './cpu.ts';
import type { HoldFigures, HoldRun } from './hold.ts';
import { publish, spoken, toldBy, unlimited } from './over-redis.ts';
import { fileOf, node, say, startSink } from './programs.ts';
import type { StreamOptions } from './stream.ts';
import { countOf, type Traffic } from './traffic.ts';

const openTasksMax = 100_000;
const eventsPerTask = 4.13;
const messagesPerTask = 2.7;
const eventsPerSecond = 5_000;

export async function measureMemory(isQuick: boolean): Promise<Readonly<Record<string, unknown>>> {
  const sink = await startSink();
  const found = {
    openTasks: await openTasks(sink.endpoint),
    evictions: await evictions(sink.endpoint, isQuick ? 250_000 : 1_000_000),
    soak: await soak(sink.endpoint, isQuick ? 600_000 : 2_000_000),
    idle: await idle(),
    eventLoop: await eventLoop(sink.endpoint, isQuick ? 10 : 30),
    burst: await burst(sink.endpoint),
  };
  await sink.stop('SIGKILL');
  return found;
}

async function openTasks(otlp: string): Promise<object> {
  const { looks, openTasks } = await hold({ traffic: traffic({ tasks: openTasksMax, isOpen: true }), otlp, looks: 1 });
  const [before, after] = [looks[0], looks.at(-1)];
  const heap = (after?.heapUsed ?? 0) - (before?.heapUsed ?? 0);
  const rss = (after?.rss ?? 0) - (before?.rss ?? 0);
  return told('100,000 open tasks', {
    openTasks,
    heapOverIdleMb: megabytes(heap),
    rssOverIdleMb: megabytes(rss),
    heapBytesPerTask: Math.round(heap / Math.max(1, openTasks)),
  });
}

async function evictions(otlp: string, tasks: number): Promise<object> {
  const { looks, openTasks, notices } = await hold({ traffic: traffic({ tasks, isOpen: true }), otlp, looks: 4 });
  const evicted = notices['items-dropped table-full'] ?? 0;
  return told(`${tasks} open tasks, room for ${openTasksMax}`, {
    openTasks,
    evicted,
    isAllCounted: openTasks <= openTasksMax && openTasks + evicted === tasks,
    heapMb: looks.map(({ heapUsed }) => megabytes(heapUsed)),
    rssMb: megabytes(looks.at(-1)?.rss ?? 0),
  });
}

/** By then the table of remembered tasks is full, and only what should not grow could grow. */
const filledAtEvents = 1.1 * openTasksMax * eventsPerTask;
const growthMax = 1.1;

async function soak(otlp: string, events: number): Promise<object> {
  const { looks, notices } = await hold({
    traffic: traffic({ tasks: Math.round(events / eventsPerTask) }),
    otlp,
    looks: 10,
  });
  const heaps = looks.filter((look) => look.events >= filledAtEvents).map(({ heapUsed }) => heapUsed);
  const growth = (heaps.at(-1) ?? Number.NaN) / (heaps[0] ?? Number.NaN);
  const heapMb = looks.map(({ heapUsed }) => megabytes(heapUsed));
  return told('soak', {
    growth,
    isWithin: growth <= growthMax,
    heapMb,
    rssMb: megabytes(looks.at(-1)?.rss ?? 0),
    notices,
  });
}

/** The first start after a change of the sources compiles them, which all later ones find done. */
async function idle(): Promise<object> {
  const redis = await startRedis();
  const first = await idleRss(redis.url);
  const rss = await idleRss(redis.url);
  await redis.stop('SIGKILL');
  return told('idle', { rssMb: megabytes(rss), firstStartRssMb: megabytes(first) });
}

async function idleRss(url: string): Promise<number> {
  const ops = await freePort();
  const daemon = await startDaemon(`broker: ${url}/0\nops: { listen: "127.0.0.1:${ops}" }\n`, {}, ops);
  await daemon.ready();
  await sleep(3_000);
  const rss = rssOf(daemon.child.pid as number);
  await daemon.stop();
  return rss;
}

async function eventLoop(otlp: string, seconds: number): Promise<object> {
  const redis = await startRedis();
  await unlimited(redis.port);
  const tasksPerSecond = eventsPerSecond / eventsPerTask;
  const tasks = Math.round(tasksPerSecond * (seconds + 5));
  const stream = traffic({ tasks, tasksPerSecond, from: Date.now() });
  const count = countOf(stream);
  const warmUp = eventsPerSecond * 5;
  const { running, all } = await consume({ url: redis.url, otlp, mode: 'full', warmUp, ...count });
  await publish(redis.url, stream, Math.round((eventsPerSecond * count.messages) / count.events));
  await spoken(running);
  const { delayMs, rss } = all();
  await running.stop('SIGKILL');
  await redis.stop('SIGKILL');
  return told(`event loop at ${eventsPerSecond} events a second`, { seconds, delayMs, rssMb: megabytes(rss) });
}

const burstMessages = 60_000;

/** With Redis's default limits: every message is received, or the result reports the loss. */
async function burst(otlp: string): Promise<object> {
  const redis = await startRedis();
  const stream = traffic({ tasks: Math.round(burstMessages / messagesPerTask), from: Date.now() });
  const count = countOf(stream);
  const { running, all } = await consume({ url: redis.url, otlp, mode: 'full', ...count });
  await publish(redis.url, stream, 0);
  const end = await spoken(running).catch(() => 'silent' as const);
  const said = end === 'silent' ? undefined : all();
  await running.stop('SIGKILL');
  await redis.stop('SIGKILL');
  const taken = said?.taken ?? 0;
  const outcome =
    taken === count.events ? 'all-read' : said?.notices['gap'] !== undefined ? 'gap-told' : 'lost-in-silence';
  return told(`burst of ${count.messages} messages`, { ...count, taken, outcome, notices: said?.notices });
}

async function consume(run: ConsumeRun) {
  const running = await ready(start(node, [fileOf('consume.ts'), JSON.stringify(run)]));
  return { running, all: () => toldBy(running) as Told };
}

const holdsWithinMs = 900_000;

async function hold(run: HoldRun): Promise<HoldFigures> {
  const child = start(node, ['--expose-gc', '--max-old-space-size=4096', fileOf('hold.ts'), JSON.stringify(run)]);
  const line = await waitFor(
    () => `it ends: ${child.output().slice(-500)}`,
    holdsWithinMs,
    () => /^\{"looks".*\}$/m.exec(child.output())?.[0] ?? (child.child.exitCode === null ? false : 'null'),
  );
  if (line === 'null') throw new Error(`hold: ${child.output().slice(-2_000)}`);
  return JSON.parse(line) as HoldFigures;
}

function traffic(options: Partial<StreamOptions> & { readonly tasks: number }): Traffic {
  return { kind: 'generated', seed: 3, from: 1_790_000_000_000, tasksPerSecond: 2_000, ...options };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}

function told<Found extends object>(what: string, found: Found): Found {
  say(`${what}: ${JSON.stringify(found)}`);
  return found;
}
