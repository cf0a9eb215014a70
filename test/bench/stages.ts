/** The stages in process, each run in a process of its own, rounds interleaved. */
import { start } from '../live/process.ts';
import { median } from './cpu.ts';
import { type StageName, stageNames } from './in-process.ts';
import { fileOf, node, say, startSink } from './programs.ts';
import type { StageFigures, StageRun } from './stage.ts';
import type { Traffic } from './traffic.ts';

export interface StageResult {
  /** Median of the samples that count. */
  readonly cpuUsPerEvent: number | null;
  readonly samples: readonly (StageFigures & { readonly invalid: string | undefined })[];
}

export async function measureStages(
  traffic: Traffic,
  warmUp: number,
  rounds: number,
): Promise<Readonly<Record<string, StageResult>>> {
  const sink = await startSink();
  const samples = new Map<StageName, StageResult['samples'][number][]>();
  const leftOut = new Set<StageName>();
  for (let round = 0; round < rounds; round += 1) {
    for (const stage of stageNames) {
      if (leftOut.has(stage)) continue;
      const run: StageRun = { stage, traffic, warmUp, otlp: sink.endpoint };
      const child = start(node, ['--max-old-space-size=3072', fileOf('stage.ts'), JSON.stringify(run)]);
      const code = await child.ended;
      const line = child.output().trim().split('\n').at(-1) ?? '';
      if (code !== 0 || !line.startsWith('{')) {
        leftOut.add(stage);
        say(
          `LEFT OUT: stage ${stage} does not run: ${
            child
              .output()
              .trim()
              .split('\n')
              .find((text) => /Error/.test(text)) ?? code
          }`,
        );
        continue;
      }
      const figures = JSON.parse(line) as StageFigures;
      const invalid = Object.keys(figures.notices).find((key) => /^(bug|items-dropped|delivery-failed)/.test(key));
      samples.set(stage, [...(samples.get(stage) ?? []), { ...figures, invalid }]);
      say(
        `round ${round + 1}  ${stage.padEnd(10)} ${figures.cpuUsPerEvent.toFixed(2).padStart(7)} µs/event${invalid === undefined ? '' : `  INVALID: ${invalid}`}`,
      );
    }
  }
  await sink.stop('SIGKILL');
  return Object.fromEntries(
    [...samples].map(([stage, all]) => {
      const valid = all.filter(({ invalid }) => invalid === undefined).map(({ cpuUsPerEvent }) => cpuUsPerEvent);
      return [stage, { cpuUsPerEvent: valid.length === 0 ? null : median(valid), samples: all }];
    }),
  );
}
