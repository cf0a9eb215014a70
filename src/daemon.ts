/** Composition root: Config → every service, wired. One screen; what each part does is its own affair. */

import type { Rule } from './alert/rule.ts';
import type { Config } from './config/config.ts';
import { createWatch } from './daemon-watch.ts';
import { createMembership, type Membership } from './fleet/membership.ts';
import { createOwnership } from './fleet/ownership.ts';
import type { Lifecycle } from './lifecycle/lifecycle.ts';
import type { Viewer } from './pipeline.ts';
import { createRedactor } from './redact/redact.ts';
import type { Report } from './report.ts';
import type { Clock } from './runtime/clock.ts';
import type { Deliver } from './sink/alert-deliveries.ts';
import { type AlertSink, createAlertSink } from './sink/alerts.ts';
import { createGate } from './sink/gate.ts';
import { createMemoryReceiver } from './sink/memory-receiver.ts';
import { createOtlpSink, type TelemetrySink } from './sink/otlp.ts';
import { createSentrySink } from './sink/sentry.ts';
import { createSlackSink } from './sink/slack.ts';
import { renderSlack } from './sink/slack-message.ts';
import { spansOf } from './sink/spans.ts';
import { createTelemetry } from './sink/telemetry.ts';
import type { Source } from './source/source.ts';
import { type Board, createBoard } from './status/board.ts';
import type { Component } from './status/server.ts';
import { createMemoryFleet } from './store/fleet-memory.ts';
import { createRedisFleet } from './store/fleet-redis.ts';
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
/** What the store takes of one instance, with room for what is put around it. */
const savedCharsMax = 400_000;
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
  const fleetStore =
    config.store.url === undefined
      ? createMemoryFleet(clock)
      : createRedisFleet({ url: config.store.url.expose(), ...storeParts(parts, report) });
  const alerts = createAlerts(parts, board, report);
  const otlp = otlpOf(config, clock, report);
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
    ...config.redact,
    onRedacted: (field, what, count) => report({ kind: 'redacted', field, what, count }),
    onFailed: (field, reason) => report({ kind: 'redaction-failed', field, reason }),
  });
  const ownership = createOwnership(
    config.mode === 'sidecar' ? { mode: 'sidecar', host: config.hostname } : { mode: 'standalone' },
  );
  const gate = createGate(() => membership.isTelling());
  const viewers: Viewer[] = [
    { failure: (failure) => gate.pass(() => sentry?.offer(failure), clock.now()) },
    { failure: (failure) => alerts.offer(failure) },
    {
      transition(transition) {
        const now = clock.now();
        const spans = spansOf(transition);
        if (telemetry !== undefined) gate.pass(() => telemetry.saw(transition, spans, now), now);
        board.sawTransition(transition, spans);
      },
      failure: (failure) => board.sawFailure(failure),
    },
    ...(parts.viewers ?? []),
  ];
  const given = parts.sources?.(config);
  const watches = (given === undefined ? config.brokers : config.brokers.slice(0, 1)).map((broker) =>
    createWatch(broker, {
      config,
      clock,
      random,
      ownership,
      viewers,
      redact: (event) => redactor.redact(event),
      report,
      sources: given,
    }),
  );
  const membership = createMembershipOf();
  const components = new Map<string, Component>();
  const timers: Disposable[] = [];
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
  const show = (): void => {
    const count = sum((lifecycle) => lifecycle.trackedCount());
    report({ kind: 'tracked-tasks', count, unsure: sum((lifecycle) => lifecycle.unsureCount()) });
    board.sawWorkers(
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
    async start() {
      await membership.start();
      timers.push(clock.every(sweepEveryMs, turn));
      timers.push(
        clock.every(
          alertEveryMs,
          () => void alerts.tick().catch((error) => report({ kind: 'bug', where: 'alerts.tick', error })),
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
      for (const { pipeline } of watches) pipeline.settleAll(clock.now());
      const [undelivered] = await Promise.all([alerts.stop(), otlp?.stop(), sentry?.stop(1_000)]);
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

  function createAlerts({ rules }: DaemonParts, shown: Board, tell: Report): AlertSink & { stop(): Promise<number> } {
    const store =
      config.store.url === undefined
        ? createMemoryStore(clock)
        : createRedisStore({ url: config.store.url.expose(), ...storeParts(parts, tell) });
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

function storeParts({ config, random, clock }: DaemonParts, report: Report) {
  return { namespace: config.store.namespace, report, random, sleep: (ms: number) => clock.sleep(ms) };
}

function otlpOf({ otlp, mode, hostname, instanceId }: Config, clock: Clock, report: Report): TelemetrySink | undefined {
  if (!otlp.isOn) return undefined;
  const headers = Object.fromEntries(Object.entries(otlp.headers).map(([name, value]) => [name, value.expose()]));
  // Only a sidecar shares its pod with the tasks that its spans are about.
  const resource = mode === 'sidecar' ? { 'host.name': hostname, 'service.instance.id': instanceId } : {};
  return createOtlpSink({ ...otlp, version, headers, resource, after: (ms, run) => clock.after(ms, run), report });
}
