/**
 * Which traces and which success records leave. Pure but for the traces it holds back, which are bounded.
 *
 * Head: a share of all traces, by the last 56 bits of the trace id, as OpenTelemetry's consistent probability sampling does,
 * so that every instance and every collector with the same ratio keeps the same ones. Tail: a trace that would not leave is
 * held for a while after its last span, and leaves all the same when a span of it is an error, is slow, or belongs to a second
 * attempt. Once it is decided against, its good spans go; a bad one that comes even later leaves without its parent, which
 * becomes a link, so that no trace has a hole.
 */
import type { Millis } from '../../event/ids.ts';
import type { Transition } from '../../lifecycle/transition.ts';
import { names } from './attributes.ts';
import type { Span } from './spans.ts';

export interface SamplingOptions {
  /** 0, only what is bad or slow, to 1, all. */
  readonly sample: number;
  /** An attempt that ran longer is worth its trace. */
  readonly sampleSlowMs: number;
  /** How long a trace is held after its last span. */
  readonly holdMs?: number;
  /** Spans held over all traces; beyond it the trace that was quiet for longest is decided on at once. */
  readonly spansMax?: number;
}

export interface Sampler {
  /** The spans that leave now: some of these, and what was held of their trace. */
  offer(spans: readonly Span[], now: Millis): readonly Span[];
  /** Decides against what has been held for long enough. */
  sweep(now: Millis): void;
  /** Spans decided against since the last call. */
  takeSampledOut(): number;
}

interface Held {
  readonly spans: Span[];
  lastAt: Millis;
}

const defaultHoldMs = 30_000;
/** Some twenty seconds of a thousand tasks a second. */
const defaultSpansMax = 60_000;
/** A parent may end long after the child whose failure kept the trace; the ones quiet for longest are forgotten. */
const keptMax = 50_000;

/** Whether the head rule keeps this trace: the same answer everywhere. */
export function isSampled(traceId: string, ratio: number): boolean {
  return ratio >= 1 || (ratio > 0 && Number.parseInt(traceId.slice(18), 16) < ratio * 2 ** 56);
}

export function createSampler(options: SamplingOptions): Sampler {
  const { sample, sampleSlowMs, holdMs = defaultHoldMs, spansMax = defaultSpansMax } = options;
  /** Both in the order of their last span, so that the first has been quiet for longest. */
  const held = new Map<string, Held>();
  const kept = new Set<string>();
  let heldCount = 0;
  let sampledOut = 0;

  function decideAgainst(traceId: string, { spans }: Held): void {
    held.delete(traceId);
    heldCount -= spans.length;
    sampledOut += spans.length;
  }

  function keep(traceId: string): void {
    kept.delete(traceId);
    kept.add(traceId);
    if (kept.size <= keptMax) return;
    const oldest = kept.values().next();
    if (!oldest.done) kept.delete(oldest.value);
  }

  function hold(traceId: string, spans: readonly Span[], now: Millis): void {
    const trace = held.get(traceId) ?? { spans: [], lastAt: now };
    trace.spans.push(...spans);
    trace.lastAt = now;
    heldCount += spans.length;
    held.delete(traceId);
    held.set(traceId, trace);
    for (const [oldestId, oldest] of held) {
      if (heldCount <= spansMax) return;
      decideAgainst(oldestId, oldest);
    }
  }

  function offerTrace(traceId: string, spans: readonly Span[], now: Millis): readonly Span[] {
    const isKept = kept.has(traceId);
    if (!isKept && !spans.some((span) => isWorthKeeping(span, sampleSlowMs))) {
      hold(traceId, spans, now);
      return [];
    }
    keep(traceId);
    if (isKept) return spans;
    const before = held.get(traceId);
    held.delete(traceId);
    heldCount -= before?.spans.length ?? 0;
    const leaving = [...(before?.spans ?? []), ...spans];
    return leaving.map((span) => withoutHole(span, leaving));
  }

  return {
    offer(spans, now) {
      const [first] = spans;
      // All spans of one transition are of one task, and so of one trace.
      if (first === undefined || isSampled(first.traceId, sample)) return spans;
      return offerTrace(first.traceId, spans, now);
    },
    sweep(now) {
      for (const [traceId, trace] of held) {
        if (trace.lastAt + holdMs > now) return;
        decideAgainst(traceId, trace);
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
 * A parent that ended before may have been let go, and one that has not ended leaves when it does, since the trace is kept now.
 * Which of the two it is cannot be told here, so the child stands alone and names its parent in a link.
 */
function withoutHole(span: Span, leaving: readonly Span[]): Span {
  const { parentSpanId, traceId } = span;
  if (parentSpanId === undefined || leaving.some(({ spanId }) => spanId === parentSpanId)) return span;
  // The task's own span follows when the task ends; a task's parts never go without it.
  if (span.kind !== 'internal' || span.attributes[names.outcome] === undefined) return span;
  const link = { traceId, spanId: parentSpanId, attributes: { [names.link]: 'parent-not-sampled' } };
  return { ...span, parentSpanId: undefined, links: [...span.links, link] };
}

/**
 * Whether the record of this transition leaves. What went wrong, was noticed or was corrected always does; the steps of a
 * success do for a share of the tasks, all of a task or none, so that a task that is told is told whole.
 */
export function keepsRecord(transition: Transition, ratio: number): boolean {
  if (ratio >= 1 || transition.kind === 'task-noted') return true;
  if (transition.kind === 'attempt-ended' && transition.attempt.outcome !== 'succeeded') return true;
  if (transition.kind === 'task-ended' && (transition.outcome !== 'succeeded' || transition.corrects !== undefined))
    return true;
  return isSampled(transition.task.traceId, ratio);
}
