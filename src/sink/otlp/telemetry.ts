/** Exports the sampled spans and the log record of each transition. */
import type { Millis } from '../../event/ids.ts';
import type { Transition } from '../../lifecycle/transition.ts';
import type { Report } from '../../report.ts';
import { createGroupSpans } from './groups.ts';
import { recordOf } from './log-records.ts';
import { createSampler, keepsRecord, type SamplingOptions } from './sampling.ts';
import type { TelemetrySink } from './sink.ts';
import type { Span } from './spans.ts';

export interface TelemetryOptions extends SamplingOptions {
  readonly sink: TelemetrySink;
  /** Share of the successful tasks with log records, 0 .. 1. */
  readonly sampleLogs: number;
  /** True if this instance receives all members of a group. A sidecar receives only some, so it exports no group spans. */
  readonly joinsGroups: boolean;
  readonly report: Report;
}

export interface Telemetry {
  record(transition: Transition, spans: readonly Span[], now: Millis): void;
  sweep(now: Millis): void;
}

export function createTelemetry({ sink, sampleLogs, joinsGroups, report, ...sampling }: TelemetryOptions): Telemetry {
  const sampler = createSampler(sampling);
  const groups = joinsGroups ? createGroupSpans() : undefined;
  return {
    record(transition, spans, now) {
      const logRecord = keepsRecord(transition, sampleLogs) ? { ...recordOf(transition), observedAt: now } : undefined;
      sink.offer({ spans: sampler.offer(groups?.join(transition, spans, now) ?? spans, now), record: logRecord });
    },
    sweep(now) {
      for (const span of groups?.takeQuiet(now) ?? [])
        sink.offer({ spans: sampler.offer([span], now), record: undefined });
      sampler.sweep(now);
      const count = sampler.takeSampledOut();
      if (count > 0) report({ kind: 'sampled-out', what: 'spans', count });
    },
  };
}
