import assert from 'node:assert/strict';
import test from 'node:test';
import type { Hostname, TaskId } from '../../event/ids.ts';
import { Redeliveries } from './redeliveries.ts';

const id = (name: string): TaskId => name as TaskId;
const host = (name: string): Hostname => name as Hostname;
const noted = (parts: Partial<Parameters<Redeliveries['note']>[0]> = {}): Parameters<Redeliveries['note']>[0] => ({
  kind: 'noted',
  at: 100,
  what: 'poison-loop',
  taskId: id('task-1'),
  traceId: 'trace-1',
  task: undefined,
  queue: 'mail',
  host: host('celery@mail-1'),
  times: 3,
  ...parts,
});

test('a noted message starts with the count of lifecycle/', () => {
  const redeliveries = new Redeliveries();
  redeliveries.note(noted());
  const [delivery] = redeliveries.values();
  assert.deepEqual(
    [delivery?.times, delivery?.firstAt, delivery?.lastAt, delivery?.hosts],
    [3, 100, 100, ['celery@mail-1']],
  );
});

test('a message without a host has no hosts', () => {
  const redeliveries = new Redeliveries();
  redeliveries.note(noted({ host: undefined }));
  assert.deepEqual([...redeliveries.values()][0]?.hosts, []);
});

test('a second note keeps the start, and the greater count', () => {
  const redeliveries = new Redeliveries();
  redeliveries.note(noted({ times: 5 }));
  redeliveries.note(noted({ times: 4, at: 200 }));
  const [delivery, ...more] = redeliveries.values();
  assert.deepEqual([delivery?.times, delivery?.firstAt, delivery?.lastAt, more], [5, 100, 200, []]);
});

test('each further start of a poison message counts, and adds its host once', () => {
  const redeliveries = new Redeliveries();
  redeliveries.note(noted());
  redeliveries.noteStart(id('task-1'), 200, host('celery@mail-1'));
  redeliveries.noteStart(id('task-1'), 300, host('celery@mail-2'));
  const [delivery] = redeliveries.values();
  assert.deepEqual([delivery?.times, delivery?.lastAt, delivery?.hosts], [5, 300, ['celery@mail-1', 'celery@mail-2']]);
});

test('a start of another message, or of one that was executed twice, does not count', () => {
  const redeliveries = new Redeliveries();
  redeliveries.note(noted({ what: 'run-twice', times: 2 }));
  redeliveries.noteStart(id('task-1'), 200, host('celery@mail-1'));
  redeliveries.noteStart(id('task-2'), 200, host('celery@mail-1'));
  assert.deepEqual(
    [...redeliveries.values()].map(({ times, lastAt }) => [times, lastAt]),
    [[2, 100]],
  );
});

test('twenty hosts are kept', () => {
  const redeliveries = new Redeliveries();
  redeliveries.note(noted());
  for (let index = 2; index <= 25; index += 1) redeliveries.noteStart(id('task-1'), 200, host(`celery@mail-${index}`));
  const [delivery] = redeliveries.values();
  assert.equal(delivery?.hosts.length, 20);
  assert.equal(delivery?.times, 27);
});

test('the first of 500 messages is evicted for another one', () => {
  const redeliveries = new Redeliveries();
  for (let index = 0; index <= 500; index += 1) redeliveries.note(noted({ taskId: id(`task-${index}`) }));
  const ids = [...redeliveries.values()].map(({ taskId }) => taskId);
  assert.equal(ids.length, 500);
  assert.equal(ids[0], 'task-1');
});
