/**
 * Decides which traces and which records of successful tasks are exported. Pure except for the pending traces, which are
 * bounded.
 *
 * Head sampling: a share of all traces, by the last 56 bits of the trace id, so that every instance with the same ratio keeps
 * the same ones. Tail sampling: any other trace is pending for a while after its last span, and is exported if a span of it
 * is an error, is slow, or belongs to a second attempt. Otherwise its spans are dropped. A failed span that arrives even
 * later is exported without its parent, which becomes a link, so that no exported trace has a gap.
 */
import type { Millis } from '../../event/ids.ts';
import type { Transition } from '../../lifecycle/transition.ts';
import { names } from './attributes.ts';
import type { Span } from './spans.ts';

export interface SamplingOptions {
  /** From 0 (only failed and slow traces) to 1 (all). */
  readonly sample: number;
  /** A trace with an attempt that ran at least this long is exported. */
  readonly sampleSlowMs: number;
  /** Time that a trace is pending after its last span. */
  readonly holdMs?: number;
  /** Spans of all pending traces. Beyond it the trace with the oldest last span is dropped at once. */
  readonly spansMax?: number;
}

export interface Sampler {
  /** Returns the spans to export now: some of `spans`, and the pending ones of their trace. */
  offer(spans: readonly Span[], now: Millis): readonly Span[];
  /** Drops the traces whose pending time is over. */
  sweep(now: Millis): void;
  /** Spans dropped since the last call. */
  takeSampledOut(): number;
}

interface PendingTrace {
  readonly spans: Span[];
  lastAt: Millis;
}

const defaultHoldMs = 30_000;
/** About twenty seconds of a thousand tasks per second. */
const defaultSpansMax = 60_000;
/** A parent may end long after the child whose failure kept the trace; the least recent traces are evicted. */
const keptMax = 50_000;

/** True if head sampling keeps the trace. Every instance computes the same result. */
function isSampled(traceId: string, ratio: number): boolean {
  return ratio >= 1 || (ratio > 0 && Number.parseInt(traceId.slice(18), 16) < ratio * 2 ** 56);
}

export function createSampler(options: SamplingOptions): Sampler {
  const { sample, sampleSlowMs, holdMs = defaultHoldMs, spansMax = defaultSpansMax } = options;
  /** Both in the order of their last span, the oldest first. */
  const pending = new Map<string, PendingTrace>();
  const kept = new Set<string>();
  let pendingCount = 0;
  let sampledOut = 0;

  function drop(traceId: string, { spans }: PendingTrace): void {
    pending.delete(traceId);
    pendingCount -= spans.length;
    sampledOut += spans.length;
  }

  function keep(traceId: string): void {
    kept.delete(traceId);
    kept.add(traceId);
    if (kept.size <= keptMax) return;
    const oldest = kept.values().next();
    if (!oldest.done) kept.delete(oldest.value);
  }

  function suspend(traceId: string, spans: readonly Span[], now: Millis): void {
    const trace = pending.get(traceId) ?? { spans: [], lastAt: now };
    trace.spans.push(...spans);
    trace.lastAt = now;
    pendingCount += spans.length;
    pending.delete(traceId);
    pending.set(traceId, trace);
    for (const [oldestId, oldest] of pending) {
      if (pendingCount <= spansMax) return;
      drop(oldestId, oldest);
    }
  }

  function offerTrace(traceId: string, spans: readonly Span[], now: Millis): readonly Span[] {
    const isKept = kept.has(traceId);
    if (!isKept && !spans.some((span) => isWorthKeeping(span, sampleSlowMs))) {
      suspend(traceId, spans, now);
      return [];
    }
    keep(traceId);
    if (isKept) return spans;
    const before = pending.get(traceId);
    pending.delete(traceId);
    pendingCount -= before?.spans.length ?? 0;
    const leaving = [...(before?.spans ?? []), ...spans];
    return leaving.map((span) => withoutGap(span, leaving));
  }

  return {
    offer(spans, now) {
      const [first] = spans;
      // All spans of one transition belong to one task and so to one trace.
      if (first === undefined || isSampled(first.traceId, sample)) return spans;
      return offerTrace(first.traceId, spans, now);
    },
    sweep(now) {
      for (const [traceId, trace] of pending) {
        if (trace.lastAt + holdMs > now) return;
        drop(traceId, trace);
      }
    },
    takeSampledOut() {
      const count = sampledOut;
      sampledOut = 0;
      return count;
    },
  };
}

function isWorthKeeping(span: Span, slowMs: number): boolean {
  if (span.isError) return true;
  if (span.kind === 'consumer') {
    return span.endAt - span.startAt >= slowMs || (span.attributes[names.attempt] as number) > 1;
  }
  const outcome = span.attributes[names.outcome];
  return outcome !== undefined && outcome !== 'succeeded';
}

/**
 * A parent that has ended may have been dropped; a parent that has not ended will be exported, because the trace is kept now.
 * The sampler cannot distinguish the two, so the child has no parent and names it in a link.
 */
function withoutGap(span: Span, leaving: readonly Span[]): Span {
  const { parentSpanId, traceId } = span;
  if (parentSpanId === undefined || leaving.some(({ spanId }) => spanId === parentSpanId)) return span;
  // The spans of attempts keep their parent: the task's own span follows when the task ends.
  if (span.kind !== 'internal' || span.attributes[names.outcome] === undefined) return span;
  const link = { traceId, spanId: parentSpanId, attributes: { [names.link]: 'parent-not-sampled' } };
  return { ...span, parentSpanId: undefined, links: [...span.links, link] };
}

/**
 * True if the record of this transition is exported. Failures, notes and corrections always are; the steps of a success are
 * for a share of the tasks, either all of a task's records or none.
 */
export function keepsRecord(transition: Transition, ratio: number): boolean {
  if (ratio >= 1 || transition.kind === 'task-noted') return true;
  if (transition.kind === 'attempt-ended' && transition.attempt.outcome !== 'succeeded') return true;
  if (transition.kind === 'task-ended' && (transition.outcome !== 'succeeded' || transition.corrects !== undefined))
    return true;
  return isSampled(transition.task.traceId, ratio);
}
