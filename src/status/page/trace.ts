/** A trace as a waterfall: one row per span, nested, on a common time axis. */
import type { DrawnSpan, TraceSummary } from '../board-traces.ts';
import { type Html, html } from './html.ts';

export function waterfall(trace: TraceSummary): Html {
  const total = Math.max(trace.endAt - trace.startAt, 1);
  const percent = (ms: number): string => ((100 * ms) / total).toFixed(3);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => html`<span>${durationOf(total * part)}</span>`);
  return html`<div class="waterfall" role="table" aria-label="Trace ${trace.traceId}">
<div class="row scale" role="row"><span role="columnheader">${trace.spans.length} spans</span><div class="ticks" role="columnheader">${ticks}</div></div>
${ordered(trace.spans).map(
  ({
    span,
    depth,
  }) => html`<details class="row"><summary role="row"><span class="name" role="cell"><svg width="${depth * 14}" height="1" aria-hidden="true"></svg>${span.isError ? html`<b class="bad" title="error">✗</b> ` : ''}${span.name} <small>${span.kind === 'internal' ? '' : span.kind}</small></span>
<span class="bar" role="cell"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="${span.isError ? 'error' : span.name.startsWith('wait ') ? 'wait' : span.kind}" x="${percent(span.startAt - trace.startAt)}" y="1" width="${Math.max(Number(percent(span.endAt - span.startAt)), 0.4)}" height="8" rx="1"></rect></svg><small>${durationOf(span.endAt - span.startAt)}</small></span></summary>
<dl>${span.statusMessage === undefined ? '' : html`<dt>status</dt><dd>${span.statusMessage}</dd>`}${Object.entries(span.attributes).map(([name, value]) => html`<dt>${name}</dt><dd>${String(value)}</dd>`)}<dt>span id</dt><dd>${span.spanId}</dd></dl></details>`,
)}</div>`;
}

interface Placed {
  readonly span: DrawnSpan;
  readonly depth: number;
}

/** Deeper levels are drawn at this depth. */
const depthMax = 12;

/** Parents before children, siblings by start. A span without its parent in the trace is a root. */
function ordered(spans: readonly DrawnSpan[]): Placed[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentSpanId }) =>
    parentSpanId !== undefined && ids.has(parentSpanId) ? parentSpanId : '',
  );
  const placed: Placed[] = [];
  const seen = new Set<DrawnSpan>();
  const place = (parent: string, depth: number): void => {
    for (const span of (children.get(parent) ?? []).toSorted((a, b) => a.startAt - b.startAt || b.endAt - a.endAt)) {
      if (seen.has(span)) continue;
      seen.add(span);
      placed.push({ span, depth: Math.min(depth, depthMax) });
      place(span.spanId, depth + 1);
    }
  };
  place('', 0);
  return placed;
}

/** `250 µs`, `7.5 ms`, `12.40 s`, `2 min 5 s`. */
export function durationOf(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1_000)} µs`;
  if (ms < 1_000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${(ms / 1_000).toFixed(2)} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
