/**
 * Cost of redaction: megabytes a second of processor time on one core, the same texts through fast-redact in the same
 * run, and whether any hostile text makes the time grow faster than its length.
 */

import { createRedactor } from '../../src/redact/redact.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';
import { start } from '../live/process.ts';
import { atLeastBar, atMostBar, type Bar } from './bars.ts';
import { median } from './cpu.ts';
import { fileOf, node, say } from './programs.ts';
import { hostileTexts } from './redaction-texts.ts';
import { type WayName, wayNames } from './redaction-way.ts';

export interface RedactionFigures {
  /** Megabytes a second of processor time, medians of the rounds. */
  readonly megabytesPerSecond: Readonly<Record<WayName, number>>;
  readonly hostile: {
    /** Time for four times the length over time for the length, the largest of all families. */
    readonly worstGrowth: number;
    readonly worstGrowthOf: string;
    readonly worst64KiBMs: number;
    readonly worst64KiBOf: string;
  };
  readonly bars: readonly Bar[];
}

export async function measureRedaction(isQuick: boolean): Promise<RedactionFigures> {
  const rounds = isQuick ? 2 : 5;
  const samples = new Map<WayName, number[]>(wayNames.map((name) => [name, []]));
  // In turn, each in a process of its own, so that neither the machine's moods nor a neighbour's garbage favours one.
  for (let round = 0; round < rounds; round += 1)
    for (const name of wayNames) samples.get(name)?.push(await speedOf(name, isQuick ? 5 : 20));
  const megabytesPerSecond = Object.fromEntries(
    [...samples].map(([name, all]) => [name, rounded(median(all))]),
  ) as RedactionFigures['megabytesPerSecond'];
  say(`redaction: ${JSON.stringify(megabytesPerSecond)} MB/s`);
  const hostile = measureHostile();
  say(`redaction: ${JSON.stringify(hostile)}`);
  return {
    megabytesPerSecond,
    hostile,
    bars: [
      atLeastBar('redaction/fastRedact', megabytesPerSecond.repr / megabytesPerSecond.fastRedact, 3),
      atLeastBar('redaction MB/s', megabytesPerSecond.repr, 15),
      atMostBar('redaction growth, 4 times the length', hostile.worstGrowth, 6),
    ],
  };
}

async function speedOf(name: WayName, passes: number): Promise<number> {
  const child = start(node, [fileOf('redaction-way.ts'), name, String(passes)]);
  const code = await child.ended;
  const speed = Number(child.output().trim().split('\n').at(-1));
  if (code !== 0 || !(speed > 0)) throw new Error(`${name} ended with ${code}: ${child.output().slice(0, 400)}`);
  return speed;
}

function measureHostile(): RedactionFigures['hostile'] {
  const redactor = createRedactor(defaultRedactOptions);
  const run = (text: string): unknown => redactor.redactText('kwargs', text);
  const least = (text: string): number => Math.min(...Array.from({ length: 9 }, () => cpuMsOf(() => run(text))));
  // Lengths below the budget of a field; a longer text is cut to it.
  const [short, long] = [4_000, 16_000];
  let growth = { name: '', value: 0 };
  let worst = { name: '', value: 0 };
  const big = createRedactor({
    ...defaultRedactOptions,
    charsMax: {
      args: 65_536,
      kwargs: 65_536,
      result: 65_536,
      exception: 65_536,
      traceback: 65_536,
      name: 1_024,
      log: 65_536,
    },
  });
  for (const [name, textOf] of Object.entries(hostileTexts)) {
    for (let times = 0; times < 5; times += 1) run(textOf(short));
    const [first, second] = [least(textOf(short)), least(textOf(long))];
    // Below a millisecond the clock is coarser than the text.
    if (second > 1 && second / Math.max(first, 0.25) > growth.value)
      growth = { name, value: second / Math.max(first, 0.25) };
    const text = textOf(65_536);
    const whole = Math.min(
      cpuMsOf(() => big.redactText('kwargs', text)),
      cpuMsOf(() => big.redactText('kwargs', text)),
    );
    if (whole > worst.value) worst = { name, value: whole };
  }
  return {
    worstGrowth: rounded(growth.value),
    worstGrowthOf: growth.name,
    worst64KiBMs: rounded(worst.value),
    worst64KiBOf: worst.name,
  };
}

function cpuMsOf(run: () => unknown): number {
  const from = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
