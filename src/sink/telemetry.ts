/** What a transition lets leave: its spans, sampled, and its record, if it is kept. One making of each for all who look. */
import type { Millis } from '../event/ids.ts';
import type { Transition } from '../lifecycle/transition.ts';
import type { Report } from '../report.ts';
import type { TelemetrySink } from './otlp.ts';
import { recordOf } from './records.ts';
import { createSampler, keepsRecord, type SamplingOptions } from './sampling.ts';
import type { Span } from './spans.ts';

export interface TelemetryOptions extends SamplingOptions {
  readonly sink: TelemetrySink;
  /** Share of the tasks whose success is told in records, 0 .. 1. */
  readonly recordRatio: number;
  readonly report: Report;
}

export interface Telemetry {
  saw(transition: Transition, spans: readonly Span[], now: Millis): void;
  sweep(now: Millis): void;
}

export function createTelemetry({ sink, recordRatio, report, ...sampling }: TelemetryOptions): Telemetry {
  const sampler = createSampler(sampling);
  return {
    saw(transition, spans, now) {
      const record = keepsRecord(transition, recordRatio) ? recordOf(transition) : undefined;
      sink.offer({ spans: sampler.offer(spans, now), record });
    },
    sweep(now) {
      sampler.sweep(now);
      const count = sampler.takeSampledOut();
      if (count > 0) report({ kind: 'sampled-out', what: 'spans', count });
    },
  };
}
