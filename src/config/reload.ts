/**
 * Applies a changed configuration without a restart: read and checked completely, then swapped in one step. A wrong
 * configuration is reported and changes nothing. A reload notifies nothing: open incidents continue under the new policy.
 */
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config } from './config.ts';
import type { Loaded } from './load.ts';
import { policyOf } from './policy/policy.ts';
import { problemLine } from './problems.ts';
import type { ConfigReader } from './reader.ts';
import { isSame, withoutRestart } from './restart.ts';

export interface ReloaderOptions {
  readonly reader: ConfigReader;
  /** The configuration at the start, and its stamp. */
  readonly running: Config;
  readonly stamp: string;
  readonly clock: Clock;
  readonly report: Report;
  /** Swaps the reloadable parts. If it throws, that is a bug, and the previous configuration stays. */
  readonly apply: (next: Config, before: Config) => void;
}

export interface Reloader {
  start(): void;
  stop(): void;
  /** Reloads at once and always reports the result, because an operator asked for it. */
  reload(): void;
}

/** Kubernetes takes up to a minute to update a ConfigMap, and an operator who edits a file waits a few seconds. */
const pollIntervalMs = 5_000;
/** Files must stay unchanged for this long, because editors and copies write in several steps. */
const settleMs = 1_000;

export function createReloader(options: ReloaderOptions): Reloader {
  const { reader, clock, report, apply } = options;
  let current = options.running;
  let stamp = options.stamp;
  let settling: Disposable | undefined;
  let polling: Disposable | undefined;

  function poll(): void {
    if (settling !== undefined) return;
    const now = reader.stamp();
    if (now !== stamp) settle(now);
  }

  function settle(changed: string): void {
    settling = clock.after(settleMs, () => {
      settling = undefined;
      const now = reader.stamp();
      if (now === changed) readAndApply();
      else if (now !== stamp) settle(now);
    });
  }

  function readAndApply(): void {
    const reading = reader.read();
    const { loaded } = reading;
    stamp = reading.stamp;
    if (loaded.ok) applyLoaded(loaded);
    else report({ kind: 'reload-refused', problems: loaded.problems.map(problemLine) });
  }

  function applyLoaded({ config: read, warnings }: Extract<Loaded, { ok: true }>): void {
    for (const warning of warnings) report({ kind: 'config-warning', warning });
    const { config, waiting } = withoutRestart(current, read);
    if (waiting.length > 0) report({ kind: 'restart-needed', options: waiting });
    const isChanged = !isSame(current, config);
    try {
      if (isChanged) apply(config, current);
      current = config;
      report({ kind: 'reloaded', isChanged, policy: policyOf(config).hash, waiting: waiting.length });
    } catch (error) {
      report({ kind: 'bug', where: 'config.reload', error });
      report({ kind: 'reload-refused', problems: ['it could not be applied'] });
    }
  }

  return {
    start() {
      polling ??= clock.every(pollIntervalMs, poll);
    },
    stop() {
      polling?.[Symbol.dispose]();
      settling?.[Symbol.dispose]();
      polling = undefined;
      settling = undefined;
    },
    reload() {
      settling?.[Symbol.dispose]();
      settling = undefined;
      readAndApply();
    },
  };
}
