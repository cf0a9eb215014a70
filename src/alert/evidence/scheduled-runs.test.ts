import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Schedules } from './scheduled-runs.ts';

const second = 1_000;
const start = 1_000_000_000;

const cases = [
  { name: 'a run inside', runAt: 50, from: 0, to: 100, want: true },
  { name: 'a run at the first moment', runAt: 0, from: 0, to: 100, want: true },
  { name: 'a run at the last moment', runAt: 100, from: 0, to: 100, want: true },
  { name: 'a run before', runAt: -1, from: 0, to: 100, want: false },
  { name: 'a run after', runAt: 101, from: 0, to: 100, want: false },
];
for (const { name, runAt, from, to, want } of cases) {
  test(`an interval with ${name} ${want ? 'has' : 'has not'} the run`, () => {
    const schedules = new Schedules();
    schedules.noteRun('reports.daily', start + runAt);
    assert.equal(schedules.hasRun('reports.daily', start + from, start + to), want);
    assert.equal(schedules.hasRun('reports.weekly', start + from, start + to), false, 'another task did not run');
  });
}

test('a run without a task name may have been any task', () => {
  const schedules = new Schedules();
  schedules.noteRun(undefined, start + 30 * second);
  assert.equal(schedules.mayHaveRun(start, start + 60 * second), true);
  assert.equal(schedules.mayHaveRun(start + 60 * second, start + 120 * second), false);
  assert.equal(schedules.hasRun('reports.daily', start, start + 60 * second), false);
});

test('a gap that overlaps or touches an interval was in it', () => {
  const schedules = new Schedules();
  schedules.noteGap(start + 10, start + 20);
  assert.equal(schedules.hadGap(start, start + 9), false);
  assert.equal(schedules.hadGap(start, start + 10), true);
  assert.equal(schedules.hadGap(start + 12, start + 14), true);
  assert.equal(schedules.hadGap(start + 20, start + 30), true);
  assert.equal(schedules.hadGap(start + 21, start + 30), false);
});

test('the last 50 runs of a task are kept', () => {
  const schedules = new Schedules();
  for (let at = 0; at <= 50; at += 1) schedules.noteRun('reports.daily', start + at);
  assert.equal(schedules.hasRun('reports.daily', start, start), false);
  assert.equal(schedules.hasRun('reports.daily', start + 1, start + 1), true);
});

test('the last 50 gaps are kept', () => {
  const schedules = new Schedules();
  for (let at = 0; at <= 50; at += 1) schedules.noteGap(start + 10 * at, start + 10 * at + 1);
  assert.equal(schedules.hadGap(start, start + 1), false);
  assert.equal(schedules.hadGap(start + 10, start + 11), true);
});

test('the first of 5,000 tasks is forgotten for another one', () => {
  const schedules = new Schedules();
  for (let index = 0; index <= 5_000; index += 1) schedules.noteRun(`task-${index}`, start);
  assert.equal(schedules.hasRun('task-0', start, start), false);
  assert.equal(schedules.hasRun('task-5000', start, start), true);
});
