/** What a transition lets leave: its spans, sampled, and its record, if it is kept. One making of each for all who look. */
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
  /** Share of the tasks whose success is told in records, 0 .. 1. */
  readonly sampleLogs: number;
  /** Whether one instance hears all members of a group, so that it can tell of the group; a sidecar hears some. */
  readonly joinsGroups: boolean;
  readonly report: Report;
}

export interface Telemetry {
  saw(transition: Transition, spans: readonly Span[], now: Millis): void;
  sweep(now: Millis): void;
}

export function createTelemetry({ sink, sampleLogs, joinsGroups, report, ...sampling }: TelemetryOptions): Telemetry {
  const sampler = createSampler(sampling);
  const groups = joinsGroups ? createGroupSpans() : undefined;
  return {
    saw(transition, spans, now) {
      const record = keepsRecord(transition, sampleLogs) ? recordOf(transition) : undefined;
      sink.offer({ spans: sampler.offer(groups?.join(transition, spans, now) ?? spans, now), record });
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
