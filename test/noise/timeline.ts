/** Reads one timeline of the incident replay: events, queue lengths and what an operator would have configured. */
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { defaultPolicy } from '../../src/alert/default-policy.ts';
import type { AlertCommand } from '../../src/alert/incidents/command.ts';
import { matchesEverything } from '../../src/alert/matcher.ts';
import type { ExpectedSchedule, Policy, TaskPolicy } from '../../src/alert/policy.ts';
import type { Millis } from '../../src/event/ids.ts';
import { timetableOf } from '../../src/schedule/schedule.ts';

/** The `.input.json` of a timeline; times in seconds. */
export interface TimelineInput {
  readonly end: number;
  readonly config: {
    readonly critical: readonly string[];
    readonly schedules: readonly { readonly task: string; readonly every_s: number; readonly offset: number }[];
    readonly tasks: Readonly<Record<string, { readonly queue: string }>>;
  };
  readonly control: readonly ({ readonly ts: number } & (
    | { readonly type: 'deploy'; readonly version: string; readonly pools: readonly string[] }
    | { readonly type: 'resolve' | 'archive'; readonly task: string; readonly exc: string }
  ))[];
}

export type Step =
  | { readonly at: Millis; readonly kind: 'event'; readonly body: string }
  | { readonly at: Millis; readonly kind: 'depth'; readonly queues: Readonly<Record<string, number>> }
  | { readonly at: Millis; readonly kind: 'command'; readonly command: AlertCommand };

export function readInput(path: string): TimelineInput {
  return JSON.parse(readFileSync(path, 'utf8')) as TimelineInput;
}

export function policyFor({ config }: TimelineInput): Policy {
  const own = (task: string, more: Partial<TaskPolicy>): TaskPolicy => ({
    match: [task],
    severity: undefined,
    mute: undefined,
    ignore: [],
    isIdempotent: true,
    queue: undefined,
    thresholds: {},
    ...more,
  });
  const names = new Set([...config.critical, ...Object.keys(config.tasks)]);
  return {
    ...defaultPolicy('#alerts'),
    tasks: [...names].map((task) =>
      own(task, {
        queue: config.tasks[task]?.queue,
        severity: config.critical.includes(task) ? 'critical' : undefined,
      }),
    ),
    schedules: config.schedules.map((schedule): ExpectedSchedule => {
      const timing = { kind: 'every', everyMs: schedule.every_s * 1_000, offsetMs: schedule.offset * 1_000 } as const;
      return { name: schedule.task, task: schedule.task, ...timetableOf(timing) };
    }),
  };
}

/** Everything in the order of its time. */
export function readSteps(stem: string, input: TimelineInput): AsyncGenerator<Step> {
  const depths = readFileSync(`${stem}.depth.ndjson`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Depth);
  return stepsOf(createInterface({ input: createReadStream(`${stem}.events.ndjson`) }), depths, input);
}

/** Queue lengths at a time in seconds. */
export interface Depth {
  readonly at: number;
  readonly queues: Readonly<Record<string, number>>;
}

/** `lines`: Celery events as JSON, each with its time of arrival in seconds as `_at`. */
export async function* stepsOf(
  lines: AsyncIterable<string> | Iterable<string>,
  depths: readonly Depth[],
  input: Pick<TimelineInput, 'control'>,
): AsyncGenerator<Step> {
  const waiting = depths.map(({ at, queues }): Step => ({ at: at * 1_000, kind: 'depth', queues }));
  const others = [...waiting, ...input.control.map(commandStep)].sort((a, b) => a.at - b.at);
  let next = 0;
  for await (const line of lines) {
    if (line === '') continue;
    const at = Number(/"_at":([\d.]+)/.exec(line)?.[1]) * 1_000;
    while (next < others.length && (others[next] as Step).at <= at) yield others[next++] as Step;
    yield { at, kind: 'event', body: line };
  }
  yield* others.slice(next);
}

function commandStep(control: TimelineInput['control'][number]): Step {
  const at = control.ts * 1_000;
  if (control.type === 'deploy') {
    return {
      at,
      kind: 'command',
      command: { what: 'deploy', deploy: { version: control.version, at, pools: control.pools } },
    };
  }
  const match = { ...matchesEverything, tasks: [control.task], exceptions: [control.exc] };
  const state = control.type === 'resolve' ? 'resolved' : 'archived';
  return { at, kind: 'command', command: { what: 'mark', state, match, by: 'operator' } };
}
