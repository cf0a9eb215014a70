/** Runs a daemon with its listeners, its log and its reloads until it is asked to stop. */
import { createHash, randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { forgottenAtRestart } from '../config/memory-only.ts';
import { policyOf } from '../config/policy/policy.ts';
import { createReloader, type Reloader, type ReloaderOptions } from '../config/reload.ts';
import { failedCanaries } from '../redact/self-test.ts';
import type { Report } from '../report.ts';
import { type Clock, createSystemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { createReporter } from '../runtime/reporter.ts';
import { ignoredVariables } from '../sink/otlp/environment.ts';
import { opsPostHandler } from '../status/deploy-hook.ts';
import type { BoundAddress } from '../status/http.ts';
import { createMetrics, type Metrics } from '../status/metrics.ts';
import { createPage } from '../status/page/page.ts';
import { createStatusServer, type StatusServer } from '../status/server.ts';
import { whyPage } from '../status/why-page.ts';
import { version } from '../version.ts';
import { createDaemon, type Daemon, type DaemonParts } from './daemon.ts';

export interface ServeOptions {
  readonly host: ServeHost;
  /** Title of the status page. */
  readonly title: string;
  readonly isDemo: boolean;
  /** Called once every listener is bound, with the URL of the status page. */
  readonly started?: (page: string | undefined) => void;
  /** Source of the configuration, to be followed when it changes. */
  readonly reading?: Pick<ReloaderOptions, 'reader' | 'stamp'>;
  /** Ends the run like a signal of the process. */
  readonly until?: AbortSignal;
}

/** The parts of the process that a run needs. */
export interface ServeHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stopped: AbortSignal;
  readonly onHangup: (run: () => void) => void;
  readonly exit: (code: number) => void;
}

export type Wiring = Pick<DaemonParts, 'config' | 'clock'> & Partial<DaemonParts>;

/** A sweep loop that has not run for this long does not recover by itself. */
const stalledAfterMs = 30_000;

/** Returns the exit code. Throws ListenError if a port is not available, except in sidecar mode, which runs without it. */
export async function serve(wiring: Wiring, options: ServeOptions): Promise<number> {
  const { config } = wiring;
  const { host, reading, until } = options;
  const system = createSystemClock();
  const metrics = createMetrics({ version, mode: config.mode });
  const log = createLog({ write: (line) => void host.stdout.write(line), ...config.log, clock: system });
  const report = createReporter({ log, metrics });
  const daemon = await createDaemon({
    policy: policyOf(config),
    random: Math.random,
    report,
    instance: `${config.instanceId}/${randomUUID().slice(0, 8)}`,
    shutdownClock: system,
    ...wiring,
  });
  const server = createServer({ wiring, options, daemon, metrics, report });
  await startBoth(server, daemon);
  reportStart(config, server, report);
  for (const warning of config.otlp.isOn ? ignoredVariables(host.env) : []) report({ kind: 'config-warning', warning });
  const { ui } = server.address();
  options.started?.(ui && urlOf(ui));
  const reloader = reading && startReloader({ reading, config, daemon, clock: system, report, host });
  await aborted(until === undefined ? host.stopped : AbortSignal.any([host.stopped, until]), system);
  reloader?.stop();
  report({ kind: 'stopping', reason: String(host.stopped.reason ?? 'done') });
  const { undelivered, late } = await daemon.stop();
  const queued = daemon.queuedCount();
  if (queued > 0) report({ kind: 'items-dropped', queue: 'telemetry', reason: 'deadline', count: queued });
  report({ kind: 'stopped', undelivered: undelivered + queued });
  await server.stop();
  // A client of a late service may still hold a socket that keeps the process alive.
  if (late.length > 0) host.exit(0);
  return 0;
}

/** The server first: probes are answered while the daemon connects. */
async function startBoth(server: StatusServer, daemon: Daemon): Promise<void> {
  try {
    await server.start();
    await daemon.start();
  } catch (error) {
    await daemon.stop();
    await server.stop();
    throw error;
  }
}

interface ServerParts {
  readonly wiring: Wiring;
  readonly options: Pick<ServeOptions, 'title' | 'isDemo'>;
  readonly daemon: Daemon;
  readonly metrics: Metrics;
  readonly report: Report;
}

function createServer({ wiring, options, daemon, metrics, report }: ServerParts): StatusServer {
  const { config, clock } = wiring;
  const { title, isDemo } = options;
  return createStatusServer({
    ops: config.ops.listen,
    ui: config.ui.listen,
    version,
    isHealthy: () => clock.now() - daemon.lastSweepAt() < stalledAfterMs,
    readiness: () => {
      const components = daemon.components();
      return { isReady: components.every(({ state }) => state === 'ready'), components };
    },
    metrics,
    page: createPage({
      board: daemon.board,
      now: () => clock.now(),
      title,
      isDemo,
      forgets: forgetsOf(config),
      why: daemon.why,
    }),
    queryPage: (path) => whyPage(path, (question) => daemon.why(question)),
    postHandler: (path) => opsPostHandler(path, daemon, clock),
    onError: (error) => report({ kind: 'bug', where: 'status', error }),
    // A sidecar must not keep its pod from starting.
    ...(config.mode === 'sidecar'
      ? { onUnavailable: ({ message }) => report({ kind: 'config-warning', warning: message }) }
      : {}),
  });
}

/** State that a restart loses; undefined with a store. */
function forgetsOf({ store }: Config): string | undefined {
  return store.url === undefined ? forgottenAtRestart : undefined;
}

function reportStart(config: Config, server: StatusServer, report: Report): void {
  report({ kind: 'started', version, mode: config.mode, configDigest: digestOf(config) });
  const forgets = forgetsOf(config);
  if (forgets !== undefined) report({ kind: 'memory-only', forgets });
  const { ops, ui } = server.address();
  if (ops !== undefined) report({ kind: 'listening', address: urlOf(ops) });
  if (ui !== undefined) report({ kind: 'listening', address: urlOf(ui) });
}

interface ReloadParts {
  readonly reading: Pick<ReloaderOptions, 'reader' | 'stamp'>;
  readonly config: Config;
  readonly daemon: Daemon;
  readonly clock: Clock;
  readonly report: Report;
  readonly host: ServeHost;
}

/** Only with a file to read again is SIGHUP handled; otherwise it ends the process, like any program of a closed terminal. */
function startReloader({ reading, config, daemon, clock, report, host }: ReloadParts): Reloader {
  const apply = (next: Config): void => applyReload(daemon, next);
  const reloader = createReloader({ ...reading, running: config, clock, report, apply });
  reloader.start();
  host.onHangup(() => reloader.reload());
  return reloader;
}

/** Throws if the redaction self-test fails with the new configuration; the previous one then stays in force. */
function applyReload(daemon: Daemon, next: Config): void {
  const failed = failedCanaries(next.redact);
  if (failed.length > 0) throw new Error(`the redaction self-test failed: ${failed.join('; ')}`);
  daemon.reload(next);
}

function urlOf({ host, port }: BoundAddress): string {
  const name = host === '::' || host === '0.0.0.0' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** Resolves when `signal` aborts, and keeps the process alive until then. */
export async function aborted(signal: AbortSignal, clock: Clock): Promise<void> {
  while (!signal.aborted) await clock.sleep(60_000, signal);
}

function digestOf(config: Config): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 12);
}
