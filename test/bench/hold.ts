/**
 * Memory of the daemon, in a process of its own: node --expose-gc hold.ts '{"traffic", "otlp", "looks"}'. Feeds the stream to the
 * whole wiring and measures the memory after a collection, before it, and at equal steps on the way. Prints one JSON object.
 */
import '../../src/engine.mjs';
import { createStage } from './in-process.ts';
import { countOf, type Traffic, trafficOf } from './traffic.ts';

export interface HoldRun {
  readonly traffic: Traffic;
  readonly otlp: string;
  readonly looks: number;
}

export interface Look {
  readonly events: number;
  readonly heapUsed: number;
  readonly rss: number;
}

export interface HoldFigures {
  readonly looks: readonly Look[];
  readonly openTasks: number;
  readonly notices: Readonly<Record<string, number>>;
}

const sliceMessages = 256;

const run = JSON.parse(process.argv[2] ?? '{}') as HoldRun;
const wanted = countOf(run.traffic).events;
const startAt = run.traffic.from;
const stage = await createStage('full', startAt, run.otlp);
const looks: Look[] = [look(0)];
let events = 0;
let messages = 0;
for (const message of trafficOf(run.traffic)) {
  stage.take({ source: 'bench', receivedAt: message.at, payload: flat(message.payload), form: 'kombu-envelope' });
  events += message.events;
  messages += 1;
  if (messages % sliceMessages === 0) await stage.turn();
  if (events < (wanted * looks.length) / run.looks || looks.length === run.looks) continue;
  await stage.turn();
  looks.push(look(events));
}
await stage.drain();
looks.push(look(events));
const figures: HoldFigures = { looks, openTasks: stage.openTasks(), notices: Object.fromEntries(stage.notices) };
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);

function look(events: number): Look {
  // Twice: what the first one finalises, the second one frees.
  for (let times = 0; times < 2; times += 1) globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { events, heapUsed, rss };
}

/** A text made of pieces would hold more than itself. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
