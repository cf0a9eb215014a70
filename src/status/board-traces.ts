/** The traces that the page can draw: every failed or retried task, and a sample of the successful ones. */
import type { Millis } from '../event/ids.ts';
import type { Task } from '../lifecycle/transition.ts';

/** The fields of a span that the drawing needs. */
export interface DrawnSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: string;
  readonly startAt: Millis;
  readonly endAt: Millis;
  readonly isError: boolean;
  readonly statusMessage: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface TraceSummary {
  readonly traceId: string;
  readonly name: string;
  readonly spans: readonly DrawnSpan[];
  readonly isError: boolean;
  readonly attempts: number;
  readonly startAt: Millis;
  readonly endAt: Millis;
}

/** Mutable, so that a span does not cost a copy of all spans before it. */
type OpenTrace = { -readonly [Key in keyof TraceSummary]: TraceSummary[Key] } & { spans: DrawnSpan[] };

interface TraceStart {
  readonly traceId: string;
  readonly name: string | undefined;
  readonly at: Millis;
}

/** With 500 spans each at most some ten megabytes. */
const tracesMax = 200;
const spansPerTraceMax = 500;
/** Enough successful traces for a reader, who cannot follow a thousand per second. */
const sampleEveryMs = 250;

export class BoardTraces {
  readonly #traces = new Map<string, OpenTrace>();
  #lastSampleAt = 0;

  /** Adds the spans of one transition to the task's trace. A successful first attempt starts a trace only if sampled. */
  add({ traceId, name, attempts }: Task, spans: readonly DrawnSpan[], at: Millis): void {
    const isError = spans.some((span) => span.isError);
    const isSampled = !isError && attempts.length < 2;
    const trace = this.#traces.get(traceId) ?? this.#start({ traceId, name, at }, isSampled);
    if (trace === undefined) return;
    trace.isError ||= isError;
    trace.attempts = Math.max(trace.attempts, attempts.length);
    for (const span of spans) {
      if (trace.spans.length < spansPerTraceMax) trace.spans.push(span);
      trace.startAt = Math.min(trace.startAt, span.startAt);
      trace.endAt = Math.max(trace.endAt, span.endAt);
    }
  }

  /** The newest first. */
  all(): TraceSummary[] {
    return [...this.#traces.values()].reverse().map((trace) => ({ ...trace, spans: [...trace.spans] }));
  }

  /** Returns undefined if the sample has no room for the trace. */
  #start({ traceId, name, at }: TraceStart, isSampled: boolean): OpenTrace | undefined {
    if (isSampled) {
      if (Math.abs(at - this.#lastSampleAt) < sampleEveryMs) return undefined;
      this.#lastSampleAt = at;
    }
    const trace: OpenTrace = {
      traceId,
      name: name ?? 'unknown task',
      spans: [],
      isError: false,
      attempts: 0,
      startAt: at,
      endAt: at,
    };
    if (this.#traces.size >= tracesMax) this.#evict();
    this.#traces.set(traceId, trace);
    return trace;
  }

  /** Evicts the oldest trace without an error or a second attempt, or the oldest one if there is none. */
  #evict(): void {
    let oldest: string | undefined;
    for (const [traceId, { isError, attempts }] of this.#traces) {
      oldest ??= traceId;
      if (isError || attempts > 1) continue;
      this.#traces.delete(traceId);
      return;
    }
    if (oldest !== undefined) this.#traces.delete(oldest);
  }
}
