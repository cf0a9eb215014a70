/**
 * One stage in a process of its own: node stage.ts '{"stage", "traffic", "warmUp", "otlp", "profile"?}'. Prints one JSON
 * object. The stream is made before the measurement begins, and flat, as a socket would have delivered it.
 */
import '../../src/engine.mjs';
import type { Message } from '../../src/source/source.ts';
import { createStage, type StageName } from './in-process.ts';
import { profileTo } from './profiler.ts';
import { type Traffic, trafficOf } from './traffic.ts';

export interface StageRun {
  readonly stage: StageName;
  readonly traffic: Traffic;
  /** Events before the measurement. */
  readonly warmUp: number;
  readonly otlp: string;
  /** File for a CPU profile. */
  readonly profile?: string;
}

export interface StageFigures {
  readonly cpuUsPerEvent: number;
  /** Of the thread that runs our code, without the compressor and the garbage collector beside it. */
  readonly mainThreadUsPerEvent: number;
  readonly events: number;
  readonly notices: Readonly<Record<string, number>>;
}

/** About as many messages as a source takes before timers and sockets run. */
const sliceMessages = 256;

const run = JSON.parse(process.argv[2] ?? '{}') as StageRun;
const messages: Message[] = [];
const counts: number[] = [];
for (const { at, payload, events } of trafficOf(run.traffic)) {
  messages.push({ source: 'bench', receivedAt: at, payload: flat(payload), form: 'kombu-envelope' });
  counts.push(events);
}

const stage = await createStage(run.stage, messages[0]?.receivedAt ?? 0, run.otlp);
let next = await feed(0, run.warmUp);
const endProfile = await profileTo(run.profile);
const before = process.cpuUsage();
const threadBefore = process.threadCpuUsage();
const first = next;
next = await feed(next, Number.POSITIVE_INFINITY);
await stage.drain();
const { user, system } = process.cpuUsage(before);
const thread = process.threadCpuUsage(threadBefore);
await endProfile();
const events = counts.slice(first).reduce((sum, count) => sum + count, 0);
const figures: StageFigures = {
  cpuUsPerEvent: (user + system) / events,
  mainThreadUsPerEvent: (thread.user + thread.system) / events,
  events,
  notices: Object.fromEntries(stage.notices),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);

async function feed(from: number, most: number): Promise<number> {
  let index = from;
  for (let events = 0; events < most && index < messages.length; index += 1) {
    stage.take(messages[index] as Message);
    events += counts[index] as number;
    if (index % sliceMessages === 0) await stage.turn();
  }
  return index;
}

/** A text made of pieces is put together when it is first read, which would be charged to the reader. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
