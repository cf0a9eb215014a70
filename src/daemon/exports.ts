/**
 * Spans, log records and Sentry events of this instance. Only the exporting replica passes them on; a standby buffers them
 * and flushes the buffer when it takes over.
 */
import type { Config } from '../config/config.ts';
import type { Millis } from '../event/ids.ts';
import type { Failure } from '../failure/failure.ts';
import type { GroupCount } from '../failure/tally.ts';
import { createStandbyBuffer } from '../fleet/standby-buffer.ts';
import type { Transition } from '../lifecycle/transition.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Service, stopTogether } from '../runtime/service.ts';
import type { OtlpOptions, TelemetrySink } from '../sink/otlp/sink.ts';
import type { Span } from '../sink/otlp/spans.ts';
import { createTelemetry, type Telemetry } from '../sink/otlp/telemetry.ts';
import type { SentrySink } from '../sink/sentry/sink.ts';
import { createRedisBudget } from '../store/shared-budget.ts';
import { version } from '../version.ts';

export interface ExportsOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  /** False on a standby. Called for each item. */
  readonly isExporting: () => boolean;
}

export interface Exports extends Service {
  failure(failure: Failure, group: GroupCount): void;
  transition(transition: Transition, spans: readonly Span[]): void;
  /** Releases the spans whose sampling decision is due. Called several times a second. */
  sweep(now: Millis): void;
  /** Spans and log records that have not been delivered. */
  queuedCount(): number;
  /** Flushes the standby buffer: the items after `since`, which the previous leader had not delivered. */
  takeOver(since: Millis): void;
}

/** Distinct failures waiting for Sentry: an outage of Sentry during which hundreds of tasks fail. */
const sentryItemsMax = 1_000;
const sentryDrainMs = 1_000;

/** Loads only configured clients: those of Sentry and OpenTelemetry take 50 MB, a third of an idle process. */
export async function createExports({ config, clock, random, report, isExporting }: ExportsOptions): Promise<Exports> {
  const otlp = await loadOtlp(config, clock, report);
  const telemetry = otlp && telemetryOf(otlp, config, report);
  const budget =
    config.sentry && config.store.url
      ? createRedisBudget({ url: config.store.url.expose(), namespace: config.store.namespace })
      : undefined;
  const sentry = await loadSentry({ config, clock, random, report }, budget);
  const buffer = createStandbyBuffer(isExporting);
  return {
    name: 'exports',
    failure: (failure, group) => buffer.pass(() => sentry?.offer(failure, group), clock.now()),
    transition(transition, spans) {
      const now = clock.now();
      if (telemetry !== undefined) buffer.pass(() => telemetry.record(transition, spans, now), now);
    },
    sweep: (now) => telemetry?.sweep(now),
    queuedCount: () => otlp?.queuedCount() ?? 0,
    takeOver: (since) => buffer.flush(since),
    async start() {},
    async stop() {
      const sinks = [otlp, sentry && { stop: () => sentry.stop(sentryDrainMs) }];
      try {
        await stopTogether(sinks.filter((sink) => sink !== undefined));
      } finally {
        await budget?.stop();
      }
    },
  };
}

async function loadOtlp(config: Config, clock: Clock, report: Report): Promise<TelemetrySink | undefined> {
  if (!config.otlp.isOn) return undefined;
  const { createOtlpSink } = await import('../sink/otlp/sink.ts');
  return createOtlpSink(otlpOptionsOf(config, clock, report));
}

function otlpOptionsOf({ otlp, mode, hostname, instanceId }: Config, clock: Clock, report: Report): OtlpOptions {
  const headers = Object.fromEntries(Object.entries(otlp.headers).map(([name, value]) => [name, value.expose()]));
  // Only a sidecar shares its pod with the tasks that its spans describe.
  const resource = mode === 'sidecar' ? { 'host.name': hostname, 'service.instance.id': instanceId } : {};
  return { ...otlp, version, headers, resource, after: (ms, run) => clock.after(ms, run), report };
}

function telemetryOf(sink: TelemetrySink, { otlp, mode }: Config, report: Report): Telemetry {
  return createTelemetry({ ...otlp, sink, joinsGroups: mode === 'standalone', report });
}

async function loadSentry(
  { config: { sentry }, clock, random, report }: Omit<ExportsOptions, 'isExporting'>,
  shared: ReturnType<typeof createRedisBudget> | undefined,
): Promise<SentrySink | undefined> {
  if (sentry === undefined) return undefined;
  const { createSentrySink } = await import('../sink/sentry/sink.ts');
  return createSentrySink({
    ...sentry,
    dsn: sentry.dsn.expose(),
    version,
    shared,
    classes: new Set(['bug', 'resource', 'transient']),
    itemsMax: sentryItemsMax,
    report,
    clock,
    random,
  });
}
