/** Loads the configuration for a command. Problems end the command with exit code 78, one line each. */
import { existsSync, readFileSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import { type Loaded, loadConfig } from '../../config/load.ts';
import { problemLine } from '../../config/problems.ts';
import type { LifecycleOptions } from '../../lifecycle/lifecycle-options.ts';
import { failedCanaries } from '../../redact/self-test.ts';
import { CommandError, type CommandHost, exitCode, printerOf, UsageError } from './command.ts';

/** Configuration of the commands that need no broker and no token: all defaults. */
export const offlineConfig = 'broker: redis://replay/0\n';

export interface LoadOptions {
  readonly file: string | undefined;
  /** Used instead of the environment alone if there is no file. */
  readonly fallback?: string;
  /** Accepts missing secrets and prints no warnings. */
  readonly withoutSecrets?: boolean;
}

/** Throws UsageError for a missing file and CommandError for a wrong configuration. */
export function loadFor(host: CommandHost, { file, fallback = '', withoutSecrets = false }: LoadOptions): Config {
  requireFile(file);
  const loaded = loadConfig({
    text: file === undefined ? fallback : readText(file),
    file: file ?? 'environment',
    env: host.env,
    hostname: host.hostname,
    readFile: readText,
    withoutSecrets,
    now: host.clock.now(),
  });
  return acceptedConfig(loaded, host, withoutSecrets);
}

/** The configuration that was loaded, after its warnings were printed. Throws CommandError with all its problems. */
export function acceptedConfig(loaded: Loaded, host: CommandHost, isQuiet = false): Config {
  const { complain } = printerOf(host);
  for (const warning of isQuiet ? [] : loaded.warnings) complain(`warning: ${warning}`);
  if (!loaded.ok) throw new CommandError(exitCode.config, loaded.problems.map(problemLine));
  return loaded.config;
}

/** Throws CommandError if the redaction self-test fails: a daemon that receives events must not start then. */
export function requireRedaction(config: Config): Config {
  const failed = failedCanaries(config.redact);
  if (failed.length > 0)
    throw new CommandError(exitCode.bug, [`the redaction self-test failed, nothing was started: ${failed.join('; ')}`]);
  return config;
}

export function requireFile(file: string | undefined): void {
  if (file !== undefined && !existsSync(file)) throw new UsageError(`${file}: there is no such file`);
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

/** Lifecycle options of a replay: those of the daemon, without second witnesses. */
export function replayLifecycle({ limits, workers }: Config): LifecycleOptions {
  return {
    ...limits,
    ...workers,
    witnesses: [],
    ownsAllWorkers: true,
    openTasksMax: limits.openTasks,
    workersMax: limits.workers,
  };
}
