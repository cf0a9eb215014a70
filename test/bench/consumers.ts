/** The consumers that are measured over Redis: how each starts, when its sample is invalid, and which program is missing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Running, start, waitFor } from '../live/process.ts';
import type { ConsumeRun } from './consume.ts';
import { fileOf, node, venv } from './programs.ts';
import type { Count } from './traffic.ts';

export interface Where {
  readonly url: string;
  /** Base URL of a collector. */
  readonly otlp: string;
  readonly count: Count;
}

/** A consumer prints when it is done, or is asked for its counts once its CPU time stops growing. */
export type Started =
  | { readonly running: Running; readonly spoken: true }
  | { readonly running: Running; readonly spoken: false; readonly seen: () => Promise<unknown> };

export interface Consumer {
  readonly name: string;
  start(where: Where): Promise<Started>;
  /** Reason why a sample does not count, from the report of the consumer; undefined if it counts. */
  invalid(told: unknown, count: Count): string | undefined;
  /** Reason why it cannot run here. */
  readonly missing: string | undefined;
}

export function consumersOf(): readonly Consumer[] {
  const noCelery = existsSync(join(venv, 'python')) ? undefined : `no Celery in ${venv}; test/e2e/install.sh brings it`;
  return [
    ours('lifecycle'),
    ours('full'),
    ours('foreign'),
    celery('noop', noCelery),
    celery('state', noCelery),
    flower(noCelery),
  ];
}

function ours(mode: ConsumeRun['mode']): Consumer {
  return {
    name: mode,
    missing: undefined,
    async start({ url, otlp, count }) {
      const { messages, events } = count;
      const run: ConsumeRun = { url, otlp, mode, messages, events };
      return { running: await ready(start(node, [fileOf('consume.ts'), JSON.stringify(run)])), spoken: true };
    },
    invalid(told, count) {
      const { notices, taken } = told as Told;
      const lost = Object.keys(notices).find((key) =>
        /^(items-dropped|gap|bug|delivery-failed|redaction-failed)/.test(key),
      );
      if (lost !== undefined) return `${lost}: ${notices[lost]}`;
      if (mode === 'foreign') return taken === 0 ? undefined : `took ${taken} events of foreign hosts`;
      return taken === count.events ? undefined : `saw ${taken} of ${count.events} events`;
    },
  };
}

/** The report of consume.ts at its end. */
export interface Told {
  readonly taken: number;
  readonly notices: Readonly<Record<string, number>>;
  /** Only where it was asked for: the instrument costs something itself. */
  readonly delayMs?: { readonly p99: number; readonly max: number };
  readonly rss: number;
}

function celery(mode: 'noop' | 'state', missing: string | undefined): Consumer {
  return {
    name: mode,
    missing,
    async start({ url, count }) {
      const args = [fileOf('receiver.py'), `${url}/0`, String(count.events), mode];
      return { running: await ready(start(join(venv, 'python'), args)), spoken: true };
    },
    invalid: (told, { events }) => seenAll((told as { events: number }).events, events),
  };
}

function flower(missing: string | undefined): Consumer {
  return {
    name: 'flower',
    missing,
    async start({ url }) {
      const port = await freePort();
      const args = ['-b', `${url}/0`, 'flower', '--address=127.0.0.1', `--port=${port}`, '--auto_refresh=False'];
      const running = start(join(venv, 'python'), ['-m', 'celery', ...args, '--logging=warning']);
      const metrics = (): Promise<string> => fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
      await waitFor(
        () => `flower answers: ${running.output().slice(-500)}`,
        30_000,
        () =>
          metrics().then(
            () => true,
            () => false,
          ),
      );
      // Flower subscribes in the background after its web server has started, and prints nothing.
      await waitFor('flower listens', 10_000, () => subscribed(url));
      return { running, spoken: false, seen: async () => ({ events: totalOf(await metrics()) }) };
    },
    // Its counter leaves out the events of workers.
    invalid: (told, { taskEvents }) => seenAll((told as { events: number }).events, taskEvents),
  };
}

async function subscribed(url: string): Promise<boolean> {
  const asked = start('redis-cli', ['-u', url, 'pubsub', 'numpat']);
  await asked.ended;
  return Number(asked.output()) > 0;
}

function totalOf(metrics: string): number {
  return [...metrics.matchAll(/^flower_events_total\{.*\} ([\d.e+]+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

function seenAll(seen: number, events: number): string | undefined {
  return seen === events ? undefined : `saw ${seen} of ${events} events`;
}

export async function ready(running: Running): Promise<Running> {
  await waitFor(
    () => `the consumer prints that it is ready: ${running.output().slice(-1_000)}`,
    30_000,
    () => /^ready$/m.test(running.output()),
  );
  return running;
}
