/** Composition root: Config → every service, wired. One screen; what each part does is its own affair. */

import type { Rule } from './alert/rule.ts';
import type { Config } from './config/config.ts';
import { createAddress } from './daemon-address.ts';
import { createLifecycle } from './lifecycle/lifecycle.ts';
import { createPipeline, type Pipeline, type Viewer } from './pipeline.ts';
import { createRedactor } from './redact/redact.ts';
import type { Report } from './report.ts';
import type { Clock } from './runtime/clock.ts';
import type { Deliver } from './sink/alert-deliveries.ts';
import { type AlertSink, createAlertSink } from './sink/alerts.ts';
import { createMemoryReceiver } from './sink/memory-receiver.ts';
import { createOtlpSink, type TelemetrySink } from './sink/otlp.ts';
import { createSentrySink } from './sink/sentry.ts';
import { createSlackSink } from './sink/slack.ts';
import { renderSlack } from './sink/slack-message.ts';
import { spansOf } from './sink/spans.ts';
import { createTelemetry } from './sink/telemetry.ts';
import { createCeleryRedis } from './source/celery-redis.ts';
import type { Source } from './source/source.ts';
import { type Board, createBoard } from './status/board.ts';
import type { Component } from './status/server.ts';
import { createMemoryStore } from './store/memory.ts';
import { createRedisStore } from './store/redis.ts';
import { version } from './version.ts';

export interface DaemonParts {
  readonly config: Config;
  readonly rules: readonly Rule[];
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  /** Unique among all replicas and their restarts. */
  readonly instance: string;
  /** Sources to use instead of those of the configuration: a recording, in the demo. */
  readonly sources?: (config: Config) => readonly Source[];
  /** More that want to see what passes: the recorder. */
  readonly viewers?: readonly Viewer[];
}

export interface Daemon {
  readonly board: Board;
  readonly pipeline: Pipeline;
  start(): Promise<void>;
  /** Sources close, queues drain, clients close. Answers how many things could not be delivered. */
  stop(): Promise<number>;
  /** Spans and log records that have not been delivered. */
  held(): number;
  /** What a probe is told: no address, no host, no secret. */
  components(): readonly Component[];
  /** When the pipeline last had its turn, on the daemon's clock. */
  lastTurnAt(): number;
}

const sweepEveryMs = 250;
/** Issues are few; this is an outage of Sentry in which hundreds of tasks fail. */
const sentryItemsMax = 1_000;
const alertEveryMs = 1_000;

export function createDaemon(parts: DaemonParts): Daemon {
  const { config, clock, random, instance } = parts;
  const board = createBoard();
  const report: Report = (notice) => {
    parts.report(notice);
    board.sawNotice(notice);
  };
  const alerts = createAlerts(parts, board, report);
  const otlp = otlpOf(config, clock, report);
  const telemetry =
    otlp &&
    createTelemetry({
      sink: otlp,
      ratio: config.otlp.sample,
      slowMs: config.otlp.sampleSlowMs,
      recordRatio: config.otlp.sampleLogs,
      report,
    });
  const sentry =
    config.sentry &&
    createSentrySink({
      ...config.sentry,
      dsn: config.sentry.dsn.expose(),
      mode: 'all',
      classes: new Set(['bug', 'resource', 'transient']),
      itemsMax: sentryItemsMax,
      report,
      after: (ms, run) => clock.after(ms, run),
    });
  const redactor = createRedactor({
    sensitiveKeys: config.redact.sensitiveKeys,
    safeKeys: config.redact.safeKeys,
    modes: config.redact.modes,
    onRedacted: (field, what, count) => report({ kind: 'redacted', field, what, count }),
    onFailed: (field, reason) => report({ kind: 'redaction-failed', field, reason }),
  });
  const lifecycle = createLifecycle({
    ...config.limits,
    ...config.workers,
    openTasksMax: config.limits.openTasks,
    witnesses: [],
    workersMax: config.limits.workers,
  });
  const viewers: Viewer[] = [
    { failure: (failure) => sentry?.offer(failure) },
    { failure: (failure) => alerts.offer(failure) },
    {
      transition(transition) {
        const spans = spansOf(transition);
        telemetry?.saw(transition, spans, clock.now());
        board.sawTransition(transition, spans);
      },
      failure: (failure) => board.sawFailure(failure),
    },
    ...(parts.viewers ?? []),
  ];
  const pipeline = createPipeline({ redact: (event) => redactor.redact(event), lifecycle, viewers, report });
  const sources = (parts.sources ?? ((all) => sourcesOf(all, parts, report)))(config);
  const components = new Map<string, Component>();
  const timers: Disposable[] = [];
  let lastTurnAt = clock.now();
  const turn = (): void => {
    lastTurnAt = clock.now();
    pipeline.sweep(lastTurnAt);
    telemetry?.sweep(lastTurnAt);
  };
  for (const { name } of sources)
    components.set(name, { name, state: 'starting', since: clock.now(), reason: 'connecting' });

  return {
    board,
    pipeline,
    components: () => [...components.values()],
    lastTurnAt: () => lastTurnAt,
    held: () => otlp?.held() ?? 0,
    async start() {
      timers.push(clock.every(sweepEveryMs, turn));
      timers.push(
        clock.every(
          alertEveryMs,
          () => void alerts.tick().catch((error) => report({ kind: 'bug', where: 'alerts.tick', error })),
        ),
      );
      timers.push(clock.every(alertEveryMs, () => board.sawWorkers(lifecycle.workers(), lifecycle.trackedCount())));
      for (const source of sources) {
        await source.start({
          message: (message) => pipeline.message(message),
          decoded: (decoded) => pipeline.decoded(decoded, source.name),
          gap: (gap) => pipeline.gap(gap),
          connected: (isReady, since) =>
            components.set(source.name, {
              name: source.name,
              state: isReady ? 'ready' : 'down',
              since,
              reason: isReady ? undefined : 'disconnected',
            }),
        });
      }
    },
    async stop() {
      for (const source of sources) await source.stop();
      for (const timer of timers.splice(0)) timer[Symbol.dispose]();
      pipeline.settleAll(clock.now());
      const [undelivered] = await Promise.all([alerts.stop(), otlp?.stop(), sentry?.stop(1_000)]);
      return undelivered;
    },
  };

  function createAlerts({ rules }: DaemonParts, shown: Board, tell: Report): AlertSink & { stop(): Promise<number> } {
    const store =
      config.store.url === undefined
        ? createMemoryStore(clock)
        : createRedisStore({
            url: config.store.url.expose(),
            namespace: config.store.namespace,
            report: tell,
            random,
            sleep: (ms) => clock.sleep(ms),
          });
    const slack =
      config.slack &&
      createSlackSink({
        token: () => config.slack?.token.expose() ?? '',
        ...(config.slack.apiUrl === undefined ? {} : { apiUrl: config.slack.apiUrl }),
        clock,
        sleep: (ms) => clock.sleep(ms),
        links: config.slack.links,
        namespace: config.store.namespace,
      });
    const deliver: Deliver = slack?.deliver ?? createMemoryReceiver(clock).deliver;
    const sink = createAlertSink({
      rules: () => rules,
      store,
      clock,
      random,
      report: tell,
      onDecision: (decision) => shown.sawDecision(decision),
      async deliver(notification, limits) {
        const delivery = await deliver(notification, limits);
        if (delivery.outcome === 'delivered') {
          shown.sawNotification(
            notification,
            renderSlack(notification, { links: config.slack?.links ?? [] }),
            clock.now(),
          );
        }
        return delivery;
      },
      ...(slack === undefined ? {} : { retract: (message) => slack.retract(message) }),
      instance,
    });
    return {
      ...sink,
      async stop() {
        const undelivered = await sink.stop();
        await store.stop();
        return undelivered;
      },
    };
  }
}

function otlpOf({ otlp, mode, hostname, instanceId }: Config, clock: Clock, report: Report): TelemetrySink | undefined {
  if (!otlp.isOn) return undefined;
  const headers = Object.fromEntries(Object.entries(otlp.headers).map(([name, value]) => [name, value.expose()]));
  // Only a sidecar shares its pod with the tasks that its spans are about.
  const resource = mode === 'sidecar' ? { 'host.name': hostname, 'service.instance.id': instanceId } : {};
  return createOtlpSink({ ...otlp, version, headers, resource, after: (ms, run) => clock.after(ms, run), report });
}

function sourcesOf(config: Config, { clock, random }: DaemonParts, report: Report): Source[] {
  return config.brokers.map((broker) =>
    createCeleryRedis({
      ...broker,
      address: createAddress(broker),
      now: () => clock.now(),
      every: (ms, run) => clock.every(ms, run),
      random,
      report,
    }),
  );
}
