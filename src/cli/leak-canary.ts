/**
 * taskvigil leak-canary: does anything get out? Tasks with made-up secrets in every place go through the daemon as this
 * configuration sets it up, but to receivers on this machine; whatever any sink would have sent is searched for them.
 */
import type { Config } from '../config/config.ts';
import { policyOf } from '../config/policy/policy.ts';
import { Secret } from '../config/values/secret.ts';
import { createDaemon, type Daemon } from '../daemon/daemon.ts';
import { createRecorder } from '../daemon/recorder.ts';
import type { Modes } from '../redact/field.ts';
import { KeyNames } from '../redact/names/key-names.ts';
import { Profiles } from '../redact/profiles.ts';
import { type Clock, createScaledClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { createReporter } from '../runtime/reporter.ts';
import type { Outlet, Source } from '../source/source.ts';
import { createMetrics } from '../status/metrics.ts';
import { createPage } from '../status/page/page.ts';
import { version } from '../version.ts';
import { startCanaryReceiver } from './canary/receiver.ts';
import { formIn, formsOf } from './canary/search.ts';
import { type Canary, type CanaryTask, canaryMessages, canaryTasks, isMeantToShow, type Make } from './canary/tasks.ts';

export interface CanaryOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly make: Make;
  /** 0 .. 1. */
  readonly random: () => number;
}

export const sinkNames = ['traces', 'logs', 'sentry', 'slack', 'page', 'metrics', 'log', 'recording'] as const;
export type CanarySink = (typeof sinkNames)[number];

export interface Leak {
  readonly sink: CanarySink;
  readonly task: string;
  readonly position: string;
  /** `as it is`, `in base64` … */
  readonly form: string;
}

export interface CanaryReport {
  readonly canaries: number;
  /** What the configuration itself shows: raw fields. */
  readonly meant: readonly { readonly position: string; readonly because: string }[];
  readonly leaks: readonly Leak[];
  readonly sinks: readonly {
    readonly name: CanarySink;
    readonly chars: number;
    /** Whether our tasks were in it at all; without that, finding nothing means nothing. */
    readonly isReached: boolean;
  }[];
}

/** So fast that incidents, batches and pauses take seconds and not minutes. */
const speed = 40;
/** On the fast clock. */
const longestRunMs = 480_000;

export async function findLeaks(options: CanaryOptions): Promise<CanaryReport> {
  const { config, make, random } = options;
  const clock = createScaledClock(options.clock, speed);
  const receiver = await startCanaryReceiver();
  const lines: Record<'log' | 'recording', string[]> = { log: [], recording: [] };
  const metrics = createMetrics({ version, mode: 'standalone' });
  const log = createLog({ write: (line) => lines.log.push(line), level: 'debug', format: 'json', clock });
  const quiet = quietConfig(config, receiver);
  const runs = runsOf(config, make);
  const source = createCanarySource(runs, clock);
  let bugs = 0;
  const reporter = createReporter({ log, metrics });
  const daemon = await createDaemon({
    config: quiet,
    policy: policyOf(quiet),
    clock,
    random,
    report: (notice) => {
      if (notice.kind === 'bug') bugs += 1;
      reporter(notice);
    },
    instance: 'canary',
    sources: () => [source],
    recorder: createRecorder({
      clock,
      version,
      policy: 'canary',
      write: (line) => lines.recording.push(line),
      writeDecision: (line) => lines.recording.push(line),
    }),
  });
  const pages: string[] = [];
  try {
    reporter({ kind: 'started', version, mode: quiet.mode, configDigest: 'canary' });
    await daemon.start();
    await settled(daemon, clock, () => receiver.text('slack').length);
    pages.push(...pagesOf(daemon, clock));
    await daemon.stop();
  } finally {
    await receiver.stop();
  }
  if (bugs > 0) throw new Error(`${bugs} messages met a bug and were not seen by every sink`);
  const texts: Record<CanarySink, string> = {
    traces: receiver.text('traces'),
    logs: receiver.text('logs'),
    sentry: receiver.text('sentry'),
    slack: receiver.text('slack'),
    page: pages.join('\n'),
    metrics: await metrics.text(),
    log: lines.log.join('\n'),
    recording: lines.recording.join('\n'),
  };
  return reportOn(runs, texts, config);
}

interface Run {
  readonly name: string;
  readonly modes: Modes;
  readonly task: CanaryTask;
}

/** All positions as a task that no profile is about, and once more for each profile. */
function runsOf({ redact }: Config, make: Make): Run[] {
  const names = [
    'canary.tasks.run',
    ...redact.profiles.map(({ tasks }) => (tasks[0] ?? '').replaceAll('*', 'canary').replaceAll('?', 'x')),
  ];
  const profiles = new Profiles(redact.modes, redact.profiles);
  return [...new Set(names)].flatMap((name) => {
    const modes = profiles.modesForName(name);
    return canaryTasks(make, redact.sensitiveKeys).map((task) => ({ name, modes, task }));
  });
}

/** The operator's own, but for where things go: only to us, all of it, and at once. */
function quietConfig(config: Config, receiver: Awaited<ReturnType<typeof startCanaryReceiver>>): Config {
  return {
    ...config,
    mode: 'standalone',
    source: { control: 'off' },
    store: { ...config.store, url: undefined },
    otlp: {
      ...config.otlp,
      isOn: true,
      endpoint: receiver.otlpEndpoint,
      headers: {},
      compression: 'none',
      traces: true,
      logs: true,
      sample: 1,
      sampleLogs: 1,
    },
    sentry: {
      environment: 'canary',
      release: undefined,
      grouping: 'taskvigil',
      issuesUrl: undefined,
      ...config.sentry,
      workers: 'silent',
      eventsPerGroupMax: 10_000,
      dsn: new Secret(receiver.sentryDsn),
    },
    slack: {
      mentions: [],
      links: [],
      pageUrl: undefined,
      allow: [],
      ...config.slack,
      actions: { over: 'off' },
      token: new Secret('xoxb-canary'),
      tokenFile: undefined,
      channel: '#canary',
      apiUrl: receiver.slackApiUrl,
    },
    critical: ['*'],
    alerts: { ...config.alerts, learning: 0, tasks: [], owners: [], silences: [] },
  };
}

function createCanarySource(runs: readonly Run[], clock: Clock): Source {
  return {
    name: 'canary',
    async start(outlet: Outlet) {
      outlet.connected(true, clock.now());
      for (const [index, { name, task }] of runs.entries()) {
        const id = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
        for (const payload of canaryMessages(task, name, id, clock.now(), index))
          outlet.message({ source: 'canary', receivedAt: clock.now(), payload, form: 'event-body' });
      }
    },
    async stop() {},
  };
}

/** Until Slack has been told of all, or nothing has been added for two minutes of the fast clock. */
async function settled(daemon: Daemon, clock: Clock, told: () => number): Promise<void> {
  let last = -1;
  for (let waitedMs = 0; waitedMs < longestRunMs; waitedMs += 20_000) {
    await clock.sleep(20_000);
    const now = told() + daemon.held();
    if (waitedMs > 60_000 && told() > 0 && now === last && daemon.held() === 0) return;
    last = now;
  }
}

function pagesOf(daemon: Daemon, clock: Clock): string[] {
  const page = createPage({ board: daemon.board, now: () => clock.now(), title: 'canary', isDemo: false });
  const first = page('/')?.body ?? '';
  const links = new Set([...first.matchAll(/href="(\/trace\/[0-9a-f]{32})"/g)].map((match) => match[1] as string));
  return [first, ...[...links, '/api/snapshot'].map((link) => page(link)?.body ?? '')];
}

function reportOn(runs: readonly Run[], texts: Record<CanarySink, string>, { redact }: Config): CanaryReport {
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
        // Arguments and results never go where many people look.
        if (canary.field === 'exception' || canary.field === 'traceback') continue;
      }
      const forms = formsOf(canary.value);
      for (const sink of sinkNames) {
        if (because !== undefined && sink !== 'slack' && sink !== 'metrics' && sink !== 'log') continue;
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

export interface CanaryCommand extends CanaryOptions {
  /** Gets one line at a time, without its newline. */
  readonly print: (line: string) => void;
  readonly format: 'text' | 'json';
}

/** The exit code: 0, or 1 when something got out or a sink was not reached. */
export async function leakCanaryCommand({ print, format, ...options }: CanaryCommand): Promise<number> {
  const report = await findLeaks(options);
  const isTight = report.leaks.length === 0 && report.sinks.every(({ isReached }) => isReached);
  if (format === 'json') {
    print(JSON.stringify({ ok: isTight, ...report }));
    return isTight ? 0 : 1;
  }
  for (const line of linesOf(report, options.config)) print(line);
  return isTight ? 0 : 1;
}

function linesOf({ canaries, leaks, meant, sinks }: CanaryReport, config: Config): string[] {
  const off = new Set<CanarySink>([
    ...(config.otlp.isOn && config.otlp.traces ? [] : (['traces'] as const)),
    ...(config.otlp.isOn && config.otlp.logs ? [] : (['logs'] as const)),
    ...(config.sentry === undefined ? (['sentry'] as const) : []),
    ...(config.slack === undefined ? (['slack'] as const) : []),
  ]);
  const row = (cells: readonly string[]): string => `${cells[0]?.padEnd(11)}${cells[1]?.padStart(10)}  ${cells[2]}`;
  return [
    `${canaries} canaries; nothing was sent to anybody.`,
    row(['sink', 'searched', 'found']),
    ...sinks.map(({ name, chars, isReached }) => {
      const found = leaks.filter(({ sink }) => sink === name).length;
      const said = isReached
        ? found === 0
          ? 'none'
          : `${found} LEAKED`
        : 'NOT REACHED: nothing of our tasks came here';
      return row([name, String(chars), `${said}${off.has(name) ? ' (off in this configuration)' : ''}`]);
    }),
    ...leaks.slice(0, 100).map(({ sink, task, position, form }) => `LEAK in ${sink}: ${task}, ${position}, ${form}`),
    ...meant.slice(0, 100).map(({ position, because }) => `shown on purpose: ${position}, because ${because}`),
    leaks.length === 0 ? 'No canary got out.' : `${leaks.length} canaries got out.`,
  ];
}
