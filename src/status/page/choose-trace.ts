/** The trace that a path of the page asks for. */
import type { TraceSummary } from '../board-traces.ts';

export type TraceChoice =
  | { readonly kind: 'found'; readonly trace: TraceSummary }
  /** Several traces begin with the id. */
  | { readonly kind: 'several'; readonly traces: readonly TraceSummary[] }
  | { readonly kind: 'none' };

const prefixCharsMin = 4;

/** The trace with this id, or the only one that begins with it. */
export function chooseTrace(traces: readonly TraceSummary[], asked: string): TraceChoice {
  const id = asked.toLowerCase().replaceAll('-', '');
  const exact = traces.find(({ traceId }) => traceId === id);
  if (exact !== undefined) return { kind: 'found', trace: exact };
  const beginning = id.length < prefixCharsMin ? [] : traces.filter(({ traceId }) => traceId.startsWith(id));
  const [trace] = beginning;
  if (trace === undefined) return { kind: 'none' };
  return beginning.length === 1 ? { kind: 'found', trace } : { kind: 'several', traces: beginning };
}
