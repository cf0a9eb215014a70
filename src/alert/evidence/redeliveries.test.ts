import assert from 'node:assert/strict';
import test from 'node:test';
import type { Hostname, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { quietMs, Redeliveries, type RepeatedDeliveries } from './redeliveries.ts';

const id = (name: string): TaskId => name as TaskId;
const host = (name: string): Hostname => name as Hostname;
const mail = 'mail.send' as Redacted;
const noted = (parts: Partial<Parameters<Redeliveries['note']>[0]> = {}): Parameters<Redeliveries['note']>[0] => ({
  kind: 'noted',
  at: 100,
  what: 'poison-loop',
  taskId: id('task-1'),
  traceId: 'trace-1',
  task: mail,
  queue: 'mail',
  host: host('celery@mail-1'),
  times: 3,
  ...parts,
});

function noting(...notes: readonly Parameters<typeof noted>[0][]): Redeliveries {
  const redeliveries = new Redeliveries();
  for (const parts of notes) redeliveries.note(noted(parts));
  return redeliveries;
}

function loopsOf(redeliveries: Redeliveries, task: string | undefined = mail): RepeatedDeliveries {
  const group = redeliveries.of('poison-loop', task);
  assert.ok(group !== undefined);
  return group;
}

test('a noted message starts with the count of lifecycle/', () => {
  const { times, total, firstAt, lastAt, hosts } = loopsOf(noting({}));
  assert.deepEqual([times, total, firstAt, lastAt, [...hosts]], [3, 1, 100, 100, ['celery@mail-1']]);
});

test('a message without a host has no hosts', () => {
  assert.equal(loopsOf(noting({ host: undefined })).hosts.size, 0);
});

test('a second note of a message keeps the start and the greater count, and is no second message', () => {
  const { times, total, unreported, firstAt, lastAt } = loopsOf(noting({ times: 5 }, { times: 4, at: 200 }));
  assert.deepEqual([times, total, unreported, firstAt, lastAt], [5, 1, 1, 100, 200]);
});

test('messages of one task are one group, those of another task and another finding are not', () => {
  const redeliveries = noting(
    {},
    { taskId: id('task-2') },
    { taskId: id('task-3'), task: undefined },
    { taskId: id('task-4'), what: 'run-twice', times: 2 },
  );
  assert.deepEqual([loopsOf(redeliveries).total, loopsOf(redeliveries).times], [2, 6]);
  assert.equal(redeliveries.of('poison-loop', undefined)?.total, 1);
  const [twice, ...others] = redeliveries.all('run-twice');
  assert.deepEqual([twice?.total, twice?.unreported, others], [1, 0, []]);
});

test('each further start of a poison message counts, and adds its host once', () => {
  const redeliveries = noting({});
  redeliveries.noteStart(id('task-1'), 200, host('celery@mail-1'));
  redeliveries.noteStart(id('task-1'), 300, host('celery@mail-2'));
  const { times, lastAt, hosts } = loopsOf(redeliveries);
  assert.deepEqual([times, lastAt, [...hosts]], [5, 300, ['celery@mail-1', 'celery@mail-2']]);
});

test('a start of another message, or of one that was executed twice, does not count', () => {
  const redeliveries = noting({ what: 'run-twice', times: 2 });
  redeliveries.noteStart(id('task-1'), 200, host('celery@mail-1'));
  redeliveries.noteStart(id('task-2'), 200, host('celery@mail-1'));
  assert.deepEqual(
    redeliveries.all('run-twice').map(({ times, lastAt }) => [times, lastAt]),
    [[2, 100]],
  );
});

for (const [afterMs, times, before] of [
  [quietMs - 1, 6, 0],
  [quietMs, 3, 1],
] as const) {
  test(`a message ${afterMs} ms after the last one ${before === 0 ? 'belongs to' : 'begins a group after'} it`, () => {
    const redeliveries = noting({}, { taskId: id('task-2'), at: 100 + afterMs });
    const group = loopsOf(redeliveries);
    assert.deepEqual([group.total, group.before, group.times, group.unreported], [2, before, times, 2]);
  });
}

test('twenty hosts are kept', () => {
  const redeliveries = noting({});
  for (let index = 2; index <= 25; index += 1) redeliveries.noteStart(id('task-1'), 200, host(`celery@mail-${index}`));
  assert.deepEqual([loopsOf(redeliveries).hosts.size, loopsOf(redeliveries).times], [20, 27]);
});

test('500 messages of a task are kept, and all are counted', () => {
  const redeliveries = new Redeliveries();
  for (let index = 0; index <= 500; index += 1) redeliveries.note(noted({ taskId: id(`task-${index}`) }));
  const { messages, total, times } = loopsOf(redeliveries);
  assert.deepEqual([messages.size, total, times], [500, 501, 1_503]);
});
