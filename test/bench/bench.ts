/**
 * Cost of taskvigil as ratios within one run: JSON on standard output, progress on standard error.
 *
 *   npm run --silent bench -- [--quick] [--only stages|redis|memory|grouping|redaction] [--out FILE] [--recording FILE]…
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { stopEverything } from '../live/process.ts';
import { barsOf } from './bars.ts';
import { consumersOf } from './consumers.ts';
import { median } from './cpu.ts';
import { measureGrouping } from './grouping.ts';
import { measureMemory } from './memory.ts';
import { measureOverRedis, type Sample } from './over-redis.ts';
import { say } from './programs.ts';
import { committedRecordings } from './recorded.ts';
import { measureRedaction } from './redaction.ts';
import { measureStages } from './stages.ts';
import type { Traffic } from './traffic.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    out: { type: 'string' },
    recording: { type: 'string', multiple: true, default: [] },
  },
});

const parts = ['stages', 'redis', 'memory', 'grouping', 'redaction'];
if (values.only !== undefined && !parts.includes(values.only)) {
  say(`--only: expected one of ${parts.join(', ')}, got ${values.only}`);
  process.exit(2);
}
const isWanted = (part: string): boolean => values.only === undefined || values.only === part;
const recordings = [...values.recording, ...positionals];
const rounds = values.quick ? 1 : 5;
const tasksPerSecond = 2_000;
/** Messages of the made-up stream hold one event and a half. */
const messagesPerSecond = 5_000;

function generated(tasks: number, seed = 1): (from: number) => Traffic {
  return (from) => ({ kind: 'generated', tasks, seed, from, tasksPerSecond });
}

function recorded(events: number, firstRound = 0): (from: number) => Traffic {
  const files = recordings.length > 0 ? recordings : committedRecordings();
  return (from) => ({ kind: 'recorded', files, events, from, firstRound });
}

async function stages(): Promise<object> {
  const [warmUp, from] = [40_000, 1_790_000_000_000];
  say('stages in process, made-up stream');
  const made = await measureStages(generated(60_000)(from), warmUp, values.quick ? 1 : 3);
  say('stages in process, recorded stream');
  const real = await measureStages(recorded(250_000)(from), warmUp, values.quick ? 1 : 3);
  return { generated: made, recorded: real };
}

async function overRedis(): Promise<object> {
  const consumers = consumersOf();
  for (const { name, missing } of consumers) if (missing !== undefined) say(`LEFT OUT: ${name}: ${missing}`);
  say('LEFT OUT: exporter: celery-exporter (danihodovic) is not a package on PyPI, where its name is another project');
  // Ours is compiled while it runs, which is over after some 80,000 events; a daemon that runs for weeks pays it once.
  const warmUpTasks = values.quick ? 5_000 : 24_000;
  const warmUp = recordings.length > 0 ? recorded(warmUpTasks * 4, 1_000) : generated(warmUpTasks, 2);
  const tasks = values.quick ? 12_000 : 20_000;
  const traffic = recordings.length > 0 ? recorded(tasks * 4) : generated(tasks);
  const samples = await measureOverRedis({ consumers, warmUp, traffic, messagesPerSecond, rounds });
  const figures = Object.fromEntries(
    [...samples].map(([name, all]) => [name, { cpuUsPerEvent: medianOf(all) ?? null, samples: all }]),
  );
  return { figures, bars: barsOf((name) => medianOf(samples.get(name) ?? [])) };
}

function medianOf(samples: readonly Sample[]): number | undefined {
  const valid = samples.filter(({ invalid }) => invalid === undefined).map(({ cpuUsPerEvent }) => cpuUsPerEvent);
  return valid.length === 0 ? undefined : median(valid);
}

const result: Record<string, unknown> = {
  node: process.version,
  cores: cpus().length,
  processor: cpus()[0]?.model,
  rounds,
  recordings: recordings.length > 0 ? 'given' : 'committed',
};
try {
  if (isWanted('stages')) result['stages'] = await stages();
  if (isWanted('redis')) result['redis'] = await overRedis();
  if (isWanted('grouping')) result['grouping'] = measureGrouping(rounds);
  if (isWanted('redaction')) result['redaction'] = await measureRedaction(values.quick);
  if (isWanted('memory')) result['memory'] = await measureMemory(values.quick);
} finally {
  await stopEverything();
}
const json = `${JSON.stringify(result, null, 2)}\n`;
if (values.out !== undefined) writeFileSync(values.out, json);
process.stdout.write(json);
