/** The report of `taskvigil leak-canary`: which canary was found in which sink. */
import type { Config } from '../../config/config.ts';
import type { Modes } from '../../redact/field.ts';
import { KeyNames } from '../../redact/names/key-names.ts';
import { formIn, formsOf } from './search.ts';
import { type Canary, type CanaryTask, isMeantToShow } from './tasks.ts';

const sinkNames = ['traces', 'logs', 'sentry', 'slack', 'webhook', 'page', 'metrics', 'log', 'recording'] as const;
export type CanarySink = (typeof sinkNames)[number];

const sinksWithoutValues: ReadonlySet<CanarySink> = new Set(['slack', 'webhook', 'metrics', 'log']);

/** A canary found in a sink. */
export interface Leak {
  readonly sink: CanarySink;
  /** Name of the task. */
  readonly task: string;
  readonly position: string;
  /** Form in which it was found: `as it is`, `in base64`. */
  readonly form: string;
}

export interface CanaryReport {
  readonly canaries: number;
  /** Canaries that the configuration itself shows: raw fields, safe keys. */
  readonly meant: readonly { readonly position: string; readonly because: string }[];
  readonly leaks: readonly Leak[];
  readonly sinks: readonly {
    readonly name: CanarySink;
    /** Number of characters searched. */
    readonly chars: number;
    /** True if the sink contains the canary tasks at all. Otherwise the absence of leaks proves nothing. */
    readonly isReached: boolean;
  }[];
}

/** A canary task under one task name, with the treatments that the configuration gives to that name. */
export interface CanaryRun {
  readonly name: string;
  readonly modes: Modes;
  readonly task: CanaryTask;
}

/** Searches the text of each sink for the canaries of all runs. */
export function reportOn(
  runs: readonly CanaryRun[],
  texts: Record<CanarySink, string>,
  { redact }: Config,
): CanaryReport {
  const keys = new KeyNames(redact);
  const leaks: Leak[] = [];
  const meant = new Map<string, string>();
  let canaries = 0;
  for (const { name, modes, task } of runs) {
    for (const canary of task.canaries) {
      canaries += 1;
      const because = reasonToShow(canary, modes, keys);
      if (because !== undefined) {
        if (!canary.isPlain) meant.set(`${name}, ${canary.position}`, because);
        // Slack, the webhook, metrics and logs never contain arguments or results, even raw ones.
        if (canary.field === 'exception' || canary.field === 'traceback') continue;
      }
      const forms = formsOf(canary.value);
      for (const sink of sinkNames) {
        if (because !== undefined && !sinksWithoutValues.has(sink)) continue;
        const form = formIn(texts[sink], forms);
        if (form !== undefined) leaks.push({ sink, task: name, position: canary.position, form });
      }
    }
  }
  const names = [...new Set(runs.map(({ name }) => name))];
  return {
    canaries,
    meant: [...meant].map(([position, because]) => ({ position, because })),
    leaks,
    sinks: sinkNames.map((sink) => ({
      name: sink,
      chars: texts[sink].length,
      isReached:
        sink === 'metrics' || sink === 'log'
          ? texts[sink].length > 0
          : names.every((name) => texts[sink].includes(name)),
    })),
  };
}

function reasonToShow(canary: Canary, modes: Modes, keys: KeyNames): string | undefined {
  if (isMeantToShow(canary, modes)) return `${canary.field} is ${modes[canary.field]}`;
  if (canary.key !== undefined && keys.meaningOf(canary.key) === undefined) return `"${canary.key}" is a safe key`;
  return undefined;
}

/** The report as a table. */
export function reportLines({ canaries, leaks, meant, sinks }: CanaryReport, config: Config): string[] {
  const off = new Set<CanarySink>([
    ...(config.otlp.isOn && config.otlp.traces ? [] : (['traces'] as const)),
    ...(config.otlp.isOn && config.otlp.logs ? [] : (['logs'] as const)),
    ...(config.sentry === undefined ? (['sentry'] as const) : []),
    ...(config.slack === undefined ? (['slack'] as const) : []),
    ...(config.webhook === undefined ? (['webhook'] as const) : []),
  ]);
  const row = (cells: readonly string[]): string => `${cells[0]?.padEnd(11)}${cells[1]?.padStart(10)}  ${cells[2]}`;
  return [
    `${canaries} canaries, sent to receivers on this machine only.`,
    row(['sink', 'searched', 'found']),
    ...sinks.map(({ name, chars, isReached }) => {
      const found = leaks.filter(({ sink }) => sink === name).length;
      const result = isReached
        ? found === 0
          ? 'none'
          : `${found} LEAKED`
        : 'NOT REACHED: the canary tasks are missing here';
      return row([name, String(chars), `${result}${off.has(name) ? ' (off in this configuration)' : ''}`]);
    }),
    ...leaks.slice(0, 100).map(({ sink, task, position, form }) => `LEAK in ${sink}: ${task}, ${position}, ${form}`),
    ...meant.slice(0, 100).map(({ position, because }) => `shown on purpose: ${position}, because ${because}`),
    leaks.length === 0 ? 'No canary leaked.' : `${leaks.length} canaries leaked.`,
  ];
}
