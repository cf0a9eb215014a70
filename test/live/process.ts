/** Real programs for tests: started on free loopback ports, waited for, and ended by pid whatever the test does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, constants as os, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const tools = process.env['TASKVIGIL_TOOLS'] ?? join(homedir(), '.cache/taskvigil');
export const venv = join(tools, 'celery-5.6.3/bin');
export const app = join(root, 'test/e2e/app');

export interface Running {
  readonly child: ChildProcess;
  /** Its output so far, both streams. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and returns its exit code. A process that ignores the signal is killed after half a minute: 137. */
  stop(signal?: NodeJS.Signals): Promise<number>;
  /** Its exit code, or 128 + the number of the signal that ended it, as in a shell; 127 if it never ran. */
  readonly ended: Promise<number>;
}

const running = new Set<Running>();
const folders: string[] = [];

const stopWithinMs = 30_000;

/** Ends everything that was started. To be called when the tests of a file are over, failed or not. */
export async function stopEverything(): Promise<void> {
  for (const one of [...running].reverse()) await one.stop('SIGKILL');
  removeFolders();
}

function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

// Groups of their own outlive a test run that is interrupted, so its end is theirs.
process.once('exit', () => {
  for (const { child } of running) if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
  removeFolders();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(exitCodeOf(null, signal)));

/** A new folder, which goes with everything else. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskvigil-test-'));
  folders.push(folder);
  return folder;
}

/** Starts a program. What it writes is kept, whatever happens it ends with the tests. */
export function start(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Running {
  // A group of its own, so that a worker's children end with it.
  const child = spawn(command, args, {
    ...options,
    env: options.env ?? process.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(one);
      // Children of a worker that was killed go on without it, and hold its output open.
      if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
      child.once('close', () => resolve(exitCodeOf(code, signal)));
    });
    child.once('error', (error) => {
      running.delete(one);
      text += error.message;
      resolve(127);
    });
  });
  const one: Running = {
    child,
    output: () => text,
    ended,
    signal(signal) {
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (isRunning && child.pid !== undefined) kill(child.pid, signal);
    },
    async stop(signal = 'SIGTERM') {
      one.signal(signal);
      const lastResort = setTimeout(() => one.signal('SIGKILL'), stopWithinMs);
      return ended.finally(() => clearTimeout(lastResort));
    },
  };
  running.add(one);
  return one;
}

function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? 1) : 128 + os.signals[signal];
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks until `condition` answers something; fails with `what` after the deadline. */
export async function waitFor<T>(
  what: string | (() => string),
  deadlineMs: number,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline)
      throw new Error(`not within ${deadlineMs} ms: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Missing programs and how to get them, or undefined. A missing program fails the test in CI; elsewhere the test is skipped with this text. */
export function missingTools(): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const needed = [
    { name: 'redis-server', folders: path },
    { name: 'celery', folders: [venv] },
    { name: 'jaeger', folders: [join(tools, 'bin')] },
    { name: 'otelcol', folders: [join(tools, 'bin')] },
  ];
  const missing = needed
    .filter(({ name, folders }) => !folders.some((folder) => existsSync(join(folder, name))))
    .map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const told = `missing: ${missing.join(', ')}. Get them with: bash test/e2e/install.sh`;
  if (process.env['CI'] === 'true') throw new Error(told);
  process.stderr.write(`\nSKIPPED, not tested: ${told}\n\n`);
  return told;
}

export async function startRedis(port?: number): Promise<Running & { readonly url: string; readonly port: number }> {
  const at = port ?? (await freePort());
  const server = start('redis-server', [
    '--port',
    String(at),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  await waitFor('redis accepts connections', 10_000, () => server.output().includes('Ready to accept connections'));
  return { ...server, port: at, url: `redis://127.0.0.1:${at}` };
}

export async function startWorker(
  env: NodeJS.ProcessEnv,
  name: string,
  args: readonly string[] = [],
  /** A program that starts the worker. */
  starter: readonly string[] = [],
): Promise<Running> {
  const celery = [join(venv, 'celery'), '-A', 'bakery', 'worker', '-E', '-n', name, '-c', '2', '-l', 'INFO', ...args];
  const [command = '', ...rest] = [...starter, ...celery];
  const worker = start(command, rest, {
    cwd: app,
    env: { ...process.env, ...env, C_FORCE_ROOT: '1', PYTHONUNBUFFERED: '1' },
  });
  await waitFor(
    () => `worker ${name} is up: ${worker.output()}`,
    30_000,
    () => worker.output().includes(' ready.'),
  );
  return worker;
}

/** Publishes the named scenarios of the app, or all; answers the task ids of each. */
export async function produce(
  env: NodeJS.ProcessEnv,
  canaries: Record<string, string>,
  scenarios: readonly string[] = [],
): Promise<Map<string, readonly string[]>> {
  const producer = start(join(venv, 'python'), ['produce.py', JSON.stringify(canaries), ...scenarios], {
    cwd: app,
    env: { ...process.env, ...env },
  });
  const code = await producer.ended;
  if (code !== 0) throw new Error(`producer ended with ${code}: ${producer.output()}`);
  // Python may have warned of something in between.
  const lines = producer.output().split('\n');
  const produced = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { scenario: string; ids: string[] });
  return new Map(produced.map(({ scenario, ids }) => [scenario, ids]));
}

export interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string; readonly traceID: string }[];
  readonly startTime: number;
  readonly duration: number;
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
  readonly logs: readonly { readonly fields: readonly { readonly key: string; readonly value: unknown }[] }[];
}

export async function startJaeger() {
  const [otlp, query, grpc, health] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const dir = temporaryFolder();
  const config = join(dir, 'config.yaml');
  writeFileSync(
    config,
    `service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines: { traces: { receivers: [otlp], exporters: [jaeger_storage_exporter] } }
  telemetry: { metrics: { level: none }, logs: { level: warn } }
extensions:
  healthcheckv2: { use_v2: true, http: { endpoint: "127.0.0.1:${health}" } }
  jaeger_query:
    storage: { traces: memory }
    http: { endpoint: "127.0.0.1:${query}" }
    grpc: { endpoint: "127.0.0.1:${grpc}" }
  jaeger_storage: { backends: { memory: { memory: { max_traces: 10000 } } } }
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${otlp}" } } } }
exporters: { jaeger_storage_exporter: { trace_storage: memory } }
`,
  );
  const server = start(join(tools, 'bin/jaeger'), ['--config', config]);
  const base = `http://127.0.0.1:${query}`;
  await waitFor(
    () => `jaeger answers: ${server.output()}`,
    30_000,
    () =>
      fetch(`${base}/api/services`).then(
        (answer) => answer.ok,
        () => false,
      ),
  );
  return {
    ...server,
    endpoint: `http://127.0.0.1:${otlp}`,
    async trace(traceId: string): Promise<readonly JaegerSpan[]> {
      const answer = await fetch(`${base}/api/traces/${traceId}`);
      if (!answer.ok) return [];
      const body = (await answer.json()) as { data: { spans: JaegerSpan[] }[] };
      return body.data[0]?.spans ?? [];
    },
    async everything(): Promise<string> {
      const answer = await fetch(`${base}/api/traces?service=taskvigil&limit=1000`);
      return answer.text();
    },
  };
}

export async function startDaemon(config: string, env: NodeJS.ProcessEnv = {}, ops?: number) {
  const file = join(temporaryFolder(), 'config.yaml');
  writeFileSync(file, config);
  const daemon = start(join(root, 'node_modules/.bin/node'), [join(root, 'src/taskvigil.mjs'), 'run', '-c', file], {
    env: { ...plainEnvironment(), ...env },
  });
  return {
    ...daemon,
    file,
    get: (path: string) => fetch(`http://127.0.0.1:${ops}${path}`),
    metrics: async (): Promise<string> => (await fetch(`http://127.0.0.1:${ops}/metrics`)).text(),
    async ready(): Promise<void> {
      await waitFor(
        () => `daemon is ready: ${daemon.output()}`,
        20_000,
        () =>
          fetch(`http://127.0.0.1:${ops}/readyz`).then(
            (answer) => answer.ok,
            () => false,
          ),
      );
    },
  };
}

/** Without what a developer's shell would configure the daemon with. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(OTEL|SENTRY|SLACK|TASKVIGIL|CELERY)_/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
