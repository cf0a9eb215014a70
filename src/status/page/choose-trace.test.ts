import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceSummary } from '../board-traces.ts';
import { chooseTrace } from './choose-trace.ts';

const ids = ['aaaa1111', 'aaaa2222', 'bbbb3333'];
const traces = ids.map((traceId) => ({ traceId })) as unknown as TraceSummary[];
const chosen = (asked: string) => {
  const choice = chooseTrace(traces, asked);
  if (choice.kind === 'found') return choice.trace.traceId;
  return choice.kind === 'several' ? choice.traces.map(({ traceId }) => traceId) : undefined;
};

for (const { asked, want } of [
  { asked: 'aaaa1111', want: 'aaaa1111' },
  { asked: 'AAAA-1111', want: 'aaaa1111' },
  { asked: 'bbbb', want: 'bbbb3333' },
  { asked: 'bbb', want: undefined },
  { asked: 'aaaa', want: ['aaaa1111', 'aaaa2222'] },
  { asked: 'cccc', want: undefined },
  { asked: '', want: undefined },
])
  test(`the id "${asked}" chooses ${want === undefined ? 'no trace' : String(want)}`, () =>
    assert.deepEqual(chosen(asked), want));
