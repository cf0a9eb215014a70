#!/usr/bin/env node
/** The process: arguments, signals, exit code. Nothing else reads process.*. */
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, statSync, type WriteStream } from 'node:fs';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { backtest, backtestLines } from './cli/backtest.ts';
import { check } from './cli/check.ts';
import { createDemo, demoConfig } from './cli/demo.ts';
import { explainCommand } from './cli/explain.ts';
import { fingerprintCommand, parseCommand } from './cli/fingerprint.ts';
import { help } from './cli/help.ts';
import { leakCanaryCommand } from './cli/leak-canary.ts';
import type { Streams } from './cli/lines.ts';
import { createProgressBar, type ProgressBar } from './cli/playback/progress.ts';
import { redactCommand } from './cli/redact.ts';
import { replay } from './cli/replay.ts';
import { whyLines } from './cli/why.ts';
import { askDaemon } from './cli/why-daemon.ts';
import { askReplay } from './cli/why-replay.ts';
import type { Config } from './config/config.ts';
import { type Loaded, loadConfig } from './config/load.ts';
import { policyOf, shownChannel } from './config/policy/policy.ts';
import { problemLine } from './config/problems.ts';
import { createConfigReader } from './config/reader.ts';
import { createReloader, type ReloaderOptions } from './config/reload.ts';
import { configJsonSchemaText } from './config/sample/json-schema.ts';
import { createDaemon, type Daemon, type DaemonParts } from './daemon/daemon.ts';
import { createRecorder } from './daemon/recorder.ts';
import type { LifecycleOptions } from './lifecycle/lifecycle-options.ts';
import { failedCanaries } from './redact/self-test.ts';
import type { Notice } from './report.ts';
import { createSystemClock } from './runtime/clock.ts';
import { createLog } from './runtime/log.ts';
import { createReporter } from './runtime/reporter.ts';
import { RecordingError } from './source/recording.ts';
import { opsPostHandler } from './status/deploy-hook.ts';
import type { BoundAddress } from './status/http.ts';
import { createMetrics } from './status/metrics.ts';
import { createPage } from './status/page/page.ts';
import { createStatusServer } from './status/server.ts';
import { whyPage } from './status/why-page.ts';
import { version } from './version.ts';

// Node as process 1 ignores signals that have no handler, so these stand before anything else.
const ended = new AbortController();
for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  process.on(signal, () => {
    if (ended.signal.aborted) process.exit(code);
    ended.abort(signal);
  });
}

// Whoever reads our output may stop, as `head` does; that is no error of ours.
process.stdout.on('error', () => process.exit(0));

const options = {
  config: { type: 'string', short: 'c' },
  out: { type: 'string', short: 'o' },
  decisions: { type: 'string' },
  against: { type: 'string' },
  'per-week': { type: 'string' },
  from: { type: 'string' },
  port: { type: 'string' },
  format: { type: 'string' },
  exit: { type: 'boolean' },
  ndjson: { type: 'boolean' },
  parse: { type: 'boolean' },
  explain: { type: 'boolean' },
  'without-secrets': { type: 'boolean' },
  task: { type: 'string' },
  exception: { type: 'string' },
  queue: { type: 'string' },
  pool: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Arguments = ReturnType<typeof parse>;

function parse(argv: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  return { ...values, command: positionals[0], rest: positionals.slice(1) };
}

async function main(): Promise<number> {
  let args: Arguments;
  try {
    args = parse(process.argv.slice(2));
  } catch (error) {
    return usage(error instanceof Error ? error.message : 'wrong arguments');
  }
  if (args.help === true || args.command === undefined || args.command === 'help') {
    process.stdout.write(help);
    return args.command === undefined && args.help !== true ? 64 : 0;
  }
  switch (args.command) {
    case 'run':
      return run(args);
    case 'check':
      return runCheck(args);
    case 'why':
      return runWhy(args);
    case 'schema':
      process.stdout.write(configJsonSchemaText());
      return 0;
    case 'demo':
      return runDemo(args);
    case 'record':
      return record(args);
    case 'replay':
      return runReplay(args);
    case 'backtest':
      return runBacktest(args);
    case 'redact':
      return runRedact(args);
    case 'leak-canary':
      return runLeakCanary(args);
    case 'fingerprint':
      return runFingerprint(args);
    case 'version':
      process.stdout.write(`taskvigil ${version}\n`);
      return 0;
    default:
      return usage(`there is no command "${args.command}"`);
  }
}

function usage(problem: string): number {
  process.stderr.write(`taskvigil: ${problem}\n\n${help}`);
  return 64;
}

/** Every option, with what it is for. */

const readFile = (path: string): string => readFileSync(path, 'utf8');

function load(args: Pick<Arguments, 'config'>, text?: string, withoutSecrets = false): Config | number {
  const file = args.config;
  if (file !== undefined && !existsSync(file)) return usage(`${file}: there is no such file`);
  const loaded = loadConfig({
    text: text ?? (file === undefined ? '' : readFile(file)),
    file: file ?? 'environment',
    env: process.env,
    hostname: hostname(),
    readFile,
    withoutSecrets,
    now: createSystemClock().now(),
  });
  return tell(loaded, withoutSecrets);
}

/** The configuration, or the exit code when it is not right; says what there is to say of it. */
function tell(loaded: Loaded, isQuiet = false): Config | number {
  for (const warning of isQuiet ? [] : loaded.warnings) process.stderr.write(`warning: ${warning}\n`);
  if (!loaded.ok) {
    process.stderr.write(loaded.problems.map((problem) => `${problemLine(problem)}\n`).join(''));
    return 78;
  }
  return loaded.config;
}

/** The configuration of who listens to workers: one whose redaction does not hide what it must is not started. */
function loadTrusted(args: Pick<Arguments, 'config'>): Config | number {
  const config = load(args);
  return typeof config === 'number' ? config : trusted(config);
}

function trusted(config: Config): Config | number {
  const failed = failedCanaries(config.redact);
  if (failed.length === 0) return config;
  process.stderr.write(`redaction does not hide what it must, so nothing is started: ${failed.join('; ')}\n`);
  return 70;
}

async function run(args: Arguments): Promise<number> {
  const { config: file } = args;
  if (file !== undefined && !existsSync(file)) return usage(`${file}: there is no such file`);
  const clock = createSystemClock();
  const reader = createConfigReader({
    file,
    env: process.env,
    hostname: hostname(),
    readFile,
    now: () => clock.now(),
  });
  const { loaded, stamp } = reader.read();
  const told = tell(loaded);
  const config = typeof told === 'number' ? told : trusted(told);
  if (typeof config === 'number') return config;
  return serve({ config, clock }, { title: config.instanceId, isDemo: false, reading: { reader, stamp } });
}

/** A loop that has not turned for so long will not turn again by itself. */
const stalledAfterMs = 30_000;

interface ServeOptions {
  readonly title: string;
  readonly isDemo: boolean;
  /** Runs once everything listens. */
  readonly started?: (page: string | undefined) => void;
  /** Where the configuration came from, to be followed when it changes. */
  readonly reading?: Pick<ReloaderOptions, 'reader' | 'stamp'>;
  /** Ends the run like a signal does. */
  readonly until?: AbortSignal;
}

type Wiring = Pick<DaemonParts, 'config' | 'clock'> & Partial<DaemonParts>;

/** Runs a daemon with its listeners until it is told to end. */
async function serve(wiring: Wiring, { title, isDemo, started, until, reading }: ServeOptions): Promise<number> {
  const { config } = wiring;
  const system = createSystemClock();
  const metrics = createMetrics({ version, mode: config.mode });
  const log = createLog({ write: (line) => process.stdout.write(line), ...config.log, clock: system });
  const report = createReporter({ log, metrics });
  const daemon = await createDaemon({
    policy: policyOf(config),
    random: Math.random,
    report,
    instance: `${config.instanceId}/${randomUUID().slice(0, 8)}`,
    ...wiring,
  });
  const page = createPage({ board: daemon.board, now: () => wiring.clock.now(), title, isDemo });
  const server = createStatusServer({
    ops: config.ops.listen,
    ui: config.ui.listen,
    version,
    isHealthy: () => wiring.clock.now() - daemon.lastSweepAt() < stalledAfterMs,
    readiness: () => {
      const components = daemon.components();
      return { isReady: components.every(({ state }) => state === 'ready'), components };
    },
    metrics,
    page,
    queryPage: (path) => whyPage(path, (question) => daemon.why(question)),
    postHandler: (path) => opsPostHandler(path, daemon, wiring.clock),
    onError: (error) => report({ kind: 'bug', where: 'status', error }),
  });
  await server.start();
  await daemon.start();
  report({ kind: 'started', version, mode: config.mode, configDigest: digestOf(config) });
  const { ops, ui } = server.address();
  if (ops !== undefined) report({ kind: 'listening', address: urlOf(ops) });
  if (ui !== undefined) report({ kind: 'listening', address: urlOf(ui) });
  started?.(ui && urlOf(ui));
  const reloader =
    reading &&
    createReloader({ ...reading, running: config, clock: system, report, apply: (next) => takeOver(daemon, next) });
  reloader?.start();
  // Without a file to read again a hangup ends us, as it ends any program of a terminal that is closed.
  if (reloader !== undefined) process.on('SIGHUP', () => reloader.reload());
  await aborted(until === undefined ? ended.signal : AbortSignal.any([ended.signal, until]));
  reloader?.stop();
  report({ kind: 'stopping', reason: String(ended.signal.reason ?? 'done') });
  const drained = new AbortController();
  const deadline = system.sleep(config.shutdownTimeoutMs, drained.signal);
  const undelivered = (await Promise.race([daemon.stop(), deadline]))?.undelivered;
  // The deadline's timer would hold the process until it is over.
  drained.abort();
  const held = daemon.held();
  if (held > 0) report({ kind: 'items-dropped', queue: 'telemetry', reason: 'deadline', count: held });
  report({ kind: 'stopped', undelivered: (undelivered ?? 0) + held });
  await server.stop();
  // Clients of others may still hold sockets that are of no use any more.
  if (undelivered === undefined) process.exit(0);
  return 0;
}

/** Redaction that does not hide what it must is not taken over: what was in force stays. */
function takeOver(daemon: Daemon, next: Config): void {
  const failed = failedCanaries(next.redact);
  if (failed.length > 0) throw new Error(`redaction does not hide what it must: ${failed.join('; ')}`);
  daemon.reload(next);
}

function urlOf({ host, port }: BoundAddress): string {
  const name = host === '::' || host === '0.0.0.0' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  // A timer holds the process while nothing else does: waiting alone would end it.
  const hold = setInterval(() => {}, 60_000);
  return new Promise((resolve) => {
    const done = (): void => {
      clearInterval(hold);
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

function digestOf(config: Config): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 12);
}

function runCheck(args: Arguments): number {
  const file = args.config ?? args.rest[0];
  if (file !== undefined && !existsSync(file)) return usage(`${file}: there is no such file`);
  return check({
    text: file === undefined ? '' : readFile(file),
    file: file ?? 'environment',
    env: process.env,
    hostname: hostname(),
    readFile,
    withoutSecrets: args['without-secrets'] === true,
    now: createSystemClock().now(),
    print: (line: string) => process.stdout.write(`${line}\n`),
    format: args.format === 'json' ? 'json' : 'text',
  });
}

async function runWhy(args: Arguments): Promise<number> {
  const { task, exception, queue, pool, rest } = args;
  const [question] = rest;
  if (question !== undefined && args.from !== undefined) return askReplay({ dir: args.from, question, ...lines() });
  if (question !== undefined) {
    const port = Number(args.port ?? opsPort(args));
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return usage('--port: expected a number from 1 to 65535');
    return askDaemon({
      address: `http://127.0.0.1:${port}`,
      question,
      timeoutSignal: createSystemClock().timeoutSignal,
      ...lines(),
    });
  }
  const asked = [task, exception, queue, pool];
  if (asked.every((one) => one === undefined))
    return usage('why: expected --task, --exception, --queue, --pool or an id');
  const config = load(args, args.config === undefined ? replayConfig : undefined, true);
  if (typeof config === 'number') return config;
  const told = whyLines(config, { task, exception, queue, pool }, createSystemClock().now());
  process.stdout.write(told.map((line) => `${line}\n`).join(''));
  return 0;
}

const lines = () => ({
  print: (line: string) => void process.stdout.write(`${line}\n`),
  complain: (line: string) => void process.stderr.write(`${line}\n`),
});

function opsPort(args: Arguments): number {
  const config = args.config === undefined ? undefined : load(args, undefined, true);
  return typeof config === 'object' ? config.ops.listen.port : 9_464;
}

async function runDemo(args: Arguments): Promise<number> {
  const port = Number(args.port ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return usage('--port: expected a number from 0 to 65535');
  const channel =
    process.env['SLACK_BOT_TOKEN'] === undefined ? undefined : (process.env['SLACK_CHANNEL'] ?? shownChannel);
  const config = load({}, demoConfig(port, channel));
  if (typeof config === 'number') return config;
  const over = new AbortController();
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  const { clock, source } = createDemo(() => {
    say('  The recording is over; incidents resolve after ten quiet minutes, which pass in seconds here.');
    say('  Next, with your own broker: npm run --silent taskvigil -- run -c config/minimal.yaml');
    say('  Ctrl-C ends this.');
    if (args.exit === true) clock.after(15 * 60_000, () => over.abort());
  });
  return serve(
    { config, clock, sources: () => [source] },
    {
      title: 'demo',
      isDemo: true,
      until: over.signal,
      started: (page) => {
        say(
          'taskvigil demo: two minutes of a recorded Celery fleet through the whole pipeline, at six times the speed.',
        );
        say(`  Look at it here: ${page}`);
      },
    },
  );
}

async function record(args: Arguments): Promise<number> {
  const config = loadTrusted(args);
  if (typeof config === 'number') return config;
  const clock = createSystemClock();
  const policy = policyOf(config);
  const out = args.out === undefined ? process.stdout : createWriteStream(args.out, { mode: 0o600 });
  const decisions = args.decisions === undefined ? undefined : createWriteStream(args.decisions, { mode: 0o600 });
  const log = createLog({ write: (line) => process.stderr.write(line), ...config.log, clock });
  const daemon = await createDaemon({
    // Alone and mute: what it decides depends on nobody else, and nobody is told.
    config: {
      ...config,
      sentry: undefined,
      slack: undefined,
      otlp: { ...config.otlp, isOn: false },
      store: { ...config.store, url: undefined },
    },
    policy,
    clock,
    random: Math.random,
    report: createReporter({ log, metrics: createMetrics({ version, mode: config.mode }) }),
    instance: randomUUID(),
    recorder: createRecorder({
      clock,
      version,
      policy: policy.hash,
      write: (line) => void out.write(`${line}\n`),
      writeDecision: (line) => void decisions?.write(`${line}\n`),
    }),
  });
  await daemon.start();
  await aborted(ended.signal);
  await daemon.stop();
  await Promise.all([out === process.stdout ? undefined : closed(out as WriteStream), decisions && closed(decisions)]);
  return 0;
}

function closed(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => stream.end(() => resolve()));
}

/** Replay needs no broker and no token: with no configuration the default rules speak. */
const replayConfig = 'broker: redis://replay/0\n';

async function runReplay(args: Arguments): Promise<number> {
  if (args.rest.length === 0 || args.out === undefined) return usage('replay: expected FILE… --out DIR');
  const config = load(args, args.config === undefined ? replayConfig : undefined);
  if (typeof config === 'number') return config;
  const bar = barFor(args.rest);
  try {
    const summary = await replay({
      files: args.rest,
      outDir: args.out,
      policy: policyOf(config),
      redact: config.redact,
      lifecycle: lifecycleOf(config),
      failures: config.failures,
      sentry: {
        environment: config.sentry?.environment ?? 'replay',
        release: config.sentry?.release,
        grouping: config.sentry?.grouping ?? 'taskvigil',
      },
      onNotice: tellBug,
      onProgress: (bytes) => bar?.add(bytes),
    });
    bar?.end();
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return summary.bugs > 0 ? 70 : 0;
  } catch (error) {
    bar?.end();
    return unreadable(error);
  }
}

/** What the daemon would have, without anybody to ask. */
function lifecycleOf({ limits, workers }: Config): LifecycleOptions {
  return { ...limits, ...workers, witnesses: [], openTasksMax: limits.openTasks, workersMax: limits.workers };
}

async function runBacktest(args: Arguments): Promise<number> {
  const { rest: files, against: other, 'per-week': perWeek = '1' } = args;
  if (files.length === 0) return usage('backtest: expected FILE… -c a.yaml [--against b.yaml]');
  if (!(Number(perWeek) > 0)) return usage('--per-week: expected a number above 0');
  const config = load(args, args.config === undefined ? replayConfig : undefined, true);
  if (typeof config === 'number') return config;
  const against = other === undefined ? undefined : load({ config: other }, undefined, true);
  if (typeof against === 'number') return against;
  const bar = barFor(files);
  try {
    const result = await backtest({
      files,
      policy: { name: args.config ?? 'the defaults', policy: policyOf(config) },
      against: against && other !== undefined ? { name: other, policy: policyOf(against) } : undefined,
      redact: config.redact,
      lifecycle: lifecycleOf(config),
      failures: config.failures,
      perWeek: Number(perWeek),
      onNotice: tellBug,
      onProgress: (bytes) => bar?.add(bytes),
    });
    bar?.end();
    const lines = args.format === 'json' ? [JSON.stringify(result)] : backtestLines(result, Number(perWeek));
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return result.bugs > 0 ? 70 : 0;
  } catch (error) {
    bar?.end();
    return unreadable(error);
  }
}

function barFor(files: readonly string[]): ProgressBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const total = files.reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
  return createProgressBar(
    total,
    (text) => void process.stderr.write(text),
    () => createSystemClock().now(),
  );
}

const tellBug = (notice: Notice): void => {
  if (notice.kind === 'bug') process.stderr.write(`bug: ${notice.where}: ${String(notice.error)}\n`);
};

/** A recording that cannot be read is told with its place; anything else is a bug. */
function unreadable(error: unknown): number {
  if (!(error instanceof RecordingError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  return 1;
}

/** Standard input is opened only by who reads it. */
const streams = (): Streams => ({
  input: process.stdin,
  write: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  complain: (line) => void process.stderr.write(`${line}\n`),
});

/** What a command over standard input needs of a configuration, which may be missing. */
function loadFor(args: Arguments): Pick<Config, 'redact' | 'failures'> | number {
  return load(args, args.config === undefined ? replayConfig : undefined);
}

async function runRedact(args: Arguments): Promise<number> {
  const config = loadFor(args);
  if (typeof config === 'number') return config;
  return redactCommand({
    ...streams(),
    options: config.redact,
    isNdjson: args.ndjson === true,
    isExplained: args.explain === true,
  });
}

/** Long enough to be found by chance nowhere, and letters and digits only, so that it fits everywhere. */
const canaryChars = 16;

async function runLeakCanary(args: Arguments): Promise<number> {
  const config = load(args, args.config === undefined ? replayConfig : undefined);
  if (typeof config === 'number') return config;
  return leakCanaryCommand({
    config,
    clock: createSystemClock(),
    random: Math.random,
    make: () => `q${randomUUID().replaceAll('-', '')}`.slice(0, canaryChars - 1) + String(randomInt(10)),
    print: (line) => process.stdout.write(`${line}\n`),
    format: args.format === 'json' ? 'json' : 'text',
  });
}

async function runFingerprint(args: Arguments): Promise<number> {
  const config = loadFor(args);
  if (typeof config === 'number') return config;
  if (args.rest[0] === 'explain') return explainCommand(streams(), config, args.task);
  if (args.ndjson !== true) return usage('fingerprint: expected --ndjson, --ndjson --parse, or explain');
  return args.parse === true ? parseCommand(streams()) : fingerprintCommand(streams(), config);
}

process.exitCode = await main();
