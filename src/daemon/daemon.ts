/** Composition root: Config → every service, wired. One screen; what each part does is its own affair. */

import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import type { Policy } from '../alert/policy.ts';
import type { Config } from '../config/config.ts';
import { policyOf } from '../config/policy/policy.ts';
import { FailureTally } from '../failure/tally.ts';
import { createMembership, type Membership } from '../fleet/membership.ts';
import { createOwnership } from '../fleet/ownership.ts';
import { createStandbyBuffer } from '../fleet/standby-buffer.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Viewer } from '../pipeline.ts';
import { createRedactor, type Redactor } from '../redact/redact.ts';
import { Taint } from '../redact/taint.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { OtlpOptions } from '../sink/otlp/sink.ts';
import { spansOf } from '../sink/otlp/spans.ts';
import { createTelemetry } from '../sink/otlp/telemetry.ts';
import type { Source } from '../source/source.ts';
import { Board } from '../status/board.ts';
import type { ReadinessComponent } from '../status/server.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createRedisFleet } from '../store/fleet-redis.ts';
import { createRedisBudget } from '../store/shared-budget.ts';
import { version } from '../version.ts';
import { type Alerts, createAlerts } from './alerts.ts';
import { createBrokerWatch } from './broker.ts';
import type { Recorder } from './recorder.ts';

export interface DaemonParts {
  readonly config: Config;
  readonly policy: Policy;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  /** Unique among all replicas and their restarts. */
  readonly instance: string;
  /** Sources to use instead of those of the configuration: a recording, in the demo. */
  readonly sources?: (config: Config) => readonly Source[];
  /** Writes down what passes and what is decided. */
  readonly recorder?: Recorder;
}

export interface Daemon {
  readonly board: Board;
  start(): Promise<void>;
  /** Takes over what can change while we run: the noise policy and redaction. Posts nothing by itself. */
  reload(config: Config): void;
  /** Does what a person asks for. */
  execute(command: AlertCommand): Promise<AlertCommandResult>;
  /** Whether the policy listens to who tells of deploys over HTTP. */
  takesDeploys(): boolean;
  /** What was decided of an incident, a task or a cause, the last first; empty: nothing is known. */
  why(question: string): readonly string[];
  /** The handler of Slack's posts to a path of this app; undefined for any other path. */
  readonly postHandler: Alerts['postHandler'];
  /** Sources close, queues drain, clients close. Answers how many things could not be delivered. */
  stop(): Promise<number>;
  /** Spans and log records that have not been delivered. */
  held(): number;
  /** What a probe is told: no address, no host, no secret. */
  components(): readonly ReadinessComponent[];
  /** When the pipeline last had its turn, on the daemon's clock. */
  lastTurnAt(): number;
}

/** Little at a time while there are tasks, so that nothing else waits for long; alone, the waking is all that it costs. */
const sweepEveryMs = { busy: 100, idle: 250 };
/** What the store takes of one instance, with room for what is put around it. */
const savedCharsMax = 400_000;
/** Issues are few; this is an outage of Sentry in which hundreds of tasks fail. */
const sentryItemsMax = 1_000;
const alertEveryMs = 1_000;

/** Clients that are not configured are not loaded: those of Sentry and OpenTelemetry take 50 MB, a third of an idle process. */
export async function createDaemon(parts: DaemonParts): Promise<Daemon> {
  const { config, clock, random, instance } = parts;
  const createSentrySink = config.sentry && (await import('../sink/sentry/sink.ts')).createSentrySink;
  const createOtlpSink = config.otlp.isOn ? (await import('../sink/otlp/sink.ts')).createOtlpSink : undefined;
  const board = new Board();
  const report: Report = (notice) => {
    parts.report(notice);
    board.recordNotice(notice);
  };
  const fleetStore =
    config.store.url === undefined
      ? createMemoryFleet(clock)
      : createRedisFleet({ url: config.store.url.expose(), ...storeParts(parts, report) });
  let { policy } = parts;
  let slackConfig = config.slack;
  const alerts = createAlerts({
    config,
    policy: () => policy,
    slack: () => slackConfig,
    fleet: fleetStore,
    clock,
    random,
    report,
    instance,
    board,
    recorder: parts.recorder,
    isWatchingFleet: () => membership.isWatchingFleet(),
  });
  const otlp = createOtlpSink?.(otlpOptionsOf(config, clock, report));
  const telemetry =
    otlp &&
    createTelemetry({
      sink: otlp,
      ratio: config.otlp.sample,
      slowMs: config.otlp.sampleSlowMs,
      recordRatio: config.otlp.sampleLogs,
      joinsGroups: config.mode === 'standalone',
      report,
    });
  const shared =
    config.sentry &&
    config.store.url &&
    createRedisBudget({ url: config.store.url.expose(), namespace: config.store.namespace });
  const sentry =
    config.sentry &&
    createSentrySink?.({
      ...config.sentry,
      dsn: config.sentry.dsn.expose(),
      version,
      shared,
      classes: new Set(['bug', 'resource', 'transient']),
      itemsMax: sentryItemsMax,
      report,
      clock,
      random,
    });
  // What live tasks named a secret stays one when the rules change.
  const taint = new Taint();
  let redactor = redactorOf(config, taint, report);
  const ownership = createOwnership(
    config.mode === 'sidecar' ? { mode: 'sidecar', host: config.hostname } : { mode: 'standalone' },
  );
  const tally = new FailureTally();
  const gate = createStandbyBuffer(() => membership.isTelling());
  const viewers: Viewer[] = [
    {
      failure(failure) {
        const now = clock.now();
        const group = tally.count(failure, now);
        if (group === undefined) return;
        report({ kind: 'failure', class: failure.class, cause: failure.cause });
        gate.pass(() => sentry?.offer(failure, group), now);
        alerts.sink.failure(failure);
        alerts.decisions.failed(failure);
        board.recordFailure(failure, group);
      },
    },
    {
      transition(transition) {
        const now = clock.now();
        const spans = spansOf(transition);
        if (telemetry !== undefined) gate.pass(() => telemetry.saw(transition, spans, now), now);
        board.recordTransition(transition, spans);
        alerts.sink.transition(transition);
      },
      event: (event) => alerts.sink.event(event),
      gap: (gap) => alerts.sink.gap(gap),
    },
  ];
  const given = parts.sources?.(config);
  const watches = (given === undefined ? config.brokers : config.brokers.slice(0, 1)).map((broker) =>
    createBrokerWatch(broker, {
      config,
      clock,
      random,
      ownership,
      viewers,
      redact: (event) => redactor.redact(event),
      report,
      sources: given,
      recorder: parts.recorder,
      queues: policy.tasks.flatMap(({ queue }) => queue ?? []),
      onDepth: (queue, length) => alerts.sink.depth(queue, length),
      wantsDepths: () => membership.isWatchingFleet() || config.mode === 'standalone',
    }),
  );
  const membership = createMembershipOf();
  const components = new Map<string, ReadinessComponent>();
  const timers: Disposable[] = [];
  let nextTurn: Disposable | undefined;
  let lastTurnAt = clock.now();
  let deliveredUntil = clock.now();
  const turn = (): void => {
    const now = clock.now();
    // A process that was stopped for so long hears in one moment what it missed: nobody was silent, we were asleep.
    if (now - lastTurnAt >= config.workers.silentAfterMs) {
      for (const { name, pipeline } of watches)
        pipeline.gap({ source: name, from: lastTurnAt, to: now, cause: 'overload' });
    }
    lastTurnAt = now;
    if ((otlp?.held() ?? 0) === 0) deliveredUntil = lastTurnAt;
    for (const { pipeline } of watches) pipeline.sweep(lastTurnAt);
    telemetry?.sweep(lastTurnAt);
  };
  const sum = (of: (lifecycle: Lifecycle) => number): number =>
    watches.reduce((total, { lifecycle }) => total + of(lifecycle), 0);
  const turns = (): void => {
    const isBusy = sum((lifecycle) => lifecycle.trackedCount()) > 0;
    nextTurn = clock.after(isBusy ? sweepEveryMs.busy : sweepEveryMs.idle, () => {
      turns();
      turn();
    });
  };
  const show = (): void => {
    const count = sum((lifecycle) => lifecycle.trackedCount());
    report({ kind: 'tracked-tasks', count, unsure: sum((lifecycle) => lifecycle.uncertainCount()) });
    board.recordWorkers(
      watches.flatMap(({ lifecycle }) => lifecycle.workers()),
      count,
    );
  };
  for (const { name } of watches.flatMap((watch) => watch.sources))
    components.set(name, { name, state: 'starting', since: clock.now(), reason: 'connecting' });

  return {
    board,
    components: () => [...components.values()],
    lastTurnAt: () => lastTurnAt,
    held: () => otlp?.held() ?? 0,
    reload(next) {
      policy = policyOf(next);
      slackConfig = next.slack ?? slackConfig;
      redactor = redactorOf(next, taint, report);
    },
    execute: (command) => alerts.sink.execute(command),
    takesDeploys: () => policy.deploys.from.includes('http'),
    why: (question) => alerts.decisions.why(question, alerts.sink.book()),
    postHandler: alerts.postHandler,
    async start() {
      await membership.start();
      await alerts.start();
      turns();
      timers.push(
        clock.every(
          alertEveryMs,
          () => void alerts.sink.tick().catch((error) => report({ kind: 'bug', where: 'alerts.tick', error })),
        ),
      );
      timers.push(clock.every(alertEveryMs, show));
      for (const watch of watches) {
        await watch.start((name, isReady, since) =>
          components.set(name, {
            name,
            state: isReady ? 'ready' : 'down',
            since,
            reason: isReady ? undefined : 'disconnected',
          }),
        );
      }
    },
    async stop() {
      for (const watch of watches) await watch.stop();
      for (const timer of timers.splice(0)) timer[Symbol.dispose]();
      nextTurn?.[Symbol.dispose]();
      for (const { pipeline } of watches) pipeline.settleAll(clock.now());
      const [undelivered] = await Promise.all([alerts.stop(), otlp?.stop(), sentry?.stop(1_000)]);
      await shared?.stop();
      deliveredUntil = clock.now();
      await membership.stop();
      await fleetStore.stop();
      return undelivered;
    },
  };

  function createMembershipOf(): Membership {
    // Several brokers and one host: what is open there goes and comes together, each line in the table it came from.
    const isOn = (host: string) => (hostname: string) => hostname.slice(hostname.indexOf('@') + 1) === host;
    const saved = (isTheirs?: (hostname: string) => boolean): string => {
      const parts = watches.map(({ lifecycle }) => lifecycle.save(savedCharsMax / watches.length, isTheirs));
      return parts.every((text) => text === '') ? '' : JSON.stringify(parts);
    };
    const restore = (open: string): void => {
      const texts = JSON.parse(open) as string[];
      for (const [index, text] of texts.entries()) watches[index]?.lifecycle.restore(text, clock.now());
    };
    return createMembership({
      store: fleetStore,
      isAlone: config.store.url === undefined,
      instance,
      role: config.mode === 'sidecar' ? { mode: 'sidecar', host: config.hostname } : { mode: 'standalone' },
      ownership,
      clock,
      report,
      snapshot: () => saved(),
      restore,
      handBack(host) {
        const text = saved(isOn(host));
        for (const { lifecycle } of watches) lifecycle.release(isOn(host));
        return text;
      },
      onHandOver({ host: _, ...gap }) {
        for (const { name, pipeline } of watches) pipeline.gap({ ...gap, source: name });
      },
      watermark: () => String(deliveredUntil),
      onTelling: ({ note }) => gate.open(Number(note) || 0),
    });
  }
}

function redactorOf({ redact }: Config, taint: Taint, report: Report): Redactor {
  const options = {
    ...redact,
    onRedacted: (field: string, what: string, count: number) => report({ kind: 'redacted', field, what, count }),
    onFailed: (field: string, reason: string) => report({ kind: 'redaction-failed', field, reason }),
  };
  return createRedactor(options, taint);
}

function storeParts({ config, random, clock }: DaemonParts, report: Report) {
  return { namespace: config.store.namespace, report, random, sleep: (ms: number) => clock.sleep(ms) };
}

function otlpOptionsOf({ otlp, mode, hostname, instanceId }: Config, clock: Clock, report: Report): OtlpOptions {
  const headers = Object.fromEntries(Object.entries(otlp.headers).map(([name, value]) => [name, value.expose()]));
  // Only a sidecar shares its pod with the tasks that its spans are about.
  const resource = mode === 'sidecar' ? { 'host.name': hostname, 'service.instance.id': instanceId } : {};
  return { ...otlp, version, headers, resource, after: (ms, run) => clock.after(ms, run), report };
}
