import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatAt } from '../../../test/fakes/task-story.ts';
import type { Hostname } from '../../event/ids.ts';
import { isGap, RecordedTime } from './recorded-time.ts';

const cases: readonly {
  readonly name: string;
  readonly heartbeats: readonly number[];
  readonly pauseMs: number;
  readonly want: boolean;
}[] = [
  { name: 'ten seconds at fast heartbeats', heartbeats: [2_000], pauseMs: 10_000, want: false },
  { name: 'more than ten seconds', heartbeats: [2_000], pauseMs: 10_001, want: true },
  {
    name: 'two and a half heartbeats of the slowest worker',
    heartbeats: [2_000, 30_000],
    pauseMs: 75_000,
    want: false,
  },
  { name: 'more than two and a half', heartbeats: [2_000, 30_000], pauseMs: 75_001, want: true },
  { name: 'an hour without heartbeats', heartbeats: [], pauseMs: 3_600_000, want: false },
  { name: 'more than an hour without heartbeats', heartbeats: [], pauseMs: 3_600_001, want: true },
];
for (const { name, heartbeats, pauseMs, want } of cases) {
  test(`${name}: ${want ? 'not recorded' : 'a usual pause'}`, () => {
    const time = new RecordedTime();
    for (const [index, heartbeatMs] of heartbeats.entries())
      time.event(heartbeatAt(0, { hostname: `w@${index}` as Hostname, heartbeatMs }));
    assert.equal(time.isUnrecorded(pauseMs), want);
  });
}

test('after a pause without an event of a worker the capture goes on, and a worker that stays silent is silent', () => {
  const time = new RecordedTime();
  time.event(heartbeatAt(0, { heartbeatMs: 2_000 }));
  assert.deepEqual(
    [15_000, 15_000, 120_000, 120_001].map((pauseMs) => time.isUnrecorded(pauseMs)),
    [true, false, false, true],
  );
  time.event(heartbeatAt(300_000, { heartbeatMs: 2_000 }));
  assert.equal(time.isUnrecorded(15_000), true);
});

test('the ends of tasks may be missing after more than two minutes', () => {
  assert.deepEqual([isGap(120_000), isGap(120_001)], [false, true]);
});
