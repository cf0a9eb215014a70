import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hostname } from '../../event/ids.ts';
import { type OpenAttempt, OpenAttempts } from './open-runs.ts';

const minute = 60_000;
const host = 'celery@mail-1' as Hostname;

function attempt(name: string, startedAt: number, fields: Partial<OpenAttempt> = {}): OpenAttempt {
  const example = { taskId: name, traceId: 'trace' };
  return { attempt: name, task: 'mail.send', queue: 'mail', host, startedAt, example, ...fields };
}

function opened(...attempts: readonly OpenAttempt[]): OpenAttempts {
  const open = new OpenAttempts();
  for (const one of attempts) open.start(one);
  return open;
}

const longerThan = (open: OpenAttempts, now: number, limitMs: number): string[] =>
  open.longRunning(now, () => limitMs).map((one) => one.attempt);

test('an attempt runs too long only beyond its limit', () => {
  const open = opened(attempt('a', 0));
  assert.deepEqual(longerThan(open, 5 * minute, 5 * minute), []);
  assert.deepEqual(longerThan(open, 5 * minute + 1, 5 * minute), ['a']);
});

test('a task without a limit and an attempt without a task name never run too long', () => {
  const open = opened(attempt('a', 0), attempt('b', 0, { task: undefined }));
  assert.deepEqual(
    open.longRunning(60 * minute, () => undefined),
    [],
  );
  assert.deepEqual(longerThan(open, 60 * minute, minute), ['a']);
});

test('an ended attempt is closed once', () => {
  const open = opened(attempt('a', 0));
  assert.equal(open.end('a'), true);
  assert.equal(open.end('a'), false);
  assert.deepEqual(longerThan(open, 60 * minute, minute), []);
});

test('a repeated start keeps the first start time', () => {
  const open = opened(attempt('a', 0), attempt('a', 10 * minute));
  assert.deepEqual(longerThan(open, 6 * minute, 5 * minute), ['a']);
});

test('attempts of a worker that is gone are forgotten, those of others stay', () => {
  const other = 'celery@mail-2' as Hostname;
  const open = opened(attempt('a', 0), attempt('b', 0, { host: other }));
  open.forget((one) => one.host === host);
  assert.deepEqual(longerThan(open, 60 * minute, minute), ['b']);
});

const activeCases = [
  { name: 'as many as the worker executes: all stay', active: 2, at: 10 * minute, left: ['a', 'b'] },
  { name: 'one fewer: the oldest is closed', active: 1, at: 10 * minute, left: ['b'] },
  { name: 'none: all settled ones are closed', active: 0, at: 10 * minute, left: [] },
  { name: 'within a minute of their start none is closed', active: 0, at: minute - 1, left: ['a', 'b'] },
  { name: 'the one that started a minute ago is closed', active: 0, at: minute, left: ['b'] },
];
for (const { name, active, at, left } of activeCases) {
  test(`a heartbeat with \`active\`: ${name}`, () => {
    const open = opened(attempt('a', 0), attempt('b', 1));
    open.noteActive(host, active, at);
    assert.deepEqual(longerThan(open, 60 * minute, minute).sort(), left);
  });
}

test('a heartbeat of a worker without open attempts changes nothing', () => {
  const open = opened(attempt('a', 0));
  open.noteActive('celery@mail-9' as Hostname, 0, 10 * minute);
  assert.deepEqual(longerThan(open, 60 * minute, minute), ['a']);
});

test('the oldest of 10,000 open attempts is dropped for a new one', () => {
  const open = new OpenAttempts();
  for (let index = 0; index <= 10_000; index += 1) open.start(attempt(`a${index}`, index));
  assert.equal(open.end('a0'), false);
  assert.equal(open.end('a1'), true);
  assert.equal(open.end('a10000'), true);
});
