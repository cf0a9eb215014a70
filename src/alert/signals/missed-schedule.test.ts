import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  conditionOf,
  createDetectorBench,
  type DetectorBench,
  day,
  hour,
  minute,
  outcomesOf,
  second,
  start,
  taskPolicy,
} from '../../../test/fakes/detector.ts';
import type { SignalKey } from '../key.ts';
import type { ExpectedSchedule, Policy } from '../policy.ts';
import { missedSchedule } from './missed-schedule.ts';

const key: SignalKey = { kind: 'schedule', schedule: 'report' };

/** Due at every full period since the epoch, so also at the start. */
function every(periodMs: number, fields: Partial<ExpectedSchedule> = {}): ExpectedSchedule {
  return {
    name: 'report',
    task: 'report.build',
    periodMs,
    dueAfter: (at) => (Math.floor(at / periodMs) + 1) * periodMs,
    ...fields,
  };
}

/** The first due time is the start. */
function expecting(schedules: readonly ExpectedSchedule[], given: Partial<Policy> = {}): DetectorBench {
  return createDetectorBench({ schedules, ...given }, { listeningMs: minute });
}

function runAt(bench: DetectorBench, at: number, task: string | undefined = 'report.build'): void {
  bench.evidence.schedules.noteRun(task, at);
}

describe('grace', () => {
  const cases = [
    { title: 'a tenth of an hour', periodMs: hour, graceMs: 6 * minute },
    { title: 'at least two minutes', periodMs: 15 * minute, graceMs: 2 * minute },
  ];
  for (const { title, periodMs, graceMs } of cases) {
    test(`${title}: a run is missed at its end and not before`, () => {
      const bench = expecting([every(periodMs)]);
      bench.pass(graceMs - 1);
      assert.deepEqual(bench.detect(missedSchedule), []);
      bench.pass(1);
      assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['holds']);
    });
  }
});

describe('runs', () => {
  const cases = [
    { title: 'a run 30 s before the due time counts', atMs: -30 * second, outcomes: [] },
    { title: 'an earlier run does not count', atMs: -30 * second - 1, outcomes: ['holds'] },
    { title: 'a late run counts', atMs: 6 * minute, outcomes: [] },
  ];
  for (const { title, atMs, outcomes } of cases) {
    test(title, () => {
      const bench = expecting([every(hour)]);
      runAt(bench, start + atMs);
      bench.pass(6 * minute);
      assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), outcomes);
    });
  }

  test('the run of another task does not count', () => {
    const bench = expecting([every(hour)]);
    runAt(bench, start, 'mail.send');
    bench.pass(6 * minute);
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['holds']);
  });

  const late = [
    { title: 'a run 59 min after an older due time was a late run', atMs: 59 * minute, count: 1 },
    { title: 'a run after that belongs to no due time', atMs: 59 * minute + 1, count: 2 },
  ];
  for (const { title, atMs, count } of late) {
    test(title, () => {
      const bench = expecting([every(hour)]);
      runAt(bench, start + atMs);
      bench.pass(hour + 6 * minute);
      assert.equal(conditionOf(bench.detect(missedSchedule)).figures.count, count);
    });
  }

  test('at most six due times are checked', () => {
    const bench = createDetectorBench({ schedules: [every(hour)] }, { listeningMs: 20 * hour });
    bench.pass(59 * minute);
    const { figures, firstAt } = conditionOf(bench.detect(missedSchedule));
    assert.equal(figures.count, 6);
    assert.equal(firstAt, start - 5 * hour);
  });

  test('a run after several missed ones ends the row', () => {
    const bench = expecting([every(hour)]);
    bench.pass(2 * hour + 6 * minute);
    assert.equal(conditionOf(bench.detect(missedSchedule)).figures.count, 3);
    runAt(bench, start + hour);
    assert.equal(conditionOf(bench.detect(missedSchedule)).figures.count, 1);
    runAt(bench, start + 2 * hour);
    assert.deepEqual(bench.detect(missedSchedule), []);
  });
});

describe('schedules more frequent than every 15 minutes', () => {
  const frequent = every(5 * minute);

  test('one missed run is unconfirmed, two in a row hold', () => {
    const bench = expecting([frequent]);
    bench.pass(2 * minute);
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['unconfirmed-absence']);
    bench.pass(5 * minute);
    const { level, figures, firstAt } = conditionOf(bench.detect(missedSchedule));
    assert.equal(level, 'holds');
    assert.deepEqual(figures, { count: 2, limit: 2, withinMs: 5 * minute, baseline: undefined, of: undefined });
    assert.equal(firstAt, start);
  });

  test('one missed run holds if another schedule missed one too', () => {
    const other = every(10 * minute, { name: 'cleanup', task: 'db.clean' });
    const bench = expecting([frequent, other]);
    bench.pass(2 * minute);
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['holds', 'holds']);
    runAt(bench, start, 'db.clean');
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['unconfirmed-absence']);
  });

  test('a period of 15 minutes needs one missed run, a shorter one two', () => {
    for (const { periodMs, outcome } of [
      { periodMs: 15 * minute, outcome: 'holds' },
      { periodMs: 15 * minute - second, outcome: 'unconfirmed-absence' },
    ]) {
      const bench = expecting([every(periodMs, { dueAfter: (at) => (at < start ? start : start + hour) })]);
      bench.pass(2 * minute);
      assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), [outcome]);
    }
  });
});

describe('attempts of unnamed tasks', () => {
  const cases = [
    {
      title: 'an attempt within 10 s of the due time may be the run',
      atMs: 9 * second,
      outcome: 'unconfirmed-absence',
    },
    { title: 'an attempt 10 s before the due time may be the run', atMs: -10 * second, outcome: 'unconfirmed-absence' },
    { title: 'an attempt further away is another task', atMs: 10 * second, outcome: 'holds' },
    { title: 'an attempt long before is another task', atMs: -11 * second, outcome: 'holds' },
  ];
  for (const { title, atMs, outcome } of cases) {
    test(title, () => {
      const bench = expecting([every(hour)]);
      bench.evidence.schedules.noteRun(undefined, start + atMs);
      bench.pass(6 * minute);
      assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), [outcome]);
    });
  }

  test('a doubtful due time is no missed run, also if another schedule missed one', () => {
    const dueAfter = (at: number): number => (at < start + minute ? start + minute : start + day);
    const bench = expecting([every(hour), every(hour, { name: 'cleanup', task: 'db.clean', dueAfter })]);
    bench.evidence.schedules.noteRun(undefined, start);
    bench.pass(7 * minute);
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['unconfirmed-absence', 'holds']);
  });

  test('two doubtful due times in a row are one missed run', () => {
    const bench = expecting([every(hour)]);
    bench.evidence.schedules.noteRun(undefined, start);
    bench.evidence.schedules.noteRun(undefined, start + hour);
    bench.pass(hour + 6 * minute);
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['holds']);
  });
});

describe('absence that proves nothing', () => {
  test('a due time before the listening time', () => {
    const bench = createDetectorBench({ schedules: [every(hour)] }, { listeningMs: 0 });
    bench.pass(30 * minute);
    assert.deepEqual(bench.detect(missedSchedule), []);
  });

  const gaps = [
    { title: 'a gap within the grace of a due time', from: 6 * minute, to: 7 * minute, outcomes: [] },
    {
      title: 'a gap that began after the grace proves nothing about other runs',
      from: 6 * minute + 1,
      to: 7 * minute,
      outcomes: ['holds'],
    },
  ];
  for (const { title, from, to, outcomes } of gaps) {
    test(title, () => {
      const bench = expecting([every(hour)]);
      // Only the memory of the gap, not the new start of the listening time that comes with it.
      bench.evidence.schedules.noteGap(start + from, start + to);
      bench.pass(10 * minute);
      assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), outcomes);
    });
  }

  test('nothing is judged within 30 s of a gap', () => {
    const bench = expecting([every(hour)]);
    bench.pass(10 * minute);
    bench.open(key);
    const at = bench.now();
    bench.evidence.observe({ kind: 'gap', at, from: at - second, to: at });
    bench.pass(30 * second - 1);
    assert.deepEqual(bench.detect(missedSchedule), []);
    bench.pass(1);
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['clear']);
  });
});

describe('a missed run that fires', () => {
  test('clears with the next run, at once', () => {
    const bench = expecting([every(hour)]);
    bench.open(key);
    bench.pass(6 * minute);
    runAt(bench, bench.now());
    const { level, clearMs } = conditionOf(bench.detect(missedSchedule));
    assert.deepEqual({ level, clearMs }, { level: 'clear', clearMs: 0 });
  });

  test('lingers while the absence is doubtful', () => {
    const bench = expecting([every(hour)]);
    bench.open(key);
    bench.evidence.schedules.noteRun(undefined, start);
    bench.pass(6 * minute);
    assert.deepEqual(outcomesOf(bench.detect(missedSchedule)), ['lingers']);
  });
});

test('the key is the schedule, and the subject names its task and queue', () => {
  for (const { queue, queues } of [
    { queue: 'reports', queues: ['reports'] },
    { queue: undefined, queues: [] },
  ]) {
    const bench = expecting([every(hour)], { tasks: [taskPolicy({ queue, severity: 'critical' })] });
    bench.pass(9 * minute);
    const found = conditionOf(bench.detect(missedSchedule));
    assert.deepEqual(found.key, key);
    assert.equal(found.severity, 'critical');
    assert.deepEqual(found.subject.tasks, ['report.build']);
    assert.deepEqual(found.subject.queues, queues);
    assert.equal(found.subject.title, 'report did not run: it was due 9 min ago');
  }
});

test('the severity is high, and the observed queue of the task is used without a policy', () => {
  const bench = expecting([every(hour)]);
  bench.attempts(1, { task: 'report.build', queue: 'nightly' });
  bench.pass(hour + 6 * minute);
  const found = conditionOf(bench.detect(missedSchedule));
  assert.equal(found.severity ?? missedSchedule.severity, 'high');
  assert.deepEqual(found.subject.queues, ['nightly']);
  assert.equal(found.figures.count, 1);
  assert.equal(found.firstAt, start + hour);
});
