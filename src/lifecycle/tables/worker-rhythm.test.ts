import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provenSilenceLimitMs, silenceLimitMs, type WorkerRhythm } from './worker-rhythm.ts';

const steady: WorkerRhythm = { heartbeatMs: 2_000, events: 8, longestSilenceMs: 2_400, hasReportedActive: true };

const cases: readonly {
  readonly name: string;
  readonly rhythm: Partial<WorkerRhythm>;
  readonly limit: number;
  readonly proven: number;
}[] = [
  { name: 'steady heartbeats while tasks executed', rhythm: {}, limit: 30_000, proven: 12_000 },
  { name: 'seven heartbeats', rhythm: { events: 7 }, limit: 30_000, proven: 30_000 },
  { name: 'a survived silence of 5 s', rhythm: { longestSilenceMs: 5_000 }, limit: 30_000, proven: 20_000 },
  { name: 'a survived silence of 20 s', rhythm: { longestSilenceMs: 20_000 }, limit: 40_000, proven: 40_000 },
  { name: 'a survived silence of an hour', rhythm: { longestSilenceMs: 3.6e6 }, limit: 1.2e6, proven: 1.2e6 },
  { name: 'no executing task ever reported', rhythm: { hasReportedActive: false }, limit: 45_000, proven: 45_000 },
  { name: 'heartbeats every 5 s', rhythm: { heartbeatMs: 5_000 }, limit: 30_000, proven: 20_000 },
  { name: 'heartbeats every 20 s', rhythm: { heartbeatMs: 20_000 }, limit: 60_000, proven: 60_000 },
];
for (const { name, rhythm, limit, proven } of cases) {
  test(`${name}: lost after ${limit} ms, or ${proven} ms if other events arrive`, () => {
    assert.equal(silenceLimitMs({ ...steady, ...rhythm }, 30_000), limit);
    assert.equal(provenSilenceLimitMs({ ...steady, ...rhythm }, 30_000), proven);
  });
}

test('a short silent_after is the limit for a steady worker too', () => {
  assert.equal(provenSilenceLimitMs(steady, 5_000), 6_000);
});
