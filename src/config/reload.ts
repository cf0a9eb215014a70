/**
 * A changed configuration without a restart: read and checked whole, then swapped in one step; a bad one changes nothing
 * and is told of. A reload decides and posts nothing: what is open goes on under the new policy.
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
  /** What we were started with, and the stamp that it was read under. */
  readonly running: Config;
  readonly stamp: string;
  readonly clock: Clock;
  readonly report: Report;
  /** Swaps what can change while we run. What it throws is a bug, and the configuration before stays. */
  readonly apply: (next: Config, before: Config) => void;
}

export interface Reloader {
  start(): void;
  stop(): void;
  /** At once, and told of even if nothing has changed: somebody asked for it. */
  reload(): void;
}

/** Kubernetes takes up to a minute to bring a changed ConfigMap; a person who edits a file does not wait much longer. */
const lookEveryMs = 5_000;
/** A change is believed when the files hold the same for so long: editors and copies write in several steps. */
const settleMs = 1_000;

export function createReloader(options: ReloaderOptions): Reloader {
  const { reader, clock, report, apply } = options;
  let current = options.running;
  let seen = options.stamp;
  let settling: Disposable | undefined;
  let looks: Disposable | undefined;

  function look(): void {
    if (settling !== undefined) return;
    const now = reader.stamp();
    if (now !== seen) settle(now);
  }

  function settle(changed: string): void {
    settling = clock.after(settleMs, () => {
      settling = undefined;
      const now = reader.stamp();
      if (now === changed) take();
      else if (now !== seen) settle(now);
    });
  }

  function take(): void {
    const { loaded, stamp } = reader.read();
    seen = stamp;
    if (loaded.ok) takeOver(loaded);
    else report({ kind: 'reload-refused', problems: loaded.problems.map(problemLine) });
  }

  function takeOver({ config: read, warnings }: Extract<Loaded, { ok: true }>): void {
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
      report({ kind: 'reload-refused', problems: ['it could not be taken over'] });
    }
  }

  return {
    start() {
      looks ??= clock.every(lookEveryMs, look);
    },
    stop() {
      looks?.[Symbol.dispose]();
      settling?.[Symbol.dispose]();
      looks = undefined;
      settling = undefined;
    },
    reload() {
      settling?.[Symbol.dispose]();
      settling = undefined;
      take();
    },
  };
}
