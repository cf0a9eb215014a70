/**
 * taskvigil leak-canary: sends tasks with made-up secrets through the daemon as this configuration wires it, but to
 * receivers on this machine, and searches the output of each sink for the secrets.
 */
import type { Config } from '../config/config.ts';
import { policyOf } from '../config/policy/policy.ts';
import { createDaemon, type Daemon } from '../daemon/daemon.ts';
import { createRecorder } from '../daemon/recorder.ts';
import { Profiles } from '../redact/profiles.ts';
import { type Clock, createScaledClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { createReporter } from '../runtime/reporter.ts';
import type { Outlet, Source } from '../source/source.ts';
import { createMetrics } from '../status/metrics.ts';
import { createPage } from '../status/page/page.ts';
import { version } from '../version.ts';
import { localConfig } from './canary/local-config.ts';
import { startCanaryReceiver } from './canary/receiver.ts';
import { type CanaryReport, type CanaryRun, type CanarySink, reportLines, reportOn } from './canary/report.ts';
import { canaryMessages, canaryTasks, type Make } from './canary/tasks.ts';

export interface CanaryOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly make: Make;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Factor of the scaled clock, so that collection windows, batches and back-off take seconds instead of minutes. */
const speed = 40;
/** On the scaled clock. */
const longestRunMs = 480_000;

async function findLeaks(options: CanaryOptions): Promise<CanaryReport> {
  const { config, make, random } = options;
  const clock = createScaledClock(options.clock, speed);
  const receiver = await startCanaryReceiver();
  const lines: Record<'log' | 'recording', string[]> = { log: [], recording: [] };
  const metrics = createMetrics({ version, mode: 'standalone' });
  const log = createLog({ write: (line) => lines.log.push(line), level: 'debug', format: 'json', clock });
  const local = localConfig(config, receiver);
  const runs = runsOf(config, make);
  const source = createCanarySource(runs, clock);
  let bugs = 0;
  const reporter = createReporter({ log, metrics });
  const daemon = await createDaemon({
    config: local,
    policy: policyOf(local),
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
    reporter({ kind: 'started', version, mode: local.mode, configDigest: 'canary' });
    await daemon.start();
    await waitUntilDelivered(daemon, clock, () => receiver.text('slack').length);
    pages.push(...pagesOf(daemon, clock));
    await daemon.stop();
  } finally {
    await receiver.stop();
  }
  if (bugs > 0) throw new Error(`${bugs} messages met a bug and did not reach all sinks`);
  const texts: Record<CanarySink, string> = {
    traces: receiver.text('traces'),
    logs: receiver.text('logs'),
    sentry: receiver.text('sentry'),
    slack: receiver.text('slack'),
    webhook: receiver.text('webhook'),
    page: pages.join('\n'),
    metrics: await metrics.text(),
    log: lines.log.join('\n'),
    recording: lines.recording.join('\n'),
  };
  return reportOn(runs, texts, config);
}

/** All positions under a task name without a profile, and again under a name for each profile. */
function runsOf({ redact }: Config, make: Make): CanaryRun[] {
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

function createCanarySource(runs: readonly CanaryRun[], clock: Clock): Source {
  return {
    name: 'canary',
    async start(outlet: Outlet) {
      outlet.connected(true, clock.now());
      for (const [index, { name, task }] of runs.entries()) {
        const id = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
        for (const payload of canaryMessages({ task, name, id, at: clock.now(), index }))
          outlet.message({ source: 'canary', receivedAt: clock.now(), payload, form: 'event-body' });
      }
    },
    async stop() {},
  };
}

/** Waits until Slack received messages and nothing is pending, at most for the longest run. */
async function waitUntilDelivered(daemon: Daemon, clock: Clock, slackChars: () => number): Promise<void> {
  let last = -1;
  for (let waitedMs = 0; waitedMs < longestRunMs; waitedMs += 20_000) {
    await clock.sleep(20_000);
    const now = slackChars() + daemon.queuedCount();
    if (waitedMs > 60_000 && slackChars() > 0 && now === last && daemon.queuedCount() === 0) return;
    last = now;
  }
}

function pagesOf(daemon: Daemon, clock: Clock): string[] {
  const page = createPage({
    board: daemon.board,
    now: () => clock.now(),
    title: 'canary',
    isDemo: false,
    forgets: undefined,
    why: daemon.why,
  });
  const first = page('/')?.body ?? '';
  const links = new Set([...first.matchAll(/href="(\/trace\/[0-9a-f]{32})"/g)].map((match) => match[1] as string));
  return [first, ...[...links, '/api/snapshot'].map((link) => page(link)?.body ?? '')];
}

export interface CanaryCommand extends CanaryOptions {
  /** Prints one line. */
  readonly print: (line: string) => void;
  readonly format: 'text' | 'json';
}

/** Returns the exit code: 1 if a canary leaked or a sink was not reached, else 0. */
export async function leakCanaryCommand({ print, format, ...options }: CanaryCommand): Promise<number> {
  const report = await findLeaks(options);
  const isTight = report.leaks.length === 0 && report.sinks.every(({ isReached }) => isReached);
  if (format === 'json') {
    print(JSON.stringify({ ok: isTight, ...report }));
    return isTight ? 0 : 1;
  }
  for (const line of reportLines(report, options.config)) print(line);
  return isTight ? 0 : 1;
}
