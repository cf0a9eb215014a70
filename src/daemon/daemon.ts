/** Composition root: creates every service of a configuration, connects them, starts and stops them in order. */
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import type { Policy } from '../alert/policy.ts';
import type { Config } from '../config/config.ts';
import { FailureTally } from '../failure/tally.ts';
import { createMembership, type Membership } from '../fleet/membership.ts';
import { createOwnership, type Ownership } from '../fleet/ownership.ts';
import { type Answer, answerOf } from '../notify/answers/answer.ts';
import { TaskHistory } from '../notify/answers/task-history.ts';
import { WorkerHistory } from '../notify/answers/worker-history.ts';
import type { Viewer } from '../pipeline.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import { startAll, stopAll } from '../runtime/service.ts';
import { spansOf } from '../sink/otlp/spans.ts';
import type { Source } from '../source/source.ts';
import { Board } from '../status/board.ts';
import type { ReadinessComponent } from '../status/server.ts';
import type { FleetStore } from '../store/fleet.ts';
import { createMemoryFleet } from '../store/fleet-memory.ts';
import { createRedisFleet } from '../store/fleet-redis.ts';
import { type Alerts, createAlerts } from './alerts.ts';
import { type BrokerWatch, createBrokerWatch } from './broker.ts';
import { createExports, type Exports } from './exports.ts';
import { ForeignWatch } from './foreign-watch.ts';
import { createWorkHandover, type WorkHandover } from './handover.ts';
import { createReadiness } from './readiness.ts';
import type { Recorder } from './recorder.ts';
import { createServices } from './services.ts';
import { createSettings, type Settings } from './settings.ts';
import { createSweepLoop } from './sweep-loop.ts';
import { systemOf } from './systems.ts';
import { createWorkKeeper, type WorkKeeper } from './work-keeper.ts';

export interface DaemonParts {
  readonly config: Config;
  readonly policy: Policy;
  readonly clock: Clock;
  /** Measures the shutdown where `clock` is not the time of the process; `clock` if left out. */
  readonly shutdownClock?: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  /** Unique among all replicas and their restarts. */
  readonly instance: string;
  /** Sources to use instead of those of the configuration: a recording, in the demo. */
  readonly sources?: (config: Config) => readonly Source[];
  /** Records the pipeline's inputs and the decisions. */
  readonly recorder?: Recorder;
}

export interface Shutdown {
  /** Notifications that could not be delivered. */
  readonly undelivered: number;
  /** Services that did not stop within `shutdown_timeout`. */
  readonly late: readonly string[];
}

export interface Daemon {
  readonly board: Board;
  /** Rejects if a service cannot start; the others are stopped again. */
  start(): Promise<void>;
  /** Applies the options that can change without a restart: the noise policy, Slack and redaction. Posts nothing by itself. */
  reload(config: Config): void;
  /** Executes a command of an operator. */
  execute(command: AlertCommand): Promise<AlertCommandResult>;
  /** True if the policy accepts deploys over HTTP. */
  takesDeploys(): boolean;
  /** Describes an id or a name that taskvigil has printed, with its decisions, the newest first. */
  why(question: string): Answer;
  /** The handler of Slack's posts to a path of this app; undefined for any other path. */
  readonly postHandler: Alerts['postHandler'];
  /** Closes the sources, drains the queues and closes the clients, within `shutdown_timeout`. Never rejects. */
  stop(): Promise<Shutdown>;
  /** Spans and log records that have not been delivered. */
  queuedCount(): number;
  /** State of each source for probes, without addresses, host names and secrets. */
  components(): readonly ReadinessComponent[];
  /** Time of the last sweep, on the daemon's clock. */
  lastSweepAt(): number;
}

export async function createDaemon(parts: DaemonParts): Promise<Daemon> {
  const { config, clock, random } = parts;
  const board = new Board();
  const foreign = config.mode === 'sidecar' ? new ForeignWatch() : undefined;
  const report: Report = (notice) => {
    parts.report(notice);
    board.recordNotice(notice);
    if (foreign?.note(notice, clock.now())) parts.report({ kind: 'foreign-only', hostname: config.hostname });
  };
  const settings = createSettings(parts, report);
  const replica = createReplica(parts, report);
  const { membership } = replica;
  const exports = await createExports({ config, clock, random, report, isExporting: () => membership.isExporting() });
  const alerts = createAlerts({
    ...parts,
    policy: settings.policy,
    current: settings.config,
    fleet: replica.store,
    report,
    board,
    recorder: parts.recorder,
    isWatchingFleet: () => membership.isWatchingFleet(),
    isExporting: () => membership.isExporting(),
  });
  const histories = { tasks: new TaskHistory(), workers: new WorkerHistory() };
  const viewers = viewersOf({ clock, report, exports, alerts, board, histories });
  const brokers = createBrokers(parts, { settings, replica, viewers, alerts, report });
  const sources = brokers.flatMap((broker) => broker.sources.map(({ name }) => name));
  const readiness = createReadiness(sources, clock.now(), () => foreign?.isForeignOnly(clock.now()) ?? false);
  const handover = createWorkHandover(brokers, { now: () => clock.now(), report });
  const workKeeper = createKeeper(parts, { replica, brokers, handover, report });
  const tickAlerts = (): Promise<void> => alerts.sink.tick();
  const sweeps = createSweepLoop({
    clock,
    brokers,
    exports,
    tickAlerts: () => workKeeper?.saveAround(tickAlerts) ?? tickAlerts(),
    board,
    report,
    silentAfterMs: config.workers.silentAfterMs,
  });
  const { services, undelivered } = createServices({
    ...replica,
    handover,
    workKeeper,
    exports,
    alerts,
    sweeps,
    brokers,
    readiness,
  });
  const shutdownClock = parts.shutdownClock ?? clock;

  return {
    board,
    components: readiness.components,
    lastSweepAt: sweeps.lastSweepAt,
    queuedCount: exports.queuedCount,
    reload: settings.reload,
    execute: (command) => alerts.sink.execute(command),
    takesDeploys: () => settings.policy().deploys.from.includes('http'),
    why: (question) =>
      answerOf(question, {
        ...histories,
        decisions: alerts.decisions,
        book: alerts.sink.book(),
        policy: settings.policy(),
        views: board.workers(),
        now: clock.now(),
      }),
    postHandler: alerts.postHandler,
    start: () => startAll(services, shutdownClock, config.shutdownTimeoutMs),
    async stop() {
      const { late, failed } = await stopAll(services, shutdownClock, config.shutdownTimeoutMs);
      for (const { name, error } of failed) report({ kind: 'bug', where: `stop ${name}`, error });
      return { undelivered: undelivered(), late };
    },
  };
}

/** This instance among the replicas that share a store. */
interface Replica {
  readonly store: FleetStore;
  readonly ownership: Ownership;
  readonly membership: Membership;
}

function createReplica({ config, clock, random, instance }: DaemonParts, report: Report): Replica {
  const { url, namespace } = config.store;
  const role = config.mode === 'sidecar' ? ({ mode: 'sidecar', host: config.hostname } as const) : standalone;
  const store =
    url === undefined
      ? createMemoryFleet(clock)
      : createRedisFleet({ url: url.expose(), namespace, report, random, sleep: (ms) => clock.sleep(ms) });
  const ownership = createOwnership(role);
  const isAlone = url === undefined;
  return {
    store,
    ownership,
    membership: createMembership({ store, isAlone, instance, role, ownership, clock, report }),
  };
}

const standalone = { mode: 'standalone' } as const;

interface KeeperParts {
  readonly replica: Replica;
  readonly brokers: readonly BrokerWatch[];
  readonly handover: WorkHandover;
  readonly report: Report;
}

/** Only a standalone instance with a store keeps its work: a sidecar announces it to the fleet. */
function createKeeper(
  { config, clock, instance }: DaemonParts,
  { replica, brokers, handover, report }: KeeperParts,
): WorkKeeper | undefined {
  if (config.mode === 'sidecar' || config.store.url === undefined) return undefined;
  return createWorkKeeper({
    store: replica.store,
    clock,
    report,
    instance,
    isLeading: () => replica.membership.isExporting(),
    handover,
    sources: brokers.flatMap(({ pipeline, eventSources }) =>
      eventSources.map((source) => ({ name: source.name, keptMs: () => source.keptMs?.() ?? 0, pipeline })),
    ),
  });
}

/** Consumers of the pipeline's results. Alerts and the page always receive them, the exports only on the exporting replica. */
function viewersOf({ clock, report, exports, alerts, board, histories }: ViewerTargets): readonly Viewer[] {
  const tally = new FailureTally();
  return [
    {
      failure(failure) {
        const group = tally.count(failure, clock.now());
        if (group === undefined) return;
        report({ kind: 'failure', class: failure.class, cause: failure.cause });
        exports.failure(failure, group);
        alerts.sink.failure(failure);
        alerts.decisions.recordFailure(failure);
        board.recordFailure(failure, group);
        histories.tasks.recordFailure(failure);
      },
    },
    {
      transition(transition) {
        const spans = spansOf(transition);
        if (transition.kind === 'task-ended' && transition.outcome === 'unknown') report({ kind: 'unknown-end' });
        exports.transition(transition, spans);
        board.recordTransition(transition, spans);
        alerts.sink.transition(transition);
        histories.tasks.recordTransition(transition);
      },
      event: (event) => alerts.sink.event(event),
      gap: (gap) => alerts.sink.gap(gap),
      worker: (transition) => histories.workers.recordWorker(transition),
    },
  ];
}

interface ViewerTargets {
  readonly clock: Clock;
  readonly report: Report;
  readonly exports: Exports;
  readonly alerts: Alerts;
  readonly board: Board;
  readonly histories: { readonly tasks: TaskHistory; readonly workers: WorkerHistory };
}

interface BrokerNeeds {
  readonly settings: Settings;
  readonly replica: Replica;
  readonly viewers: readonly Viewer[];
  readonly alerts: Alerts;
  readonly report: Report;
}

/** One watch per broker. Given sources stand for one broker, whose configuration they use. */
function createBrokers(parts: DaemonParts, needs: BrokerNeeds): readonly BrokerWatch[] {
  const { config, clock, random, recorder } = parts;
  const { settings, replica, viewers, alerts, report } = needs;
  const given = parts.sources?.(config);
  const configured = given === undefined ? config.brokers : config.brokers.slice(0, 1);
  return configured.map((broker) =>
    createBrokerWatch(broker, {
      system: systemOf(broker),
      config,
      clock,
      random,
      ownership: replica.ownership,
      viewers,
      redact: settings.redact,
      report,
      recorder,
      sources: given,
      queues: parts.policy.tasks.flatMap(({ queue }) => queue ?? []),
      onDepth: (queue, length) => alerts.sink.depth(queue, length),
      wantsDepths: () => replica.membership.isWatchingFleet() || config.mode === 'standalone',
    }),
  );
}
