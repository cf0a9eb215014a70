import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, heartbeatAt, resultAt } from '../../test/fakes/task-story.ts';
import type { Hostname } from '../event/ids.ts';
import { SilenceDetector } from './silence-detector.ts';

function detectorWith(workers: number, heartbeatMs = 2_000): SilenceDetector {
  const detector = new SilenceDetector();
  for (let index = 0; index < workers; index += 1) {
    detector.noteEvent(heartbeatAt(0, { hostname: `w@${index}` as Hostname, heartbeatMs }));
  }
  return detector;
}

const cases: readonly {
  readonly name: string;
  readonly workers: number;
  readonly heartbeatMs?: number;
  readonly now: number;
  readonly want: boolean;
}[] = [
  { name: 'three workers, 20 s of silence', workers: 3, now: 20_000, want: false },
  { name: 'three workers, more than 20 s of silence', workers: 3, now: 20_001, want: true },
  { name: 'two workers may be dead', workers: 2, now: 999_000, want: false },
  { name: 'no workers', workers: 0, now: 999_000, want: false },
  { name: 'slow heartbeats, 2.5 of them missing', workers: 3, heartbeatMs: 60_000, now: 150_000, want: false },
  { name: 'slow heartbeats, more than 2.5 missing', workers: 3, heartbeatMs: 60_000, now: 150_001, want: true },
];
for (const { name, workers, heartbeatMs, now, want } of cases) {
  test(`${name}: ${want ? 'silent' : 'not silent'}`, () => {
    assert.equal(detectorWith(workers, heartbeatMs).isSilent(now), want);
  });
}

test('the slowest heartbeat counts', () => {
  const detector = detectorWith(3);
  detector.noteEvent(heartbeatAt(0, { hostname: 'w@slow' as Hostname, heartbeatMs: 20_000 }));
  assert.deepEqual([detector.isSilent(50_000), detector.isSilent(50_001)], [false, true]);
});

test('an event ends the silence and gives its interval once', () => {
  const detector = detectorWith(3);
  assert.equal(detector.isSilent(30_000), true);
  assert.deepEqual(detector.noteEvent(heartbeatAt(45_000)), { from: 0, to: 45_000 });
  assert.equal(detector.noteEvent(heartbeatAt(46_000)), undefined);
  assert.equal(detector.isSilent(47_000), false);
});

test('a task event ends the silence too', () => {
  const detector = detectorWith(3);
  detector.isSilent(30_000);
  assert.deepEqual(detector.noteEvent(eventOf('started', 45_000)), { from: 0, to: 45_000 });
});

test('a result does not, because it does not come from the workers', () => {
  const detector = detectorWith(3);
  detector.isSilent(30_000);
  assert.equal(detector.noteEvent(resultAt(45_000)), undefined);
  assert.equal(detector.isSilent(45_000), true);
});

test('silence that no check observed gives no interval', () => {
  assert.equal(detectorWith(3).noteEvent(heartbeatAt(90_000)), undefined);
});

test('workers that went offline do not count', () => {
  const detector = detectorWith(3);
  detector.noteEvent(heartbeatAt(1_000, { type: 'worker-offline', hostname: 'w@0' as Hostname }));
  assert.equal(detector.isSilent(99_000), false);
});

test('an event with an older time does not extend the silence', () => {
  const detector = detectorWith(3);
  detector.noteEvent(heartbeatAt(10_000));
  detector.noteEvent({ ...eventOf('started', 5_000) });
  assert.deepEqual([detector.isSilent(30_000), detector.isSilent(30_001)], [false, true]);
});
